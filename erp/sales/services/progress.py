"""How far an affair got: what is delivered, billed and credited, line by line, and what it makes of statuses.

Everything that is not cancelled counts, drafts included: two draft invoices cannot bill the same goods.
An invoice that was credited wholly counts no more, nor do its credits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from erp.core.errors import Invalid
from erp.core.events import announce
from erp.core.money import NOTHING, UNIT_PLACES, Amounts, percentage, round_half_up
from erp.sales.choices import BILLING_STATUSES, ORDER_KINDS, DeliveryStatus, Kind, Status
from erp.sales.models import Document, Line

__all__ = [
    "Done",
    "Share",
    "check_not_below",
    "check_within_source",
    "done_in",
    "refresh",
    "start",
    "unmoved",
]

ZERO = Decimal(0)
DELIVERABLE_KINDS = (*ORDER_KINDS, Kind.INVOICE)
_PROGRESS = ("already_billed", "percent_billed", "to_bill", "percent_to_bill", "delivery_status", "status")
_SIDES = ("total_net_ht", "total_net_ttc", "total_ecotax_ht", "total_ecotax_ttc")
_SEEN_OF_DOCUMENT = (*_PROGRESS, "team_id", "affair_id", "kind", "is_draft", "is_deposit", "total_ttc")
_SEEN_OF_LINE = (
    "team_id",
    "document_id",
    "affair_content_id",
    "quantity",
    "delivered_quantity",
    "quantity_to_deliver",
    "total_net_ttc",
    "total_ecotax_ttc",
    "is_comments",
    "is_subtotal",
    "is_pagebreak",
    "is_option",
    "is_deposit",
)
#: What rounding may have moved between parts of a line: more means that its price was changed since.
_ROUNDING = Decimal("0.05")


@dataclass
class Share:
    """A quantity of a line, and what it was worth."""

    quantity: Decimal = ZERO
    net: Amounts = NOTHING
    ecotax: Amounts = NOTHING

    def add(self, quantity: Decimal, net: Amounts, ecotax: Amounts, sign: int) -> None:
        """Count a part of the line, or take it back (`sign` -1)."""
        self.quantity += sign * quantity
        self.net, self.ecotax = (
            (self.net + net, self.ecotax + ecotax) if sign > 0 else (self.net - net, self.ecotax - ecotax)
        )

    def next_part(self, line: Line, quantity: Decimal) -> tuple[Amounts, Amounts]:
        """What the next `quantity` of a line is worth (net, eco-participation): all parts make the whole."""
        whole = Amounts(line.total_net_ht, line.total_net_tva, line.total_net_ttc)
        ecotax = Amounts(line.total_ecotax_ht, line.total_ecotax_tva, line.total_ecotax_ttc)
        return self._part(whole, self.net, line.quantity, quantity), self._part(
            ecotax, self.ecotax, line.quantity, quantity
        )

    def _part(self, whole: Amounts, gone: Amounts, of: Decimal, quantity: Decimal) -> Amounts:
        stop = self.quantity + quantity
        plain = whole.part(self.quantity, stop, of)
        exact = whole.part(ZERO, stop, of) - gone
        drift = exact - plain
        return exact if max(abs(drift.ht), abs(drift.ttc)) <= _ROUNDING else plain


def rest_of(quantity: Decimal, gone: Decimal) -> Decimal:
    """What remains of a quantity, which may be negative (a discount as a line); never beyond zero."""
    return max(ZERO, quantity - gone) if quantity >= 0 else min(ZERO, quantity - gone)


@dataclass
class Done:
    """What was delivered and billed by affair content (first quantities, as lines state them)."""

    delivered: dict[int, Share] = field(default_factory=dict)
    billed: dict[int, Share] = field(default_factory=dict)
    #: Quantities billed of one delivery: {(delivery, affair content): quantity}.
    billed_of: dict[tuple[int, int], Decimal] = field(default_factory=dict)
    billed_ttc: Decimal = ZERO
    has_deposit: bool = False

    def quantity(self, shares: Mapping[int, Share], line: Line) -> Decimal:
        """How much of a line is among the shares."""
        share = shares.get(line.affair_content_id)
        return share.quantity if share else ZERO

    def to_deliver(self, line: Line) -> Decimal:
        """What remains to deliver of a line."""
        return max(ZERO, line.quantity - self.quantity(self.delivered, line))

    def to_bill(self, line: Line, document: Document) -> Decimal:
        """What remains to bill of a document's line; of a delivery, what it delivered and was not billed."""
        billed = self.quantity(self.billed, line)
        if document.kind != Kind.DELIVERY:
            return rest_of(line.quantity, billed)
        own = rest_of(line.quantity, self.billed_of.get((document.pk, line.affair_content_id), ZERO))
        rest = rest_of(self.quantity(self.delivered, line), billed)
        return min(own, rest) if line.quantity >= 0 else max(own, rest)

    def count(self, kind: str, content: int, origin: int | None, part: Share) -> None:
        """Count the sum of some lines; `origin` is what an invoice, or a credit's invoice, was made from."""
        if kind == Kind.DELIVERY:
            self.delivered.setdefault(content, Share()).add(part.quantity, part.net, part.ecotax, 1)
            return
        sign = -1 if kind == Kind.CREDIT else 1
        self.billed.setdefault(content, Share()).add(part.quantity, part.net, part.ecotax, sign)
        if origin is not None:
            self.billed_of[origin, content] = (
                self.billed_of.get((origin, content), ZERO) + sign * part.quantity
            )


