"""References: gapless numbers in the transaction that needs them.

One row per series is the counter. It is locked (`SELECT … FOR UPDATE`; on SQLite the transaction
already holds the write lock), so a number is taken if, and only if, its transaction commits.
A French invoice number has at most 35 characters among letters, digits and + - _ / (BR-FR-01/02).
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Any

from django.core.validators import RegexValidator
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.core.errors import Invalid
from erp.core.models import NumberSeries, one

__all__ = ["Number", "check_prefix", "next_number_of", "preview", "series", "take_number", "take_unused"]

MAX_LENGTH = 35
#: How many references are looked up together once one was given already.
AT_ONCE = 100
_PREFIX = re.compile(r"(?:[A-Za-z0-9+\-_/]|\{(?:YYYY|YY|MM)\})*")


@dataclass(frozen=True)
class Number:
    """A number taken from a series: its rank and the printed reference."""

    number: int
    reference: str


#: key -> (prefix, length, mode) of a series nobody has configured yet.
DEFAULTS: dict[str, tuple[str, int, int]] = {}


def declare(key: str, prefix: str, length: int = 5, mode: int = NumberSeries.Mode.NEVER) -> str:
    """State the default form of a series; chapters call it once per kind of reference. Returns the key."""
    DEFAULTS[key] = (prefix, length, mode)
    return key


def series(key: str, *, lock: bool = False) -> NumberSeries:
    """The team's series for `key`, made on first use."""
    prefix, length, mode = DEFAULTS[key]
    queryset = NumberSeries.objects.select_for_update() if lock else NumberSeries.objects
    found = one(queryset.filter(key=key))
    if found is None:
        NumberSeries.objects.get_or_create(
            key=key, defaults={"prefix": prefix, "length": length, "mode": mode}
        )
        found = queryset.get(key=key)
    return found


def take_number(key: str, date: datetime.date, *, ordered: bool = False) -> Number:
    """Take the next number of a series for a document dated `date` (in the team's timezone).

    With `ordered`, the date must not be earlier than that of the last number taken. Without it, what is
    entered late (December's bill, in January) is numbered in the present period: a series that restarts
    never goes back to an earlier one, whose numbers it has forgotten.
    Must run inside the transaction that uses the number. Raises Invalid (422) on an earlier date.
    """
    row = _held(key)
    if row.last_date and date < row.last_date and ordered:
        raise Invalid(
            {
                "date": _("The date cannot be earlier than %(date)s, the date of the last number given.")
                % {"date": row.last_date.isoformat()}
            },
            code="date_goes_back",
        )
    return _take(row, _late(row, date))


def take_unused(key: str, date: datetime.date, rows: QuerySet[Any], column: str = "reference") -> Number:
    """The same for a series whose next number can be set back in the settings: the next number whose
    reference none of `rows` has in `column`. Passing over any number of them costs a query per hundred.
    """
    row = _held(key)
    date = _late(row, date)
    row.next_number, row.period = next_number_of(row, date), period_of(row.mode, date)
    count = 1
    while (number := _unused(row, date, count, rows, column)) is None:
        row.next_number += count
        count = AT_ONCE
    row.next_number = number
    return _take(row, date)


def _unused(
    row: NumberSeries, date: datetime.date, count: int, rows: QuerySet[Any], column: str
) -> int | None:
    """The first of the next `count` numbers whose reference no row has."""
    numbers = range(row.next_number, row.next_number + count)
    references = {number: reference_of(row, number, date) for number in numbers}
    known = rows.filter(**{f"{column}__in": list(references.values())})
    given = set(known.order_by().values_list(column, flat=True))
    return next((number for number, reference in references.items() if reference not in given), None)


def _held(key: str) -> NumberSeries:
    """The series, locked."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A number is taken inside the transaction that uses it.")
    return series(key, lock=True)


def _late(row: NumberSeries, date: datetime.date) -> datetime.date:
    """The day whose period numbers what is dated `date`: not one that the series has left."""
    return row.last_date if row.last_date and _turned_back(row, date) else date


def _take(row: NumberSeries, date: datetime.date) -> Number:
    """Take the next number of a locked series."""
    row.next_number = next_number_of(row, date)
    number = Number(row.next_number, reference_of(row, row.next_number, date))
    row.next_number += 1
    row.period = period_of(row.mode, date)
    row.last_date = max(date, row.last_date) if row.last_date else date
    row.save(update_fields=["next_number", "period", "last_date", "updated_at"])
    return number


def _turned_back(row: NumberSeries, date: datetime.date) -> bool:
    return bool(row.mode) and period_of(row.mode, date) < period_of(row.mode, row.last_date or date)


def next_number_of(row: NumberSeries, date: datetime.date) -> int:
    """The number to give: 1 again when the period of a resetting series turned."""
    period = period_of(row.mode, date)
    return 1 if row.mode and row.period and row.period < period else row.next_number


def period_of(mode: int, date: datetime.date) -> str:
    """The period that a date falls in: "" (no reset), "2026-11" or "2026"."""
    if mode == NumberSeries.Mode.MONTHLY:
        return f"{date:%Y-%m}"
    return f"{date:%Y}" if mode == NumberSeries.Mode.YEARLY else ""


def reference_of(row: NumberSeries, number: int, date: datetime.date) -> str:
    """The printed reference, e.g. "FA2026-00042"."""
    prefix = (
        row.prefix.replace("{YYYY}", f"{date:%Y}").replace("{YY}", f"{date:%y}").replace("{MM}", f"{date:%m}")
    )
    reference = f"{prefix}{number:0{row.length}d}"
    if len(reference) > MAX_LENGTH:
        raise Invalid(
            _("The reference %(reference)s is longer than 35 characters: shorten its prefix in the settings.")
            % {"reference": reference}
        )
    return reference


def preview(row: NumberSeries, date: datetime.date, count: int = 3) -> list[str]:
    """The next references that the series would give, without taking them."""
    start = next_number_of(row, date)
    return [reference_of(row, start + step, date) for step in range(count)]


def check_prefix(prefix: str, mode: int, length: int) -> None:
    """Raise Invalid if references made so could be refused or could repeat (compliance: BR-FR-01/02)."""
    if not _PREFIX.fullmatch(prefix):
        raise Invalid(_("A prefix has only letters, digits, + - _ / and the tokens {YYYY}, {YY} and {MM}."))
    has_year = "{YYYY}" in prefix or "{YY}" in prefix
    if mode == NumberSeries.Mode.YEARLY and not has_year:
        raise Invalid(_("A series that restarts every year needs {YYYY} or {YY} in its prefix."))
    if mode == NumberSeries.Mode.MONTHLY and not (has_year and "{MM}" in prefix):
        raise Invalid(_("A series that restarts every month needs the year and {MM} in its prefix."))
    if not 1 <= length <= 12:
        raise Invalid(_("A number has between 1 and 12 digits."))


reference_characters = RegexValidator(
    r"\A[A-Za-z0-9+\-_/]{1,35}\Z",
    gettext_lazy("A reference has at most 35 letters, digits and + - _ / characters."),
)
