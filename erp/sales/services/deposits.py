"""Deposits: invoices asked for in advance, and their deduction from the bills that follow.

A deposit's lines keep their affair content where they are deducted or credited: so what is left of each is
known. A bill deducts by lines of quantity -1 that name the deposit and carry its own amounts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from erp.core.errors import Conflict, Invalid
from erp.core.money import Amounts, allocate, sum_amounts
from erp.core.printing import written_date
from erp.core.scope import current_team
from erp.sales import calculation
from erp.sales.calculation import CalculationError, VatRow
from erp.sales.choices import InputMode, Kind, SecondaryMode
from erp.sales.models import Document, Line
from erp.sales.services.amounts import copy_line, drop_global_discount, drop_terms, fix, net_of, sentence
from erp.various.models import VatRate

__all__ = ["check_not_deducted", "deductions", "deposit_lines", "name_deducted"]

ZERO = Decimal(0)


def deposit_lines(source: Document, made: Document, values: Mapping[str, Any]) -> list[Line]:
    """One line per VAT rate of the source; the deposit is stated VAT included.

    `values`: amount, percentage, with_vatrate; without amount and percentage, the advance that the source
    states. Raises Invalid (422) when it is not above zero or more than what remains to bill.
    """
    made.is_deposit = True
    made.input_mode, made.use_global_vatrate = InputMode.TTC, False
    made.secondary_quantity_mode = SecondaryMode.DISABLE
    drop_terms(made)
    drop_global_discount(made)
    try:
        rows = calculation.compute_deposit(
            _frozen_total(source),
            amount=_amount(source, values),
            percentage=values.get("percentage"),
            with_vat=values.get("with_vatrate", True) is not False,
        )
    except CalculationError as error:
        raise Invalid({error.path: sentence(error.code)}, code=error.code) from error
    _check_rest(source, sum((row.ttc for row in rows), ZERO), values)
    if _shows_ht(source):
        made.pdf_options = made.pdf_options | {"amounts": 2}
    with override(made.language):
        return [_deposit_line(source, row, number) for number, row in enumerate(rows, start=1)]


def _shows_ht(source: Document) -> bool:
    """Whether the source prints prices without VAT, as invoices between professionals must."""
    return {2: "ht", 3: "ttc"}.get(source.pdf_options.get("amounts", 1), source.input_mode) == "ht"


def _frozen_total(source: Document) -> Any:
    """The source's amounts as they were computed, also when a VAT rate changed since."""
    rows = [
        VatRow(
            rate=Decimal(row["rate"]),
            vat_key=row["vat_rate_id"],
            ht=Decimal(row["ht"]),
            tva=Decimal(row["tva"]),
            ttc=Decimal(row["ttc"]),
        )
        for row in source.vatrates
    ]
    return SimpleNamespace(total_ttc=source.total_ttc, vatrates=rows)


def _amount(source: Document, values: Mapping[str, Any]) -> Decimal | None:
    """The amount asked for; the advance that the document states when neither amount nor percentage is."""
    if values.get("amount") is not None or values.get("percentage") is not None:
        return values.get("amount")
    return source.advance_payment_amount or None


def _check_rest(source: Document, total: Decimal, values: Mapping[str, Any]) -> None:
    if total > source.to_bill:
        path = "amount" if values.get("amount") is not None else "percentage"
        text = _("The deposit is larger than the %(rest)s that remain to bill.")
        raise Invalid({path: text % {"rest": source.to_bill}}, code="beyond_rest")


def _deposit_line(source: Document, row: calculation.DepositRow, number: int) -> Line:
    rate = VatRate.all_objects.filter(pk=row.vat_key).first() if row.vat_key is not None else None
    if rate is None:
        rate = VatRate.objects.filter(rate=row.rate).first()
    label = _("Deposit on %(document)s") % {"document": f"{Kind(source.kind).label} {source.reference}"}
    quantity = Decimal(1) if row.ttc >= 0 else Decimal(-1)
    return Line(
        line_number=number,
        designation=label,
        is_deposit=True,
        vat_rate=rate,
        vat_rate_value=row.rate,
        unit_price_ttc=abs(row.ttc),
        quantity=quantity,
    )


# --- Deduction --------------------------------------------------------------------------------------


