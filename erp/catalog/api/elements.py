"""What products and services have in common on the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Case, IntegerField, Value, When
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.fields import SkipField

from erp.catalog.services import sees_stock
from erp.core.fields import Column, Relation, WireDecimal

__all__ = [
    "ACTIVE_FIRST",
    "Later",
    "NamedRelation",
    "Picture",
    "StockQuantity",
    "named",
    "no_rows",
    "nothing",
]

ACTIVE_FIRST = Case(When(status=True, then=Value(0)), default=Value(1), output_field=IntegerField())
EMPTY: tuple[Any, ...] = (None, "", 0, "0", [], {})


class Later(serializers.Field):
    """An attribute whose feature is still to come: answered empty; anything but that is refused in bodies."""

    default_error_messages = {"later": _("This attribute is not available yet: leave it out.")}

    def __init__(
        self, get: Callable[[Any], Any] | None = None, *, column: str = "", on_request: bool = False
    ) -> None:
        self.get, self.column, self.on_request = get, column, on_request
        super().__init__(required=False, allow_null=True, write_only=get is None, source="*" if get else None)

    def __deepcopy__(self, memo: Any) -> Later:
        return Later(self.get, column=self.column, on_request=self.on_request)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is serializers.empty or data in EMPTY:
            raise SkipField
        self.fail("later")

    def columns(self, name: str) -> list[Column]:
        return [Column(self.column or name, self.get or nothing, on_request=self.on_request)]


def nothing(row: Any) -> None:
    """The empty form of a value."""


def no_rows(row: Any) -> list[Any]:
    """The empty form of a list."""
    return []


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
