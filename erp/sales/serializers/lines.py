"""Lines of documents on the wire."""

from __future__ import annotations

from typing import Any

from erp.catalog.api import CatalogElementOf, CatalogLink, ProvidersOf, with_catalog
from erp.catalog.models import ProductVariation
from erp.core.fields import Relation, WireDecimal, WireInteger
from erp.core.wire import WireSerializer
from erp.sales.models import Line
from erp.sales.serializers.fields import sides

LINE_NUMBERS = (
    "catalog_costs_u",
    "various_costs_u",
    "total_costs_u",
    "hourly_person_cost",
    "duration",
    "workforce_costs_u",
    "total_charge_u",
    "gross_margin_amount_u",
    "total_catalog_costs",
    "total_various_costs",
    "total_costs",
    "total_duration_hour",
    "total_workforce",
    "total_charge",
    "gross_margin_amount",
    "gross_margin_rate",
    "markup_rate",
)


class LineSerializer(WireSerializer):
    """A line as answered."""

    catalog = CatalogElementOf()
    variation = Relation(model=ProductVariation, read_only=True)
    providers = ProvidersOf()

    class Meta:
        model = Line
        fields = (
            "id",
            "catalog",
            "variation",
            "providers",
            "picture",
            "affair_content",
            "is_comments",
            "is_subtotal",
            "is_pagebreak",
            "is_hidden",
            "line_number",
            "reference",
            "designation",
            "comments",
            "ean_code",
            "sale_category",
            "weight_unit",
            "total_weight",
            "discount_type",
            "discount_value",
            *sides("unit_price", "ecotax_u", "unit_price_net"),
            "is_option",
            "quantity",
            "unit",
            "secondary_quantity",
            "secondary_unit",
            "total_quantity",
            "vat_rate",
            "vat_rate_value",
            *sides("subtotal", "total_ecotax"),
            *sides("discount", "total", "global_discount", "total_net"),
            "catalog_costs_u",
            "various_costs_u",
            "total_costs_u",
            "hourly_person_cost",
            "number_people_needed",
            "duration",
            "duration_type",
            "workforce_costs_u",
            "total_charge_u",
            "gross_margin_amount_u",
            "total_catalog_costs",
            "total_various_costs",
            "total_costs",
            "total_duration_hour",
            "total_workforce",
            "total_charge",
            "gross_margin_amount",
            "gross_margin_rate",
            "markup_rate",
            "delivered_quantity",
            "quantity_to_deliver",
        )
        numbers = LINE_NUMBERS
        read_only_fields = fields

    @classmethod
    def finish(cls, row: Line, data: dict[str, Any]) -> dict[str, Any]:
        data.pop("affair_content", None)
        return with_catalog(row, data)


class LineBody(WireSerializer):
    """A line as typed. What a line of a product or a service leaves out comes from the catalog."""

    catalog = CatalogLink(required=False, allow_null=True)
    variation = Relation(model=ProductVariation, required=False, allow_null=True)
    affair_content = WireInteger(required=False, allow_null=True)
    total_quantity = WireDecimal(max_digits=18, decimal_places=5, required=False, allow_null=True)

    class Meta:
        model = Line
        register = False
        fields = (
            "affair_content",
            "catalog",
            "variation",
            "picture",
            "is_comments",
            "is_subtotal",
            "is_pagebreak",
            "is_hidden",
            "reference",
            "designation",
            "comments",
            "ean_code",
            "weight_unit",
            "unit_price_ht",
            "unit_price_ttc",
            "ecotax_u_ht",
            "ecotax_u_ttc",
            "discount_type",
            "discount_value",
            "is_option",
            "quantity",
            "unit",
            "secondary_quantity",
            "secondary_unit",
            "total_quantity",
            "vat_rate",
            "catalog_costs_u",
            "various_costs_u",
            "hourly_person_cost",
            "number_people_needed",
            "duration",
            "duration_type",
            "sale_category",
        )
        aliases = {"affair_content_id": "affair_content"}

    @classmethod
    def answered_names(cls) -> frozenset[str]:
        return super().answered_names() | LineSerializer.answered_names() | {"id", "catalog"}