def deductions(source: Document, total: Decimal) -> list[Line]:
    """Lines of quantity -1 for deposits not deducted yet, at most the bill's `total`, VAT included."""
    lines: list[Line] = []
    for deposit, rests in _open_deposits(source):
        whole = sum((rest.ttc for _line, rest in rests), ZERO)
        part = min(whole, total)
        if part <= 0:
            continue
        shares = allocate(part, [rest.ttc for _line, rest in rests])
        for (line, rest), share in zip(rests, shares, strict=True):
            if share:
                lines.append(_deduction(line, rest.part(ZERO, share, rest.ttc), deposit))
        total -= part
    return lines


def _open_deposits(source: Document) -> list[tuple[Document, list[tuple[Line, Amounts]]]]:
    """The affair's deposits, oldest first, with what is left to deduct of each line: billed, less credited,
    less deducted."""
    rows = list(
        Line.objects.filter(
            document__affair_id=source.affair_id,
            document__deleted_at=None,
            is_deposit=True,
            document__kind__in=(Kind.INVOICE, Kind.CREDIT),
        )
        .select_related("document", "vat_rate")
        .order_by("document__date", "document_id", "line_number")
    )
    spent: dict[int, list[Amounts]] = {}
    found: dict[int, tuple[Document, list[Line]]] = {}
    for line in rows:
        if line.document.is_deposit:
            found.setdefault(line.document_id, (line.document, []))[1].append(line)
        else:
            change = net_of(line) if line.document.kind == Kind.INVOICE else -net_of(line)
            spent.setdefault(line.affair_content_id, []).append(change)
    return [(deposit, _rests(lines, spent)) for deposit, lines in found.values()]


def _rests(lines: Sequence[Line], spent: Mapping[int, Sequence[Amounts]]) -> list[tuple[Line, Amounts]]:
    rests = [(line, net_of(line) + sum_amounts(spent.get(line.affair_content_id, []))) for line in lines]
    return [(line, rest) for line, rest in rests if rest.ttc]


def _deduction(line: Line, amounts: Amounts, deposit: Document) -> Line:
    deduction = copy_line(line, 0)
    deduction.quantity = Decimal(-1) if amounts.ttc > 0 else Decimal(1)
    deduction.designation = _label(deposit)
    return fix(deduction, -amounts)


def _label(deposit: Document) -> str:
    """In the language of the documents, with the date as the team writes it."""
    with override(deposit.language):
        text, draft = _("Deposit %(reference)s of %(date)s deducted"), _("(draft)")
    date = written_date(deposit.date, current_team().parameter("date_format"))
    return text % {"reference": deposit.reference or draft, "date": date}


def _deducting_others(document: Document) -> Any:
    """Lines of other invoices that deduct a deposit."""
    contents = Line.objects.filter(document_id=document.pk, is_deposit=True).values("affair_content_id")
    return Line.objects.filter(
        affair_content_id__in=contents, document__kind=Kind.INVOICE, document__deleted_at=None
    ).exclude(document_id=document.pk)


def check_not_deducted(deposit: Document) -> None:
    """Refuse to change or delete a draft deposit that an invoice deducts. Raises Conflict (409)."""
    if deposit.is_deposit and (line := _deducting_others(deposit).select_related("document").first()):
        text = _("%(invoice)s deducts this deposit: delete it first, or validate the deposit.")
        raise Conflict(text % {"invoice": line.document}, code="deducted")


def name_deducted(document: Document, lines: Sequence[Line]) -> None:
    """Before a bill is validated, its deductions name validated deposits. Raises Invalid (422)."""
    deducting = [line for line in lines if line.is_deposit and line.is_fixed]
    if not deducting or document.kind != Kind.INVOICE:
        return
    contents = {line.affair_content_id for line in deducting}
    asked = Line.objects.filter(affair_content_id__in=contents, document__is_deposit=True).select_related(
        "document"
    )
    deposits = {line.affair_content_id: line.document for line in asked}
    for line in deducting:
        deposit = deposits[line.affair_content_id]
        if deposit.is_draft:
            raise Invalid(
                _("This invoice deducts a deposit that is still a draft: validate the deposit first.")
            )
        if line.designation != _label(deposit):
            line.designation = _label(deposit)
            Line.objects.filter(pk=line.pk).update(designation=line.designation)
