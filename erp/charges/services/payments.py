"""How charges are paid (see erp/customers/settlement)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from erp.charges.choices import ChargeStatus, ChargeType
from erp.charges.models import Charge, CreditUse, Payment, PaymentUse
from erp.core.access import visible
from erp.core.errors import Conflict
from erp.customers.settlement.services import Settlement

__all__ = ["SETTLEMENT", "status_of"]


class ChargeSettlement(Settlement):
    """Payments to suppliers, and their credits."""

    payment = Payment
    payment_use = PaymentUse
    credit_use = CreditUse
    name = "charges"

    def lock(self, keys: Collection[int]) -> dict[int, Charge]:
        rows = Charge.objects.select_for_update(of=("self",)).select_related("customer", "currency")
        found = {row.pk: row for row in rows.filter(pk__in=keys).order_by("pk")}
        if len(found) != len(set(keys)):
            raise Conflict(_("One of these charges was deleted meanwhile."), code="deleted")
        return found

    def is_credit(self, document: Charge) -> bool:
        return document.is_credit

    def refusal(self, document: Charge) -> str | None:
        if document.status == ChargeStatus.DRAFT:
            return _("%(charge)s is a draft: set it to be paid first.") % {"charge": document}
        return None

    def payable(self, document: Charge) -> Decimal:
        return document.total_ttc

    def note(self, document: Charge, paid: Decimal) -> Mapping[str, Any]:
        is_draft = document.status == ChargeStatus.DRAFT
        return {"already_paid": paid, "status": status_of(document.total_ttc, paid, is_draft=is_draft)}

    def open_documents(self, *, credits_only: bool = False) -> QuerySet[Charge]:
        rows = visible(Charge).filter(status__in=(ChargeStatus.TO_PAY, ChargeStatus.PARTLY_PAID))
        return rows.filter(type=ChargeType.CREDIT) if credits_only else rows


SETTLEMENT = ChargeSettlement()


def status_of(total: Decimal, paid: Decimal, *, is_draft: bool) -> int:
    """The status of a charge of `total` of which `paid` is paid."""
    if is_draft:
        return ChargeStatus.DRAFT
    if paid >= total:
        return ChargeStatus.PAID
    return ChargeStatus.PARTLY_PAID if paid else ChargeStatus.TO_PAY
