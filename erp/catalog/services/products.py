"""What can happen to products."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction

from erp.catalog.models import Product, StockMovement
from erp.catalog.services.elements import chosen_rate, given_price, named_price, resolve, sale_amounts, write
from erp.catalog.services.needs import recost_services
from erp.catalog.services.stock import SUMS, THRESHOLDS, adjust_stock
from erp.core.access import require
from erp.core.money import AMOUNT_PLACES
from erp.core.scope import current_actor
from erp.customfields.services import write_values

__all__ = ["create_product", "update_product"]

Cause = StockMovement.Cause
#: Attributes that name a row of a list, which is made when it is new.
NAMED = ("unit", "sale_category", "charge_category")
COSTS = ("unit_buy_price_ht", "various_costs")


def create_product(values: Mapping[str, Any]) -> Product:
    """A new product. Raises Invalid (422) by attribute, PermissionDenied (403) for stock numbers.

    Without a reference one is given, unless the team types its own (`product_reference_manual`). Prices come
    without VAT or with it; the default VAT rate of the team applies. `unit` and categories are rows or names;
    `picture` is an uploaded image.
    """
    return _save_product(Product(), dict(values))


def update_product(product: Product, values: Mapping[str, Any]) -> Product:
    """Change some attributes of a product; setting a stock quantity enters the difference in the ledger."""
    return _save_product(product, dict(values))


@transaction.atomic
def _save_product(product: Product, values: dict[str, Any]) -> Product:
    custom_fields = values.pop("custom_fields", None)
    stocks = {kind: values.pop(name, None) for kind, name in SUMS.items()}
    if any(name in values and values[name] != getattr(product, name) for name in THRESHOLDS):
        require(current_actor(), "manage-stock", 1)
    resolve(product, values, NAMED)
    values |= _derived(product, values)
    is_new = product._state.adding
    cause = Cause.INITIAL if is_new else Cause.INVENTORY
    costs = product.total_costs
    write(product, values)
    if not is_new and product.total_costs != costs:
        recost_services(product)
    for kind, quantity in stocks.items():
        if quantity is not None:
            adjust_stock(product, kind, quantity, cause)
    write_values(product, custom_fields, is_new=is_new)
    return product


def _derived(product: Product, values: Mapping[str, Any]) -> dict[str, Any]:
    """Every amount that follows from a product's attributes once `values` are set."""
    vat_rate = chosen_rate(product, values)
    costs = sum(Decimal(values.get(name, getattr(product, name))) for name in COSTS)
    eco_tax = given_price(product, values, "eco_tax", vat_rate, AMOUNT_PLACES)
    return sale_amounts(product, values, vat_rate, Decimal(costs)) | named_price(eco_tax, "eco_tax")
