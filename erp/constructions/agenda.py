"""Planifications in the agenda: technicians see where they go; on the calendar, planners see everybody."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from erp.constructions.access import GUARD
from erp.constructions.models import Planification, PlanificationTechnician
from erp.core.access import visible
from erp.core.agenda import Entry, Source, register
from erp.core.moments import day_start
from erp.core.scope import current_team
from erp.various.services import team_today
from tenants.models import TeamUser

__all__ = ["register_source"]

COLOR, BACKGROUND = "#ffffff", "#0f766e"
DAY = datetime.timedelta(days=1)


def _rows() -> QuerySet[Any]:
    """Planifications that the actor may see, the soonest first, with what an entry shows."""
    people = ("technician_links__technician", "technician_links__team_user__user")
    rows = visible(Planification).select_related("construction").prefetch_related(*people)
    return rows.order_by("begin", "pk")


def _own(member: TeamUser) -> QuerySet[Any]:
    """Those that a team user goes to."""
    links = PlanificationTechnician.objects.filter(team_user=member.pk)
    return _rows().filter(pk__in=links.values("planification"))


def planned_on(member: TeamUser, first: datetime.date, last: datetime.date) -> list[Entry]:
    """Planifications of some days, in the team's timezone, ended or not: all for those who may plan."""
    zone, today = current_team().timezone, team_today()
    rows = _rows() if GUARD.allows(member, "create") else _own(member)
    rows = rows.filter(end__gt=day_start(first, zone), begin__lt=day_start(last + DAY, zone))
    return [_entry(row, member, today) for row in rows]


def waiting(member: TeamUser, first: datetime.date, last: datetime.date) -> list[Entry]:
    """Where a team user has still to go by a day; what is past and was not ended is late."""
    rows = _own(member).filter(status=Planification.Status.TO_DO)
    rows = rows.filter(begin__lt=day_start(last + DAY, current_team().timezone))
    return [_entry(row, member, team_today()) for row in rows]


def _entry(row: Planification, member: TeamUser, today: datetime.date) -> Entry:
    zone, site = current_team().timezone, row.construction
    begin, end = row.begin.astimezone(zone), row.end.astimezone(zone)
    # What ends at midnight ends on the day before.
    last = (end - datetime.timedelta(microseconds=1)).date()
    is_done = row.status == Planification.Status.ENDED
    people = ", ".join(str(link.person) for link in row.technician_links.all())
    ends = not is_done and GUARD.allows(member, "update")
    return Entry(
        title=str(site),
        first=begin.date(),
        last=last,
        address=reverse("admin:constructions_planification_change", args=[row.pk]),
        color=COLOR,
        background=BACKGROUND,
        begin=begin,
        end=end,
        note=f"{site.city} – {people}",
        end_address=reverse("admin:constructions_planification_end_it", args=[row.pk]) if ends else "",
        is_late=last < today and not is_done,
        is_done=is_done,
    )


def register_source() -> None:
    """Put planifications in the agenda, with the settings of events: the reference has none of their own."""
    register(
        Source(
            name="planification",
            settings="calendar",
            label=_("Work on site"),
            icon="engineering",
            key=GUARD.key,
            on_days=planned_on,
            waiting=waiting,
            list_path=lambda: reverse("admin:constructions_planification_changelist"),
            add_label=_("Plan work"),
            add_path=lambda: reverse("admin:constructions_planification_add"),
            may_add=lambda member: GUARD.allows(member, "create"),
            on_first_page=lambda member: "technical" in member.roles,
        )
    )
