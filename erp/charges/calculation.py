"""The arithmetic of a charge: plain values in, amounts out; nothing of the database.

A price is typed without VAT or with it; the other side follows. VAT is computed once per rate and side, as on
the supplier's invoice, and spread over the lines, so that lines always sum to the charge, to the cent. VAT
that was typed as an amount is taken as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from erp.catalog.pricing import with_vat, without_vat
from erp.core.money import HUNDRED, NOTHING, Amounts, percent_of, round_half_up, spread, sum_amounts

__all__ = ["ChargeResult", "LineInput", "LineResult", "compute"]

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class LineInput:
    """A line as typed: the price of one, on the side that `includes_vat` says; `vat` of one, when typed."""

    price: Decimal
    quantity: Decimal = Decimal(1)
    includes_vat: bool = False
    rate: Decimal = ZERO
    vat: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LineResult:
    """Amounts of one (five decimals) and of the line (two)."""

    unit: Amounts
    total: Amounts


@dataclass(frozen=True, slots=True)
class ChargeResult:
    """Lines in their order, and their sum."""

    lines: tuple[LineResult, ...]
    total: Amounts


def compute(lines: Sequence[LineInput]) -> ChargeResult:
    """Every amount of a charge."""
    totals = [NOTHING] * len(lines)
    groups: dict[tuple[bool, Decimal], list[int]] = {}
    for number, line in enumerate(lines):
        if line.vat is None:
            groups.setdefault((line.includes_vat, line.rate), []).append(number)
        else:
            totals[number] = _typed(line)
    for (includes_vat, rate), numbers in groups.items():
        gross = [round_half_up(lines[number].price * lines[number].quantity) for number in numbers]
        shares = _with_vat(gross, rate) if not includes_vat else _without_vat(gross, rate)
        for number, amounts in zip(numbers, shares, strict=True):
            totals[number] = amounts
    results = tuple(LineResult(_unit(line), total) for line, total in zip(lines, totals, strict=True))
    return ChargeResult(results, sum_amounts(totals))


def _unit(line: LineInput) -> Amounts:
    if line.vat is None:
        return (without_vat if line.includes_vat else with_vat)(line.price, line.rate)
    if line.includes_vat:
        return Amounts(line.price - line.vat, line.vat, line.price)
    return Amounts(line.price, line.vat, line.price + line.vat)


def _typed(line: LineInput) -> Amounts:
    """Totals of a line whose VAT was typed."""
    typed, tva = round_half_up(line.price * line.quantity), round_half_up((line.vat or ZERO) * line.quantity)
    return Amounts(typed - tva, tva, typed) if line.includes_vat else Amounts(typed, tva, typed + tva)


def _with_vat(bases: Sequence[Decimal], rate: Decimal) -> list[Amounts]:
    """Totals of lines without VAT at one rate: its VAT is that of their sum."""
    vat = percent_of(sum(bases, ZERO), rate)
    shares = spread([base * rate / HUNDRED for base in bases], vat)
    return [Amounts(base, share, base + share) for base, share in zip(bases, shares, strict=True)]


def _without_vat(gross: Sequence[Decimal], rate: Decimal) -> list[Amounts]:
    """Totals of lines with VAT at one rate: what is without VAT is that of their sum."""
    factor = HUNDRED / (HUNDRED + rate)
    shares = spread([each * factor for each in gross], round_half_up(sum(gross, ZERO) * factor))
    return [Amounts(share, each - share, each) for each, share in zip(gross, shares, strict=True)]
