"""Products, as programs see them (reference: Product)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from erp.catalog import services
from erp.catalog.api.elements import (
    ACTIVE_FIRST,
    ELEMENT_FIELDS,
    ELEMENT_SORTS,
    Picture,
    StockQuantity,
    named,
)
from erp.catalog.api.prices import (
    PRICE_INCLUDES,
    ProviderReferenceBody,
    ProviderReferenceName,
    QuantityPriceBody,
    TypePriceBody,
    TypePriceName,
    active_prices,
    price_mode,
    quantity_prices,
    rows,
    type_prices,
)
from erp.catalog.api.variations import ProductVariationBody, VariationLevels
from erp.catalog.models import (
    LEVELS,
    Product,
    ProductPrice,
    ProductQuantityPrice,
    ProductVariation,
    ProviderReference,
    Variation,
)
from erp.core.access import Key
from erp.core.fields import RelationList, StatusFlag, WireDecimal
from erp.core.filters import ChoiceFilter, FlagFilter, IdFilter, TextFilter
from erp.core.listing import same
from erp.core.models import File
from erp.core.resources import ResourceViewSet, router
from erp.core.wire import WireSerializer
from erp.customers.models import Customer
from erp.customfields.filters import CustomFieldsFilter
from erp.customfields.wire import CustomFieldValues
from erp.various.models import ChargeCategory, SaleCategory, Unit


class ProductSerializer(WireSerializer):
    unit = named(Unit)
    sale_category = named(SaleCategory)
    charge_category = named(ChargeCategory)
    status = StatusFlag(required=False)
    unit_weight = WireDecimal(max_digits=15, decimal_places=5, wire_places=2, required=False, min_value=0)
    stock_quantity = StockQuantity()
    stock_theoretical_quantity = StockQuantity()
    custom_price_mode = price_mode()
    custom_quantity_prices: Any = quantity_prices(ProductQuantityPrice)
    custom_type_prices: Any = type_prices(ProductPrice)
    default_picture = Picture(model=File, required=False, allow_null=True)
    variation_level1 = named(Variation)
    variation_level2 = named(Variation)
    variation_level3 = named(Variation)
    variations: Any = RelationList(model=ProductVariation, read_only=True)
    providers = RelationList(model=Customer, required=False)
    providers_references: Any = RelationList(model=ProviderReference, read_only=True)
    custom_fields = CustomFieldValues()

    class Meta:
        model = Product
        fields: tuple[str, ...] = (
            *ELEMENT_FIELDS,
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
        )
        numbers = (
            "size_length",
            "size_width",
            "size_height",
            "stock_minimum",
            "stock_maximum",
            "stock_alert",
        )

    @classmethod
    def finish(cls, row: Product, data: dict[str, Any]) -> dict[str, Any]:
        """Without what the product has no use for: levels it does not vary on, prices of another mode."""
        active_prices(row, data)
        for level in LEVELS[row.variations_length :]:
            data.pop(f"variation_level{level}", None)
        data.pop("providers_references" if row.variations_length else "providers", None)
        return data


class ProductBody(ProductSerializer):
    """A product as typed: lists are given whole, or by what to add and to remove."""

    custom_quantity_prices = rows(QuantityPriceBody)
    custom_type_prices = rows(TypePriceBody)
    add_custom_type_prices = rows(TypePriceBody)
    remove_custom_type_prices = rows(TypePriceName)
    variations = rows(ProductVariationBody)
    add_variations = rows(ProductVariationBody)
    remove_variations = rows(VariationLevels)
    providers_references = rows(ProviderReferenceBody)
    add_providers_references = rows(ProviderReferenceBody)
    remove_providers_references = rows(ProviderReferenceName)

    class Meta(ProductSerializer.Meta):
        register = False
        fields = (
            *ProductSerializer.Meta.fields,
            "add_custom_type_prices",
            "remove_custom_type_prices",
            "add_variations",
            "remove_variations",
            "add_providers_references",
            "remove_providers_references",
        )
        # Given by the team's series when it is missing.
        extra_kwargs: Mapping[str, Any] = {"reference": {"required": False}}


PLAIN = (
    *ELEMENT_SORTS,
    "not_for_sale",
    "charge_category.label",
    "ean_code",
    "unit_buy_price_ht",
    "with_stock",
    "stock_quantity",
    "variations_length",
)


class ProductViewSet(ResourceViewSet):
    """Products: what they cost and sell for, what they come in, who sells them, what is left."""

    serializer_class = ProductSerializer
    input_class = ProductBody
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
        "providers": IdFilter("providers", model=Customer, distinct=True),
        "custom_fields": CustomFieldsFilter(),
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
    include_aliases = {
        "customFields": "custom_fields",
        **PRICE_INCLUDES,
        "providers_references": ("providers_references", "providers"),
        "variation_levels": tuple(f"variation_level{level}" for level in LEVELS),
    }

    def create_row(self, values: dict[str, Any]) -> Product:
        return services.create_product(values)

    def update_row(self, row: Product, values: dict[str, Any]) -> Product:
        return services.update_product(row, values)


router.register("catalog/product", ProductViewSet)
