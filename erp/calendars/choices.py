"""Views of the calendar page, and what events may be about (reference: chapter Calendars)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

__all__ = ["ELEMENTS", "View"]


class View(models.TextChoices):
    """How the calendar page shows its days (reference: calendar_default_view)."""

    DAY = "day", _("Day")
    WEEK = "week", _("Week")
    MONTH = "month", _("Month")
    LIST = "list", _("List")


#: What an event may be about (reference: Create an event, elements.*.type).
ELEMENTS = (
    "customer",
    "contact",
    "providerCommand",
    "quotation",
    "command",
    "delivery",
    "proforma",
    "invoice",
    "credit",
    "charge",
)
