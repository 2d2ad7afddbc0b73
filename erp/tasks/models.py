"""Tasks: what is to be done, by whom, by when, and about what."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from erp.core.columns import LIVING, link
from erp.core.elements import ElementLink
from erp.core.models import TenantModel
from erp.core.moments import check_moments
from erp.tasks.choices import Priority, Status
from erp.various.models import TaskCategory
from tenants.models import TeamUser

__all__ = ["Task", "TaskElement"]


class Task(TenantModel):
    """Something to do, for one or several people. It is completed exactly when its status is "ended"."""

    title = models.CharField(_("title"), max_length=255)
    #: When the task must be carried out; a day alone is kept as its first moment in the team's timezone.
    datetime = models.DateTimeField(_("deadline"), null=True, blank=True)
    category = link(TaskCategory, _("category"))
    status = models.PositiveSmallIntegerField(_("status"), choices=Status.choices, default=Status.TO_DO)
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority.choices, default=Priority.NORMAL
    )
    #: Rich text, and what a reader sees of it (searched).
    notes = models.TextField(_("notes"), blank=True)
    text_notes = models.TextField(_("notes as text"), blank=True, editable=False)
    team_users = models.ManyToManyField(TeamUser, blank=True, related_name="tasks", verbose_name=_("for"))
    author = link(TeamUser, _("made by"), editable=False)
    completed_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta(TenantModel.Meta):
        abstract = False
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        indexes = [
            models.Index(fields=["team", "created_at", "id"], condition=LIVING, name="task_created"),
            models.Index(fields=["team", "updated_at", "id"], name="task_updated"),
            models.Index(fields=["team", "datetime", "id"], condition=LIVING, name="task_deadline"),
            models.Index(fields=["team", "status", "datetime"], condition=LIVING, name="task_status"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status=Status.ENDED, completed_at__isnull=False)
                | (~Q(status=Status.ENDED) & Q(completed_at__isnull=True)),
                name="task_completed_when_ended",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if not self.title.strip():
            raise ValidationError({"title": _t("A task needs a title.")})
        check_moments(self, "datetime", "completed_at")

    @property
    def is_ended(self) -> bool:
        """Whether nothing is left to do."""
        return self.status == Status.ENDED

    @classmethod
    def restrict(cls, queryset: models.QuerySet[Any], actor: Any) -> models.QuerySet[Any]:
        """By `task-access`: one's own tasks and those one made, those of people one manages too, or all."""
        level = actor.level("task-access")
        if level >= 2:
            return queryset
        people = Q(pk=actor.pk)
        if level == 1:
            people |= Q(pk__in=actor.team_users.values("pk"))
        seen = TeamUser.all_objects.filter(people).values("pk")
        theirs = cls.team_users.through.objects.filter(teamuser__in=seen).values("task")
        return queryset.filter(Q(author__in=seen) | Q(pk__in=theirs))


class TaskElement(ElementLink):
    """What a task is about."""

    owner = models.ForeignKey(Task, models.CASCADE, related_name="element_links", verbose_name=_("task"))

    class Meta(ElementLink.Meta):
        abstract = False
        verbose_name = _("linked element")
        verbose_name_plural = _("linked elements")
