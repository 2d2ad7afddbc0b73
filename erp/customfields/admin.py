"""Custom fields, as people see them. The fields themselves on other pages: forms.py."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from erp.core.access import ListKey
from erp.core.admin import TenantAdmin, TenantForm, TenantTabularInline
from erp.core.elements import element_types
from erp.customfields import services
from erp.customfields.api import used_on
from erp.customfields.choices import LINK_TYPES, FieldType, Usage
from erp.customfields.models import CustomField, CustomFieldOption

LABELS = dict(Usage.choices)


class UsageFilter(DropdownFilter):
    """Fields of one usage."""

    title = _("used on")
    parameter_name = "usage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Usage.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(used_on(self.value())) if self.value() in Usage.values else queryset


class CustomFieldForm(TenantForm):
    """A custom field: what it is used on as boxes to tick, only the types that have something to offer."""

    usage = forms.MultipleChoiceField(
        label=_("Used on"), choices=Usage.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        missing = {kind for kind in LINK_TYPES if not element_types([kind])}
        if "type" in self.fields:
            offered = [choice for choice in FieldType.choices if choice[0] not in missing]
            self.fields["type"].choices = [("", "–"), *offered]  # type: ignore[attr-defined]


class OptionInline(TenantTabularInline):
    model = CustomFieldOption
    passed_as = "options"
    fields = ("value",)
    verbose_name_plural = _("Options (of checkboxes, radio buttons and lists)")


@admin.register(CustomField)
class CustomFieldAdmin(TenantAdmin):
    guard = ListKey("app-configuration")
    menu = ("settings", 400)
    icon = "edit_attributes"
    form = CustomFieldForm
    inlines = (OptionInline,)
    list_display = ("label", "type", "shown_usage", "is_required")
    list_filter = ("type", UsageFilter, "is_required")
    search_fields = ("label",)
    fieldsets = ((None, {"fields": ("label", ("type", "is_required"), "usage")}),)

    @display(description=_("used on"), label=True)
    def shown_usage(self, row: CustomField) -> list[str]:
        return [str(LABELS[usage]) for usage in row.usage]

    def create_row(self, values: dict[str, Any]) -> CustomField:
        return services.create_field(values)

    def update_row(self, row: CustomField, values: dict[str, Any]) -> CustomField:
        return services.update_field(row, values)
