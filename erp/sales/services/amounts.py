"""From rows to the arithmetic and back: fills every computed attribute of a document and its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from erp.core.errors import Invalid
from erp.core.money import NOTHING, Amounts
from erp.sales import calculation
from erp.sales.calculation import (
    CalculationError,
    DocumentInput,
    DocumentResult,
    ErrorCode,
    LineInput,
    LineResult,
)
from erp.sales.choices import DiscountType
from erp.sales.models import Document, Line

__all__ = [
    "compute",
    "copy_line",
    "drop_global_discount",
    "drop_terms",
    "ecotax_of",
    "fix",
    "net_of",
    "recompute",
    "sentence",
    "take_grant",
]

_LINE_RESULTS = tuple(field.name for field in fields(LineResult) if field.name != "vat_key")
_DOCUMENT_RESULTS = tuple(
    field.name for field in fields(DocumentResult) if field.name not in ("lines", "vatrates")
)
_LINE_INPUTS = (
    "is_comments",
    "is_subtotal",
    "is_pagebreak",
    "is_option",
    "is_hidden",
    "is_deposit",
    "unit_price_ht",
    "unit_price_ttc",
    "discount_type",
    "discount_value",
    "quantity",
    "secondary_quantity",
    "ecotax_u_ht",
    "ecotax_u_ttc",
    "weight_unit",
    "catalog_costs_u",
    "various_costs_u",
    "hourly_person_cost",
    "number_people_needed",
    "duration",
    "duration_type",
)
_DOCUMENT_INPUTS = (
    "input_mode",
    "use_global_vatrate",
    "secondary_quantity_mode",
    "secondary_quantity",
    "global_discount_type",
    "global_discount_value",
    "global_discount_type_amount",
    "escompte_rate",
    "grant_amount",
    "guarantee_holdback_amount",
    "advance_payment_type",
    "advance_payment_value",
)


#: Columns of a line that a copy does not take over.
OWN_COLUMNS = (
    "id",
    "document",
    "created_at",
    "updated_at",
    "deleted_at",
    "delivered_quantity",
    "quantity_to_deliver",
    "is_price_automatic",  # a price that was agreed on stays
)
_COPIED = tuple(field.attname for field in Line._meta.concrete_fields if field.name not in OWN_COLUMNS)


def recompute(document: Document, lines: Sequence[Line]) -> DocumentResult:
    """Compute amounts and set them on the rows (unsaved). Raises Invalid with the path of what cannot be."""
    result = compute(document, lines)
    for line, line_result in zip(lines, result.lines, strict=True):
        for name in _LINE_RESULTS:
            setattr(line, name, getattr(line_result, name))
    for name in _DOCUMENT_RESULTS:
        setattr(document, name, getattr(result, name))
    document.vatrates = [
        {
            "rate": str(row.rate),
            "vat_rate_id": row.vat_key,
            "ht": str(row.ht),
            "tva": str(row.tva),
            "ttc": str(row.ttc),
        }
        for row in result.vatrates
    ]
    return result


def compute(document: Document, lines: Sequence[Line]) -> DocumentResult:
    """What the arithmetic makes of a document's rows, without changing them."""
    try:
        return calculation.compute(_document_input(document, lines))
    except CalculationError as error:
        raise Invalid({error.path: sentence(error.code)}, code=error.code) from error


def _document_input(document: Document, lines: Sequence[Line]) -> DocumentInput:
    values: dict[str, Any] = {name: getattr(document, name) for name in _DOCUMENT_INPUTS}
    rate = global_rate(document)
    if rate is not None:
        values |= {"vat_rate": rate, "vat_key": document.vat_rate_id}
    return DocumentInput(
        lines=[
            _line_input(line, document.vat_rate_id if line.vat_rate_value == rate else line.vat_rate_id)
            for line in lines
        ],
        guarantee_holdback_pourcent=document.guarantee_holdback_percent,
        **values,
    )


def global_rate(document: Document) -> Decimal | None:
    """The one VAT rate of a document: the one that its source had, else the rate's own; None without one."""
    if not document.use_global_vatrate or document.vat_rate_id is None:
        return None
    kept: Decimal | None = getattr(document, "kept_rate", None)
    return document.vat_rate.rate if kept is None else kept


