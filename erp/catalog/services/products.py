"""What can happen to products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from erp.catalog.models import Product, ProviderReference, StockMovement
from erp.catalog.services.elements import chosen_rate, given_price, named_price, resolve, sale_amounts, write
from erp.catalog.services.ledger import SUMS
from erp.catalog.services.needs import recost_services
from erp.catalog.services.prices import plan_prices, save_prices
from erp.catalog.services.product_variations import plan_levels, reprice_variations, save_variations
from erp.catalog.services.stock import THRESHOLDS, adjust_stock, empty_stocks
from erp.catalog.services.suppliers import LISTS as SUPPLIERS
from erp.catalog.services.suppliers import planned_references, save_suppliers
from erp.core.access import require
from erp.core.money import AMOUNT_PLACES
from erp.core.scope import current_actor
from erp.customfields.services import write_values

__all__ = ["create_product", "update_product"]

Cause = StockMovement.Cause
#: Attributes that name a row of a list, which is made when it is new.
NAMED = ("unit", "sale_category", "charge_category")
COSTS = ("unit_buy_price_ht", "various_costs")
VARIATIONS = ("variations", "add_variations", "remove_variations")


def create_product(values: Mapping[str, Any]) -> Product:
    """A new product. Raises Invalid (422) by attribute, PermissionDenied (403) for stock numbers.

    Without a reference one is given, unless the team types its own (`product_reference_manual`). Prices come
    without VAT or with it; the default VAT rate of the team applies. `unit` and categories are rows or names;
    `picture` is an uploaded image. Lists of what it comes in, of prices and of suppliers are given whole, or
    by what to add (`add_…`) and to remove (`remove_…`): see `product_variations`, `prices`, `suppliers`.
    """
    return _save_product(Product(), dict(values))


def update_product(product: Product, values: Mapping[str, Any]) -> Product:
    """Change some attributes of a product; setting a stock quantity enters the difference in the ledger."""
    return _save_product(product, dict(values))


@transaction.atomic
def _save_product(product: Product, values: dict[str, Any]) -> Product:
    custom_fields = values.pop("custom_fields", None)
    is_new, before = product._state.adding, _Before(product)
    stocks = {kind: values.pop(name, None) for kind, name in SUMS.items()}
    if any(name in values and values[name] != getattr(product, name) for name in THRESHOLDS):
        require(current_actor(), "manage-stock", 1)
    resolve(product, values, NAMED)
    changed = plan_levels(product, values)
    has_suppliers = (not is_new and changed) or any(values.get(name) is not None for name in SUPPLIERS)
    references = planned_references(product, values)
    prices = plan_prices(product, values)
    values |= _derived(product, values, references)
    variations = {name: values.pop(name) for name in VARIATIONS if name in values}
    write(product, values)
    if not is_new and product.variations_length and not before.length:
        empty_stocks(product, None, _("Counted by variation"))
    if has_suppliers:
        save_suppliers(product, references)
    save_prices(product, prices)
    save_variations(product, variations, is_new=is_new, changed=changed and not is_new)
    if not is_new and product.variations_length and product.vat_rate != before.vat_rate:
        reprice_variations(product)
    if not is_new and product.total_costs != before.costs:
        recost_services(product)
    if not product.variations_length:
        cause = Cause.INITIAL if is_new else Cause.INVENTORY
        for kind, quantity in stocks.items():
            if quantity is not None:
                adjust_stock(product, kind, quantity, cause)
    write_values(product, custom_fields, is_new=is_new)
    return product


class _Before:
    """What a product was, as far as others follow from it."""

    def __init__(self, product: Product) -> None:
        self.length, self.costs, self.vat_rate = (
            product.variations_length,
            product.total_costs,
            product.vat_rate,
        )


def _derived(
    product: Product, values: Mapping[str, Any], references: Sequence[ProviderReference]
) -> dict[str, Any]:
    """Every amount that follows from a product's attributes once `values` are set.

    What its main supplier asks is what it costs to buy, whatever was typed.
    """
    vat_rate = chosen_rate(product, values)
    costs = {name: Decimal(values.get(name, getattr(product, name))) for name in COSTS}
    supplier = Decimal(0)
    if references:
        costs["unit_buy_price_ht"], supplier = references[0].buy_price_ht, references[0].various_costs
    eco_tax = given_price(product, values, "eco_tax", vat_rate, AMOUNT_PLACES)
    return (
        sale_amounts(product, values, vat_rate, sum(costs.values(), supplier))
        | named_price(eco_tax, "eco_tax")
        | costs
    )
