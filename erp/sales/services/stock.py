"""Which stock a document has moved, and should have: the team's `stock_*_out` parameters name the event that
takes goods out.

1 delivery sent, 2 delivery to send (validated), 3 delivery created, 4 quotation validated, 5 order validated,
6 quotation or order validated (once for both), 7 invoice created (reference: Team config parameters).

Nothing is remembered of what happened: what a document's goods should have moved, as it is now, is compared
with what the ledger says they moved, and the difference is entered (`catalog.services.settle`), also after
the team changed its parameters. What is refused, cancelled or deleted gives back; a credit gives back what
its invoice took.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from django.db.models import Q

from erp.catalog import services as catalog
from erp.catalog.models import StockMovement
from erp.core.money import UNIT_PLACES, round_half_up
from erp.core.scope import current_team
from erp.sales.choices import Kind, Status
from erp.sales.models import Document, Line

__all__ = ["settle", "settle_status"]

SENT, TO_SEND, CREATED, QUOTATION, COMMAND, EITHER, INVOICE = range(1, 8)
STOCKS = (
    (StockMovement.Kind.THEORETICAL, "stock_theorical_out"),
    (StockMovement.Kind.REAL, "stock_real_out"),
)
CAUSE = StockMovement.Cause.SALES_DOCUMENT
OFFERS = (Kind.QUOTATION, Kind.COMMAND)
#: Kinds whose goods a parameter can concern. A credit gives back what its invoice took.
CHOICES: dict[str, tuple[int, ...]] = {
    Kind.DELIVERY: (SENT, TO_SEND, CREATED),
    Kind.QUOTATION: (QUOTATION, EITHER),
    Kind.COMMAND: (COMMAND, EITHER),
    Kind.INVOICE: (INVOICE,),
    Kind.CREDIT: (INVOICE,),
}


def settle(document: Document, lines: Sequence[Line], *, is_new: bool = False) -> None:
    """Enter in the ledger what a document's goods still have to move. `is_new`: it moved nothing so far."""
    if document.kind not in CHOICES:
        return
    entries = catalog.settle(
        CAUSE,
        document.kind,
        document.pk,
        _wanted(document, lines),
        date=document.date,
        reference=document.reference,
        is_new=is_new,
    )
    if document.kind in OFFERS and any(entry.quantity > 0 for entry in entries):
        _hand_over(document)


def _hand_over(document: Document) -> None:
    """In mode 6, goods that a quotation or order gave back are taken by the other one, if it still stands."""
    others = Document.objects.filter(affair_id=document.affair_id, kind__in=OFFERS, is_draft=False)
    for other in others.exclude(pk=document.pk).order_by("pk"):
        settle_status(other)


def settle_status(document: Document) -> None:
    """The same after a change of status, when the lines are those of before."""
    if document.kind in CHOICES:
        from_catalog = Q(product__isnull=False) | Q(service__isnull=False)
        lines = list(Line.objects.filter(from_catalog, document_id=document.pk))
        if lines:
            settle(document, lines)


def _wanted(document: Document, lines: Iterable[Line]) -> dict[catalog.Key, Decimal]:
    """What the document's goods should have moved, out negative."""
    goods = [
        line
        for line in lines
        if line.is_goods and line.total_quantity and (line.product_id or line.needed_products)
    ]
    if not goods or document.deleted_at is not None or document.is_deposit:
        return {}
    team, sign = current_team(), 1 if document.kind == Kind.CREDIT else -1
    wanted: dict[catalog.Key, Decimal] = defaultdict(Decimal)
    for kind, name in STOCKS:
        choice = team.parameter(name)
        if choice in CHOICES[document.kind] and _has_happened(document, choice):
            elsewhere = _moved_by_others(document, kind) if choice == EITHER else set()
            for line in goods:
                if line.affair_content_id not in elsewhere:
                    for product, variation, quantity in _used_up(line):
                        wanted[product, variation, str(kind), line.affair_content_id] += sign * quantity
    return wanted


def _used_up(line: Line) -> Iterable[tuple[int, int | None, Decimal]]:
    """The products (and variations) that a line takes, and how much: its own, or what its service needs."""
    if line.product_id is not None:
        yield line.product_id, line.variation_id, line.total_quantity
    for product, quantity in line.needed_products.items():
        yield int(product), None, round_half_up(line.total_quantity * Decimal(quantity), UNIT_PLACES)


def _has_happened(document: Document, choice: int) -> bool:
    """Whether the event that takes goods out is true of the document as it is."""
    if document.status in (Status.REFUSED, Status.CANCELLED) and document.kind != Kind.INVOICE:
        return False
    if choice in (CREATED, INVOICE):
        return True
    return document.status == Status.SENT if choice == SENT else not document.is_draft


def _moved_by_others(document: Document, kind: str) -> set[int]:
    """Lines that another quotation or order of the affair took out of a kind of stock already (mode 6)."""
    others = Document.objects.filter(affair_id=document.affair_id, kind__in=OFFERS).exclude(pk=document.pk)
    causes: Mapping[int, str] = dict(others.values_list("pk", "kind"))
    if not causes:
        return set()
    condition = Q()
    for key, offer in causes.items():
        condition |= Q(cause_id=key, cause_type__startswith=f"{offer}:")
    moved: dict[int, Decimal] = defaultdict(Decimal)
    entries = StockMovement.objects.filter(condition, cause=CAUSE, kind=kind)
    for line, quantity in entries.values_list("cause_line", "quantity"):
        moved[line] += quantity
    return {line for line, quantity in moved.items() if quantity}
