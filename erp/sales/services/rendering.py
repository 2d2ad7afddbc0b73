"""From a document to its stored PDF."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from erp.core.errors import BusinessError
from erp.core.files import file_content, store
from erp.core.models import File
from erp.core.pdf import render_pdf
from erp.sales.choices import Kind, PdfStatus
from erp.sales.models import Document
from erp.sales.pdf_layout import document_html
from erp.sales.services import snapshot
from erp.sales.services.workflow import printed_lines

__all__ = ["PdfFailed", "pdf_bytes", "pdf_of", "render"]

logger = logging.getLogger(__name__)


class PdfFailed(BusinessError):
    """The PDF could not be made: answered 503. `pdf_status` says so too; asking again tries again."""

    status = 503


def pdf_of(document: Document) -> File:
    """The document's PDF: the stored one, else rendered now. A draft's is made anew when it changed.

    Raises PdfFailed, which must not undo the transaction that it is raised in: the status was noted there.
    """
    return render(document)


def render(document: Document) -> File:
    """Render and store the PDF; the status says how far it got. Raises PdfFailed, having noted the error."""
    if document.pdf_status == PdfStatus.DONE and document.pdf_file_id:
        return document.pdf_file
    _mark(document, PdfStatus.RUNNING)
    try:
        with transaction.atomic():
            content = pdf_bytes(document)
            name = f"{document.reference or Kind(document.kind).value + '-' + str(document.pk)}.pdf"
            file = store(content, name.replace("/", "-"), element=document, kind=document.kind)
    except Exception as error:
        logger.exception("The PDF of document %s could not be rendered.", document.pk)
        _mark(document, PdfStatus.ERROR)
        raise PdfFailed(_("The PDF could not be made: try again later."), code="pdf") from error
    document.pdf_file = file
    _mark(document, PdfStatus.DONE)
    return file


def _mark(document: Document, status: int) -> None:
    document.pdf_status = status
    # Not an edit of the document: `updated_at` stays, so that no client fetches it again for its PDF's sake.
    Document.objects.filter(pk=document.pk).update(
        pdf_status=status, pdf_file=document.pdf_file, updated_at=document.updated_at
    )


def pdf_bytes(document: Document) -> bytes:
    """The PDF of the document's frozen content (of its present content while a draft)."""
    content = document.snapshot if not document.is_draft and document.snapshot else draft_content(document)
    return render_pdf(document_html(content, content["language"]), base_assets=_assets(content))


def draft_content(document: Document) -> dict[str, Any]:
    """What a draft would print now."""
    return snapshot.build(document, printed_lines(document))


def _assets(content: dict[str, Any]) -> dict[str, bytes]:
    """Pictures that the page names, by file id; frozen with the document, since files never change."""
    keys = {line["picture"] for line in content["contents"] if line.get("picture")}
    if content["team"].get("logo"):
        keys.add(content["team"]["logo"])
    return {str(file.pk): file_content(file) for file in File.all_objects.filter(pk__in=keys)} if keys else {}
