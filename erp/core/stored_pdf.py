"""PDF files kept beside the rows they print: rendered once, with a status that says how far that got."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from erp.core.errors import BusinessError
from erp.core.files import store
from erp.core.models import File

__all__ = ["PdfFailed", "PdfStatus", "pdfs_on_demand", "render_later", "stored_pdf"]

logger = logging.getLogger(__name__)

_on_demand: ContextVar[bool] = ContextVar("pdfs_on_demand", default=False)


class PdfStatus(models.IntegerChoices):
    """Where the rendering of a PDF stands."""

    WAIT = 0, _("Waiting")
    RUNNING = 1, _("In progress")
    DONE = 2, _("Generated")
    ERROR = 3, _("Error")


class PdfFailed(BusinessError):
    """The PDF could not be made: answered 503. `pdf_status` says so too; asking again tries again."""

    status = 503


def stored_pdf(
    row: Any,
    make: Callable[[], bytes],
    *,
    name: str,
    kind: str,
    same: Mapping[str, Any] = MappingProxyType({}),
) -> File:
    """The PDF of a row with columns `pdf_status` and `pdf_file`: the stored one, else made and stored now.

    `name` is the file's without its extension, `kind` its kind of element. `same` are attributes by which the
    row is still what was read: when it changed meanwhile, what is written here is not noted on it.
    Raises PdfFailed, having noted the error: it must not undo the transaction that it is raised in.
    """
    if row.pdf_status == PdfStatus.DONE and row.pdf_file_id:
        return row.pdf_file
    _mark(row, PdfStatus.RUNNING, same)
    try:
        with transaction.atomic():
            file = store(make(), f"{name.replace('/', '-')}.pdf", element=row, kind=kind)
    except Exception as error:
        logger.exception("The PDF of %s %s could not be rendered.", kind, row.pk)
        _mark(row, PdfStatus.ERROR, same)
        raise PdfFailed(_t("The PDF could not be made: try again later."), code="pdf") from error
    row.pdf_file = file
    _mark(row, PdfStatus.DONE, same)
    return file


def render_later(task: Any, *arguments: Any) -> None:
    """Have a task render a PDF once this transaction commits; in bulk work it waits for its first reading."""
    if not _on_demand.get():
        transaction.on_commit(lambda: task.enqueue(*arguments), robust=True)


@contextmanager
def pdfs_on_demand() -> Iterator[None]:
    """Within, nothing is rendered until somebody asks: for imports and demonstration data."""
    token = _on_demand.set(True)
    try:
        yield
    finally:
        _on_demand.reset(token)


def _mark(row: Any, status: int, same: Mapping[str, Any]) -> None:
    row.pdf_status = status
    # Not an edit of the row: `updated_at` stays, so that no client fetches it again for its PDF's sake.
    type(row).objects.filter(pk=row.pk, **same).update(
        pdf_status=status, pdf_file=row.pdf_file, updated_at=row.updated_at
    )
