"""Turning a document into the next one: one table (from, name) → what is made and how.

The lines made keep the affair content of the lines they come from, so that nothing can be delivered,
billed or credited beyond what remains. Two conversions of one affair take turns (the affair is locked).
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from erp.core.errors import Conflict, Invalid
from erp.core.money import Amounts, allocate, sum_amounts
from erp.sales import calculation
from erp.sales.calculation import CalculationError
from erp.sales.choices import ORDER_KINDS, DiscountType, InputMode, Kind, SecondaryMode, Status
from erp.sales.models import PROXIES, Affair, Document, Line
from erp.sales.services import progress, stock, workflow
from erp.sales.services.amounts import compute, ecotax_of, fix, net_of, sentence
from erp.sales.services.documents import locked, save_new
from erp.sales.services.drafting import check_addresses
from erp.various.services import due_date, team_today

__all__ = ["CONVERSIONS", "Conversion", "convert", "preview"]

ZERO = Decimal(0)
#: What a document hands on to the one made from it.
HANDED_ON = (
    "title", "comments", "language", "customer", "contact", "team_user", "customer_vatrate",
    "customer_command_reference", "customer_proforma_reference", "currency", "exchange_rate", "input_mode",
    "use_global_vatrate", "vat_rate", "secondary_quantity_mode", "secondary_quantity", "secondary_unit",
    "global_discount_type", "global_discount_value", "global_discount_type_amount", "sale_term", "payment_term",
    "penalty_rate", "penalty_rate_law", "collection_costs_law", "escompte_rate", "grant", "grant_amount",
    "grant_label", "grant_pdf_mentions", "guarantee_holdback_percent", "guarantee_holdback_amount",
    "guarantee_holdback_duration", "advance_payment_type", "advance_payment_value", "expire_at",
    "input_options", "pdf_options",
    *(f"{side}_address_{name}" for side in ("billing", "delivery")
      for name in ("name", "contact", "road", "road2", "road3", "city", "postal_code", "country", "comments")),
)
#: Columns of a line that a copy does not take over.
OWN_COLUMNS = ("id", "document", "created_at", "updated_at", "deleted_at", "delivered_quantity", "quantity_to_deliver")


@dataclass(frozen=True)
class Conversion:
    """One way to turn a document into another: the kind made, and the lines it gets."""

    to_kind: Kind
    lines: Callable[[Document, Document, Mapping[str, Any]], list[Line]]
    #: Whether the document made is a copy in a new role (an order), not a part of what remains.
    is_copy: bool = False


@transaction.atomic
def convert(source: Document, name: str, values: Mapping[str, Any] | None = None) -> Document:
    """Turn a document into another. `values`: date, is_draft, contents, amount, percentage, with_vatrate.

    Raises Conflict (409) when the source's state forbids it, Invalid (422) saying what remains.
    """
    values = values or {}
    conversion = CONVERSIONS[source.kind, name]
    Affair.objects.select_for_update().get(pk=source.affair_id)
    source = locked(source)
    _check_source(source)
    made = _new_from(source, conversion, values)
    lines = conversion.lines(source, made, values)
    if made.kind != Kind.CREDIT:
        check_addresses(made)
    save_new(made, lines, affair=source.affair)
    made.payment_methods.set(source.payment_methods.all())
    made.tags.set(source.tags.all())
    if values.get("is_draft") is False:
        workflow.validate(made)
    _after(source, made, conversion)
    return made


def preview(source: Document, name: str, values: Mapping[str, Any] | None = None) -> Document:
    """What a conversion would make, without making it. Its lines are in `preview_lines`. Same errors."""
    conversion = CONVERSIONS[source.kind, name]
    _check_source(source)
    made = _new_from(source, conversion, values or {})
    made.affair = source.affair
    made.preview_lines = conversion.lines(source, made, values or {})  # type: ignore[attr-defined]
    from erp.sales.services.amounts import recompute

    recompute(made, made.preview_lines)  # type: ignore[attr-defined]
    return made


def _check_source(source: Document) -> None:
    if source.is_draft:
        raise Conflict(_("This document is a draft: validate it first."), code="draft")
    if source.status in (Status.REFUSED, Status.CANCELLED):
        raise Conflict(
            _("%(document)s is “%(status)s”: nothing can be made from it.")
            % {"document": source, "status": source.status_label},
            code="closed",
        )


def _new_from(source: Document, conversion: Conversion, values: Mapping[str, Any]) -> Document:
    kind = conversion.to_kind
    made = PROXIES[kind](kind=kind, source_id=source.pk, date=_date(source, values))
    for name in HANDED_ON:
        setattr(made, name, getattr(source, name))
    made.pdf_model = _pdf_model(source, kind)
    made.payment_term_value = source.payment_term_value
    made.due_date = due_date(made.payment_term, made.date)
    if kind not in (Kind.QUOTATION, Kind.COMMAND):
        made.expire_at = None
        made.advance_payment_value = ZERO
    return made


def _date(source: Document, values: Mapping[str, Any]) -> datetime.date:
    date: datetime.date = values.get("date") or max(team_today(), source.date)
    if date < source.date:
        text = _("The date cannot be earlier than %(date)s, the date of %(document)s.")
        raise Invalid({"date": text % {"date": source.date.isoformat(), "document": source}})
    return date


def _pdf_model(source: Document, kind: str) -> Any:
    from erp.various.services import default_pdf_model

    model = source.pdf_model
    return model if model is not None and getattr(model, f"use_{kind}") else default_pdf_model(kind)


def _after(source: Document, made: Document, conversion: Conversion) -> None:
    """What a conversion makes of its source: accepted, delivered, billed or wholly credited."""
    if source.kind in ORDER_KINDS and made.kind in (Kind.COMMAND, Kind.INVOICE, Kind.DELIVERY):
        workflow.accept(source)
    if made.kind == Kind.CREDIT and credited(source) >= source.total_ttc:
        Document.objects.filter(pk=source.pk).update(status=Status.CANCELLED)
    progress.refresh(source.affair_id)
    made.refresh_from_db(fields=["to_bill", "already_billed", "percent_billed", "percent_to_bill", "delivery_status", "status"])


# --- Lines ----------------------------------------------------------------------------------------


def _source_lines(source: Document) -> list[Line]:
    return list(source.contents.select_related("vat_rate"))


def copy_line(line: Line, number: int) -> Line:
    """The same line for another document; keeps the affair content."""
    copied = Line(
        **{
            field.attname: getattr(line, field.attname)
            for field in Line._meta.concrete_fields
            if field.name not in OWN_COLUMNS
        }
    )
    copied.line_number = number
    for name in ("vat_rate", "product"):
        if name in line._state.fields_cache:
            setattr(copied, name, getattr(line, name))
    return copied


def _same_lines(source: Document, made: Document, values: Mapping[str, Any]) -> list[Line]:
    """Everything as it is: an order from a quotation."""
    lines = [copy_line(line, number) for number, line in enumerate(_source_lines(source), start=1)]
    if made.kind in ORDER_KINDS:
        for line in lines:  # an offer's prices are open again
            line.is_fixed = False
    return lines


def _part(line: Line, quantity: Decimal, start: Decimal) -> Line:
    """A part of a line, worth its share of the line's net amounts, so that all parts sum to the whole."""
    part = copy_line(line, line.line_number)
    part.quantity = quantity
    stop = start + quantity
    return fix(part, net_of(line).part(start, stop, line.quantity), ecotax_of(line).part(start, stop, line.quantity))


