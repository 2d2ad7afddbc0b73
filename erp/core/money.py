"""Decimal arithmetic of money: the one rounding function, exact spreading, percentages, `Amounts`.

Nothing here knows Django or a currency: values are plain decimals, amounts of a currency have two places.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

AMOUNT_PLACES = 2
UNIT_PLACES = 5
ZERO = Decimal("0.00")
HUNDRED = Decimal(100)

_QUANTA = tuple(Decimal(1).scaleb(-places) for places in range(13))


def round_half_up(value: Decimal, places: int = AMOUNT_PLACES) -> Decimal:
    """`value` with exactly `places` decimals (0 to 12), halves away from zero, and never minus zero."""
    rounded = value.quantize(_QUANTA[places], ROUND_HALF_UP)
    return rounded or rounded.copy_abs()


def trimmed(value: Decimal, least: int = 0) -> Decimal:
    """The same number without useless zeros, but with `least` decimals."""
    places = -int(value.normalize().as_tuple().exponent)
    return round_half_up(value, max(places, least))


def percent_of(amount: Decimal, percent: Decimal, places: int = AMOUNT_PLACES) -> Decimal:
    """`percent` per cent of `amount`, rounded."""
    return round_half_up(amount * percent / HUNDRED, places)


def percentage(part: Decimal, whole: Decimal, places: int = AMOUNT_PLACES) -> Decimal:
    """What `part` is of `whole`, in per cent, rounded; 0 of nothing."""
    return round_half_up(part * HUNDRED / whole if whole else ZERO, places)


def spread(values: Sequence[Decimal], total: Decimal, places: int = AMOUNT_PLACES) -> list[Decimal]:
    """Round `values` so that they sum to `total` exactly, each as near to its own value as that allows.

    Every value is rounded by itself; the units that are then missing or too many go to the values that
    rounding moved furthest the other way (largest remainder); of equals, the first gets more. A zero stays
    zero. Opposite values give opposite results, so a credit mirrors its invoice.
    Raises ValueError if `total` has more than `places` decimals, or there is nothing to carry the difference.
    """
    rounded = [round_half_up(value, places) for value in values]
    missing = total - sum(rounded, ZERO)
    if missing:
        _hand_out(total, missing, values, rounded, _QUANTA[places])
    return rounded


def _hand_out(
    total: Decimal, missing: Decimal, values: Sequence[Decimal], rounded: list[Decimal], unit: Decimal
) -> None:
    """Add `missing` to `rounded` in steps of one unit, in the order of the largest remainders."""
    step = unit.copy_sign(missing)
    bearers = [index for index, value in enumerate(values) if value]
    if missing % unit or not bearers:
        raise ValueError(f"{missing} cannot be spread over {len(bearers)} values in steps of {unit}.")
    if missing * total < 0:
        bearers.reverse()
    bearers.sort(key=lambda index: (values[index] - rounded[index]) * step, reverse=True)
    everyone, some = divmod(int(missing / step), len(bearers))
    for place, index in enumerate(bearers):
        rounded[index] += step * (everyone + (place < some))


def allocate(total: Decimal, weights: Sequence[Decimal], places: int = AMOUNT_PLACES) -> list[Decimal]:
    """Split `total` in proportion to `weights` by largest remainder: the parts sum to `total` exactly.

    Totals and weights may be negative; a zero weight gets nothing. Raises ValueError if `total` is not zero
    while the weights sum to zero, or if it has more than `places` decimals.
    """
    whole = sum(weights, ZERO)
    if not whole and total:
        raise ValueError(f"{total} cannot be shared by weights that sum to zero.")
    ideals = [total * weight / whole if whole else ZERO for weight in weights]
    return spread(ideals, total, places)


@dataclass(frozen=True, slots=True)
class Amounts:
    """An amount excluding VAT (`ht`), its VAT (`tva`) and the sum of both (`ttc`); adds up by components."""

    ht: Decimal = ZERO
    tva: Decimal = ZERO
    ttc: Decimal = ZERO

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(self.ht + other.ht, self.tva + other.tva, self.ttc + other.ttc)

    def __sub__(self, other: Amounts) -> Amounts:
        return Amounts(self.ht - other.ht, self.tva - other.tva, self.ttc - other.ttc)

    def __neg__(self) -> Amounts:
        return Amounts(-self.ht, -self.tva, -self.ttc)

    def part(self, start: Decimal, stop: Decimal, of: Decimal) -> Amounts:
        """The share of the quantities from `start` to `stop` when the whole stands for the quantity `of`.

        Consecutive parts sum to the whole to the cent: billing 3, then 2, then 5 of 10 takes the parts
        (0, 3), (3, 5) and (5, 10). Raises ValueError if `of` is zero.
        """
        if not of:
            raise ValueError("A quantity of zero has no parts.")
        return self._first(stop, of) - self._first(start, of)

    def _first(self, quantity: Decimal, of: Decimal) -> Amounts:
        ht = round_half_up(self.ht * quantity / of)
        ttc = round_half_up(self.ttc * quantity / of)
        return Amounts(ht, ttc - ht, ttc)


NOTHING = Amounts()


def taxed(bases: Sequence[Decimal], rate: Decimal) -> list[Amounts]:
    """Lines of one VAT rate (in per cent) from their amounts without VAT, which have two decimals.

    VAT is computed once, on the sum of the lines, and spread over them by largest remainder (EN 16931).
    """
    exact = [base * rate / HUNDRED for base in bases]
    return [
        Amounts(base, tva, base + tva)
        for base, tva in zip(bases, spread(exact, percent_of(sum(bases, ZERO), rate)), strict=True)
    ]


def sum_amounts(items: Iterable[Amounts]) -> Amounts:
    """The sum by components; nothing sums to zero."""
    total = NOTHING
    for item in items:
        total += item
    return total
