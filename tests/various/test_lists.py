"""Every list of a team behaves alike over the API; what one list does by itself is tested elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from erp.core.scope import team_scope
from erp.various.models import (
    BankAccount,
    ChargeCategory,
    Civility,
    PaymentMethod,
    PaymentTerm,
    SaleCategory,
    SaleTerm,
    Tag,
    TaskCategory,
    Unit,
    VatRate,
)

DATED = ("created_at", "updated_at")


@dataclass(frozen=True)
class Resource:
    """One list, as its page of the reference describes it."""

    path: str
    model: Any
    #: A complete body, what it is answered as where that differs, and what the reference marks as required.
    body: dict[str, Any]
    required: tuple[str, ...]
    answer: tuple[str, ...]
    sorts: tuple[str, ...]
    searches: tuple[str, ...]
    filters: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    shown: dict[str, Any] = field(default_factory=dict)
    #: Attributes of two rows of which the first sorts before the second, whatever the sort.
    first: dict[str, Any] = field(default_factory=dict)
    second: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return "name" if "name" in self.body else "label"

    def titled(self, text: str, **values: Any) -> dict[str, Any]:
        return {**{name: self.body[name] for name in self.required}, self.title: text, **values}


TREE = {
    "required": ("label",),
    "sorts": ("label", "parent"),
    "searches": ("label",),
    "filters": ("is_parent", "parent", "exclude"),
}
DEFAULTED = {"first": {"use_default": False}, "second": {"use_default": True}}

RESOURCES = [
    Resource(
        "/unit", Unit, {"label": "Pallet", "use_default": True}, required=("label",),
        answer=("id", "label", "use_default", *DATED),
        sorts=("label", "name", "use_default", *DATED), searches=("label",), **DEFAULTED,
    ),
    Resource(
        "/civility", Civility, {"name": "Professor", "short_name": "Prof", "use_default": True},
        required=("name", "short_name"), answer=("id", "name", "short_name", "use_default", *DATED),
        sorts=("name", "short_name", "use_default", *DATED), searches=("name", "short_name"),
        filters=("name", "short_name"),
        first={"short_name": "A", "use_default": False}, second={"short_name": "B", "use_default": True},
    ),
    Resource(
        "/vat_rate", VatRate,
        {"rate": 8.5, "label": "Réunion", "legal_notice": "CGI 296", "use_default": True, "status": False},
        required=("rate",), answer=("id", "rate", "label", "legal_notice", "use_default", "status", *DATED),
        sorts=("label", *DATED), searches=("label",), shown={"status": {"active": False, "name": "Inactive"}},
    ),
    Resource(
        "/payment_method", PaymentMethod, {"label": "Wallet", "type": 1, "pdf_content": "Pay by wallet"},
        required=("label", "type"), answer=("id", "label", "type", "pdf_content", *DATED),
        sorts=("label", "name", *DATED), searches=("label",), filters=("exclude",),
        shown={"type": {"id": 1, "label": "Bank card"}},
    ),
    Resource(
        "/payment_term", PaymentTerm,
        {"label": "Net 10", "day_number": 10, "end_month": True, "end_month_day": 15},
        required=("label", "day_number"),
        answer=("id", "label", "day_number", "end_month", "end_month_day", *DATED),
        sorts=("label", *DATED), searches=("label",),
    ),
    Resource(
        "/sales/sale_term", SaleTerm, {"label": "Works", "content": "<p>Be <b>fair</b>.</p>"},
        required=("label", "content"), answer=("id", "label", "content", *DATED),
        sorts=("label", *DATED), searches=("label",),
    ),
    Resource(
        "/sales/account", BankAccount,
        {
            "name": "Current account", "owner": "Acme", "iban": "FR1420041010050500013M02606",
            "bic": "CEPAFRPP751", "sepa_id": "FR72ZZZ123456", "account_number": "0500013M026",
            "bank_code": "20041", "use_default": True,
        },
        required=("name",),
        answer=(
            "id", "name", "owner", "iban", "bic", "sepa_id", "account_number", "bank_code", "use_default",
            *DATED,
        ),
        sorts=("name", *DATED), searches=("name",),
    ),
    Resource(
        "/tag", Tag, {"name": "Urgent"}, required=("name",), answer=("id", "name"),
        sorts=("name", *DATED), searches=("name",),
    ),
    Resource(
        "/task/category", TaskCategory, {"label": "Visit", "use_default": True}, required=("label",),
        answer=("id", "label", "use_default", *DATED),
        sorts=("label", "use_default", *DATED), searches=("label",), **DEFAULTED,
    ),
    Resource(
        "/catalog/charge_category", ChargeCategory, {"label": "Fuel", "account_number": "60614"},
        answer=("id", "label", "account_number", *DATED), includes=("childs", "parent"), **TREE,
    ),
    Resource(
        "/catalog/sale_category", SaleCategory,
        {"label": "Training", "account_by_vatrate": False, "account_number": "706200"},
        answer=("id", "label", "account_by_vatrate", "account_number", *DATED),
        includes=("childs", "parent", "accounts"), **TREE,
    ),
]  # fmt: skip

every_list = pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.path)


@pytest.fixture
def api(english_api):
    """Labels of statuses are compared in English."""
    return english_api


def made(api, resource: Resource, text: str, **values: Any) -> dict[str, Any]:
    answer = api.post(resource.path, resource.titled(text, **values))
    assert answer.status_code == 201, answer.content
    return answer.json()


def listed(api, path: str, **query: Any) -> list[dict[str, Any]]:
    answer = api.get(path, **query)
    assert answer.status_code == 200, answer.content
    return answer.json()["datas"]


@every_list
def test_a_row_lives_from_creation_to_deletion(api, resource):
    created = api.post(resource.path, resource.body)
    row = created.json()
    assert created.status_code == 201
    assert tuple(row) == resource.answer
    assert {name: row[name] for name in resource.body} == {**resource.body, **resource.shown}

    address = f"{resource.path}/{row['id']}"
    assert api.get(address).json() == row
    changed = api.put(address, {resource.title: "Renamed"})
    assert changed.status_code == 200
    untouched = {name for name in resource.body if name != resource.title}
    assert changed.json()[resource.title] == "Renamed"
    assert {name: changed.json()[name] for name in untouched} == {name: row[name] for name in untouched}

    assert api.delete(address).status_code == 204
    assert api.get(address).status_code == 404
    assert row["id"] not in [other["id"] for other in listed(api, resource.path)]


@every_list
def test_an_answer_can_be_sent_back_as_it_is(api, resource):
    row = api.post(resource.path, resource.body).json()
    again = api.put(f"{resource.path}/{row['id']}", row)
    assert again.status_code == 200, again.content
    assert {**again.json(), "updated_at": ""} == {**row, "updated_at": ""}


@every_list
def test_a_form_is_read_like_json(api, resource):
    pairs = "&".join(f"{name}={value}" for name, value in resource.titled("From a form").items())
    answer = api.post(resource.path, pairs.encode(), content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 201, answer.content
    assert answer.json()[resource.title] == "From a form"


@every_list
def test_a_page_has_its_rows_its_links_and_its_numbers(api, resource):
    for text in ("page one", "page two", "page three"):
        made(api, resource, text)
    body = api.get(resource.path, search="page %", per_page=2, page=2).json()
    assert [tuple(row) for row in body["datas"]] == [resource.answer]
    assert set(body) == {"datas", "links", "meta"}
    assert set(body["links"]) == {"first", "last", "prev", "next"}
    numbers = {
        name: body["meta"][name] for name in ("current_page", "from", "to", "last_page", "per_page", "total")
    }
    assert numbers == {"current_page": 2, "from": 3, "to": 3, "last_page": 2, "per_page": 2, "total": 3}


@pytest.mark.parametrize(
    ("resource", "sort"),
    [(resource, sort) for resource in RESOURCES for sort in resource.sorts],
    ids=lambda value: getattr(value, "path", value),
)
def test_each_sort_goes_both_ways(api, resource, sort):
    links = ({}, {})
    if sort == "parent":
        links = tuple({"parent": made(api, resource, text)["id"]} for text in ("Above one", "Above two"))
    first = made(api, resource, "sort a", **resource.first, **links[0])
    second = made(api, resource, "sort b", **resource.second, **links[1])
    order = [first["id"], second["id"]]
    assert [row["id"] for row in listed(api, resource.path, search="sort %", sort=sort)] == order
    assert [row["id"] for row in listed(api, resource.path, search="sort %", sort=f"{sort}:desc")] == order[
        ::-1
    ]


@every_list
def test_without_a_sort_the_order_is_the_reference_s(api, resource):
    ids = [made(api, resource, text)["id"] for text in ("default b", "default a", "default c")]
    by_title = resource.path in (
        "/unit",
        "/civility",
        "/payment_method",
        "/sales/account",
        "/tag",
        "/task/category",
    )
    expected = [ids[1], ids[0], ids[2]] if by_title else ids[::-1]
    assert [row["id"] for row in listed(api, resource.path, search="default %")] == expected


@pytest.mark.parametrize(
    ("resource", "attribute"),
    [(resource, attribute) for resource in RESOURCES for attribute in resource.searches],
    ids=lambda value: getattr(value, "path", value),
)
def test_each_search_finds_what_it_names_and_nothing_else(api, resource, attribute):
    row = api.post(resource.path, {**resource.body, attribute: "Quark Zulu"}).json()
    for term in ("quark zulu", "quark%", "%ZULU", "%ark z%"):
        assert [found["id"] for found in listed(api, resource.path, search=term)] == [row["id"]]
    assert listed(api, resource.path, search="quark") == []
    assert listed(api, resource.path, search="quark_zulu") == []


@every_list
def test_unknown_names_are_refused_naming_those_that_exist(api, resource):
    def refusal(**query: Any) -> dict[str, list[str]]:
        answer = api.get(resource.path, **query)
        assert answer.status_code == 422
        return answer.json()["errors"]

    assert refusal(sort="nonsense") == {
        "sort": [f"Unknown sort. Allowed: {', '.join(resource.sorts)}; add :desc to reverse."]
    }
    assert refusal(sort=f"{resource.sorts[0]}:up") == refusal(sort="nonsense")
    assert refusal(include="nonsense") == {
        "include": [f"Unknown include nonsense. Allowed: {', '.join(resource.includes) or 'none'}."]
    }
    assert refusal(**{"filter[nonsense]": "1"}) == {
        "filter.nonsense": [f"Unknown filter. Allowed: {', '.join(resource.filters) or 'none'}."]
    }
    assert set(refusal(nonsense="1")) == {"nonsense"}
    assert set(refusal(page="0")) == {"page"}
    assert set(refusal(per_page="501")) == {"per_page"}


@every_list
def test_what_is_required_is_asked_for_all_at_once(api, resource):
    answer = api.post(resource.path, {})
    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == set(resource.required)


@every_list
def test_an_unknown_attribute_is_refused(api, resource):
    answer = api.post(resource.path, {**resource.body, "colour_of_the_sky": "blue"})
    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"colour_of_the_sky"}


@every_list
def test_a_title_is_kept_without_spaces_around_it_and_is_not_blank(api, resource):
    row = made(api, resource, "  Spaced out  ")
    assert row[resource.title] == "Spaced out"
    if resource.title in resource.required:
        refused = api.put(f"{resource.path}/{row['id']}", {resource.title: "   "})
        assert refused.status_code == 422
        assert set(refused.json()["errors"]) == {resource.title}


@every_list
def test_everybody_reads_and_only_list_managers_write(member_api, api, resource):
    row = made(api, resource, "Kept")
    reader, address = member_api(manage_list=0), f"{resource.path}/{row['id']}"
    assert reader.get(resource.path).status_code == 200
    assert reader.get(address).status_code == 200
    assert reader.post(resource.path, resource.body).status_code == 403
    assert reader.put(address, {resource.title: "Mine"}).status_code == 403
    assert reader.delete(address).status_code == 403
    assert api.get(address).json() == row


@every_list
def test_another_team_s_row_does_not_exist(api, other_api, resource):
    row = made(api, resource, "Secret")
    address = f"{resource.path}/{row['id']}"
    assert other_api.get(address).status_code == 404
    assert other_api.put(address, {resource.title: "Stolen"}).status_code == 404
    assert other_api.delete(address).status_code == 404
    assert listed(other_api, resource.path, search="Secret") == []
    assert api.get(address).json() == row


@every_list
def test_deleted_rows_show_their_id_when_asked(api, resource):
    kept, gone = (made(api, resource, text)["id"] for text in ("trace kept", "trace gone"))
    api.delete(f"{resource.path}/{gone}")
    assert [row["id"] for row in listed(api, resource.path, search="trace %")] == [kept]
    rows = {row["id"]: row for row in listed(api, resource.path, search="trace %", with_deleted="1")}
    assert set(rows) == {kept, gone}
    assert set(rows[gone]) == {"id", "deleted_at"}


@every_list
def test_edited_since_keeps_what_changed(api, team, resource):
    old, new = (made(api, resource, text)["id"] for text in ("clock old", "clock new"))
    with team_scope(team):
        resource.model.objects.update(updated_at=datetime(2020, 1, 1, tzinfo=UTC))
    since = {"search": "clock %", "edited_since": "2021-01-01T00:00:00Z"}
    assert listed(api, resource.path, **since) == []
    api.put(f"{resource.path}/{new}", {resource.title: "clock newer"})
    assert [row["id"] for row in listed(api, resource.path, **since)] == [new]
    assert old != new


@pytest.mark.parametrize(
    "resource", [each for each in RESOURCES if "use_default" in each.body], ids=lambda resource: resource.path
)
def test_one_row_at_most_is_the_default(api, resource):
    def defaults() -> list[int]:
        return [row["id"] for row in listed(api, resource.path) if row["use_default"]]

    first = made(api, resource, "First default", use_default=True)["id"]
    assert defaults() == [first]
    second = made(api, resource, "Second default")["id"]
    assert defaults() == [first]
    api.put(f"{resource.path}/{second}", {"use_default": True})
    assert defaults() == [second]
    api.delete(f"{resource.path}/{second}")
    assert defaults() == []
