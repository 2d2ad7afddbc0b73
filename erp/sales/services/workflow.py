"""Validation and statuses: what a draft becomes, and where it may go from there."""

from __future__ import annotations

import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.core.errors import Invalid
from erp.core.numbering import take_number
from erp.core.scope import current_team
from erp.sales.choices import BILLING_STATUSES, SEALED_KINDS, Kind, PdfStatus, Status, moves, status_label
from erp.sales.models import Document
from erp.sales.services import snapshot, stock
from erp.various.services import due_date, team_today

__all__ = ["accept", "freeze", "set_status", "validate"]

#: How far ahead a document may be dated, in days: a later date would block its whole series.
DAYS_AHEAD = 31


@transaction.atomic
def validate(document: Document) -> Document:
    """Give a draft its number and freeze what it prints, in one transaction.

    Raises Invalid (422) when the document may not be validated as it is.
    """
    if not document.is_draft:
        raise Invalid(_("%(document)s is validated already.") % {"document": document})
    _set_date(document)
    _check_complete(document)
    number = take_number(f"sales_{document.kind}", document.date, ordered=True)
    document.number, document.reference = number.number, number.reference
    document.is_draft, document.status = False, Status.VALIDATED
    document.creation_date = timezone.now()
    freeze(document)
    stock.on_validated(document)
    return document


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


def _check_complete(document: Document) -> None:
    if not document.contents.exists():
        raise Invalid({"contents": _("Add at least one line before validating.")})
    if document.kind in SEALED_KINDS and document.total_ttc < 0:
        raise Invalid({"contents": _("The total is negative: make a credit instead.")})


def freeze(document: Document) -> None:
    """Keep a copy of everything printed, and have the PDF made after the commit."""
    document.snapshot = snapshot.build(document)
    document.pdf_status, document.pdf_file = PdfStatus.WAIT, None
    document.save()
    from erp.sales.tasks import enqueue_pdf

    transaction.on_commit(lambda: enqueue_pdf(document), robust=True)


@transaction.atomic
def set_status(document: Document, status: int) -> Document:
    """Move a document to a status that a person may choose. Raises Invalid naming those that may be."""
    if status == document.status:
        return document
    allowed = moves(document.kind, document.status)
    if status not in allowed:
        raise Invalid({"status": _refusal(document, status, allowed)}, code="move")
    if document.is_draft:
        return validate(document)
    before, document.status = document.status, status
    if status == Status.ACCEPTED:
        document.accepted_at = document.accepted_at or timezone.now()
    document.save(update_fields=["status", "accepted_at", "updated_at"])
    _after_move(document, before)
    return document


def _refusal(document: Document, status: int, allowed: tuple[int, ...]) -> str:
    if status in BILLING_STATUSES:
        return _("Billing sets this status by itself: bill the document.")
    if status == Status.CANCELLED and document.kind == Kind.INVOICE:
        return _("An invoice is cancelled by a credit.")
    names = ", ".join(f"{choice} ({status_label(document.kind, choice)})" for choice in allowed) or _("none")
    text = _("From “%(now)s” the document cannot go there. Possible: %(names)s.")
    return text % {"now": document.status_label, "names": names}


def _after_move(document: Document, before: int) -> None:
    from erp.sales.services import progress

    if document.kind == Kind.DELIVERY:
        if document.status == Status.CANCELLED:
            stock.on_cancelled(document)
            progress.refresh(document.affair_id)
        elif document.status == Status.SENT:
            stock.on_sent(document)
        elif before == Status.SENT:
            stock.on_unsent(document)
    elif document.status == Status.CANCELLED:
        stock.on_cancelled(document)


def accept(document: Document) -> None:
    """An offer that was turned into an order or billed is thereby accepted."""
    if document.status < Status.ACCEPTED:
        document.status, document.accepted_at = Status.ACCEPTED, timezone.now()
        document.save(update_fields=["status", "accepted_at", "updated_at"])
