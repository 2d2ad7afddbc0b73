"""Inputs for numbers, in forms of every chapter."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from erp.core.written_numbers import plain_number, shown

__all__ = ["NumberField", "is_price", "shown_input"]

#: Words in the names of columns that hold money.
MONEY = ("price", "cost", "amount", "total", "ecotax")


def is_price(name: str) -> bool:
    """Whether a column of this name holds money, which has two decimals or more."""
    return any(word in name for word in MONEY)


def shown_input(value: Decimal, is_price: bool = False) -> str:
    """A number as an input holds it: a price has two decimals or more."""
    is_short = is_price and -int(value.normalize().as_tuple().exponent) < 2
    return shown(value, 2 if is_short else None)


class NumberField(forms.DecimalField):
    """A number typed in any of the usual ways, shown in the reader's."""

    widget = UnfoldAdminTextInputWidget

    def __init__(self, *, is_price: bool = False, **kwargs: Any) -> None:
        self.is_price = is_price
        super().__init__(**{"max_digits": 18, "decimal_places": 5, **kwargs})

    def widget_attrs(self, widget: Any) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "inputmode": "decimal", "autocomplete": "off"}

    def to_python(self, value: Any) -> Any:
        return super().to_python(plain_number(value) if isinstance(value, str) else value)

    def prepare_value(self, value: Any) -> Any:
        return shown_input(value, self.is_price) if isinstance(value, Decimal) else value
