"""Which stock moves, and when: the team's `stock_*_out` parameters name the event that takes goods out.

1 delivery sent, 2 delivery to send (validated), 3 delivery created, 4 quotation validated, 5 order validated,
6 quotation or order validated (once for both), 7 invoice created (reference: Team config parameters).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from erp.catalog.models import StockMovement
from erp.catalog.services import Move, apply_movements, reverse_movements
from erp.core.scope import current_team
from erp.sales.choices import Kind
from erp.sales.models import Document, Line

__all__ = ["on_cancelled", "on_created", "on_edited", "on_sent", "on_unsent", "on_validated"]

SENT, TO_SEND, CREATED, QUOTATION, COMMAND, EITHER, INVOICE = range(1, 8)
STOCKS = (
    (StockMovement.Kind.THEORETICAL, "stock_theorical_out"),
    (StockMovement.Kind.REAL, "stock_real_out"),
)
CAUSE = StockMovement.Cause.SALES_DOCUMENT


def on_created(document: Document, lines: Sequence[Line]) -> None:
    """A document was made, perhaps as a draft."""
    if document.kind == Kind.DELIVERY:
        _take_out(document, lines, CREATED)
    elif document.kind == Kind.INVOICE and not document.is_deposit:
        _take_out(document, lines, INVOICE)


def on_validated(document: Document) -> None:
    """A draft was validated."""
    event = {Kind.DELIVERY: TO_SEND, Kind.QUOTATION: QUOTATION, Kind.COMMAND: COMMAND}.get(Kind(document.kind))
    if event is None or not _stocks_at(event):
        return
    _take_out(document, _lines(document), event)


def on_sent(document: Document) -> None:
    """A delivery left."""
    if _stocks_at(SENT):
        _take_out(document, _lines(document), SENT)


def on_unsent(document: Document) -> None:
    """A delivery marked sent by mistake: what left with it comes back."""
    _put_back(document, SENT)


def on_edited(document: Document, lines: Sequence[Line]) -> None:
    """A validated offer got a new version: its goods come back and leave again as they are now."""
    event = {Kind.QUOTATION: QUOTATION, Kind.COMMAND: COMMAND}.get(Kind(document.kind))
    if event is None or not _stocks_at(event):
        return
    for number in (event, EITHER):
        _put_back(document, number)
    _take_out(document, lines, event)


def on_cancelled(document: Document) -> None:
    """A document was cancelled or its draft deleted: all it took out comes back."""
    for event in range(SENT, INVOICE + 1):
        if _stocks_at(event):
            _put_back(document, event)


def _lines(document: Document) -> list[Line]:
    return list(Line.objects.filter(document_id=document.pk))


def _stocks_at(event: int) -> list[tuple[str, int]]:
    """(kind of stock, parameter's value) of the stocks that move at an event."""
    team = current_team()
    choices = [(kind, team.parameter(name)) for kind, name in STOCKS]
    return [
        (kind, choice) for kind, choice in choices if choice == event or (choice == EITHER and event in (QUOTATION, COMMAND))
    ]


def _take_out(document: Document, lines: Iterable[Line], event: int) -> None:
    stocks = _stocks_at(event)
    goods = [line for line in lines if line.is_goods and line.product_id is not None and line.total_quantity]
    if not stocks or not goods:
        return
    moves = [
        Move(
            product_id=line.product_id, kind=kind, quantity=-line.total_quantity, cause=CAUSE,
            cause_type=_cause_type(document, choice), cause_id=_cause_id(document, choice), cause_line=line.affair_content_id,
            date=document.date, reference=document.reference,
        )
        for kind, choice in stocks
        for line in goods
    ]
    apply_movements(moves)


def _put_back(document: Document, event: int) -> None:
    reverse_movements(_cause_type(document, event), _cause_id(document, event))


def _cause_type(document: Document, choice: int) -> str:
    """The cause of a movement: mode 6 moves once for the whole affair; each version moves anew."""
    if choice == EITHER:
        return "affair"
    return f"{document.kind}:{choice}:v{document.version}"


def _cause_id(document: Document, choice: int) -> int:
    return document.affair_id if choice == EITHER else document.pk
