"""What customers of the demonstration company paid: most invoices wholly, some in part, some too late."""

from __future__ import annotations

import datetime
import random
from decimal import Decimal

from erp.sales.choices import Kind
from erp.sales.models import Document
from erp.sales.services import SETTLEMENT
from erp.various.models import BankAccount, PaymentMethod
from erp.various.services import team_today

__all__ = ["fill"]


def fill() -> None:
    """Payments around the due dates of invoices, up to today; one customer in four pays several at once."""
    chance = random.Random(7)  # noqa: S311 (demonstration data)
    today = team_today()
    means = list(PaymentMethod.objects.filter(type__in=(1, 2, 5)).order_by("-type"))
    account = BankAccount.objects.order_by("-use_default", "pk").first()
    together: dict[int, list[Document]] = {}
    for invoice in SETTLEMENT.open_documents().filter(kind=Kind.INVOICE).order_by("date", "pk"):
        if (invoice.due_date or invoice.date) > today - datetime.timedelta(days=2) and chance.random() < 0.8:
            continue
        if invoice.customer_id % 4 == 0:
            together.setdefault(invoice.customer_id, []).append(invoice)
        else:
            together[-invoice.pk] = [invoice]
    for invoices in together.values():
        due = max(invoice.due_date or invoice.date for invoice in invoices)
        date = min(today, due + datetime.timedelta(days=chance.choice((-12, -5, -1, 0, 2, 6, 15))))
        if chance.random() < 0.06:
            continue
        part = Decimal("0.4") if chance.random() < 0.05 else Decimal(1)
        amounts = [round(invoice.stay_to_pay * part, 2) for invoice in invoices]
        SETTLEMENT.create(
            {
                "date": date,
                "payment_method": chance.choice(means) if means else PaymentMethod.objects.first(),
                "account": account,
                "reference": f"VIR {date:%y%m%d}-{invoices[0].number}",
                "invoices": [
                    {"id": invoice, "amount": amount}
                    for invoice, amount in zip(invoices, amounts, strict=True)
                ],
            }
        )
