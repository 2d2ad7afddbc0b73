"""How invoices are paid and credits used (see erp/customers/settlement).

What a customer owes is the total less the grant. Its guarantee holdback, which may be kept for a time (law
71-584), is counted apart: payments fill first what is due, `stay_to_pay`, then `guarantee_holdback_to_pay`.
A credit pays the invoice that it corrects as soon as it is validated; what the invoice leaves of it pays
others, or is given back by a payment.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from erp.core.access import visible
from erp.core.errors import Conflict
from erp.customers.models import Customer
from erp.customers.settlement.services import Settlement
from erp.customers.settlement.services import why_customer_stays as why_payer_stays
from erp.sales.choices import SEALED_KINDS, Kind, PaymentStatus
from erp.sales.models import Affair, CreditUse, Document, Payment, PaymentUse

__all__ = ["SETTLEMENT", "having", "offset", "open_account", "why_customer_stays"]

ZERO = Decimal(0)


class SalesSettlement(Settlement):
    """Payments from customers, and the credits made for them."""

    payment = Payment
    payment_use = PaymentUse
    credit_use = CreditUse
    name = "invoices"

    def lock(self, keys: Collection[int]) -> dict[int, Document]:
        """As everybody does who changes documents: first their affairs, then the documents."""
        wanted = Document.objects.filter(pk__in=keys, kind__in=SEALED_KINDS)
        affairs = Affair.objects.filter(pk__in=wanted.values("affair_id"))
        list(affairs.select_for_update().order_by("pk"))
        rows = wanted.select_related("customer", "currency").defer("snapshot")
        found = {row.pk: row for row in rows.select_for_update(of=("self",)).order_by("pk")}
        if len(found) != len(set(keys)):
            raise Conflict(_("One of these documents is no invoice any more."), code="deleted")
        return found

    def is_credit(self, document: Document) -> bool:
        return document.kind == Kind.CREDIT

    def refusal(self, document: Document) -> str | None:
        if document.is_draft:
            return _("%(document)s is not validated yet.") % {"document": document}
        return None

    def payable(self, document: Document) -> Decimal:
        return max(ZERO, document.total_ttc - document.grant_amount)

    def note(self, document: Document, paid: Decimal) -> Mapping[str, Any]:
        rest = self.payable(document) - paid
        stay = min(rest, max(ZERO, document.amount_due - paid))
        return {"already_paid": paid, "stay_to_pay": stay, "guarantee_holdback_to_pay": rest - stay}

    def open_documents(self, *, credits_only: bool = False) -> QuerySet[Document]:
        kinds = (Kind.CREDIT,) if credits_only else SEALED_KINDS
        rows = visible(Document).filter(is_draft=False, kind__in=kinds)
        return rows.filter(Q(stay_to_pay__gt=0) | Q(guarantee_holdback_to_pay__gt=0)).defer("snapshot")


SETTLEMENT = SalesSettlement()


def open_account(document: Document) -> tuple[str, ...]:
    """Set what remains of a document that is being validated; answers the columns set."""
    if document.kind not in SEALED_KINDS:
        return ()
    values = SETTLEMENT.note(document, ZERO)
    for name, value in values.items():
        setattr(document, name, value)
    return tuple(values)


def offset(credit: Document) -> None:
    """Pay with a credit just validated what remains of the invoice that it corrects, as far as it goes."""
    if credit.source_id is None or not credit.total_ttc:
        return
    invoice = SETTLEMENT.lock([credit.source_id])[credit.source_id]
    if SETTLEMENT.rest(invoice):
        SETTLEMENT.use_credits(invoice, {"add_credits": [credit]})


def having(status: int, today: datetime.date) -> Q:
    """Validated invoices and credits of a payment status on a day (see Document.payment_status)."""
    validated = Q(is_draft=False, kind__in=SEALED_KINDS)
    overdue = Q(kind=Kind.INVOICE, due_date__lt=today)
    paid, begun = Q(stay_to_pay=0), Q(already_paid__gt=0)
    return (
        validated
        & {
            PaymentStatus.PAID: paid,
            PaymentStatus.OVERDUE: ~paid & overdue,
            PaymentStatus.PARTLY_PAID: ~paid & ~overdue & begun,
            PaymentStatus.TO_PAY: ~paid & ~overdue & ~begun,
        }[PaymentStatus(status)]
    )


def why_customer_stays(customer: Customer) -> str | None:
    """Why a customer who paid cannot be deleted."""
    return why_payer_stays(Payment, customer)
