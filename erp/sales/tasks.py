"""Background work of sales: rendering PDFs."""

from __future__ import annotations

from contextlib import suppress

from django_tasks import task

from erp.core.scope import team_scope
from erp.core.stored_pdf import PdfFailed, render_later
from erp.sales.models import Document

__all__ = ["enqueue_pdf", "render_pdf"]


@task()
def render_pdf(team_id: int, document_id: int, version: int) -> None:
    """Render a document's PDF, unless it was done or a newer version came; safe to run twice."""
    from erp.sales.services.rendering import render
    from tenants.models import Team

    with team_scope(Team.objects.get(pk=team_id)):
        document = Document.objects.filter(pk=document_id, version=version).first()
        if document is not None:
            with suppress(PdfFailed):  # noted on the document and logged: the next reading tries again
                render(document)


def enqueue_pdf(document: Document) -> None:
    """Have a document's PDF rendered once this transaction commits; in bulk work, at its first reading."""
    render_later(render_pdf, document.team_id, document.pk, document.version)
