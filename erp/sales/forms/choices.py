"""What the inputs of all lines choose from, read once for the whole grid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _t

from erp.catalog.durations import DurationType
from erp.core.access import visible
from erp.sales.choices import DiscountType
from erp.sales.forms.texts import ITEM
from erp.sales.grid import elements_of
from erp.various.figures import shown
from erp.various.models import Unit, VatRate


class RowField(forms.ChoiceField):
    """A choice among rows that were read once for the whole grid."""

    def __init__(self, rows: Mapping[int, Any], **kwargs: Any) -> None:
        self.rows = rows
        choices = [("", "–"), *((key, label_of(row, rows.values())) for key, row in rows.items())]
        super().__init__(choices=choices, required=False, **kwargs)

    def to_python(self, value: Any) -> Any:
        key = super().to_python(value)
        return self.rows.get(int(key)) if key.isdecimal() else None

    def validate(self, value: Any) -> None:
        """What is no row of the team is taken as nothing chosen by `to_python`; `clean` refuses it."""

    def clean(self, value: Any) -> Any:
        row = super().clean(value)
        if row is None and value:
            raise forms.ValidationError(_t("This choice does not exist."))
        return row

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(initial or "") != str(data or "")


def label_of(row: Any, rows: Iterable[Any]) -> str:
    """A row in a narrow list: a VAT rate is its number, and its name where several have this number."""
    if not isinstance(row, VatRate):
        return str(row)
    is_alone = sum(other.rate == row.rate for other in rows) == 1
    return f"{shown(row.rate)} %" if is_alone else f"{shown(row.rate)} % {row}"


class LineLists:
    """What the inputs of all lines choose from, read once."""

    def __init__(self, options: Mapping[str, Any], mode: str, codes: Iterable[str]) -> None:
        self.options, self.mode = options, mode
        self.units = {row.pk: row for row in visible(Unit)}
        self.vat_rates = {row.pk: row for row in visible(VatRate)}
        self.elements = elements_of(codes)
        standard = next((rate for rate in self.vat_rates.values() if rate.use_default), None)
        self.blank = {
            "kind": ITEM, "quantity": Decimal(1), "vat_rate": standard and standard.pk,
            "discount_type": DiscountType.PERCENT, "duration_type": DurationType.HOUR,
        }  # fmt: skip

    def with_row(self, name: str, row: Any) -> dict[int, Any]:
        """The choices, and the row that a line has already, though it be deleted."""
        rows: dict[int, Any] = getattr(self, name)
        return rows if row is None or row.pk in rows else {**rows, row.pk: row}
