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
from django.db.models import Sum
from django.utils.translation import gettext as _

from erp.core.errors import Conflict, Invalid
from erp.customfields.services import copy_values
from erp.sales.choices import ORDER_KINDS, Kind, Status
from erp.sales.models import PROXIES, Document, Line
from erp.sales.services import progress, stock, workflow
from erp.sales.services.amounts import (
    compute,
    copy_line,
    drop_global_discount,
    drop_terms,
    fix,
    recompute,
    take_grant,
)
from erp.sales.services.credits import credit_lines, wanted_quantities
from erp.sales.services.deposits import deductions, deposit_lines
from erp.sales.services.documents import link_new, save_new
from erp.sales.services.drafting import check_addresses, check_date
from erp.sales.services.locking import lock
from erp.various.services import default_pdf_model, due_date, team_today

__all__ = ["CONVERSIONS", "Conversion", "convert", "preview"]

ZERO = Decimal(0)
#: What a document hands on to the one made from it.
HANDED_ON = (
    "title",
    "comments",
    "language",
    "customer",
    "contact",
    "team_user",
    "customer_vatrate",
    "customer_command_reference",
    "customer_proforma_reference",
    "currency",
    "exchange_rate",
    "input_mode",
    "use_global_vatrate",
    "vat_rate",
    "secondary_quantity_mode",
    "secondary_quantity",
    "secondary_unit",
    "global_discount_type",
    "global_discount_value",
    "global_discount_type_amount",
    "sale_term",
    "payment_term",
    "payment_term_value",
    "penalty_rate",
    "penalty_rate_law",
    "collection_costs_law",
    "escompte_rate",
    "grant",
    "grant_amount",
    "grant_label",
    "grant_pdf_mentions",
    "guarantee_holdback_percent",
    "guarantee_holdback_amount",
    "guarantee_holdback_duration",
    "advance_payment_type",
    "advance_payment_value",
    "expire_at",
    "input_options",
    "pdf_options",
    *(
        f"{side}_address_{name}"
        for side in ("billing", "delivery")
        for name in (
            "name",
            "contact",
            "road",
            "road2",
            "road3",
            "city",
            "postal_code",
            "country",
            "comments",
        )
    ),
)
#: Rows read with a source because the document made prints them.
PRINTED = ("customer__type", "team_user__user", "pdf_model", "sale_term", "payment_term")

#: The lines of what is made: (source, its lines, document made, body) -> lines.
MakeLines = Callable[[Document, list[Line], Document, Mapping[str, Any]], list[Line]]


@dataclass(frozen=True)
class Conversion:
    """One way to turn a document into another: the kind made, and the lines it gets."""

    to_kind: Kind
    lines: MakeLines
    #: Whether the document made is a copy in a new role (an order), not a part of what remains.
    is_copy: bool = False


@transaction.atomic
def convert(source: Document, name: str, values: Mapping[str, Any] | None = None) -> Document:
    """Turn a document into another. `values`: date, is_draft, contents, amount, percentage, with_vatrate.

    Raises Conflict (409) when the source's state forbids it, Invalid (422) saying what remains.
    """
    values = values or {}
    conversion = CONVERSIONS[source.kind, name]
    lock(source, *PRINTED)
    source_lines = workflow.printed_lines(source)
    made, lines = _make(source, source_lines, conversion, values)
    if made.kind != Kind.CREDIT:
        check_addresses(made)
    save_new(made, lines, affair=source.affair)
    methods = list(source.payment_methods.all())
    link_new(made.payment_methods, methods)
    link_new(made.tags, list(source.tags.all()))
    copy_values(source, made)
    if values.get("is_draft") is False:
        workflow.enter(made, lines, methods)
    stock.settle(made, lines, is_new=True)
    _after(source, source_lines, made, conversion)
    return made


def preview(source: Document, name: str, values: Mapping[str, Any] | None = None) -> Document:
    """What a conversion would make, without making it. Its lines are in `preview_lines`. Same errors."""
    conversion = CONVERSIONS[source.kind, name]
    made, lines = _make(source, workflow.printed_lines(source), conversion, values or {})
    made.affair = source.affair
    recompute(made, lines)
    made.preview_lines = lines  # type: ignore[attr-defined]
    return made


