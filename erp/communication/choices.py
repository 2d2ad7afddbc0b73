"""The words of the chapter that programs use, with their names for people."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

__all__ = ["EventKind", "Field", "Security", "SenderType", "State"]


class SenderType(models.TextChoices):
    """How a sender's mails leave."""

    DEFAULT = "default", _("The installation's mail server")
    SMTP = "smtp", _("A mail server of one's own")
    GOOGLE = "google", _("Google (not available)")
    OUTLOOK = "outlook", _("Outlook (not available)")


class Security(models.TextChoices):
    """How the connection to a mail server is encrypted."""

    NONE = "none", _("None")
    SSL = "ssl", _("SSL/TLS from the start")
    TLS = "tls", _("STARTTLS")


class State(models.TextChoices):
    """Where a mail stands."""

    WAITING = "waiting", _("Waiting to be sent")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Not sent")
    INSERTED = "inserted", _("Recorded, sent elsewhere")
    HELD = "held", _("Kept here: test mode")


class Field(models.TextChoices):
    """The line of a mail's head that names a recipient."""

    TO = "to", _("To")
    CC = "cc", _("Copy")
    CCI = "cci", _("Blind copy")


class EventKind(models.TextChoices):
    """What a recipient did with a mail."""

    OPEN = "open", _("Opened")
    CLICK = "click", _("Link followed")
