"""VAT: lines of one rate are taken together, and the other side is derived once for all of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from erp.core.money import AMOUNT_PLACES, HUNDRED, NOTHING, ZERO, Amounts, round_half_up, spread
from erp.sales.calculation.values import LineInput


@dataclass(frozen=True, slots=True)
class Tax:
    """One rate seen from the input side: `exact` leads from a given amount to its other side."""

    is_ht: bool
    numerator: Decimal
    denominator: Decimal

    def exact(self, given: Decimal) -> Decimal:
        """The other side of a given amount, not rounded."""
        return given * self.numerator / self.denominator

    def other(self, given: Decimal, places: int = AMOUNT_PLACES) -> Decimal:
        """The same, rounded."""
        return round_half_up(self.exact(given), places)

    def given(self, other: Decimal) -> Decimal:
        """The given amount whose other side comes nearest to `other`."""
        return round_half_up(other * self.denominator / self.numerator)

    def amounts(self, given: Decimal, other: Decimal) -> Amounts:
        ht, ttc = (given, other) if self.is_ht else (other, given)
        return Amounts(ht, ttc - ht, ttc)

    def both(self, given: Decimal, places: int = AMOUNT_PLACES) -> Amounts:
        return self.amounts(given, self.other(given, places))


@lru_cache(maxsize=512)
def tax_at(is_ht: bool, rate: Decimal) -> Tax:
    """The tax of a rate in per cent, for amounts typed excluding (`is_ht`) or including VAT."""
    sides = (HUNDRED + rate, HUNDRED)
    return Tax(is_ht, *(sides if is_ht else reversed(sides)))


@dataclass(slots=True)
class PricedLine:
    """A line with amounts, on its way: `content` and `eco` are its given side before the global discount."""

    source: LineInput
    tax: Tax
    rate: Decimal
    vat_key: Hashable
    total_quantity: Decimal
    content: Decimal = ZERO
    eco: Decimal = ZERO
    unit_price: Amounts = NOTHING
    unit_price_net: Amounts = NOTHING
    ecotax_u: Amounts = NOTHING
    undiscounted: Amounts | None = None
    total: Amounts = NOTHING
    total_net: Amounts = NOTHING
    total_ecotax: Amounts = NOTHING

    @property
    def group(self) -> tuple[Decimal, Hashable]:
        return self.rate, None if self.rate else self.vat_key


@dataclass(slots=True)
class RateGroup:
    """The counted lines of one rate: `lines` to compute, and all of them for the row of the rate."""

    tax: Tax
    rate: Decimal
    vat_key: Hashable
    everything: list[PricedLine] = field(default_factory=list)
    lines: list[PricedLine] = field(default_factory=list)
    discount: Decimal = ZERO

    @property
    def content(self) -> Decimal:
        return sum((line.content for line in self.lines), ZERO)


def by_rate(counted: Iterable[PricedLine]) -> list[RateGroup]:
    """One group per rate, compared as numbers (20 and 20.00 are one: BR-S-08), highest rate first."""
    groups: dict[tuple[Decimal, Hashable], RateGroup] = {}
    for line in counted:
        group = groups.setdefault(line.group, RateGroup(line.tax, line.rate, line.vat_key))
        group.everything.append(line)
        if line.source.fixed is None:
            group.lines.append(line)
    return sorted(groups.values(), key=lambda group: -group.rate)


def settle(group: RateGroup, ratio: Decimal) -> None:
    """Derive the other side of one rate and spread it over its lines: content, its net, eco on top.

    Each step rounds the running sum, so that the last one is the law of the package's head.
    """
    tax, lines = group.tax, group.lines
    contents, ecos = [line.content for line in lines], [line.eco for line in lines]
    content, eco = sum(contents, ZERO), sum(ecos, ZERO)
    net = content - group.discount
    net_other = tax.other(net)
    totals = total_nets = _both_sides(tax, contents, tax.other(content))
    if ratio:
        total_nets = _both_sides(tax, _net_contents(contents, group.discount, ratio), net_other)
    ecotaxes = _both_sides(tax, ecos, tax.other(net + eco) - net_other)
    for line, total, total_net, ecotax in zip(lines, totals, total_nets, ecotaxes, strict=True):
        line.total, line.total_net, line.total_ecotax = total, total_net, ecotax


def _net_contents(contents: list[Decimal], discount: Decimal, ratio: Decimal) -> list[Decimal]:
    shares = spread([content * ratio for content in contents], discount)
    return [content - share for content, share in zip(contents, shares, strict=True)]


def _both_sides(tax: Tax, given: list[Decimal], other: Decimal) -> list[Amounts]:
    others = spread([tax.exact(amount) for amount in given], other)
    return [tax.amounts(*sides) for sides in zip(given, others, strict=True)]
