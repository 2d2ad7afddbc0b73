"""Numbers of the catalog as people read them."""

from __future__ import annotations

from decimal import Decimal

from django.utils.formats import number_format

from erp.core.money import trimmed

__all__ = ["shown", "trimmed"]


def shown(value: Decimal, least: int = 0) -> str:
    """A number for people: amounts have at least two decimals, quantities those that they need."""
    return number_format(trimmed(value, least), use_l10n=True, force_grouping=True)
