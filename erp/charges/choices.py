"""Types and statuses of charges (reference: chapter Charges)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ChargeType(models.IntegerChoices):
    """What a charge is: something to pay, or a supplier's credit."""

    CHARGE = 1, _("Charge")
    CREDIT = 2, _("Credit")


class ChargeStatus(models.IntegerChoices):
    """Where a charge stands. A person chooses among the first two; payments and credits make the others."""

    DRAFT = 1, _("Draft")
    TO_PAY = 2, _("To be paid")
    PARTLY_PAID = 3, _("Partially paid")
    PAID = 4, _("Paid")


class CreditStatus(models.IntegerChoices):
    """The same statuses in the words of a credit, which is used or given back."""

    DRAFT = 1, _("Draft")
    TO_USE = 2, _("To use")
    PARTLY_USED = 3, _("Partially used")
    USED = 4, _("Used")
