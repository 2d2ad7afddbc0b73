"""The rows that a body names by their ids, fetched at once: a query per model, whatever the body's size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models

from erp.core.access import visible
from erp.core.models import one

__all__ = ["editing", "known_rows", "named_row"]

#: Rows fetched for the body being read: {model: {id: row, or None where there is none}}.
_known: ContextVar[Mapping[type[models.Model], Mapping[int, Any]]] = ContextVar("known_rows", default={})  # noqa: B039
#: The row that the body being read changes.
_edited: ContextVar[models.Model | None] = ContextVar("edited_row", default=None)


@contextmanager
def known_rows(wanted: Mapping[type[models.Model], set[int]]) -> Iterator[None]:
    """Fetch every row that a body names, so that its fields find them without asking one by one."""
    token = _known.set({model: dict.fromkeys(ids) | _fetched(model, ids) for model, ids in wanted.items()})
    try:
        yield
    finally:
        _known.reset(token)


@contextmanager
def editing(row: models.Model) -> Iterator[None]:
    """Bodies read inside change `row`: what it links already may stay, though it was deleted since, so that
    an answer may be sent back whole."""
    token = _edited.set(row)
    try:
        yield
    finally:
        _edited.reset(token)


def named_row(model: type[models.Model], key: int) -> Any:
    """The row of a model that a body names; None when there is none that the actor may see."""
    known = _known.get().get(model, {})
    return known[key] if key in known else one(visible(model).filter(pk=key))


def _fetched(model: type[models.Model], ids: set[int]) -> dict[int, Any]:
    found = visible(model).in_bulk(list(ids))
    row = _edited.get()
    if row is not None and (missing := ids - found.keys()):
        found |= visible(model, with_deleted=True).in_bulk(list(_linked_by(row, model, missing)))
    return found


def _linked_by(row: models.Model, model: type[models.Model], ids: set[int]) -> set[int]:
    """The ids among these that a row, or one of its lines, links."""
    return {
        key
        for part in _parts_of(row)
        for link in part.model._meta.concrete_fields
        if link.related_model is model
        for key in part.filter(**{f"{link.name}__in": ids}).order_by().values_list(link.attname, flat=True)
    }


def _parts_of(row: models.Model) -> Iterator[models.QuerySet[Any]]:
    """A row, and the lines that live and die with it."""
    yield type(row)._default_manager.filter(pk=row.pk)
    for relation in (row._meta.concrete_model or row)._meta.related_objects:
        if relation.on_delete is models.CASCADE:
            yield relation.related_model._default_manager.filter(**{relation.field.name: row.pk})
