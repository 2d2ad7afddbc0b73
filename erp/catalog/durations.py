"""How long a service takes, and what its work costs. Plain values, nothing of the database."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from erp.core.money import round_half_up

__all__ = ["HOURS_PER_DAY", "DurationType", "hours_of", "work_cost"]

#: A day of work: the 35 hours of the legal week over five days (French labour code, article L3121-27).
HOURS_PER_DAY = Decimal(7)
MINUTES_PER_HOUR = 60


class DurationType(models.TextChoices):
    """Unit of a service's duration."""

    MINUTE = "minute", _("Minutes")
    HOUR = "hour", _("Hours")
    DAY = "day", _("Days")


def hours_of(duration: Decimal, kind: str, hours_per_day: Decimal = HOURS_PER_DAY) -> Decimal:
    """A duration in hours, exact except for minutes that are no decimal part of an hour."""
    if kind == DurationType.MINUTE:
        return duration / MINUTES_PER_HOUR
    return duration * hours_per_day if kind == DurationType.DAY else duration


def work_cost(hourly: Decimal, people: int, hours: Decimal, places: int) -> Decimal:
    """What `people` cost during `hours`, at `hourly` for each."""
    return round_half_up(hourly * people * hours, places)
