"""A whole document, step by step."""

from __future__ import annotations

import decimal

from erp.sales.calculation.discount import share_discount
from erp.sales.calculation.prices import priced
from erp.sales.calculation.rates import by_rate, settle
from erp.sales.calculation.refusals import CalculationError, ErrorCode, check_document
from erp.sales.calculation.results import document_result, line_results
from erp.sales.calculation.values import DocumentInput, DocumentResult

# Wide enough to keep every product of three factors exact, and independent of the caller's own context.
_CONTEXT = decimal.Context(prec=50, rounding=decimal.ROUND_HALF_UP)


def compute(document: DocumentInput) -> DocumentResult:
    """Compute a whole document. Raises `CalculationError` for what cannot be."""
    with decimal.localcontext(_CONTEXT):
        try:
            check_document(document)
            return _compute(document)
        except decimal.DecimalException as error:
            raise CalculationError(ErrorCode.AMOUNT_TOO_LARGE, "contents") from error


def _compute(document: DocumentInput) -> DocumentResult:
    prepared = [priced(document, number, line) for number, line in enumerate(document.lines)]
    counted = [line for line in prepared if line and not line.source.is_option]
    groups = by_rate(counted)
    ratio = share_discount(document, groups)
    for group in groups:
        settle(group, ratio)
    lines = line_results(document, prepared)
    return document_result(document, groups, counted, lines)
