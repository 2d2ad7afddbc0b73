"""Kinds, statuses and modes of sales documents (reference: chapter Sales)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What a document is. Values are the reference's words."""

    QUOTATION = "quotation", _("Quotation")
    COMMAND = "command", _("Order")
    PROFORMA = "proforma", _("Proforma invoice")
    DELIVERY = "delivery", _("Delivery note")
    INVOICE = "invoice", _("Invoice")
    CREDIT = "credit", _("Credit")


#: Kinds that offer goods: they are accepted, billed and delivered.
ORDER_KINDS = (Kind.QUOTATION, Kind.COMMAND, Kind.PROFORMA)
#: Kinds that the law protects: never altered nor deleted once validated.
SEALED_KINDS = (Kind.INVOICE, Kind.CREDIT)


class Status(models.IntegerChoices):
    """The reference's nine statuses; deliveries, invoices and credits reach only those of `REACHABLE`."""

    DRAFT = 1, _("Draft")
    VALIDATED = 2, _("Validated")
    SENT = 3, _("Sent")
    ACCEPTED = 4, _("Accepted")
    ADVANCE_BILLED = 5, _("Advance billed")
    PARTLY_BILLED = 6, _("Partially billed")
    BILLED = 7, _("Billed")
    REFUSED = 8, _("Refused")
    CANCELLED = 9, _("Cancelled")


BILLING_STATUSES = (Status.ADVANCE_BILLED, Status.PARTLY_BILLED, Status.BILLED)

#: Statuses a person may choose (`lite`), by kind family and current status. Billing moves 5, 6 and 7 itself.
_ORDER_MOVES: dict[int, tuple[int, ...]] = {
    Status.DRAFT: (Status.VALIDATED,),
    Status.VALIDATED: (Status.SENT, Status.ACCEPTED, Status.REFUSED, Status.CANCELLED),
    Status.SENT: (Status.VALIDATED, Status.ACCEPTED, Status.REFUSED, Status.CANCELLED),
    Status.ACCEPTED: (Status.VALIDATED, Status.SENT, Status.REFUSED, Status.CANCELLED),
    Status.ADVANCE_BILLED: (),
    Status.PARTLY_BILLED: (),
    Status.BILLED: (),
    Status.REFUSED: (Status.VALIDATED, Status.SENT, Status.ACCEPTED),
    Status.CANCELLED: (),
}
_DELIVERY_MOVES: dict[int, tuple[int, ...]] = {
    Status.DRAFT: (Status.VALIDATED,),
    Status.VALIDATED: (Status.SENT, Status.CANCELLED),
    Status.SENT: (Status.VALIDATED, Status.CANCELLED),
    Status.CANCELLED: (),
}
_SEALED_MOVES: dict[int, tuple[int, ...]] = {
    Status.DRAFT: (Status.VALIDATED,),
    Status.VALIDATED: (Status.SENT,),
    Status.SENT: (Status.VALIDATED,),
    Status.CANCELLED: (),
}


def moves(kind: str, status: int) -> tuple[int, ...]:
    """Statuses that a person may choose next."""
    if kind == Kind.DELIVERY:
        return _DELIVERY_MOVES.get(status, ())
    return (_SEALED_MOVES if kind in SEALED_KINDS else _ORDER_MOVES).get(status, ())


def status_label(kind: str, status: int) -> str:
    """The status in words: a validated delivery is "to send"."""
    if kind == Kind.DELIVERY and status == Status.VALIDATED:
        return str(_("To send"))
    return str(Status(status).label)


class DeliveryStatus(models.IntegerChoices):
    """How much of a document's goods has been delivered."""

    TO_DELIVER = 1, _("To deliver")
    PARTLY = 2, _("Partially delivered")
    DELIVERED = 3, _("Delivered")


class PaymentStatus(models.IntegerChoices):
    """How much of an invoice is paid, or of a credit used. Overdue depends on the day: it is never stored."""

    TO_PAY = 1, _("To be paid")
    PARTLY_PAID = 2, _("Partially paid")
    PAID = 3, _("Paid")
    OVERDUE = 4, _("Overdue")


#: The same in the words of a credit, which is used or given back.
CREDIT_PAYMENT_LABELS = {
    PaymentStatus.TO_PAY: _("To use"),
    PaymentStatus.PARTLY_PAID: _("Partially used"),
    PaymentStatus.PAID: _("Used"),
}


def payment_status_label(kind: str, status: int) -> str:
    """The payment status in words."""
    own = CREDIT_PAYMENT_LABELS if kind == Kind.CREDIT else {}
    return str(own.get(PaymentStatus(status)) or PaymentStatus(status).label)


class InputMode(models.TextChoices):
    """On which side prices are typed in."""

    HT = "ht", _("Excluding VAT")
    TTC = "ttc", _("Including VAT")


class DiscountType(models.TextChoices):
    """How a discount, or an advance, is stated."""

    PERCENT = "pourcent", _("Percent")
    AMOUNT = "amount", _("Amount")


class SecondaryMode(models.TextChoices):
    """Whether quantities are multiplied by a second one, per line or for the whole document."""

    LINE = "line", _("One for each line")
    GLOBAL = "global", _("One for the whole document")
    DISABLE = "disable", _("None")
