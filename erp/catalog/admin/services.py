"""Services, as people see them: what they take in people, time and products, and what they leave."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from erp.catalog import services
from erp.catalog.admin.elements import COMPUTED, CUSTOM_PRICES, ElementAdmin, ElementForm, readable
from erp.catalog.admin.figures import shown
from erp.catalog.admin.prices import ServicePriceInline, ServiceQuantityPriceInline
from erp.catalog.models import Service, ServiceProduct
from erp.core.access import Key
from erp.core.admin import TenantTabularInline

FOLLOWING = ("products_costs", "workforce_costs")


class ServiceForm(ElementForm):
    """A service; a cost that is left empty follows from the rest, and shows what it is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in FOLLOWING:
            if name in self.fields:
                self._may_stay_empty(name)

    def _may_stay_empty(self, name: str) -> None:
        field = self.fields[name]
        field.required = False
        field.help_text = _("Leave it empty and it is computed.")
        if not getattr(self.instance, f"{name}_typed"):
            self.initial[name] = None
            if self.instance.pk:
                field.widget.attrs["placeholder"] = shown(getattr(self.instance, name), 2)


class NeedInline(TenantTabularInline):
    """The products that a service needs."""

    model = ServiceProduct
    fields = ("product", "quantity")
    autocomplete_fields = ("product",)
    passed_as = "products"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("product")


@admin.register(Service)
class ServiceAdmin(ElementAdmin):
    guard = Key("catalog-services")
    menu = ("catalog", 20)
    icon = "handyman"
    readable = readable(Service, COMPUTED)
    form = ServiceForm
    list_display = ("reference", "name", "work", "price", "margin", "status")
    list_filter = ("status", "not_for_sale", "sale_category", "allowed_all_technicians")
    search_fields = ("reference", "name")
    autocomplete_fields = ("sale_category", "technicians")
    inlines = (NeedInline, ServiceQuantityPriceInline, ServicePriceInline)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("reference", "name"),
                    "designation",
                    ("status", "not_for_sale"),
                    "picture",
                )
            },
        ),
        (
            _("Work"),
            {
                "fields": (
                    ("number_people_needed", "duration", "duration_type"),
                    "work_description",
                    ("allowed_all_technicians", "technicians"),
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
                    "sale_category",
                )
            },
        ),
        CUSTOM_PRICES,
        (
            _("Costs and margin"),
            {
                "fields": (
                    ("hourly_person_cost", "workforce_costs"),
                    ("products_costs", "products_stock_management"),
                    ("various_costs", "total_costs"),
                    ("gross_margin_amount", "gross_margin_rate", "markup_rate"),
                )
            },
        ),
    )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        average = {"hourly_person_cost": services.average_hourly_cost()}
        return average | super().get_changeform_initial_data(request)

    def create_row(self, values: dict[str, Any]) -> Service:
        return services.create_service(_chosen(self.one_sided(values)))

    def update_row(self, row: Service, values: dict[str, Any]) -> Service:
        return services.update_service(row, _chosen(values))

    @display(description=_("Work"), ordering="workforce_costs")
    def work(self, row: Service) -> str:
        if not row.duration:
            return "–"
        return f"{row.number_people_needed} × {shown(row.duration)} {row.get_duration_type_display().lower()}"


def _chosen(values: dict[str, Any]) -> dict[str, Any]:
    """Who names technicians says that not everyone may, though the box be still ticked."""
    return {**values, "allowed_all_technicians": False} if values.get("technicians") else values
