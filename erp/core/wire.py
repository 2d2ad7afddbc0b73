"""Serializers of the wire: one declaration per object gives its answer, body, includes and schema.

    class UnitSerializer(WireSerializer):
        class Meta:
            model = Unit
            fields = ("id", "label", "use_default", "created_at", "updated_at")

Reading a body goes through DRF's validation (`parse`); answering goes through functions compiled once
per serializer and set of includes (`render`, `render_many`), with exactly the prefetches they need.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, ClassVar

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _
from rest_framework import serializers

from erp.core.access import visible
from erp.core.fields import (
    Column,
    LinkField,
    NestedList,
    NestedObject,
    Relation,
    RelationList,
    WireBoolean,
    WireChar,
    WireChoice,
    WireDate,
    WireDateTime,
    WireDecimal,
    WireEmail,
    WireInteger,
    WireReadOnly,
)
from erp.core.models import TenantModel
from erp.core.named_rows import known_rows

__all__ = ["BodySerializer", "Include", "WireSerializer", "serializer_for"]

#: A tree of included relations, hashable: (("contents", (("vat_rate", ()),)), ("customer", ())).
Include = tuple[tuple[str, Any], ...]
Render = Callable[[Any], dict[str, Any]]

_by_model: dict[type[models.Model], type[WireSerializer]] = {}


def serializer_for(model: type[models.Model]) -> type[WireSerializer]:
    """The serializer that answers a model's rows wherever they are nested."""
    return _by_model[model]


def has_serializer(model: type[models.Model]) -> bool:
    """Whether a model's rows can be nested in answers."""
    return model in _by_model


