"""What the pages of products and services share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.utils import label_for_field
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminImageFieldWidget

from erp.catalog.admin.figures import shown
from erp.catalog.models import CatalogElement
from erp.core.admin import TenantAdmin, TenantForm
from erp.core.scope import current_team
from erp.customfields.pages import CarrierAdmin

__all__ = ["COMPUTED", "CUSTOM_PRICES", "ElementAdmin", "ElementForm", "readable"]

#: Amounts that follow from others: shown, never typed.
COMPUTED = (
    "unit_price_tva",
    "total_ht",
    "total_tva",
    "total_ttc",
    "total_costs",
    "gross_margin_amount",
    "gross_margin_rate",
    "markup_rate",
)


#: Which of the custom prices below a page count.
CUSTOM_PRICES = (
    _("Custom prices"),
    {
        "fields": (
            "custom_price_mode",
            ("custom_price_quantity_mode", "custom_price_quantity_month_length"),
        )
    },
)


def readable(model: type[CatalogElement], names: Iterable[str], least: int = 2) -> dict[str, Any]:
    """Numbers that pages show as people read them, with at least so many decimals, by the column's name."""

    def reader(name: str) -> Any:
        @display(description=label_for_field(name, model))
        def read(row: Any) -> str:
            return shown(getattr(row, name), least)

        read.__name__ = name
        return read

    return {name: reader(name) for name in names}


class ElementForm(TenantForm):
    """A product or a service, with a picture to upload."""

    picture = forms.FileField(label=_("New picture"), required=False, widget=UnfoldAdminImageFieldWidget)


class ElementAdmin(CarrierAdmin, TenantAdmin):
    """Base of the pages of products and services."""

    #: Numbers that are shown and not typed, by name (see `readable`).
    readable: ClassVar[Mapping[str, Any]] = {}
    #: Prices that are typed without VAT or with it.
    two_sided: ClassVar[tuple[str, ...]] = ("unit_price",)
    custom_fieldset: ClassVar[Mapping[str, Any]] = {}

    in_palette = True
    form = ElementForm
    list_display_links = ("reference", "name")
    ordering = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*self.readable.values(), *super().get_readonly_fields(request, obj)]

    def hidden(self, request: HttpRequest, obj: Any = None) -> set[str]:
        """Fields that a page leaves out: before the row exists, what is computed later."""
        return set() if obj else set(self.readable)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        hidden = self.hidden(request, obj)
        return [
            (title, {**options, "fields": self._fields(options["fields"], hidden)})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def _fields(self, fields: Any, hidden: set[str]) -> tuple[Any, ...]:
        """The rows of a fieldset as shown, without the hidden names and the rows they leave empty."""
        rows = (
            tuple(
                self.readable.get(name, name)
                for name in ((row,) if isinstance(row, str) else row)
                if name not in hidden
            )
            for row in fields
        )
        return tuple(row for row in rows if row)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        is_manual = current_team().parameter(f"{self.opts.model_name}_reference_manual")
        if field and db_field.name == "reference" and not is_manual:
            field.required = False
            field.help_text = _("Leave it empty and the next reference is given.")
        return field

    def one_sided(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """A new row's values: a price left at zero without VAT was not given when there is one with VAT."""
        left_out = {
            f"{name}_ht"
            for name in self.two_sided
            if not values.get(f"{name}_ht") and values.get(f"{name}_ttc")
        }
        return {name: value for name, value in values.items() if name not in left_out}

    @display(description=_("Price excl. VAT"), ordering="unit_price_ht")
    def price(self, row: CatalogElement) -> str:
        return shown(row.unit_price_ht, 2)

    @display(description=_("Margin"), ordering="gross_margin_amount")
    def margin(self, row: CatalogElement) -> str:
        return f"{shown(row.gross_margin_amount, 2)} ({shown(row.markup_rate)} %)"
