"""Statuses, priorities and what tasks may be about (reference: chapter Tasks)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

__all__ = ["ELEMENTS", "Priority", "Status"]


class Status(models.IntegerChoices):
    """How far a task is (reference: Task, status)."""

    TO_DO = 1, _("To do")
    RUNNING = 2, _("In progress")
    WAITING = 3, _("Waiting")
    ENDED = 4, _("Ended")


class Priority(models.IntegerChoices):
    """How much a task presses (reference: Task, priority)."""

    LOW = 1, _("Low")
    NORMAL = 2, _("Normal")
    HIGH = 3, _("High")


#: What a task may be about (reference: Create a task, elements.*.type).
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
