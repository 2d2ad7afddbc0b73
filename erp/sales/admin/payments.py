"""What customers paid: payments, and the page that pays an invoice or gives a credit back."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from erp.core.access import Key
from erp.core.admin.tabs import ListTab
from erp.customers.settlement.admin import BasePaymentAdmin, BaseUseInline
from erp.customers.settlement.pay_page import PayPage
from erp.sales.choices import Kind, PaymentStatus, payment_status_label
from erp.sales.models import PROXIES, Document, Payment, PaymentUse
from erp.sales.services import SETTLEMENT
from erp.sales.services.payments import having
from erp.various.figures import money
from erp.various.services import team_today

__all__ = ["PaidPages", "PaymentAdmin", "PaymentFilter", "payment_tabs", "to_pay"]

OPEN, HELD = "open", "held"


def to_pay() -> Q:
    """Validated documents of which something is to be paid now."""
    return Q(is_draft=False, stay_to_pay__gt=0)


class PaymentFilter(DropdownFilter):
    """Invoices, or credits, by what of them is paid."""

    title = _("payment")
    parameter_name = "payment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        kind = model_admin.kind
        statuses = [
            status for status in PaymentStatus if kind == Kind.INVOICE or status != PaymentStatus.OVERDUE
        ]
        choices: list[tuple[str, Any]] = [(OPEN, _("Something remains"))]
        choices += [(str(status.value), payment_status_label(kind, status)) for status in statuses]
        return [*choices, *([(HELD, _("Guarantee holdback to be paid"))] if kind == Kind.INVOICE else [])]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value() or ""
        if chosen == OPEN:
            return queryset.filter(to_pay())
        if chosen == HELD:
            return queryset.filter(guarantee_holdback_to_pay__gt=0)
        known = {str(status) for status in PaymentStatus.values}
        return queryset.filter(having(int(chosen), team_today())) if chosen in known else queryset


def payment_tabs(kind: Kind) -> list[ListTab]:
    """Selections of invoices, or credits, by what of them is paid."""
    today = team_today()
    statuses = (PaymentStatus.OVERDUE, PaymentStatus.PAID) if kind == Kind.INVOICE else (PaymentStatus.PAID,)
    rest = _("Remains to be paid") if kind == Kind.INVOICE else _("To use")
    return [
        ListTab(rest, {"payment": OPEN}, to_pay),
        *(_payment_tab(kind, status, today) for status in statuses),
    ]


def _payment_tab(kind: Kind, status: PaymentStatus, today: datetime.date) -> ListTab:
    label, query = payment_status_label(kind, status), {"payment": str(status.value)}
    return ListTab(label, query, lambda: having(status, today))


class PaidPages(PayPage):
    """The page of payment of invoices and credits, and how it shows around the document."""

    settlement = SETTLEMENT

    def list_tabs(self: Any, request: HttpRequest) -> list[ListTab]:
        return [*super().list_tabs(request), *payment_tabs(self.kind)]  # type: ignore[misc]

    def get_urls(self: Any) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_pay"
        view = self.admin_site.admin_view(self.pay_view)
        return [path("<int:pk>/pay/", view, name=name), *super().get_urls()]  # type: ignore[misc]

    def pay_view(self: Any, request: HttpRequest, pk: int) -> HttpResponse:
        """Record a payment of the document, or the use of credits."""
        page: HttpResponse = self.pay_page(request, self.found(request, pk, "read"))
        return page

    def page_of(self: Any, document: Any) -> str:
        return str(self.admin_site.get_model_admin(PROXIES[document.kind]).change_url(document))

    def figures(self: Any, row: Document) -> list[tuple[Any, str]]:
        rows = [
            (_("Total incl. VAT"), row.total_ttc),
            (_("Grant"), -row.grant_amount),
            (_("Already paid"), row.already_paid),
            (_("Remains to be paid"), row.stay_to_pay),
            (_("Guarantee holdback to be paid"), row.guarantee_holdback_to_pay),
        ]
        always = (row.total_ttc, row.already_paid, row.stay_to_pay)
        return [(label, money(sum_, row.currency)) for label, sum_ in rows if sum_ or sum_ in always]

    def around(self: Any, request: HttpRequest, document: Document) -> dict[str, Any]:
        """Beside what all documents have, the button that pays and what paid."""
        context: dict[str, Any] = super().around(request, document)  # type: ignore[misc]
        if self.may_pay(request, document):
            is_credit = document.kind == Kind.CREDIT
            rest = document.stay_to_pay or document.guarantee_holdback_to_pay
            button = {
                "verb": _t("Give back…") if is_credit else _t("Pay…"),
                "icon": "payments",
                "url": self._url("pay", document.pk),
                "title": _t("Record a payment, or use credits"),
                "rest": money(rest, document.currency),
            }
            context["makings"] = [button, *context["makings"]]
        return context | {"paid_by": self.paid_by(document) if document.already_paid else []}


class UseInline(BaseUseInline):
    """The invoices, or the credits, that a payment pays."""

    model = PaymentUse
    passed_as = "invoices"
    settlement = SETTLEMENT


@admin.register(Payment)
class PaymentAdmin(BasePaymentAdmin):
    """Money received from customers."""

    settlement = SETTLEMENT
    guard = Key("sales-invoice")
    menu = ("sell", 65)
    inlines = (UseInline,)
    empty_text = _("Payments of customers. Record one here, or from the page of the invoice that it pays.")
