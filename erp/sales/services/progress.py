"""How far an affair got: what is delivered, billed and credited, line by line, and what it makes of statuses.

Everything that is not cancelled counts, drafts included: two draft invoices cannot bill the same goods.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext as _

from erp.core.errors import Invalid
from erp.core.money import percentage, round_half_up
from erp.sales.choices import BILLING_STATUSES, ORDER_KINDS, DeliveryStatus, Kind, Status
from erp.sales.models import Document, Line

__all__ = ["Done", "check_not_below", "done_in", "refresh", "start"]

ZERO = Decimal(0)
DELIVERABLE_KINDS = (*ORDER_KINDS, Kind.INVOICE)
_PROGRESS = ("already_billed", "percent_billed", "to_bill", "percent_to_bill", "delivery_status", "status")


@dataclass
class Done:
    """Quantities by affair content (first quantities, as lines state them), and amounts billed."""

    delivered: dict[int, Decimal] = field(default_factory=dict)
    billed: dict[int, Decimal] = field(default_factory=dict)
    billed_ttc: Decimal = ZERO
    has_deposit: bool = False

    def to_deliver(self, line: Line) -> Decimal:
        """What remains to deliver of a line."""
        return max(ZERO, line.quantity - self.delivered.get(line.affair_content_id, ZERO))

    def to_bill(self, line: Line, kind: str) -> Decimal:
        """What remains to bill of a line: of a delivery, only what was delivered and not billed yet."""
        billed = self.billed.get(line.affair_content_id, ZERO)
        if kind == Kind.DELIVERY:
            unbilled = self.delivered.get(line.affair_content_id, ZERO) - billed
            return max(ZERO, min(line.quantity, unbilled))
        return max(ZERO, line.quantity - billed)


def start(document: Document, lines: Sequence[Line]) -> None:
    """Progress of a document that comes from no other: nothing delivered, everything to bill."""
    for line in lines:
        line.quantity_to_deliver = line.quantity if line.is_goods and document.kind in DELIVERABLE_KINDS else ZERO
    if document.kind in (*ORDER_KINDS, Kind.DELIVERY):
        document.to_bill = document.total_ttc
        document.percent_to_bill = Decimal(100) if document.total_ttc else ZERO


def done_in(affair_id: int) -> Done:
    """What was delivered, billed and credited in an affair so far."""
    done = Done()
    sums = (
        Line.objects.filter(
            document__affair_id=affair_id, document__deleted_at=None, document__kind__in=(Kind.DELIVERY, Kind.INVOICE, Kind.CREDIT),
            is_deposit=False, is_option=False, is_comments=False, is_subtotal=False, is_pagebreak=False,
        )
        .exclude(document__kind=Kind.DELIVERY, document__status=Status.CANCELLED)
        .values_list("affair_content_id", "document__kind")
        .annotate(Sum("quantity"))
        .order_by()
    )
    for content, kind, quantity in sums:
        target = done.delivered if kind == Kind.DELIVERY else done.billed
        target[content] = target.get(content, ZERO) + (-quantity if kind == Kind.CREDIT else quantity)
    return done


def refresh(affair_id: int) -> None:
    """Bring the progress and statuses of an affair's documents up to date."""
    documents = list(Document.objects.filter(affair_id=affair_id))
    if len(documents) == 1 and documents[0].kind in ORDER_KINDS and documents[0].status not in BILLING_STATUSES:
        _refresh_alone(documents[0])
        return
    done = done_in(affair_id)
    for document in documents:
        if document.kind == Kind.INVOICE:
            done.billed_ttc += document.total_ttc
            done.has_deposit = done.has_deposit or (document.is_deposit and document.status != Status.CANCELLED)
        elif document.kind == Kind.CREDIT:
            done.billed_ttc -= document.total_ttc
    targets = [document for document in documents if document.kind in (*DELIVERABLE_KINDS, Kind.DELIVERY)]
    lines: dict[int, list[Line]] = {document.pk: [] for document in targets}
    for line in Line.objects.filter(document_id__in=lines):
        lines[line.document_id].append(line)
    changed_lines: list[Line] = []
    for document in targets:
        _refresh_one(document, [line for line in lines[document.pk] if line.is_goods], done, changed_lines)
    if changed_lines:
        Line.objects.bulk_update(changed_lines, ["delivered_quantity", "quantity_to_deliver"])


