"""OpenAPI 3.1 of the resources, derived from their declarations: nothing about the wire is said twice.

A field of the wire that converts its value in its own way may state `answer_schema` and `body_schema`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, get_type_hints

from django.db import models
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import Direction
from rest_framework import serializers

from erp.core import fields as wire_fields
from erp.core.filters import ChoiceFilter, WireFilter
from erp.core.listing import DEFAULT_PER_PAGE, MAX_PER_PAGE
from erp.core.parameters import Parameter, ParametersField
from erp.core.resources import MAX_BULK, CreatableResource, ReadOnlyResource
from erp.core.wire import BodyMixin, WireSerializer, columns_of, has_serializer, nested_of, serializer_for

__all__ = ["ApiKeyScheme", "ResourceSchema", "without_slashes"]

Schema = dict[str, Any]
MEDIA_TYPES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
#: The name of each standard action in operation ids.
ACTIONS = {
    "list": "list",
    "retrieve": "get",
    "create": "create",
    "update": "update",
    "destroy": "delete",
    "change": "update",
}

TEXT: Schema = {"type": "string"}
URL: Schema = {"type": ["string", "null"]}
WHOLE: Schema = {"type": "integer"}
COMPONENTS: dict[str, Schema] = {
    "Error": {
        "type": "object",
        "description": "Why a request was refused; `errors` has sentences by dotted path of the attribute.",
        "required": ["message"],
        "properties": {
            "message": TEXT,
            "errors": {"type": "object", "additionalProperties": {"type": "array", "items": TEXT}},
        },
    },
    "Deleted": {
        "type": "object",
        "description": "A deleted row, shown by `with_deleted`.",
        "required": ["id", "deleted_at"],
        "properties": {"id": WHOLE, "deleted_at": {"type": "string", "format": "date-time"}},
        "additionalProperties": False,
    },
    "PageLinks": {
        "type": "object",
        "required": ["first", "last", "prev", "next"],
        "properties": dict.fromkeys(("first", "last", "prev", "next"), URL),
    },
    "PageMeta": {
        "type": "object",
        "required": ["current_page", "from", "last_page", "links", "path", "per_page", "to", "total"],
        "properties": {
            "current_page": WHOLE,
            "from": {"type": ["integer", "null"]},
            "last_page": WHOLE,
            "links": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["url", "label", "active"],
                    "properties": {"url": URL, "label": TEXT, "active": {"type": "boolean"}},
                },
            },
            "path": TEXT,
            "per_page": WHOLE,
            "to": {"type": ["integer", "null"]},
            "total": WHOLE,
        },
    },
}
ERRORS = {
    400: ("Unreadable", "The body or the query could not be read."),
    401: ("Unauthorized", "The API key is missing, unknown or revoked."),
    403: ("Forbidden", "The permissions of the key's team user do not allow this."),
    404: ("NotFound", "There is no such element in the team."),
    405: ("MethodNotAllowed", "This address does not have this method."),
    412: ("Stale", "The element was changed since it was read (If-Match)."),
    409: ("Conflict", "The data is right, but the state of the element forbids it now."),
    413: ("TooLarge", "The request is too large."),
    415: ("UnsupportedMediaType", "The body is neither JSON nor a form."),
    422: ("Invalid", "The body or a parameter is not valid."),
    429: ("TooManyRequests", "Too many requests in this minute; Retry-After says when to come back."),
}
PARAMETERS: dict[str, Schema] = {
    "testMode": {
        "name": "testMode",
        "in": "header",
        "description": "1 or true: work on the team's sandbox, which has its own data.",
        "schema": {"type": "string", "enum": ["0", "1", "false", "true"]},
    },
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Names the request: sent again within 24 hours, it is answered again, not done again.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    },
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "description": "The ETag of the element as it was read: 412 when it was changed since.",
        "schema": TEXT,
    },
    "If-None-Match": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag of the answer that the client has: 304 when it is still the same.",
        "schema": TEXT,
    },
    "page": {
        "name": "page",
        "in": "query",
        "description": "The page, from 1.",
        "schema": {"type": "integer", "minimum": 1, "default": 1},
    },
    "per_page": {
        "name": "per_page",
        "in": "query",
        "description": "Rows per page.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PER_PAGE, "default": DEFAULT_PER_PAGE},
    },
    "edited_since": {
        "name": "edited_since",
        "in": "query",
        "description": "Only rows written since this moment.",
        "schema": {"type": "string", "format": "date-time"},
    },
    "with_deleted": {
        "name": "with_deleted",
        "in": "query",
        "description": "Also show deleted rows, by their id and when they were deleted.",
        "schema": {"type": "boolean", "default": False},
    },
}
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


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """`Authorization: Bearer YOUR_TOKEN`."""

    target_class = "tenants.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> Schema:
        return {"type": "http", "scheme": "bearer", "description": "An API key of a team user."}


def without_slashes(endpoints: list[tuple[Any, ...]], **kwargs: Any) -> list[tuple[Any, ...]]:
    """Every address also answers with a trailing slash; the description names it once, without."""
    return [(path.rstrip("/"), *others) for path, *others in endpoints]


# --- Answers --------------------------------------------------------------------------------------


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


# --- Bodies ---------------------------------------------------------------------------------------


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


# --- Operations -----------------------------------------------------------------------------------


def words(text: str) -> str:
    """A text as one identifier."""
    return re.sub(r"\W+", "_", text).strip("_")


class ResourceSchema(AutoSchema):
    """Adds the list protocol's parameters and the wire's bodies and answers."""

    view: Any

    # --- Naming

    @property
    def action(self) -> str:
        return str(self.view.action)

    @property
    def is_one_page(self) -> bool:
        """Whether the operation answers a page of rows."""
        return self.action == "list" and isinstance(self.view, ReadOnlyResource)

    def get_operation_id(self) -> str:
        verb = ACTIONS.get(self.action, self.action)
        if self.action == "list" and not self.is_one_page:
            verb = "get"
        return words(f"{self.view.basename}_{verb}".replace("-", "_"))

    def get_tags(self) -> list[str]:
        package, *chapter = type(self.view).__module__.split(".")
        return [(chapter[0] if package == "erp" and chapter else package).capitalize()]

    def get_summary(self) -> str:
        noun = words(self.view.basename).replace("_", " ")
        return f"{ACTIONS.get(self.action, self.action).replace('_', ' ').capitalize()}: {noun}"

    # --- Parameters

    def _get_parameters(self) -> list[Schema]:
        path = [
            {"name": name, "in": "path", "required": True, "schema": WHOLE}
            for name in re.findall(r"{(\w+)}", self.path)
        ]
        names = ["testMode", *self.headers()]
        shared = [self.shared(ResolvedComponent.PARAMETER, name, PARAMETERS[name]) for name in names]
        return [*path, *(self.list_parameters() if self.is_one_page else self.single_parameters()), *shared]

    def headers(self) -> list[str]:
        """The headers by which a client says what it has, or what it did already."""
        is_single = "{id}" in self.path and isinstance(self.view, ReadOnlyResource)
        if self.method == "GET":
            return ["If-None-Match"] if is_single and self.action == "retrieve" else []
        return ["Idempotency-Key", *(["If-Match"] if is_single else [])]

    def list_parameters(self) -> list[Schema]:
        """page, per_page, sort, search, filter[…], include, edited_since, with_deleted."""
        view = self.view
        names = ["page", "per_page", "edited_since", "with_deleted"]
        result = [self.shared(ResolvedComponent.PARAMETER, name, PARAMETERS[name]) for name in names]
        if view.sorts:
            result.append(
                several("sort", view.sorts, "Order, first key first; add :desc to reverse", reversible=True)
            )
        if view.searches:
            text = "Text to find, with % as in LIKE, in: " + ", ".join(view.searches) + "."
            result.append({"name": "search", "in": "query", "description": text, "schema": TEXT})
        result.extend(filter_parameter(name, item) for name, item in view.filters.items())
        return [*result, *included(view.list_includes)]

    def single_parameters(self) -> list[Schema]:
        """The includes of an answer with one row."""
        if not isinstance(self.view, ReadOnlyResource) or self.action not in ("retrieve", "create", "update"):
            return []
        names = self.view.list_includes if self.view.single_includes is None else self.view.single_includes
        return included(names)

    # --- Bodies

    def get_request_serializer(self) -> Any:
        if self.action not in ("create", "update", "change"):
            return None
        partial = self.action != "create"
        asked = getattr(self.view, "reader", None)
        reader = asked(partial=partial) if asked else getattr(self.view, "serializer_class", None)
        return reader and reader(partial=partial)

    def _get_request_body(self, direction: Direction = "request") -> Schema | None:
        if self.method not in ("POST", "PUT"):
            return None
        serializer = self.get_request_serializer()
        if serializer is None:
            return None
        instance = serializer() if isinstance(serializer, type) else serializer
        schema = self.resolve_serializer(instance, "request").ref
        content = {kind: {"schema": schema} for kind in MEDIA_TYPES}
        if self.takes_several:
            several = {"type": "array", "items": schema, "minItems": 1, "maxItems": MAX_BULK}
            content["application/json"] = {"schema": {"oneOf": [schema, several]}}
        return {"required": True, "content": content}

    @property
    def takes_several(self) -> bool:
        """Whether the operation also creates the elements of an array."""
        return self.action == "create" and isinstance(self.view, CreatableResource)

    # --- Answers

    def get_response_serializers(self) -> Any:
        return getattr(self.view, "serializer_class", None)

    def _get_response_bodies(self, direction: Direction = "response") -> Schema:
        errors = [400, 401, 403, 404, 405, 422, 429]
        if self.method != "GET":
            errors += [409, 413, 415, *([] if self.action == "create" else [412])]
        refused = {str(status): self.error(status) for status in sorted(errors)}
        return {**self.success(), **refused}

    def success(self) -> Schema:
        """What is answered when all is well."""
        if self.method == "DELETE":
            return {"204": {"description": "Deleted."}}
        status = "201" if self.action == "create" else "200"
        content = {"application/json": {"schema": self.answer()}}
        return {
            status: {
                "description": "The elements." if self.is_one_page else "The element.",
                "content": content,
            }
        }

    def answer(self) -> Schema:
        """The schema of a successful answer."""
        serializer = self.get_response_serializers()
        if serializer is None:
            return getattr(getattr(self.view, self.action), "answer_schema", {})
        row = self.resolve_serializer(serializer, "response").ref
        if self.takes_several:
            rows = {"type": "array", "items": row}
            several = {"type": "object", "required": ["datas"], "properties": {"datas": rows}}
            return {"anyOf": [row, several]}
        if not self.is_one_page:
            return row
        deleted = self.shared(ResolvedComponent.SCHEMA, "Deleted", COMPONENTS["Deleted"])
        properties = {
            "datas": {"type": "array", "items": {"anyOf": [row, deleted]}},
            "links": self.shared(ResolvedComponent.SCHEMA, "PageLinks", COMPONENTS["PageLinks"]),
            "meta": self.shared(ResolvedComponent.SCHEMA, "PageMeta", COMPONENTS["PageMeta"]),
        }
        return {"type": "object", "required": list(properties), "properties": properties}

    def error(self, status: int) -> Schema:
        """A shared error answer."""
        name, description = ERRORS[status]
        schema = self.shared(ResolvedComponent.SCHEMA, "Error", COMPONENTS["Error"])
        content = {"application/json": {"schema": schema}}
        response: Schema = {"description": description, "content": content}
        if status == 429:
            response["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": WHOLE}}
        return self.shared(ResolvedComponent.RESPONSE, name, response)

    def shared(self, kind: str, name: str, schema: Schema) -> Schema:
        """A reference to a component that every operation may use."""
        component = ResolvedComponent(name, kind, schema, ResourceSchema)  # type: ignore[no-untyped-call]
        self.registry.register_on_missing(component)
        return component.ref

    # --- Objects

    def reference(self, cls: type[Any], *, partial: bool | None = None) -> Schema:
        """The component of a nested answer, or of a nested body when `partial` is given."""
        if partial is None:
            return self.resolve_serializer(cls(), "response").ref
        return self.resolve_serializer(cls(partial=partial), "request").ref

    def _get_serializer_name(
        self, serializer: Any, direction: Direction, bypass_extensions: bool = False
    ) -> str:
        if not isinstance(serializer, BodyMixin):
            return str(super()._get_serializer_name(serializer, direction, bypass_extensions))
        name = type(serializer).__name__
        noun = re.sub(r"(?<=.)Serializer$", "", name)
        if direction == "response":
            return noun
        noun = re.sub(r"(?<=.)(Input|Body)$", "", noun)
        return f"{noun}{'Changes' if getattr(serializer, 'partial', False) else 'Input'}"

    def get_serializer_identity(self, serializer: Any, direction: Direction) -> Any:
        return (
            type(serializer)
            if isinstance(serializer, BodyMixin)
            else super().get_serializer_identity(serializer, direction)
        )

    def _map_serializer(
        self, serializer: Any, direction: Direction, bypass_extensions: bool = False
    ) -> Schema:
        instance = serializer() if isinstance(serializer, type) else serializer
        if not isinstance(instance, BodyMixin):
            return dict(super()._map_serializer(serializer, direction, bypass_extensions))  # type: ignore[no-untyped-call]
        if direction == "response" and isinstance(instance, WireSerializer):
            return self.answer_object(type(instance))
        return self.body_object(instance)

    def answer_object(self, cls: type[WireSerializer]) -> Schema:
        """The schema of an object as answered; what must be included is optional."""
        properties: dict[str, Schema] = {}
        for name, field in cls().fields.items():
            shown = {} if not hasattr(field, "columns") else {column.name for column in field.columns(name)}
            for column in columns_of(cls):
                if column.name in shown and is_described(column):
                    properties[column.name] = self.column_schema(cls, name, field, column)
        changes = cls.finish.__func__ is not WireSerializer.finish.__func__  # type: ignore[attr-defined]
        required = [name for name in properties if name not in cls.includes()]
        schema: Schema = {"type": "object", "properties": properties}
        return schema if changes or not required else {**schema, "required": required}

    def column_schema(self, cls: type[WireSerializer], name: str, field: Any, column: Any) -> Schema:
        """The schema of one attribute of an answer."""
        if isinstance(field, ParametersField):
            return parameters_answer(field, self.reference)
        if column.schema:
            return dict(column.schema)
        if column.nested is not None:
            nested = self.reference(nested_of(column))
            return {"type": "array", "items": nested} if column.many else nullable(nested)
        if isinstance(field, wire_fields.Relation):
            link = model_field(cls, field.source or name)
            return WHOLE if isinstance(link, models.Field) and not link.null else nullable(WHOLE)
        return plain_schema(cls, name, field)

    def body_object(self, serializer: Any) -> Schema:
        """The schema of an object as read."""
        bodies = Bodies(self.reference)
        writable: Mapping[str, Any] = {
            name: field for name, field in serializer.fields.items() if not field.read_only
        }
        properties = {name: bodies.of(field) for name, field in writable.items()}
        required = [name for name, field in writable.items() if field.required and not serializer.partial]
        schema: Schema = {"type": "object", "properties": properties}
        return {**schema, "required": required} if required else {**schema, "additionalProperties": True}


def is_described(column: Any) -> bool:
    """Whether something answers a column's rows: links that nobody can include need no serializer."""
    nested = column.nested
    return nested is None or issubclass(nested, WireSerializer) or has_serializer(nested)


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
