"""Every route keeps to the list protocol and to its description; bad input is refused, never a failure."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from openapi_schema_validator import OAS31Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from erp.core.filters import ChoiceFilter, FlagFilter, IdFilter, TextFilter
from erp.core.listing import include_paths
from erp.core.models import TenantModel
from erp.core.scope import team_scope
from erp.core.wire import columns_of
from tenants.models import Team
from tests.conftest import ApiClient
from tests.factories import make
from tests.routes import (
    Endpoint,
    full_row,
    lists,
    parents_of,
    plain,
    published,
    resources,
    row,
    writes,
)

LISTS = lists()
#: Terms that look like what the different kinds of columns hold.
TERMS = [
    "a",
    "12",
    "1,5",
    "-1",
    "true",
    "0",
    "%",
    "%a%",
    "_",
    "\\",
    "2024-05-17",
    "99999999999999999999",
    "é",
    "'",
]


@pytest.fixture
def address(request: pytest.FixtureRequest, team: Team) -> str:
    """The address of the tested list, below the team's own rows, with two rows in it."""
    endpoint: Endpoint = request.getfixturevalue("endpoint")
    with team_scope(team):
        above = parents_of(endpoint)
        if issubclass(endpoint.model, TenantModel):
            full_row(endpoint, above)
            full_row(endpoint, above)
        return endpoint.address(**{name: parent.pk for name, parent in above.items()})


def below_own(endpoint: Endpoint, team: Team) -> str:
    """The address of a list, below the team's own rows."""
    with team_scope(team):
        return endpoint.address(**{name: parent.pk for name, parent in parents_of(endpoint).items()})


def declaring(attribute: str) -> Any:
    """Runs a test for each list that declares something."""
    return pytest.mark.parametrize(
        "endpoint", [item for item in LISTS if getattr(item.view, attribute)], ids=str
    )


# --- Sort, search, filter, include -------------------------------------------------------------------


@declaring("sorts")
def test_sorts_order_and_desc_reverses_them(endpoint: Endpoint, address: str, api: ApiClient) -> None:
    for name in endpoint.view.sorts:
        up = api.get(address, sort=name, per_page=500)
        down = api.get(address, sort=f"{name}:desc", per_page=500)
        assert (up.status_code, down.status_code) == (200, 200), (name, up.content)
        rows = up.json()["datas"]
        assert [data["id"] for data in rows] == [data["id"] for data in reversed(down.json()["datas"])], name
        values = [plain(data.get(name)) for data in rows]
        assert None in values or values == sorted(values), name


@declaring("searches")
def test_a_search_finds_the_rows_that_have_the_text(
    endpoint: Endpoint, address: str, api: ApiClient, team: Team
) -> None:
    shown = {data["id"] for data in api.get(address, per_page=500).json()["datas"]}
    for name, path in endpoint.view.searches.items():
        with team_scope(team):
            rows = list(endpoint.model._default_manager.filter(pk__in=shown).values_list("pk", path))
        pk, text = next(((pk, text) for pk, text in rows if isinstance(text, str) and text), (None, ""))
        if pk is not None:
            hits = api.get(address, search=text, per_page=500).json()["datas"]
            assert pk in {data["id"] for data in hits}, name
    assert api.get(address, search="no row has this text at all").json()["datas"] == []


@declaring("searches")
def test_any_search_term_is_understood(endpoint: Endpoint, api: ApiClient, team: Team) -> None:
    address = below_own(endpoint, team)
    for term in TERMS:
        assert api.get(address, search=term).status_code == 200, term
    assert api.get(address, **{"search[]": ["a", "b"]}).status_code == 200
    assert api.get(address, search="a\x00b").status_code == 422


def good_and_bad(wire_filter: Any, team: Team) -> tuple[list[Any], list[Any]]:
    """Values that a filter takes, and values that it refuses."""
    if isinstance(wire_filter, IdFilter):
        with team_scope(team):
            model = wire_filter.model_class
            pk = (make(model) if issubclass(model, TenantModel) else model.objects.first()).pk
        return [pk], ["abc", "-1", "1.5", 999_999_999]
    if isinstance(wire_filter, ChoiceFilter):
        return list(wire_filter.allowed), ["no such choice"]
    return {
        "integer": ([1, 2**63 - 1], ["abc", "-1", "1.5", 2**63]),
        "boolean": (["1", "0", "true", "false"], ["maybe", "2"]),
        "date": (["2024-02-29"], ["2023-02-29", "0001-01-01", "abc"]),
        "datetime": (["2024-02-29T12:00:00Z", "2024-02-29"], ["2023-02-29T12:00:00Z", "0001-01-01", "abc"]),
        "element": ([], ["a", "1"]),  # what it is for: tests/core/test_elements.py
        "string": (["a", "%a%", "'\"\\_"], ["a\x00b", "x" * 501]),
    }[wire_filter.wire_type]


