"""What the checks of one resource cannot guess: particular values, names and rows.

Chapters declare theirs in `cases_<chapter>.py`:

    case("/customer/contact", reads={"firstname": "names.first"})

A resource without rules of its own needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["CASES", "Case", "Form", "case", "case_of"]


@dataclass(frozen=True)
class Form:
    """A body: every parameter but those `without` (patterns), with these `values`."""

    without: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """How one resource differs from the ordinary."""

    #: Values by parameter: a function of (stage, n), or one value for all.
    values: Mapping[str, Any] = field(default_factory=dict)
    #: Bodies that together give every parameter; rows are made of them in turn.
    forms: tuple[Form, ...] = (Form(),)
    #: Parameters of the barest body that the reference does not require, but the form's rules do.
    always: tuple[str, ...] = ()
    #: How many of the forms rows are made of, when not of all.
    row_forms: int = 0
    #: The same, of updates when they differ.
    update_forms: tuple[Form, ...] = ()
    #: Parameters that rows made to be updated do not have.
    fresh: tuple[str, ...] = ()
    #: Where a parameter is answered: a path, or a function of (stage, sent, answer) that asserts.
    reads: Mapping[str, str | Callable[..., None]] = field(default_factory=dict)
    #: Lists that no answer shows: a function of (stage, answer).
    lists: Mapping[str, Callable[..., list[Any]]] = field(default_factory=dict)
    #: Where the value of a sort, search or filter is answered: a path, or a function of the answer; "orm:"
    #: stands before the path of a column that no answer shows.
    paths: Mapping[str, str | Callable[[Any], Any]] = field(default_factory=dict)
    #: Filters: a function of the stage that gives [(value, predicate of an answer), …].
    filters: Mapping[str, Callable[[Any], list[tuple[Any, Callable[[Any], bool]]]]] = field(
        default_factory=dict
    )
    #: The attribute that an include adds, where it has another name.
    includes: Mapping[str, str] = field(default_factory=dict)
    #: The ids of the rows to look at, for resources that cannot be created like others.
    rows: Callable[[Any], list[int]] | None = None
    #: More to do with the rows once made (a function of the stage and their ids).
    prepare: Callable[[Any, list[int]], None] | None = None
    #: Checks of endpoints other than the five, by role: functions of (stage, call, proof).
    calls: Mapping[str, Callable[..., None]] = field(default_factory=dict)
    #: Attributes that are present without being asked for, though the reference lists an include.
    shown: tuple[str, ...] = ()
    #: Attributes that are null in every answer, and sorts and filters that tell no rows apart, for the reason
    #: given in `data/errata.json`: they are answered and accepted all the same.
    empty: tuple[str, ...] = ()
    #: Parameters that can stand for a required one: both are left out to see it asked for.
    together: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: What to send to take rows away: a function of (stage, parameter, the answer, the body that gave them).
    removed: Callable[..., Any] = lambda stage, name, answer, body: body[name.partition("_")[2]]
    #: Objects nested in the answer -> their path.
    nested: Mapping[str, str] = field(default_factory=dict)


CASES: dict[str, Case] = {}


def case(*paths: str, **overrides: Any) -> None:
    """Declare how resources differ from the ordinary."""
    for path in paths:
        CASES[path] = Case(**overrides)


def case_of(path: str) -> Case:
    """The case of a resource, ordinary unless declared."""
    return CASES.get(path, Case())
