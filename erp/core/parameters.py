"""Sets of named settings kept as JSON on a row (team, team user, customer, document options).

A set is declared once; reading a body, defaults, answers, the admin form and the schema follow from it.
Links are stored as ids and answered as objects ("Currency used by account. A Currency object").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import Any, Literal

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from rest_framework import serializers

from erp.core.access import visible
from erp.core.fields import Column, as_id, number_of
from erp.core.money import round_half_up

__all__ = ["Parameter", "ParameterSet", "ParametersField"]

Kind = Literal["boolean", "integer", "number", "string", "link", "links"]
JSON_TYPES = {"boolean": "boolean", "integer": "integer", "number": "number", "string": "string"}


@dataclass(frozen=True)
class Parameter:
    """One setting. `number` values are stored as text so that they stay exact."""

    name: str
    kind: Kind
    default: Any = None
    choices: tuple[Any, ...] = ()
    #: "app.Model" of a link.
    model: str = ""
    minimum: int | None = None
    maximum: int | None = None
    max_length: int = 255
    nullable: bool = False
    #: Kept elsewhere than in the JSON (numbering series): the chapter's service reads and writes it.
    external: bool = False
    label: Any = ""

    def clean(self, value: Any) -> Any:
        """The value to store. Raises ValueError with a sentence for people."""
        if value is None or (value == "" and self.kind != "string"):
            return self._absent()
        result = getattr(self, f"_clean_{self.kind}")(value)
        if self.choices and result not in self.choices:
            allowed = ", ".join(str(choice) for choice in self.choices)
            raise ValueError(_("Give one of: %(names)s.") % {"names": allowed})
        return result

    def _absent(self) -> Any:
        if self.nullable or self.kind in ("link", "links"):
            return [] if self.kind == "links" else None
        if self.kind == "string" and not self.choices:
            return ""
        raise ValueError(_("This setting cannot be empty."))

    def _clean_boolean(self, value: Any) -> bool:
        from erp.core.filters import boolean

        try:
            return boolean(value)
        except ValidationError:
            raise ValueError(_("Give true or false.")) from None

    def _clean_integer(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, (int, str, float)):
            raise ValueError(_("Give a whole number."))
        try:
            number = int(value) if not isinstance(value, float) or value.is_integer() else None
        except (ValueError, OverflowError):
            number = None
        if number is None:
            raise ValueError(_("Give a whole number."))
        self._check_range(number)
        return number

    def _clean_number(self, value: Any) -> str:
        try:
            number = Decimal(str(value)) if not isinstance(value, bool) else None
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite():
            raise ValueError(_("Give a number."))
        self._check_range(number)
        return str(round_half_up(number, 5).normalize() + 0)

    def _check_range(self, number: Any) -> None:
        low = -(2**31) if self.minimum is None else self.minimum
        high = 2**31 - 1 if self.maximum is None else self.maximum
        if not low <= number <= high:
            raise ValueError(_("Give a number from %(low)s to %(high)s.") % {"low": low, "high": high})

    def _clean_string(self, value: Any) -> str:
        if not isinstance(value, str) or "\x00" in value:
            raise ValueError(_("Give a text."))
        if len(value) > self.max_length:
            raise ValueError(_("Give at most %(count)s characters.") % {"count": self.max_length})
        return value.strip()

    def _clean_link(self, value: Any) -> int:
        key = as_id(value)
        if key is None or not visible(self.target).filter(pk=key).exists():
            raise ValueError(_("There is no such element: %(id)s.") % {"id": value if key is None else key})
        return key

    def _clean_links(self, value: Any) -> list[int]:
        items = value if isinstance(value, list) else [value]
        return list(dict.fromkeys(self._clean_link(item) for item in items))

    @property
    def target(self) -> type[models.Model]:
        """The model of a link."""
        return apps.get_model(self.model)

    @property
    def schema(self) -> dict[str, Any]:
        """JSON schema of the value in a body."""
        if self.kind == "links":
            return {"type": "array", "items": {"type": "integer"}}
        kind = "integer" if self.kind == "link" else JSON_TYPES[self.kind]
        result: dict[str, Any] = {"type": [kind, "null"] if self.nullable or self.kind == "link" else kind}
        if self.choices:
            result["enum"] = [*self.choices, None] if self.nullable else list(self.choices)
        return result


@dataclass(frozen=True)
class ParameterSet:
    """Declared settings and how they are read and answered."""

    parameters: tuple[Parameter, ...]
    by_name: dict[str, Parameter] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {parameter.name: parameter for parameter in self.parameters})

    def __iter__(self) -> Any:
        return iter(self.parameters)

    def clean(self, values: Any) -> dict[str, Any]:
        """Checked values of a body. Raises DRF's ValidationError with errors by name."""
        if not isinstance(values, Mapping):
            raise serializers.ValidationError(_("Give an object."))
        cleaned: dict[str, Any] = {}
        errors: dict[str, list[str]] = {}
        for name, value in values.items():
            parameter = self.by_name.get(name)
            if parameter is None:
                errors[str(name)] = [_("Unknown setting.")]
                continue
            try:
                cleaned[name] = parameter.clean(value)
            except ValueError as error:
                errors[name] = [str(error)]
        if errors:
            raise serializers.ValidationError(errors)
        return cleaned

    def value(self, stored: Mapping[str, Any], name: str) -> Any:
        """One setting, its default when unset; numbers come as Decimal."""
        parameter = self.by_name[name]
        value = stored.get(name, parameter.default)
        return Decimal(str(value)) if parameter.kind == "number" and value is not None else value

    def defaults(self) -> dict[str, Any]:
        """Every default."""
        return {parameter.name: parameter.default for parameter in self.parameters if not parameter.external}

    def answer(
        self, stored: Mapping[str, Any], external: Mapping[str, Any] | None = None, rows: Any = None
    ) -> dict[str, Any]:
        """The settings as answered: links as objects of `rows`, or fetched with a query per linked model."""
        rows = self.linked_rows([stored]) if rows is None else rows
        external = external or {}
        return {
            parameter.name: external.get(parameter.name)
            if parameter.external
            else self._answer_one(parameter, stored.get(parameter.name, parameter.default), rows)
            for parameter in self.parameters
        }

    def linked_rows(self, many: Iterable[Mapping[str, Any]]) -> dict[type[models.Model], dict[int, Any]]:
        """The rows that several stored settings link to: a list fetches them once for all its answers."""
        wanted: dict[type[models.Model], set[int]] = {}
        links = [parameter for parameter in self.parameters if parameter.model]
        for stored, parameter in product(many, links):
            keys = ids(stored.get(parameter.name, parameter.default))
            wanted.setdefault(parameter.target, set()).update(keys)
        return {model: loaded(model, keys) if keys else {} for model, keys in wanted.items()}

    @staticmethod
    def _answer_one(parameter: Parameter, value: Any, rows: Mapping[Any, Mapping[int, Any]]) -> Any:
        from erp.core.wire import serializer_for

        if parameter.kind == "number":
            return number_of(None if value is None else Decimal(str(value)))
        if parameter.kind not in ("link", "links"):
            return value
        found = [rows[parameter.target][key] for key in ids(value) if key in rows[parameter.target]]
        answers = serializer_for(parameter.target).render_many(found) if found else []
        return answers if parameter.kind == "links" else (answers[0] if answers else None)


def loaded(model: type[models.Model], keys: Iterable[int]) -> dict[int, Any]:
    """Rows by id, with what their answers need."""
    from erp.core.wire import prefetches, serializer_for

    return visible(model).prefetch_related(*prefetches(serializer_for(model), ())).in_bulk(list(keys))


def ids(value: Any) -> Iterable[int]:
    """The ids of a stored link or links."""
    return value if isinstance(value, list) else [] if value is None else [value]


class ParametersField(serializers.Field):
    """A settings object in a body (only the given names change) and in answers.

    `answer(row)` gives the whole object; without it the JSON attribute is answered as it is.
    """

    def __init__(
        self, parameters: ParameterSet, *, answer: Any = None, on_request: bool = False, **kwargs: Any
    ) -> None:
        self.parameters, self.answer, self.on_request = parameters, answer, on_request
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        return self.parameters.clean(data)

    def columns(self, name: str) -> list[Column]:
        parameters, source = self.parameters, self.source or name
        get = self.answer or (lambda row: parameters.answer(getattr(row, source)))
        return [Column(name, get, on_request=self.on_request, schema={"type": "object"})]
