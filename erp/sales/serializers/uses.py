"""Invoices and the credits that pay them, each seen from the other, and whether they are paid."""

from __future__ import annotations

from erp.core.fields import Relation
from erp.core.wire import WireSerializer
from erp.sales.choices import Kind, payment_status_label
from erp.sales.models import PROXIES, CreditUse, Document
from erp.various.services import team_today


class CreditOfInvoice(WireSerializer):
    """A credit that pays the invoice, and for how much."""

    credit = Relation(model=PROXIES[Kind.CREDIT], always=True, read_only=True)

    class Meta:
        register = False
        model = CreditUse
        fields = ("amount", "credit")
        numbers = ("amount",)


class UseOfCredit(WireSerializer):
    """An invoice that the credit pays, and for how much."""

    invoice = Relation(model=PROXIES[Kind.INVOICE], source="target", always=True, read_only=True)

    class Meta:
        register = False
        model = CreditUse
        fields = ("amount", "invoice")
        numbers = ("amount",)


def payment_status(row: Document) -> int | None:
    """The payment status of today."""
    return row.payment_status(team_today())


def payment_status_text(row: Document) -> str | None:
    """The same in words."""
    status = payment_status(row)
    return None if status is None else payment_status_label(row.kind, status)
