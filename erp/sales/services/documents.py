"""Creating, editing and deleting sales documents."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.core.errors import Conflict, Invalid
from erp.core.numbering import take_number
from erp.customers.models import Customer
from erp.sales.choices import ORDER_KINDS, Kind, Status
from erp.sales.models import PROXIES, Affair, AffairContent, Document, DocumentVersion, Line
from erp.sales.services import drafting, progress, stock, workflow
from erp.sales.services.amounts import recompute
from erp.various.services import change_tags, team_today

__all__ = ["create_affair", "create_document", "delete_affair", "delete_document", "save_new", "update_document", "update_lite"]

#: What may still change on a validated delivery: nothing that its goods depend on.
DELIVERY_NOTES = {"title", "comments", "package_qty", "delivery_mode", "delivery_tracking", "contact", "team_user",
                  "tags", "attach_tags", "detach_tags", "pdf_model", "pdf_options", "input_options", "status"}


@transaction.atomic
def create_document(kind: str, values: Mapping[str, Any]) -> Document:
    """A new document of a kind, from typed values (the attributes of the reference's body, links as rows).

    Defaults come from the customer's settings, then the team's. A draft unless `is_draft` is false or
    `status` is past draft. Raises Invalid (422) with the path of what is wrong.
    """
    customer: Customer = values["customer"]
    date: datetime.date = values.get("date") or team_today()
    document = PROXIES[kind](kind=kind, date=date)
    defaults = drafting.defaults_for(kind, customer, date)
    drafting.set_values(document, defaults | dict(values) | {"date": date})
    drafting.check_addresses(document)
    lines = drafting.build_lines(document, values.get("contents") or [], {})
    if "payment_methods" not in values:
        values = {**values, "payment_methods": drafting.default_payment_methods(customer)}
    save_new(document, lines)
    _set_many(document, values)
    _reach(document, values)
    return document


def save_new(document: Document, lines: Sequence[Line], affair: Affair | None = None) -> None:
    """Compute and write a new document with its lines, in its affair (a new one unless given)."""
    document.affair = affair or open_affair(document)
    recompute(document, lines)
    progress.start(document, lines)
    document.save()
    _write_new_lines(document, lines)
    stock.on_created(document, lines)


def open_affair(document: Document) -> Affair:
    """The affair of a document that comes from no other."""
    return create_affair({"customer": document.customer, "title": document.title})


@transaction.atomic
def create_affair(values: Mapping[str, Any]) -> Affair:
    """A new affair, numbered."""
    number = take_number("sales_affair", team_today())
    return Affair.objects.create(**values, reference=number.reference, number=number.number)


def delete_affair(affair: Affair) -> None:
    """Delete an affair that has no document. Raises Conflict (409) otherwise."""
    if affair.documents.exists():
        raise Conflict(_("%(affair)s has documents: it cannot be deleted.") % {"affair": affair})
    affair.delete()


def _write_new_lines(document: Document, lines: Iterable[Line]) -> None:
    lines = list(lines)
    fresh = [line for line in lines if line.affair_content_id is None]
    identities = AffairContent.objects.bulk_create([AffairContent(affair=document.affair) for _line in fresh])
    for line, identity in zip(fresh, identities, strict=True):
        line.affair_content = identity
    for line in lines:
        line.document = document
    Line.objects.bulk_create(lines)


def _set_many(document: Document, values: Mapping[str, Any]) -> None:
    if (methods := values.get("payment_methods")) is not None:
        document.payment_methods.set(methods)
    change_tags(document.tags, {name: values[name] for name in ("tags", "attach_tags", "detach_tags") if name in values})


def _reach(document: Document, values: Mapping[str, Any]) -> None:
    """Validate and move to the status that was asked for."""
    status = values.get("status")
    if not document.is_draft:
        if status is not None:
            workflow.set_status(document, status)
        return
    if values.get("is_draft") is False or (status is not None and status > Status.DRAFT):
        workflow.validate(document)
        if status is not None and status > Status.VALIDATED:
            workflow.set_status(document, status)


# --- Editing --------------------------------------------------------------------------------------


@transaction.atomic
def update_document(document: Document, values: Mapping[str, Any]) -> Document:
    """Change a document. A validated quotation, order or proforma becomes version n+1 and keeps n.

    `contents`, when given, is the whole new content: a row with `affair_content` changes that line, other
    rows are new, lines not named go. Raises Conflict (409) for an invoice or credit that was validated.
    """
    document = locked(document)
    _check_editable(document, values)
    is_new_version = not document.is_draft and document.kind in ORDER_KINDS and bool(set(values) - {"status"})
    if is_new_version:
        _keep_version(document)
    known = {line.affair_content_id: line for line in document.contents.select_related("vat_rate", "product")}
    drafting.set_values(document, values)
    contents = values.get("contents")
    lines = list(known.values()) if contents is None else drafting.build_lines(document, contents, known)
    if contents is not None:
        progress.check_not_below(document, known, lines)
    _rewrite(document, known, lines)
    _set_many(document, values)
    _reach(document, values)
    if is_new_version:
        workflow.freeze(document)
        stock.on_edited(document, lines)
    return document


def locked(document: Document) -> Document:
    """The document read again under a lock, so that two people editing it take turns."""
    return PROXIES[document.kind].objects.select_for_update(of=("self",)).get(pk=document.pk)


def _check_editable(document: Document, values: Mapping[str, Any]) -> None:
    if document.is_sealed:
        raise Conflict(
            _("%(document)s was validated: the law forbids changing it. Correct it with a credit.")
            % {"document": document},
            code="sealed",
        )
    if document.status == Status.CANCELLED:
        raise Conflict(_("%(document)s was cancelled and cannot be changed.") % {"document": document})
    if document.kind == Kind.DELIVERY and not document.is_draft and (fixed := sorted(set(values) - DELIVERY_NOTES)):
        text = _("The delivery was validated: this cannot change any more.")
        raise Conflict({name: text for name in fixed}, code="validated")
    if not document.is_draft and values.get("is_draft"):
        raise Invalid({"is_draft": _("A validated document cannot become a draft again.")})


def _keep_version(document: Document) -> None:
    DocumentVersion.objects.create(
        document_id=document.pk, version=document.version, snapshot=document.snapshot or {}, pdf_file=document.pdf_file
    )
    document.version += 1
    document.creation_date = timezone.now()
    document.pdf_file = None


def _rewrite(document: Document, known: Mapping[int, Line], lines: list[Line]) -> None:
    """Compute and write an existing document with its present lines."""
    for line in lines:
        line.document = document
    recompute(document, lines)
    kept = {line.pk for line in lines if line.pk is not None}
    gone = [line.pk for line in known.values() if line.pk not in kept]
    if gone:
        Line.objects.filter(pk__in=gone).hard_delete()
    changed = [line for line in lines if line.pk is not None]
    for line in changed:
        line.save()
    _write_new_lines(document, [line for line in lines if line.pk is None])
    document.pdf_status = 0
    document.save()
    progress.refresh(document.affair_id)
    document.refresh_from_db(fields=["already_billed", "percent_billed", "to_bill", "percent_to_bill",
                                     "delivery_status", "status"])


@transaction.atomic
def update_lite(document: Document, values: Mapping[str, Any]) -> Document:
    """Change what never alters a document's content: title, tags, salesperson, contact, status."""
    document = locked(document)
    for name in ("title", "team_user", "contact"):
        if name in values:
            setattr(document, name, values[name])
    document.save()
    _set_many(document, values)
    if values.get("status") is not None:
        workflow.set_status(document, values["status"])
    return document


@transaction.atomic
def delete_document(document: Document) -> None:
    """Delete a draft, or a quotation, order or proforma that nothing was made from.

    Raises Conflict (409) for what was validated and must be kept.
    """
    document = locked(document)
    if document.is_sealed:
        raise Conflict(_("%(document)s was validated: it can never be deleted.") % {"document": document}, code="sealed")
    if document.kind == Kind.DELIVERY and not document.is_draft:
        raise Conflict(_("%(document)s was validated: cancel it instead.") % {"document": document}, code="validated")
    if result := Document.objects.filter(source_id=document.pk).first():
        raise Conflict(
            _("%(result)s was made from this document: delete it first.") % {"result": result}, code="has_results"
        )
    stock.on_cancelled(document)
    Line.objects.filter(document_id=document.pk).delete()
    document.delete()
    progress.refresh(document.affair_id)
