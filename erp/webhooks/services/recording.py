"""What happened becomes messages, in the transaction in which it happened: none is lost, none is made up."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from erp.core.scope import current_team
from erp.webhooks.models import Delivery, Subscription
from erp.webhooks.services.topics import name_of

__all__ = ["enqueue", "record", "tell"]

Status = Delivery.Status


def record(row: Any, verb: str) -> list[Delivery]:
    """Messages about a row to every address that chose the topic."""
    if not current_team().has_webhooks or (name := name_of(row)) is None:
        return []
    return tell(name, verb, row.pk)


def tell(name: str, verb: str, object_id: int) -> list[Delivery]:
    """Messages about the element of a kind to every address that chose the topic."""
    topic = f"{name}.{verb}"
    listening = [item for item in Subscription.objects.filter(active=True) if item.wants(topic)]
    return [
        enqueue(item, topic, object_id)
        for item in listening
        if not _is_told_already(item, name, verb, object_id)
    ]


def _is_told_already(subscription: Subscription, name: str, verb: str, object_id: int) -> bool:
    """Whether a message that waits will show this too: it is written when it is first sent.

    It is locked, so that a worker writes it before (and another is made) or once this is committed.
    """
    if verb != "updated":
        return False
    topics = [f"{name}.created", f"{name}.updated"]
    waiting = subscription.deliveries.filter(status=Status.WAITING, attempts=0, body="")
    same = waiting.filter(topic__in=topics, object_id=object_id).order_by("pk")
    return same.select_for_update().first() is not None


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
