"""Fields of the wire: how one value is read from a request and written to an answer.

They are DRF fields with one thing more: `columns(name)`, the attributes they put in an answer,
each as a function of the row. A serializer compiles these once (see `wire.py`), because answers
of documents hold thousands of values and DRF's per-field walk is ten times slower.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from operator import attrgetter
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.core.access import visible
from erp.core.moments import day_start
from erp.core.scope import current_team

__all__ = [
    "Column",
    "Computed",
    "DayOrMoment",
    "Ids",
    "JsonNumber",
    "LabelledChoice",
    "NestedList",
    "Relation",
    "RelationList",
    "Rows",
    "StatusFlag",
    "WireBoolean",
    "WireChar",
    "WireDateTime",
    "WireDecimal",
    "known_rows",
]

MAX_ID = 2**63 - 1


@dataclass(frozen=True)
class Column:
    """One attribute of an answer. `relation` columns nest another serializer's answer."""

    name: str
    get: Callable[[Any], Any]
    #: For nested answers: the serializer class (or the model, whose registered serializer is used).
    nested: Any = None
    many: bool = False
    #: Shown only when the request includes it.
    on_request: bool = False
    #: Shown when this other attribute is included, and only then.
    shown_with: str = ""
    #: ORM paths to load beforehand so that `get` asks no query; as a function where they depend on the actor.
    needs: tuple[str, ...] | Callable[[], Iterable[Any]] = ()
    #: JSON schema of a computed value.
    schema: Mapping[str, Any] = field(default_factory=dict)


# --- Plain values -------------------------------------------------------------------------------


def text_of(value: str) -> str | None:
    """Absent texts are stored empty and answered null."""
    return value or None


def datetime_of(value: datetime.datetime | None) -> str | None:
    """2022-07-05T21:59:52.000000Z."""
    return None if value is None else value.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def date_of(value: datetime.date | None) -> str | None:
    """2022-07-05."""
    return None if value is None else value.isoformat()


def number_of(value: Decimal | float | int | None) -> int | float | None:
    """A JSON number, whole when it is whole."""
    if value is None:
        return None
    whole = int(value)
    return whole if whole == value else float(value)


def decimal_text(value: Decimal | None, form: str) -> str | None:
    """A decimal as text with a fixed number of places ("100.00000")."""
    return None if value is None else format(value, form)


