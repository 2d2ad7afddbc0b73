"""From a document to its stored PDF."""

from __future__ import annotations

from typing import Any

from erp.core.files import file_content
from erp.core.models import File
from erp.core.pdf import render_pdf
from erp.core.stored_pdf import PdfFailed, stored_pdf
from erp.sales.choices import Kind
from erp.sales.models import Document
from erp.sales.pdf_layout import document_html
from erp.sales.services import snapshot
from erp.sales.services.workflow import printed_lines

__all__ = ["PdfFailed", "pdf_bytes", "pdf_of", "render"]


def pdf_of(document: Document) -> File:
    """The document's PDF: the stored one, else rendered now. A draft's is made anew when it changed.

    Raises PdfFailed, which must not undo the transaction that it is raised in: the status was noted there.
    """
    return render(document)


def render(document: Document) -> File:
    """Render and store the PDF; the status says how far it got. Raises PdfFailed, having noted the error."""
    name = document.reference or f"{Kind(document.kind).value}-{document.pk}"
    same = {"version": document.version}
    return stored_pdf(document, lambda: pdf_bytes(document), name=name, kind=document.kind, same=same)


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
