"""Events, and the calendar page that shows them with everything else that has a place in time."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import action, display

from erp.calendars import services
from erp.calendars.choices import ELEMENTS
from erp.calendars.models import Calendar, Event
from erp.calendars.page import page_context
from erp.core.access import SwitchKey, visible
from erp.core.admin import TenantAdmin
from erp.core.admin.elements import ElementsMixin, elements_form

HOUR = datetime.timedelta(hours=1)


@admin.register(Event)
class EventAdmin(ElementsMixin, TenantAdmin):
    guard = SwitchKey("calendar")
    menu = ("planning", 10)
    icon = "calendar_month"
    in_palette = True
    form = elements_form(ELEMENTS)
    ordering = ("-begin",)
    list_display = ("title_or_word", "shown_calendar", "shown_period", "location", "elements")
    list_filter = ("calendar", ("begin", RangeDateTimeFilter), "all_day")
    list_select_related = ("calendar",)
    search_fields = ("title", "location", "comments")
    fieldsets = (
        (None, {"fields": ("title", "calendar", "begin", "end", "all_day", "location", "elements",
                           "comments")}),
        (_("Colours of its own"), {"fields": (("foreground_color", "color"),), "classes": ("collapse",)}),
    )  # fmt: skip
    actions_list = ("open_agenda",)

    class Media:
        css = {"all": ("calendars/agenda.css",)}

    def menu_entry(self) -> tuple[str, str]:
        return _t("Calendar"), self._url("agenda")

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("agenda/", self.admin_site.admin_view(self.agenda_view), name=f"{name}_agenda"),
            path("agenda/hide/", self.admin_site.admin_view(self.hide_view), name=f"{name}_hide"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related("calendar")
        return rows.prefetch_related("element_links__element", "calendar__shares")

    # --- The calendar page ------------------------------------------------------------------------

    @action(description=_("Calendar"), icon="calendar_month")
    def open_agenda(self, request: HttpRequest) -> HttpResponse:
        """From the list of events to the calendar page."""
        return HttpResponseRedirect(self._url("agenda"))

    def agenda_view(self, request: HttpRequest) -> HttpResponse:
        """The calendar page."""
        if not self.allows(request, "read"):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            **page_context(request, request.actor),  # type: ignore[attr-defined]
            "title": _t("Calendar"),
            "opts": self.opts,
            "list_url": self.list_url(),
            "hide_url": self._url("hide"),
        }
        return TemplateResponse(request, "admin/calendars/agenda.html", context)

    def hide_view(self, request: HttpRequest) -> HttpResponse:
        """Hide or show a calendar for whoever asks, and come back to the page."""
        if request.method != "POST" or not self.allows(request, "read"):
            raise PermissionDenied
        pk = request.POST.get("calendar", "")
        row = visible(Calendar).filter(pk=pk).first() if pk.isdecimal() and len(pk) < 19 else None
        if row is None:
            raise Http404
        services.save_calendar(row, {"hidden": not services.is_hidden(row)})
        back = request.POST.get("back", "")
        return HttpResponseRedirect(self._url("agenda") + (back if back.startswith("?") else ""))

    # --- Columns ----------------------------------------------------------------------------------

    @display(description=_("Title"), ordering="title")
    def title_or_word(self, row: Event) -> str:
        return str(row)

    @display(description=_("Calendar"), ordering="calendar__label")
    def shown_calendar(self, row: Event) -> Any:
        template = '<span class="ag-chip" style="background:{};color:{}">{}</span>'
        background = row.foreground_color or row.calendar.foreground_color
        return format_html(template, background, row.color or row.calendar.color, row.calendar)

    @display(description=_("When"), ordering="begin")
    def shown_period(self, row: Event) -> str:
        if row.all_day:
            first, last = (date_format(day, "SHORT_DATE_FORMAT") for day in row.days)
            return first if first == last else f"{first} – {last}"
        begin, end = timezone.localtime(row.begin), timezone.localtime(row.end)
        until = "TIME_FORMAT" if begin.date() == end.date() else "SHORT_DATETIME_FORMAT"
        return f"{date_format(begin, 'SHORT_DATETIME_FORMAT')} – {date_format(end, until)}"

    # --- Permissions: events of a calendar that one may only read -----------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (
            obj and services.is_readonly(obj.calendar)
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (
            obj and services.is_readonly(obj.calendar)
        )

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "calendar":
            kwargs["queryset"] = services.writable_calendars()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    # --- Writing ----------------------------------------------------------------------------------

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The next hour, or that of the address (`?begin=2026-11-21T09:00`), in the team user's calendar."""
        given: dict[str, Any] = super().get_changeform_initial_data(request)
        if "elements" in given:
            given["elements"] = given["elements"].split(",")
        begin = _moment(given.pop("begin", "")) or _next_hour()
        calendar = services.default_calendar(request.actor)  # type: ignore[attr-defined]
        return {"calendar": calendar.pk, "begin": begin, "end": begin + HOUR, **given}

    def create_row(self, values: dict[str, Any]) -> Event:
        return services.save_event(Event(), values)

    def update_row(self, row: Event, values: dict[str, Any]) -> Event:
        return services.save_event(row, values)

    def delete_row(self, row: Event) -> None:
        services.delete_event(row)


def _moment(text: str) -> datetime.datetime | None:
    """A moment of the team's timezone; None when it is none."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    if found is None or not 1900 < found.year < 2999:
        return None
    return timezone.make_aware(found) if timezone.is_naive(found) else found


def _next_hour() -> datetime.datetime:
    return timezone.localtime().replace(minute=0, second=0, microsecond=0) + HOUR