def piped(source: str, convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """`convert(row.source)`; sources with dots walk objects, None anywhere gives None."""
    if "." not in source:
        return lambda row: convert(getattr(row, source))
    get = attrgetter(source)

    def walk(row: Any) -> Any:
        try:
            return convert(get(row))
        except AttributeError:
            return None

    return walk


class PlainField:
    """Mixin of fields that put one converted value under their own name."""

    source: str | None

    def convert(self, value: Any) -> Any:
        return value

    def columns(self, name: str) -> list[Column]:
        source = self.source if self.source and self.source != "*" else name
        get = attrgetter(source) if type(self).convert is PlainField.convert else piped(source, self.convert)
        return [Column(name, get)]


class WireChar(PlainField, serializers.CharField):
    """Text: null on the wire is empty in the database."""

    def __init__(self, **kwargs: Any) -> None:
        if not kwargs.get("required", False) or kwargs.get("allow_blank"):
            kwargs.setdefault("allow_null", True)
        super().__init__(**kwargs)

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        if data is None and not self.allow_blank:
            self.fail("null")
        done, value = super().validate_empty_values(data)
        return done, "" if done and value is None and not self.read_only else value

    def convert(self, value: Any) -> Any:
        return value or None


class WireEmail(WireChar, serializers.EmailField):
    """An e-mail address."""


class WireInteger(PlainField, serializers.IntegerField):
    """A whole number."""


class WireBoolean(PlainField, serializers.BooleanField):
    """true/false; 1/0 and their usual spellings are read too."""


class WireChoice(PlainField, serializers.ChoiceField):
    """One of several values."""

    def to_internal_value(self, data: Any) -> Any:
        if data == "" and self.allow_blank:
            return ""
        return super().to_internal_value(data)


class WireDate(PlainField, serializers.DateField):
    """A calendar date; a datetime is read as its date, as the reference's examples do."""

    def to_internal_value(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > 10 and value[10] in "T ":
            value = value[:10]
        return super().to_internal_value(value)

    def convert(self, value: Any) -> Any:
        return None if value is None else value.isoformat()


class WireDateTime(PlainField, serializers.DateTimeField):
    """A moment, answered in UTC with microseconds."""

    def convert(self, value: Any) -> Any:
        return datetime_of(value)


class DayOrMoment(WireDateTime):
    """A moment, in UTC when it has no offset; a day alone is its first moment in the team's timezone."""

    def to_internal_value(self, value: Any) -> Any:
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            with suppress(ValueError):
                value = day_start(datetime.date.fromisoformat(value), current_team().timezone)
        return super().to_internal_value(value)


class WireDecimal(PlainField, serializers.DecimalField):
    """A decimal: text with as many places as the column has, a JSON number when `number` is set."""

    def __init__(
        self, *args: Any, number: bool = False, wire_places: int | None = None, **kwargs: Any
    ) -> None:
        self.number, self.wire_places = number, wire_places
        super().__init__(*args, **kwargs)
        self.form = f".{self.decimal_places if wire_places is None else wire_places}f"

    def convert(self, value: Any) -> Any:
        return number_of(value) if self.number else decimal_text(value, self.form)

    def validate_precision(self, value: Decimal) -> Decimal:
        """Surplus decimals are rounded half up, as a person would; surplus digits are refused."""
        from erp.core.money import round_half_up

        if value and self.max_whole_digits is not None and value.adjusted() >= self.max_whole_digits:
            self.fail("max_whole_digits", max_whole_digits=self.max_whole_digits)
        return super().validate_precision(round_half_up(value, self.decimal_places or 0))


class JsonNumber(WireDecimal):
    """A decimal answered as a JSON number."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "number": True})


class WireReadOnly(PlainField, serializers.ReadOnlyField):
    """A property of the model, answered as it is."""

    def convert(self, value: Any) -> Any:
        return None if value == "" else value


class StatusFlag(PlainField, serializers.BooleanField):
    """Written as a boolean (or as answered), answered as {"active": true, "name": "Actif"}."""

    def to_internal_value(self, data: Any) -> bool:
        value: Any = data.get("active") if isinstance(data, Mapping) else data
        return super().to_internal_value(value)

    def convert(self, value: bool) -> dict[str, Any]:
        return {"active": value, "name": str(_("Active") if value else _("Inactive"))}


class LabelledChoice(WireChoice):
    """Written as a value (or as answered), answered as {"value": 4, "label": "Terminée"}."""

    answer_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "required": ["value", "label"],
        "properties": {"value": {"type": "integer"}, "label": {"type": "string"}},
    }

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(data.get("value") if isinstance(data, Mapping) else data)

    def convert(self, value: Any) -> dict[str, Any]:
        return {"value": value, "label": str(self.choices[value])}


class Computed(serializers.Field):
    """An attribute that is only answered: `get(row)`; `needs` names what to load for it."""

    def __init__(
        self,
        get: Callable[[Any], Any],
        *,
        needs: Iterable[str] = (),
        on_request: bool = False,
        schema: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(read_only=True, source="*")
        self.get, self.needs, self.on_request, self.schema = get, tuple(needs), on_request, schema or {}

    def __deepcopy__(self, memo: Any) -> Computed:
        return Computed(self.get, needs=self.needs, on_request=self.on_request, schema=self.schema)

    def columns(self, name: str) -> list[Column]:
        return [Column(name, self.get, needs=self.needs, on_request=self.on_request, schema=self.schema)]


# --- Links to other rows --------------------------------------------------------------------------

#: Rows fetched for the body being read: {model: {id: row}}. One query per model, whatever the body's size.
_known: ContextVar[Mapping[type[models.Model], Mapping[int, Any]]] = ContextVar("known_rows", default={})  # noqa: B039


@contextmanager
def known_rows(wanted: Mapping[type[models.Model], set[int]]) -> Iterator[None]:
    """Fetch every row that a body names, so that its fields find them without asking one by one."""
    found = {model: dict.fromkeys(ids) | visible(model).in_bulk(list(ids)) for model, ids in wanted.items()}
    token = _known.set(found)
    try:
        yield
    finally:
        _known.reset(token)


def as_id(data: Any) -> int | None:
    """The id that a value means, or None when it means none."""
    if isinstance(data, Mapping):
        data = data.get("id")
    if isinstance(data, bool):
        return None
    if isinstance(data, str) and data.isdecimal() and data.isascii():
        data = int(data) if len(data) < 20 else MAX_ID + 1
    return data if isinstance(data, int) and 0 <= data <= MAX_ID else None


class LinkField(serializers.Field):
    """Reads ids of `model` as rows of the current team; another team's row does not exist."""

    default_error_messages = {
        "not_an_id": _("Give the identifier (a whole number)."),
        "unknown": _("There is no such element: %(id)s."),
    }

    def __init__(self, *, model: type[models.Model] | None = None, **kwargs: Any) -> None:
        self.model = model
        super().__init__(**kwargs)

    def wanted(self, data: Any) -> list[tuple[type[models.Model], int]]:
        key = as_id(data)
        return [] if key is None or self.model is None else [(self.model, key)]

    def row(self, data: Any) -> Any:
        key = as_id(data)
        if key is None or self.model is None:
            self.fail("not_an_id")
        known = _known.get().get(self.model, {})
        row = known[key] if key in known else visible(self.model).filter(pk=key).first()
        if row is None:
            raise serializers.ValidationError(
                str(self.error_messages["unknown"]) % {"id": key}, code="unknown"
            )
        return row


class Relation(LinkField):
    """A link to one row: read as an id; answered as `<name>_id`, and as an object when included."""

    def __init__(
        self, *, always: bool = False, with_id: bool = True, serializer: Any = None, **kwargs: Any
    ) -> None:
        self.always, self.with_id, self.serializer = always, with_id, serializer
        super().__init__(**kwargs)

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        return super().validate_empty_values(None if data == "" else data)

    def to_internal_value(self, data: Any) -> Any:
        return self.row(data)

    def columns(self, name: str) -> list[Column]:
        source = self.source or name
        nested = Column(
            name, attrgetter(source), nested=self.serializer or self.model, on_request=not self.always
        )
        return [Column(f"{name}_id", attrgetter(f"{source}_id")), nested] if self.with_id else [nested]


class Ids(LinkField):
    """A list of ids, read as rows in the order given, without repeats. Not answered by itself."""

    def wanted(self, data: Any) -> list[tuple[type[models.Model], int]]:
        return (
            [pair for item in data for pair in super(Ids, self).wanted(item)]
            if isinstance(data, list)
            else []
        )

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            data = [data]
        rows: dict[Any, Any] = {}
        errors: dict[int, Any] = {}
        for index, item in enumerate(data):
            try:
                row = self.row(item)
                rows[row.pk] = row
            except serializers.ValidationError as error:
                errors[index] = error.detail
        if errors:
            raise serializers.ValidationError({str(index): detail for index, detail in errors.items()})
        return list(rows.values())


class RelationList(Ids):
    """Several linked rows: read as ids (unless read-only), answered as objects when included (or always)."""

    def __init__(self, *, always: bool = False, serializer: Any = None, **kwargs: Any) -> None:
        self.always, self.serializer = always, serializer
        super().__init__(**kwargs)

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        return super().validate_empty_values([] if data == "" or data is None else data)

    def columns(self, name: str) -> list[Column]:
        source = self.source or name
        return [
            Column(
                name,
                lambda row: getattr(row, source).all(),
                nested=self.serializer or self.model,
                many=True,
                on_request=not self.always,
            )
        ]


class NestedList(serializers.Field):
    """A list of objects read by another serializer. Not answered by itself. At most `limit` rows."""

    default_error_messages = {
        "not_a_list": _("Give a list of objects."),
        "not_an_object": _("Give an object."),
        "too_many": _("Give at most %(limit)s rows."),
    }

    def __init__(self, serializer: Any, *, limit: int = 1000, **kwargs: Any) -> None:
        self.serializer_class, self.limit = serializer, limit
        kwargs.setdefault("write_only", True)
        super().__init__(**kwargs)

    def wanted(self, data: Any) -> list[tuple[type[models.Model], int]]:
        if isinstance(data, Mapping):
            data = list(data.values())
        if not isinstance(data, list):
            return []
        reader = self.serializer_class.reader(partial=False)
        return [pair for row in data[: self.limit] if isinstance(row, Mapping) for pair in reader.wanted(row)]

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        if isinstance(data, Mapping):  # {"0": {...}, "1": {...}}: numeric keys of a form
            data = list(data.values())
        if not isinstance(data, list):
            self.fail("not_a_list")
        if len(data) > self.limit:
            raise serializers.ValidationError(str(self.error_messages["too_many"]) % {"limit": self.limit})
        return self._rows(data)

    def _rows(self, data: list[Any]) -> list[dict[str, Any]]:
        reader = self.serializer_class.reader(partial=False)
        rows: list[dict[str, Any]] = []
        errors: dict[str, Any] = {}
        for index, item in enumerate(data):
            try:
                if not isinstance(item, Mapping):
                    self.fail("not_an_object")
                rows.append(reader.run_validation(item))
            except serializers.ValidationError as error:
                errors[str(index)] = error.detail
        if errors:
            raise serializers.ValidationError(errors)
        return rows


class Rows(NestedList):
    """Rows that belong to this one: read as objects, answered as objects on request."""

    def __init__(self, serializer: Any, model: type[models.Model], **kwargs: Any) -> None:
        self.model = model
        super().__init__(serializer, required=False, write_only=False, **kwargs)

    def columns(self, name: str) -> list[Column]:
        return [
            Column(name, lambda row: getattr(row, name).all(), nested=self.model, many=True, on_request=True)
        ]


class NestedObject(serializers.Field):
    """One object read by another serializer, all optional when `partial`. Not answered by itself."""

    default_error_messages = {"not_an_object": _("Give an object.")}

    def __init__(self, serializer: Any, *, partial: bool = False, **kwargs: Any) -> None:
        self.serializer_class, self.partial = serializer, partial
        kwargs.setdefault("write_only", True)
        super().__init__(**kwargs)

    def wanted(self, data: Any) -> list[tuple[type[models.Model], int]]:
        return (
            self.serializer_class.reader(partial=self.partial).wanted(data)
            if isinstance(data, Mapping)
            else []
        )

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            self.fail("not_an_object")
        return self.serializer_class.reader(partial=self.partial).run_validation(data)


class TextList(serializers.ListField):
    """A list of short texts (tags, roles); a single text counts as a list of one."""

    child = serializers.CharField(max_length=255)

    def to_internal_value(self, data: Any) -> list[str]:
        return super().to_internal_value([data] if isinstance(data, str) else data)


class Upload(serializers.FileField):
    """A file of a multipart body."""


class Uploads(serializers.ListField):
    """Several files of a multipart body; a single one counts as a list of one."""

    child = Upload()

    def to_internal_value(self, data: Any) -> list[Any]:
        return super().to_internal_value(data if isinstance(data, list) else [data])
