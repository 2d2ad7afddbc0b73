"""Lists of sales documents: columns, filters, and the totals under them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from erp.core.admin.tabs import ListTab
from erp.sales.api import can_be_billed
from erp.sales.choices import (
    ORDER_KINDS,
    SEALED_KINDS,
    DeliveryStatus,
    Kind,
    PaymentStatus,
    Status,
    payment_status_label,
    status_label,
)
from erp.sales.models import Document
from erp.various.figures import money
from erp.various.services import team_today

__all__ = [
    "SELECTIONS",
    "Columns",
    "DeliveryFilter",
    "StatusFilter",
    "WorkFilter",
    "document_tabs",
]

#: Statuses that deliveries, invoices and credits reach.
PLAIN_STATUSES = (Status.DRAFT, Status.VALIDATED, Status.SENT, Status.CANCELLED)
STATUS_COLORS = {
    Status.DRAFT.value: "default",
    Status.VALIDATED.value: "info",
    Status.SENT.value: "info",
    Status.ACCEPTED.value: "success",
    Status.ADVANCE_BILLED.value: "warning",
    Status.PARTLY_BILLED.value: "warning",
    Status.BILLED.value: "success",
    Status.REFUSED.value: "danger",
    Status.CANCELLED.value: "danger",
}
DELIVERY_COLORS = {
    DeliveryStatus.TO_DELIVER.value: "default",
    DeliveryStatus.PARTLY.value: "warning",
    DeliveryStatus.DELIVERED.value: "success",
}
PAYMENT_COLORS = {
    PaymentStatus.TO_PAY.value: "default",
    PaymentStatus.PARTLY_PAID.value: "info",
    PaymentStatus.PAID.value: "success",
    PaymentStatus.OVERDUE.value: "danger",
}
#: Days before its end at which a quotation is to be chased.
CHASE_DAYS = 7


def to_deliver() -> Q:
    """Offers under way of which something remains to deliver."""
    going = Q(is_draft=False) & ~Q(status__in=(Status.REFUSED, Status.CANCELLED))
    return going & ~Q(delivery_status=DeliveryStatus.DELIVERED)


def to_chase() -> Q:
    """Quotations sent that end soon, or ended, without an answer."""
    limit = datetime.datetime.combine(team_today(), datetime.time.max, datetime.UTC) + datetime.timedelta(
        days=CHASE_DAYS
    )
    return Q(status__in=(Status.VALIDATED, Status.SENT), expire_at__lte=limit)


#: What there is to do, by the name that addresses of lists carry: (label, condition, kinds).
SELECTIONS: Mapping[str, tuple[Any, Callable[[], Q], tuple[Kind, ...]]] = {
    "to_bill": (_("To bill"), lambda: can_be_billed(True), (*ORDER_KINDS, Kind.DELIVERY)),
    "to_deliver": (_("To deliver"), to_deliver, (Kind.COMMAND,)),
    "to_chase": (_("To chase"), to_chase, (Kind.QUOTATION,)),
}


class WorkFilter(DropdownFilter):
    """Documents that wait for something."""

    title = _("what there is to do")
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            (name, label)
            for name, (label, _condition, kinds) in SELECTIONS.items()
            if model_admin.kind in kinds
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in SELECTIONS:
            return queryset
        return queryset.filter(SELECTIONS[self.value()][1]())


def document_tabs(kind: Kind) -> list[ListTab]:
    """The selections over the list of a kind: by payment for invoices and credits, else by status."""
    work = [
        ListTab(label, {"work": name}, condition)
        for name, (label, condition, kinds) in SELECTIONS.items()
        if kind in kinds
    ]
    statuses = list(Status) if kind in ORDER_KINDS else list(PLAIN_STATUSES)
    if kind in SEALED_KINDS:
        statuses = [Status.DRAFT]
    return [_status_tab(kind, status) for status in statuses] + work


def _status_tab(kind: Kind, status: Status) -> ListTab:
    return ListTab(status_label(kind, status), {"status": str(status.value)}, lambda: Q(status=status))


class StatusFilter(DropdownFilter):
    """Documents by status, in the words of their kind."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        statuses = list(Status) if model_admin.kind in ORDER_KINDS else PLAIN_STATUSES
        return [(str(status.value), status_label(model_admin.kind, status)) for status in statuses]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(status=int(self.value())) if _is_choice(self.value(), Status) else queryset


class DeliveryFilter(DropdownFilter):
    """Documents by how much of them was delivered."""

    title = _("delivery status")
    parameter_name = "delivery_status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(value), label) for value, label in DeliveryStatus.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        return (
            queryset.filter(delivery_status=int(chosen)) if _is_choice(chosen, DeliveryStatus) else queryset
        )


def _is_choice(value: str | None, choices: Any) -> bool:
    return (value or "") in {str(choice) for choice in choices.values}


def amount(row: Document, value: Decimal) -> Any:
    """An amount of a document, aligned to the right."""
    return format_html('<span class="sd-amount">{}</span>', money(value, row.currency))


def day(date: datetime.date | None) -> Any:
    """A date on one line."""
    return (
        format_html('<span class="sd-day">{}</span>', date_format(date, "SHORT_DATE_FORMAT")) if date else "–"
    )


class Columns:
    """Columns of the six lists."""

    @display(description=_("Reference"), ordering="reference")
    def shown_reference(self, row: Document) -> str:
        version = f" · v{row.version}" if row.version > 1 else ""
        return f"{row}{version}"

    @display(description=_("Status"), ordering="status", label=STATUS_COLORS)
    def shown_status(self, row: Document) -> tuple[int, str]:
        return row.status, row.status_label

    @display(description=_("Delivery"), ordering="delivery_status", label=DELIVERY_COLORS)
    def shown_delivery(self, row: Document) -> tuple[int, str] | None:
        return None if row.is_draft else (row.delivery_status, row.delivery_status_label)

    @display(description=_("Total excl. VAT"), ordering="total_ht")
    def shown_ht(self, row: Document) -> Any:
        return amount(row, row.total_ht)

    @display(description=_("Total incl. VAT"), ordering="total_ttc")
    def shown_ttc(self, row: Document) -> Any:
        return amount(row, row.total_ttc)

    @display(description=_("To bill"), ordering="to_bill")
    def shown_to_bill(self, row: Document) -> Any:
        return amount(row, row.to_bill)

    @display(description=_("Payment"), ordering="already_paid", label=PAYMENT_COLORS)
    def shown_payment(self, row: Document) -> tuple[int, str] | None:
        status = row.payment_status(team_today())
        return None if status is None else (status, payment_status_label(row.kind, status))

    @display(description=_("Remains to be paid"), ordering="stay_to_pay")
    def shown_rest(self, row: Document) -> Any:
        return amount(row, row.stay_to_pay) if row.stay_to_pay else "–"

    @display(description=_("customer"), ordering="customer__name", header=True)
    def shown_customer(self, row: Document) -> list[str]:
        return [str(row.customer), row.title]

    @display(description=_("Date"), ordering="date")
    def shown_date(self, row: Document) -> Any:
        return day(row.date)

    @display(description=_("Due date"), ordering="due_date")
    def shown_due_date(self, row: Document) -> Any:
        return day(row.due_date)

    @display(description=_("Salesperson"), ordering="team_user__user__lastname")
    def shown_salesperson(self, row: Document) -> Any:
        return (
            format_html('<span class="sd-short" title="{0}">{0}</span>', row.team_user)
            if row.team_user
            else "–"
        )
