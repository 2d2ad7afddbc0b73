"""Sales, as people see them: six kinds of documents from one base, affairs, grants.

- `documents`: list, form and saving; `lists`: columns, filters and totals
- `customer_panel`: what was sold to a customer, on the customer's page
- `payments`: payments of customers, the page that pays an invoice
- `pages`: live totals, defaults, validation, PDF, versions; `making`: conversions
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from erp.core.access import Key, visible
from erp.core.admin import TenantAdmin
from erp.core.admin.panels import ROW_PANELS
from erp.sales import services
from erp.sales.admin.customer_panel import customer_panel
from erp.sales.admin.documents import DocumentAdmin
from erp.sales.admin.payments import PaidPages, PaymentAdmin
from erp.sales.choices import Kind
from erp.sales.models import (
    PROXIES,
    Affair,
    Command,
    Credit,
    Delivery,
    Document,
    Grant,
    Invoice,
    Proforma,
    Quotation,
)

__all__ = ["DocumentAdmin", "PaymentAdmin"]

ROW_PANELS.append(customer_panel)


@admin.register(Quotation)
class QuotationAdmin(DocumentAdmin):
    kind = Kind.QUOTATION
    add_text = _("New quotation")
    guard = Key("sales-quotation")
    menu = ("sell", 10)
    icon = "request_quote"
    empty_text = _("A quotation is where a sale begins: choose a customer, add lines, and send it.")


@admin.register(Command)
class CommandAdmin(DocumentAdmin):
    kind = Kind.COMMAND
    add_text = _("New order")
    guard = Key("sales-command")
    menu = ("sell", 20)
    icon = "shopping_cart"
    empty_text = _("Orders are what customers accepted. Make one from a quotation, or begin here.")


@admin.register(Proforma)
class ProformaAdmin(DocumentAdmin):
    kind = Kind.PROFORMA
    add_text = _("New proforma invoice")
    guard = Key("sales-proforma")
    menu = ("sell", 30)
    icon = "description"
    empty_text = _(
        "A proforma invoice announces what an invoice will say. Make one from a quotation or an order."
    )


@admin.register(Delivery)
class DeliveryAdmin(DocumentAdmin):
    kind = Kind.DELIVERY
    add_text = _("New delivery note")
    guard = Key("sales-delivery")
    menu = ("sell", 40)
    icon = "local_shipping"
    empty_text = _(
        "Delivery notes go with the goods. Make one from an order, to know what remains to deliver."
    )


@admin.register(Invoice)
class InvoiceAdmin(PaidPages, DocumentAdmin):
    kind = Kind.INVOICE
    add_text = _("New invoice")
    guard = Key("sales-invoice")
    menu = ("sell", 50)
    icon = "receipt_long"
    empty_text = _(
        "Make an invoice from a quotation, an order or a delivery note in one click, or begin here."
    )


@admin.register(Credit)
class CreditAdmin(PaidPages, DocumentAdmin):
    """Credits are made from the invoice that they correct."""

    kind = Kind.CREDIT
    verbs = ("read", "update", "delete")
    guard = Key("sales-credit")
    menu = ("sell", 60)
    icon = "undo"
    empty_text = _("A credit takes back an invoice, or a part of it. Make one from the invoice to correct.")


@admin.register(Affair)
class AffairAdmin(TenantAdmin):
    """What groups the documents of one deal."""

    guard = Key("sales-quotation")
    menu = ("sell", 70)
    icon = "folder_open"
    list_display = ("reference", "title", "customer", "shown_count", "created_at")
    list_filter = ("customer",)
    list_select_related = ("customer",)
    search_fields = ("reference", "title", "customer__name")
    autocomplete_fields = ("customer",)
    fields = ("reference", "title", "customer", "shown_documents")
    readonly_fields = ("reference", "shown_documents")

    def get_queryset(self, request: HttpRequest) -> Any:
        return (
            super()
            .get_queryset(request)
            .annotate(count=Count("documents", filter=Q(documents__deleted_at=None)))
        )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """A new affair has no reference and no document yet."""
        return super().get_fieldsets(request, obj) if obj else [(None, {"fields": ("title", "customer")})]

    def create_row(self, values: dict[str, Any]) -> Affair:
        return services.create_affair(values)

    def delete_row(self, row: Affair) -> None:
        services.delete_affair(row)

    @display(description=_("Documents"), ordering="count")
    def shown_count(self, row: Any) -> int:
        return int(row.count)

    @display(description=_("Documents"))
    def shown_documents(self, row: Affair) -> Any:
        """The affair's documents, each leading to its page."""
        rows = visible(Document).filter(affair_id=row.pk).order_by("date", "pk")
        links = [
            (
                self.admin_site.get_model_admin(PROXIES[each.kind]).change_url(each),
                f"{Kind(each.kind).label} {each}",
            )
            for each in rows
        ]
        return format_html_join(", ", '<a class="text-primary-600" href="{}">{}</a>', links) or "–"


@admin.register(Grant)
class GrantAdmin(TenantAdmin):
    guard = Key("sales-quotation")
    menu = ("settings", 410)
    icon = "volunteer_activism"
    list_display = ("label", "amount")
    search_fields = ("label",)
