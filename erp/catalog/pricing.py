"""Prices of the catalog: with and without VAT, costs and margin. Plain decimals, nothing of the database."""

from __future__ import annotations

from decimal import Decimal

from erp.core.money import HUNDRED, UNIT_PLACES, Amounts, percent_of, percentage, round_half_up

__all__ = ["margins", "times", "with_vat", "without_vat"]


def with_vat(ht: Decimal, rate: Decimal, places: int = UNIT_PLACES) -> Amounts:
    """A price given without VAT, at `rate` per cent: its VAT is rounded and comes on top."""
    ht = round_half_up(ht, places)
    tva = percent_of(ht, rate, places)
    return Amounts(ht, tva, ht + tva)


def without_vat(ttc: Decimal, rate: Decimal, places: int = UNIT_PLACES) -> Amounts:
    """A price given with VAT, at `rate` per cent: what it is without VAT is rounded, VAT is the rest."""
    ttc = round_half_up(ttc, places)
    ht = round_half_up(ttc * HUNDRED / (HUNDRED + rate), places)
    return Amounts(ht, ttc - ht, ttc)


def times(price: Amounts, quantity: Decimal) -> Amounts:
    """The total of a quantity: without and with VAT are rounded, VAT is the difference."""
    ht, ttc = round_half_up(price.ht * quantity), round_half_up(price.ttc * quantity)
    return Amounts(ht, ttc - ht, ttc)


def margins(revenue: Decimal, charge: Decimal) -> dict[str, Decimal]:
    """Margin, its rate on the charges and its part of the revenue, in per cent.

    As in the reference's product (price 100, costs 60: margin 40, markup rate 40) and service (price 30,
    costs 20: margin 10, rates 50 and 33.33); a margin without charges has the rate 100, as in its quotation.
    """
    margin = revenue - charge
    return {
        "gross_margin_amount": round_half_up(margin),
        "gross_margin_rate": percentage(margin, charge or margin),
        "markup_rate": percentage(margin, revenue),
    }
