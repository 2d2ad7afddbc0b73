"""Prices of the catalog: with and without VAT, costs and margin. Plain decimals, nothing of the database."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from erp.core.money import HUNDRED, UNIT_PLACES, Amounts, percent_of, percentage, round_half_up

__all__ = ["Tier", "custom_price", "margins", "period", "times", "with_vat", "without_vat"]


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


# --- Custom prices --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tier:
    """A unit price without VAT from one quantity to another; `maximum` None has no end."""

    minimum: int
    maximum: int | None
    price: Decimal

    def holds(self, quantity: Decimal) -> bool:
        """Whether the price counts for a quantity. "1 to 10" reaches up to, without it, 11: no gap is left
        between whole numbers for quantities that are not whole."""
        return self.minimum <= quantity and (self.maximum is None or quantity < self.maximum + 1)


def custom_price(
    mode: str,
    *,
    for_customer: Decimal | None = None,
    for_type: Decimal | None = None,
    tiers: Iterable[Tier] = (),
    quantity: Decimal = Decimal(0),
) -> Decimal | None:
    """The custom unit price without VAT that applies, None when none does and the element has its own.

    In the modes `customer` and `type` the customer's own price counts, else that of the customer's type; in
    the mode `quantity` that of the quantity (of what is returned, below zero, as much as of what is sold).
    """
    if mode in ("customer", "type"):
        return for_type if for_customer is None else for_customer
    if mode == "quantity":
        return next((tier.price for tier in tiers if tier.holds(abs(quantity))), None)
    return None


def period(
    mode: int | None, date: datetime.date, months: int | None = None
) -> tuple[datetime.date | None, datetime.date | None] | None:
    """From which day to which what a customer ordered counts on a document of `date`, both included.

    None when the quantity of the document counts (mode 1); (None, None) for ever (mode 5). Mode 4 goes back
    to the same day `months` earlier, the last of the month where that day does not exist.
    """
    if mode == 2:
        return datetime.date(date.year, 1, 1), datetime.date(date.year, 12, 31)
    if mode == 3:
        return datetime.date(date.year - 1, 1, 1), datetime.date(date.year - 1, 12, 31)
    if mode == 4:
        return _months_before(date, months or 1), date
    return (None, None) if mode == 5 else None


def _months_before(date: datetime.date, months: int) -> datetime.date:
    years, month = divmod(date.year * 12 + date.month - 1 - months, 12)
    year = max(years, 1)
    return datetime.date(year, month + 1, min(date.day, calendar.monthrange(year, month + 1)[1]))
