"""Payments and their uses, as abstract models: each chapter makes its own of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from erp.core import columns
from erp.core.global_lists import GlobalLink
from erp.core.models import TenantModel

__all__ = ["BaseCreditUse", "BasePayment", "BasePaymentUse", "PaymentStatus", "PaymentType"]

LIVING = Q(deleted_at=None)
CENT = Decimal("0.01")


class PaymentType(models.IntegerChoices):
    """What a payment pays: documents, or credits, whose amount it gives back."""

    PAYMENT = 1, _("Payment")
    REFUND = 2, _("Refund of a credit")


class PaymentStatus(models.IntegerChoices):
    """How much of a payment pays something."""

    TO_USE = 1, _("To use")
    PARTLY_USED = 2, _("Partially used")
    USED = 3, _("Used")


class BasePayment(TenantModel):
    """Money received or given (reference: Payment), in `currency`. `amount_used` is the sum of its uses.

    A chapter's payment has a reverse relation `uses` of its payment uses.
    """

    type = models.PositiveSmallIntegerField(
        _("type"), choices=PaymentType.choices, default=PaymentType.PAYMENT
    )
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="+", verbose_name=_("customer")
    )
    date = models.DateField(_("date"))
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    comments = models.TextField(_("comments"), blank=True)
    amount = columns.amount(_("amount"), default=models.NOT_PROVIDED, validators=[MinValueValidator(CENT)])
    amount_used = columns.amount(_("amount used"), editable=False)
    payment_method = models.ForeignKey(
        "various.PaymentMethod",
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("payment method"),
    )
    account = models.ForeignKey(
        "various.BankAccount",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("bank account"),
    )
    currency = GlobalLink(
        "various.Currency", models.PROTECT, related_name="+", db_index=False, verbose_name=_("currency")
    )
    exchange_rate = columns.fine(_("exchange rate"), default=Decimal(1))

    class Meta(TenantModel.Meta):
        abstract = True
        indexes = [
            models.Index(
                fields=["team", "-created_at", "-id"], condition=LIVING, name="%(app_label)s_payment_newest"
            ),
            models.Index(fields=["team", "date", "id"], condition=LIVING, name="%(app_label)s_payment_date"),
            models.Index(fields=["team", "updated_at"], name="%(app_label)s_payment_edited"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_used__gte=0, amount_used__lte=F("amount")),
                name="%(app_label)s_payment_not_overused",
            )
        ]

    def __str__(self) -> str:
        return self.reference or str(_("Payment %(id)s") % {"id": self.pk})

    @property
    def stay_to_use(self) -> Decimal:
        """What is left to pay other documents with."""
        return self.amount - self.amount_used

    @property
    def status(self) -> int:
        """How much of it is used: a PaymentStatus."""
        if not self.amount_used:
            return PaymentStatus.TO_USE.value
        return (PaymentStatus.PARTLY_USED if self.stay_to_use else PaymentStatus.USED).value

    @property
    def status_label(self) -> str:
        """The status in words."""
        return str(PaymentStatus(self.status).label)

    @property
    def is_refund(self) -> bool:
        """Whether it gives back the amount of credits."""
        return self.type == PaymentType.REFUND

    @staticmethod
    def having(status: int) -> Q:
        """Payments of a status."""
        unused, used = Q(amount_used=0), Q(amount_used=F("amount"))
        return {
            PaymentStatus.TO_USE: unused,
            PaymentStatus.PARTLY_USED: ~unused & ~used,
            PaymentStatus.USED: used,
        }[PaymentStatus(status)]


class BaseUse(TenantModel):
    """An amount that pays `target`, in the currency of both. A chapter adds the link `target`."""

    team = columns.own_team()
    amount = columns.amount(_("amount"), default=models.NOT_PROVIDED, validators=[MinValueValidator(CENT)])

    #: Set by the chapter.
    target: Any
    target_id: int

    class Meta(TenantModel.Meta):
        abstract = True
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.target)


class BasePaymentUse(BaseUse):
    """What a payment pays of one document. A chapter adds the links `payment` and `target`.

    `ht` and `tva` are the shares of the amount without VAT and of VAT: those of a document that is wholly
    paid sum to the document's own.
    """

    ht = columns.amount(_("amount excl. VAT"), editable=False)
    tva = columns.amount(_("VAT"), editable=False)

    payment: Any
    payment_id: int

    class Meta(BaseUse.Meta):
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["payment", "target"], condition=LIVING, name="%(app_label)s_payment_use_once"
            )
        ]


class BaseCreditUse(BaseUse):
    """What a credit pays of one document. A chapter adds the links `credit` and `target`."""

    credit: Any
    credit_id: int

    class Meta(BaseUse.Meta):
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["credit", "target"], condition=LIVING, name="%(app_label)s_credit_use_once"
            )
        ]
