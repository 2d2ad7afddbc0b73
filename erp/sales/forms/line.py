"""One line of the grid."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from erp.catalog.durations import DurationType
from erp.catalog.models import Product, ProductVariation
from erp.catalog.services import sees_stock
from erp.core.inputs import NumberField
from erp.sales.choices import DiscountType
from erp.sales.forms.choices import LineLists, RowField
from erp.sales.forms.texts import (
    AS_TYPED,
    FLAGS,
    ITEM,
    KINDS,
    MAY_BE_EMPTY,
    OPTION,
    SIDED,
    TEXTS,
    ZERO,
    html_of,
    line_initial,
)
from erp.sales.grid import Sold, code_of, sells
from erp.sales.models import Line
from erp.various.figures import shown


class LineForm(forms.Form):
    """A line as typed; inputs that the page did not show are left as they are."""

    affair_content = forms.IntegerField(required=False, widget=forms.HiddenInput)
    catalog = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    #: The price that the catalog gave: while the price says the same, nobody typed one.
    catalog_price = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    kind = forms.ChoiceField(choices=KINDS, label=_("Kind"))
    reference = forms.CharField(required=False, max_length=100, label=_("Reference"))
    designation = forms.CharField(required=False, widget=forms.Textarea({"rows": 1}), label=_("Designation"))
    ean_code = forms.CharField(required=False, max_length=50, label=_("EAN code"))
    weight_unit = NumberField(
        required=False, decimal_places=2, max_digits=15, label=_("Weight"), widget=forms.TextInput
    )
    quantity = NumberField(required=False, label=_("Quantity"), widget=forms.TextInput)
    secondary_quantity = NumberField(required=False, label=_("Second quantity"), widget=forms.TextInput)
    unit_price = NumberField(required=False, is_price=True, label=_("Unit price"), widget=forms.TextInput)
    discount_value = NumberField(
        required=False, decimal_places=2, max_digits=15, label=_("Discount"), widget=forms.TextInput
    )
    discount_type = forms.ChoiceField(
        required=False,
        choices=((DiscountType.PERCENT, "%"), (DiscountType.AMOUNT, "±")),
        label=_("Discount in"),
    )
    ecotax_u = NumberField(
        required=False,
        is_price=True,
        decimal_places=2,
        max_digits=15,
        label=_("Eco-participation"),
        widget=forms.TextInput,
    )
    catalog_costs_u = NumberField(required=False, is_price=True, label=_("Unit cost"), widget=forms.TextInput)
    various_costs_u = NumberField(
        required=False, is_price=True, label=_("Various costs"), widget=forms.TextInput
    )
    hourly_person_cost = NumberField(
        required=False, is_price=True, label=_("Hourly cost"), widget=forms.TextInput
    )
    number_people_needed = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=10_000,
        label=_("Technicians"),
        widget=forms.TextInput({"inputmode": "numeric"}),
    )
    duration = NumberField(required=False, label=_("Duration"), widget=forms.TextInput)
    duration_type = forms.ChoiceField(required=False, choices=DurationType.choices, label=_("Duration in"))

    def __init__(self, data: Any, *, prefix: str, lists: LineLists, line: Line | None, mode: str) -> None:
        self.line, self.lists = line, lists
        initial = line_initial(line, mode) if line else lists.blank
        super().__init__(data, prefix=prefix, initial=initial, use_required_attribute=False)
        self.fields["unit"] = RowField(lists.with_row("units", line and line.unit), label=_("Unit"))
        self.fields["secondary_unit"] = RowField(
            lists.with_row("units", line and line.secondary_unit), label=_("Second unit")
        )
        self.fields["vat_rate"] = RowField(
            lists.with_row("vat_rates", line and line.vat_rate), label=_("VAT")
        )
        for name, field in self.fields.items():
            field.widget.attrs.update({"data-field": name, "aria-label": field.label})
            if self.is_fixed and name not in (*TEXTS, "affair_content", "catalog", "catalog_price"):
                field.disabled = True

    @property
    def is_fixed(self) -> bool:
        """Whether the line deducts or asks for a deposit: its amounts were given, not typed."""
        return self.line is not None and self.line.is_fixed and self.line.is_deposit

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed in a new line."""
        usual = {"vat_rate", "quantity", "discount_type", "duration_type", "catalog_price"}
        names = set(self.changed_data) - usual
        return self.line is None and not names

    @property
    def shown_kind(self) -> str:
        """The kind that the page shows, for its style."""
        return str(self["kind"].value() or ITEM)

    @property
    def sells(self) -> str:
        """What the line sells of the catalog, for its style."""
        return sells(str(self["catalog"].value() or ""))

    @property
    def shown_total(self) -> str:
        """The total on the side that is typed; text lines have none."""
        if self.line is None or self.line.is_comments or self.line.is_pagebreak:
            return ""
        return shown(
            getattr(self.line, f"{'subtotal' if self.line.is_subtotal else 'total_net'}_{self.lists.mode}"), 2
        )

    @property
    def picture(self) -> int | None:
        """The file of the stored line's picture, when the document's options show pictures."""
        if self.line is None or not self.lists.options.get("col_picture"):
            return None
        return self.line.picture_id

    @property
    def stock(self) -> str:
        """What is left of the product, in words."""
        if self.line is None or self.line.product is None:
            return ""
        return stock_text(self.line.product, self.lists.options, self.line.variation)

    @cached_property
    def row_errors(self) -> list[str]:
        """Errors that are about no input that is shown."""
        return [str(text) for name in ("__all__", "affair_content") for text in self.errors.get(name, ())]

    def clean_catalog(self) -> Sold | None:
        code = self.cleaned_data["catalog"]
        if not code:
            return None
        line = self.line
        if line is not None and line.element is not None and code == code_of(line.element, line.variation):
            return line.element, line.variation
        if (sold := self.lists.elements.get(code)) is None:
            raise forms.ValidationError(_t("This element of the catalog does not exist."))
        return sold

    def row(self, mode: str) -> dict[str, Any]:
        """The line as `create_document` and `update_document` take it; prices on the side of `mode`."""
        data, kind = self.cleaned_data, self.cleaned_data["kind"]
        row: dict[str, Any] = {"designation": html_of(data["designation"], kind)}
        if data["affair_content"] is not None:
            row["affair_content"] = data["affair_content"]
        if self.is_fixed:
            return row | {"reference": data["reference"]}
        row |= {flag: kind in kinds for flag, kinds in FLAGS.items()}
        row["catalog"], row["variation"] = data["catalog"] or (None, None)
        row |= {name: data[name] for name in AS_TYPED if self._counts(name)}
        row |= {f"{name}_{mode}": data[name] for name in SIDED if self._counts(name)}
        return self._from_sheet(row) if data["catalog"] is not None and self.line is None else row

    def clean(self) -> dict[str, Any]:
        """An input that was emptied on an existing line stands for nothing; a quantity has to be given."""
        data = super().clean() or {}
        if self.line is None or self.is_fixed or data.get("kind") not in (ITEM, OPTION):
            return data
        if self._was_shown("quantity") and data.get("quantity", ZERO) is None:
            self.add_error("quantity", _t("This field is required."))
        for name in (*AS_TYPED, *SIDED):
            if name not in MAY_BE_EMPTY and data.get(name, ZERO) is None:
                data[name] = 0 if name == "number_people_needed" else ZERO
        return data

    def _is_catalog_price(self) -> bool:
        """Whether the price is still the one that the catalog gave."""
        given = self.data.get(self.add_prefix("catalog_price"))
        return bool(given) and given == self.data.get(self.add_prefix("unit_price"))

    def _was_shown(self, name: str) -> bool:
        return self.add_prefix(name) in self.data

    def _counts(self, name: str) -> bool:
        """Whether an input was shown, and says something."""
        if name == "unit_price" and self._is_catalog_price():
            return False
        is_text = self.line is not None and name in ("reference", "ean_code")
        says = is_text or name in MAY_BE_EMPTY or self.cleaned_data[name] not in (None, "")
        return self._was_shown(name) and says

    @staticmethod
    def _from_sheet(row: dict[str, Any]) -> dict[str, Any]:
        """A new line of the catalog: what was left empty comes from the sheet of its element."""
        given = {name: value for name, value in row.items() if value not in (None, "")}
        if "duration" not in given:
            given.pop("duration_type", None)  # a unit that is always chosen says nothing by itself
        return given


def stock_text(
    product: Product, options: Mapping[str, Any], variation: ProductVariation | None = None
) -> str:
    """What is left of a product, or of its variation, as the document's options ask; "" when nobody keeps
    count or may know."""
    if not product.with_stock or not sees_stock():
        return ""
    row = variation or product
    theoretical = _t("theoretical stock %(quantity)s") % {"quantity": shown(row.stock_theoretical_quantity)}
    real = _t("stock %(quantity)s") % {"quantity": shown(row.stock_quantity)}
    choice = options.get("stock_display", 1)
    return ", ".join([text for text, choices in ((theoretical, (1, 3)), (real, (2, 3))) if choice in choices])
