"""Schemas of what is read."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from erp.core import fields as wire_fields
from erp.core.parameters import ParametersField
from erp.core.schema.answers import nullable, value_schema
from erp.core.schema.components import WHOLE, Schema


class Bodies:
    """Schemas of what a body's fields read; `reference` gives the schema of a nested body."""

    def __init__(self, reference: Any) -> None:
        self.reference = reference

    def of(self, field: Any) -> Schema:
        """The schema of one attribute of a body."""
        schema = self._of(field)
        if field.help_text:
            schema = {**schema, "description": str(field.help_text)}
        return nullable(schema) if field.allow_null else schema

    def _of(self, field: Any) -> Schema:
        if declared := getattr(field, "body_schema", None):
            return dict(declared)
        if isinstance(field, ParametersField):
            properties = {parameter.name: parameter.schema for parameter in field.parameters}
            return {"type": "object", "properties": properties, "additionalProperties": False}
        if isinstance(field, wire_fields.LinkField):
            return {"type": "array", "items": WHOLE} if isinstance(field, wire_fields.Ids) else dict(WHOLE)
        if isinstance(field, wire_fields.NestedList):
            row = self.reference(field.serializer_class, partial=False)
            return {"type": "array", "items": row, "maxItems": field.limit}
        if isinstance(field, wire_fields.NestedObject):
            return dict(self.reference(field.serializer_class, partial=field.partial))
        return self._plain(field)

    def _plain(self, field: Any) -> Schema:
        if isinstance(field, serializers.FileField):
            return {"type": "string", "format": "binary"}
        if isinstance(field, wire_fields.StatusFlag):
            return {"type": "boolean"}
        if isinstance(field, serializers.DecimalField):
            return {"type": ["number", "string"]}
        schema = value_schema(field)
        if schema.get("type") == "string" and getattr(field, "max_length", None) and "enum" not in schema:
            schema = {**schema, "maxLength": field.max_length}
        return schema
