"""Each operation of a resource: its name, parameters, body and answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db import models
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import Direction

from erp.core import fields as wire_fields
from erp.core.parameters import ParametersField
from erp.core.resources import MAX_BULK, CreatableResource, ReadOnlyResource
from erp.core.schema.answers import model_field, nullable, parameters_answer, plain_schema
from erp.core.schema.bodies import Bodies
from erp.core.schema.components import COMPONENTS, ERRORS, PARAMETERS, TEXT, WHOLE, Schema
from erp.core.schema.queries import filter_parameter, included, several
from erp.core.wire import BodyMixin, WireSerializer, columns_of, has_serializer, nested_of

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


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """`Authorization: Bearer YOUR_TOKEN`."""

    target_class = "tenants.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> Schema:
        return {"type": "http", "scheme": "bearer", "description": "An API key of a team user."}


def without_slashes(endpoints: list[tuple[Any, ...]], **kwargs: Any) -> list[tuple[Any, ...]]:
    """Every address also answers with a trailing slash; the description names it once, without."""
    return [(path.rstrip("/"), *others) for path, *others in endpoints]


def example_of(status: int) -> Schema:
    """What an error answers, for instance."""
    if status == 422:
        sentence = "A valid number is required."
        path = "contents.0.quantity"
        return {"message": f"{path}: {sentence}", "errors": {path: [sentence]}}
    return {"message": ERRORS[status][1]}


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
            return dict(self.view.answer_schema)
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
        content = {"application/json": {"schema": schema, "example": example_of(status)}}
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