def _refresh_alone(document: Document) -> None:
    """The common case of a document that nothing was made from: no sums needed."""
    lines = list(Line.objects.filter(document_id=document.pk))
    _refresh_one(document, [line for line in lines if line.is_goods], Done(), changed := [])
    if changed:
        Line.objects.bulk_update(changed, ["delivered_quantity", "quantity_to_deliver"])


def _refresh_one(document: Document, goods: Sequence[Line], done: Done, changed: list[Line]) -> None:
    before = [getattr(document, name) for name in _PROGRESS]
    if document.kind in DELIVERABLE_KINDS:
        _refresh_delivery(document, goods, done, changed)
    if document.kind != Kind.INVOICE:
        _refresh_billing(document, goods, done)
    after = [getattr(document, name) for name in _PROGRESS]
    if before != after:
        Document.objects.filter(pk=document.pk).update(**dict(zip(_PROGRESS, after, strict=True)))


def _refresh_delivery(document: Document, goods: Sequence[Line], done: Done, changed: list[Line]) -> None:
    moved = False
    for line in goods:
        rest = done.to_deliver(line)
        if (line.delivered_quantity, line.quantity_to_deliver) != (line.quantity - rest, rest):
            moved = moved or line.delivered_quantity != line.quantity - rest
            line.delivered_quantity, line.quantity_to_deliver = line.quantity - rest, rest
            changed.append(line)
    if not moved and not any(line.delivered_quantity for line in goods):
        return  # nothing was ever delivered here: the status is what a person said
    if goods and all(not line.quantity_to_deliver for line in goods):
        document.delivery_status = DeliveryStatus.DELIVERED
    elif any(line.delivered_quantity for line in goods):
        document.delivery_status = DeliveryStatus.PARTLY
    else:
        document.delivery_status = DeliveryStatus.TO_DELIVER


def _refresh_billing(document: Document, goods: Sequence[Line], done: Done) -> None:
    rests = [done.to_bill(line, document.kind) for line in goods]
    is_billed = bool(goods) and not any(rests)
    is_started = any(done.billed.get(line.affair_content_id) for line in goods)
    if document.kind == Kind.DELIVERY:
        document.to_bill = _value_of(goods, rests)
        document.already_billed = document.total_ttc - document.to_bill
    else:
        document.already_billed = min(max(done.billed_ttc, ZERO), document.total_ttc) if document.total_ttc > 0 else done.billed_ttc
        document.to_bill = ZERO if is_billed else document.total_ttc - document.already_billed
        _refresh_status(document, is_billed=is_billed, is_started=is_started, has_deposit=done.has_deposit)
    document.percent_billed = percentage(document.already_billed, document.total_ttc)
    document.percent_to_bill = percentage(document.to_bill, document.total_ttc)


def _value_of(goods: Sequence[Line], quantities: Sequence[Decimal]) -> Decimal:
    """What parts of lines are worth, VAT included."""
    total = ZERO
    for line, quantity in zip(goods, quantities, strict=True):
        if line.quantity:
            total += (line.total_net_ttc + line.total_ecotax_ttc) * quantity / line.quantity
    return round_half_up(total)


def _refresh_status(document: Document, *, is_billed: bool, is_started: bool, has_deposit: bool) -> None:
    """Billing moves an offer to 5, 6, 7 and back to accepted when its invoices went."""
    if document.is_draft or document.status in (Status.REFUSED, Status.CANCELLED):
        return
    if is_billed:
        document.status = Status.BILLED
    elif is_started:
        document.status = Status.PARTLY_BILLED
    elif has_deposit:
        document.status = Status.ADVANCE_BILLED
    elif document.status in BILLING_STATUSES:
        document.status = Status.ACCEPTED


def check_not_below(document: Document, known: Mapping[int, Line], lines: Sequence[Line]) -> None:
    """Refuse an edit that leaves less than was already delivered or billed. Raises Invalid."""
    if document.is_draft or document.kind not in ORDER_KINDS:
        return
    done = done_in(document.affair_id)
    numbers = {line.affair_content_id: number for number, line in enumerate(lines) if line.affair_content_id}
    for content, line in known.items():
        least = max(done.delivered.get(content, ZERO), done.billed.get(content, ZERO))
        number = numbers.get(content)
        left = lines[number].quantity if number is not None else ZERO
        if left < least:
            path = "contents" if number is None else f"contents.{number}.quantity"
            text = _("%(designation)s: %(least)s were already delivered or billed, the line cannot go below.")
            raise Invalid({path: text % {"designation": line.designation, "least": f"{least.normalize():f}"}})
