"""Settings kept as JSON: read by kind, checked, answered with their defaults."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework.exceptions import ValidationError

from erp.core.parameters import Parameter, ParameterSet
from erp.core.scope import team_scope
from erp.various.models import Unit
from tenants.models import Team
from tests.factories import make

SET = ParameterSet(
    (
        Parameter("flag", "boolean", default=False),
        Parameter("count", "integer", default=3, minimum=0, maximum=10),
        Parameter("rate", "number", default="1.5"),
        Parameter("text", "string", default="", max_length=5),
        Parameter("choice", "string", default="a", choices=("a", "b")),
        Parameter("unit", "link", model="various.Unit"),
        Parameter("units", "links", default=[], model="various.Unit"),
        Parameter("day", "integer", nullable=True),
    )
)


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("flag", True, True),
        ("flag", "0", False),
        ("flag", 1, True),
        ("count", "7", 7),
        ("count", 7.0, 7),
        ("rate", 2, "2"),
        ("rate", "0.123456", "0.12346"),
        ("rate", 1e-9, "0"),
        ("text", " abc ", "abc"),
        ("text", None, ""),
        ("choice", "b", "b"),
        ("unit", None, None),
        ("unit", "", None),
        ("units", None, []),
        ("day", None, None),
        ("day", "", None),
        ("day", 4, 4),
    ],
)
def test_values_are_stored_by_their_kind(name: str, value: Any, stored: Any) -> None:
    assert SET.clean({name: value}) == {name: stored}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("flag", "maybe"),
        ("flag", None),
        ("flag", []),
        ("count", -1),
        ("count", 11),
        ("count", "x"),
        ("count", True),
        ("count", 1.5),
        ("count", None),
        ("count", 10**30),
        ("count", "9" * 5000),
        ("count", [1]),
        ("rate", "NaN"),
        ("rate", "Infinity"),
        ("rate", "x"),
        ("rate", True),
        ("rate", {}),
        ("rate", "1e999999"),
        ("text", "123456"),
        ("text", "a\x00"),
        ("text", 5),
        ("choice", "c"),
        ("choice", None),
        ("unknown", 1),
    ],
)
def test_wrong_values_are_refused_under_their_name(name: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        SET.clean({name: value})
    assert list(refused.value.detail) == [name]


@pytest.mark.parametrize("body", [None, [], "x", 5])
def test_settings_are_an_object(body: Any) -> None:
    with pytest.raises(ValidationError):
        SET.clean(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=100)
@given(name=st.sampled_from(["flag", "count", "rate", "text", "choice", "day"]), value=JSON)
def test_anything_else_is_either_stored_or_refused(name: str, value: Any) -> None:
    try:
        stored = SET.clean({name: value})
    except ValidationError:
        return
    assert SET.clean(stored) == stored


def test_links_are_stored_as_ids_and_answered_as_objects(scope: Team) -> None:
    unit = make(Unit, label="Hour")
    stored = SET.clean({"unit": {"id": unit.pk, "label": "Hour"}, "units": [unit.pk, str(unit.pk)]})
    assert stored == {"unit": unit.pk, "units": [unit.pk]}
    answer = SET.answer(stored)
    assert (answer["unit"]["label"], [item["id"] for item in answer["units"]]) == ("Hour", [unit.pk])


def test_links_to_another_team_do_not_exist(scope: Team, other_team: Team) -> None:
    with team_scope(other_team):
        theirs = make(Unit)
    for name, value in (("unit", theirs.pk), ("units", [theirs.pk])):
        with pytest.raises(ValidationError):
            SET.clean({name: value})
        assert SET.answer({name: value})[name] in (None, [])


def test_defaults_stand_in_for_what_is_not_set(scope: Team) -> None:
    assert SET.value({}, "count") == 3
    assert SET.value({}, "rate") == Decimal("1.5")
    answer = SET.answer({"count": 5})
    assert (answer["count"], answer["rate"], answer["unit"], answer["units"], answer["day"]) == (
        5,
        1.5,
        None,
        [],
        None,
    )
