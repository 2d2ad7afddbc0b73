"""A deposit on a document, and the lines that deduct it from the final bill."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from decimal import Decimal

from erp.core.money import HUNDRED, ZERO, Amounts, allocate, round_half_up
from erp.sales.calculation.refusals import CalculationError, ErrorCode, check_percent, finite
from erp.sales.calculation.values import DocumentResult, LineInput, VatRow


@dataclass(frozen=True, slots=True)
class DepositRow:
    """What a deposit asks for at one VAT rate, VAT included."""

    vat_key: Hashable
    rate: Decimal
    ttc: Decimal


def compute_deposit(
    source: DocumentResult,
    *,
    percentage: Decimal | None = None,
    amount: Decimal | None = None,
    with_vat: bool = True,
) -> list[DepositRow]:
    """Split a deposit on `source` over its VAT rates; its invoice is then computed in `ttc` mode.

    The deposit is `amount` (TTC) or else round(`percentage` x total_ttc), and at most the total; without VAT
    it is a single row at rate 0. Rates that get nothing are left out.
    """
    total = _deposit_total(source, percentage, amount)
    if not with_vat:
        return [DepositRow(None, ZERO, total)]
    parts = allocate(total, [row.ttc for row in source.vatrates])
    pairs = zip(source.vatrates, parts, strict=True)
    return [DepositRow(row.vat_key, row.rate, part) for row, part in pairs if part]


def deposit_deductions(deposit: DocumentResult) -> list[LineInput]:
    """The lines that deduct an invoiced deposit from the final bill: one per rate, quantity -1.

    Their price is never negative, and they carry the deposit's own amounts, so that bill = total - deposits
    to the cent, per rate and in all.
    """
    return [_deduction(row) for row in deposit.vatrates]


def _deduction(row: VatRow) -> LineInput:
    quantity = Decimal(1) if row.ttc < 0 else Decimal(-1)
    fixed = Amounts(-row.ht, -row.tva, -row.ttc)
    return LineInput(is_deposit=True, quantity=quantity, vat_rate=row.rate, vat_key=row.vat_key, fixed=fixed)


def _deposit_total(source: DocumentResult, percent: Decimal | None, amount: Decimal | None) -> Decimal:
    """The deposit asked for, VAT included; an amount wins over a percentage, as in the reference."""
    if amount is not None:
        path, asked = "amount", finite(amount, "amount")
    elif percent is not None:
        check_percent(percent, "percentage")
        path, asked = "percentage", source.total_ttc * percent / HUNDRED
    else:
        raise CalculationError(ErrorCode.DEPOSIT_MISSING, "percentage")
    if asked > source.total_ttc:
        raise CalculationError(ErrorCode.DEPOSIT_EXCEEDS_TOTAL, path)
    if (total := round_half_up(asked)) <= 0:
        raise CalculationError(ErrorCode.DEPOSIT_NOT_POSITIVE, path)
    return total
