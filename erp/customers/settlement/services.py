"""How documents are paid: creating, editing and deleting payments, using credits.

Whoever pays a document holds its row's lock, so that what remains of it is read and taken by one person at a
time; nothing is ever paid beyond what remains. What a document has been paid is the sum of its uses, counted
again by `settle` after each change.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from erp.customers.models import Customer
from erp.customers.settlement.credits import Credits
from erp.customers.settlement.payments import Payments

__all__ = ["Settlement", "why_customer_stays"]


class Settlement(Payments, Credits):
    """The payments of one chapter's documents. Subclasses name their models and say what is to be paid."""


def why_customer_stays(payments: type[Any], customer: Customer) -> str | None:
    """Why a customer who paid, or was paid, cannot be deleted; None when there is no payment."""
    if payments.objects.filter(customer=customer).exists():
        return _("%(customer)s has payments: archive it instead of deleting it.") % {"customer": customer}
    return None
