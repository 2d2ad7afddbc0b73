"""Parameters of lists: sorts, includes and filters by their declarations."""

from __future__ import annotations

from collections.abc import Iterable

from erp.core.filters import ChoiceFilter, WireFilter
from erp.core.schema.answers import choice_schema
from erp.core.schema.components import TEXT, WHOLE, Schema

FILTER_SCHEMAS: dict[str, Schema] = {
    "integer": WHOLE,
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "custom_field": {
        "type": "object",
        "properties": {"id": WHOLE, "value": TEXT},
        "required": ["id", "value"],
    },
    "datetime": {"type": "string", "format": "date-time"},
    "element": {"type": "object", "properties": {"type": TEXT, "id": WHOLE}, "required": ["type", "id"]},
    "string": TEXT,
}


def several(name: str, values: Iterable[str], text: str, *, reversible: bool = False) -> Schema:
    """A query parameter of comma-separated words."""
    allowed = list(values)
    enum = [word for value in allowed for word in ((value, f"{value}:desc") if reversible else (value,))]
    return {
        "name": name,
        "in": "query",
        "description": f"{text}. Allowed: {', '.join(allowed)}.",
        "style": "form",
        "explode": False,
        "schema": {"type": "array", "items": {"type": "string", "enum": enum}},
    }


def included(names: Iterable[str]) -> list[Schema]:
    """The include parameter, where something can be included."""
    allowed = tuple(names)
    return [several("include", allowed, "Related objects to answer as well")] if allowed else []


def filter_parameter(name: str, wire_filter: WireFilter) -> Schema:
    """One `filter[name]`."""
    schema = FILTER_SCHEMAS[wire_filter.wire_type]
    if isinstance(wire_filter, ChoiceFilter):
        schema = choice_schema(wire_filter.allowed.values())
    text = f"Several values, as filter[{name}][]=, mean one of them."
    if schema is TEXT:
        text = "Text with % as in LIKE. " + text
    described = {"name": f"filter[{name}]", "in": "query", "description": text, "schema": schema}
    return {**described, "style": "deepObject"} if schema.get("type") == "object" else described
