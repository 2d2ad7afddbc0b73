"""The routes of the API, for tests that walk all of them and so cover resources still to come.

    @pytest.mark.parametrize("endpoint", endpoints(), ids=str)

`row(endpoint)` makes a row of an endpoint's resource in the team in scope; `address` is where it answers.
"""

from __future__ import annotations

import datetime
import itertools
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, models, transaction
from drf_spectacular.generators import SchemaGenerator
from rest_framework import serializers

import erp.urls  # noqa: F401 - fills the router
from erp.core import fields as wire
from erp.core.access import LEVELS, AnyOf, Key, ListKey, SwitchKey
from erp.core.errors import BusinessError
from erp.core.models import TenantModel
from erp.core.parameters import ParametersField
from erp.core.resources import ApiView, ReadOnlyResource
from erp.core.scope import WrongTeam
from erp.core.wire import BodyMixin
from tests import bodies
from tests.factories import make

__all__ = [
    "NOWHERE",
    "Endpoint",
    "Link",
    "Made",
    "add_copies",
    "endpoints",
    "full_row",
    "links",
    "lists",
    "needed",
    "plain",
    "published",
    "resources",
    "row",
    "siblings",
    "valid_body",
    "writes",
]

#: An id that no row has.
NOWHERE = 999_999_999
STANDARD = {"list", "retrieve", "create", "update", "destroy"}