@declaring("filters")
def test_filters_take_what_they_are_for_and_refuse_the_rest(
    endpoint: Endpoint, api: ApiClient, team: Team
) -> None:
    address = below_own(endpoint, team)
    for name, wire_filter in endpoint.view.filters.items():
        if not type(wire_filter).__module__.startswith("erp.core."):
            assert api.get(address, **{f"filter[{name}]": "a"}).status_code in (200, 422)
            continue  # a chapter's own kind of filter has its own tests
        good, bad = good_and_bad(wire_filter, team)
        for query in (*({f"filter[{name}]": value} for value in good), {f"filter[{name}][]": good}):
            assert api.get(address, **query).status_code == 200, query
        for query in (*({f"filter[{name}]": value} for value in bad), {f"filter[{name}][a][b]": "1"}):
            response = api.get(address, **query)
            assert response.status_code == 422, (query, response.content)
            assert f"filter.{name}" in response.json()["errors"]


@declaring("filters")
def test_filters_find_no_more_than_there_is(endpoint: Endpoint, address: str, api: ApiClient) -> None:
    total = api.get(address).json()["meta"]["total"]
    for name, wire_filter in endpoint.view.filters.items():
        if isinstance(wire_filter, TextFilter):
            assert api.get(address, **{f"filter[{name}]": "no row has this text"}).json()["datas"] == [], name
        elif isinstance(wire_filter, FlagFilter):
            both = [api.get(address, **{f"filter[{name}]": flag}).json()["meta"]["total"] for flag in (1, 0)]
            assert sum(both) == total, name


@declaring("list_includes")
def test_an_include_adds_its_object_and_changes_nothing_else(
    endpoint: Endpoint, address: str, api: ApiClient
) -> None:
    before = api.get(address, per_page=500).json()["datas"]
    serializer = endpoint.view.serializer_class
    for name in endpoint.view.list_includes:
        after = api.get(address, per_page=500, include=name).json()["datas"]
        assert len(after) == len(before)
        for old, new in zip(before, after, strict=True):
            assert is_within(old, new), name
            companions = [
                column for column in columns_of(serializer) if column.shown_with == name.split(".")[0]
            ]
            paths = include_paths(name, endpoint.view.include_aliases)
            assert len(new.keys() - old.keys()) <= 2 * len(paths) + len(companions), name


def is_within(old: Any, new: Any) -> bool:
    """Whether an answer has all that another had, perhaps with more inside its objects."""
    if isinstance(old, dict) and isinstance(new, dict):
        return all(key in new and is_within(value, new[key]) for key, value in old.items())
    return bool(old == new)


# --- What is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", LISTS, ids=str)
def test_unknown_words_are_refused_naming_those_allowed(
    endpoint: Endpoint, api: ApiClient, team: Team
) -> None:
    address, view = below_own(endpoint, team), endpoint.view
    for query, path, allowed in (
        ({"sort": "nonsense"}, "sort", view.sorts),
        ({"sort": "id:sideways"}, "sort", view.sorts),
        ({"filter[nonsense]": "1"}, "filter.nonsense", view.filters),
        ({"include": "nonsense"}, "include", view.list_includes),
        ({"nonsense": "1"}, "nonsense", ["per_page", "edited_since"]),
    ):
        response = api.get(address, **query)
        assert response.status_code == 422, (query, response.content)
        [sentence] = response.json()["errors"][path]
        assert all(word in sentence for word in allowed), sentence


REFUSED: list[dict[str, Any]] = [
    {"page": 0}, {"page": "abc"}, {"page": -1}, {"page": "1.5"}, {"page": "9" * 30}, {"page[]": [1, 2]},
    {"per_page": 0}, {"per_page": 501}, {"per_page": "x"}, {"with_deleted": "maybe"}, {"filter": "1"},
    {"edited_since": "yesterday"}, {"edited_since": "2024-02-30"}, {"edited_since": "0001-01-01"},
]  # fmt: skip


@pytest.mark.parametrize("endpoint", LISTS, ids=str)
def test_pages_and_moments_that_cannot_be_are_refused(endpoint: Endpoint, api: ApiClient, team: Team) -> None:
    address = below_own(endpoint, team)
    for query in REFUSED:
        response = api.get(address, **query)
        assert response.status_code == 422, (query, response.content)
        assert response.json()["message"]


# --- Hostile bodies ---------------------------------------------------------------------------------

DEEP: Any = {"a": 1}
for _ in range(200):
    DEEP = {"a": DEEP}
NASTY: list[Any] = [
    None, True, -1, 0, 1.5, 2**31, 2**63, 10**40, 1e308, "", " ", "\x00", "x" * 300, "x" * 100_000,
    "NaN", "Infinity", "1e999999", "-1e-999999", "9" * 5000, "\u0663", "<script>",
    "0001-01-01", "9999-12-31T23:59:59-14:00", "2023-02-29",
    [], [[]], [None], [1, "a", {}], {}, {"id": {}}, {"id": -1}, {"0": {"a": 1}}, DEEP, ["x"] * 1001,
]  # fmt: skip
NOT_OBJECTS = ["[]", "[1]", '"text"', "1", "null", "true", "{", "", "\xff", '{"a": NaN}', "[" * 5000]


