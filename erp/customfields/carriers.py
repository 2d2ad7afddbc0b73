"""What a model needs so that its rows have values of custom fields.

    class Contact(CustomFieldCarrier, TenantModel):
        CUSTOM_FIELD_USAGES = ("contact",)

`row.custom_values` are then its values; `services.write_values` writes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import models

from erp.core.access import visible
from erp.core.elements import element_types
from erp.customfields.models import CustomFieldValue

__all__ = ["CustomFieldCarrier", "carrier_of", "values_on"]


def carrier_of(model: type[models.Model]) -> str:
    """How values name the model of their row; proxies have that of their table."""
    return str(model._meta.concrete_model._meta.label_lower)  # type: ignore[union-attr]


def values_on(model: type[models.Model]) -> models.QuerySet[CustomFieldValue]:
    """Every value on rows of a model."""
    return CustomFieldValue.objects.filter(carrier=carrier_of(model))


@dataclass
class Values:
    """The values of one row."""

    row_id: int
    values: list[CustomFieldValue]


class _ValuesOfRow:
    """The values of a row, in the order of the fields' labels and of their options, with what they link to.

    Fields that were deleted, or are not meant for the row (any more), are left out. Works with
    `prefetch_related("custom_values")`: one query, and one per kind of linked element.
    """

    cache_name = "custom_values"

    def __get__(self, row: Any, owner: Any = None) -> Any:
        if row is None:
            return self
        if not self.is_cached(row):
            models.prefetch_related_objects([row], self.cache_name)
        return row._state.fields_cache[self.cache_name].values

    def is_cached(self, row: Any) -> bool:
        return self.cache_name in row._state.fields_cache

    def forget(self, row: Any) -> None:
        """Values were written: read them again when they are asked for."""
        row._state.fields_cache.pop(self.cache_name, None)

    def get_prefetch_querysets(self, instances: list[Any], querysets: Any = None) -> tuple[Any, ...]:
        if querysets:
            raise ValueError("Values of custom fields are always fetched whole.")
        found = {row.pk: Values(row.pk, []) for row in instances}
        usages = {row.pk: row.custom_field_usages for row in instances}
        rows = values_on(type(instances[0])).filter(row_id__in=list(found), field__deleted_at=None)
        order = ("field__label", "field_id", "option__position", "option_id")
        for value in rows.select_related("field", "option").order_by(*order):
            if value.field.is_for(usages[value.row_id]):
                found[value.row_id].values.append(value)
        _link(value for row in found.values() for value in row.values)
        return (
            list(found.values()),
            lambda values: values.row_id,
            lambda row: row.pk,
            True,
            self.cache_name,
            False,
        )


def _link(values: Iterable[CustomFieldValue]) -> None:
    """Fetch the elements that values name, loaded for their answers; one query per kind."""
    from erp.core.wire import loaded, serializer_for

    by_type: dict[str, list[CustomFieldValue]] = {}
    for value in values:
        if value.linked_id is not None:
            by_type.setdefault(value.field.type, []).append(value)
    for kind in element_types(by_type):
        queryset = loaded(serializer_for(kind.model), visible(kind.model, with_deleted=True), ())
        rows = queryset.in_bulk({value.linked_id for value in by_type[kind.name]})
        for value in by_type[kind.name]:
            value.linked = rows.get(value.linked_id)


class CustomFieldCarrier(models.Model):
    """Mixin of models whose rows have values of custom fields; no column comes with it.

    `CUSTOM_FIELD_USAGES` says which usages rows of the model can have; `custom_field_usages` those that this
    row has, when they differ from row to row.
    """

    CUSTOM_FIELD_USAGES: ClassVar[Sequence[str]] = ()
    custom_values = _ValuesOfRow()

    class Meta:
        abstract = True

    @property
    def custom_field_usages(self) -> Sequence[str]:
        """The usages whose fields this row has."""
        return self.CUSTOM_FIELD_USAGES
