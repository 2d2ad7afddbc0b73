"""What documents belong to: affairs, and the grants that help to pay them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from erp.core.columns import LIVING, amount, own_team
from erp.core.models import TenantModel


class Grant(TenantModel):
    """A subsidy that reduces what the customer has to pay, not the total of the document."""

    label = models.CharField(_("label"), max_length=150)
    amount = amount(_("default amount"))
    pdf_mentions = models.TextField(_("mention on documents"), blank=True)

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["label"]
        verbose_name = _("grant")
        verbose_name_plural = _("grants")

    def __str__(self) -> str:
        return self.label


class Affair(TenantModel):
    """What one deal is made of: a quotation and everything it was turned into."""

    reference = models.CharField(_("reference"), max_length=35)
    number = models.PositiveIntegerField(_("number"), editable=False)
    title = models.CharField(_("title"), max_length=255, blank=True)
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="affairs", verbose_name=_("customer")
    )

    class Meta(TenantModel.Meta):
        abstract = False
        verbose_name = _("affair")
        verbose_name_plural = _("affairs")
        constraints = [models.UniqueConstraint(fields=["team", "reference"], name="affair_reference")]
        indexes = [
            models.Index(fields=["team", "-created_at", "-id"], condition=LIVING, name="affair_newest"),
        ]

    def __str__(self) -> str:
        return self.reference


class AffairContent(TenantModel):
    """The identity of a line through conversions: how delivered, billed and credited quantities are known."""

    team = own_team()
    affair = models.ForeignKey(Affair, models.CASCADE, related_name="contents")

    class Meta(TenantModel.Meta):
        abstract = False
        verbose_name = _("affair content")
        verbose_name_plural = _("affair contents")
