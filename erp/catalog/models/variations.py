"""What products vary by (size, colour) and what they vary into."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from erp.catalog.models.elements import LIVING, Stocked, optional_amount
from erp.core.columns import own_team
from erp.core.models import TenantModel
from erp.core.money import Amounts

__all__ = ["LEVELS", "ProductVariation", "Variation", "VariationValue"]

#: How many variations a product can combine.
LEVELS = (1, 2, 3)


def variation_link(level: int) -> models.ForeignKey[Any, Any]:
    """The variation that a product has on one level."""
    return models.ForeignKey(
        "catalog.Variation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name=f"products_level{level}",
        verbose_name=(_("first variation"), _("second variation"), _("third variation"))[level - 1],
    )


class Variation(TenantModel):
    """Something that products vary by, such as a size, and its values (reference: Variation)."""

    label = models.CharField(_("label"), max_length=100)

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["label"]
        verbose_name = _("variation")
        verbose_name_plural = _("variations")
        constraints = [
            models.UniqueConstraint(
                F("team"),
                Lower("label"),
                condition=LIVING,
                name="variation_label",
                violation_error_message=_("Another variation has this name."),
            )
        ]
        indexes = [
            models.Index(fields=["team", "created_at", "id"], condition=LIVING, name="variation_created"),
            models.Index(fields=["team", "updated_at"], name="variation_updated"),
        ]

    def __str__(self) -> str:
        return self.label

    def validate_constraints(self, exclude: Any = None) -> None:
        """The only constraint is about the label: its error belongs there."""
        try:
            super().validate_constraints(exclude)
        except ValidationError as error:
            raise ValidationError({"label": error.error_dict[NON_FIELD_ERRORS]}) from error

    @property
    def values_count(self) -> int:
        """How many values it has: counted with a list, else now."""
        found = self.__dict__.get("counted_values")
        return self.values.count() if found is None else int(found)

    @property
    def products_count(self) -> int:
        """How many products vary by it: counted with a list, else now."""
        found = self.__dict__.get("counted_products")
        if found is not None:
            return int(found)
        return sum(getattr(self, f"products_level{level}").count() for level in LEVELS)

    def why_kept(self) -> str:
        """A variation stays while products vary by it."""
        if any(getattr(self, f"products_level{level}").exists() for level in LEVELS):
            return _t("Products vary by this: give them another variation before deleting it.")
        return ""


class VariationValue(TenantModel):
    """A value that a variation takes, such as "XL"."""

    team = own_team()
    variation = models.ForeignKey(
        Variation, models.CASCADE, related_name="values", verbose_name=_("variation")
    )
    label = models.CharField(_("value"), max_length=100)
    position = models.PositiveIntegerField(_("place"), default=0, editable=False)

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["position", "pk"]
        verbose_name = _("value of a variation")
        verbose_name_plural = _("values of variations")
        constraints = [
            models.UniqueConstraint(F("variation"), Lower("label"), condition=LIVING, name="variation_value")
        ]

    def __str__(self) -> str:
        return self.label


class ProductVariation(Stocked, TenantModel):
    """A product in one of its variations, such as "XL, red": its codes, prices and stock.

    A price that is left out is the product's. Removed ones are kept, marked deleted, and come back under
    their id when they are added again.
    """

    product = models.ForeignKey(
        "catalog.Product", models.PROTECT, related_name="variations", verbose_name=_("product")
    )
    level1 = models.ForeignKey(
        VariationValue, models.PROTECT, related_name="+", verbose_name=_("first variation")
    )
    level2 = models.ForeignKey(
        VariationValue,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("second variation"),
    )
    level3 = models.ForeignKey(
        VariationValue,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("third variation"),
    )
    position = models.PositiveIntegerField(_("place"), default=0, editable=False)
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    ean_code = models.CharField(_("EAN code"), max_length=20, blank=True)
    provider_reference = models.CharField(_("supplier's reference"), max_length=100, blank=True)
    own_buy_price_ht = optional_amount(_("unit purchase price excl. VAT"))
    own_unit_price_ht = optional_amount(_("unit price excl. VAT"))
    own_unit_price_tva = optional_amount(_("VAT of the unit price"))
    own_unit_price_ttc = optional_amount(_("unit price incl. VAT"))

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["position", "pk"]
        verbose_name = _("product variation")
        verbose_name_plural = _("product variations")
        constraints = [
            models.UniqueConstraint(
                fields=["product", "level1"], condition=Q(level2=None), name="product_variation_1"
            ),
            models.UniqueConstraint(
                fields=["product", "level1", "level2"],
                condition=Q(level2__isnull=False, level3=None),
                name="product_variation_2",
            ),
            models.UniqueConstraint(
                fields=["product", "level1", "level2", "level3"],
                condition=Q(level3__isnull=False),
                name="product_variation_3",
            ),
        ]
        indexes = [
            models.Index(
                fields=["team", "ean_code"], condition=LIVING & ~Q(ean_code=""), name="product_variation_ean"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} – {self.label}"

    @property
    def values(self) -> tuple[int | None, int | None, int | None]:
        """The ids of its values, level by level: what it is known by in its product."""
        return self.level1_id, self.level2_id, self.level3_id

    @property
    def label(self) -> str:
        """Its values, as people read them: "XL, red"."""
        return ", ".join(value.label for value in (self.level1, self.level2, self.level3) if value)

    @property
    def price(self) -> Amounts:
        """Its own unit price, else the product's."""
        own = self.own_unit_price_ht, self.own_unit_price_tva, self.own_unit_price_ttc
        if own[0] is not None and own[1] is not None and own[2] is not None:
            return Amounts(own[0], own[1], own[2])
        return self.product.price

    @property
    def buy_price_ht(self) -> Any:
        """Its own unit purchase price, else the product's."""
        return self.product.unit_buy_price_ht if self.own_buy_price_ht is None else self.own_buy_price_ht
