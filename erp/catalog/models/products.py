"""What is sold and bought: products."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from erp.catalog.models.elements import LIVING, CatalogElement, Stocked, optional_amount, total, unit_amount
from erp.catalog.models.variations import variation_link
from erp.customers.models import Customer
from erp.various.models import ChargeCategory

__all__ = ["Product"]


class Product(Stocked, CatalogElement):
    """Something that is bought, kept and sold (reference: Product).

    With variations, its stock is the sum of theirs. `providers` are all that sell it: those of its
    references or, with variations, those that are named.
    """

    CUSTOM_FIELD_USAGES = ("product",)

    ean_code = models.CharField(_("EAN code"), max_length=20, blank=True)
    unit_buy_price_ht = unit_amount(_("unit purchase price excl. VAT"))
    eco_tax_ht = total(_("eco-contribution excl. VAT"), validators=[MinValueValidator(0)])
    eco_tax_tva = total(_("VAT of the eco-contribution"), editable=False)
    eco_tax_ttc = total(_("eco-contribution incl. VAT"), validators=[MinValueValidator(0)])
    charge_category = models.ForeignKey(
        ChargeCategory,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("charge category"),
    )

    unit_weight = unit_amount(_("weight"))
    size_length = optional_amount(_("length"))
    size_width = optional_amount(_("width"))
    size_height = optional_amount(_("height"))

    with_stock = models.BooleanField(_("stock is managed"), default=False)
    stock_minimum = optional_amount(_("minimum stock"), positive=False)
    stock_maximum = optional_amount(_("maximum stock"), positive=False)
    stock_alert = optional_amount(_("stock alert"), positive=False)

    variations_length = models.PositiveSmallIntegerField(
        _("levels of variation"), default=0, validators=[MaxValueValidator(3)]
    )
    variation_level1 = variation_link(1)
    variation_level2 = variation_link(2)
    variation_level3 = variation_link(3)
    providers = models.ManyToManyField(
        Customer, blank=True, related_name="supplied_products", verbose_name=_("suppliers")
    )

    class Meta(CatalogElement.Meta):
        abstract = False
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.UniqueConstraint(
                fields=["team", "reference"],
                condition=LIVING,
                name="product_reference",
                violation_error_message=_("Another product has this reference."),
            )
        ]
        indexes = [
            models.Index(fields=["team", "created_at", "id"], condition=LIVING, name="product_created"),
            models.Index(fields=["team", "updated_at"], name="product_updated"),
            models.Index(fields=["team", "name", "id"], condition=LIVING, name="product_name"),
            models.Index(fields=["team", "unit_price_ht", "id"], condition=LIVING, name="product_price"),
            models.Index(fields=["team", "stock_quantity", "id"], condition=LIVING, name="product_stock"),
            models.Index(fields=["team", "sale_category"], condition=LIVING, name="product_sale_category"),
            models.Index(fields=["team", "ean_code"], condition=LIVING & ~Q(ean_code=""), name="product_ean"),
        ]

    def why_kept(self) -> str:
        """What services need stays."""
        needs = self.service_needs.filter(service__deleted_at=None).select_related("service")
        names = ", ".join(str(need.service) for need in needs.order_by("service__name")[:5])
        return _t("These services need this product: %(names)s.") % {"names": names} if names else ""
