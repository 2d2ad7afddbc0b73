"""What products and services have in common on the wire."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Case, IntegerField, Value, When
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.catalog.services import sees_stock
from erp.core.fields import Relation, WireDecimal

__all__ = [
    "ACTIVE_FIRST",
    "ELEMENT_FIELDS",
    "ELEMENT_SORTS",
    "NamedRelation",
    "Picture",
    "StockQuantity",
    "named",
]

#: What answers of products and of services begin with.
ELEMENT_FIELDS = (
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
)
#: What both are sorted by.
ELEMENT_SORTS = (
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
)
ACTIVE_FIRST = Case(When(status=True, then=Value(0)), default=Value(1), output_field=IntegerField())


class NamedRelation(Relation):
    """A link that bodies give by its label, new or known; an identifier is read as well."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            return self.row(data)
        if len(data.strip()) > 150 or "\x00" in data:
            raise serializers.ValidationError(_("Give a text of at most 150 characters."))
        return data


def named(model: Any) -> NamedRelation:
    return NamedRelation(model=model, required=False, allow_null=True)


class Picture(Relation):
    """A picture: the id of a stored file or, in a multipart body, a new image."""

    def to_internal_value(self, data: Any) -> Any:
        return data if isinstance(data, UploadedFile) else self.row(data)


class StockQuantity(WireDecimal):
    """A sum of the ledger: two decimals, null for those who may not see stock; null changes nothing."""

    def __init__(self, **kwargs: Any) -> None:
        usual = {
            "max_digits": 15,
            "decimal_places": 5,
            "wire_places": 2,
            "required": False,
            "allow_null": True,
        }
        super().__init__(**{**usual, **kwargs})

    def convert(self, value: Any) -> Any:
        return super().convert(value) if sees_stock() else None
