"""Filters of admin lists by the values of custom fields: one for each field, as its type asks for.

Options are chosen (several mean one of them), texts are searched in, numbers and dates lie between two
limits, linked elements are searched for by name. What cannot be read finds nothing; the form says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet, prefetch_related_objects
from django.http import HttpRequest
from django.utils.translation import gettext as _
from unfold.contrib.filters.forms import (
    AutocompleteDropdownForm,
    DropdownForm,
    RangeDateForm,
    RangeNumericForm,
    SearchForm,
)

from erp.core.admin.scoping import choosable
from erp.core.elements import element_type
from erp.customfields.carriers import values_on
from erp.customfields.choices import CHOICE_TYPES, LINK_TYPES, FieldType
from erp.customfields.models import CustomField

__all__ = ["filters_by", "link_column"]

#: Chosen to find rows without a value.
NONE = "none"


class CustomFieldFilter(admin.ListFilter):
    """Rows by their value of one custom field; a class of its own for each field (see `filters_by`)."""

    template = "unfold/filters/filters_field.html"
    #: Ends of the names of its parameters in the address.
    ends: ClassVar[tuple[str, ...]] = ("",)
    field: ClassVar[CustomField]
    parameter_name: ClassVar[str]

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.model, self.site = model, model_admin.admin_site
        #: What the address says, by parameter; several texts when it repeats itself.
        self.asked: dict[str, list[str]] = {
            name: params.pop(name) for name in self._names() if name in params
        }
        self.used_parameters.update(self.asked)  # the page's forms leave out what is here

    def _names(self) -> list[str]:
        return [f"{self.parameter_name}{end}" for end in self.ends]

    def expected_parameters(self) -> list[str | None]:
        return [*self._names()]

    def has_output(self) -> bool:
        return True

    @property
    def label(self) -> str:
        """Above the form, as the other filters have it."""
        return _(" By %(filter_title)s ") % {"filter_title": self.title}

    @cached_property
    def form(self) -> forms.Form:
        return self.make_form({name: texts[-1] for name, texts in self.asked.items() if texts})

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        yield {"form": self.form}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not any(text for texts in self.asked.values() for text in texts):
            return queryset
        return queryset.filter(self.holds()) if self.form.is_valid() else queryset.none()

    def holds(self) -> Q:
        """The condition of rows that have what is asked for."""
        return self.having(self.condition(*(self.form.cleaned_data[name] for name in self.form.fields)))

    def having(self, condition: Q) -> Q:
        """Rows with a value that meets a condition."""
        values = values_on(self.model).filter(condition, field=self.field)
        return Q(pk__in=values.values("row_id"))

    def make_form(self, data: Mapping[str, Any]) -> forms.Form:
        """The form, bound to what the address says."""
        raise NotImplementedError

    def condition(self, *wanted: Any) -> Q:
        """The condition of values that are what the form says."""
        raise NotImplementedError


class ByText(CustomFieldFilter):
    """Texts that contain what is typed."""

    def make_form(self, data: Mapping[str, Any]) -> forms.Form:
        return SearchForm(name=self.parameter_name, label=self.label, data=data)

    def condition(self, *wanted: Any) -> Q:
        return Q(text__icontains=wanted[0])


class ByOption(CustomFieldFilter):
    """Rows with one of the options, or with none."""

    def make_form(self, data: Mapping[str, Any]) -> forms.Form:
        options = [(str(option.pk), option.value) for option in self.field.options.all()]
        return DropdownForm(
            name=self.parameter_name,
            label=self.label,
            choices=(*options, (NONE, _("No value"))),
            multiple=True,
            data=self.asked,
        )

    def holds(self) -> Q:
        chosen = self.form.cleaned_data[self.parameter_name]
        found = self.having(Q(option__in=[key for key in chosen if key != NONE]))
        return found | ~self.having(Q()) if NONE in chosen else found


class ByRange(CustomFieldFilter):
    """Values between two limits, themselves included."""

    ends = ("_from", "_to")
    column: ClassVar[str]
    form_class: ClassVar[Callable[..., forms.Form]]

    def make_form(self, data: Mapping[str, Any]) -> forms.Form:
        return type(self).form_class(name=self.parameter_name, data=data)

    def condition(self, *wanted: Any) -> Q:
        found = Q()
        for lookup, limit in zip(("gte", "lte"), wanted, strict=True):
            if limit is not None:
                found &= Q(**{f"{self.column}__{lookup}": self.exact(limit)})
        return found

    @staticmethod
    def exact(limit: Any) -> Any:
        """The limit as the column holds it."""
        return Decimal(str(limit)) if isinstance(limit, float) else limit


class ByNumber(ByRange):
    template = "unfold/filters/filters_numeric_range.html"
    column, form_class = "number", RangeNumericForm


class ByDate(ByRange):
    template = "unfold/filters/filters_date_range.html"
    column, form_class = "date", RangeDateForm


class ByLink(CustomFieldFilter):
    """Rows that name an element, which is searched for as on its own list."""

    def make_form(self, data: Mapping[str, Any]) -> forms.Form:
        model = element_type(self.field.type).model
        form: forms.Form = AutocompleteDropdownForm(
            request=None,
            name=self.parameter_name,
            label=self.label,
            choices=(),
            field=link_column(model),
            model_admin=self,  # of which the form wants the site
            data=data,
        )
        form.fields[self.parameter_name].queryset = choosable(model)  # type: ignore[attr-defined]
        return form

    @property
    def admin_site(self) -> Any:
        return self.site

    def condition(self, *wanted: Any) -> Q:
        return Q(linked_id=wanted[0].pk)


FILTERS: Mapping[str, type[CustomFieldFilter]] = {
    **dict.fromkeys(
        (FieldType.TEXT, FieldType.TEXTAREA, FieldType.RICH_EDITOR, FieldType.PHONE),
        ByText,
    ),
    **dict.fromkeys((FieldType.AMOUNT, FieldType.NUMBER, FieldType.QUANTITY), ByNumber),
    **dict.fromkeys(CHOICE_TYPES, ByOption),
    **dict.fromkeys(LINK_TYPES, ByLink),
    FieldType.DATE: ByDate,
}


def filters_by(fields: Iterable[CustomField], prefix: str) -> list[type[CustomFieldFilter]]:
    """A list filter for each custom field, whose options are fetched in one query for all of them.

    `prefix`: begins the names of their parameters in the address; the field's id follows.
    """
    fields = list(fields)
    prefetch_related_objects([field for field in fields if field.has_options], "options")
    return [
        type(
            "CustomFieldFilter",
            (FILTERS[field.type],),
            {"field": field, "title": field.label, "parameter_name": f"{prefix}{field.pk}"},
        )
        for field in fields
    ]


def link_column(model: Any) -> Any:
    """A foreign key to a model, of which searches take nothing but the model; None when there is none."""
    links = (item.field for item in model._meta.get_fields(include_hidden=True) if item.one_to_many)
    return next((item for item in links if not item.model._meta.auto_created), None)