def _rest_lines(source: Document, rest_of: Callable[[Line], Decimal], nothing: str) -> tuple[list[Line], bool]:
    """Lines with what remains of each, and whether that is less than everything. Texts stay in their places."""
    lines, is_partial, has_goods = [], False, False
    for line in _source_lines(source):
        if line.is_option or line.is_deposit:
            continue
        rest = rest_of(line) if line.is_goods else ZERO
        if line.is_goods and rest <= 0 < line.quantity:
            is_partial = True
            continue
        has_goods = has_goods or line.is_goods
        is_partial = is_partial or (line.is_goods and rest != line.quantity)
        lines.append(line)
        line.rest = rest if line.is_goods else line.quantity  # type: ignore[attr-defined]
    if not has_goods:
        raise Invalid({"contents": nothing}, code="nothing_remains")
    return lines, is_partial


def _bill_lines(source: Document, made: Document, values: Mapping[str, Any]) -> list[Line]:
    """What remains to bill, less the deposits that were billed and not deducted yet."""
    done = progress.done_in(source.affair_id)
    lines, is_partial = _rest_lines(
        source, lambda line: done.to_bill(line, source.kind), _("Everything was billed already: nothing remains to bill.")
    )
    made_lines = [
        _billed_line(line, done, is_partial=is_partial) for line in lines
    ]
    if is_partial:
        _drop_global_discount(made)
    bill = compute(made, made_lines)
    made_lines += _deductions(source, bill)
    return _numbered(made_lines)


