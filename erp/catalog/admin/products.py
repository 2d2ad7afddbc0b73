"""The catalog, as people see it: products, what is left of them, and why."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import label_for_field, unquote
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminImageFieldWidget,
)

from erp.catalog import services
from erp.catalog.admin.figures import shown, trimmed
from erp.catalog.admin.stock import STOCK_COLORS, MovementInline, StockForm, StockLevelFilter
from erp.catalog.models import Product, StockLevel
from erp.core.access import Key
from erp.core.admin import TenantAdmin, TenantForm
from erp.core.admin.forms import Refusal
from erp.core.errors import BusinessError
from erp.core.scope import current_team

COMPUTED = (
    "unit_price_tva",
    "total_ht",
    "total_tva",
    "total_ttc",
    "total_costs",
    "gross_margin_amount",
    "gross_margin_rate",
    "markup_rate",
    "eco_tax_tva",
)


def readable(name: str, least: int) -> Any:
    """A column of products that pages show and nobody types."""

    @display(description=label_for_field(name, Product))
    def read(row: Product) -> str:
        return shown(getattr(row, name), least)

    read.__name__ = name
    return read


READABLE = {name: readable(name, 2) for name in COMPUTED} | {
    name: readable(name, 0) for name in Product.STOCKS
}


class ProductForm(TenantForm):
    """A product, with a picture to upload."""

    picture = forms.FileField(label=_("New picture"), required=False, widget=UnfoldAdminImageFieldWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, value in self.initial.items():
            if isinstance(value, Decimal):
                self.initial[name] = trimmed(value)


@admin.register(Product)
class ProductAdmin(TenantAdmin):
    guard = Key("catalog-products")
    menu = ("catalog", 10)
    icon = "inventory_2"
    in_palette = True
    form = ProductForm
    list_display = ("reference", "name", "price", "stock", "margin", "status")
    list_display_links = ("reference", "name")
    list_filter = (
        "status",
        StockLevelFilter,
        "with_stock",
        "not_for_sale",
        "sale_category",
        "charge_category",
    )
    search_fields = ("reference", "name", "ean_code")
    ordering = ("name",)
    readonly_fields = tuple(READABLE.values())
    autocomplete_fields = ("sale_category", "charge_category")
    inlines = (MovementInline,)
    actions_detail = ("adjust_stock",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("reference", "name"),
                    "designation",
                    ("status", "not_for_sale"),
                    ("ean_code", "picture"),
                )
            },
        ),
        (
            _("Price"),
            {
                "fields": (
                    ("unit_price_ht", "unit_price_ttc"),
                    ("vat_rate", "cant_change_price"),
                    ("default_quantity", "unit"),
                    ("total_ht", "total_tva", "total_ttc"),
                    ("eco_tax_ht", "eco_tax_tva", "eco_tax_ttc"),
                    "sale_category",
                )
            },
        ),
        (
            _("Costs and margin"),
            {
                "fields": (
                    ("unit_buy_price_ht", "various_costs", "total_costs"),
                    ("gross_margin_amount", "gross_margin_rate", "markup_rate"),
                    "charge_category",
                )
            },
        ),
        (
            _("Stock"),
            {
                "fields": (
                    "with_stock",
                    ("stock_quantity", "stock_theoretical_quantity"),
                    ("stock_minimum", "stock_alert", "stock_maximum"),
                )
            },
        ),
        (
            _("Weight and size"),
            {"fields": (("unit_weight", "size_length"), ("size_width", "size_height"))},
        ),
    )

    # --- Who sees and changes what ---------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("unit").annotate(level=services.stock_level())

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return tuple(name for name in self.list_display if name != "stock" or services.sees_stock())

    def get_list_filter(self, request: HttpRequest) -> Any:
        filters = super().get_list_filter(request)
        return (
            filters if services.sees_stock() else [item for item in filters if item is not StockLevelFilter]
        )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Without what the user may not see, and before the product exists without what is computed later."""
        hidden = set() if services.sees_stock() else set(Product.STOCKS)
        hidden |= set() if obj else {*COMPUTED, *Product.STOCKS}
        return [
            (title, {**options, "fields": _without(options["fields"], hidden)})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        names = super().get_readonly_fields(request, obj)
        return names if self._manages_stock(request) else [*names, *services.THRESHOLDS]

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if (
            field
            and db_field.name == "reference"
            and not current_team().parameter("product_reference_manual")
        ):
            field.required = False
            field.help_text = _("Leave it empty and the next reference is given.")
        return field

    def has_manage_stock_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the button that changes the stock is offered."""
        return self.allows(request, "read") and services.sees_stock() and self._manages_stock(request)

    @staticmethod
    def _manages_stock(request: Any) -> bool:
        return request.actor is not None and request.actor.level("manage-stock") >= 1

    # --- Saving ----------------------------------------------------------------------------------

    def create_row(self, values: dict[str, Any]) -> Product:
        """A price left at zero without VAT was not given when there is one with VAT."""
        for name in ("unit_price", "eco_tax"):
            if not values.get(f"{name}_ht") and values.get(f"{name}_ttc"):
                values.pop(f"{name}_ht", None)
        return services.create_product(values)

    def update_row(self, row: Product, values: dict[str, Any]) -> Product:
        return services.update_product(row, values)

    # --- Columns ---------------------------------------------------------------------------------

    @display(description=_("Price excl. VAT"), ordering="unit_price_ht")
    def price(self, row: Product) -> str:
        return shown(row.unit_price_ht, 2)

    @display(description=_("Stock"), ordering="stock_quantity", label=STOCK_COLORS)
    def stock(self, row: Any) -> Any:
        if not row.with_stock:
            return None
        text = f"{shown(row.stock_quantity)} {row.unit or ''}".strip()
        return (
            row.level,
            f"{text} · {StockLevel(row.level).label}" if row.level != StockLevel.ENOUGH else text,
        )

    @display(description=_("Margin"), ordering="gross_margin_amount")
    def margin(self, row: Product) -> str:
        return f"{shown(row.gross_margin_amount, 2)} ({shown(row.markup_rate)} %)"

    # --- Stock -----------------------------------------------------------------------------------

    @action(description=_("Adjust stock"), icon="warehouse", permissions=["manage_stock"])
    def adjust_stock(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A page that asks what happened to the stock, then enters it in the ledger."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        form = StockForm(request.POST or None)
        if form.is_valid() and self._applied(form, row):
            messages.success(request, _t("The stock was adjusted."))
            return HttpResponseRedirect(self.change_url(row))
        context = {
            **self.admin_site.each_context(request),
            "title": _t("Adjust stock"),
            "subtitle": str(row),
            "opts": self.opts,
            "original": row,
            "form": form,
            "back": self.change_url(row),
            "stocks": [(kind.label, shown(getattr(row, name))) for kind, name in services.SUMS.items()],
        }
        return TemplateResponse(request, "admin/catalog/product/adjust_stock.html", context)

    @staticmethod
    def _applied(form: StockForm, row: Product) -> bool:
        try:
            form.apply(row)
        except BusinessError as error:
            Refusal(error).show_on(form)
            return False
        return True


def _without(fields: Any, hidden: set[str]) -> tuple[Any, ...]:
    """The rows of a fieldset as shown, without the hidden names and the rows they leave empty."""
    rows = (
        tuple(
            READABLE.get(name, name)
            for name in ((row,) if isinstance(row, str) else row)
            if name not in hidden
        )
        for row in fields
    )
    return tuple(row for row in rows if row)
