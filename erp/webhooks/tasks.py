"""Background work: sending messages."""

from __future__ import annotations

import datetime

from django.db import transaction
from django.utils import timezone
from django_tasks import default_task_backend, task

from erp.webhooks.models import Delivery

__all__ = ["enqueue_delivery", "send_delivery"]


@task()
def send_delivery(team_id: int, delivery_id: int) -> None:
    """Send a message, unless it was sent or has to wait; safe to run twice."""
    from erp.webhooks.services import send
    from tenants.models import Team

    send(Team.objects.get(pk=team_id), delivery_id)


def enqueue_delivery(delivery: Delivery) -> None:
    """Have a message sent once this transaction commits, at its time.

    The backend `immediate` cannot wait: there, `manage.py send_webhooks` sends what is due later.
    """
    arguments, at = (delivery.team_id, delivery.pk), delivery.next_attempt_at
    transaction.on_commit(lambda: _enqueue(arguments, at), robust=True)


def _enqueue(arguments: tuple[int, int], at: datetime.datetime | None) -> None:
    if at is None or at <= timezone.now():
        send_delivery.enqueue(*arguments)
    elif default_task_backend.supports_defer:
        send_delivery.using(run_after=at).enqueue(*arguments)
