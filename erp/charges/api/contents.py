"""Lines of charges, as programs see them (reference: Charge Content)."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from erp.catalog.api.elements import named
from erp.catalog.api.links import CatalogElementOf, CatalogLink, with_catalog
from erp.charges.models import ChargeContent
from erp.core.fields import (
    Relation,
    WireBoolean,
    WireDecimal,
    WireInteger,
)
from erp.core.wire import WireSerializer
from erp.various.models import ChargeCategory, Unit, VatRate

__all__ = ["SIDES", "ChargeContentBody", "ChargeContentSerializer", "ContentChange"]

SIDES = ("ht", "tva", "ttc")
LINE_NUMBERS = (*(f"unit_price_{side}" for side in SIDES), *(f"total_{side}" for side in SIDES))


class ChargeContentSerializer(WireSerializer):
    """A line as answered."""

    charge_category = Relation(model=ChargeCategory, always=True, read_only=True)
    unit = Relation(model=Unit, always=True, read_only=True)
    vat_rate = Relation(model=VatRate, always=True, read_only=True)
    catalog = CatalogElementOf(always=True)

    class Meta:
        model = ChargeContent
        fields = (
            "id",
            "designation",
            "charge_category",
            *(f"unit_price_{side}" for side in SIDES),
            "quantity",
            "unit",
            "vat_rate_value",
            "vat_rate",
            *(f"total_{side}" for side in SIDES),
            "catalog",
        )
        numbers = (*LINE_NUMBERS, "quantity", "vat_rate_value")
        read_only_fields = fields

    @classmethod
    def finish(cls, row: ChargeContent, data: dict[str, Any]) -> dict[str, Any]:
        return with_catalog(row, data)


class ChargeContentBody(WireSerializer):
    """A line as typed: a price without VAT or with it, and a VAT rate or VAT as an amount."""

    catalog = CatalogLink(required=False, allow_null=True)
    unit = named(Unit)
    custom_vat_rate = WireBoolean(required=False)
    quantity = WireDecimal(max_digits=15, decimal_places=5)

    class Meta:
        register = False
        model = ChargeContent
        fields = (
            "designation",
            "custom_vat_rate",
            *(f"unit_price_{side}" for side in SIDES),
            "quantity",
            "unit",
            "vat_rate",
            "charge_category",
            "catalog",
        )
        extra_kwargs: ClassVar[dict[str, Any]] = {
            f"unit_price_{side}": {"required": False, "allow_null": True, "max_digits": 15} for side in SIDES
        }

    @classmethod
    def answered_names(cls) -> frozenset[str]:
        return super().answered_names() | ChargeContentSerializer.answered_names()


class ContentChange(ChargeContentBody):
    """A line of a charge that is edited: with `id`, what changes of that line; without, a new line."""

    id = WireInteger(required=False, allow_null=True, min_value=1)
    designation = serializers.CharField(required=False)
    quantity = WireDecimal(max_digits=15, decimal_places=5, required=False)

    class Meta(ChargeContentBody.Meta):
        fields = ("id", *ChargeContentBody.Meta.fields)
