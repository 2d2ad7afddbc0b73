"""Subscriptions of a team's addresses to what happens in it, and the messages sent to them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from erp.core.encryption import SecretField
from erp.core.models import TenantModel

__all__ = ["Delivery", "Subscription"]


class Subscription(TenantModel):
    """An address that is told, by a signed POST, of the topics that it chose."""

    url = models.CharField(_("address"), max_length=500, validators=[URLValidator(schemes=["http", "https"])])
    description = models.CharField(_("description"), max_length=255, blank=True)
    #: Names such as "invoice.validated", "invoice.*" or "*".
    topics = models.JSONField(_("topics"), default=list)
    active = models.BooleanField(_("active"), default=True)
    #: Signs messages; encrypted, shown once.
    secret = SecretField()
    #: Messages given up in a row; none after one that arrived.
    failures = models.PositiveIntegerField(_("messages given up"), default=0, editable=False)

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["id"]
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return self.description or self.url

    def wants(self, topic: str) -> bool:
        """Whether it is told of a topic."""
        chosen: Sequence[str] = self.topics
        return bool({"*", topic, f"{topic.partition('.')[0]}.*"} & set(chosen))


class Delivery(TenantModel):
    """One message to one address: what it said, how often it was tried, what was answered."""

    class Status(models.IntegerChoices):
        WAITING = 1, _("Waiting")
        SENT = 2, _("Sent")
        FAILED = 3, _("Given up")
        SKIPPED = 4, _("Not sent: test mode")

    subscription = models.ForeignKey(
        Subscription, models.CASCADE, related_name="deliveries", verbose_name=_("webhook")
    )
    #: The message's name, the same at each attempt: receivers know by it what they have.
    message = models.UUIDField(_("message"), default=uuid.uuid4, editable=False)
    topic = models.CharField(_("topic"), max_length=60)
    object_id = models.PositiveBigIntegerField(_("element"))
    #: The JSON sent, written at the first attempt.
    body = models.TextField(_("content"), blank=True)
    status = models.PositiveSmallIntegerField(_("status"), choices=Status.choices, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    #: When it is to be tried (again); while it is tried, when the attempt counts as lost.
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    #: The last HTTP status answered.
    response_status = models.PositiveSmallIntegerField(_("answer"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=500, blank=True)

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["-id"]
        verbose_name = _("webhook message")
        verbose_name_plural = _("webhook messages")
        constraints = [models.UniqueConstraint(fields=["team", "message"], name="delivery_message")]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(status=1, deleted_at=None), name="delivery_due"
            ),
            models.Index(fields=["team", "subscription", "topic", "object_id"], name="delivery_object"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.object_id}"
