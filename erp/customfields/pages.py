"""Values of custom fields on the admin pages of whatever carries them: one mixin.

    @admin.register(Contact)
    class ContactAdmin(CarrierAdmin, TenantAdmin):
        ...

The list gets a filter and the form a field for each custom field of the model's usages; `create_row` and
`update_row` get what was typed as `custom_fields`, as the API's bodies have it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.db import models
from django.db.models import Q
from django.forms.models import construct_instance
from django.http import HttpRequest
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join, strip_tags
from django.utils.translation import gettext_lazy as _
from unfold.contrib.forms.widgets import WysiwygWidget
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from erp.core.admin import TenantForm
from erp.core.admin.scoping import choosable
from erp.core.elements import element_type
from erp.core.inputs import NumberField
from erp.customfields.choices import LINK_TYPES, FieldType
from erp.customfields.list_filters import filters_by, link_column
from erp.customfields.models import CustomField, CustomFieldOption, CustomFieldValue

__all__ = ["CarrierAdmin", "is_custom"]

PREFIX = "custom_field_"
EMPTY_LABEL = "–"


# --- Form fields ------------------------------------------------------------------------------------


def options_of(field: CustomField, held: Sequence[CustomFieldValue]) -> models.QuerySet[Any]:
    """The options to choose among: those offered, and those that the row has already."""
    known = Q(deleted_at=None) | Q(pk__in=[value.option_id for value in held])
    return CustomFieldOption.all_objects.filter(known, field=field)


def link_widget(model: Any, site: Any) -> forms.Widget:
    """A search box on the rows of a model, as its own admin searches; a list when it has none."""
    column = link_column(model)
    searchable = site.is_registered(model) and site.get_model_admin(model).search_fields
    return AutocompleteSelect(column, site) if column and searchable else UnfoldAdminSelectWidget()


def text(max_length: int, widget: forms.Widget) -> Callable[..., forms.Field]:
    """A field of text."""
    return lambda field, held, site, **common: forms.CharField(max_length=max_length, widget=widget, **common)


def number(places: int) -> Callable[..., forms.Field]:
    """A field of numbers, typed as the reader's language writes them."""

    def build(field: CustomField, held: Any, site: Any, **common: Any) -> forms.Field:
        return NumberField(max_digits=10 + places, decimal_places=places, **common)

    return build


def date(field: CustomField, held: Any, site: Any, **common: Any) -> forms.Field:
    return forms.DateField(widget=UnfoldAdminSingleDateWidget(), **common)


def one_option(widget: type[forms.Widget]) -> Callable[..., forms.Field]:
    """A field to choose one option."""
    return lambda field, held, site, **common: forms.ModelChoiceField(
        options_of(field, held), widget=widget(), empty_label=EMPTY_LABEL, blank=True, **common
    )


def options(field: CustomField, held: Any, site: Any, **common: Any) -> forms.Field:
    return forms.ModelMultipleChoiceField(
        options_of(field, held), widget=UnfoldAdminCheckboxSelectMultipleWidget(), **common
    )


def link(field: CustomField, held: Any, site: Any, **common: Any) -> forms.Field:
    model = element_type(field.type).model
    return forms.ModelChoiceField(choosable(model), widget=link_widget(model, site), **common)


#: By type, a function of the custom field, its present values, the site, and what all form fields are given.
BUILDERS: Mapping[str, Callable[..., forms.Field]] = {
    FieldType.TEXT: text(255, UnfoldAdminTextInputWidget()),
    FieldType.TEXTAREA: text(10_000, UnfoldAdminTextareaWidget(attrs={"rows": 4})),
    FieldType.RICH_EDITOR: text(50_000, WysiwygWidget()),
    FieldType.PHONE: text(50, UnfoldAdminTextInputWidget(attrs={"type": "tel"})),
    FieldType.AMOUNT: number(2),
    FieldType.NUMBER: number(5),
    FieldType.QUANTITY: number(5),
    FieldType.DATE: date,
    FieldType.CHECKBOX: options,
    FieldType.RADIO: one_option(UnfoldAdminRadioSelectWidget),
    FieldType.SELECT: one_option(UnfoldAdminSelectWidget),
    **dict.fromkeys(LINK_TYPES, link),
}


