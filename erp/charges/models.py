"""Charges: what suppliers billed, and how it is paid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from erp.charges.choices import ChargeStatus, ChargeType, CreditStatus
from erp.core.columns import amount, fine, link, own_team, rate
from erp.core.global_lists import GlobalLink
from erp.core.models import TenantModel
from erp.customers.settlement.models import BaseCreditUse, BasePayment, BasePaymentUse

__all__ = ["Charge", "ChargeContent", "CreditUse", "Payment", "PaymentUse"]

LIVING = Q(deleted_at=None)


class Charge(TenantModel):
    """A supplier's invoice or credit (reference: Charge). Amounts are in `currency` and never negative."""

    type = models.PositiveSmallIntegerField(_("type"), choices=ChargeType.choices, default=ChargeType.CHARGE)
    date = models.DateField(_("date"))
    reference = models.CharField(_("reference"), max_length=35, editable=False)
    title = models.CharField(_("title"), max_length=255, blank=True)
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="charges", verbose_name=_("supplier")
    )
    contact = link("customers.Contact", _("contact"))
    invoice_reference = models.CharField(_("supplier's reference"), max_length=100, blank=True)
    currency = GlobalLink(
        "various.Currency", models.PROTECT, related_name="+", db_index=False, verbose_name=_("currency")
    )
    exchange_rate = fine(_("exchange rate"), default=Decimal(1))
    status = models.PositiveSmallIntegerField(
        _("status"), choices=ChargeStatus.choices, default=ChargeStatus.TO_PAY
    )
    total_ht = amount(_("total excl. VAT"), editable=False)
    total_tva = amount(_("total VAT"), editable=False)
    total_ttc = amount(_("total incl. VAT"), editable=False)
    #: By payments and credits; of a credit, what it paid or what was given back.
    already_paid = amount(_("already paid"), editable=False)

    class Meta(TenantModel.Meta):
        abstract = False
        verbose_name = _("charge")
        verbose_name_plural = _("charges")
        constraints = [
            models.UniqueConstraint(fields=["team", "reference"], name="charge_reference"),
            models.CheckConstraint(
                condition=Q(already_paid__gte=0, already_paid__lte=F("total_ttc")),
                name="charge_not_overpaid",
            ),
        ]
        indexes = [
            models.Index(fields=["team", "-created_at", "-id"], condition=LIVING, name="charge_newest"),
            models.Index(fields=["team", "date", "id"], condition=LIVING, name="charge_date"),
            models.Index(fields=["team", "status", "date"], condition=LIVING, name="charge_status"),
            models.Index(fields=["team", "updated_at"], name="charge_edited"),
        ]

    def __str__(self) -> str:
        return self.reference

    @classmethod
    def restrict(cls, queryset: models.QuerySet[Any], actor: Any) -> models.QuerySet[Any]:
        """None without the right to see charges, wherever they are named: tasks, events, mails."""
        return queryset if actor.level("charges") >= 1 else queryset.none()

    @property
    def is_credit(self) -> bool:
        """Whether it is a supplier's credit."""
        return self.type == ChargeType.CREDIT

    @property
    def stay_to_pay(self) -> Decimal:
        """What remains to be paid; of a credit, what remains of it."""
        return self.total_ttc - self.already_paid

    @property
    def status_label(self) -> str:
        """The status in words."""
        return str((CreditStatus if self.is_credit else ChargeStatus)(self.status).label)


class ChargeContent(TenantModel):
    """A line of a charge (reference: Charge Content)."""

    team = own_team()
    charge = models.ForeignKey(Charge, models.CASCADE, related_name="contents", verbose_name=_("charge"))
    line_number = models.PositiveIntegerField(_("line number"), default=0, editable=False)
    designation = models.TextField(_("designation"))
    charge_category = link("various.ChargeCategory", _("charge category"))
    product = link("catalog.Product", _("product"), db_index=True)
    service = link("catalog.Service", _("service"), db_index=True)
    quantity = fine(_("quantity"), default=Decimal(1))
    unit = link("various.Unit", _("unit"))
    #: The side on which the price was typed; the other is computed.
    includes_vat = models.BooleanField(_("price includes VAT"), default=False)
    unit_price_ht = fine(_("unit price excl. VAT"))
    unit_price_tva = fine(_("unit VAT"))
    unit_price_ttc = fine(_("unit price incl. VAT"))
    #: VAT was typed as an amount, as the supplier's invoice has it, and follows no rate.
    custom_vat_rate = models.BooleanField(_("VAT typed as an amount"), default=False)
    vat_rate = link("various.VatRate", _("VAT rate"))
    vat_rate_value = rate(_("VAT (%)"), null=True, default=None, editable=False)
    total_ht = amount(_("total excl. VAT"), editable=False)
    total_tva = amount(_("VAT"), editable=False)
    total_ttc = amount(_("total incl. VAT"), editable=False)

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["line_number", "pk"]
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        constraints = [
            models.CheckConstraint(
                condition=Q(product=None) | Q(service=None), name="charge_line_of_one_element"
            )
        ]

    def __str__(self) -> str:
        return self.designation[:60]


class Payment(BasePayment):
    """Money given to a supplier for charges, or given back by one for credits (reference: Payment)."""

    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="+", verbose_name=_("supplier")
    )

    class Meta(BasePayment.Meta):
        abstract = False
        verbose_name = _("payment to a supplier")
        verbose_name_plural = _("payments to suppliers")


class PaymentUse(BasePaymentUse):
    """What a payment pays of a charge."""

    payment = models.ForeignKey(Payment, models.CASCADE, related_name="uses", verbose_name=_("payment"))
    target = models.ForeignKey(Charge, models.PROTECT, related_name="payment_uses", verbose_name=_("charge"))

    class Meta(BasePaymentUse.Meta):
        abstract = False
        verbose_name = _("charge paid")
        verbose_name_plural = _("charges paid")


class CreditUse(BaseCreditUse):
    """What a supplier's credit pays of a charge (reference: Charge Credit Use)."""

    credit = models.ForeignKey(Charge, models.PROTECT, related_name="uses", verbose_name=_("credit"))
    target = models.ForeignKey(Charge, models.PROTECT, related_name="credits", verbose_name=_("charge"))

    class Meta(BaseCreditUse.Meta):
        abstract = False
        verbose_name = _("credit used")
        verbose_name_plural = _("credits used")
