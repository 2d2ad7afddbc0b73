"""Creating, editing and deleting sales documents."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.core.errors import Conflict, Invalid
from erp.core.events import announce
from erp.core.numbering import take_unused
from erp.core.stored_pdf import PdfStatus
from erp.customers.models import Customer
from erp.customfields.services import write_values
from erp.sales.choices import Kind, Status
from erp.sales.models import PROXIES, Affair, AffairContent, Document, DocumentVersion, Line
from erp.sales.services import deposits, drafting, progress, stock, workflow
from erp.sales.services.amounts import recompute
from erp.sales.services.credits import check_within_invoice
from erp.sales.services.lines import build_lines, edited_lines
from erp.sales.services.locking import lock
from erp.various.models import PaymentMethod
from erp.various.services import change_tags, team_today

__all__ = [
    "create_affair",
    "create_document",
    "delete_affair",
    "delete_document",
    "link_new",
    "save_new",
    "update_document",
    "update_lite",
    "why_customer_stays",
]

TAGS = ("tags", "attach_tags", "detach_tags")
#: What no document prints: changing only these makes no new version.
NOT_PRINTED = {*TAGS, "status", "is_draft", "custom_fields", "delivery_status"}
#: What may still change on a validated delivery: nothing that its goods depend on.
DELIVERY_NOTES = {
    *NOT_PRINTED,
    "title",
    "comments",
    "package_qty",
    "delivery_mode",
    "delivery_tracking",
    "contact",
    "team_user",
    "pdf_model",
    "pdf_options",
    "input_options",
}
LITE = ("title", "team_user", "contact")


# --- Creating -------------------------------------------------------------------------------------


@transaction.atomic
def create_document(kind: str, values: Mapping[str, Any]) -> Document:
    """A new document of a kind, from typed values (the attributes of the reference's body, links as rows).

    Defaults come from the customer's settings, then the team's. A draft unless `is_draft` is false or
    `status` is past draft. Raises Invalid (422) with the path of what is wrong.
    """
    if kind == Kind.CREDIT:
        raise Invalid(_("A credit is made from the invoice that it corrects: cancel the invoice."))
    customer: Customer = values["customer"]
    date: datetime.date = values.get("date") or team_today()
    drafting.check_date("date", date)
    document = PROXIES[kind](kind=kind, date=date)
    drafting.start(document, customer, {**values, "date": date})
    drafting.check_addresses(document)
    lines = build_lines(document, values.get("contents") or [], {})
    save_new(document, lines)
    methods = values.get("payment_methods")
    methods = drafting.default_payment_methods(customer) if methods is None else methods
    link_new(document.payment_methods, methods)
    _change_tags(document, values)
    write_values(document, values.get("custom_fields"), is_new=True)
    _reach(document, values, lines, methods)
    stock.settle(document, lines, is_new=True)
    return document


def save_new(document: Document, lines: Sequence[Line], affair: Affair | None = None) -> None:
    """Compute and write a new document with its lines, in its affair (a new one unless given)."""
    document.affair = affair or _open_affair({"customer": document.customer, "title": document.title})
    recompute(document, lines)
    progress.start(document, lines)
    document.save()
    _write_new_lines(document, lines)
    remember_lines(document, lines)


def link_new(relation: Any, rows: Sequence[Any]) -> None:
    """Link a row just made to rows of the team; costs one query, or none."""
    if rows:
        names = relation.source_field_name, relation.target_field_name
        relation.through._base_manager.bulk_create(
            relation.through(**dict(zip(names, (relation.instance, row), strict=True)))
            for row in dict.fromkeys(rows)
        )


@transaction.atomic
def create_affair(values: Mapping[str, Any]) -> Affair:
    """A new affair, numbered."""
    return _open_affair(values)


def _open_affair(values: Mapping[str, Any]) -> Affair:
    number = take_unused("sales_affair", team_today(), Affair.all_objects.all())
    return Affair.objects.create(**values, reference=number.reference, number=number.number)


def delete_affair(affair: Affair) -> None:
    """Delete an affair that has no document. Raises Conflict (409) otherwise."""
    if affair.documents.exists():
        raise Conflict(_("%(affair)s has documents: it cannot be deleted.") % {"affair": affair})
    affair.delete()


def why_customer_stays(customer: Customer) -> str | None:
    """Why a customer cannot be deleted: the documents and affairs that name it; None when there are none."""
    if (
        Document.objects.filter(customer=customer).exists()
        or Affair.objects.filter(customer=customer).exists()
    ):
        return _("%(customer)s has sales documents: archive it instead of deleting it.") % {
            "customer": customer
        }
    return None


def _write_new_lines(document: Document, lines: Iterable[Line]) -> None:
    lines = list(lines)
    fresh = [line for line in lines if line.affair_content_id is None]
    identities = AffairContent.objects.bulk_create([AffairContent(affair=document.affair) for _line in fresh])
    for line, identity in zip(fresh, identities, strict=True):
        line.affair_content = identity
    for line in lines:
        line.document = document
    Line.objects.bulk_create(lines)


def remember_lines(document: Document, lines: Sequence[Line]) -> None:
    """Answers and later rules find the lines just written without reading them again."""
    rows = document.contents.all()
    rows._result_cache = list(lines)
    document.__dict__.setdefault("_prefetched_objects_cache", {})["contents"] = rows


def _change_tags(document: Document, values: Mapping[str, Any]) -> None:
    if changes := {name: values[name] for name in TAGS if name in values}:
        change_tags(document.tags, changes)


def _reach(
    document: Document,
    values: Mapping[str, Any],
    lines: Sequence[Line],
    methods: Sequence[PaymentMethod] | None = None,
) -> None:
    """Validate and move to the status that was asked for."""
    status = values.get("status")
    if document.is_draft and (values.get("is_draft") is False or (status or 0) > Status.DRAFT):
        workflow.enter(document, lines, methods)
        status = status if (status or 0) > Status.VALIDATED else None
    if status is not None:
        workflow.move(document, status)


# --- Editing --------------------------------------------------------------------------------------


@transaction.atomic
def update_document(document: Document, values: Mapping[str, Any]) -> Document:
    """Change a document. A validated quotation, order or proforma becomes version n+1 and keeps n.

    `contents`, when given, is the whole new content: a row with `affair_content` changes that line, other
    rows are new, lines not named go. Raises Conflict (409) for an invoice or credit that was validated.
    """
    lock(document)
    _check_editable(document, values)
    changes = {name: value for name, value in values.items() if name not in NOT_PRINTED}
    lines = _edit(document, changes) if changes else None
    _set_apart(document, values)
    _reach(document, values, workflow.printed_lines(document) if lines is None else lines)
    if lines is not None:
        stock.settle(document, lines)
    return document


def _edit(document: Document, values: Mapping[str, Any]) -> list[Line]:
    """Change what a document prints; a validated one gets a new version."""
    is_new_version = not document.is_draft
    if is_new_version:
        _keep_version(document)
    known = {line.affair_content_id: line for line in workflow.printed_lines(document)}
    customer = document.customer_id
    drafting.set_values(document, values)
    drafting.check_addresses(document)
    _keep_affair(document)
    contents = values.get("contents")
    lines = edited_lines(document, contents, known, customer)
    _rewrite(document, known, lines, are_typed=contents is not None)
    if (methods := values.get("payment_methods")) is not None:
        document.payment_methods.set(methods)
    if is_new_version:
        workflow.freeze(document, lines)
    return lines


def _keep_affair(document: Document) -> None:
    """An affair has the customer of its documents."""
    if document.affair.customer_id != document.customer_id:
        document.affair.customer = document.customer
        document.affair.save(update_fields=["customer", "updated_at"])


def _set_apart(document: Document, values: Mapping[str, Any]) -> None:
    """What changes without changing what is printed."""
    _change_tags(document, values)
    write_values(document, values.get("custom_fields"))
    status = values.get("delivery_status")
    if status is not None and status != document.delivery_status:
        document.delivery_status = status
        Document.objects.filter(pk=document.pk).update(delivery_status=status)
        announce(document, "updated")


def _check_editable(document: Document, values: Mapping[str, Any]) -> None:
    if document.is_sealed:
        raise Conflict(
            _("%(document)s was validated: the law forbids changing it. Correct it with a credit.")
            % {"document": document},
            code="sealed",
        )
    if document.status == Status.CANCELLED:
        raise Conflict(_("%(document)s was cancelled and cannot be changed.") % {"document": document})
    if (
        document.kind == Kind.DELIVERY
        and not document.is_draft
        and (fixed := sorted(set(values) - DELIVERY_NOTES))
    ):
        text = _("The delivery was validated: this cannot change any more.")
        raise Conflict(dict.fromkeys(fixed, text), code="validated")
    if not document.is_draft and values.get("is_draft"):
        raise Invalid({"is_draft": _("A validated document cannot become a draft again.")})
    deposits.check_not_deducted(document)


def _keep_version(document: Document) -> None:
    DocumentVersion.objects.create(
        document_id=document.pk,
        version=document.version,
        snapshot=document.snapshot or {},
        pdf_file=document.pdf_file,
    )
    document.version += 1
    document.creation_date = timezone.now()
    document.pdf_file = None


def _rewrite(document: Document, known: Mapping[int, Line], lines: list[Line], *, are_typed: bool) -> None:
    """Compute and write an existing document with its present lines."""
    for line in lines:
        line.document = document
    recompute(document, lines)
    if are_typed:
        progress.check_not_below(document, known, lines)
        progress.check_within_source(document, lines)
        check_within_invoice(document, lines)
    kept = {line.pk for line in lines if line.pk is not None}
    gone = [line.pk for line in known.values() if line.pk not in kept]
    if gone:
        Line.objects.filter(pk__in=gone).hard_delete()
    for line in lines:
        if line.pk is not None:
            line.save()
    _write_new_lines(document, [line for line in lines if line.pk is None])
    document.pdf_status = PdfStatus.WAIT
    document.save()
    progress.refresh(document.affair_id, document)


@transaction.atomic
def update_lite(document: Document, values: Mapping[str, Any]) -> Document:
    """Change what never alters a document's content: title, tags, salesperson, contact, status,
    values of custom fields.

    What a validated document printed stays as it was printed; a draft is printed anew.
    """
    lock(document)
    changes = {name: values[name] for name in LITE if name in values}
    if changes:
        if document.is_draft:
            changes["pdf_status"] = PdfStatus.WAIT
        for name, value in changes.items():
            setattr(document, name, value)
        document.save(update_fields=[*changes, "updated_at"])
    _change_tags(document, values)
    write_values(document, values.get("custom_fields"))
    if values.get("status") is not None:
        workflow.move(document, values["status"])
    return document


@transaction.atomic
def delete_document(document: Document) -> None:
    """Delete a draft, or a quotation, order or proforma that nothing was made from.

    Raises Conflict (409) for what was validated and must be kept.
    """
    lock(document)
    _check_deletable(document)
    lines = list(Line.objects.filter(document_id=document.pk))
    Line.objects.filter(document_id=document.pk).delete()
    document.delete()
    stock.settle(document, lines)
    progress.refresh(document.affair_id)


def _check_deletable(document: Document) -> None:
    if document.is_sealed:
        raise Conflict(
            _("%(document)s was validated: it can never be deleted.") % {"document": document}, code="sealed"
        )
    if document.kind == Kind.DELIVERY and not document.is_draft:
        raise Conflict(
            _("%(document)s was validated: cancel it instead.") % {"document": document}, code="validated"
        )
    if result := Document.objects.filter(source_id=document.pk).first():
        raise Conflict(
            _("%(result)s was made from this document: delete it first.") % {"result": result},
            code="has_results",
        )
    deposits.check_not_deducted(document)