# --- The form ---------------------------------------------------------------------------------------


class CarrierForm(TenantForm):
    """A row with its values of custom fields; made for each request by `CarrierAdmin`."""

    custom: ClassVar[Sequence[CustomField]] = ()

    def __init__(self, *args: Any, instance: Any = None, initial: Any = None, **kwargs: Any) -> None:
        values = {} if instance is None or instance.pk is None else initial_of(instance)
        super().__init__(*args, instance=instance, initial={**values, **(initial or {})}, **kwargs)

    @property
    def changed_data(self) -> list[str]:
        """Names of what was changed, `custom_fields` for all of them."""
        names = super().changed_data
        own = [name for name in names if not is_custom(name)]
        return own if len(own) == len(names) else [*own, "custom_fields"]

    def _post_clean(self) -> None:
        if not self.errors:
            construct_instance(self, self.instance, self._meta.fields, self._meta.exclude)
            given = self._given()
            for name in [name for name in self.cleaned_data if is_custom(name)]:
                del self.cleaned_data[name]
            if given:
                self.cleaned_data["custom_fields"] = given
            if self.refusal is not None:
                self.refusal.errors = dict(self._placed(self.refusal.errors, given))
        super()._post_clean()

    def _given(self) -> list[dict[str, Any]]:
        """What was typed, as services take it: of a row that exists, what was changed."""
        changed = set(super().changed_data)
        usages, is_new = self.instance.custom_field_usages, self.instance.pk is None
        given: list[dict[str, Any]] = []
        for field in self.custom:
            if (name := name_of(field)) not in self.cleaned_data or not (is_new or name in changed):
                continue
            value = self.cleaned_data[name]
            value = list(value) if isinstance(value, models.QuerySet) else value
            if field.is_for(usages) or value not in (None, "", []):
                given.append({"id": field.pk, "value": value})
        return given

    @staticmethod
    def _placed(errors: Mapping[str, Any], given: Sequence[Mapping[str, Any]]) -> Any:
        """Refusals of values, put at the form fields that they were typed in."""
        for path, texts in errors.items():
            found = re.match(r"custom_fields\.(\d+)\.", path)
            item = given[int(found[1])] if found and int(found[1]) < len(given) else None
            yield (path if item is None else f"{PREFIX}{item['id']}"), texts


def name_of(field: CustomField) -> str:
    """The name of a custom field in a form."""
    return f"{PREFIX}{field.pk}"


def is_custom(name: Any) -> bool:
    """Whether a form's name is that of a custom field."""
    return isinstance(name, str) and name.startswith(PREFIX)


def initial_of(row: Any) -> dict[str, Any]:
    """What a form shows of a row's values; a link to what the actor may not see is left as it is."""
    values: dict[str, Any] = {}
    for field, group in groupby(row.custom_values, key=lambda value: value.field):
        held = list(group)
        first = held[0]
        if field.type == FieldType.CHECKBOX:
            values[name_of(field)] = [value.option_id for value in held]
        elif field.type in LINK_TYPES:
            values[name_of(field)] = None if first.linked is None else first.linked_id
        else:
            values[name_of(field)] = next(
                (item for item in (first.option_id, first.number, first.date) if item is not None), first.text
            )
    return values


def shown_of(values: Sequence[CustomFieldValue]) -> str:
    """A value, to read."""
    first = values[0]
    if first.option is not None:
        return ", ".join(value.option.value for value in values if value.option is not None)
    if first.number is not None:
        return number_format(first.number.normalize(), use_l10n=True, force_grouping=True)
    if first.date is not None:
        return date_format(first.date)
    if first.linked_id is not None:
        return "–" if first.linked is None else str(first.linked)
    return strip_tags(first.text) if first.field.type == FieldType.RICH_EDITOR else first.text


# --- The page ---------------------------------------------------------------------------------------


