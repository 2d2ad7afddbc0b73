"""Columns that many models have: amounts, unit prices, rates, optional links."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

__all__ = ["IS_COLOR", "LIVING", "amount", "fine", "link", "own_team", "rate", "rgb"]

ZERO = Decimal(0)
#: Lists show living rows: an index of these alone also counts them without reading the table.
LIVING = models.Q(deleted_at=None)
#: Colours are written as #rrggbb.
IS_COLOR = RegexValidator(r"^#[0-9A-Fa-f]{6}\Z", _("Give a colour as #rrggbb."))


def amount(label: Any, **kwargs: Any) -> models.DecimalField:
    """A total in a row's currency: two decimals."""
    return models.DecimalField(label, **{"max_digits": 15, "decimal_places": 2, "default": ZERO, **kwargs})


def fine(label: Any, **kwargs: Any) -> models.DecimalField:
    """A unit price, a quantity or an exchange rate: five decimals."""
    return models.DecimalField(label, **{"max_digits": 18, "decimal_places": 5, "default": ZERO, **kwargs})


def rate(label: Any, **kwargs: Any) -> models.DecimalField:
    """A percentage with two decimals."""
    return models.DecimalField(label, **{"max_digits": 12, "decimal_places": 2, "default": ZERO, **kwargs})


def link(
    target: Any, label: Any, *, field: type[models.ForeignKey] = models.ForeignKey, **kwargs: Any
) -> models.ForeignKey:
    """An optional link to a row that is only mentioned, never searched by."""
    options = {"null": True, "blank": True, "db_index": False, "related_name": "+", **kwargs}
    return field(target, models.PROTECT, verbose_name=label, **options)


def own_team() -> models.ForeignKey:
    """The team of rows that are only reached through another row.

    Without an index of its own: SQLite, having no statistics, would read all rows of the team by it rather
    than the few of the document.
    """
    return models.ForeignKey(
        "tenants.Team",
        models.PROTECT,
        related_name="+",
        editable=False,
        db_index=False,
        verbose_name=_("team"),
    )


def rgb(label: Any, **kwargs: Any) -> models.CharField:
    """A colour, as #rrggbb."""
    return models.CharField(label, max_length=7, validators=[IS_COLOR], **kwargs)
