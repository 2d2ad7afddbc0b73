"""What is sold and bought: products."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from erp.core.models import File, TenantModel
from erp.various.models import ChargeCategory, SaleCategory, Unit, VatRate

__all__ = ["Product", "optional_amount", "total", "unit_amount"]

LIVING = Q(deleted_at=None)
ZERO = Decimal(0)


def unit_amount(
    label: Any, *, default: Any = ZERO, positive: bool = True, **options: Any
) -> models.DecimalField[Any, Any]:
    """A unit price or a quantity: five decimals; not below zero unless `positive` is off."""
    validators = [MinValueValidator(0)] if positive else []
    if default is not None:
        options["default"] = default
    return models.DecimalField(label, max_digits=15, decimal_places=5, validators=validators, **options)


def optional_amount(label: Any, *, positive: bool = True) -> models.DecimalField[Any, Any]:
    """The same, which may be left out."""
    return unit_amount(label, default=None, positive=positive, null=True, blank=True)


def total(label: Any, *, max_digits: int = 15, **options: Any) -> models.DecimalField[Any, Any]:
    """An amount in the team's currency, or a rate in per cent: two decimals, computed."""
    return models.DecimalField(label, max_digits=max_digits, decimal_places=2, default=ZERO, **options)


class Product(TenantModel):
    """Something that is bought, kept and sold (reference: Product).

    Amounts that follow from others (VAT, totals, costs, margin) are columns so that lists sort and search by
    them; `services` computes them. Stock quantities are the sums of the ledger: `services` alone moves them.
    """

    #: Sums of the ledger: `save` leaves them alone, so that a row read earlier never brings back an old sum.
    STOCKS: ClassVar[tuple[str, ...]] = ("stock_quantity", "stock_theoretical_quantity")

    reference = models.CharField(_("reference"), max_length=100)
    name = models.CharField(_("name"), max_length=255)
    designation = models.TextField(_("designation"), blank=True)
    status = models.BooleanField(_("active"), default=True)
    not_for_sale = models.BooleanField(_("not for sale"), default=False)
    cant_change_price = models.BooleanField(_("price cannot be changed on documents"), default=False)
    ean_code = models.CharField(_("EAN code"), max_length=20, blank=True)

    unit_price_ht = unit_amount(_("unit price excl. VAT"))
    unit_price_tva = unit_amount(_("VAT of the unit price"), editable=False)
    unit_price_ttc = unit_amount(_("unit price incl. VAT"))
    default_quantity = unit_amount(_("default quantity"), default=Decimal(1), positive=False)
    total_ht = total(_("total excl. VAT"), editable=False)
    total_tva = total(_("VAT"), editable=False)
    total_ttc = total(_("total incl. VAT"), editable=False)
    unit_buy_price_ht = unit_amount(_("unit purchase price excl. VAT"))
    various_costs = unit_amount(_("various costs"))
    total_costs = unit_amount(_("total costs"), editable=False)
    gross_margin_amount = total(_("gross margin"), editable=False)
    gross_margin_rate = total(_("gross margin rate (%)"), max_digits=20, editable=False)
    markup_rate = total(_("markup rate (%)"), max_digits=20, editable=False)
    eco_tax_ht = total(_("eco-contribution excl. VAT"), validators=[MinValueValidator(0)])
    eco_tax_tva = total(_("VAT of the eco-contribution"), editable=False)
    eco_tax_ttc = total(_("eco-contribution incl. VAT"), validators=[MinValueValidator(0)])

    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit")
    )
    vat_rate = models.ForeignKey(
        VatRate, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("VAT rate")
    )
    sale_category = models.ForeignKey(
        SaleCategory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("sale category")
    )
    charge_category = models.ForeignKey(
        ChargeCategory,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("charge category"),
    )
    default_picture = models.ForeignKey(
        File, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("picture")
    )

    unit_weight = unit_amount(_("weight"))
    size_length = optional_amount(_("length"))
    size_width = optional_amount(_("width"))
    size_height = optional_amount(_("height"))

    with_stock = models.BooleanField(_("stock is managed"), default=False)
    stock_quantity = unit_amount(_("stock"), positive=False, editable=False)
    stock_theoretical_quantity = unit_amount(_("theoretical stock"), positive=False, editable=False)
    stock_minimum = optional_amount(_("minimum stock"), positive=False)
    stock_maximum = optional_amount(_("maximum stock"), positive=False)
    stock_alert = optional_amount(_("stock alert"), positive=False)

    variations_length = models.PositiveSmallIntegerField(_("levels of variation"), default=0, editable=False)

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["name"]
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

    def __str__(self) -> str:
        return f"{self.reference} – {self.name}"

    def save(self, *, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        if update_fields is None and not self._state.adding:
            update_fields = [
                field.name
                for field in self._meta.concrete_fields
                if not field.primary_key and field.name not in self.STOCKS
            ]
        super().save(update_fields=update_fields, **kwargs)

    def validate_constraints(self, exclude: Any = None) -> None:
        """The only constraint is about the reference: its error belongs there."""
        try:
            super().validate_constraints(exclude)
        except ValidationError as error:
            raise ValidationError({"reference": error.error_dict[NON_FIELD_ERRORS]}) from error
