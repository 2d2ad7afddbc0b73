"""What can happen to tasks."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.core import services as core
from erp.core.elements import set_elements
from erp.core.errors import Invalid
from erp.core.moments import day_start
from erp.core.scope import current_actor, current_team
from erp.tasks.choices import Status
from erp.tasks.models import Task
from erp.various.models import TaskCategory
from erp.various.services import clean_html, team_today, text_of_html
from tenants.models import TeamUser

__all__ = ["create_task", "default_deadline", "default_people", "end_task", "reopen_task", "update_task"]


def create_task(values: Mapping[str, Any]) -> Task:
    """A new task. What is not given comes from the settings of the actor (`task_defaut_date`,
    `task_defaut_team_user`) and from the category selected by default.

    Raises Invalid (422) when the task is for nobody, or has a date of end without being ended.
    """
    actor = current_actor()
    defaults: dict[str, Any] = {"author": actor}
    if "datetime" not in values and actor is not None:
        defaults["datetime"] = default_deadline(actor)
    if "team_users" not in values:
        defaults["team_users"] = default_people(actor) if actor is not None else []
    if "category" not in values:
        defaults["category"] = TaskCategory.objects.filter(use_default=True).first()
    return _save(Task(), defaults | dict(values))


def update_task(task: Task, values: Mapping[str, Any]) -> Task:
    """Change a task. Raises Invalid (422) as `create_task` does."""
    return _save(task, dict(values))


def end_task(task: Task) -> Task:
    """Nothing is left to do; a task that has ended stays as it is."""
    return task if task.is_ended else update_task(task, {"status": Status.ENDED})


def reopen_task(task: Task) -> Task:
    """There is something to do again."""
    return update_task(task, {"status": Status.TO_DO}) if task.is_ended else task


def default_deadline(member: TeamUser) -> datetime.datetime:
    """The deadline of a member's new tasks: today and `task_defaut_date` days, as the day begins."""
    day = team_today() + datetime.timedelta(days=member.parameter("task_defaut_date"))
    return day_start(day, current_team().timezone)


def default_people(member: TeamUser) -> list[TeamUser]:
    """Whom a member's new tasks are for: those of `task_defaut_team_user` who are still there, else them."""
    wanted = member.parameter("task_defaut_team_user")
    return list(TeamUser.objects.filter(pk__in=wanted, active=True).order_by("pk")) or [member]


@transaction.atomic
def _save(task: Task, values: dict[str, Any]) -> Task:
    elements = values.pop("elements", None)
    if values.get("team_users") == []:
        raise Invalid({"team_users": _("A task is for at least one person.")}, code="required")
    if "notes" in values:
        values["notes"] = clean_html(values["notes"])
        values["text_notes"] = text_of_html(values["notes"])
    core.save(task, _completed(task, values))
    if elements is not None:
        set_elements(task, elements)
    return task


def _completed(task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Status and date of end, agreed: giving one moves the other."""
    moment = values.get("completed_at")
    if moment and "status" not in values:
        values["status"] = Status.ENDED
    if values.get("status", task.status) != Status.ENDED:
        if moment:
            raise Invalid({"completed_at": _("Only a task that has ended has a date of end.")})
        return values | {"completed_at": None}
    kept = task.completed_at if task.pk and "completed_at" not in values else None
    return values | {"completed_at": moment or kept or timezone.now()}