class CarrierAdmin:
    """Mixin of a TenantAdmin whose model is a CustomFieldCarrier; stands before it."""

    #: For rows that may have several usages: the box of the form that gives each.
    custom_field_switches: ClassVar[Mapping[str, str]] = {}
    #: Options of the fieldset: CSS classes, as Django's fieldsets have them.
    custom_fieldset: ClassVar[Mapping[str, Any]] = {"classes": ("tab",)}

    model: Any
    admin_site: Any

    def custom_fields(self, request: Any) -> list[CustomField]:
        """The custom fields of the model's usages, by label; read once per request."""
        if not hasattr(request, "custom_fields"):
            request.custom_fields = {}
        if self.model not in request.custom_fields:
            found = CustomField.objects.order_by("label", "pk")
            request.custom_fields[self.model] = [
                field for field in found if field.is_for(self.model.CUSTOM_FIELD_USAGES)
            ]
        return list(request.custom_fields[self.model])

    def get_list_filter(self, request: Any) -> list[Any]:
        """The declared filters, and one for each custom field; made once per request."""
        if not hasattr(request, "custom_filters"):
            request.custom_filters = {}
        if self.model not in request.custom_filters:
            request.custom_filters[self.model] = filters_by(self.custom_fields(request), PREFIX)
        return [*super().get_list_filter(request), *request.custom_filters[self.model]]  # type: ignore[misc]

    def custom_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """The fieldset of custom fields, if there are any; a list to read when the row may not be edited."""
        names = tuple(name_of(field) for field in self._shown_fields(request, obj))
        if names and obj is not None and not self.has_change_permission(request, obj):  # type: ignore[attr-defined]
            names = ("shown_custom_values",)
        return [(_("Custom fields"), {**self.custom_fieldset, "fields": names})] if names else []

    def _shown_fields(self, request: HttpRequest, obj: Any) -> list[CustomField]:
        """All fields of the model, or without boxes to tick those of the row."""
        usages = None if obj is None or self.custom_field_switches else obj.custom_field_usages
        return [field for field in self.custom_fields(request) if usages is None or field.is_for(usages)]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        sets = list(super().get_fieldsets(request, obj))  # type: ignore[misc]
        return [*sets, *self.custom_fieldsets(request, obj)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        names = [name for name in super().get_readonly_fields(request, obj) if not is_custom(name)]  # type: ignore[misc]
        return [*names, "shown_custom_values"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        fields = self._shown_fields(request, obj)
        if fields:
            held: dict[int, list[CustomFieldValue]] = {}
            for value in obj.custom_values if obj is not None else ():
                held.setdefault(value.field_id, []).append(value)
            form: Any = kwargs.get("form") or self.form  # type: ignore[attr-defined]
            declared = {name_of(field): self._form_field(field, held.get(field.pk, ())) for field in fields}
            kwargs["form"] = type(form)(form.__name__, (CarrierForm, form), {"custom": fields, **declared})
        return super().get_form(request, obj, change, **kwargs)  # type: ignore[misc]

    def _form_field(self, field: CustomField, held: Sequence[CustomFieldValue]) -> forms.Field:
        """The form field of a custom field. What is required, the service says: it depends on the row."""
        label = f"{field.label} *" if field.is_required else field.label
        built = BUILDERS[field.type](field, held, self.admin_site, label=label, required=False)
        switches = [self.custom_field_switches.get(usage, "") for usage in field.usage]
        if any(switches):  # core/admin.js shows the field while one of these boxes is ticked
            built.widget.attrs["data-while"] = " ".join(name for name in switches if name)
        return built

    @display(description=_("values"))
    def shown_custom_values(self, row: Any) -> str:
        """The values of a row that may not be edited here."""
        groups = groupby(row.custom_values, key=lambda value: value.field)
        lines = [(field.label, shown_of(list(group))) for field, group in groups]
        listed = format_html_join("", "<dt>{}</dt><dd>{}</dd>", lines)
        return format_html("<dl>{}</dl>", listed) if lines else "–"
