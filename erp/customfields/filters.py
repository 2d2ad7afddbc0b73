"""The filter `custom_fields` of lists whose rows carry values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ValidationError

from erp.core.errors import Invalid
from erp.core.filters import WireFilter, plain_text, whole_number
from erp.customfields.carriers import values_on
from erp.customfields.kinds import KINDS
from erp.customfields.models import CustomField

__all__ = ["CustomFieldsFilter"]

Asked = tuple[int, str]


class CustomFieldsFilter(WireFilter):
    """Rows by the values of custom fields: `filter[custom_fields][id]=7&filter[custom_fields][value]=x`.

    Several pairs have an index before `id` and `value`; `filter[custom_fields][7]=x` is short for the same.
    Several values of a field mean one of them, several fields that all hold. Texts take `%`; an empty value
    finds rows without any.
    """

    wire_type = "custom_field"

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", gettext_lazy("Values of custom fields, each by the id of its field."))
        super().__init__(**kwargs)

    def values_of(self, raw: Any) -> list[Any]:
        """(id, value) pairs, whichever way they are written."""
        if not isinstance(raw, Mapping):
            return raw if isinstance(raw, list) else [raw]
        if "id" in raw:
            return [(raw["id"], value) for value in super().values_of(raw.get("value"))]
        pairs: list[Any] = []
        for key, item in raw.items():
            pairs += self.values_of(item) if isinstance(item, Mapping) and "id" in item else [
                (key, value) for value in super().values_of(item)
            ]  # fmt: skip
        return pairs

    def convert(self, value: Any) -> Asked:
        if not isinstance(value, tuple):
            raise forms.ValidationError(_("Give the id of a custom field and a value."))
        return whole_number(value[0]), plain_text(value[1])

    def filter(self, queryset: Any, values: list[Asked]) -> Any:
        by_field: dict[int, list[str]] = {}
        for key, text in values:
            by_field.setdefault(key, []).append(text)
        fields = CustomField.objects.in_bulk(list(by_field)) if by_field else {}
        for key, texts in by_field.items():
            if key not in fields:
                raise ValidationError({"filter.custom_fields": [_("There is no such custom field.")]})
            queryset = queryset.filter(self._holds(queryset.model, fields[key], texts))
        return queryset

    def _holds(self, model: Any, field: CustomField, texts: list[str]) -> Q:
        """The condition that a field has one of these values. Raises ValidationError (422)."""
        values = values_on(model).filter(field=field)
        found = Q()
        try:
            for text in texts:
                if text == "":
                    found |= ~Q(pk__in=values.values("row_id"))
                else:
                    rows = values.filter(KINDS[field.type].condition(text))
                    found |= Q(pk__in=rows.values("row_id"))
        except Invalid as error:
            raise ValidationError({"filter.custom_fields": error.errors["value"]}) from error
        return found
