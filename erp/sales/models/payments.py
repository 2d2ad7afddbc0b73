"""What customers paid: payments, and what they and credits pay of which invoice."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from erp.customers.settlement.models import BaseCreditUse, BasePayment, BasePaymentUse
from erp.sales.models.documents import Document

__all__ = ["CreditUse", "Payment", "PaymentUse"]


class Payment(BasePayment):
    """Money received from a customer for invoices, or given back for credits."""

    class Meta(BasePayment.Meta):
        abstract = False
        verbose_name = _("payment from a customer")
        verbose_name_plural = _("payments from customers")

    @classmethod
    def restrict(cls, queryset: Any, actor: Any) -> Any:
        """Under `sales-limitation`, payments of own documents and of own customers."""
        if actor.level("sales-limitation") >= 1:
            return queryset
        own = PaymentUse.objects.filter(payment=OuterRef("pk"), target__in=Document.own(actor))
        mine = Q(customer__team_user=actor) | Q(customer__team_user__in=actor.team_users.all())
        return queryset.filter(mine | Exists(own))


class PaymentUse(BasePaymentUse):
    """What a payment pays of an invoice, or gives back of a credit."""

    payment = models.ForeignKey(Payment, models.CASCADE, related_name="uses", verbose_name=_("payment"))
    target = models.ForeignKey(
        Document, models.PROTECT, related_name="payment_uses", verbose_name=_("invoice or credit")
    )

    class Meta(BasePaymentUse.Meta):
        abstract = False
        verbose_name = _("invoice paid")
        verbose_name_plural = _("invoices paid")


class CreditUse(BaseCreditUse):
    """What a credit pays of an invoice."""

    credit = models.ForeignKey(Document, models.PROTECT, related_name="uses", verbose_name=_("credit"))
    target = models.ForeignKey(Document, models.PROTECT, related_name="credits", verbose_name=_("invoice"))

    class Meta(BaseCreditUse.Meta):
        abstract = False
        verbose_name = _("credit used")
        verbose_name_plural = _("credits used")
