"""Fields of one value each: texts, numbers, moments, choices, files."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from decimal import Decimal
from operator import attrgetter
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.core.fields.columns import Column, datetime_of, decimal_text, number_of, piped
from erp.core.moments import day_start
from erp.core.scope import current_team


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
    """One of several values; of texts, none is null on the wire and empty in the database."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("allow_blank"):
            kwargs.setdefault("allow_null", True)
        super().__init__(*args, **kwargs)

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        done, value = super().validate_empty_values(data)
        return done, "" if done and value is None and self.allow_blank else value

    def convert(self, value: Any) -> Any:
        return None if value == "" else value

    def to_internal_value(self, data: Any) -> Any:
        if data == "" and self.allow_blank:
            return ""
        return super().to_internal_value(data)


class WireDate(PlainField, serializers.DateField):
    """A calendar date; a datetime is read as its date, as the reference's examples do."""

    default_error_messages = {"invalid": _("Give a date that exists, as YYYY-MM-DD.")}

    def to_internal_value(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > 10 and value[10] in "T ":
            value = value[:10]
        return super().to_internal_value(value)

    def convert(self, value: Any) -> Any:
        return None if value is None else value.isoformat()


class WireDateTime(PlainField, serializers.DateTimeField):
    """A moment, answered in UTC with microseconds."""

    default_error_messages = {"invalid": _("Give a moment that exists, as 2022-07-05T21:59:52Z.")}

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
