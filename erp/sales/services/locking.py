"""Taking turns: whoever changes a document first takes its affair, then reads the document again."""

from __future__ import annotations

from django.utils.translation import gettext as _

from erp.core.errors import Conflict
from erp.core.models import one
from erp.sales.models import Affair, Document

__all__ = ["lock"]


def lock(document: Document, *related: str) -> Document:
    """Lock the document's affair and the document, read again in place with `related` rows. Answers it.

    Everything that one affair's documents make of each other happens under its lock, in this order, so that
    two people never wait for each other. Must run inside a transaction.
    Raises Conflict (409) when the document was deleted meanwhile.
    """
    model = type(document)
    affair = Affair.objects.select_for_update().get(pk=document.affair_id)
    rows = model.objects.select_related(*related) if related else model.objects.all()
    fresh = one(rows.select_for_update(of=("self",)).filter(pk=document.pk))
    if fresh is None:
        raise Conflict(_("This document was deleted meanwhile."), code="deleted")
    document.__dict__.clear()
    document.__dict__.update(fresh.__dict__)
    document.affair = affair
    return document
