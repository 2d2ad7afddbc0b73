"""Products, as programs see them (reference: Product)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from erp.catalog import services
from erp.catalog.api.elements import ACTIVE_FIRST, Later, named, no_rows, nothing
from erp.catalog.models import Product
from erp.core.access import Key
from erp.core.fields import StatusFlag, WireDecimal
from erp.core.filters import ChoiceFilter, FlagFilter, IdFilter, TextFilter
from erp.core.listing import same
from erp.core.resources import ResourceViewSet, router
from erp.core.wire import WireSerializer
from erp.customfields.wire import CustomFieldValues
from erp.various.models import ChargeCategory, SaleCategory, Unit


class StockQuantity(WireDecimal):
    """A sum of the ledger: two decimals, null for those who may not see stock; null changes nothing."""

    def __init__(self) -> None:
        super().__init__(max_digits=15, decimal_places=5, wire_places=2, required=False, allow_null=True)

    def __deepcopy__(self, memo: Any) -> StockQuantity:
        return StockQuantity()

    def convert(self, value: Any) -> Any:
        return super().convert(value) if services.sees_stock() else None


class ProductSerializer(WireSerializer):
    unit = named(Unit)
    sale_category = named(SaleCategory)
    charge_category = named(ChargeCategory)
    status = StatusFlag(required=False)
    unit_weight = WireDecimal(max_digits=15, decimal_places=5, wire_places=2, required=False, min_value=0)
    stock_quantity = StockQuantity()
    stock_theoretical_quantity = StockQuantity()
    custom_price_mode = Later(nothing)
    custom_price_quantity_mode = Later(nothing)
    custom_price_quantity_month_length = Later(nothing)
    custom_quantity_prices = Later(no_rows, on_request=True)
    custom_type_prices = Later(no_rows, on_request=True)
    add_custom_type_prices = Later()
    remove_custom_type_prices = Later()
    variations_length = Later(lambda row: row.variations_length)
    variation_level1 = Later(nothing, column="variation_level1_id")
    variation_level2 = Later(nothing, column="variation_level2_id")
    variation_level3 = Later(nothing, column="variation_level3_id")
    variations = Later(no_rows, on_request=True)
    add_variations = Later()
    remove_variations = Later()
    providers = Later()
    providers_references = Later(no_rows, on_request=True)
    add_providers_references = Later()
    remove_providers_references = Later()
    custom_fields = CustomFieldValues()
    # Words of `include` that stand for several attributes; `finish` puts these in their place.
    custom_prices = Later(no_rows, on_request=True)
    variation_levels = Later(no_rows, on_request=True)

    class Meta:
        model = Product
        fields = (
            "id",
            "reference",
            "name",
            "designation",
            "unit_price_ht",
            "unit_price_tva",
            "unit_price_ttc",
            "default_quantity",
            "unit",
            "cant_change_price",
            "total_ht",
            "total_tva",
            "total_ttc",
            "various_costs",
            "total_costs",
            "gross_margin_amount",
            "gross_margin_rate",
            "markup_rate",
            "sale_category",
            "vat_rate",
            "status",
            "created_at",
            "updated_at",
            "custom_price_mode",
            "custom_price_quantity_mode",
            "custom_price_quantity_month_length",
            "custom_quantity_prices",
            "custom_type_prices",
            "default_picture",
            "not_for_sale",
            "charge_category",
            "ean_code",
            "unit_weight",
            "size_length",
            "size_width",
            "size_height",
            "eco_tax_ht",
            "eco_tax_tva",
            "eco_tax_ttc",
            "unit_buy_price_ht",
            "with_stock",
            "stock_quantity",
            "stock_theoretical_quantity",
            "stock_minimum",
            "stock_maximum",
            "stock_alert",
            "variations_length",
            "variation_level1",
            "variation_level2",
            "variation_level3",
            "variations",
            "providers",
            "providers_references",
            "custom_fields",
            "custom_prices",
            "variation_levels",
            "add_custom_type_prices",
            "remove_custom_type_prices",
            "add_variations",
            "remove_variations",
            "add_providers_references",
            "remove_providers_references",
        )
        numbers = (
            "size_length",
            "size_width",
            "size_height",
            "stock_minimum",
            "stock_maximum",
            "stock_alert",
        )
        extra_kwargs: Mapping[str, Any] = {"reference": {"required": False}}

    @classmethod
    def finish(cls, row: Product, data: dict[str, Any]) -> dict[str, Any]:
        if data.pop("custom_prices", None) is not None:
            data |= {"custom_quantity_prices": [], "custom_type_prices": []}
        data.pop("variation_levels", None)
        return data


PLAIN = (
    "reference",
    "name",
    "unit_price_ht",
    "unit_price_tva",
    "unit_price_ttc",
    "default_quantity",
    "total_ht",
    "total_tva",
    "total_ttc",
    "various_costs",
    "total_costs",
    "gross_margin_amount",
    "gross_margin_rate",
    "markup_rate",
    "sale_category.label",
    "vat_rate.rate",
    "unit.label",
    "not_for_sale",
    "charge_category.label",
    "ean_code",
    "unit_buy_price_ht",
    "with_stock",
    "stock_quantity",
    "variations_length",
)


class ProductViewSet(ResourceViewSet):
    """Products, with their prices and stock."""

    serializer_class = ProductSerializer
    guard = Key("catalog-products")
    sorts = {**same(*PLAIN, "stock_theoretical_quantity"), "status.label": ACTIVE_FIRST}
    searches = same(*PLAIN)
    filters = {
        "reference": TextFilter("reference"),
        "name": TextFilter("name"),
        "sale_category": IdFilter("sale_category", model=SaleCategory),
        "status": ChoiceFilter("status", choices=(1, 0)),
        "charge_category": IdFilter("charge_category", model=ChargeCategory),
        "not_for_sale": FlagFilter("not_for_sale"),
        "ean": TextFilter("ean_code"),
        "with_stock": FlagFilter("with_stock"),
        "has_variations": FlagFilter(
            condition=lambda value: Q(variations_length__gt=0) if value else Q(variations_length=0)
        ),
        "providers": IdFilter(model="customers.Customer", condition=lambda key: Q(pk__in=[])),
    }
    list_includes = (
        "sale_category",
        "vat_rate",
        "unit",
        "charge_category",
        "custom_quantity_prices",
        "custom_type_prices",
        "default_picture",
        "providers_references",
        "variation_levels",
        "variations",
        "custom_prices",
        "custom_fields",
        "customFields",
    )
    include_aliases = {"customFields": "custom_fields"}

    def create_row(self, values: dict[str, Any]) -> Product:
        return services.create_product(values)

    def update_row(self, row: Product, values: dict[str, Any]) -> Product:
        return services.update_product(row, values)


router.register("catalog/product", ProductViewSet)