def _make(
    source: Document, source_lines: list[Line], conversion: Conversion, values: Mapping[str, Any]
) -> tuple[Document, list[Line]]:
    """The document made and its lines, unsaved."""
    _check_source(source)
    made = _new_from(source, source_lines, conversion, values)
    lines = conversion.lines(source, source_lines, made, values)
    for number, line in enumerate(lines, start=1):
        line.line_number = number
    return made, lines


def _check_source(source: Document) -> None:
    if source.is_draft:
        raise Conflict(_("This document is a draft: validate it first."), code="draft")
    if source.status in (Status.REFUSED, Status.CANCELLED):
        raise Conflict(
            _("%(document)s is “%(status)s”: nothing can be made from it.")
            % {"document": source, "status": source.status_label},
            code="closed",
        )


def _new_from(
    source: Document, source_lines: Sequence[Line], conversion: Conversion, values: Mapping[str, Any]
) -> Document:
    kind = conversion.to_kind
    made = PROXIES[kind](kind=kind, source=source, date=_date(source, values))
    for name in HANDED_ON:
        field = Document._meta.get_field(name)
        if field.is_relation and name not in source._state.fields_cache:
            name = field.attname  # type: ignore[union-attr]
        setattr(made, name, getattr(source, name))
    made._checked_links = {name: value for name, value in source._checked_links.items() if name in _LINKS}
    made.kept_rate = _rate_of(source, source_lines)  # type: ignore[attr-defined]
    made.pdf_model = _pdf_model(source, kind)
    made.due_date = due_date(made.payment_term, made.date)
    if kind not in (Kind.QUOTATION, Kind.COMMAND):
        made.expire_at = None
        made.advance_payment_value = ZERO
    return made


#: Links that a document made has in common with its source, where they were checked.
_LINKS = frozenset(
    field.attname for field in Document._meta.concrete_fields if field.is_relation and field.name in HANDED_ON
)


def _rate_of(source: Document, source_lines: Sequence[Line]) -> Decimal | None:
    """The one VAT rate that a source was computed at, which its VAT rate may not be any more."""
    rates = (line.vat_rate_value for line in source_lines if line.is_goods and not line.is_fixed)
    return next(rates, None) if source.use_global_vatrate else None


def _date(source: Document, values: Mapping[str, Any]) -> datetime.date:
    date: datetime.date = values.get("date") or max(team_today(), source.date)
    check_date("date", date)
    if date < source.date:
        text = _("The date cannot be earlier than %(date)s, the date of %(document)s.")
        raise Invalid({"date": text % {"date": source.date.isoformat(), "document": source}})
    return date


def _pdf_model(source: Document, kind: str) -> Any:
    model = source.pdf_model
    return model if model is not None and getattr(model, f"use_{kind}") else default_pdf_model(kind)


def _after(source: Document, source_lines: Sequence[Line], made: Document, conversion: Conversion) -> None:
    """What a conversion makes of its source: accepted, and as far delivered and billed as it is now."""
    if source.kind in ORDER_KINDS and made.kind in (Kind.COMMAND, Kind.INVOICE, Kind.DELIVERY):
        workflow.accept(source)
    if not (conversion.is_copy and progress.unmoved(source, source_lines)):
        progress.refresh(source.affair_id, source, made)


# --- Lines ----------------------------------------------------------------------------------------


def _same_lines(
    source: Document, source_lines: list[Line], made: Document, values: Mapping[str, Any]
) -> list[Line]:
    """Everything as it is: an order from a quotation. Of a part (a delivery), prices are open again."""
    lines = [copy_line(line, number) for number, line in enumerate(source_lines, start=1)]
    for line in lines:
        line.is_fixed = False
    return lines


#: A line and how much of it is taken.
Portion = tuple[Line, Decimal]


