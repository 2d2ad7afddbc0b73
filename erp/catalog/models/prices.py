"""Prices that depend on the quantity or on the customer, and what suppliers ask for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from erp.catalog.models.elements import unit_amount
from erp.catalog.models.products import Product
from erp.catalog.models.services import Service
from erp.core.columns import own_team
from erp.core.models import TenantModel
from erp.customers.models import Customer, CustomerType

__all__ = [
    "ProductPrice",
    "ProductQuantityPrice",
    "ProviderReference",
    "QuantityPrice",
    "ServicePrice",
    "ServiceQuantityPrice",
    "TypePrice",
]


class QuantityPrice(TenantModel):
    """The unit price of an element from one quantity to another; base of the tables that say of which."""

    team = own_team()
    minimum = models.PositiveIntegerField(_("from"))
    maximum = models.PositiveIntegerField(_("to"), null=True, blank=True)
    price = unit_amount(_("unit price excl. VAT"), default=None)

    class Meta(TenantModel.Meta):
        abstract = True
        ordering = ["minimum", "pk"]
        verbose_name = _("price by quantity")
        verbose_name_plural = _("prices by quantity")

    def __str__(self) -> str:
        return f"{self.minimum} – {self.maximum or '…'}: {self.price.normalize():f}"


class TypePrice(TenantModel):
    """The unit price of an element for one customer or one type of customers; base of the tables that say
    of which."""

    team = own_team()
    customer_type = models.ForeignKey(
        CustomerType, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("customer type")
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("customer")
    )
    price = unit_amount(_("unit price excl. VAT"), default=None)

    class Meta(TenantModel.Meta):
        abstract = True
        ordering = ["pk"]
        verbose_name = _("price by customer")
        verbose_name_plural = _("prices by customer")

    def __str__(self) -> str:
        return f"{self.element}: {self.price.normalize():f}"

    @property
    def type(self) -> str:
        """ "customer" or "type": what the price is for."""
        return "customer" if self.customer_id is not None else "type"

    @property
    def element(self) -> Any:
        """The customer, or the type of customers."""
        return self.customer if self.customer_id is not None else self.customer_type


def one_of_both(name: str) -> models.CheckConstraint:
    """A price is for a customer or for a type of customers."""
    return models.CheckConstraint(
        condition=Q(customer=None, customer_type__isnull=False)
        | Q(customer__isnull=False, customer_type=None),
        name=name,
        violation_error_message=_("Choose either a customer or a type of customers."),
    )


class ProductQuantityPrice(QuantityPrice):
    """The price of a product from one quantity to another."""

    product = models.ForeignKey(
        Product, models.CASCADE, related_name="custom_quantity_prices", verbose_name=_("product")
    )

    class Meta(QuantityPrice.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["product", "minimum"], name="product_quantity_price_once")
        ]


class ProductPrice(TypePrice):
    """The price of a product for a customer or a type of customers."""

    product = models.ForeignKey(
        Product, models.CASCADE, related_name="custom_type_prices", verbose_name=_("product")
    )

    class Meta(TypePrice.Meta):
        abstract = False
        constraints = [
            one_of_both("product_price_for_one"),
            models.UniqueConstraint(fields=["product", "customer"], name="product_price_customer"),
            models.UniqueConstraint(fields=["product", "customer_type"], name="product_price_type"),
        ]


class ServiceQuantityPrice(QuantityPrice):
    """The price of a service from one quantity to another."""

    service = models.ForeignKey(
        Service, models.CASCADE, related_name="custom_quantity_prices", verbose_name=_("service")
    )

    class Meta(QuantityPrice.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["service", "minimum"], name="service_quantity_price_once")
        ]


class ServicePrice(TypePrice):
    """The price of a service for a customer or a type of customers."""

    service = models.ForeignKey(
        Service, models.CASCADE, related_name="custom_type_prices", verbose_name=_("service")
    )

    class Meta(TypePrice.Meta):
        abstract = False
        constraints = [
            one_of_both("service_price_for_one"),
            models.UniqueConstraint(fields=["service", "customer"], name="service_price_customer"),
            models.UniqueConstraint(fields=["service", "customer_type"], name="service_price_type"),
        ]


class ProviderReference(TenantModel):
    """What a supplier calls a product and asks for it (reference: Product Provider Reference)."""

    team = own_team()
    product = models.ForeignKey(
        Product, models.CASCADE, related_name="providers_references", verbose_name=_("product")
    )
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+", verbose_name=_("supplier"))
    reference = models.CharField(_("supplier's reference"), max_length=100, blank=True)
    buy_price_ht = unit_amount(_("unit purchase price excl. VAT"))
    various_costs = unit_amount(_("various costs"))

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["pk"]
        verbose_name = _("supplier's reference")
        verbose_name_plural = _("suppliers' references")
        constraints = [
            models.UniqueConstraint(fields=["product", "customer", "reference"], name="product_provider_once")
        ]

    def __str__(self) -> str:
        return f"{self.customer} {self.reference}".strip()

    @property
    def total_costs(self) -> Decimal:
        """What a unit costs from this supplier."""
        return self.buy_price_ht + self.various_costs
