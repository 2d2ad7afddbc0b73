"""Attributes of answers, and the forms that values have there."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from operator import attrgetter
from typing import Any


@dataclass(frozen=True)
class Column:
    """One attribute of an answer. `relation` columns nest another serializer's answer."""

    name: str
    get: Callable[[Any], Any]
    #: For nested answers: the serializer class (or the model, whose registered serializer is used).
    nested: Any = None
    many: bool = False
    #: Shown only when the request includes it.
    on_request: bool = False
    #: Shown when this other attribute is included, and only then.
    shown_with: str = ""
    #: ORM paths to load beforehand so that `get` asks no query; as a function where they depend on the actor.
    needs: tuple[str, ...] | Callable[[], Iterable[Any]] = ()
    #: JSON schema of a computed value.
    schema: Mapping[str, Any] = field(default_factory=dict)


def text_of(value: str) -> str | None:
    """Absent texts are stored empty and answered null."""
    return value or None


def datetime_of(value: datetime.datetime | None) -> str | None:
    """2022-07-05T21:59:52.000000Z."""
    return None if value is None else value.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def date_of(value: datetime.date | None) -> str | None:
    """2022-07-05."""
    return None if value is None else value.isoformat()


def number_of(value: Decimal | float | int | None) -> int | float | None:
    """A JSON number, whole when it is whole."""
    if value is None:
        return None
    whole = int(value)
    return whole if whole == value else float(value)


def decimal_text(value: Decimal | None, form: str) -> str | None:
    """A decimal as text with a fixed number of places ("100.00000")."""
    return None if value is None else format(value, form)


def piped(source: str, convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """`convert(row.source)`; sources with dots walk objects, None anywhere gives None."""
    if "." not in source:
        return lambda row: convert(getattr(row, source))
    get = attrgetter(source)

    def walk(row: Any) -> Any:
        try:
            return convert(get(row))
        except AttributeError:
            return None

    return walk
