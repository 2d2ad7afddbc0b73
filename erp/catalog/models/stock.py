"""The ledger of stocks."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from erp.catalog.models.elements import unit_amount
from erp.catalog.models.products import Product
from erp.catalog.models.variations import ProductVariation
from erp.core.models import TenantModel

__all__ = ["StockLevel", "StockMovement"]


class StockLevel(models.TextChoices):
    """Where the stock of a product stands between its thresholds."""

    OUT = "out", _("Out of stock")
    LOW = "low", _("Below the minimum")
    ALERT = "alert", _("At the alert level")
    ENOUGH = "enough", _("Enough")
    OVER = "over", _("Above the maximum")


class StockMovement(TenantModel):
    """One entry of the stock ledger: a quantity in (positive) or out (negative), and what caused it.

    Entries are never changed nor deleted. A cause that a row of the product names (`cause_type`, `cause_id`,
    `cause_line`, such as invoice 12, line 34) moves each kind of stock of a product, or of its variation,
    once and for all; a movement without such a row (typed by a person) has no `cause_id` and may be repeated.
    """

    class Kind(models.TextChoices):
        REAL = "real", _("Real stock")
        THEORETICAL = "theoretical", _("Theoretical stock")

    class Cause(models.TextChoices):
        INITIAL = "initial", _("Initial stock")
        INVENTORY = "inventory", _("Inventory")
        MANUAL = "manual", _("Manual movement")
        SALES_DOCUMENT = "sales_document", _("Sales document")
        PROVIDER_COMMAND = "provider_command", _("Supplier order")
        REVERSAL = "reversal", _("Cancellation")

    product = models.ForeignKey(Product, models.PROTECT, related_name="movements", verbose_name=_("product"))
    #: Which variation of the product moved; none of a product without variations.
    variation = models.ForeignKey(
        ProductVariation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="movements",
        verbose_name=_("product variation"),
    )
    kind = models.CharField(_("stock"), max_length=11, choices=Kind.choices)
    quantity = unit_amount(_("quantity"), default=None, positive=False)
    cause = models.CharField(_("cause"), max_length=20, choices=Cause.choices)
    cause_type = models.CharField(_("kind of element"), max_length=40, blank=True)
    cause_id = models.PositiveBigIntegerField(_("element"), null=True, blank=True)
    #: The line of the element, 0 when the element as a whole is meant.
    cause_line = models.PositiveBigIntegerField(_("line"), default=0)
    date = models.DateField(_("date"))
    reference = models.CharField(_("reference"), max_length=35, blank=True)
    comment = models.CharField(_("comment"), max_length=255, blank=True)
    author = models.ForeignKey(
        "tenants.TeamUser", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("author")
    )

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["-id"]
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        constraints = [
            models.UniqueConstraint(
                fields=["team", "product", "kind", "cause", "cause_type", "cause_id", "cause_line"],
                condition=Q(variation=None),
                name="product_movement_once",
            ),
            models.UniqueConstraint(
                fields=["team", "variation", "kind", "cause", "cause_type", "cause_id", "cause_line"],
                condition=Q(variation__isnull=False),
                name="variation_movement_once",
            ),
        ]
        indexes = [
            models.Index(fields=["team", "cause_type", "cause_id"], name="movement_cause"),
            models.Index(fields=["team", "date"], name="movement_date"),
            models.Index(fields=["team", "created_at", "id"], name="movement_created"),
            models.Index(fields=["team", "updated_at"], name="movement_updated"),
            models.Index(fields=["product", "kind", "date"], name="movement_product"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity.normalize():+f} {self.get_kind_display()}"

    def why_kept(self) -> str:
        """The ledger only grows."""
        return _t("A stock movement is never deleted: enter the opposite movement instead.")