def _billed_line(line: Line, done: progress.Done, *, is_partial: bool) -> Line:
    if not is_partial or not line.is_goods:
        return copy_line(line, line.line_number)
    start = line.quantity - line.rest  # type: ignore[attr-defined]
    return _part(line, line.rest, start)  # type: ignore[attr-defined]


def _drop_global_discount(made: Document) -> None:
    """Parts of lines carry their share of the global discount in their net amounts."""
    made.global_discount_type, made.global_discount_value = DiscountType.PERCENT, ZERO


def _numbered(lines: Sequence[Line]) -> list[Line]:
    for number, line in enumerate(lines, start=1):
        line.line_number = number
    return list(lines)


def _wanted(source: Document, values: Mapping[str, Any], rests: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """Quantities asked for by affair content; everything that remains when none is named. Raises Invalid."""
    contents = values.get("contents")
    if not contents:
        return {content: rest for content, rest in rests.items() if rest > 0}
    wanted: dict[int, Decimal] = {}
    for number, row in enumerate(contents):
        content = row["id"]
        if content not in rests:
            raise Invalid({f"contents.{number}.id": _("This document has no such line: %(id)s.") % {"id": content}})
        quantity = row.get("quantity")
        quantity = rests[content] if quantity is None else quantity
        wanted[content] = wanted.get(content, ZERO) + quantity
        if not ZERO < wanted[content] <= rests[content]:
            text = _("Give a quantity above 0 and at most %(rest)s, which is what remains.")
            raise Invalid({f"contents.{number}.quantity": text % {"rest": f"{rests[content].normalize():f}"}}, code="beyond_rest")
    return wanted


def _deliver_lines(source: Document, made: Document, values: Mapping[str, Any]) -> list[Line]:
    """What remains to deliver, or the quantities asked for."""
    done = progress.done_in(source.affair_id)
    goods = {line.affair_content_id: line for line in _source_lines(source) if line.is_goods}
    wanted = _wanted(source, values, {content: done.to_deliver(line) for content, line in goods.items()})
    lines, is_partial = _rest_lines(
        source, lambda line: wanted.get(line.affair_content_id, ZERO),
        _("Everything was delivered already: nothing remains to deliver."),
    )
    if is_partial:
        _drop_global_discount(made)
    made.grant, made.grant_amount, made.guarantee_holdback_percent = None, ZERO, ZERO
    made.guarantee_holdback_amount, made.grant_label, made.grant_pdf_mentions = ZERO, "", ""
    delivered = []
    for line in lines:
        if line.is_goods and is_partial:
            delivered.append(_part(line, line.rest, done.delivered.get(line.affair_content_id, ZERO)))  # type: ignore[attr-defined]
        else:
            delivered.append(copy_line(line, line.line_number))
    return _numbered(delivered)


# --- Deposits -------------------------------------------------------------------------------------


def _deposit_lines(source: Document, made: Document, values: Mapping[str, Any]) -> list[Line]:
    """One line per VAT rate; the deposit is stated VAT included."""
    made.is_deposit = True
    made.input_mode, made.use_global_vatrate = InputMode.TTC, False
    made.secondary_quantity_mode = SecondaryMode.DISABLE
    _drop_global_discount(made)
    made.grant, made.grant_amount, made.guarantee_holdback_percent = None, ZERO, ZERO
    made.guarantee_holdback_amount, made.grant_label, made.grant_pdf_mentions = ZERO, "", ""
    whole = compute(source, _source_lines(source))
    try:
        rows = calculation.compute_deposit(
            whole, amount=_deposit_amount(source, values), percentage=values.get("percentage"),
            with_vat=values.get("with_vatrate", True) is not False,
        )
    except CalculationError as error:
        raise Invalid({error.path: sentence(error.code)}, code=error.code) from error
    _check_deposit(source, sum((row.ttc for row in rows), ZERO), values)
    return [_deposit_line(source, row, number) for number, row in enumerate(rows, start=1)]


def _deposit_amount(source: Document, values: Mapping[str, Any]) -> Decimal | None:
    """The amount asked for; the advance that the document states when neither amount nor percentage is."""
    if values.get("amount") is not None or values.get("percentage") is not None:
        return values.get("amount")
    return source.advance_payment_amount or None


def _check_deposit(source: Document, total: Decimal, values: Mapping[str, Any]) -> None:
    if total > source.to_bill:
        path = "amount" if values.get("amount") is not None else "percentage"
        text = _("The deposit is larger than the %(rest)s that remain to bill.")
        raise Invalid({path: text % {"rest": source.to_bill}}, code="beyond_rest")


def _deposit_line(source: Document, row: calculation.DepositRow, number: int) -> Line:
    from erp.various.models import VatRate

    rate = VatRate.all_objects.filter(pk=row.vat_key).first() if row.vat_key else None
    if rate is None:
        rate = VatRate.objects.filter(rate=row.rate).first()
    label = _("Deposit on %(document)s") % {"document": f"{Kind(source.kind).label} {source.reference}"}
    positive = row.ttc >= 0
    return Line(
        line_number=number, designation=label, is_deposit=True, vat_rate=rate, vat_rate_value=row.rate,
        unit_price_ttc=abs(row.ttc), quantity=Decimal(1) if positive else Decimal(-1),
    )


def _deductions(source: Document, bill: calculation.DocumentResult) -> list[Line]:
    """Lines of quantity -1 for deposits not deducted yet, at most the bill's total."""
    rest = bill.total_ttc
    lines: list[Line] = []
    for deposit_line, amounts, deposit in _open_deposits(source):
        if rest <= 0:
            break
        part = amounts if amounts.ttc <= rest else _cut(amounts, rest)
        rest -= part.ttc
        lines.append(_deduction(deposit_line, part, deposit))
    return lines


def _open_deposits(source: Document) -> list[tuple[Line, Amounts, Document]]:
    """Deposit lines of the affair with what remains to deduct of each: billed, less credited, less deducted."""
    rows = list(
        Line.objects.filter(
            document__affair_id=source.affair_id, document__deleted_at=None, is_deposit=True,
            document__kind__in=(Kind.INVOICE, Kind.CREDIT),
        ).select_related("document", "vat_rate").order_by("document__date", "document_id", "line_number")
    )
    spent: dict[int, list[Amounts]] = {}
    for line in rows:
        if not (line.document.kind == Kind.INVOICE and line.document.is_deposit):
            sign = net_of(line) if line.document.kind == Kind.INVOICE else -net_of(line)
            spent.setdefault(line.affair_content_id, []).append(sign)
    result = []
    for line in rows:
        if line.document.kind == Kind.INVOICE and line.document.is_deposit:
            rest = net_of(line) + sum_amounts(spent.get(line.affair_content_id, []))
            if rest.ttc > 0:
                result.append((line, rest, line.document))
    return result


def _cut(amounts: Amounts, ttc: Decimal) -> Amounts:
    """As much of the amounts as makes `ttc`."""
    return amounts.part(ZERO, ttc, amounts.ttc)


def _deduction(line: Line, amounts: Amounts, deposit: Document) -> Line:
    deduction = copy_line(line, 0)
    deduction.quantity = Decimal(-1)
    label = _("Deposit %(reference)s of %(date)s deducted")
    reference = deposit.reference or _("(draft)")
    deduction.designation = label % {"reference": reference, "date": deposit.date.isoformat()}
    return fix(deduction, -amounts)


# --- Credits --------------------------------------------------------------------------------------


def credited(invoice: Document) -> Decimal:
    """What was credited of an invoice so far, VAT included."""
    credits = Document.objects.filter(source_id=invoice.pk, kind=Kind.CREDIT)
    return sum((credit.total_ttc for credit in credits), ZERO)


def _credit_lines(invoice: Document, made: Document, values: Mapping[str, Any]) -> list[Line]:
    """The quantities asked for, an amount, or all that remains. Credits never exceed their invoice."""
    earlier = list(
        Line.objects.filter(document__source_id=invoice.pk, document__kind=Kind.CREDIT, document__deleted_at=None)
    )
    rest = invoice.total_ttc - sum((line.total_net_ttc + line.total_ecotax_ttc for line in earlier), ZERO)
    if rest <= 0:
        raise Invalid({"contents": _("This invoice was credited wholly: nothing remains to credit.")}, code="nothing_remains")
    made.grant, made.grant_amount, made.guarantee_holdback_percent = None, ZERO, ZERO
    made.guarantee_holdback_amount, made.grant_label, made.grant_pdf_mentions = ZERO, "", ""
    if not values.get("contents") and values.get("amount") is not None:
        _drop_global_discount(made)
        return _credit_of_amount(invoice, earlier, values["amount"], rest)
    if not values.get("contents") and not earlier:
        return _same_lines(invoice, made, values)
    _drop_global_discount(made)
    return _credit_of_quantities(invoice, earlier, values, rest)


def _credit_of_quantities(
    invoice: Document, earlier: Sequence[Line], values: Mapping[str, Any], rest: Decimal
) -> list[Line]:
    source_lines = [line for line in _source_lines(invoice) if line.is_goods or line.is_deposit]
    done: dict[int, Decimal] = {}
    for line in earlier:
        done[line.affair_content_id] = done.get(line.affair_content_id, ZERO) + line.quantity
    rests = {
        line.affair_content_id: abs(line.quantity) - abs(done.get(line.affair_content_id, ZERO))
        for line in source_lines
    }
    wanted = _wanted(invoice, values, rests)
    by_amount = [line for line in earlier if line.affair_content_id not in rests]
    lines = [
        _part(line, wanted[key] * (1 if line.quantity >= 0 else -1), done.get(key, ZERO))
        for line in source_lines if (key := line.affair_content_id) in wanted
    ]
    total = sum((line.total_net_ttc + line.total_ecotax_ttc for line in lines), ZERO)
    if total > rest and not values.get("contents") and by_amount:
        return _credit_of_amount(invoice, earlier, rest, rest)
    if total > rest:
        text = _("These lines are worth %(total)s, more than the %(rest)s that remain to credit.")
        raise Invalid({"contents": text % {"total": total, "rest": rest}}, code="beyond_rest")
    if not lines:
        raise Invalid({"contents": _("This invoice was credited wholly: nothing remains to credit.")}, code="nothing_remains")
    return _numbered(lines)


def _credit_of_amount(invoice: Document, earlier: Sequence[Line], amount: Decimal, rest: Decimal) -> list[Line]:
    """An amount, VAT included, spread over what remains at each VAT rate."""
    if not ZERO < amount <= rest:
        text = _("Give an amount above 0 and at most %(rest)s, which is what remains to credit.")
        raise Invalid({"amount": text % {"rest": rest}}, code="beyond_rest")
    rows = _rests_by_rate(invoice, earlier)
    shares = allocate(amount, [max(row.ttc, ZERO) for _rate, _key, row in rows])
    lines = []
    for (rate, key, row), share in zip(rows, shares, strict=True):
        if share:
            lines.append(_amount_line(invoice, rate, key, _cut(row, share)))
    _keep_deposit_identity(invoice, lines)
    return _numbered(lines)


def _keep_deposit_identity(invoice: Document, lines: Sequence[Line]) -> None:
    """A credit on a deposit lowers what is still to deduct of it: its lines keep the deposit's identity."""
    if invoice.is_deposit:
        identities = {line.vat_rate_value: line.affair_content_id for line in _source_lines(invoice)}
        for line in lines:
            line.affair_content_id = identities[line.vat_rate_value]


def _rests_by_rate(invoice: Document, earlier: Sequence[Line]) -> list[tuple[Decimal, int | None, Amounts]]:
    credited_by_rate: dict[tuple[Decimal, Any], list[Amounts]] = {}
    for line in earlier:
        group = (line.vat_rate_value, None if line.vat_rate_value else line.vat_rate_id)
        credited_by_rate.setdefault(group, []).append(net_of(line) + ecotax_of(line))
    rows = []
    for row in invoice.vatrates:
        rate, key = Decimal(row["rate"]), row["vat_rate_id"]
        whole = Amounts(Decimal(row["ht"]), Decimal(row["tva"]), Decimal(row["ttc"]))
        gone = sum_amounts(credited_by_rate.get((rate, None if rate else key), []))
        rows.append((rate, key, whole - gone))
    return rows


def _amount_line(invoice: Document, rate: Decimal, key: int | None, amounts: Amounts) -> Line:
    label = _("Credit on invoice %(reference)s") % {"reference": invoice.reference}
    line = Line(designation=label, is_deposit=True, quantity=Decimal(1), vat_rate_id=key, vat_rate_value=rate)
    return fix(line, amounts)


CONVERSIONS: dict[tuple[str, str], Conversion] = {}

_COPY = {kind: Conversion(kind, _same_lines, is_copy=True) for kind in ORDER_KINDS}
_DEPOSIT = Conversion(Kind.INVOICE, _deposit_lines)
_BILL = Conversion(Kind.INVOICE, _bill_lines)
_DELIVER = Conversion(Kind.DELIVERY, _deliver_lines)
_CREDIT = Conversion(Kind.CREDIT, _credit_lines)

_TABLE: dict[str, dict[str, Conversion]] = {
    Kind.QUOTATION: {
        "command": _COPY[Kind.COMMAND], "proforma": _COPY[Kind.PROFORMA], "deposit-invoice": _DEPOSIT, "bill": _BILL,
        "deliver": _DELIVER,
    },
    Kind.COMMAND: {
        "quotation": _COPY[Kind.QUOTATION], "proforma": _COPY[Kind.PROFORMA], "deposit-invoice": _DEPOSIT,
        "bill": _BILL, "deliver": _DELIVER,
    },
    Kind.PROFORMA: {
        "quotation": _COPY[Kind.QUOTATION], "command": _COPY[Kind.COMMAND], "bill": _BILL, "deliver": _DELIVER,
    },
    Kind.DELIVERY: {"quotation": _COPY[Kind.QUOTATION], "command": _COPY[Kind.COMMAND], "bill": _BILL},
    Kind.INVOICE: {"cancel": _CREDIT, "deliver": _DELIVER},
}
CONVERSIONS.update({(kind, name): one for kind, table in _TABLE.items() for name, one in table.items()})