def start(document: Document, lines: Sequence[Line]) -> None:
    """Progress of a document that comes from no other: nothing delivered, everything to bill."""
    if document.kind != Kind.DELIVERY:
        is_deliverable = document.kind in DELIVERABLE_KINDS
        for line in lines:
            line.quantity_to_deliver = max(line.quantity, ZERO) if line.is_goods and is_deliverable else ZERO
    if document.kind in (*ORDER_KINDS, Kind.DELIVERY):
        document.to_bill = document.total_ttc
        document.percent_to_bill = Decimal(100) if document.total_ttc else ZERO


def unmoved(document: Document, lines: Sequence[Line]) -> bool:
    """Whether nothing was delivered, billed or credited in the affair of an order yet."""
    return (
        document.kind in ORDER_KINDS
        and not document.already_billed
        and document.to_bill == document.total_ttc
        and document.status not in BILLING_STATUSES
        and document.delivery_status == DeliveryStatus.TO_DELIVER
        and not any(line.delivered_quantity for line in lines)
    )


def done_in(affair_id: int, *, without: int | None = None) -> Done:
    """What was delivered, billed and credited in an affair so far; `without` one document."""
    done = Done()
    counted = Line.objects.filter(
        document__affair_id=affair_id,
        document__deleted_at=None,
        is_deposit=False,
        is_option=False,
        is_comments=False,
        is_subtotal=False,
        is_pagebreak=False,
        document__kind__in=(Kind.DELIVERY, Kind.INVOICE, Kind.CREDIT),
    ).exclude(document__status=Status.CANCELLED)
    counted = counted.exclude(Q(document__kind=Kind.CREDIT) & Q(document__source__status=Status.CANCELLED))
    if without is not None:
        counted = counted.exclude(document_id=without)
    groups = ("affair_content_id", "document__kind", "document__source_id", "document__source__source_id")
    sums = (Sum("quantity"), *(Sum(name) for name in _SIDES))
    for content, kind, source, before, *values in counted.order_by().values_list(*groups).annotate(*sums):
        done.count(kind, content, before if kind == Kind.CREDIT else source, _share(*values))
    return done


def _share(quantity: Decimal, net_ht: Decimal, net_ttc: Decimal, eco_ht: Decimal, eco_ttc: Decimal) -> Share:
    """Sums of a group, rounded: SQLite adds decimals up as floats."""
    sides = [round_half_up(value) for value in (net_ht, net_ttc, eco_ht, eco_ttc)]
    net, ecotax = (
        Amounts(sides[0], sides[1] - sides[0], sides[1]),
        Amounts(sides[2], sides[3] - sides[2], sides[3]),
    )
    return Share(round_half_up(quantity, UNIT_PLACES), net, ecotax)


def refresh(affair_id: int, *shown: Document) -> None:
    """Bring the progress and statuses of an affair's documents up to date, also on the rows `shown`."""
    documents = list(Document.objects.filter(affair_id=affair_id).only(*_SEEN_OF_DOCUMENT))
    alone = len(documents) == 1 and documents[0].kind in ORDER_KINDS
    done = Done() if alone else done_in(affair_id)
    for document in documents:
        _count_amounts(document, done)
    targets = [document for document in documents if document.kind in (*DELIVERABLE_KINDS, Kind.DELIVERY)]
    goods: dict[int, list[Line]] = {document.pk: [] for document in targets}
    for line in Line.objects.filter(document_id__in=goods).only(*_SEEN_OF_LINE):
        if line.is_goods:
            goods[line.document_id].append(line)
    changed: list[Line] = []
    for document in targets:
        _refresh_one(document, goods[document.pk], done, changed)
    if changed:
        Line.objects.bulk_update(changed, ["delivered_quantity", "quantity_to_deliver"])
    _show(documents, shown)


def _count_amounts(document: Document, done: Done) -> None:
    if document.kind == Kind.INVOICE:
        done.billed_ttc += document.total_ttc
        done.has_deposit = done.has_deposit or (document.is_deposit and document.status != Status.CANCELLED)
    elif document.kind == Kind.CREDIT:
        done.billed_ttc -= document.total_ttc


