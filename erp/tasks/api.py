"""Tasks, as programs see them (reference: chapter "Tasks"; task categories are in erp/various)."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Q

from erp.core.access import SwitchKey
from erp.core.elements_wire import ElementFilter, ElementsField
from erp.core.fields import DayOrMoment, LabelledChoice
from erp.core.filters import ChoiceFilter, DateFilter, IdFilter, TextFilter
from erp.core.listing import same
from erp.core.moments import day_start
from erp.core.resources import ResourceViewSet, router
from erp.core.scope import current_team
from erp.core.wire import WireSerializer
from erp.tasks import services
from erp.tasks.choices import ELEMENTS, Priority, Status
from erp.tasks.models import Task, TaskElement
from tenants.models import TeamUser

DATES = ("created_at", "updated_at")


class TaskSerializer(WireSerializer):
    datetime = DayOrMoment(required=False, allow_null=True)
    status = LabelledChoice(choices=Status.choices, required=False)
    priority = LabelledChoice(choices=Priority.choices, required=False)
    elements = ElementsField(accepts=ELEMENTS, split=True)

    class Meta:
        model = Task
        fields = (
            "id",
            "title",
            "datetime",
            "category",
            "status",
            "notes",
            "text_notes",
            "priority",
            "elements",
            "team_users",
            "completed_at",
            *DATES,
        )


def day(date: datetime.date) -> datetime.datetime:
    """When a day begins for the team."""
    return day_start(date, current_team().timezone)


def on(date: datetime.date) -> Q:
    """Due on a day."""
    return Q(datetime__gte=day(date), datetime__lt=day(date + datetime.timedelta(days=1)))


class CategoryFilter(TextFilter):
    """The category by its label, with `%` as in LIKE, or by its id."""

    def condition(self, value: str) -> Q:
        by_label = super().condition(value)
        is_id = value.isdecimal() and value.isascii() and len(value) < 19
        return by_label | Q(category=int(value)) if is_id else by_label


def for_person(pk: int) -> Q:
    """For a team user, perhaps among others."""
    return Q(pk__in=Task.team_users.through.objects.filter(teamuser=pk).values("task"))


class TaskViewSet(ResourceViewSet):
    """Tasks."""

    serializer_class = TaskSerializer
    guard = SwitchKey("task")
    sorts = {
        **same("title", "datetime", "completed_at"),
        "priority.label": "priority",
        "status.label": "status",
        "category": "category__label",
        **same(*DATES),
    }
    searches = {"title": "title", "notes": "text_notes", "category.label": "category__label"}
    filters = {
        "title": TextFilter("title"),
        "category": CategoryFilter("category__label"),
        "status": ChoiceFilter("status", choices=Status.values),
        "priority": ChoiceFilter("priority", choices=Priority.values),
        "with_team_users": IdFilter(model=TeamUser, condition=for_person),
        "deadline_since": DateFilter(condition=lambda date: Q(datetime__gte=day(date))),
        "deadline_until": DateFilter(
            condition=lambda date: Q(datetime__lt=day(date + datetime.timedelta(days=1)))
        ),
        "deadline": DateFilter(condition=on),
        "elements": ElementFilter(TaskElement, accepts=ELEMENTS),
    }
    list_includes = ("category", "team_users", "elements")

    def create_row(self, values: dict[str, Any]) -> Task:
        return services.create_task(values)

    def update_row(self, row: Task, values: dict[str, Any]) -> Task:
        return services.update_task(row, values)


router.register("task", TaskViewSet)
