"""A small admin site, so that the base classes are tested whatever the chapters register."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import include, path

from erp.core.access import Key, ListKey
from erp.core.admin import TenantAdmin, TenantTabularInline, row_action
from erp.core.errors import Conflict, Invalid
from erp.various.models import BankAccount, SaleCategory, SaleCategoryAccount, Tag, Unit, VatRate
from tenants.site import Site

__all__ = ["site", "urlpatterns"]

site = Site(name="admin")


class UnitAdmin(TenantAdmin):
    """Rules of a chapter: "Refused" cannot be saved, "Kept" cannot be deleted."""

    guard = ListKey()
    menu = ("settings", 10)
    in_palette = True
    list_display = ("label", "use_default")
    search_fields = ("label",)
    actions_detail = ("double", "halve")

    def create_row(self, values: dict[str, Any]) -> Any:
        row = super().create_row(values)
        if row.label == "Refused":
            raise Invalid({"label": "Choose another label.", "price_id": "The price is missing."})
        return row

    def update_row(self, row: Any, values: dict[str, Any]) -> Any:
        if values.get("label") == "Refused":
            row.label = "Half-written"
            row.save()
            raise Invalid({"label": "Choose another label."})
        return super().update_row(row, values)

    def delete_row(self, row: Any) -> None:
        if row.label == "Kept":
            raise Conflict("This unit is used.")
        super().delete_row(row)

    @row_action("Halve it", unless=lambda row: "It is too short." if len(row.label) < 8 else "")
    def halve(self, request: Any, row: Any) -> None:
        row.label = row.label[: len(row.label) // 2]
        row.save()

    @row_action("Double it", verb="update", done="It was doubled.")
    def double(self, request: Any, row: Any) -> None:
        if row.label == "Kept":
            raise Conflict("It cannot be doubled.")
        row.label *= 2
        row.save()


class AccountInline(TenantTabularInline):
    model = SaleCategoryAccount


class SaleCategoryAdmin(TenantAdmin):
    guard = Key("catalog-products")
    menu = ("catalog", 10)
    list_display = ("label", "parent")
    list_filter = ("parent",)
    search_fields = ("label",)
    autocomplete_fields = ("parent",)
    date_hierarchy = "created_at"
    inlines = (AccountInline,)


class VatRateAdmin(TenantAdmin):
    guard = ListKey()


class TagAdmin(TenantAdmin):
    guard = Key("catalog-products")
    verbs = ("read",)


site.register(Unit, UnitAdmin)
site.register(SaleCategory, SaleCategoryAdmin)
site.register(VatRate, VatRateAdmin)
site.register(Tag, TagAdmin)
site.register(BankAccount, TenantAdmin)  # no guard: closed to everybody

urlpatterns = [
    path("admin/", site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("where/", lambda request: HttpResponse(str(request.actor))),
]
