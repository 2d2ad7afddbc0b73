"""Stock, as people see it: the ledger, levels, and the form that says what happened."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from erp.catalog import services
from erp.catalog.admin.figures import shown
from erp.catalog.models import Product, StockLevel, StockMovement
from erp.core.access import SwitchKey
from erp.core.admin import TenantAdmin, TenantTabularInline, row_action
from erp.core.inputs import NumberField
from erp.core.scope import current_actor

__all__ = ["STOCK_COLORS", "MovementInline", "StockForm", "StockLevelFilter", "StockMovementAdmin"]

STOCK_COLORS = {
    StockLevel.OUT.value: "danger",
    StockLevel.LOW.value: "danger",
    StockLevel.ALERT.value: "warning",
    StockLevel.ENOUGH.value: "success",
    StockLevel.OVER.value: "info",
}


@display(description=_("Quantity"), ordering="quantity")
def moved(row: StockMovement) -> str:
    """The quantity of a movement, with its sign."""
    return f"{'+' if row.quantity > 0 else ''}{shown(row.quantity)}"


@display(description=_("Variation"))
def varied(row: StockMovement) -> str:
    """Which variation of the product moved."""
    return row.variation.label if row.variation else ""


#: What naming the variation of a movement needs.
VARIED = ("variation__level1", "variation__level2", "variation__level3")


class StockLevelFilter(admin.SimpleListFilter):
    """Products by where their stock stands."""

    title = _("stock level")
    parameter_name = "stock_level"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(StockLevel.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(level=self.value()) if self.value() else queryset


class VariationField(forms.ModelChoiceField):
    """One of the variations of a product."""

    def __init__(self, rows: Any) -> None:
        super().__init__(rows, label=_("Product variation"), widget=UnfoldAdminSelectWidget)

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.label)


class StockForm(forms.Form):
    """What is done to a stock: counted, received, taken."""

    COUNT, ADD, REMOVE = "count", "add", "remove"
    OPERATIONS = (
        (COUNT, _("I counted this quantity")),
        (ADD, _("Add this quantity")),
        (REMOVE, _("Take this quantity out")),
    )

    operation = forms.ChoiceField(
        label=_("What happened"), choices=OPERATIONS, widget=UnfoldAdminSelectWidget
    )
    kind = forms.ChoiceField(
        label=_("Stock"), choices=StockMovement.Kind.choices, widget=UnfoldAdminSelectWidget
    )
    quantity = NumberField(
        label=_("Quantity"),
        max_digits=15,
        decimal_places=5,
        min_value=0,
    )
    comment = forms.CharField(
        label=_("Comment"), max_length=255, required=False, widget=UnfoldAdminTextInputWidget
    )

    def __init__(self, *args: Any, product: Product, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.product = product
        if product.variations_length:
            rows = product.variations.select_related("level1", "level2", "level3")
            self.fields = {"variation": VariationField(rows), **self.fields}

    @property
    def stocks(self) -> list[tuple[str, str]]:
        """What there is now, in words: of the product, and of each of its variations."""
        names = services.SUMS.values()
        own = [(str(kind.label), shown(getattr(self.product, name))) for kind, name in services.SUMS.items()]
        rows: Any = getattr(self.fields.get("variation"), "queryset", ())
        return own + [(row.label, " / ".join(shown(getattr(row, name)) for name in names)) for row in rows]

    def apply(self) -> None:
        """Do it. Raises BusinessError."""
        operation, kind, quantity, comment = (
            self.cleaned_data[name] for name in ("operation", "kind", "quantity", "comment")
        )
        variation = self.cleaned_data.get("variation")
        if operation == self.COUNT:
            services.adjust_stock(self.product, kind, quantity, comment=comment, variation=variation)
        else:
            moved = quantity if operation == self.ADD else -quantity
            services.move_by_hand(self.product, kind, moved, comment, variation=variation)


class MovementInline(TenantTabularInline):
    """The history of a product's stock, newest first."""

    model = StockMovement
    guard = SwitchKey("see-stock")
    verbs = ("read",)
    fields = ("date", "kind", varied, moved, "cause", "reference", "comment", "author")
    readonly_fields = fields
    ordering = ("-pk",)
    per_page = 20
    tab = True

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("author__user", *VARIED)


def why_not_reversed(row: StockMovement) -> str:
    """Why the opposite of a movement cannot be entered; nothing when it can."""
    actor = current_actor()
    if actor is not None and actor.level("manage-stock") < 1:
        return _t("Your permissions do not allow you to manage stock.")
    return services.why_not_reversed(row)


@admin.register(StockMovement)
class StockMovementAdmin(TenantAdmin):
    """The ledger: read, never changed; what was typed by mistake is reversed."""

    guard = SwitchKey("see-stock")
    verbs = ("read",)
    menu = ("catalog", 40)
    icon = "swap_vert"
    list_display = ("date", "what", "kind", moved, "cause", "reference", "comment", "author")
    list_filter = ("kind", "cause", ("date", RangeDateFilter), "product", "author")
    list_select_related = ("product", "author__user", *VARIED)
    search_fields = ("product__reference", "product__name", "reference", "comment")
    date_hierarchy = "date"
    ordering = ("-date", "-pk")
    actions_detail = ("reverse",)

    @display(description=_("product"), ordering="product__name")
    def what(self, row: StockMovement) -> str:
        return f"{row.product} – {row.variation.label}" if row.variation else str(row.product)

    @row_action(
        _("Reverse"),
        verb="read",
        icon="undo",
        confirm=_("The opposite movement is entered in the ledger, with today's date and its own number."),
        done=_("The movement was reversed."),
        unless=why_not_reversed,
    )
    def reverse(self, request: HttpRequest, row: StockMovement) -> None:
        services.reverse_movement(row, _t("Entered by mistake"))
