"""Lists of the world (countries, currencies, timezones): read once per process, linked to without queries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor

__all__ = ["GlobalLink", "GlobalQuerySet"]

_known: dict[type[models.Model], dict[int, Any]] = {}


class GlobalQuerySet(models.QuerySet):
    """Rows of the world's lists, which change with a new version of the product only."""

    def known(self, key: int) -> Any:
        """The row of an id; None when there is none. The list is fetched once per process."""
        if (rows := _known.get(self.model)) is None:
            rows = _known[self.model] = super().in_bulk()
        if key not in rows:  # added since, or never
            rows |= super().in_bulk([key])
        return rows.get(key)

    def in_bulk(self, id_list: Iterable[Any] | None = None, **kwargs: Any) -> dict[Any, Any]:
        """Rows by id; those of the whole list without a query."""
        if id_list is None or kwargs or self.query.where:
            return super().in_bulk(id_list, **kwargs)
        return {key: row for key in id_list if (row := self.known(key)) is not None}


class _GlobalDescriptor(ForwardManyToOneDescriptor):
    """Finds the row that is known; `prefetch_related` has nothing left to fetch."""

    def is_cached(self, instance: Any) -> bool:
        key = instance.__dict__.get(self.field.attname)
        return super().is_cached(instance) or (key is not None and self._known(key) is not None)

    def get_object(self, instance: Any) -> Any:
        return self._known(getattr(instance, self.field.attname)) or super().get_object(instance)

    def _known(self, key: int) -> Any:
        return self.field.remote_field.model.objects.known(key)


class GlobalLink(models.ForeignKey):
    """A foreign key to a list of the world. Migrations know it as an ordinary one."""

    forward_related_accessor_class = _GlobalDescriptor

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs
