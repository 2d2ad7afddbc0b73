"""Services, as programs see them (reference: Service)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from erp.catalog import services
from erp.catalog.api.elements import ACTIVE_FIRST, ELEMENT_FIELDS, ELEMENT_SORTS, Picture, named
from erp.catalog.api.prices import (
    PRICE_INCLUDES,
    QuantityPriceBody,
    TypePriceBody,
    TypePriceName,
    active_prices,
    price_mode,
    quantity_prices,
    rows,
    type_prices,
)
from erp.catalog.models import Product, Service, ServicePrice, ServiceProduct, ServiceQuantityPrice
from erp.core.access import Key
from erp.core.fields import (
    Computed,
    Ids,
    Relation,
    RelationList,
    StatusFlag,
    WireDecimal,
    number_of,
)
from erp.core.filters import ChoiceFilter, IdFilter, TextFilter
from erp.core.listing import same
from erp.core.models import File
from erp.core.resources import ResourceViewSet, router
from erp.core.wire import BodySerializer, WireSerializer
from erp.customfields.filters import CustomFieldsFilter
from erp.customfields.wire import CustomFieldValues
from erp.various.models import SaleCategory, Unit
from tenants.models import TeamUser

NUMBER = {"type": "number"}


class NeedSerializer(WireSerializer):
    """A product that a service needs, as answered."""

    product = Relation(model=Product, always=True, with_id=False, read_only=True)
    unit_price_ht = WireDecimal(
        max_digits=15, decimal_places=5, source="product.unit_price_ht", read_only=True
    )
    total_ht = WireDecimal(max_digits=15, decimal_places=2, read_only=True)

    class Meta:
        model = ServiceProduct
        fields = ("product", "unit_price_ht", "quantity", "total_ht")
        read_only_fields = fields


class NeedBody(BodySerializer):
    """A product that a service needs, as typed; what else the answer says of it is read and ignored."""

    product = Relation(model=Product)
    quantity = WireDecimal(
        max_digits=15, decimal_places=5, required=False, allow_null=True, min_value=Decimal("0.00001")
    )

    class Meta:
        ignored = ("unit_price_ht", "total_ht")


def cost() -> WireDecimal:
    """A cost that follows from the rest when it is null."""
    return WireDecimal(max_digits=15, decimal_places=2, required=False, allow_null=True, min_value=0)


class ServiceSerializer(WireSerializer):
    unit = named(Unit)
    sale_category = named(SaleCategory)
    status = StatusFlag(required=False)
    custom_price_mode = price_mode()
    custom_quantity_prices: Any = quantity_prices(ServiceQuantityPrice)
    custom_type_prices: Any = type_prices(ServicePrice)
    default_picture = Picture(model=File, required=False, allow_null=True)
    custom_fields = CustomFieldValues()
    hourly_person_cost = WireDecimal(
        max_digits=9, decimal_places=2, required=False, allow_null=True, min_value=0
    )
    products_costs = cost()
    workforce_costs = cost()
    duration_mn = Computed(lambda row: number_of(row.minutes), schema=NUMBER)
    duration_hour = Computed(lambda row: number_of(row.hours), schema=NUMBER)
    technicians = RelationList(model=TeamUser, required=False)
    products: Any = RelationList(model=ServiceProduct, source="needs", read_only=True)

    class Meta:
        model = Service
        fields: tuple[str, ...] = (
            *ELEMENT_FIELDS,
            "hourly_person_cost",
            "products_costs",
            "workforce_costs",
            "number_people_needed",
            "duration",
            "duration_type",
            "duration_mn",
            "duration_hour",
            "allowed_all_technicians",
            "technicians",
            "work_description",
            "products_stock_management",
            "products",
            "custom_fields",
        )
        numbers = ("duration",)

    @classmethod
    def finish(cls, row: Service, data: dict[str, Any]) -> dict[str, Any]:
        active_prices(row, data)
        return data


class ServiceBody(ServiceSerializer):
    """A service as typed: lists are given whole, or by what to add and to remove."""

    custom_quantity_prices = rows(QuantityPriceBody)
    custom_type_prices = rows(TypePriceBody)
    add_custom_type_prices = rows(TypePriceBody)
    remove_custom_type_prices = rows(TypePriceName)
    add_technicians = Ids(model=TeamUser, required=False, write_only=True)
    remove_technicians = Ids(model=TeamUser, required=False, write_only=True)
    products = rows(NeedBody)
    add_products = rows(NeedBody)
    remove_products = rows(NeedBody)

    class Meta(ServiceSerializer.Meta):
        register = False
        fields = (
            *ServiceSerializer.Meta.fields,
            "not_for_sale",
            "add_custom_type_prices",
            "remove_custom_type_prices",
            "add_technicians",
            "remove_technicians",
            "add_products",
            "remove_products",
        )
        # Given by the team's series when it is missing.
        extra_kwargs: Mapping[str, Any] = {"reference": {"required": False}}


SORTS = (
    *ELEMENT_SORTS,
    "hourly_person_cost",
    "products_costs",
    "workforce_costs",
    "number_people_needed",
    "created_at",
    "updated_at",
)


class ServiceViewSet(ResourceViewSet):
    """Services, with what they take and what they cost."""

    serializer_class = ServiceSerializer
    input_class = ServiceBody
    guard = Key("catalog-services")
    sorts = {**same(*SORTS), "status.name": ACTIVE_FIRST}
    searches = same("name")
    filters = {
        "reference": TextFilter("reference"),
        "name": TextFilter("name"),
        "sale_category": IdFilter("sale_category", model=SaleCategory),
        "status": ChoiceFilter("status", choices=(1, 0)),
        "custom_fields": CustomFieldsFilter(),
    }
    list_includes = (
        "sale_category",
        "vat_rate",
        "unit",
        "technicians",
        "products",
        "default_picture",
        "custom_quantity_prices",
        "custom_type_prices",
        "custom_prices",
        "custom_fields",
        "customFields",
    )
    include_aliases = {"customFields": "custom_fields", **PRICE_INCLUDES}

    def create_row(self, values: dict[str, Any]) -> Service:
        return services.create_service(values)

    def update_row(self, row: Service, values: dict[str, Any]) -> Service:
        return services.update_service(row, values)


router.register("catalog/service", ServiceViewSet)
