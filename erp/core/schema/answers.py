"""Schemas of what is answered, by field, column and type of property."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_type_hints

from django.db import models
from rest_framework import serializers

from erp.core import fields as wire_fields
from erp.core.parameters import Parameter, ParametersField
from erp.core.schema.components import TEXT, WHOLE, Schema
from erp.core.wire import WireSerializer, serializer_for


def nullable(schema: Schema) -> Schema:
    """The schema that also accepts null."""
    kind = schema.get("type")
    if kind is None:
        return {"anyOf": [schema, {"type": "null"}]} if schema else schema
    kinds = kind if isinstance(kind, list) else [kind]
    result = {**schema, "type": [*kinds, "null"] if "null" not in kinds else kinds}
    return (
        {**result, "enum": [*schema["enum"], None]}
        if "enum" in schema and None not in schema["enum"]
        else result
    )


def choice_schema(values: Iterable[Any]) -> Schema:
    """One of several values, all texts or all whole numbers."""
    allowed = list(values)
    kind = "integer" if all(isinstance(value, int) for value in allowed) else "string"
    return {"type": kind, "enum": [value if kind == "integer" else str(value) for value in allowed]}


#: Schemas of values by class of field; the first class that matches counts.
VALUES: tuple[tuple[type[Any], Schema], ...] = (
    (
        wire_fields.StatusFlag,
        {
            "type": "object",
            "required": ["active", "name"],
            "properties": {"active": {"type": "boolean"}, "name": TEXT},
        },
    ),
    (serializers.BooleanField, {"type": "boolean"}),
    (serializers.IntegerField, WHOLE),
    (serializers.DateTimeField, {"type": "string", "format": "date-time"}),
    (serializers.DateField, {"type": "string", "format": "date"}),
    (serializers.TimeField, {"type": "string", "format": "time"}),
    (serializers.EmailField, {"type": "string", "format": "email"}),
    (serializers.CharField, TEXT),
    (serializers.JSONField, {}),
)
#: Types that properties of models say they return.
HINTS: dict[Any, Schema] = {
    str: {"type": ["string", "null"]},
    int: WHOLE,
    bool: {"type": "boolean"},
    int | None: {"type": ["integer", "null"]},
    str | None: {"type": ["string", "null"]},
}


def value_schema(field: Any) -> Schema:
    """What a plain field answers."""
    if isinstance(field, wire_fields.WireDecimal):
        return {"type": "number"} if field.number else {"type": "string", "format": "decimal"}
    if isinstance(field, serializers.ChoiceField):
        return choice_schema(field.choices)
    if isinstance(field, serializers.ListField):
        return {"type": "array", "items": value_schema(field.child)}
    return next((schema for kind, schema in VALUES if isinstance(field, kind)), {})


def model_field(cls: type[WireSerializer], source: str) -> Any:
    """The column that a field shows; None for anything else."""
    model, column = cls.Meta.model, None
    for step in source.split("."):
        column = next((field for field in model._meta.get_fields() if field.name == step), None)
        model = getattr(column, "related_model", None) or model
    return column


def is_nullable(cls: type[WireSerializer], field: Any, source: str) -> bool:
    """Whether an answer's value may be null: absent, or an empty text."""
    column = model_field(cls, source)
    if isinstance(column, models.Field):
        texts = isinstance(column, (models.CharField, models.TextField))
        return column.null or (texts and column.blank) or "." in source
    return bool(field.allow_null or isinstance(field, serializers.CharField) or field.read_only)


def plain_schema(cls: type[WireSerializer], name: str, field: Any) -> Schema:
    """The schema of a field's own value in an answer."""
    source = field.source if field.source and field.source != "*" else name
    if isinstance(field, wire_fields.WireReadOnly):
        return property_schema(cls.Meta.model, source)
    schema = getattr(field, "answer_schema", None) or value_schema(field)
    return nullable(schema) if schema and is_nullable(cls, field, source) else schema


def property_schema(model: type[Any], name: str) -> Schema:
    """The schema of a model's property, by the type that it says it returns."""
    if any(field.attname == name for field in model._meta.concrete_fields):  # the id of a link
        return WHOLE
    getter = getattr(getattr(model, name, None), "fget", None)
    try:
        return HINTS.get(get_type_hints(getter).get("return"), {}) if getter else {}
    except NameError:  # a type imported for checkers only
        return {}


def parameters_answer(field: ParametersField, reference: Any) -> Schema:
    """The schema of a settings object as answered: links are objects."""
    properties: dict[str, Schema] = {}
    for parameter in field.parameters:
        properties[parameter.name] = parameter_answer(parameter, reference)
    return {"type": "object", "properties": properties}


def parameter_answer(parameter: Parameter, reference: Any) -> Schema:
    """The schema of one setting as answered."""
    if parameter.kind not in ("link", "links"):
        return nullable(parameter.schema)
    if not parameter.model:
        return {}
    linked = reference(serializer_for(parameter.target))
    return {"type": "array", "items": linked} if parameter.kind == "links" else nullable(linked)
