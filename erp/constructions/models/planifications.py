"""Planifications: who works when on a worksite, and on what."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from erp.constructions.figures import conflicts_of, figures_of
from erp.constructions.models.constructions import (
    Construction,
    ConstructionContent,
    PartOfConstruction,
    Printed,
    quantity_column,
)
from erp.constructions.models.lists import Technician
from erp.core.columns import LIVING, own_team
from erp.core.models import TenantModel
from erp.core.per_row import PerRow
from erp.core.stored_pdf import PdfStatus
from tenants.models import TeamUser


class Planification(PartOfConstruction, Printed):
    """When technicians work on a worksite, and what they do there (reference: Construction Planification)."""

    class Status(models.IntegerChoices):
        TO_DO = 1, _("To do")
        ENDED = 2, _("Ended")

    reference = models.CharField(_("reference"), max_length=35, editable=False)
    construction = models.ForeignKey(
        Construction, models.CASCADE, related_name="planifications", verbose_name=_("worksite")
    )
    begin = models.DateTimeField(_("begin"))
    end = models.DateTimeField(_("end"))
    all_contents = models.BooleanField(_("all contents"), default=True)
    status = models.PositiveSmallIntegerField(_("status"), choices=Status.choices, default=Status.TO_DO)
    #: The worksite's revision that the kept page shows.
    pdf_revision = models.PositiveIntegerField(_("printed revision"), default=0, editable=False)

    #: Hours, technicians needed and the worksite's revision, by name.
    figures = PerRow(figures_of)
    #: Where its technicians are elsewhere at the same time.
    conflicts = PerRow(conflicts_of)

    class Meta(PartOfConstruction.Meta):
        abstract = False
        ordering = ["-begin", "-id"]
        verbose_name = _("planification")
        verbose_name_plural = _("planifications")
        constraints = [
            models.UniqueConstraint(fields=["team", "reference"], name="planification_reference"),
            models.CheckConstraint(
                condition=Q(end__gt=F("begin")),
                name="planification_ends_after_begin",
                violation_error_message=_("The end comes after the beginning."),
            ),
        ]
        indexes = [
            models.Index(fields=["team", "-created_at"], condition=LIVING, name="planification_living"),
            models.Index(fields=["team", "updated_at"], name="planification_updated"),
            models.Index(fields=["team", "begin", "end"], condition=LIVING, name="planification_when"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def document_status(self) -> int:
        """Where its page stands: one of an older state of the worksite is to be made again."""
        is_old = self.pdf_revision != self.figures["revision"]
        return PdfStatus.WAIT if is_old and self.pdf_status == PdfStatus.DONE else self.pdf_status


class PartOfPlanification(TenantModel):
    """What belongs to a planification is seen by those who see it."""

    class Meta(TenantModel.Meta):
        abstract = True

    @classmethod
    def restrict(cls, queryset: Any, actor: Any) -> Any:
        """Hide what belongs to hidden planifications."""
        rows = Planification.objects.all()
        seen = Planification.restrict(rows, actor)
        return queryset if seen is rows else queryset.filter(planification__in=seen)


class PlanificationContent(PartOfPlanification):
    """How much of a content is done in a planification (reference: Construction Planification Content)."""

    team = own_team()
    planification = models.ForeignKey(
        Planification,
        models.CASCADE,
        related_name="contents",
        db_index=False,
        verbose_name=_("planification"),
    )
    content = models.ForeignKey(
        ConstructionContent, models.CASCADE, related_name="planned", verbose_name=_("content")
    )
    quantity = quantity_column()

    class Meta(PartOfPlanification.Meta):
        abstract = False
        ordering = ["content__place", "pk"]
        verbose_name = _("planned content")
        verbose_name_plural = _("planned contents")
        constraints = [
            models.UniqueConstraint(fields=["planification", "content"], name="planification_content_once")
        ]

    def __str__(self) -> str:
        return f"{self.quantity.normalize():f} × {self.content}"


class PlanificationTechnician(PartOfPlanification):
    """Who does a planification: a user of the team, or a technician of the list."""

    team = own_team()
    planification = models.ForeignKey(
        Planification, models.CASCADE, related_name="technician_links", verbose_name=_("planification")
    )
    team_user = models.ForeignKey(
        TeamUser, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("user")
    )
    technician = models.ForeignKey(
        Technician, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("technician")
    )

    class Meta(PartOfPlanification.Meta):
        abstract = False
        ordering = ["pk"]
        verbose_name = _("technician of a planification")
        verbose_name_plural = _("technicians of planifications")
        constraints = [
            models.CheckConstraint(
                condition=Q(team_user=None, technician__isnull=False)
                | Q(team_user__isnull=False, technician=None),
                name="planification_technician_is_one",
                violation_error_message=_("Choose a user or a technician of the list."),
            ),
            models.UniqueConstraint(
                fields=["planification", "team_user"], name="planification_team_user_once"
            ),
            models.UniqueConstraint(
                fields=["planification", "technician"], name="planification_technician_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.person)

    @property
    def person(self) -> TeamUser | Technician:
        """Who it is."""
        return self.team_user or self.technician  # type: ignore[return-value]
