"""Background work of sales: rendering PDFs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar

from django.db import transaction
from django_tasks import task

from erp.core.scope import team_scope
from erp.sales.models import Document

__all__ = ["enqueue_pdf", "pdfs_on_demand", "render_pdf"]

_on_demand: ContextVar[bool] = ContextVar("pdfs_on_demand", default=False)


@task()
def render_pdf(team_id: int, document_id: int, version: int) -> None:
    """Render a document's PDF, unless it was done or a newer version came; safe to run twice."""
    from erp.sales.services.rendering import PdfFailed, render
    from tenants.models import Team

    with team_scope(Team.objects.get(pk=team_id)):
        document = Document.objects.filter(pk=document_id, version=version).first()
        if document is not None:
            with suppress(PdfFailed):  # noted on the document and logged: the next reading tries again
                render(document)


def enqueue_pdf(document: Document) -> None:
    """Have a document's PDF rendered once this transaction commits; in bulk work, at its first reading."""
    if not _on_demand.get():
        arguments = (document.team_id, document.pk, document.version)
        transaction.on_commit(lambda: render_pdf.enqueue(*arguments), robust=True)


@contextmanager
def pdfs_on_demand() -> Iterator[None]:
    """Within, documents are not rendered until somebody asks: for imports and demonstration data."""
    token = _on_demand.set(True)
    try:
        yield
    finally:
        _on_demand.reset(token)
