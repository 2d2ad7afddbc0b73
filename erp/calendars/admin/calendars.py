"""Calendars and the people they are shared with."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminColorInputWidget

from erp.calendars import services
from erp.calendars.models import Calendar, CalendarShare
from erp.core.access import SwitchKey
from erp.core.admin import TenantAdmin, TenantTabularInline, row_action
from erp.core.scope import current_team

COLORS = ("color", "foreground_color")


class ColorFields:
    """Colours are chosen, not typed."""

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name in COLORS and not db_field.blank:
            kwargs["widget"] = UnfoldAdminColorInputWidget
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]


class ShareInline(TenantTabularInline):
    model = CalendarShare
    passed_as = "shares"
    fields = ("team_user", "readonly")


@admin.register(Calendar)
class CalendarAdmin(ColorFields, TenantAdmin):
    guard = SwitchKey("calendar")
    menu = ("planning", 30)
    icon = "event_note"
    inlines = (ShareInline,)
    list_display = ("shown_label", "team_user", "shown_shares", "is_seen", "is_writable")
    list_filter = ("team_user",)
    list_select_related = ("team_user__user",)
    search_fields = ("label",)
    autocomplete_fields = ("timezone",)
    fieldsets = ((None, {"fields": ("label", ("foreground_color", "color"), ("timezone", "hidden"))}),)
    actions_detail = ("hide", "show")

    class Media:
        css = {"all": ("calendars/agenda.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("shares__team_user__user")

    # --- Columns ----------------------------------------------------------------------------------

    @display(description=_("Calendar"), ordering="label")
    def shown_label(self, row: Calendar) -> Any:
        template = '<span class="ag-chip" style="background:{};color:{}">{}</span>'
        return format_html(template, row.foreground_color, row.color, row.label)

    @display(description=_("Shared with"))
    def shown_shares(self, row: Calendar) -> str:
        return ", ".join(str(share.team_user) for share in row.shares.all()) or "–"

    @display(description=_("Shown"), boolean=True)
    def is_seen(self, row: Calendar) -> bool:
        return not services.is_hidden(row)

    @display(description=_("I may write"), boolean=True)
    def is_writable(self, row: Calendar) -> bool:
        return not services.is_readonly(row)

    # --- Permissions: a calendar that is shared with one is only read -------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and services.is_shared(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and services.is_shared(obj))

    # --- Writing ----------------------------------------------------------------------------------

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        zone = current_team().parameter("timezone")
        return {"timezone": zone, **super().get_changeform_initial_data(request)}

    def create_row(self, values: dict[str, Any]) -> Calendar:
        return services.save_calendar(Calendar(), values)

    def update_row(self, row: Calendar, values: dict[str, Any]) -> Calendar:
        return services.save_calendar(row, values)

    def delete_row(self, row: Calendar) -> None:
        services.delete_calendar(row)

    # --- Out of sight -----------------------------------------------------------------------------

    @row_action(_("Hide"), icon="visibility_off", verb="read", done=_("Its events are hidden from you."))
    def hide(self, request: HttpRequest, row: Calendar) -> None:
        services.save_calendar(row, {"hidden": True})

    @row_action(_("Show"), icon="visibility", verb="read", done=_("Its events are shown to you."))
    def show(self, request: HttpRequest, row: Calendar) -> None:
        services.save_calendar(row, {"hidden": False})

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Hide what shows, show what is hidden."""
        row = self.get_object(request, str(object_id))
        unwanted = "hide" if row is not None and services.is_hidden(row) else "show"
        return [
            item
            for item in super().get_actions_detail(request, object_id)
            if getattr(item.method, "original_function_name", "") != unwanted
        ]
