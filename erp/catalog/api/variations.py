"""Variations, and the variations of a product, as programs see them (reference: Variation)."""

from __future__ import annotations

from typing import Any

from erp.catalog import services
from erp.catalog.api.elements import StockQuantity
from erp.catalog.models import LEVELS, Product, ProductVariation, Variation, VariationValue
from erp.core.access import Key
from erp.core.fields import (
    Column,
    Computed,
    Relation,
    RelationList,
    TextList,
    WireChar,
    WireDecimal,
    WireInteger,
    decimal_text,
)
from erp.core.listing import same
from erp.core.resources import ResourceViewSet, router
from erp.core.wire import BodySerializer, WireSerializer

__all__ = ["ProductVariationBody", "ProductVariationSerializer", "VariationSerializer", "VariationViewSet"]

WHOLE = {"type": "integer"}


class Labels(TextList):
    """The values of a variation: texts, answered when they are included."""

    def columns(self, name: str) -> list[Column]:
        schema = {"type": "array", "items": {"type": "string"}}
        return [Column(name, labels_of, on_request=True, needs=("values",), schema=schema)]


def labels_of(row: Variation) -> list[str]:
    return [value.label for value in row.values.all()]


class VariationSerializer(WireSerializer):
    values_count = Computed(lambda row: row.values_count, schema=WHOLE)
    products_count = Computed(lambda row: row.products_count, schema=WHOLE)
    values = Labels(required=False)
    add_values = TextList(required=False, write_only=True)
    remove_values = TextList(required=False, write_only=True)
    products_level1 = RelationList(model=Product, read_only=True)
    products_level2 = RelationList(model=Product, read_only=True)
    products_level3 = RelationList(model=Product, read_only=True)

    class Meta:
        model = Variation
        fields = (
            "id",
            "label",
            "values_count",
            "products_count",
            "values",
            "products_level1",
            "products_level2",
            "products_level3",
            "created_at",
            "updated_at",
            "add_values",
            "remove_values",
        )

    @classmethod
    def annotated(cls, queryset: Any) -> Any:
        return services.counted_variations(queryset)


class VariationViewSet(ResourceViewSet):
    """What products vary by, such as a size, and its values."""

    serializer_class = VariationSerializer
    guard = Key("catalog-products")
    sorts = same("label", "created_at", "updated_at")
    searches = same("label")
    list_includes = ("values", "products")
    include_aliases = {"products": tuple(f"products_level{level}" for level in LEVELS)}

    def create_row(self, values: dict[str, Any]) -> Variation:
        return services.create_variation(values)

    def update_row(self, row: Variation, values: dict[str, Any]) -> Variation:
        return services.update_variation(row, values)


router.register("catalog/variation", VariationViewSet)


# --- Variations of products -----------------------------------------------------------------------


def price_of(side: str) -> Computed:
    """One side of the unit price: the variation's own, else the product's."""
    return Computed(
        lambda row: decimal_text(getattr(row.price, side), ".5f"),
        needs=("product",),
        schema={"type": "string"},
    )


def value_on(level: int) -> Computed:
    """The name of the value on a level."""

    def get(row: ProductVariation) -> str | None:
        value = getattr(row, f"level{level}")
        return value.label if value else None

    return Computed(get, needs=(f"level{level}",), schema={"type": ["string", "null"]})


class ProductVariationSerializer(WireSerializer):
    """A product in one of its variations, as answered."""

    buy_price_ht = Computed(
        lambda row: decimal_text(row.buy_price_ht, ".5f"), needs=("product",), schema={"type": "string"}
    )
    unit_price_ht = price_of("ht")
    unit_price_tva = price_of("tva")
    unit_price_ttc = price_of("ttc")
    stock_quantity = StockQuantity(read_only=True)
    stock_theoretical_quantity = StockQuantity(read_only=True)
    level1_id = WireInteger(read_only=True)
    level2_id = WireInteger(read_only=True)
    level3_id = WireInteger(read_only=True)
    level1 = value_on(1)
    level2 = value_on(2)
    level3 = value_on(3)

    class Meta:
        model = ProductVariation
        fields = (
            "id",
            "reference",
            "ean_code",
            "provider_reference",
            "buy_price_ht",
            "unit_price_ht",
            "unit_price_tva",
            "unit_price_ttc",
            "stock_quantity",
            "stock_theoretical_quantity",
            "level1_id",
            "level2_id",
            "level3_id",
            "level1",
            "level2",
            "level3",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields


def price() -> WireDecimal:
    """A price that is the product's when it is null."""
    return WireDecimal(max_digits=15, decimal_places=5, required=False, allow_null=True, min_value=0)


def level_name() -> WireChar:
    return WireChar(required=False, allow_blank=True, max_length=100)


def level_value() -> Relation:
    return Relation(model=VariationValue, required=False, allow_null=True)


class VariationLevels(BodySerializer):
    """The values that a variation of a product has: by their names, else by their ids."""

    level1 = level_name()
    level2 = level_name()
    level3 = level_name()
    level1_id = level_value()
    level2_id = level_value()
    level3_id = level_value()

    class Meta:
        ignored = (*ProductVariationSerializer.Meta.fields, "product")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for level in LEVELS:
            value = attrs.pop(f"level{level}_id", None)
            if value is not None and not attrs.get(f"level{level}"):
                attrs[f"level{level}"] = value
        return attrs


class ProductVariationBody(VariationLevels):
    """A variation of a product, as typed."""

    reference = WireChar(required=False, allow_blank=True, max_length=100)
    ean_code = WireChar(required=False, allow_blank=True, max_length=20)
    provider_reference = WireChar(required=False, allow_blank=True, max_length=100)
    buy_price_ht = price()
    unit_price_ht = price()
    unit_price_ttc = price()
    stock_quantity = StockQuantity()
    stock_theoretical_quantity = StockQuantity()
