"""List filters on relations: they offer, and name, only what the active team user may see."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.admin.filters import RelatedFieldListFilter
from django.contrib.admin.utils import get_fields_from_path
from django.db import models
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RelatedDropdownFilter
from unfold.contrib.filters.admin.mixins import AutocompleteMixin
from unfold.contrib.filters.forms import AutocompleteDropdownForm

from erp.core.admin.scoping import choosable

__all__ = ["scoped_list_filter"]


class ScopedAutocompleteForm(AutocompleteDropdownForm):
    """The chosen value is named only when it may be seen."""

    def __init__(
        self, request: HttpRequest, name: str, label: str, choices: Any, field: Any, *args: Any, **kwargs: Any
    ):
        super().__init__(request, name, label, choices, field, *args, **kwargs)
        self.fields[name].queryset = choosable(field.remote_field.model)


class ScopedChoices(RelatedFieldListFilter):
    """Offers the rows that the team user may see."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        rows = choosable(field.remote_field.model)
        ordering = self.field_admin_ordering(field, request, model_admin)
        return [(row.pk, str(row)) for row in (rows.order_by(*ordering) if ordering else rows)]


@cache
def _scoped(filter_class: Any) -> Any:
    """The same filter with its choices scoped."""
    if issubclass(filter_class, AutocompleteMixin):
        return type(filter_class.__name__, (filter_class,), {"form_class": ScopedAutocompleteForm})
    return type(filter_class.__name__, (ScopedChoices, filter_class), {})


def _relation_filter(model: type[models.Model], path: str, site: Any) -> type[RelatedFieldListFilter] | None:
    """The filter of a relation that was named without one: a search box when its admin can be searched."""
    field = get_fields_from_path(model, path)[-1]
    target = field.remote_field.model if field.remote_field else None
    if target is None or field.auto_created:
        return None
    searchable = site.is_registered(target) and site.get_model_admin(target).search_fields
    return AutocompleteSelectFilter if searchable else RelatedDropdownFilter


def scoped_list_filter(item: Any, model: type[models.Model], site: Any) -> Any:
    """An item of `list_filter`, made safe when it is about a relation."""
    if isinstance(item, type):
        return item
    path: Any
    filter_class: Any
    path, filter_class = (item, _relation_filter(model, item, site)) if isinstance(item, str) else item
    if filter_class is None or not issubclass(filter_class, RelatedFieldListFilter):
        return item
    return (path, _scoped(filter_class))
