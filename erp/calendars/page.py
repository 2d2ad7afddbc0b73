"""The calendar page: a day, a week, a month or a list, with what every source of the agenda has to show."""

from __future__ import annotations

import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from erp.calendars import services
from erp.calendars.agenda import shown_calendars
from erp.calendars.choices import View
from erp.calendars.layout import days_of, period, step
from erp.calendars.models import Calendar
from erp.core import agenda
from erp.core.access import visible
from erp.various.services import team_today
from tenants.models import TeamUser

__all__ = ["page_context"]

YEARS = (1900, 2999)


class Asked:
    """What the address of the page asks for; what it leaves out is the team user's settings."""

    def __init__(self, request: HttpRequest, member: TeamUser) -> None:
        self.today = team_today()
        chosen = request.GET.get("view", "")
        self.view = View(chosen if chosen in View.values else member.parameter("calendar_default_view"))
        self.date = self._date(request.GET.get("date", ""))
        #: Sources that a box of the page may hide: {name: shown}.
        self.boxes = {
            source.name: request.GET.get(source.name, "1" if at_first else "0") == "1"
            for source in agenda.sources(member)
            for may_show, at_first in [source.on_calendar(member)]
            if may_show
        }

    def _date(self, text: str) -> datetime.date:
        try:
            date = datetime.date.fromisoformat(text) if text else self.today
        except ValueError:
            return self.today
        return date if YEARS[0] < date.year < YEARS[1] else self.today

    @property
    def day_url(self) -> str:
        """The page of a day, whose date is to be added at the end."""
        return self.url(view=View.DAY.value, date="")

    def url(self, **changes: Any) -> str:
        """The page with something else asked for."""
        boxes = {name: "1" if shown else "0" for name, shown in self.boxes.items()}
        asked = {"view": self.view.value, **boxes, "date": self.date.isoformat(), **changes}
        return f"?{urlencode(asked)}"


def page_context(request: HttpRequest, member: TeamUser) -> dict[str, Any]:
    """What the page's template shows."""
    asked = Asked(request, member)
    first, last = period(asked.view, asked.date)
    sources = [source for source in agenda.sources(member) if asked.boxes.get(source.name)]
    entries = [entry for source in sources for entry in source.on_days(member, first, last)]
    hours = _hours(member)
    month = asked.date.month if asked.view == View.MONTH else None
    days = days_of(first, last, entries, hours, today=asked.today, month=month)
    return {
        "asked": asked,
        "days": [day for day in days if day.entries] if asked.view == View.LIST else days,
        "hours": range(*hours),
        "first_hour": member.parameter("calendar_first_hour"),
        "weekdays": [WEEKDAYS[number] for number in range(7)],
        "period": _period_name(asked.view, asked.date, first, last),
        "views": [(asked.url(view=view.value), view.label, view == asked.view) for view in View],
        "before": asked.url(date=step(asked.view, asked.date, -1).isoformat()),
        "after": asked.url(date=step(asked.view, asked.date, 1).isoformat()),
        "this_day": asked.url(date=asked.today.isoformat()),
        "boxes": _boxes(asked, member),
        "calendars": _calendars(member),
        "adds": [
            (source.add_label, source.icon, source.add_path())
            for source in agenda.sources(member)
            if source.may_add(member)
        ],
        "add_event": reverse("admin:calendars_event_add"),
    }


def _hours(member: TeamUser) -> tuple[int, int]:
    """First and last hour shown, at least one apart."""
    low, high = member.parameter("calendar_min_hour"), member.parameter("calendar_max_hour")
    return (low, high) if low < high else (0, 24)


def _boxes(asked: Asked, member: TeamUser) -> list[dict[str, Any]]:
    """What may be shown or hidden by kind; events have a box per calendar instead."""
    return [
        {
            "label": source.label,
            "icon": source.icon,
            "shown": asked.boxes[source.name],
            "url": asked.url(**{source.name: "0" if asked.boxes[source.name] else "1"}),
        }
        for source in agenda.sources(member)
        if source.name in asked.boxes and source.name != "calendar"
    ]


def _calendars(member: TeamUser) -> list[dict[str, Any]]:
    """The calendars that the team user sees, hidden ones included."""
    shown = set(shown_calendars(member).values_list("pk", flat=True))
    rows = visible(Calendar).prefetch_related("shares").select_related("team_user__user").order_by("label")
    return [
        {
            "row": row,
            "shown": row.pk in shown,
            "owner": str(row.team_user) if services.is_shared(row) else "",
        }
        for row in rows
    ]


def _period_name(view: View, date: datetime.date, first: datetime.date, last: datetime.date) -> str:
    """The period in words."""
    if view == View.MONTH:
        return date_format(date, "YEAR_MONTH_FORMAT")
    if view == View.DAY:
        return f"{date_format(date, 'l')} {date_format(date, 'DATE_FORMAT')}"
    names = {"first": date_format(first, "SHORT_DATE_FORMAT"), "last": date_format(last, "SHORT_DATE_FORMAT")}
    return _("From %(first)s to %(last)s") % names
