"""What products and services have in common: what they are called, sold for and cost."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from erp.core.models import File, TenantModel
from erp.core.money import Amounts
from erp.customfields.carriers import CustomFieldCarrier
from erp.various.models import SaleCategory, Unit, VatRate

__all__ = [
    "LIVING",
    "CatalogElement",
    "PriceMode",
    "QuantityMode",
    "Stocked",
    "optional_amount",
    "total",
    "unit_amount",
]

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


class PriceMode(models.TextChoices):
    """What the price of an element depends on, when it does."""

    QUANTITY = "quantity", _("The quantity")
    TYPE = "type", _("The type of customer")
    CUSTOMER = "customer", _("The customer")


class QuantityMode(models.IntegerChoices):
    """Which quantity counts for prices by quantity."""

    DOCUMENT = 1, _("On the document")
    THIS_YEAR = 2, _("Ordered this year")
    LAST_YEAR = 3, _("Ordered last year")
    MONTHS = 4, _("Ordered over the last months")
    EVER = 5, _("Ordered ever")


class CatalogElement(CustomFieldCarrier, TenantModel):
    """Something that is sold: base of products and services.

    Amounts that follow from others (VAT, totals, costs, margin) are columns so that lists sort and search by
    them; `services` computes them.
    """

    reference = models.CharField(_("reference"), max_length=100)
    name = models.CharField(_("name"), max_length=255)
    designation = models.TextField(_("designation"), blank=True)
    status = models.BooleanField(_("active"), default=True)
    not_for_sale = models.BooleanField(_("not for sale"), default=False)
    cant_change_price = models.BooleanField(_("price cannot be changed on documents"), default=False)

    unit_price_ht = unit_amount(_("unit price excl. VAT"))
    unit_price_tva = unit_amount(_("VAT of the unit price"), editable=False)
    unit_price_ttc = unit_amount(_("unit price incl. VAT"))
    default_quantity = unit_amount(_("default quantity"), default=Decimal(1), positive=False)
    total_ht = total(_("total excl. VAT"), editable=False)
    total_tva = total(_("VAT"), editable=False)
    total_ttc = total(_("total incl. VAT"), editable=False)
    various_costs = unit_amount(_("various costs"))
    total_costs = unit_amount(_("total costs"), editable=False)
    gross_margin_amount = total(_("gross margin"), editable=False)
    gross_margin_rate = total(_("gross margin rate (%)"), max_digits=20, editable=False)
    markup_rate = total(_("markup rate (%)"), max_digits=20, editable=False)

    custom_price_mode = models.CharField(
        _("custom prices by"), max_length=8, choices=PriceMode.choices, blank=True
    )
    custom_price_quantity_mode = models.PositiveSmallIntegerField(
        _("which quantity counts"), choices=QuantityMode.choices, null=True, blank=True
    )
    custom_price_quantity_month_length = models.PositiveSmallIntegerField(
        _("number of months"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1200)],
    )

    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit")
    )
    vat_rate = models.ForeignKey(
        VatRate, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("VAT rate")
    )
    sale_category = models.ForeignKey(
        SaleCategory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("sale category")
    )
    default_picture = models.ForeignKey(
        File, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("picture")
    )

    class Meta(TenantModel.Meta):
        abstract = True
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.reference} – {self.name}"

    @property
    def price(self) -> Amounts:
        """The unit price, when no custom price applies."""
        return Amounts(self.unit_price_ht, self.unit_price_tva, self.unit_price_ttc)

    def validate_constraints(self, exclude: Any = None) -> None:
        """The only constraint is about the reference: its error belongs there."""
        try:
            super().validate_constraints(exclude)
        except ValidationError as error:
            raise ValidationError({"reference": error.error_dict[NON_FIELD_ERRORS]}) from error


class Stocked(models.Model):
    """Real and theoretical stock: sums of the ledger, which `services` alone moves."""

    #: `save` leaves these alone, so that a row read earlier never brings back an old sum.
    STOCKS: ClassVar[tuple[str, ...]] = ("stock_quantity", "stock_theoretical_quantity")

    stock_quantity = unit_amount(_("stock"), positive=False, editable=False)
    stock_theoretical_quantity = unit_amount(_("theoretical stock"), positive=False, editable=False)

    class Meta:
        abstract = True

    def save(self, *, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        if update_fields is None and not self._state.adding:
            update_fields = [
                field.name
                for field in self._meta.concrete_fields
                if not field.primary_key and field.name not in self.STOCKS
            ]
        super().save(update_fields=update_fields, **kwargs)
