"""What cannot be computed: checks of what goes in, and of what comes out."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

from erp.core.money import ZERO
from erp.sales.calculation.values import DocumentInput, LineInput

_TOO_LARGE = Decimal(10) ** 12


class ErrorCode(StrEnum):
    """Why a document cannot be computed; services turn each into a sentence."""

    NOT_A_NUMBER = "not_a_number"
    UNKNOWN_CHOICE = "unknown_choice"
    NEGATIVE = "negative"
    PERCENT_OUT_OF_RANGE = "percent_out_of_range"
    LINE_DISCOUNT_EXCEEDS_PRICE = "line_discount_exceeds_price"
    GLOBAL_DISCOUNT_EXCEEDS_CONTENT = "global_discount_exceeds_content"
    FIXED_AMOUNTS_UNBALANCED = "fixed_amounts_unbalanced"
    AMOUNT_TOO_LARGE = "amount_too_large"
    DEPOSIT_MISSING = "deposit_missing"
    DEPOSIT_NOT_POSITIVE = "deposit_not_positive"
    DEPOSIT_EXCEEDS_TOTAL = "deposit_exceeds_total"


class CalculationError(ValueError):
    """Impossible input. `code` says why, `path` where, in wire names (`contents.0.discount_value`)."""

    def __init__(self, code: ErrorCode, path: str) -> None:
        super().__init__(f"{path}: {code}")
        self.code = code
        self.path = path


def check_document(document: DocumentInput) -> None:
    """Refuse heads that cannot be computed; lines are checked one by one, as they are priced."""
    _check_choice(document.input_mode, ("ht", "ttc"), "input_mode")
    _check_choice(document.secondary_quantity_mode, ("line", "global", "disable"), "secondary_quantity_mode")
    _check_choice(document.global_discount_type_amount, ("ht", "ttc"), "global_discount_type_amount")
    _check_choice(document.holdback_base, ("ht", "ttc"), "holdback_base")
    _check_value(document.global_discount_type, document.global_discount_value, "global_discount")
    _check_value(document.advance_payment_type, document.advance_payment_value, "advance_payment")
    check_percent(document.vat_rate, "vat_rate")
    check_percent(document.escompte_rate, "escompte_rate")
    check_percent(document.guarantee_holdback_pourcent, "guarantee_holdback_pourcent")
    for name in ("grant_amount", "guarantee_holdback_amount", "hours_per_day"):
        _check_positive(getattr(document, name), name)
    finite(document.secondary_quantity or ZERO, "secondary_quantity")


def check_line(line: LineInput, number: int) -> None:
    """Refuse a line that cannot be computed; `number` is its place among the contents, from 0."""
    prefix = f"contents.{number}."
    _check_choice(line.duration_type, ("minute", "hour", "day"), prefix + "duration_type")
    _check_value(line.discount_type, line.discount_value, prefix + "discount")
    check_percent(line.vat_rate, prefix + "vat_rate")
    for name in ("unit_price_ht", "unit_price_ttc", "ecotax_u_ht", "ecotax_u_ttc"):
        _check_positive(getattr(line, name), prefix + name)
    for name in ("quantity", "secondary_quantity", "weight_unit", "catalog_costs_u", "various_costs_u"):
        finite(getattr(line, name) or ZERO, prefix + name)
    for name in ("hourly_person_cost", "number_people_needed", "duration"):
        _check_positive(Decimal(getattr(line, name)), prefix + name)


def _check_value(kind: str, value: Decimal, name: str) -> None:
    """A pair `<name>_type` and `<name>_value`: a percent, or an amount not below zero."""
    _check_choice(kind, ("pourcent", "amount"), f"{name}_type")
    check = check_percent if kind == "pourcent" else _check_positive
    check(value, f"{name}_value")


def _check_choice(value: str, allowed: tuple[str, ...], path: str) -> None:
    if value not in allowed:
        raise CalculationError(ErrorCode.UNKNOWN_CHOICE, path)


def check_percent(value: Decimal, path: str) -> None:
    """Refuse what is not between 0 and 100."""
    if not 0 <= finite(value, path) <= 100:
        raise CalculationError(ErrorCode.PERCENT_OUT_OF_RANGE, path)


def _check_positive(value: Decimal, path: str) -> None:
    if finite(value, path) < 0:
        raise CalculationError(ErrorCode.NEGATIVE, path)


def finite(value: Decimal, path: str) -> Decimal:
    """The value; refused when it is infinite or no number."""
    if not value.is_finite():
        raise CalculationError(ErrorCode.NOT_A_NUMBER, path)
    return value


def refuse_overflow(path: str, values: Iterable[Decimal]) -> None:
    """Refuse what no column and no reader could hold."""
    if any(abs(value) >= _TOO_LARGE for value in values):
        raise CalculationError(ErrorCode.AMOUNT_TOO_LARGE, path)
