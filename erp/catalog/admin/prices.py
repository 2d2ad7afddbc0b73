"""Custom prices and suppliers' references, on the pages of what they are about."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest

from erp.catalog.models import (
    ProductPrice,
    ProductQuantityPrice,
    ProviderReference,
    ServicePrice,
    ServiceQuantityPrice,
)
from erp.core.admin import TenantTabularInline

__all__ = [
    "ProductPriceInline",
    "ProductQuantityPriceInline",
    "ProviderReferenceInline",
    "ServicePriceInline",
    "ServiceQuantityPriceInline",
]


class QuantityPriceInline(TenantTabularInline):
    """Prices from one quantity to another; used in the mode "by quantity"."""

    passed_as = "custom_quantity_prices"
    fields = ("minimum", "maximum", "price")
    tab = True
    hide_title = True


class TypePriceInline(TenantTabularInline):
    """Prices of customers and of types of customers; used in the modes that go by the customer."""

    passed_as = "custom_type_prices"
    fields = ("customer", "customer_type", "price")
    autocomplete_fields: ClassVar[tuple[str, ...]] = ("customer",)
    tab = True
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("customer", "customer_type")


class ProductQuantityPriceInline(QuantityPriceInline):
    model = ProductQuantityPrice


class ServiceQuantityPriceInline(QuantityPriceInline):
    model = ServiceQuantityPrice


class ProductPriceInline(TypePriceInline):
    model = ProductPrice


class ServicePriceInline(TypePriceInline):
    model = ServicePrice


class ProviderReferenceInline(TenantTabularInline):
    """What suppliers call a product and ask for it, the main one first."""

    model = ProviderReference
    passed_as = "providers_references"
    fields = ("customer", "reference", "buy_price_ht", "various_costs")
    autocomplete_fields: ClassVar[tuple[str, ...]] = ("customer",)
    tab = True
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("customer")
