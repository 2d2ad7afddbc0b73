"""Filters of the list protocol: `filter[name]=value`, several values meaning "one of them".

Texts accept `%` before and/or after as in LIKE. An id of another team's row does not exist (422).
"""

from __future__ import annotations

import datetime
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Any

import django_filters
from django import forms
from django.apps import apps
from django.db import models
from django.db.models import Q
from django.db.models.lookups import PatternLookup
from django.utils.datastructures import MultiValueDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from erp.core.access import visible
from erp.core.fields import as_id

__all__ = [
    "AllOf",
    "ChoiceFilter",
    "DateFilter",
    "FlagFilter",
    "IdFilter",
    "IntegerFilter",
    "MomentFilter",
    "PresenceFilter",
    "TextFilter",
    "WireFilter",
    "build_filterset",
    "matching",
    "resembles",
]


@models.CharField.register_lookup
@models.TextField.register_lookup
class Like(PatternLookup):
    """Case-insensitive LIKE whose `%` come from the user; `_` and backslashes are plain characters."""

    lookup_name = "wire_like"
    prepare_rhs = False

    def process_rhs(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        pattern = str(self.rhs).replace("\\", "\\\\").replace("_", "\\_")
        return "%s", (pattern,)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        left, params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        like = "ILIKE" if connection.vendor == "postgresql" else "LIKE"
        return f"{left} {like} {right} ESCAPE '\\'", (*params, *right_params)


def matching(path: str, term: str) -> Q:
    """The condition that `path` matches a term, with `%` as in LIKE, ignoring case."""
    return Q(**{f"{path}__wire_like": term})


def resembles(text: str, term: str) -> bool:
    """The same of a text at hand. Each part is looked for once: any number of `%` costs no more."""
    first, *parts = term.casefold().split("%")
    text = text.casefold()
    if not parts:
        return text == first
    last = parts.pop()
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    place, end = len(first), len(text) - len(last)
    for part in parts:
        place = text.find(part, place, end)
        if place < 0:
            return False
        place += len(part)
    return True


class ManyWidget(forms.Widget):
    """All values given for a name."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        return data.getlist(name)


class ManyField(forms.Field):
    """A list of values, each converted by `convert`; at most 500."""

    widget = ManyWidget

    def __init__(self, *, convert: Callable[[Any], Any], **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        self.convert = convert
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> list[Any]:
        if len(value) > 500:
            raise forms.ValidationError(_("Give at most 500 values."))
        return [self.convert(item) for item in value]


class WireFilter(django_filters.Filter):
    """Base: keeps rows for which one of the values holds. Subclasses say `convert` and `condition`."""

    field_class = ManyField
    wire_type = "string"

    def __init__(
        self, path: str | None = None, *, condition: Callable[[Any], Q] | None = None, **kwargs: Any
    ) -> None:
        self._condition = condition
        super().__init__(field_name=path, convert=self.convert, **kwargs)

    def values_of(self, value: Any) -> list[Any]:
        """The values that a query gives: one, several, or several with numbers for names."""
        several = list(value.values()) if isinstance(value, dict) else value
        return several if isinstance(several, list) else [several]

    def convert(self, value: Any) -> Any:
        return value

    def condition(self, value: Any) -> Q:
        return Q(**{f"{self.field_name}__{self.lookup_expr}": value})

    def filter(self, queryset: Any, values: list[Any]) -> Any:
        if not values:
            return queryset
        condition = self._condition or self.condition
        queryset = queryset.filter(self.combine(condition(value) for value in values))
        return queryset.distinct() if self.distinct else queryset

    def combine(self, conditions: Iterable[Q]) -> Q:
        return reduce(operator.or_, conditions)


def plain_text(value: Any) -> str:
    """A text of reasonable size without NUL bytes."""
    if not isinstance(value, str) or "\x00" in value or len(value) > 500:
        raise forms.ValidationError(_("Give a text of at most 500 characters."))
    return value


class TextFilter(WireFilter):
    """Text with `%` as in LIKE. `path` may name several attributes separated by commas: any may match."""

    def convert(self, value: Any) -> str:
        return plain_text(value)

    def condition(self, value: str) -> Q:
        paths = str(self.field_name).split(",")
        return reduce(operator.or_, (matching(path, value) for path in paths))


def whole_number(value: Any) -> int:
    """A whole number that a database integer can hold."""
    key = as_id(value)
    if key is None:
        raise forms.ValidationError(_("Give a whole number."))
    return key


class IntegerFilter(WireFilter):
    """A whole number."""

    wire_type = "integer"

    def convert(self, value: Any) -> int:
        return whole_number(value)


class IdFilter(IntegerFilter):
    """The id of a row of `model`, which must exist in the team."""

    def __init__(self, path: str | None = None, *, model: Any, **kwargs: Any) -> None:
        self.target = model
        super().__init__(path, **kwargs)

    @property
    def model_class(self) -> Any:
        """The model, which may be given by its name."""
        return apps.get_model(self.target) if isinstance(self.target, str) else self.target

    def filter(self, queryset: Any, values: list[int]) -> Any:
        if values:
            known = set(visible(self.model_class).filter(pk__in=values).values_list("pk", flat=True))
            if missing := [value for value in values if value not in known]:
                text = _("There is no such element: %(id)s.") % {"id": missing[0]}
                raise ValidationError({f"filter.{self.wire_name}": [text]})
        return super().filter(queryset, values)

    wire_name = ""


class ExcludeFilter(IntegerFilter):
    """Ids to leave out."""

    def filter(self, queryset: Any, values: list[int]) -> Any:
        return queryset.exclude(**{f"{self.field_name}__in": values}) if values else queryset


def boolean(value: Any) -> bool:
    """true/false in their usual spellings."""
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off"}:
        return False
    raise forms.ValidationError(_("Give true or false."))


class FlagFilter(WireFilter):
    """A boolean."""

    wire_type = "boolean"

    def convert(self, value: Any) -> bool:
        return boolean(value)


class PresenceFilter(FlagFilter):
    """Whether any of the named texts is filled."""

    def condition(self, value: bool) -> Q:
        empty = reduce(operator.and_, (Q(**{path: ""}) for path in str(self.field_name).split(",")))
        return ~empty if value else empty


def calendar_date(value: Any) -> datetime.date:
    """A date that exists, between 1900 and 2999."""
    try:
        date = datetime.date.fromisoformat(str(value)[:10])
    except ValueError:
        raise forms.ValidationError(_("Give a date that exists, as YYYY-MM-DD.")) from None
    if not 1900 <= date.year <= 2999:
        raise forms.ValidationError(_("Give a date between 1900 and 2999."))
    return date


class DateFilter(WireFilter):
    """A date compared with `lookup_expr` (gte for …_since, lte for …_until)."""

    wire_type = "date"

    def convert(self, value: Any) -> datetime.date:
        return calendar_date(value)


def moment(value: Any) -> datetime.datetime:
    """A moment between 1900 and 2999; without an offset it is in UTC, a date alone is its first moment."""
    found = None
    if isinstance(value, str):
        try:
            # "+" of an offset reads as a space in a query string.
            text = re.sub(r" (\d\d:?\d\d)$", r"+\1", value.strip()) if "T" in value else value
            found = parse_datetime(text) or datetime.datetime.combine(
                datetime.date.fromisoformat(value), datetime.time(), datetime.UTC
            )
        except ValueError:
            found = None
    if found is None or not 1900 <= found.year <= 2999:
        raise forms.ValidationError(_("Give a moment that exists, as 2022-07-05T21:59:52Z."))
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)


class MomentFilter(WireFilter):
    """A date and time compared with `lookup_expr`, or by `condition`."""

    wire_type = "datetime"

    def convert(self, value: Any) -> datetime.datetime:
        return moment(value)


class ChoiceFilter(WireFilter):
    """One of a few values."""

    def __init__(self, path: str | None = None, *, choices: Iterable[Any], **kwargs: Any) -> None:
        self.allowed = {str(choice): choice for choice in choices}
        super().__init__(path, **kwargs)

    def convert(self, value: Any) -> Any:
        if str(value) not in self.allowed:
            raise forms.ValidationError(_("Give one of: %(names)s.") % {"names": ", ".join(self.allowed)})
        return self.allowed[str(value)]


class AllOf(TextFilter):
    """Like TextFilter, but every value must be found (e.g. all of several tags)."""

    def filter(self, queryset: Any, values: list[Any]) -> Any:
        for value in values:
            queryset = queryset.filter(
                pk__in=queryset.model.objects.filter(self.condition(value)).values("pk")
            )
        return queryset


def build_filterset(name: str, filters: Mapping[str, WireFilter]) -> type[django_filters.FilterSet]:
    """A filter set class of declared filters; names may have dots."""
    for wire_name, wire_filter in filters.items():
        if isinstance(wire_filter, IdFilter):
            wire_filter.wire_name = wire_name
    filterset = type(f"{name}FilterSet", (django_filters.FilterSet,), {})
    filterset.base_filters = dict(filters)  # type: ignore[attr-defined]
    return filterset


def apply_filters(filterset: type[django_filters.FilterSet], queryset: Any, wanted: Mapping[str, Any]) -> Any:
    """Filter a queryset by `{name: value or values}`. Raises ValidationError (422) naming what is allowed."""
    allowed = filterset.base_filters
    if unknown := [name for name in wanted if name not in allowed]:
        names = ", ".join(allowed) or _("none")
        text = _("Unknown filter. Allowed: %(names)s.") % {"names": names}
        raise ValidationError({f"filter.{name}": [text] for name in unknown})
    data: MultiValueDict = MultiValueDict()
    for name, value in wanted.items():
        data.setlist(name, allowed[name].values_of(value))
    bound = filterset(data=data, queryset=queryset)
    if not bound.is_valid():
        raise ValidationError({f"filter.{name}": list(texts) for name, texts in bound.errors.items()})
    return bound.qs
