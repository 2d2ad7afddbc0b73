"""Days and moments: where a day begins in a timezone, and which moments the product keeps."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

__all__ = ["check_moments", "day_start"]

YEARS = range(1900, 3000)


def day_start(date: datetime.date, zone: ZoneInfo) -> datetime.datetime:
    """The first moment of a day in a timezone."""
    return datetime.datetime.combine(date, datetime.time(), zone)


def check_moments(row: object, *names: str) -> None:
    """Refuse moments so far away that a timezone could push them out of the calendar.

    Raises Django's ValidationError by attribute.
    """
    found = {name: getattr(row, name) for name in names}
    text = _("Give a date between 1900 and 2999.")
    if errors := {name: text for name, value in found.items() if value and value.year not in YEARS}:
        raise ValidationError(errors)
