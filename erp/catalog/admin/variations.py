"""Variations, and the variations of a product, as people see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from erp.catalog import services
from erp.catalog.admin.figures import shown
from erp.catalog.models import LEVELS, Product, ProductVariation, Variation, VariationValue
from erp.core.access import Key
from erp.core.admin import TenantAdmin, TenantForm, TenantTabularInline
from erp.core.inputs import NumberField

__all__ = ["ProductVariationInline", "VariationAdmin", "varied_values"]


# --- Variations and their values ------------------------------------------------------------------


class ValueInline(TenantTabularInline):
    """The values of a variation, in order."""

    model = VariationValue
    fields = ("label",)
    passed_as = "values"
    extra = 1


@admin.register(Variation)
class VariationAdmin(TenantAdmin):
    guard = Key("catalog-products")
    menu = ("catalog", 30)
    icon = "style"
    list_display = ("label", "shown_values", "products")
    search_fields = ("label", "values__label")
    inlines = (ValueInline,)
    fields = ("label",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return services.counted_variations(super().get_queryset(request)).prefetch_related("values")

    def create_row(self, values: dict[str, Any]) -> Variation:
        return services.create_variation(values)

    def update_row(self, row: Variation, values: dict[str, Any]) -> Variation:
        return services.update_variation(row, values)

    @display(description=_("Values"))
    def shown_values(self, row: Variation) -> str:
        labels = [value.label for value in row.values.all()]
        return ", ".join([*labels[:12], "…"] if len(labels) > 12 else labels)

    @display(description=_("Products"))
    def products(self, row: Variation) -> int:
        return row.products_count


@admin.register(ProductVariation)
class ProductVariationAdmin(TenantAdmin):
    """Variations are edited on their product's page; here they are found, for lines of orders."""

    guard = Key("catalog-products")
    verbs = ("read",)
    list_display = ("product", "label", "reference", "ean_code")
    list_select_related = ("product", "level1", "level2", "level3")
    search_fields = ("product__reference", "product__name", "level1__label", "reference", "ean_code")
    ordering = ("product__name", "position")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related(*self.list_select_related)


# --- The variations of a product ------------------------------------------------------------------


def number(label: Any) -> NumberField:
    """A price that is the product's while it is left empty."""
    return NumberField(
        label=label,
        required=False,
        min_value=0,
        max_digits=15,
        decimal_places=5,
        is_price=True,
    )


def value(label: Any) -> forms.CharField:
    """A value by its name; a new one is added to the variation."""
    return forms.CharField(label=label, required=False, max_length=100, widget=UnfoldAdminTextInputWidget)


class ProductVariationForm(TenantForm):
    """A variation of a product. Its values stay what they are; other values are another variation."""

    value1 = value(_("first variation"))
    value2 = value(_("second variation"))
    value3 = value(_("third variation"))
    buy_price_ht = number(_("unit purchase price excl. VAT"))
    unit_price_ht = number(_("unit price excl. VAT"))
    #: The product of the page, None before it exists.
    product: ClassVar[Product | None] = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.product is not None:
            self._speak_of(self.product)
        row: Any = self.instance
        if row.pk is None:
            return
        for level in LEVELS:
            if (known := getattr(row, f"level{level}")) is not None and f"value{level}" in self.fields:
                self.initial[f"value{level}"] = known.label
                self.fields[f"value{level}"].disabled = True
        for name in ("buy_price_ht", "unit_price_ht"):
            self.initial[name] = getattr(row, f"own_{name}")

    def _speak_of(self, product: Product) -> None:
        """Columns are called by what the product varies by; empty prices show the product's."""
        for level in LEVELS[: product.variations_length]:
            if f"value{level}" in self.fields:
                self.fields[f"value{level}"].label = str(getattr(product, f"variation_level{level}"))
        for name in ("buy_price_ht", "unit_price_ht"):
            price = product.price.ht if name == "unit_price_ht" else product.unit_buy_price_ht
            self.fields[name].widget.attrs["placeholder"] = shown(price, 2)


class ProductVariationInline(TenantTabularInline):
    """What a product comes in."""

    model = ProductVariation
    form = ProductVariationForm
    passed_as = "variations"
    tab = True
    hide_title = True
    readonly_fields = ("stock",)
    ordering = ("position", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("product", "level1", "level2", "level3")

    def get_formset(self, request: HttpRequest, obj: Product | None = None, **kwargs: Any) -> Any:
        form = type("Form", (ProductVariationForm,), {"product": obj})
        return super().get_formset(request, obj, form=form, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Product | None = None) -> tuple[str, ...]:
        """The levels that the product has; before it exists, one."""
        length = max(obj.variations_length if obj else 1, 1)
        stock = ("stock",) if obj and obj.with_stock and services.sees_stock() else ()
        levels = tuple(f"value{level}" for level in LEVELS[:length])
        return (
            *levels,
            "reference",
            "ean_code",
            "provider_reference",
            "buy_price_ht",
            "unit_price_ht",
            *stock,
        )

    @display(description=_("Stock"))
    def stock(self, row: ProductVariation) -> str:
        return shown(row.stock_quantity) if row.pk else ""


def varied_values(row: Product | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """What services get of the page of a product: levels by their number, values by their names.

    Prices without VAT that were emptied are the product's again.
    """
    given = dict(values)
    names = [f"variation_level{level}" for level in LEVELS]
    if any(name in given for name in names):
        chosen = [given.get(name, getattr(row, name) if row else None) for name in names]
        levels = [level for level, one in zip(LEVELS, chosen, strict=True) if one]
        given["variations_length"] = max(levels, default=0)
    if "variations" in given:
        given["variations"] = [
            {name.replace("value", "level"): one for name, one in line.items() if name != "id"}
            for line in given["variations"]
        ]
    return given