def _line_input(line: Line, vat_key: int | None) -> LineInput:
    values: dict[str, Any] = {name: getattr(line, name) for name in _LINE_INPUTS}
    if line.is_fixed:
        values["fixed"] = Amounts(line.total_net_ht, line.total_net_tva, line.total_net_ttc)
        values["fixed_ecotax"] = Amounts(line.total_ecotax_ht, line.total_ecotax_tva, line.total_ecotax_ttc)
    return LineInput(vat_rate=line.vat_rate_value, vat_key=vat_key, **values)


def fix(line: Line, net: Amounts, ecotax: Amounts = NOTHING) -> Line:
    """Make a line carry given totals instead of computed ones."""
    line.is_fixed = True
    line.total_net_ht, line.total_net_tva, line.total_net_ttc = net.ht, net.tva, net.ttc
    line.total_ecotax_ht, line.total_ecotax_tva, line.total_ecotax_ttc = ecotax.ht, ecotax.tva, ecotax.ttc
    line.discount_value = Decimal(0)
    return line


def copy_line(line: Line, number: int) -> Line:
    """The same line for another document of the affair; keeps the affair content."""
    copied = Line(**{name: getattr(line, name) for name in _COPIED})
    copied.line_number = number
    for name, row in line._state.fields_cache.items():
        if name not in OWN_COLUMNS:
            setattr(copied, name, row)
    copied._checked_links = line._checked_links  # it links to what the line in the database links to
    return copied


def drop_global_discount(document: Document) -> None:
    """Parts of lines carry their share of the global discount in their net amounts."""
    document.global_discount_type, document.global_discount_value = DiscountType.PERCENT, Decimal(0)


def take_grant(document: Document, order: Document | None, amount: Decimal) -> None:
    """Give a document an amount of the grant of its order, with its words; nothing of none."""
    document.grant_amount = amount
    document.grant = order.grant if order is not None and amount else None
    document.grant_label = order.grant_label if order is not None and amount else ""
    document.grant_pdf_mentions = order.grant_pdf_mentions if order is not None and amount else ""


def drop_terms(document: Document) -> None:
    """Take away what concerns what an order's customer has to pay, not this document: grant and holdback."""
    take_grant(document, None, Decimal(0))
    document.guarantee_holdback_percent = document.guarantee_holdback_amount = Decimal(0)


def net_of(line: Line) -> Amounts:
    """A line's net totals, global discount included."""
    return Amounts(line.total_net_ht, line.total_net_tva, line.total_net_ttc)


def ecotax_of(line: Line) -> Amounts:
    """A line's eco-participation."""
    return Amounts(line.total_ecotax_ht, line.total_ecotax_tva, line.total_ecotax_ttc)


def sentence(code: ErrorCode) -> str:
    """Why a document cannot be computed, in words that say what to do."""
    return {
        ErrorCode.NOT_A_NUMBER: _("Give a number."),
        ErrorCode.UNKNOWN_CHOICE: _("This choice does not exist."),
        ErrorCode.NEGATIVE: _("This cannot be negative."),
        ErrorCode.PERCENT_OUT_OF_RANGE: _("Give a percentage from 0 to 100."),
        ErrorCode.LINE_DISCOUNT_EXCEEDS_PRICE: _("The discount is larger than the price of the line."),
        ErrorCode.GLOBAL_DISCOUNT_EXCEEDS_CONTENT: _("The global discount is larger than the content."),
        ErrorCode.FIXED_AMOUNTS_UNBALANCED: _("The amounts of this line do not add up."),
        ErrorCode.AMOUNT_TOO_LARGE: _("The amount is too large."),
        ErrorCode.DEPOSIT_MISSING: _("Give the amount or the percentage of the deposit."),
        ErrorCode.DEPOSIT_NOT_POSITIVE: _("The deposit must be larger than zero."),
        ErrorCode.DEPOSIT_EXCEEDS_TOTAL: _("The deposit is larger than the total of the document."),
    }[code]