def _portions(
    source_lines: Sequence[Line], rest_of: Callable[[Line], Decimal], nothing: str
) -> tuple[list[Portion], bool]:
    """Lines with what is taken of each, and whether that is less than everything. Texts stay in their places,
    save those of sections of which nothing is taken.

    Raises Invalid (422) with the sentence `nothing` when there is nothing to take.
    """
    portions, is_partial = [], False
    for line in source_lines:
        if line.is_option or line.is_deposit:
            continue
        rest = rest_of(line) if line.is_goods else ZERO
        is_partial = is_partial or (line.is_goods and rest != line.quantity)
        if not line.is_goods or rest or not line.quantity:
            portions.append((line, rest))
    if not any(rest for _line, rest in portions):
        raise Invalid({"contents": nothing}, code="nothing_remains")
    return (_without_empty_sections(source_lines, portions) if is_partial else portions), is_partial


def _without_empty_sections(source_lines: Sequence[Line], portions: Sequence[Portion]) -> list[Portion]:
    """Portions without the headings and subtotals of sections that had goods, none of which is taken.

    A section ends at its subtotal, or before a page break; a page break with no goods after it goes too.
    """
    section, sections = 0, {}
    offered, taken = set(), {line.pk for line, rest in portions if line.is_goods}
    for line in source_lines:
        section += line.is_pagebreak
        sections[line.pk] = section
        if line.is_goods:
            offered.add(section)
        section += line.is_subtotal
    kept = {sections[key] for key in taken}
    left = [
        (line, rest)
        for line, rest in portions
        if sections[line.pk] in kept or sections[line.pk] not in offered
    ]
    while left and left[-1][0].is_pagebreak:
        left.pop()
    return left


def _taken(
    made: Document, portions: Sequence[Portion], shares: Mapping[int, progress.Share], *, is_partial: bool
) -> list[Line]:
    """Copies of lines; parts, and lines that bear a share of a global discount, with amounts of their own."""
    if not is_partial:
        return [copy_line(line, line.line_number) for line, _quantity in portions]
    drop_global_discount(made)
    lines = [_part(line, quantity, shares) for line, quantity in portions]
    if not _keep_amounts(made, portions, lines):
        lines = [_part(line, quantity, shares, always=True) for line, quantity in portions]
    return lines


def _part(
    line: Line, quantity: Decimal, shares: Mapping[int, progress.Share], *, always: bool = False
) -> Line:
    part = copy_line(line, line.line_number)
    if quantity and (always or quantity != line.quantity or line.global_discount_ttc):
        part.quantity = quantity
        share = shares.get(line.affair_content_id) or progress.Share()
        fix(part, *share.next_part(line, quantity))
    return part


def _keep_amounts(made: Document, portions: Sequence[Portion], lines: Sequence[Line]) -> bool:
    """Whether lines taken whole are worth the same without the others, with which they shared roundings."""
    results = compute(made, lines).lines
    return all(
        (line.total_net_ht, line.total_net_ttc, line.total_ecotax_ht, line.total_ecotax_ttc)
        == (result.total_net_ht, result.total_net_ttc, result.total_ecotax_ht, result.total_ecotax_ttc)
        for (line, _quantity), taken, result in zip(portions, lines, results, strict=True)
        if not taken.is_fixed
    )


def _bill_lines(
    source: Document, source_lines: list[Line], made: Document, values: Mapping[str, Any]
) -> list[Line]:
    """What remains to bill, less the deposits that were billed and not deducted yet."""
    done = progress.done_in(source.affair_id)
    portions, is_partial = _portions(
        source_lines,
        lambda line: done.to_bill(line, source),
        _("Everything was billed already: nothing remains to bill."),
    )
    # A delivery's lines are worth what they are: of the whole line's share, the delivery knows nothing.
    shares = {} if source.kind == Kind.DELIVERY else done.billed
    lines = _taken(made, portions, shares, is_partial=is_partial)
    if source.kind not in ORDER_KINDS or source.already_billed:  # a deposit may have been asked for
        lines += deductions(source, compute(made, lines).total_ttc)
    _take_terms(source, made, lines)
    return lines


