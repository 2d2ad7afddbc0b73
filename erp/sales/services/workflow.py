"""Validation and statuses: what a draft becomes, and where it may go from there."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.core.errors import Invalid
from erp.core.events import announce
from erp.core.numbering import take_number
from erp.core.scope import current_team
from erp.core.stored_pdf import PdfStatus
from erp.sales.choices import BILLING_STATUSES, SEALED_KINDS, Kind, Status, moves, status_label
from erp.sales.models import Document, Line
from erp.sales.services import deposits, payments, progress, snapshot, stock
from erp.sales.services.locking import lock
from erp.various.models import PaymentMethod
from erp.various.services import due_date, team_today

__all__ = ["accept", "enter", "freeze", "printed_lines", "set_status", "validate"]

#: How far ahead a document may be dated, in days: a later date would block its whole series.
DAYS_AHEAD = 31
#: Columns that validation writes.
ENTERED = ("number", "reference", "is_draft", "status", "creation_date", "date", "due_date", "expire_at")
FROZEN = ("snapshot", "pdf_status", "pdf_file")
#: Statuses that others are told of.
ANNOUNCED = {
    Status.SENT: "sent",
    Status.ACCEPTED: "accepted",
    Status.REFUSED: "refused",
    Status.CANCELLED: "cancelled",
}


@transaction.atomic
def validate(document: Document) -> Document:
    """Give a draft its number and freeze what it prints, in one transaction.

    Raises Invalid (422) when the document may not be validated as it is.
    """
    lock(document)
    if not document.is_draft:
        raise Invalid(_("%(document)s is validated already.") % {"document": document})
    enter(document, printed_lines(document))
    stock.settle_status(document)
    return document


def printed_lines(document: Document) -> list[Line]:
    """The lines of a document with what they print."""
    return list(document.contents.select_related("vat_rate", "unit", "secondary_unit"))


def enter(document: Document, lines: Sequence[Line], methods: Sequence[PaymentMethod] | None = None) -> None:
    """Number a saved draft (locked, or made in this transaction) and write what validation settles.

    `lines` are the saved ones; `methods` its payment methods, when they are known.
    """
    _set_date(document)
    _check_complete(document, lines)
    deposits.name_deducted(document, lines)
    number = take_number(f"sales_{document.kind}", document.date, ordered=True)
    document.number, document.reference = number.number, number.reference
    document.is_draft, document.status = False, Status.VALIDATED
    document.creation_date = timezone.now()
    freeze(document, lines, methods, (*ENTERED, *payments.open_account(document)))
    announce(document, "validated")
    if document.kind == Kind.CREDIT:
        _cancel_when_credited(document)
        payments.offset(document)


def _set_date(document: Document) -> None:
    """Today's date, when the team wants it so; the due date and the validity follow."""
    today = team_today()
    if current_team().parameter("sales_update_date_for_draft") and document.date != today:
        if document.expire_at:
            document.expire_at += today - document.date
        document.date = today
    if document.date > today + datetime.timedelta(days=DAYS_AHEAD):
        raise Invalid({"date": _("The date is more than %(days)s days ahead.") % {"days": DAYS_AHEAD}})
    document.due_date = due_date(document.payment_term, document.date)


def _check_complete(document: Document, lines: Sequence[Line]) -> None:
    if not lines:
        raise Invalid({"contents": _("Add at least one line before validating.")})
    if document.kind in SEALED_KINDS and document.total_ttc < 0:
        raise Invalid({"contents": _("The total is negative: make a credit instead.")})
    if document.kind in SEALED_KINDS and document.amount_due < 0:
        name = "grant_amount" if document.grant_amount else "guarantee_holdback_amount"
        raise Invalid({name: _("Grant and guarantee holdback are larger than the total: lower them.")})


def _cancel_when_credited(credit: Document) -> None:
    """An invoice whose validated credits make its total is cancelled."""
    validated = Document.objects.filter(source_id=credit.source_id, kind=Kind.CREDIT, is_draft=False)
    total = validated.aggregate(total=Sum("total_ttc"))["total"]
    invoice = credit.source
    if invoice is not None and total >= invoice.total_ttc:
        invoice.status = Status.CANCELLED
        Document.objects.filter(pk=invoice.pk).update(status=Status.CANCELLED)
        announce(invoice, "updated")
        announce(invoice, "cancelled")


def freeze(
    document: Document,
    lines: Sequence[Line],
    methods: Sequence[PaymentMethod] | None = None,
    also: Sequence[str] = (),
) -> None:
    """Keep a copy of everything printed, and have the PDF made after the commit. Writes `also` too."""
    from erp.sales.tasks import enqueue_pdf

    document.snapshot = snapshot.build(document, lines, methods)
    document.pdf_status, document.pdf_file = PdfStatus.WAIT, None
    values = {name: getattr(document, name) for name in (*also, *FROZEN)}
    Document.objects.filter(pk=document.pk).update(**values)
    announce(document, "updated")
    enqueue_pdf(document)


@transaction.atomic
def set_status(document: Document, status: int) -> Document:
    """Move a document to a status that a person may choose. Raises Invalid naming those that may be."""
    lock(document)
    move(document, status)
    return document


def move(document: Document, status: int) -> None:
    """The same for a document that is locked already."""
    if status == document.status:
        return
    allowed = moves(document.kind, document.status)
    if status not in allowed:
        raise Invalid({"status": _refusal(document, status, allowed)}, code="move")
    if document.is_draft:
        enter(document, printed_lines(document))
    else:
        _write_status(document, status)
    stock.settle_status(document)
    if Status.CANCELLED in (status, document.status):
        progress.refresh(document.affair_id, document)


def _write_status(document: Document, status: int) -> None:
    document.status = status
    if status == Status.ACCEPTED:
        document.accepted_at = document.accepted_at or timezone.now()
    elif status < Status.ACCEPTED or status == Status.REFUSED:
        document.accepted_at = None
    Document.objects.filter(pk=document.pk).update(status=status, accepted_at=document.accepted_at)
    announce(document, "updated")
    if status in ANNOUNCED:
        announce(document, ANNOUNCED[Status(status)])


def _refusal(document: Document, status: int, allowed: tuple[int, ...]) -> str:
    if status in BILLING_STATUSES:
        return _("Billing sets this status by itself: bill the document.")
    if status == Status.CANCELLED and document.kind == Kind.INVOICE:
        return _("An invoice is cancelled by a credit.")
    names = ", ".join(f"{choice} ({status_label(document.kind, choice)})" for choice in allowed) or _("none")
    text = _("From “%(now)s” the document cannot go there. Possible: %(names)s.")
    return text % {"now": document.status_label, "names": names}


def accept(document: Document) -> None:
    """An offer that was turned into an order, billed or delivered is thereby accepted."""
    if document.status < Status.ACCEPTED:
        _write_status(document, Status.ACCEPTED)
