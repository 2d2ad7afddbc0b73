"""What was sold to a customer, on the customer's page: what they owe, their documents, their payments."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from erp.core.access import visible
from erp.core.money import round_half_up
from erp.customers.models import Customer
from erp.sales.admin.lists import STATUS_COLORS
from erp.sales.admin.payments import OPEN, to_pay
from erp.sales.choices import Kind, PaymentStatus, Status
from erp.sales.models import PROXIES, Document, Payment
from erp.sales.services.payments import having
from erp.various.figures import in_team_currency, money
from erp.various.services import team_today

__all__ = ["customer_panel"]

#: Documents and payments that the panel shows; the lists behind it show all.
SHOWN_DOCUMENTS, SHOWN_PAYMENTS = 8, 5
#: Days of the turnover that the panel tells.
YEAR = datetime.timedelta(days=365)


def customer_panel(request: HttpRequest, row: Any) -> dict[str, Any] | None:
    """The panel of a customer with documents or payments that the team user may see; None for the others."""
    if not isinstance(row, Customer):
        return None
    documents = visible(Document).filter(customer=row)
    counts = _counts(documents)
    latest = documents.select_related("currency").order_by("-date", "-pk")[:SHOWN_DOCUMENTS]
    payments = visible(Payment).filter(customer=row).select_related("currency", "payment_method")
    paid = list(payments.order_by("-date", "-pk")[:SHOWN_PAYMENTS])
    lines = [_line(document) for document in latest]
    if not lines and not paid:
        return None
    return {
        "template": "admin/sales/customer_panel.html",
        "figures": _figures(row, counts),
        "documents": lines,
        "lists": _lists(row, counts),
        "payments": [_payment(payment) for payment in paid],
    }


def _counts(documents: Any) -> dict[str, Any]:
    """Everything that is counted or added up, by one query; amounts in the team's currency."""
    today = team_today()
    validated = Q(is_draft=False, date__gt=today - YEAR)
    waiting = Q(kind=Kind.QUOTATION, status__in=(Status.VALIDATED, Status.SENT))
    owed, overdue = Q(kind=Kind.INVOICE) & to_pay(), having(PaymentStatus.OVERDUE, today)
    found = documents.order_by().aggregate(
        sold=in_team_currency("total_ht", validated & Q(kind=Kind.INVOICE)),
        credited=in_team_currency("total_ht", validated & Q(kind=Kind.CREDIT)),
        owed=in_team_currency("stay_to_pay", owed),
        overdue=in_team_currency("stay_to_pay", overdue),
        waiting=in_team_currency("total_ht", waiting),
        **{str(kind.value): Count("pk", filter=Q(kind=kind)) for kind in Kind},
    )
    return {name: value or 0 for name, value in found.items()}


def _figures(row: Customer, counts: dict[str, Any]) -> list[dict[str, str]]:
    """(what, amount, the list behind it); invoices tell nothing to those who may not see them."""
    overdue = str(PaymentStatus.OVERDUE.value)
    sold = counts["sold"] - counts["credited"]
    figures: tuple[tuple[str, Any, Kind, dict[str, str]], ...] = (
        (
            _("Turnover of the last 12 months, excl. VAT"),
            sold,
            Kind.INVOICE,
            {},
        ),
        (_("Remains to be paid"), counts["owed"], Kind.INVOICE, {"payment": OPEN}),
        (_("Overdue"), counts["overdue"], Kind.INVOICE, {"payment": overdue}),
        (_("Quotations that wait for an answer, excl. VAT"), counts["waiting"], Kind.QUOTATION, {}),
    )
    return [
        {"label": label, "amount": money(round_half_up(Decimal(amount))), "link": _list(row, kind, query)}
        for label, amount, kind, query in figures
        if counts[kind.value]
    ]


def _lists(row: Customer, counts: dict[str, Any]) -> list[dict[str, Any]]:
    """A link for each kind of which the customer has documents."""
    return [
        {"label": _page(kind).menu_entry()[0], "count": counts[kind.value], "link": _list(row, kind, {})}
        for kind in Kind
        if counts[kind.value]
    ]


def _line(document: Document) -> dict[str, Any]:
    return {
        "label": f"{Kind(document.kind).label} {document}",
        "title": document.title,
        "url": _page(document.kind).change_url(document),
        "date": document.date,
        "status": document.status_label,
        "color": STATUS_COLORS[document.status],
        "total": money(document.total_ttc, document.currency),
    }


def _payment(payment: Payment) -> dict[str, Any]:
    page: Any = admin.site.get_model_admin(Payment)
    return {
        "label": f"{payment} · {payment.payment_method}",
        "url": page.change_url(payment),
        "date": payment.date,
        "amount": money(payment.amount, payment.currency),
    }


def _page(kind: Any) -> Any:
    return admin.site.get_model_admin(PROXIES[kind])


def _list(row: Customer, kind: Kind, query: dict[str, str]) -> str:
    return f"{_page(kind).list_url()}?{urlencode({'customer__id__exact': row.pk, **query})}"
