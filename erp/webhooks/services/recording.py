"""What happened becomes messages, in the transaction in which it happened: none is lost, none is made up."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from erp.core.scope import current_team
from erp.webhooks.models import Delivery, Subscription
from erp.webhooks.services.topics import name_of

__all__ = ["enqueue", "record"]

Status = Delivery.Status


def record(row: Any, verb: str, name: str | None = None) -> list[Delivery]:
    """Messages to every address that chose this topic; `name` of the element, if not that of its kind."""
    if not current_team().has_webhooks or (name := name or name_of(row)) is None:
        return []
    topic = f"{name}.{verb}"
    listening = [item for item in Subscription.objects.filter(active=True) if item.wants(topic)]
    return [enqueue(item, topic, row.pk) for item in listening if not _is_told_already(item, name, verb, row)]


def _is_told_already(subscription: Subscription, name: str, verb: str, row: Any) -> bool:
    """Whether a message that waits will show this too: it is written when it is first sent."""
    if verb != "updated":
        return False
    topics = [f"{name}.created", f"{name}.updated"]
    waiting = subscription.deliveries.filter(status=Status.WAITING, attempts=0, body="")
    return waiting.filter(topic__in=topics, object_id=row.pk).exists()


def enqueue(subscription: Subscription, topic: str, object_id: int) -> Delivery:
    """A message, sent once this transaction commits; from a sandbox nothing is sent."""
    from erp.webhooks.tasks import enqueue_delivery

    status = Status.SKIPPED if current_team().is_sandbox else Status.WAITING
    delivery = Delivery.objects.create(
        subscription=subscription,
        topic=topic,
        object_id=object_id,
        status=status,
        next_attempt_at=timezone.now() if status == Status.WAITING else None,
    )
    if status == Status.WAITING:
        enqueue_delivery(delivery)
    return delivery