class BodyMixin:
    """Reading bodies: one shared, stateless reader per class; unknown attributes are refused by name."""

    fields: Any
    _readers: ClassVar[dict[Any, Any]]

    @classmethod
    def reader(cls, *, partial: bool) -> Any:
        """A bound serializer used only to validate; it keeps no state between bodies."""
        key = (cls, partial)
        readers = BodyMixin.__dict__["_readers"]
        if key not in readers:
            readers[key] = cls(partial=partial)  # type: ignore[call-arg]
        return readers[key]

    @classmethod
    def parse(cls, data: Any, *, partial: bool = False) -> dict[str, Any]:
        """Validated values of a body. Raises DRF's ValidationError (422), with every error at once."""
        reader = cls.reader(partial=partial)
        with reader.links_known([data]):
            return dict(reader.run_validation(data))

    @classmethod
    def parse_all(cls, datas: Sequence[Any]) -> list[dict[str, Any]]:
        """Validated values of several bodies; the rows that they name are looked up at once.

        Raises DRF's ValidationError (422), with the errors of each below its index.
        """
        reader = cls.reader(partial=False)
        values: list[dict[str, Any]] = []
        errors: dict[str, Any] = {}
        with reader.links_known(datas):
            for number, data in enumerate(datas):
                try:
                    values.append(dict(reader.run_validation(data)))
                except serializers.ValidationError as error:
                    errors[str(number)] = error.detail
        if errors:
            raise serializers.ValidationError(errors)
        return values

    def links_known(self, datas: Iterable[Any]) -> AbstractContextManager[None]:
        """Fetch every row that bodies name, one query per model."""
        wanted: dict[type[models.Model], set[int]] = {}
        for data in datas:
            for model, key in self.wanted(data) if isinstance(data, Mapping) else ():
                wanted.setdefault(model, set()).add(key)
        return known_rows(wanted)

    def wanted(self, data: Mapping[str, Any]) -> list[tuple[type[models.Model], int]]:
        """(model, id) of every row that a body names."""
        pairs: list[tuple[type[models.Model], int]] = []
        for name, field in self.fields.items():
            if (
                name in data
                and isinstance(field, (LinkField, NestedList, NestedObject))
                and not field.read_only
            ):
                pairs.extend(field.wanted(data[name]))
        return pairs

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            raise serializers.ValidationError({"": [_("The body must be one object.")]})
        data = self.known(data)
        return super().to_internal_value(data)  # type: ignore[misc]

    def known(self, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Apply aliases; refuse attributes that are neither read nor answered."""
        aliases = getattr(getattr(self, "Meta", None), "aliases", {})
        renamed = {aliases.get(name, name): value for name, value in data.items()}
        writable = {name for name, field in self.fields.items() if not field.read_only}
        unknown = sorted(
            str(name) for name in renamed if name not in writable and name not in self.answered_names()
        )
        if unknown:
            text = _("Unknown attribute. Allowed: %(names)s.") % {"names": ", ".join(sorted(writable))}
            raise serializers.ValidationError({name: [text] for name in unknown})
        return renamed

    @classmethod
    def answered_names(cls) -> frozenset[str]:
        """Attributes of the answer: an object read may be sent back whole, its computed part is ignored."""
        return frozenset(getattr(getattr(cls, "Meta", None), "ignored", ()))


BodyMixin._readers = {}


class BodySerializer(BodyMixin, serializers.Serializer):
    """A body that is no model's own (conversions, nested payloads, inputs that differ from the answer)."""


class WireSerializer(BodyMixin, serializers.ModelSerializer):
    """An object of the wire. Meta: model, fields, and

    - `always`: links shown as objects without being included;
    - `objects_only`: links without a `<name>_id` attribute;
    - `numbers`: decimals answered as JSON numbers;
    - `aliases`: other spellings accepted in bodies, {spelling: name};
    - `write_only`: attributes read but never answered;
    - `heavy`: columns of the model that no answer shows and that are too large to read for nothing.
    """

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.BigAutoField: WireInteger,
        models.IntegerField: WireInteger,
        models.PositiveIntegerField: WireInteger,
        models.PositiveSmallIntegerField: WireInteger,
        models.SmallIntegerField: WireInteger,
        models.BigIntegerField: WireInteger,
        models.PositiveBigIntegerField: WireInteger,
        models.BooleanField: WireBoolean,
        models.CharField: WireChar,
        models.TextField: WireChar,
        models.EmailField: WireEmail,
        models.DateField: WireDate,
        models.DateTimeField: WireDateTime,
        models.DecimalField: WireDecimal,
    }
    serializer_choice_field = WireChoice

    class Meta:
        model: type[models.Model]
        fields: tuple[str, ...]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        meta = getattr(cls, "Meta", None)
        if meta is not None and getattr(meta, "model", None) and getattr(meta, "register", True):
            _by_model[meta.model] = cls

    # --- Fields -----------------------------------------------------------------------------------

    def get_fields(self) -> dict[str, serializers.Field]:
        return copy.deepcopy(_fields_of(type(self)))

    def declared_and_built(self) -> dict[str, serializers.Field]:
        """DRF's introspection, done once per class."""
        return super().get_fields()

    def build_standard_field(self, field_name: str, model_field: Any) -> tuple[Any, dict[str, Any]]:
        field_class, kwargs = super().build_standard_field(field_name, model_field)
        # Uniqueness is a rule of the service: it knows the team and the deleted rows.
        kwargs.pop("validators", None) if model_field.unique else None
        if issubclass(field_class, WireDecimal) and field_name in getattr(self.Meta, "numbers", ()):
            kwargs["number"] = True
        if issubclass(field_class, (WireDecimal, WireChoice)):
            kwargs["allow_null"] = model_field.null or kwargs.get("allow_blank", False)
        return field_class, kwargs

    def build_property_field(self, field_name: str, model_class: Any) -> tuple[Any, dict[str, Any]]:
        return WireReadOnly, {}

    def build_relational_field(self, field_name: str, relation_info: Any) -> tuple[Any, dict[str, Any]]:
        model_field, target, to_many = (
            relation_info.model_field,
            relation_info.related_model,
            relation_info.to_many,
        )
        always = field_name in getattr(self.Meta, "always", ())
        if to_many:
            kwargs: dict[str, Any] = {"model": target, "always": always, "read_only": relation_info.reverse}
            return RelationList, kwargs if relation_info.reverse else {**kwargs, "required": False}
        return Relation, {
            "model": target,
            "always": always,
            "with_id": field_name not in getattr(self.Meta, "objects_only", ()),
            "required": not (model_field.null or model_field.has_default() or model_field.blank),
            "allow_null": model_field.null,
        }

    def include_extra_kwargs(
        self, kwargs: MutableMapping[str, Any], extra_kwargs: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        kwargs = super().include_extra_kwargs(kwargs, extra_kwargs)
        if kwargs.get("read_only"):
            for name in ("always", "with_id", "model"):
                if name in extra_kwargs:
                    kwargs[name] = extra_kwargs[name]
        return kwargs

    def get_validators(self) -> list[Any]:
        return []

    @classmethod
    def answered_names(cls) -> frozenset[str]:
        return frozenset(column.name for column in columns_of(cls)) | super().answered_names()

    # --- Answers ----------------------------------------------------------------------------------

    @classmethod
    def annotated(cls, queryset: Any) -> Any:
        """The queryset with what answers show and no column holds (counts of other rows)."""
        return queryset

    @classmethod
    def finish(cls, row: Any, data: dict[str, Any]) -> dict[str, Any]:
        """Last touch on one answer (attributes present only in some cases)."""
        return data

    @classmethod
    def complete(cls, datas: list[dict[str, Any]]) -> None:
        """Fill in what several answers share, in one go (rows named by JSON columns)."""

    @classmethod
    def includes(cls) -> dict[str, Column]:
        """Columns that a request may include, by name."""
        return {column.name: column for column in columns_of(cls) if column.on_request}

    @classmethod
    def render(cls, row: Any, include: Include = ()) -> dict[str, Any]:
        """The answer for one row; loads what is not loaded yet."""
        return cls.render_all([row], include)[0]

    @classmethod
    def render_all(cls, rows: Sequence[Any], include: Include = ()) -> list[dict[str, Any]]:
        """Answers for rows in memory; loads what is not loaded yet."""
        prefetch_related_objects(rows, *prefetches(cls, include))
        return cls.render_many(rows, include)

    @classmethod
    def render_many(cls, rows: Iterable[Any], include: Include = ()) -> list[dict[str, Any]]:
        """Answers for rows fetched with `prefetches(cls, include)`; of deleted ones, only that they are."""
        function = compiled(cls, include)
        datas = [deleted_answer(row) if getattr(row, "deleted_at", None) else function(row) for row in rows]
        cls.complete(datas)
        return datas

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return self.render(instance)


@cache
def _fields_of(cls: type[WireSerializer]) -> dict[str, serializers.Field]:
    return cls().declared_and_built()


@cache
def columns_of(cls: type[WireSerializer]) -> tuple[Column, ...]:
    """Every attribute that an answer of this serializer may have, in the reference's order."""
    hidden = set(getattr(cls.Meta, "write_only", ()))
    columns: list[Column] = []
    for name, field in cls().fields.items():
        if name not in hidden and not field.write_only and hasattr(field, "columns"):
            columns.extend(field.columns(name))
    return tuple(columns)


def nested_of(column: Column) -> type[WireSerializer]:
    """The serializer of a nested column, which may be given as its model."""
    nested = column.nested
    return (
        nested if isinstance(nested, type) and issubclass(nested, WireSerializer) else serializer_for(nested)
    )


def shown(cls: type[WireSerializer], include: Include) -> list[tuple[Column, Include]]:
    """Columns of an answer with these includes, each with the includes below it."""
    wanted = dict(include)
    return [
        (column, wanted.get(column.name, ()))
        for column in columns_of(cls)
        if not column.on_request or (column.shown_with or column.name) in wanted
    ]


@cache
def compiled(cls: type[WireSerializer], include: Include) -> Render:
    """The function row -> answer."""
    parts = [(column.name, _getter(column, below)) for column, below in shown(cls, include)]
    finish = cls.finish
    plain_finish = cls.finish.__func__ is WireSerializer.finish.__func__  # type: ignore[attr-defined]

    def render(row: Any) -> dict[str, Any]:
        data = {name: get(row) for name, get in parts}
        return data if plain_finish else finish(row, data)

    return render


def _getter(column: Column, below: Include) -> Callable[[Any], Any]:
    if column.nested is None:
        return column.get
    get, render = column.get, compiled(nested_of(column), below)
    if column.many:
        return lambda row: [render(item) for item in get(row)]

    def one(row: Any) -> dict[str, Any] | None:
        try:
            item = get(row)
        except ObjectDoesNotExist:  # the actor may not see it
            return None
        return None if item is None else render(item)

    return one


def prefetches(cls: type[WireSerializer], include: Include) -> list[Any]:
    """What to prefetch so that rendering rows asks no further query, narrowed to what the actor may see."""
    nested: list[Any] = []
    needed: list[Any] = []
    for column, below in shown(cls, include):
        needed.extend(column.needs() if callable(column.needs) else column.needs)
        if column.nested is not None:
            nested.append(_prefetch(cls, column, nested_of(column), below))
    # What columns need comes last: a narrowed prefetch cannot follow a plain one of the same link.
    return [*nested, *needed]


def _prefetch(
    cls: type[WireSerializer], column: Column, nested: type[WireSerializer], below: Include
) -> Prefetch | str:
    source = _fields_of(cls)[column.name].source or column.name
    path = source.replace(".", "__")
    target = nested.Meta.model
    # A link to one row still shows the row after its deletion; lists show living rows only.
    queryset = visible(target, with_deleted=not column.many)
    return Prefetch(path, queryset=loaded(nested, queryset, below))


def loaded(cls: type[WireSerializer], queryset: Any, include: Include) -> Any:
    """The queryset with what answers need, and without what none shows."""
    return cls.annotated(queryset).defer(*heavy(cls)).prefetch_related(*prefetches(cls, include))


def heavy(cls: type[WireSerializer]) -> tuple[str, ...]:
    """Columns that no answer shows and that are too large to read for nothing."""
    return tuple(getattr(cls.Meta, "heavy", ()))


def deleted_answer(row: TenantModel) -> dict[str, Any]:
    """A deleted row: its id and when it was deleted, nothing else."""
    from erp.core.fields import datetime_of

    return {"id": row.pk, "deleted_at": datetime_of(row.deleted_at)}