def _show(documents: Sequence[Document], shown: Sequence[Document]) -> None:
    fresh = {document.pk: document for document in documents}
    for row in shown:
        if (found := fresh.get(row.pk)) is not None:
            for name in _PROGRESS:
                setattr(row, name, getattr(found, name))


def _refresh_one(document: Document, goods: Sequence[Line], done: Done, changed: list[Line]) -> None:
    before = [getattr(document, name) for name in _PROGRESS]
    if document.kind in DELIVERABLE_KINDS:
        _refresh_delivery(document, goods, done, changed)
    if document.kind != Kind.INVOICE:
        _refresh_billing(document, goods, done)
    after = [getattr(document, name) for name in _PROGRESS]
    if before != after:
        Document.objects.filter(pk=document.pk).update(**dict(zip(_PROGRESS, after, strict=True)))
        announce(document, "updated")


def _refresh_delivery(document: Document, goods: Sequence[Line], done: Done, changed: list[Line]) -> None:
    goods = [line for line in goods if line.quantity > 0]
    moved = False
    for line in goods:
        rest = done.to_deliver(line)
        gone = line.quantity - rest
        if (line.delivered_quantity, line.quantity_to_deliver) != (gone, rest):
            moved = moved or line.delivered_quantity != gone
            line.delivered_quantity, line.quantity_to_deliver = gone, rest
            changed.append(line)
    if not moved and not any(line.delivered_quantity for line in goods):
        return  # nothing was ever delivered here: the status is what a person said
    if all(not line.quantity_to_deliver for line in goods):
        document.delivery_status = DeliveryStatus.DELIVERED
    elif any(line.delivered_quantity for line in goods):
        document.delivery_status = DeliveryStatus.PARTLY
    else:
        document.delivery_status = DeliveryStatus.TO_DELIVER


def _refresh_billing(document: Document, goods: Sequence[Line], done: Done) -> None:
    rests = [done.to_bill(line, document) for line in goods]
    is_started = any(done.quantity(done.billed, line) for line in goods)
    is_billed = is_started and not any(rests)
    if document.kind == Kind.DELIVERY:
        document.to_bill = _value_of(goods, rests)
        document.already_billed = document.total_ttc - document.to_bill
    else:
        document.already_billed = _billed_at_most(done.billed_ttc, document.total_ttc)
        document.to_bill = ZERO if is_billed else document.total_ttc - document.already_billed
        _refresh_status(document, is_billed=is_billed, is_started=is_started, has_deposit=done.has_deposit)
    document.percent_billed = percentage(document.already_billed, document.total_ttc)
    document.percent_to_bill = percentage(document.to_bill, document.total_ttc)


def _billed_at_most(billed: Decimal, total: Decimal) -> Decimal:
    """Amounts billed in the affair, as far as they concern a document of this total."""
    return min(max(billed, ZERO), total) if total > 0 else ZERO


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


# --- Edits ------------------------------------------------------------------------------------------


def check_not_below(document: Document, known: Mapping[int, Line], lines: Sequence[Line]) -> None:
    """Refuse an edit of an order that leaves less than was already delivered or billed. Raises Invalid.

    `known` has the lines before the edit, `lines` those after it.
    """
    if document.is_draft or document.kind not in ORDER_KINDS:
        return
    done = done_in(document.affair_id)
    numbers = {line.affair_content_id: number for number, line in enumerate(lines) if line.affair_content_id}
    for content, line in known.items():
        least = max(done.quantity(done.delivered, line), done.quantity(done.billed, line), key=abs)
        number = numbers.get(content)
        left = lines[number].quantity if number is not None else ZERO
        if (left - least) * least < 0:  # less than was done, in the direction of what was done
            path = "contents" if number is None else f"contents.{number}.quantity"
            text = _("%(designation)s: %(least)s were already delivered or billed, the line cannot go below.")
            raise Invalid({path: text % {"designation": line.designation, "least": plain(least)}})


def check_within_source(document: Document, lines: Sequence[Line]) -> None:
    """Refuse a draft delivery or invoice that takes more of its source than what remains. Raises Invalid."""
    source = document.source
    if source is None or document.kind not in (Kind.DELIVERY, Kind.INVOICE):
        return
    done = done_in(document.affair_id, without=document.pk)
    offered = {line.affair_content_id: line for line in source.contents.all() if line.is_goods}
    for number, line in enumerate(lines):
        if line.is_goods and (whole := offered.get(line.affair_content_id)) is not None:
            rest = done.to_deliver(whole) if document.kind == Kind.DELIVERY else done.to_bill(whole, source)
            if not min(rest, ZERO) <= line.quantity <= max(rest, ZERO):
                text = _("Give a quantity between 0 and %(rest)s, which is what remains.")
                raise Invalid(
                    {f"contents.{number}.quantity": text % {"rest": plain(rest)}}, code="beyond_rest"
                )


def plain(quantity: Decimal) -> str:
    """A quantity without needless zeros."""
    return f"{quantity.normalize():f}"