def _take_terms(source: Document, made: Document, lines: Sequence[Line]) -> None:
    """Grants and holdback amounts are for all bills of an affair together, each taking what it can bear;
    a delivery's are its order's."""
    order = source.source if source.kind == Kind.DELIVERY and source.source is not None else source
    made.guarantee_holdback_percent = order.guarantee_holdback_percent
    made.guarantee_holdback_duration = order.guarantee_holdback_duration
    if not (order.grant_amount or order.guarantee_holdback_amount):
        return
    billed = Document.objects.filter(affair_id=source.affair_id, kind=Kind.INVOICE).exclude(
        status=Status.CANCELLED
    )
    sums = billed.aggregate(grant=Sum("grant_amount"), holdback=Sum("guarantee_holdback_amount"))
    left = {
        "grant": order.grant_amount - (sums["grant"] or ZERO),
        "holdback": order.guarantee_holdback_amount - (sums["holdback"] or ZERO),
    }
    made.grant_amount = made.guarantee_holdback_amount = ZERO
    rest = compute(made, lines).amount_due
    take_grant(made, order, min(max(ZERO, left["grant"]), max(ZERO, rest)))
    if not made.guarantee_holdback_percent:
        made.guarantee_holdback_amount = min(max(ZERO, left["holdback"]), max(ZERO, rest - made.grant_amount))


def _deliver_lines(
    source: Document, source_lines: list[Line], made: Document, values: Mapping[str, Any]
) -> list[Line]:
    """What remains to deliver, or the quantities asked for."""
    done = progress.done_in(source.affair_id)
    rests = {
        line.affair_content_id: done.to_deliver(line)
        for line in source_lines
        if line.is_goods and line.quantity > 0
    }
    wanted = wanted_quantities(values, rests)
    portions, is_partial = _portions(
        source_lines,
        lambda line: wanted.get(line.affair_content_id, ZERO),
        _("Everything was delivered already: nothing remains to deliver."),
    )
    drop_terms(made)
    lines = _taken(made, portions, done.delivered, is_partial=is_partial)
    for line in lines:  # a delivery note says what is still to come after it
        rest = rests.get(line.affair_content_id, line.quantity) - line.quantity
        line.quantity_to_deliver = rest if line.is_goods else ZERO
    return lines


def _deposit_lines(
    source: Document, source_lines: list[Line], made: Document, values: Mapping[str, Any]
) -> list[Line]:
    return deposit_lines(source, made, values)


_COPY = {kind: Conversion(kind, _same_lines, is_copy=True) for kind in ORDER_KINDS}
_DEPOSIT = Conversion(Kind.INVOICE, _deposit_lines)
_BILL = Conversion(Kind.INVOICE, _bill_lines)
_DELIVER = Conversion(Kind.DELIVERY, _deliver_lines)

_TABLE: dict[str, dict[str, Conversion]] = {
    Kind.QUOTATION: {
        "command": _COPY[Kind.COMMAND],
        "proforma": _COPY[Kind.PROFORMA],
        "deposit-invoice": _DEPOSIT,
        "bill": _BILL,
        "deliver": _DELIVER,
    },
    Kind.COMMAND: {
        "quotation": _COPY[Kind.QUOTATION],
        "proforma": _COPY[Kind.PROFORMA],
        "deposit-invoice": _DEPOSIT,
        "bill": _BILL,
        "deliver": _DELIVER,
    },
    Kind.PROFORMA: {
        "quotation": _COPY[Kind.QUOTATION],
        "command": _COPY[Kind.COMMAND],
        "bill": _BILL,
        "deliver": _DELIVER,
    },
    Kind.DELIVERY: {"quotation": _COPY[Kind.QUOTATION], "command": _COPY[Kind.COMMAND], "bill": _BILL},
    Kind.INVOICE: {"cancel": Conversion(Kind.CREDIT, credit_lines), "deliver": _DELIVER},
}
CONVERSIONS: dict[tuple[str, str], Conversion] = {
    (kind, name): one for kind, table in _TABLE.items() for name, one in table.items()
}
