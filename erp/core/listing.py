"""The list protocol: pages, sorts, search, includes, as the reference's "Retrieving a list of elements"."""

from __future__ import annotations

import datetime
import operator
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache, reduce
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from erp.core.fields import MAX_ID
from erp.core.filters import boolean, matching, moment
from erp.core.parsers import pairs_of, unbracket
from erp.core.wire import Include, WireSerializer, nested_of

__all__ = [
    "ListQuery",
    "Page",
    "apply_search",
    "apply_sort",
    "check_include",
    "freeze",
    "include_paths",
    "include_tree",
    "same",
]

DEFAULT_PER_PAGE = 50
MAX_PER_PAGE = 500
LIST_PARAMETERS = ("page", "per_page", "sort", "search", "filter", "include", "edited_since", "with_deleted")


def same(*names: str) -> dict[str, str]:
    """Sorts or searches whose wire name is their ORM path: `same("label", "country.code")`."""
    return {name: name.replace(".", "__") for name in names}


def refuse(path: str, text: str) -> ValidationError:
    """A 422 on one query parameter."""
    return ValidationError({path: [text]})


def texts(value: Any, name: str) -> list[str]:
    """A parameter given once, several times, or comma-separated, as a list of texts."""
    if value is None or value == "":
        return []
    values = (
        list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [value]
    )
    if not all(isinstance(item, str) for item in values):
        raise refuse(name, _("The query could not be read."))
    return values


class ListQuery:
    """The query string of a request, parsed once, checked against what an endpoint knows."""

    def __init__(self, request: Any, allowed: Iterable[str] = LIST_PARAMETERS) -> None:
        self.request = request
        raw = request.query_params if hasattr(request, "query_params") else request.GET
        self.data: dict[str, Any] = unbracket(pairs_of(raw), keyed=True)
        allowed = tuple(allowed)
        if unknown := [name for name in self.data if name not in allowed]:
            text = _("Unknown parameter. Allowed: %(names)s.") % {"names": ", ".join(allowed)}
            raise ValidationError({name: [text] for name in unknown})

    def whole(self, name: str, default: int, highest: int) -> int:
        """A positive whole number, at most `highest`."""
        value = self.data.get(name)
        if value is None or value == "":
            return default
        if not (
            isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value) and 1 <= int(value) <= highest
        ):
            raise refuse(name, _("Give a whole number from 1 to %(highest)s.") % {"highest": highest})
        return int(value)

    def words(self, name: str) -> list[str]:
        """Comma-separated or repeated names."""
        return [
            word.strip()
            for text in texts(self.data.get(name), name)
            for word in text.split(",")
            if word.strip()
        ]

    @property
    def terms(self) -> list[str]:
        """Search terms."""
        found = [term for term in texts(self.data.get("search"), "search") if term]
        for term in found:
            if "\x00" in term or len(term) > 500:
                raise refuse("search", _("Give a text of at most 500 characters."))
        return found

    @property
    def filters(self) -> Mapping[str, Any]:
        value = self.data.get("filter") or {}
        if not isinstance(value, dict):
            raise refuse("filter", _("Write filters as filter[name]=value."))
        return value

    @property
    def with_deleted(self) -> bool:
        value = self.data.get("with_deleted")
        if value is None or value == "":
            return False
        try:
            return boolean(value)
        except DjangoValidationError:
            raise refuse("with_deleted", _("Give true or false.")) from None

    @property
    def edited_since(self) -> datetime.datetime | None:
        value = self.data.get("edited_since")
        if value is None or value == "":
            return None
        try:
            return moment(value)
        except DjangoValidationError as error:
            raise refuse("edited_since", error.messages[0]) from None


# --- Sort, search ---------------------------------------------------------------------------------


def apply_sort(queryset: Any, words: list[str], default: list[str], allowed: Mapping[str, Any]) -> Any:
    """Order by `field` or `field:desc` words; the id settles ties so that pages never overlap."""
    orders: list[Any] = []
    for word in words or default:
        name, _colon, direction = word.partition(":")
        # A default may sort by an attribute that clients cannot name themselves.
        target = allowed.get(name) or (name if not words else None)
        if target is None or direction not in ("", "asc", "desc"):
            text = _("Unknown sort. Allowed: %(names)s; add :desc to reverse.") % {
                "names": ", ".join(allowed)
            }
            raise refuse("sort", text)
        for path in target if isinstance(target, tuple) else (target,):
            expression = _expression(path)
            orders.append(expression.desc() if direction == "desc" else expression.asc())
    last = F("pk").desc() if orders and orders[-1].descending else F("pk").asc()
    return queryset.order_by(*orders, last)


def _expression(path: Any) -> Any:
    """What to sort by: a path, an expression, or a function that makes one (it may depend on the actor)."""
    if isinstance(path, str):
        return F(path)
    return path if hasattr(path, "resolve_expression") else path()


def apply_search(queryset: Any, terms: list[str], paths: Mapping[str, str]) -> Any:
    """Keep rows where each term is found in one of the searched attributes."""
    if terms and not paths:
        raise refuse("search", _("This list cannot be searched."))
    model = queryset.model
    many = False
    for term in terms:
        conditions = [
            condition for path in paths.values() if (condition := _searched(model, path, term)) is not None
        ]
        queryset = queryset.filter(reduce(operator.or_, conditions)) if conditions else queryset.none()
        many = many or any(_crosses_many(model, path) for path in paths.values())
    return queryset.distinct() if many else queryset