def sizes() -> list[tuple[str, int]]:
    """Rows per table: what is refused writes nothing."""
    tables = sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)})
    counts = " UNION ALL ".join(f"SELECT '{table}', COUNT(*) FROM \"{table}\"" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(counts)
        return list(cursor.fetchall())


def check(response: Any, note: Any) -> bool:
    """Whether the answer refuses; a failure of the server, or a refusal without words, fails the test."""
    assert response.status_code < 500, (note, response.content)
    if response.status_code < 400:
        return False
    assert response.json()["message"], note
    return True


def target(endpoint: Endpoint) -> str:
    """The endpoint's address for a row of the team in scope."""
    if endpoint.is_detail:
        return row(endpoint).address(endpoint)
    return endpoint.address(**{name: parent.pk for name, parent in parents_of(endpoint).items()})


@pytest.mark.parametrize("endpoint", writes(), ids=str)
def test_bodies_that_are_no_objects_are_refused(endpoint: Endpoint, api: ApiClient, team: Team) -> None:
    with team_scope(team):
        address = target(endpoint)
        before = sizes()
    for text in NOT_OBJECTS:
        method = getattr(api.client, endpoint.method.lower())
        response = method(f"/api/v1{address}", text.encode("latin-1"), content_type="application/json")
        refused = check(response, text)
        # An empty body is an empty object.
        assert refused or text == "", text
    assert check(api.send(endpoint.method.lower(), address, {"no_such_attribute": 1}), "unknown attribute")
    wrong_type = api.send(endpoint.method.lower(), address, "<a/>", content_type="application/xml")
    assert wrong_type.status_code == 415
    with team_scope(team):
        assert sizes() == before


@pytest.mark.parametrize("endpoint", writes(), ids=str)
def test_bodies_full_of_nonsense_are_refused(endpoint: Endpoint, api: ApiClient, team: Team) -> None:
    names = [name for name, field in endpoint.reader.fields.items() if not field.read_only]
    with team_scope(team):
        address = target(endpoint)
        before = sizes()
    accepted = False
    for value in NASTY:
        response = api.send(endpoint.method.lower(), address, dict.fromkeys(names, value))
        accepted |= not check(response, value)
    with team_scope(team):
        assert accepted or sizes() == before


@pytest.mark.parametrize("endpoint", [item for item in writes() if item.is_detail], ids=str)
def test_one_attribute_of_nonsense_never_fails(endpoint: Endpoint, api: ApiClient, team: Team) -> None:
    names = [name for name, field in endpoint.reader.fields.items() if not field.read_only]
    with team_scope(team):
        address = target(endpoint)
    cases = [(name, value) for name in names for value in NASTY]
    step = max(1, len(cases) // 60)
    for name, value in cases[::step]:
        check(api.send("put", address, {name: value}), (name, value))


# --- The description --------------------------------------------------------------------------------


@cache
def description() -> tuple[dict[str, Any], Any]:
    """The OpenAPI document, as a client reads it, and where its schemas are looked up."""
    document: dict[str, Any] = json.loads(json.dumps(published()))
    resource = Resource.from_contents(document, default_specification=DRAFT202012)
    return document, Registry().with_resource("urn:api", resource).crawl()


def faults(schema: dict[str, Any], data: Any) -> list[str]:
    """Where data differ from a schema of the description."""
    _document, registry = description()
    absolute = json.loads(json.dumps(schema).replace('"#/', '"urn:api#/'))
    validator = OAS31Validator(absolute, registry=registry)
    return [f"{list(error.absolute_path)}: {error.message[:300]}" for error in validator.iter_errors(data)]


def answered(endpoint: Endpoint) -> dict[str, Any]:
    operation = description()[0]["paths"][f"/api/v1{endpoint.path}"][endpoint.method.lower()]
    schema: dict[str, Any] = operation["responses"]["200"]["content"]["application/json"]["schema"]
    return schema


def test_the_comparison_with_openapi_finds_faults(api: ApiClient) -> None:
    endpoint = next(item for item in LISTS if item.path == "/unit")
    data = api.get("/unit").json()
    data["datas"][0]["label"] = 5
    del data["meta"]["total"]
    assert len(faults(answered(endpoint), data)) == 2


@pytest.mark.parametrize("endpoint", LISTS, ids=str)
def test_lists_answer_what_openapi_says(endpoint: Endpoint, address: str, api: ApiClient) -> None:
    includes = ",".join(endpoint.view.list_includes)
    for query in ({}, {"with_deleted": 1}, {"include": includes} if includes else {}):
        assert faults(answered(endpoint), api.get(address, per_page=500, **query).json()) == []


@pytest.mark.parametrize("endpoint", resources(), ids=str)
def test_single_rows_answer_what_openapi_says(endpoint: Endpoint, api: ApiClient, team: Team) -> None:
    with team_scope(team):
        made = full_row(endpoint)
    view = endpoint.view
    includes = ",".join(view.list_includes if view.single_includes is None else view.single_includes)
    for query in ({}, {"include": includes} if includes else {}):
        assert faults(answered(endpoint), api.get(made.address(endpoint), **query).json()) == []
