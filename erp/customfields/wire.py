"""The attribute `custom_fields` of whatever carries values: one line in a serializer.

custom_fields = CustomFieldValues()
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.core.fields import Column, as_id
from erp.core.wire import compiled, serializer_for
from erp.customfields.carriers import CustomFieldCarrier
from erp.customfields.choices import LINK_TYPES, FieldType
from erp.customfields.kinds import KINDS

__all__ = ["CustomFieldValues"]

#: More than any form shows.
LIMIT = 500

VALUE_SCHEMA: dict[str, Any] = {
    "description": "By type: a text, a number, a date, an option, options, or the linked element.",
    "type": ["string", "number", "object", "array", "null"],
}


class CustomFieldValues(serializers.Field):
    """Values of custom fields: read as [{id, value}], answered on request as [{id, label, type, value}].

    What the values may be, the row decides (`services.write_values`).
    """

    default_error_messages = {
        "not_a_list": _("Give a list of objects."),
        "not_an_object": _("Give an object."),
        "too_many": _("Give at most %(limit)s rows."),
        "not_an_id": _("Give the identifier (a whole number)."),
        "required": _("This field is required."),
    }
    body_schema = {
        "type": "array",
        "maxItems": LIMIT,
        "items": {
            "type": "object",
            "properties": {"id": {"type": "integer"}, "value": VALUE_SCHEMA},
            "required": ["id", "value"],
        },
    }
    answer_schema = {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "id": {"type": "integer"},
                "label": {"type": "string"},
                "type": {"type": "string", "enum": FieldType.values},
                "value": VALUE_SCHEMA,
            },
        },
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "allow_null": True, **kwargs})

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        """[{"id": 3, "value": anything}], as `services.write_values` takes it."""
        items = list(data.values()) if isinstance(data, Mapping) else [] if data == "" else data
        if not isinstance(items, list):
            self.fail("not_a_list")
        if len(items) > LIMIT:
            raise serializers.ValidationError(str(self.error_messages["too_many"]) % {"limit": LIMIT})
        errors: dict[str, Any] = {}
        for number, item in enumerate(items):
            if error := self._wrong(item):
                errors[str(number)] = error
        if errors:
            raise serializers.ValidationError(errors)
        return [{"id": as_id(item["id"]), "value": item["value"]} for item in items]

    def _wrong(self, item: Any) -> Any:
        """What is wrong with one item, before its value is looked at."""
        if not isinstance(item, Mapping):
            return [self.error_messages["not_an_object"]]
        if as_id(item.get("id")) is None:
            return {"id": [self.error_messages["not_an_id" if item.get("id") is not None else "required"]]}
        return None if "value" in item else {"value": [self.error_messages["required"]]}

    def columns(self, name: str) -> list[Column]:
        needs = ("custom_values",)
        return [Column(name, answers, on_request=True, needs=needs, schema=self.answer_schema)]


def answers(row: CustomFieldCarrier) -> list[dict[str, Any]]:
    """The values of a row, as answered; a link to what the actor may not see is left out."""
    found: list[dict[str, Any]] = []
    for field, group in groupby(row.custom_values, key=lambda value: value.field):
        values = list(group)
        shown = _object(values[0].linked) if field.type in LINK_TYPES else KINDS[field.type].answer(values)
        if shown is not None:
            found.append({"id": field.pk, "label": field.label, "type": field.type, "value": shown})
    return found


def _object(linked: Any) -> dict[str, Any] | None:
    """The object that a value names."""
    return None if linked is None else compiled(serializer_for(type(linked)), ())(linked)