@dataclass(frozen=True)
class Endpoint:
    """One method of one address; `view` is an instance of its view, with the action set."""

    path: str
    method: str
    view: Any = field(compare=False)
    #: The serializer that reads the body, if there is one and it is known.
    reader: Any = field(compare=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def model(self) -> Any:
        return self.view.serializer_class.Meta.model

    @property
    def is_detail(self) -> bool:
        return "{id}" in self.path

    @property
    def collection(self) -> str:
        """The address of the resource's list, a template."""
        return self.path.partition("/{id}")[0]

    @property
    def parents(self) -> list[str]:
        """Names of the rows above, of nested resources ("customer")."""
        return [name for name in re.findall(r"{(\w+)}", self.path) if name != "id"]

    def address(self, pk: int = NOWHERE, **parents: int) -> str:
        """The address with ids filled in."""
        return self.path.format(id=pk, **dict.fromkeys(self.parents, NOWHERE) | parents)

    def __hash__(self) -> int:
        return hash((self.path, self.method))


@cache
def endpoints() -> tuple[Endpoint, ...]:
    """Every method of every address of the API."""
    generator = SchemaGenerator()
    generator._initialise_endpoints()
    found = (
        Endpoint(path.removeprefix("/api/v1"), method, view, reader_of(view, method))
        for path, _regex, method, view in generator._get_paths_and_endpoints()
        if isinstance(view, ApiView)
    )
    return tuple(sorted(found, key=str))


@cache
def published() -> Any:
    """The OpenAPI document as clients read it."""
    return SchemaGenerator().get_schema(request=None, public=True)


def reader_of(view: Any, method: str) -> Any:
    serializer = view.schema.get_request_serializer() if method in ("POST", "PUT") else None
    instance = serializer() if isinstance(serializer, type) else serializer
    return instance if isinstance(instance, BodyMixin) else None


def of_action(*names: str) -> list[Endpoint]:
    return [
        item for item in endpoints() if item.view.action in names and isinstance(item.view, ReadOnlyResource)
    ]


def lists() -> list[Endpoint]:
    """GET of each list."""
    return of_action("list")


def resources() -> list[Endpoint]:
    """GET of one row of each resource that belongs to teams."""
    return [item for item in of_action("retrieve") if issubclass(item.model, TenantModel)]


def writes() -> list[Endpoint]:
    """Every endpoint that reads a body which is known."""
    return [item for item in endpoints() if item.reader is not None]


def siblings(endpoint: Endpoint) -> list[Endpoint]:
    """Every endpoint of the same resource's single rows."""
    prefix = f"{endpoint.collection}/{{id}}"
    return [
        item
        for item in endpoints()
        if item.path == prefix or item.path.startswith(f"{prefix}/")
        if type(item.view) is type(endpoint.view)
    ]


# --- Rows -----------------------------------------------------------------------------------------


@dataclass
class Made:
    """A row with those above it."""

    row: Any
    parents: dict[str, Any]

    def address(self, endpoint: Endpoint) -> str:
        return endpoint.address(self.row.pk, **{name: parent.pk for name, parent in self.parents.items()})


def parents_of(endpoint: Endpoint) -> dict[str, Any]:
    """New rows for the names in a nested address: {customer} is a Customer."""
    return {name: make(parent_model(name)) for name in endpoint.parents}


def parent_model(name: str) -> type[models.Model]:
    return next(model for model in apps.get_models() if model._meta.model_name == name)


def row(endpoint: Endpoint, parents: Mapping[str, Any] | None = None, **values: Any) -> Made:
    """A new row of the endpoint's resource, in the team in scope."""
    above = dict(parents_of(endpoint) if parents is None else parents)
    columns = {item.name for item in endpoint.model._meta.get_fields()}
    links = {name: parent for name, parent in above.items() if name in columns}
    maker = bodies.ROWS.get(endpoint.collection) or (lambda **given: make(endpoint.model, **given))
    return Made(maker(**links, **values), above)


def full_row(endpoint: Endpoint, parents: Mapping[str, Any] | None = None) -> Made:
    """A row whose links and lists are filled, as far as its rules allow, so that includes have work to do."""
    made = row(endpoint, parents)
    for item in relations(made.row):
        fill(made.row, item, deep=True)
    return made


def relations(owner: Any) -> list[Any]:
    """Links and lists of a row."""
    return [
        item
        for item in owner._meta.get_fields()
        if item.is_relation and item.name != "team" and not item.hidden
    ]


def fill(owner: Any, relation: Any, *, deep: bool = False) -> None:
    """Link new rows by one relation; rules that refuse are obeyed."""
    try:
        with transaction.atomic():
            if relation.many_to_many:
                name = relation.get_accessor_name() if relation.auto_created else relation.name
                getattr(owner, name).add(target_row(relation))
            elif relation.one_to_many:
                child = make(relation.related_model, **{relation.field.name: owner})
                for item in relations(child) if deep else ():
                    fill(child, item)
            elif relation.concrete and getattr(owner, relation.attname) is None:
                type(owner).objects.filter(pk=owner.pk).update(**{relation.name: target_row(relation)})
    except (
        BusinessError,
        IntegrityError,
        WrongTeam,
        ObjectDoesNotExist,
        AttributeError,
        TypeError,
        ValueError,
        NotImplementedError,
    ):
        return


def add_copies(row: Any, count: int) -> None:
    """Copies of a row, with copies of what it has many of. They link to what the row links to.

    Written in bulk, unlike rows that are made. Raises IntegrityError where links may not be had twice.
    """
    made = [copy_of(row) for _ in range(count)]
    type(row).objects.bulk_create(made)
    for item in relations(row):
        if item.one_to_many and issubclass(item.related_model, TenantModel):
            children = list(item.related_model.objects.filter(**{item.field.name: row}))
            copies = [copy_of(child, **{item.field.attname: new.pk}) for new in made for child in children]
            item.related_model.objects.bulk_create(copies)
        elif item.many_to_many:
            name = item.get_accessor_name() if item.auto_created else item.name
            linked = list(getattr(row, name).all())
            for new in made:
                getattr(new, name).add(*linked)


def copy_of(row: Any, **values: Any) -> Any:
    """An unsaved copy of a row; what must be unique is another text or number."""
    own = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    own[row._meta.pk.attname] = None
    for column in unique_fields(type(row)):
        value, number = own[column.attname], next(_copies)
        if isinstance(value, str):
            own[column.attname] = f"{value[: (column.max_length or 99) - 6]}{number:06d}"
        elif isinstance(value, uuid.UUID):
            own[column.attname] = uuid.uuid4()
        elif isinstance(value, int) and not column.is_relation:
            own[column.attname] = value + number % 30_000  # the smallest columns hold no more
    return type(row)(**own | values)


_copies = itertools.count(100_000)


@cache
def unique_fields(model: type[models.Model]) -> tuple[Any, ...]:
    """The columns of a model that may not be the same on two rows, alone or together."""
    names = {field.name for field in model._meta.concrete_fields if field.unique and not field.primary_key}
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            names |= set(constraint.fields)
            for expression in constraint.expressions:
                parts = [expression] if isinstance(expression, models.F) else expression.flatten()
                names |= {part.name for part in parts if isinstance(part, models.F)}
    return tuple(field for field in model._meta.concrete_fields if field.name in names)


_turn = itertools.count()


def target_row(relation: Any) -> Any:
    """A new row to link to; of global lists, another one each time."""
    target = relation.related_model
    if issubclass(target, TenantModel):
        return make(target)
    rows = target._default_manager.order_by("pk")[:20]
    return rows[next(_turn) % len(rows)]


# --- Bodies ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Link:
    """An attribute of a body that takes the id of a row: `wrap(5)` is a body that gives it."""

    steps: tuple[Any, ...]
    model: Any
    many: bool

    @property
    def path(self) -> str:
        return ".".join(str(step) for step in self.steps)

    def wrap(self, value: Any) -> dict[str, Any]:
        data: Any = [value] if self.many else value
        for step in reversed(self.steps):
            data = [data] if step == 0 else {step: data}
        return dict(data)


def links(reader: Any, above: tuple[Any, ...] = (), depth: int = 4) -> Iterator[Link]:
    """Every attribute of a body, nested ones included, that names rows of a team."""
    for name, item in reader.fields.items():
        steps = (*above, name)
        if item.read_only or depth == 0:
            continue
        if isinstance(item, wire.LinkField) and item.model and issubclass(item.model, TenantModel):
            yield Link(steps, item.model, isinstance(item, wire.Ids))
        elif isinstance(item, wire.NestedList):
            yield from links(item.serializer_class.reader(partial=False), (*steps, 0), depth - 1)
        elif isinstance(item, wire.NestedObject):
            yield from links(item.serializer_class.reader(partial=item.partial), steps, depth - 1)
        elif isinstance(item, ParametersField):
            yield from settings_links(item, steps)


def settings_links(item: ParametersField, steps: tuple[Any, ...]) -> Iterator[Link]:
    for parameter in item.parameters:
        if parameter.model and issubclass(parameter.target, TenantModel):
            yield Link((*steps, parameter.name), parameter.target, parameter.kind == "links")


def valid_body(endpoint: Endpoint) -> dict[str, Any]:
    """A body that creates a row: the chapter's own, or the attributes that the serializer asks for."""
    if maker := bodies.BODIES.get(endpoint.collection):
        return dict(maker())
    return required(endpoint.reader)


def required(reader: Any) -> dict[str, Any]:
    """A value for each required attribute of a body."""
    return {
        name: sample(item) for name, item in reader.fields.items() if item.required and not item.read_only
    }


def sample(item: Any) -> Any:
    """A plausible value of one attribute."""
    if isinstance(item, wire.LinkField):
        pk = (make(item.model) if issubclass(item.model, TenantModel) else item.model.objects.first()).pk
        return [pk] if isinstance(item, wire.Ids) else pk
    if isinstance(item, wire.NestedList):
        return [required(item.serializer_class.reader(partial=False))]
    if isinstance(item, wire.NestedObject):
        return required(item.serializer_class.reader(partial=item.partial))
    if isinstance(item, serializers.ChoiceField):
        return next(iter(item.choices))
    return next((value for kind, value in SAMPLES if isinstance(item, kind)), 1)


SAMPLES: tuple[tuple[type[Any], Any], ...] = (
    (serializers.BooleanField, True),
    (serializers.EmailField, "person@acme.example"),
    (serializers.CharField, "text"),
    (serializers.IntegerField, 1),
    (serializers.DecimalField, "1.00"),
    (serializers.DateTimeField, "2024-05-17T09:30:00Z"),
    (serializers.DateField, "2024-05-17"),
    (serializers.ListField, ["text"]),
    (serializers.JSONField, {}),
)


# --- Permissions ----------------------------------------------------------------------------------


def needed(endpoint: Endpoint) -> list[dict[str, int]]:
    """Ways to be allowed, each the levels that it asks for; `[{}]` when every member is allowed."""
    view = endpoint.view
    view.request = type("Request", (), {"method": endpoint.method})()
    if keys := view.action_keys.get(view.action):
        return [dict(keys)]
    guard, verb = view.guard, view.verb
    if isinstance(guard, Key):
        return [{guard.key: LEVELS[verb]}]
    if isinstance(guard, AnyOf):
        return [{key: LEVELS[verb]} for key in guard.keys]
    if isinstance(guard, SwitchKey) or (isinstance(guard, ListKey) and verb != "read"):
        return [{guard.key: 1}]
    return [{}]


def plain(value: Any) -> Any:
    """A value that can be compared with others of its attribute; None when it cannot."""
    if isinstance(value, str) and re.fullmatch(r"-?\d+\.\d+", value):
        return Decimal(value)
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value):
        return datetime.datetime.fromisoformat(value).isoformat()
    return value if isinstance(value, (int, float)) else None
