"""Deals to win: funnels with their categories and steps, and opportunities (reference: same chapter)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from erp.core.models import TenantModel
from erp.core.per_row import PerRow
from erp.customers.models import Contact, Customer
from erp.customfields.carriers import CustomFieldCarrier
from erp.opportunities.figures import figures_of
from erp.sales.linked import documents_through
from erp.sales.models import Affair
from erp.various.models import hex_color
from tenants.models import TeamUser

__all__ = ["Funnel", "FunnelCategory", "FunnelStep", "Opportunity"]


def percentage(**options: Any) -> models.PositiveSmallIntegerField[Any, Any]:
    """The chance to win, from 0 to 100."""
    return models.PositiveSmallIntegerField(
        _("probability (%)"), validators=[MaxValueValidator(100)], **options
    )


class Funnel(TenantModel):
    """A way in which deals are won, step by step. A restricted one is seen by its users, and by the owner."""

    #: Copied to the team's sandbox, without its users.
    is_list: ClassVar[bool] = True

    name = models.CharField(_("name"), max_length=255)
    restricted = models.BooleanField(_("restricted to its users"), default=False)
    team_users = models.ManyToManyField(TeamUser, blank=True, related_name="funnels", verbose_name=_("users"))

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["name"]
        verbose_name = _("funnel")
        verbose_name_plural = _("funnels")
        indexes = [
            models.Index(fields=["team", "-created_at"], condition=Q(deleted_at=None), name="funnel_living")
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def restrict(cls, queryset: Any, actor: Any) -> Any:
        """Hide restricted funnels from those whom they do not name."""
        if actor.is_owner:
            return queryset
        return queryset.filter(Q(restricted=False) | Q(pk__in=actor.funnels.values("pk")))


class PartOfFunnel(TenantModel):
    """What a funnel is made of is seen by those who see the funnel."""

    class Meta(TenantModel.Meta):
        abstract = True

    @classmethod
    def restrict(cls, queryset: Any, actor: Any) -> Any:
        """Hide what belongs to hidden funnels."""
        funnels = Funnel.objects.all()
        seen = Funnel.restrict(funnels, actor)
        return queryset if seen is funnels else queryset.filter(funnel__in=seen)


class FunnelCategory(PartOfFunnel):
    """A sort of deals in a funnel."""

    #: Copied to the team's sandbox.
    is_list: ClassVar[bool] = True

    funnel = models.ForeignKey(Funnel, models.CASCADE, related_name="categories", verbose_name=_("funnel"))
    label = models.CharField(_("name"), max_length=255)
    color = models.CharField(_("colour"), max_length=7, default="#1f4e79", validators=[hex_color])

    class Meta(PartOfFunnel.Meta):
        abstract = False
        ordering = ["label"]
        verbose_name = _("funnel category")
        verbose_name_plural = _("funnel categories")

    def __str__(self) -> str:
        return self.label


class FunnelStep(PartOfFunnel):
    """Where a deal stands in its funnel; the chance to win is usually that of the step."""

    #: Copied to the team's sandbox.
    is_list: ClassVar[bool] = True

    funnel = models.ForeignKey(Funnel, models.CASCADE, related_name="steps", verbose_name=_("funnel"))
    name = models.CharField(_("name"), max_length=255)
    probability = percentage(default=0)
    order = models.PositiveSmallIntegerField(_("order"), default=1)

    class Meta(PartOfFunnel.Meta):
        abstract = False
        ordering = ["funnel", "order", "id"]
        verbose_name = _("funnel step")
        verbose_name_plural = _("funnel steps")

    def __str__(self) -> str:
        return self.name


class Opportunity(CustomFieldCarrier, TenantModel):
    """A deal that may be won with a customer; its affairs hold the documents that come of it."""

    CUSTOM_FIELD_USAGES = ("opportunity",)

    class Status(models.IntegerChoices):
        IN_PROGRESS = 1, _("In progress")
        WON = 2, _("Won")
        LOST = 3, _("Lost")
        CANCELLED = 4, _("Cancelled")

    reference = models.CharField(_("reference"), max_length=35, editable=False)
    title = models.CharField(_("title"), max_length=255, blank=True)
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="opportunities", verbose_name=_("customer")
    )
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("contact")
    )
    description = models.TextField(_("description"), blank=True)
    amount = models.DecimalField(_("expected amount"), max_digits=15, decimal_places=2, default=0)
    expire_at = models.DateField(_("expires on"), null=True, blank=True)
    probability = percentage(default=0)
    status = models.PositiveSmallIntegerField(_("status"), choices=Status.choices, default=Status.IN_PROGRESS)
    step = models.ForeignKey(FunnelStep, models.PROTECT, related_name="opportunities", verbose_name=_("step"))
    category = models.ForeignKey(
        FunnelCategory,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="opportunities",
        verbose_name=_("category"),
    )
    team_user = models.ForeignKey(
        TeamUser, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("salesperson")
    )
    affairs = models.ManyToManyField(
        Affair, blank=True, related_name="opportunities", verbose_name=_("affairs")
    )
    won_at = models.DateField(_("won on"), null=True, blank=True, editable=False)
    lost_at = models.DateField(_("lost on"), null=True, blank=True, editable=False)
    cancelled_at = models.DateField(_("cancelled on"), null=True, blank=True, editable=False)

    #: Turnovers, costs and margins of its documents, by name.
    figures = PerRow(figures_of)
    #: Its documents that the actor may see, by kind.
    documents = PerRow(documents_through("opportunities"))

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["-id"]
        verbose_name = _("opportunity")
        verbose_name_plural = _("opportunities")
        constraints = [models.UniqueConstraint(fields=["team", "reference"], name="opportunity_reference")]
        indexes = [
            models.Index(
                fields=["team", "-created_at"], condition=Q(deleted_at=None), name="opportunity_living"
            ),
            models.Index(
                fields=["team", "status", "expire_at"],
                condition=Q(deleted_at=None),
                name="opportunity_status",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}".strip()

    @property
    def status_label(self) -> str:
        """The status in words."""
        return self.get_status_display()

    @property
    def funnel(self) -> Funnel:
        """The funnel of its step."""
        return self.step.funnel

    @classmethod
    def restrict(cls, queryset: Any, actor: Any) -> Any:
        """Rows of funnels and customers that are seen; own ones only under `sales-limitation`."""
        funnels = Funnel.restrict(Funnel.objects.all(), actor)
        if not actor.is_owner:
            queryset = queryset.filter(step__funnel__in=funnels)
        customers = Customer.objects.all()
        if (seen := Customer.restrict(customers, actor)) is not customers:
            queryset = queryset.filter(customer__in=seen)
        if actor.level("sales-limitation") >= 1:
            return queryset
        return queryset.filter(Q(team_user=actor) | Q(team_user__in=actor.team_users.all()))
