"""Tasks in the agenda, and the groups in which people see them: late, today, soon, later."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from erp.core.access import visible
from erp.core.agenda import Entry, Source, register
from erp.core.moments import day_start
from erp.core.scope import current_team
from erp.tasks.choices import Priority, Status
from erp.tasks.models import Task
from erp.various.services import team_today
from tenants.models import TeamUser

__all__ = ["GROUPS", "group_condition", "group_of", "open_tasks", "register_source"]

#: Groups of open tasks by deadline, in order.
GROUPS = {
    "late": _("Late"),
    "today": _("Today"),
    "soon": _("Soon"),
    "later": _("Later"),
    "far": _("Further away"),
    "none": _("No deadline"),
}


def limits(member: TeamUser | None, today: datetime.date) -> tuple[datetime.date, datetime.date]:
    """The last days of "soon" (`task_header_limit`) and of "later" (`task_later_limit`) for a team user."""
    soon, later = (
        (member.parameter("task_header_limit"), member.parameter("task_later_limit")) if member else (7, 30)
    )
    return today + datetime.timedelta(days=soon), today + datetime.timedelta(days=max(soon, later))


def group_of(task: Task, member: TeamUser | None, today: datetime.date) -> str:
    """The group of an open task, a key of GROUPS."""
    if task.datetime is None:
        return "none"
    day = task.datetime.astimezone(current_team().timezone).date()
    soon, later = limits(member, today)
    if day <= today:
        return "today" if day == today else "late"
    return "soon" if day <= soon else "later" if day <= later else "far"


def group_condition(name: str, member: TeamUser | None) -> Q:
    """The condition of a group, a key of GROUPS."""
    today = team_today()
    if name == "none":
        return Q(datetime=None)
    soon, later = limits(member, today)
    tomorrow = today + datetime.timedelta(days=1)
    first, last = {
        "late": (None, today - datetime.timedelta(days=1)),
        "today": (today, today),
        "soon": (tomorrow, soon),
        "later": (max(tomorrow, soon + datetime.timedelta(days=1)), later),
        "far": (max(tomorrow, later + datetime.timedelta(days=1)), None),
    }[name]
    return due_between(first, last)


def due_between(first: datetime.date | None, last: datetime.date | None) -> Q:
    """Due on one of these days of the team; None is no limit."""
    zone = current_team().timezone
    condition = Q(datetime__isnull=False)
    if first is not None:
        condition &= Q(datetime__gte=day_start(first, zone))
    if last is not None:
        condition &= Q(datetime__lt=day_start(last + datetime.timedelta(days=1), zone))
    return condition


def tasks_of(member: TeamUser) -> QuerySet[Any, Any]:
    """Tasks for a team user, the soonest and most pressing first."""
    theirs = Task.team_users.through.objects.filter(teamuser=member.pk).values("task")
    rows = visible(Task).filter(pk__in=theirs).select_related("category")
    return rows.order_by("datetime", "-priority", "pk")


def open_tasks(member: TeamUser, first: Any, last: datetime.date) -> list[Entry]:
    """What a team user has still to do by a day, late tasks included."""
    rows = tasks_of(member).exclude(status=Status.ENDED).filter(due_between(None, last))
    return [entry_of(task, member, team_today()) for task in rows]


def tasks_on(member: TeamUser, first: datetime.date, last: datetime.date) -> list[Entry]:
    """A team user's tasks of some days, ended or not."""
    today = team_today()
    return [entry_of(task, member, today) for task in tasks_of(member).filter(due_between(first, last))]


def entry_of(task: Task, member: TeamUser, today: datetime.date) -> Entry:
    """A task in the team user's colours. Without an hour it is for the whole day."""
    local = task.datetime.astimezone(current_team().timezone)  # type: ignore[union-attr]
    has_hour = local.time() != datetime.time()
    return Entry(
        title=task.title,
        first=local.date(),
        last=local.date(),
        address=reverse("admin:tasks_task_change", args=[task.pk]),
        color=member.parameter("calendar_task_color"),
        background=member.parameter("calendar_task_foreground_color"),
        begin=local if has_hour else None,
        end=local if has_hour else None,
        note=str(task.category or ""),
        end_address="" if task.is_ended else reverse("admin:tasks_task_end", args=[task.pk]),
        is_late=local.date() < today and not task.is_ended,
        is_done=task.is_ended,
        is_pressing=task.priority == Priority.HIGH,
    )


def register_source() -> None:
    """Put tasks in the agenda."""
    register(
        Source(
            name="task",
            label=_("Tasks"),
            icon="task_alt",
            key="task",
            on_days=tasks_on,
            waiting=open_tasks,
            list_path=lambda: reverse("admin:tasks_task_changelist"),
            add_label=_("Add a task"),
            add_path=lambda: reverse("admin:tasks_task_add"),
            on_calendar=lambda member: (
                member.parameter("calendar_show_task"),
                not member.parameter("calendar_task_hidden"),
            ),
        )
    )