def _searched(model: type[models.Model], path: str, term: str) -> Q | None:
    """How one attribute is searched: texts as LIKE, numbers by value, booleans by 1/0."""
    kind = _field_at(model, path)
    bare = term.strip("%")
    if isinstance(kind, (models.CharField, models.TextField)):
        return matching(path, term)
    if isinstance(kind, models.BooleanField):
        return (
            Q(**{path: bare.lower() in {"1", "true"}})
            if bare.lower() in {"0", "1", "true", "false"}
            else None
        )
    if isinstance(kind, models.DateField) and not isinstance(kind, models.DateTimeField):
        return _dated(path, bare)
    try:
        number = Decimal(bare.replace(",", "."))
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) > MAX_ID:
        return None
    if isinstance(kind, models.DecimalField):
        return Q(**{path: number}) if abs(number) < 10 ** (kind.max_digits - kind.decimal_places) else None
    return Q(**{path: int(number)}) if number == int(number) else None


def _dated(path: str, text: str) -> Q | None:
    """A date, a month or a year, as it is written in answers: 2026-11-05, 2026-11, 2026."""
    found = re.fullmatch(r"((?!0000)\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", text.strip(), re.ASCII)
    if found is None:
        return None
    parts = zip(("year", "month", "day"), found.groups(), strict=True)
    return Q(**{f"{path}__{part}": int(digits) for part, digits in parts if digits is not None})


@lru_cache(maxsize=2048)
def _field_at(model: type[models.Model], path: str) -> Any:
    field: Any = None
    for step in path.split("__"):
        try:
            field = model._meta.get_field(step)
        except FieldDoesNotExist:
            return field
        if field.is_relation:
            model = field.related_model
    return field


@lru_cache(maxsize=2048)
def _crosses_many(model: type[models.Model], path: str) -> bool:
    target: Any = model
    for step in path.split("__"):
        field = target._meta.get_field(step)
        if not field.is_relation:
            return False
        if field.many_to_many or field.one_to_many:
            return True
        target = field.related_model
    return False


# --- Includes -------------------------------------------------------------------------------------


#: What a word of `include` stands for, when not for itself: the path of an attribute, or several.
Aliases = Mapping[str, str | tuple[str, ...]]


def include_paths(word: str, aliases: Aliases) -> tuple[str, ...]:
    """The paths of the attributes that a word of `include` stands for."""
    paths = aliases.get(word, word)
    return (paths,) if isinstance(paths, str) else paths


def include_tree(words: Iterable[str], allowed: Iterable[str], aliases: Aliases) -> Include:
    """The tree of `include=a,b.c`. Raises 422 naming what is allowed. A path includes its parents."""
    allowed = tuple(allowed)
    tree: dict[str, Any] = {}
    for word in words:
        if word not in allowed:
            names = ", ".join(allowed) or _("none")
            raise refuse(
                "include", _("Unknown include %(word)s. Allowed: %(names)s.") % {"word": word, "names": names}
            )
        for path in include_paths(word, aliases):
            branch = tree
            for step in path.split("."):
                branch = branch.setdefault(step, {})
    return freeze(tree)


def freeze(tree: Mapping[str, Any]) -> Include:
    """A nested dict as sorted nested tuples, so that it can be a cache key."""
    return tuple((name, freeze(below)) for name, below in sorted(tree.items()))


def check_include(serializer: type[WireSerializer], path: str) -> None:
    """Raise LookupError when `path` names no relation of the serializer (called at start-up)."""
    from erp.core.wire import columns_of

    for step in path.split("."):
        found = next((column for column in columns_of(serializer) if column.name == step), None)
        if found is None:
            raise LookupError(f"{serializer.__name__} has nothing to include called {path!r}.")
        if found.nested is not None:
            serializer = nested_of(found)


# --- Pages ----------------------------------------------------------------------------------------


class Page:
    """One page of a queryset, answered with `links` and `meta`."""

    def __init__(self, request: Any, queryset: Any, number: int, size: int) -> None:
        self.request, self.number, self.size = request, number, size
        self.total = queryset.count()
        self.last = max(1, -(-self.total // size))
        first = (number - 1) * size
        self.rows = list(queryset[first : first + size]) if first < self.total else []
        self.path = request.build_absolute_uri(request.path)

    def url(self, number: int | None) -> str | None:
        """The address of page `number`, other parameters kept."""
        if number is None or not 1 <= number <= self.last:
            return None
        pairs = [(name, value) for name, value in pairs_of(self.request.GET) if name != "page"]
        return f"{self.path}?{urlencode([*pairs, ('page', number)])}"

    def answer(self, datas: Sequence[Any]) -> dict[str, Any]:
        """The JSON body around the rows."""
        start = (self.number - 1) * self.size + 1
        return {
            "datas": datas,
            "links": {
                "first": self.url(1),
                "last": self.url(self.last),
                "prev": self.url(self.number - 1),
                "next": self.url(self.number + 1),
            },
            "meta": {
                "current_page": self.number,
                "from": start if datas else None,
                "last_page": self.last,
                "links": self._numbered(),
                "path": self.path,
                "per_page": self.size,
                "to": start + len(datas) - 1 if datas else None,
                "total": self.total,
            },
        }

    def _numbered(self) -> list[dict[str, Any]]:
        """« Previous, 1, 2, …, Next »: the ends and the pages around the current one."""
        near = {1, 2, self.last - 1, self.last, *range(self.number - 3, self.number + 4)}
        entries = [self._entry("« Previous", self.number - 1)]
        previous = 0
        for number in sorted(page for page in near if 1 <= page <= self.last):
            if number > previous + 1:
                entries.append({"url": None, "label": "...", "active": False})
            entries.append(self._entry(str(number), number, active=number == self.number))
            previous = number
        return [*entries, self._entry("Next »", self.number + 1)]

    def _entry(self, label: str, number: int, *, active: bool = False) -> dict[str, Any]:
        return {"url": self.url(number), "label": label, "active": active}
