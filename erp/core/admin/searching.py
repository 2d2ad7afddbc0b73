"""Search of lists, autocompletion and palette: words without accents, amounts, telephone numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Replace

from erp.core.written_numbers import amount_typed, phone_typed

__all__ = ["Searching"]

#: What people write between the digits of a telephone number.
PHONE_MARKS = (" ", ".", "-", "(", ")", "/", "\u00a0", "\u202f")


class Searching:
    """Search of an admin. `search_fields` are columns of words; amounts and telephones are named apart."""

    #: Columns that "1 234,50" is looked for in, as the very same amount.
    search_amounts: ClassVar[tuple[str, ...]] = ()
    #: Columns that "06 12 34 56 78" is looked for in, however the number is written there.
    search_phones: ClassVar[tuple[str, ...]] = ()

    def get_search_fields(self, request: Any) -> list[str]:
        """Columns of text are searched without regard to accents."""
        fields = super().get_search_fields(request)  # type: ignore[misc]
        return [_unaccented(self.model, str(name)) for name in fields]  # type: ignore[attr-defined]

    def get_search_results(
        self, request: Any, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """A term that is a number finds that number; written in several groups, it is no list of words."""
        rows, has_twice = super().get_search_results(request, queryset, search_term)  # type: ignore[misc]
        figures = self._figures(search_term)
        if figures is None:
            return rows, has_twice
        numbered = queryset.filter(figures)
        if len(search_term.split()) == 1:
            return rows | numbered, has_twice
        return (numbered, False) if numbered.exists() else (rows, has_twice)

    def _figures(self, term: str) -> Q | None:
        """What finds the number that a term writes; None when it writes none, or there is nothing to find."""
        found = Q()
        if (amount := amount_typed(term)) is not None:
            found |= _any(Q(**{name: amount}) for name in self.search_amounts)
        if digits := phone_typed(term):
            found |= _any(_has_digits(name, digits) for name in self.search_phones)
        return found or None


def _any(conditions: Iterable[Q]) -> Q:
    whole = Q()
    for condition in conditions:
        whole |= condition
    return whole


def _has_digits(name: str, digits: str) -> Q:
    """Whether a column, without what stands between its digits, contains these."""
    bare: Any = F(name)
    for mark in PHONE_MARKS:
        bare = Replace(bare, Value(mark), Value(""))
    return Q(models.lookups.Contains(bare, digits))


def _unaccented(model: type[models.Model], path: str) -> str:
    """The path, ending in the lookup `unaccented` when it leads to a column of text and says no lookup."""
    field: Any = None
    for name in path.split("__"):
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:  # a lookup, "pk", or a prefix like "^"
            return path
        model = field.related_model or model
    return f"{path}__unaccented" if isinstance(field, models.CharField | models.TextField) else path
