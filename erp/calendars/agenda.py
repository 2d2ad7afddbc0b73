"""Events in the agenda: those of the calendars that a team user sees and did not hide."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from erp.calendars.models import Calendar, Event, shared_with
from erp.core.access import visible
from erp.core.agenda import Entry, Source, register
from erp.core.moments import day_start
from erp.core.scope import current_team
from tenants.models import TeamUser

__all__ = ["events_on", "register_source", "shown_calendars"]


def shown_calendars(member: TeamUser) -> QuerySet[Any]:
    """The calendars that a team user sees and did not hide."""
    own = Q(team_user=member.pk, hidden=False)
    return Calendar.objects.filter(own | Q(pk__in=shared_with(member, hidden=False)))


def events_on(member: TeamUser, first: datetime.date, last: datetime.date) -> list[Entry]:
    """The events of some days, in the team's timezone; all-day ones in their calendar's."""
    zone = current_team().timezone
    # Days of other timezones may begin up to a day before or after the team's.
    day = datetime.timedelta(days=1)
    period = Q(end__gte=day_start(first - day, zone), begin__lt=day_start(last + 2 * day, zone))
    rows = visible(Event).filter(period, calendar__in=shown_calendars(member).order_by().values("pk"))
    rows = rows.select_related("calendar").order_by("begin", "pk")
    entries = [entry_of(event) for event in rows]
    return [entry for entry in entries if entry.first <= last and entry.last >= first]


def entry_of(event: Event) -> Entry:
    """An event in its colours, or its calendar's."""
    zone = current_team().timezone
    begin, end = event.begin.astimezone(zone), event.end.astimezone(zone)
    first, last = event.days if event.all_day else event.days_in(zone)
    return Entry(
        title=str(event),
        first=first,
        last=last,
        address=reverse("admin:calendars_event_change", args=[event.pk]),
        color=event.color or event.calendar.color,
        background=event.foreground_color or event.calendar.foreground_color,
        begin=None if event.all_day else begin,
        end=None if event.all_day else end,
        note=event.location,
    )


def register_source() -> None:
    """Put events in the agenda."""
    register(
        Source(
            name="calendar",
            label=_("Events"),
            icon="event",
            key="calendar",
            on_days=events_on,
            waiting=events_on,
            list_path=lambda: reverse("admin:calendars_event_agenda"),
            add_label=_("Add an event"),
            add_path=lambda: reverse("admin:calendars_event_add"),
        )
    )
