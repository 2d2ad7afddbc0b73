"""Lists, as people see them: the team's own under Settings, those of the world for choosing only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminColorInputWidget

from erp.core.access import Everyone, ListKey
from erp.core.admin import TenantAdmin, TenantTabularInline
from erp.various import services
from erp.various.models import (
    BankAccount,
    Category,
    ChargeCategory,
    Civility,
    Country,
    Currency,
    PaymentMethod,
    PaymentTerm,
    PdfModel,
    SaleCategory,
    SaleCategoryAccount,
    SaleTerm,
    Tag,
    TaskCategory,
    Timezone,
    Unit,
    VatRate,
)


class ListAdmin(TenantAdmin):
    """A team's list: everybody sees it, those who manage lists change it."""

    guard = ListKey()
    #: Text columns that hold a colour.
    colors: tuple[str, ...] = ()

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name in self.colors:
            kwargs["widget"] = UnfoldAdminColorInputWidget
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class WorldAdmin(TenantAdmin):
    """A list of the world: read and chosen from, never changed."""

    guard = Everyone()
    verbs = ("read",)
    ordering = ("name_fr",)


# --- Lists of the world ---------------------------------------------------------------------------


@admin.register(Country)
class CountryAdmin(WorldAdmin):
    list_display = ("name", "code", "ue_member")
    list_filter = ("ue_member",)
    search_fields = ("name_fr", "name_en", "code")


@admin.register(Currency)
class CurrencyAdmin(WorldAdmin):
    list_display = ("name", "code", "symbol", "decimals")
    search_fields = ("name_fr", "name_en", "code")


@admin.register(Timezone)
class TimezoneAdmin(WorldAdmin):
    list_display = ("name", "timezone", "diff")
    search_fields = ("name_fr", "name_en", "timezone")


# --- What is sold and counted ---------------------------------------------------------------------


@admin.register(Unit)
class UnitAdmin(ListAdmin):
    menu = ("settings", 110)
    icon = "straighten"
    list_display = ("label", "unece_code", "use_default")
    search_fields = ("label", "unece_code")


@admin.register(VatRate)
class VatRateAdmin(ListAdmin):
    menu = ("settings", 120)
    icon = "percent"
    list_display = ("__str__", "rate", "category", "use_default", "status")
    list_filter = ("status", "category")
    search_fields = ("label", "rate")


@admin.register(Tag)
class TagAdmin(ListAdmin):
    menu = ("settings", 210)
    icon = "sell"
    list_display = ("name", "created_at")
    search_fields = ("name",)

    def delete_row(self, row: Tag) -> None:
        services.delete_tag(row)


@admin.register(Civility)
class CivilityAdmin(ListAdmin):
    menu = ("settings", 220)
    icon = "badge"
    list_display = ("name", "short_name", "use_default")
    search_fields = ("name", "short_name")


@admin.register(TaskCategory)
class TaskCategoryAdmin(ListAdmin):
    menu = ("settings", 230)
    icon = "task_alt"
    colors = ("color",)
    list_display = ("label", "use_default")
    search_fields = ("label",)


# --- How documents are paid and printed -----------------------------------------------------------


@admin.register(PaymentTerm)
class PaymentTermAdmin(ListAdmin):
    menu = ("settings", 130)
    icon = "event"
    list_display = ("label", "day_number", "end_month", "end_month_day")
    search_fields = ("label",)


@admin.register(PaymentMethod)
class PaymentMethodAdmin(ListAdmin):
    menu = ("settings", 140)
    icon = "payments"
    list_display = ("label", "type")
    list_filter = ("type",)
    search_fields = ("label",)


@admin.register(BankAccount)
class BankAccountAdmin(ListAdmin):
    menu = ("settings", 150)
    icon = "account_balance"
    list_display = ("name", "owner", "iban", "bic", "use_default")
    search_fields = ("name", "owner", "iban")


@admin.register(SaleTerm)
class SaleTermAdmin(ListAdmin):
    menu = ("settings", 160)
    icon = "gavel"
    list_display = ("label", "updated_at")
    search_fields = ("label",)

    def create_row(self, values: dict[str, Any]) -> SaleTerm:
        return services.save_sale_term(SaleTerm(), values)

    def update_row(self, row: SaleTerm, values: dict[str, Any]) -> SaleTerm:
        return services.save_sale_term(row, values)


@admin.register(PdfModel)
class PdfModelAdmin(ListAdmin):
    menu = ("settings", 170)
    icon = "picture_as_pdf"
    colors = ("accent_color",)
    list_display = ("label", "use_quotation_default", "use_invoice_default", "updated_at")
    search_fields = ("label",)
    fieldsets = (
        (None, {"fields": ("label", "accent_color")}),
        (
            _("Documents"),
            {"fields": tuple((f"use_{kind}", f"use_{kind}_default") for kind in PdfModel.kinds)},
        ),
    )

    def create_row(self, values: dict[str, Any]) -> PdfModel:
        return services.save_pdf_model(PdfModel(), values)

    def update_row(self, row: PdfModel, values: dict[str, Any]) -> PdfModel:
        return services.save_pdf_model(row, values)


# --- Categories for accounting --------------------------------------------------------------------


class CategoryAdmin(ListAdmin):
    """What both trees share."""

    list_display = ("label", "account_number", "parent")
    list_filter = ("parent",)
    list_select_related = ("parent",)
    search_fields = ("label", "account_number")
    autocomplete_fields = ("parent",)

    def delete_row(self, row: Category) -> None:
        services.delete_category(row)


@admin.register(ChargeCategory)
class ChargeCategoryAdmin(CategoryAdmin):
    menu = ("settings", 190)
    icon = "shopping_cart"


class SaleCategoryAccountInline(TenantTabularInline):
    model = SaleCategoryAccount
    passed_as = "accounts"


@admin.register(SaleCategory)
class SaleCategoryAdmin(CategoryAdmin):
    menu = ("settings", 180)
    icon = "category"
    fields = ("label", "parent", "account_number", "account_by_vatrate")
    inlines = (SaleCategoryAccountInline,)

    def create_row(self, values: dict[str, Any]) -> SaleCategory:
        return services.save_sale_category(SaleCategory(), values)

    def update_row(self, row: SaleCategory, values: dict[str, Any]) -> SaleCategory:
        return services.save_sale_category(row, values)
