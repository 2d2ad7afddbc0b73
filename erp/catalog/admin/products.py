"""Products, as people see them, and what is left of them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from erp.catalog import services
from erp.catalog.admin.elements import COMPUTED, CUSTOM_PRICES, ElementAdmin, readable
from erp.catalog.admin.figures import shown
from erp.catalog.admin.prices import (
    ProductPriceInline,
    ProductQuantityPriceInline,
    ProviderReferenceInline,
)
from erp.catalog.admin.stock import STOCK_COLORS, MovementInline, StockForm, StockLevelFilter
from erp.catalog.admin.variations import ProductVariationInline, varied_values
from erp.catalog.models import Product, StockLevel
from erp.core.access import Key
from erp.core.admin.forms import Refusal
from erp.core.errors import BusinessError


@admin.register(Product)
class ProductAdmin(ElementAdmin):
    guard = Key("catalog-products")
    menu = ("catalog", 10)
    icon = "inventory_2"
    readable = readable(Product, (*COMPUTED, "eco_tax_tva")) | readable(Product, Product.STOCKS, 0)
    two_sided = ("unit_price", "eco_tax")
    list_display = ("reference", "name", "price", "stock", "margin", "status")
    list_filter = (
        "status",
        StockLevelFilter,
        "with_stock",
        "not_for_sale",
        "variations_length",
        "custom_price_mode",
        "sale_category",
        "charge_category",
    )
    search_fields = ("reference", "name", "ean_code", "variations__reference", "variations__ean_code")
    autocomplete_fields = (
        "sale_category",
        "charge_category",
        "variation_level1",
        "variation_level2",
        "variation_level3",
        "providers",
    )
    inlines = (
        ProductVariationInline,
        ProductQuantityPriceInline,
        ProductPriceInline,
        ProviderReferenceInline,
        MovementInline,
    )
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
        CUSTOM_PRICES,
        (
            _("Variations"),
            {
                "description": _(
                    "What the product varies by, such as a size and a colour. Each combination has its own "
                    "line under “Product variations”, and its own stock."
                ),
                "fields": (("variation_level1", "variation_level2", "variation_level3"), "providers"),
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

    def hidden(self, request: HttpRequest, obj: Any = None) -> set[str]:
        return super().hidden(request, obj) | (set() if services.sees_stock() else set(Product.STOCKS))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        names = super().get_readonly_fields(request, obj)
        return names if self._manages_stock(request) else [*names, *services.THRESHOLDS]

    def has_manage_stock_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the button that changes the stock is offered."""
        return self.allows(request, "read") and services.sees_stock() and self._manages_stock(request)

    @staticmethod
    def _manages_stock(request: Any) -> bool:
        return request.actor is not None and request.actor.level("manage-stock") >= 1

    # --- Saving ----------------------------------------------------------------------------------

    def create_row(self, values: dict[str, Any]) -> Product:
        return services.create_product(varied_values(None, self.one_sided(values)))

    def update_row(self, row: Product, values: dict[str, Any]) -> Product:
        return services.update_product(row, varied_values(row, values))

    # --- Columns ---------------------------------------------------------------------------------

    @display(description=_("Stock"), ordering="stock_quantity", label=STOCK_COLORS)
    def stock(self, row: Any) -> Any:
        if not row.with_stock:
            return None
        text = f"{shown(row.stock_quantity)} {row.unit or ''}".strip()
        return (
            row.level,
            f"{text} · {StockLevel(row.level).label}" if row.level != StockLevel.ENOUGH else text,
        )

    # --- Stock -----------------------------------------------------------------------------------

    @action(description=_("Adjust stock"), icon="warehouse", permissions=["manage_stock"])
    def adjust_stock(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A page that asks what happened to the stock, then enters it in the ledger."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        form = StockForm(request.POST or None, product=row)
        if form.is_valid() and self._applied(form):
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
            "stocks": form.stocks,
        }
        return TemplateResponse(request, "admin/catalog/product/adjust_stock.html", context)

    @staticmethod
    def _applied(form: StockForm) -> bool:
        try:
            form.apply()
        except BusinessError as error:
            Refusal(error).show_on(form)
            return False
        return True
