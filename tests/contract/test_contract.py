"""Every promise of the API reference, kept: see CONTRIBUTING.md, "The contract"."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.contract.checks import check_required, check_writing
from tests.contract.lists import check_filter, check_include, check_search, check_sort
from tests.contract.proof import Proof
from tests.contract.reference import Attribute, Call, Item, objects
from tests.contract.stage import Stage, is_change, ok
from tests.contract.values import MISSING, at, stated, values_at

KINDS: dict[str, Callable[[Any], bool]] = {
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "any": lambda value: True,
    "date": lambda value: isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None,
    "datetime": lambda value: (
        isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", value) is not None
    ),
    "amount": lambda value: (
        KINDS["number"](value) or (isinstance(value, str) and re.fullmatch(r"-?\d+\.\d+", value) is not None)
    ),
}


def is_kind(value: Any, kind: str) -> bool:
    """Whether a value has the type that the reference gives it."""
    if kind.startswith("decimal:"):
        places = kind.removeprefix("decimal:")
        return isinstance(value, str) and re.fullmatch(rf"-?\d+\.\d{{{places}}}", value) is not None
    return KINDS[kind](value)


# --- Endpoints ------------------------------------------------------------------------------------------


def test_endpoints_answer_with_and_without_a_trailing_slash(stage: Stage, proof: Proof) -> None:
    checks = {"list": listing, "create": creation, "one": reading, "update": updating, "delete": deletion}
    for role, call in stage.resource.roles.items():
        check = stage.case.calls.get(role) or checks.get(role)
        with proof(call.item("endpoint")), stage.scope():
            assert check is not None, "no check is written for this endpoint"
            check(stage, call, proof)


def listing(stage: Stage, call: Call, proof: Proof) -> None:
    rows = set(stage.rows)
    for path in (call.path, *call.also):
        for slash in ("", "/"):
            response = stage.api.get(stage.address(path) + slash, per_page=500)
            assert rows <= {data["id"] for data in ok(response)["datas"]}, (
                f"rows are missing from {path}{slash}"
            )
    if call.edited_since:
        assert stage.ids(edited_since="2100-01-01") == []
        assert set(stage.ids(edited_since="2000-01-01")) == rows
    if call.with_deleted:
        assert set(stage.ids(with_deleted="true")) == rows
    if call.default_sort and {word.split(":")[0].strip() for word in call.default_sort.split(",")} <= set(
        call.sort
    ):
        assert stage.ids() == stage.ids(sort=call.default_sort.replace(" ", "")), "another default sort"


def creation(stage: Stage, call: Call, proof: Proof) -> None:
    response = stage.send(call, stage.bare(call, stage.next()), slash="/")
    assert response.status_code == 201, f"{response.status_code} {response.content[:300]!r}"
    created = response.json()
    assert created["id"] == stage.one(created["id"])["id"]


def reading(stage: Stage, call: Call, proof: Proof) -> None:
    pk = stage.rows[0]
    for path in (call.path, *call.also):
        for slash in ("", "/"):
            assert ok(stage.api.get(stage.address(path, pk) + slash)).get("id") == (pk or own_id(stage))
    assert not pk or stage.send(call, pk=999_999_999).status_code == 404


def own_id(stage: Stage) -> int | None:
    """The id that what a team has one of answers; the team answers none."""
    return stage.answers[0].get("id")


def updating(stage: Stage, call: Call, proof: Proof) -> None:
    pk = stage.rows[-1]
    for slash in ("", "/"):
        assert ok(stage.send(call, {}, pk, slash)).get("id") == (pk or own_id(stage))
    for other in call.also:
        method, path = other.split()
        assert ok(stage.api.send(method.lower(), stage.address(path, pk)))["id"] == pk


def deletion(stage: Stage, call: Call, proof: Proof) -> None:
    pk = stage.rows[-1]
    response = stage.send(call, pk=pk, slash="/")
    assert response.status_code == 204, f"{response.status_code} {response.content[:300]!r}"
    assert response.content == b""
    one, many = stage.call("one"), stage.call("list")
    assert one is None or stage.send(one, pk=pk).status_code == 404
    assert many is None or pk not in [row["id"] for row in ok(stage.send(many, {"per_page": 500}))["datas"]]
    if many is not None and many.with_deleted:
        rows = ok(stage.send(many, {"per_page": 500, "with_deleted": "true"}))["datas"]
        assert [sorted(row) for row in rows if row["id"] == pk] == [["deleted_at", "id"]]


# --- Attributes ----------------------------------------------------------------------------------------


def test_attributes_have_their_types(stage: Stage, proof: Proof) -> None:
    places = {stage.resource.object: "", **stage.case.nested}
    for name, place in places.items():
        if name in objects():
            chapter, attributes = objects()[name]
            with proof(Item(chapter, "object", name, "")):
                assert [row for row in full_answers(stage, place) if row], "no answer shows one"
            for attribute in attributes:
                with proof(Item(chapter, "attribute", name, attribute.name)):
                    check_attribute(stage, place, attribute)


def full_answers(stage: Stage, place: str) -> list[Any]:
    """Answers that show an object, of one row and of lists, with everything included."""
    answers = [*stage.answers.values(), *stage.listed_whole]
    return answers if not place else [row for answer in answers for row in values_at(answer, place)]


def check_attribute(stage: Stage, place: str, attribute: Attribute) -> None:
    answers = full_answers(stage, place)
    found = [value for row in answers for value in stated(row, attribute.name)]
    assert found, "absent"
    if not attribute.sometimes and "." not in attribute.name:
        assert len(found) == len([row for row in answers if row]), "absent from some answers"
    filled = [value for value in found if value is not None]
    assert filled or (not place and attribute.name in stage.case.empty), "null in every answer"
    wrong = [value for value in filled if not is_kind(value, attribute.kind)]
    assert not wrong, f"{wrong[0]!r} is no {attribute.kind}"
    if attribute.on_request and not place:
        there = [row for row in stage.bare_answers if at(row, attribute.name) is not MISSING]
        assert attribute.name in stage.case.shown or not there, "present without being requested"


# --- Parameters ----------------------------------------------------------------------------------------


def test_created_rows_show_what_was_sent(stage: Stage, proof: Proof) -> None:
    if call := stage.call("create"):
        check_writing(stage, call, proof)


def test_updated_rows_show_what_was_sent(stage: Stage, proof: Proof) -> None:
    if call := stage.call("update"):
        check_writing(stage, call, proof)


def test_required_parameters_are_asked_for(stage: Stage, proof: Proof) -> None:
    for role in ("create", "update"):
        call = stage.call(role)
        bodies: dict[int, Any] = {}
        for path, parameter in call.body.items() if call else ():
            if parameter.required and not is_change(path):
                assert call is not None
                with proof(call.item("parameter", path)):
                    check_required(stage, call, path, bodies)


# --- Filters, sorts, searches, includes ----------------------------------------------------------------


def test_filters_keep_what_matches_and_drop_the_rest(stage: Stage, proof: Proof) -> None:
    call = stage.call("list")
    for name, kind in call.filter.items() if call else ():
        assert call is not None
        with proof(call.item("filter", name)):
            check_filter(stage, name, kind)


def test_sorts_order_both_ways(stage: Stage, proof: Proof) -> None:
    call = stage.call("list")
    for name in call.sort if call else ():
        assert call is not None
        with proof(call.item("sort", name)):
            check_sort(stage, name)


def test_searches_find_and_do_not_find(stage: Stage, proof: Proof) -> None:
    call = stage.call("list")
    for name in call.search if call else ():
        assert call is not None
        with proof(call.item("search", name)):
            check_search(stage, call, name)


def test_includes_add_their_attributes(stage: Stage, proof: Proof) -> None:
    for role in ("list", "one"):
        call = stage.call(role)
        for name in call.include if call else ():
            assert call is not None
            with proof(call.item("include", name)):
                check_include(stage, call, name)
