"""Custom prices and suppliers' references, as programs see them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.catalog.models import (
    PriceMode,
    ProductPrice,
    ProductQuantityPrice,
    ProviderReference,
    ServicePrice,
    ServiceQuantityPrice,
)
from erp.core.fields import (
    LinkField,
    NestedList,
    Relation,
    RelationList,
    WireChar,
    WireChoice,
    WireDecimal,
    WireInteger,
)
from erp.core.wire import BodySerializer, WireSerializer
from erp.customers.models import Customer, CustomerType

__all__ = [
    "PRICE_INCLUDES",
    "ProviderReferenceBody",
    "ProviderReferenceName",
    "ProviderReferenceSerializer",
    "QuantityPriceBody",
    "TypePriceBody",
    "TypePriceElement",
    "active_prices",
    "price_mode",
    "quantity_prices",
    "type_prices",
]

MAX_QUANTITY = 2**31 - 1
#: What the word `custom_prices` of includes stands for.
PRICE_INCLUDES = {"custom_prices": ("custom_quantity_prices", "custom_type_prices")}


def unit_price(**kwargs: Any) -> WireDecimal:
    return WireDecimal(max_digits=15, decimal_places=5, min_value=0, **kwargs)


class Mode(WireChoice):
    """What prices depend on; null when on nothing."""

    def convert(self, value: Any) -> Any:
        return value or None


def price_mode() -> Mode:
    """The attribute `custom_price_mode`."""
    return Mode(choices=PriceMode.choices, required=False, allow_null=True, allow_blank=True)


def active_prices(row: Any, data: dict[str, Any]) -> None:
    """Answers show the prices of the element's mode; those of another one do not count."""
    unused = "custom_type_prices" if row.custom_price_mode == PriceMode.QUANTITY else "custom_quantity_prices"
    for name in (unused,) if row.custom_price_mode else ("custom_quantity_prices", "custom_type_prices"):
        if name in data:
            data[name] = []


# --- By quantity ----------------------------------------------------------------------------------


class ProductQuantityPriceSerializer(WireSerializer):
    class Meta:
        model: type[Any] = ProductQuantityPrice
        fields = ("minimum", "maximum", "price")
        read_only_fields = fields


class ServiceQuantityPriceSerializer(ProductQuantityPriceSerializer):
    class Meta(ProductQuantityPriceSerializer.Meta):
        model = ServiceQuantityPrice


def quantity_prices(model: type[Any]) -> RelationList:
    """The attribute `custom_quantity_prices`."""
    return RelationList(model=model, read_only=True)


class QuantityPriceBody(BodySerializer):
    """The price from one quantity to another."""

    minimum = WireInteger(min_value=0, max_value=MAX_QUANTITY)
    maximum = WireInteger(min_value=0, max_value=MAX_QUANTITY, required=False, allow_null=True)
    price = unit_price()


# --- By customer ----------------------------------------------------------------------------------


class ProductPriceSerializer(WireSerializer):
    """Answered as {"type", "element", "price"}."""

    customer = Relation(model=Customer, always=True, with_id=False, read_only=True)
    customer_type = Relation(model=CustomerType, always=True, with_id=False, read_only=True)
    type = WireChar(read_only=True)

    class Meta:
        model: type[Any] = ProductPrice
        fields = ("type", "customer", "customer_type", "price")
        read_only_fields = fields

    @classmethod
    def finish(cls, row: Any, data: dict[str, Any]) -> dict[str, Any]:
        customer, customer_type = data.pop("customer"), data.pop("customer_type")
        return {"type": row.type, "element": customer or customer_type, "price": data["price"]}


class ServicePriceSerializer(ProductPriceSerializer):
    class Meta(ProductPriceSerializer.Meta):
        model = ServicePrice


def type_prices(model: type[Any]) -> RelationList:
    """The attribute `custom_type_prices`."""
    return RelationList(model=model, read_only=True)


class ElementLink(LinkField):
    """The id of a customer or of a type of customers, as `type` beside it says."""

    default_error_messages = {"no_type": _("Say what this identifies: type is customer or type.")}

    def to_internal_value(self, data: Any) -> Any:
        return data


MODELS: dict[str, Any] = {"customer": Customer, "type": CustomerType}


class TypePriceElement(BodySerializer):
    """What a price by customer is for."""

    type = serializers.ChoiceField(choices=tuple(MODELS))
    element = ElementLink()

    def wanted(self, data: Any) -> list[Any]:
        model = MODELS.get(data.get("type")) if isinstance(data.get("type"), str) else None
        return Relation(model=model).wanted(data.get("element")) if model else []

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        kind = attrs.pop("type")
        try:
            row = Relation(model=MODELS[kind]).row(attrs.pop("element"))
        except serializers.ValidationError as error:
            raise serializers.ValidationError({"element": error.detail}) from error
        return {**attrs, "customer" if kind == "customer" else "customer_type": row}


class TypePriceBody(TypePriceElement):
    """The price of a customer, or of a type of customers."""

    price = unit_price()


class TypePriceName(TypePriceElement):
    """The price to take away."""

    class Meta:
        ignored = ("price",)


# --- Suppliers ------------------------------------------------------------------------------------


class ProviderReferenceSerializer(WireSerializer):
    """What a supplier calls a product and asks for it, as answered."""

    total_costs = WireDecimal(max_digits=15, decimal_places=5, read_only=True)

    class Meta:
        model = ProviderReference
        fields = ("id", "reference", "buy_price_ht", "various_costs", "total_costs", "customer")
        always = ("customer",)
        read_only_fields = fields


class ProviderReferenceName(BodySerializer):
    """A reference to take away: without a text, all of the supplier's."""

    customer = Relation(model=Customer)
    reference = WireChar(required=False, allow_blank=True, max_length=100)

    class Meta:
        ignored = ("id", "customer_id", "buy_price_ht", "various_costs", "total_costs")


class ProviderReferenceBody(ProviderReferenceName):
    """A supplier's reference, as typed."""

    buy_price_ht = unit_price(required=False, allow_null=True)
    various_costs = unit_price(required=False, allow_null=True)


def rows(serializer: Any) -> Any:
    """A list of objects of a body that may be left out."""
    return NestedList(serializer, required=False)
