"""Background work of the chapter: sending mails, and the links that validate senders."""

from __future__ import annotations

import datetime

from django.db import transaction
from django.utils import timezone
from django_tasks import default_task_backend, task

from erp.communication.models import Mail, Sender

__all__ = ["deliver_mail", "enqueue_delivery", "enqueue_validation", "mail_validation"]


@task()
def deliver_mail(team_id: int, mail_id: int) -> None:
    """Send a mail, unless it was sent, is being sent or has to wait; safe to run twice."""
    from erp.communication.services import delivery
    from tenants.models import Team

    delivery.deliver(Team.objects.get(pk=team_id), mail_id)


@task()
def mail_validation(team_id: int, sender_id: int) -> None:
    """Mail a link to a sender's address, unless it was validated meanwhile."""
    from erp.communication.services import delivery
    from tenants.models import Team

    delivery.mail_validation(Team.objects.get(pk=team_id), sender_id)


def enqueue_delivery(mail: Mail) -> None:
    """Have a mail sent once this transaction commits, at its time.

    The backend `immediate` cannot wait: there, `manage.py send_mails` sends what is due later.
    """
    arguments, at = (mail.team_id, mail.pk), mail.next_attempt_at
    transaction.on_commit(lambda: _enqueue_delivery(arguments, at), robust=True)


def _enqueue_delivery(arguments: tuple[int, int], at: datetime.datetime | None) -> None:
    if at is None or at <= timezone.now():
        deliver_mail.enqueue(*arguments)
    elif default_task_backend.supports_defer:
        deliver_mail.using(run_after=at).enqueue(*arguments)


def enqueue_validation(sender: Sender) -> None:
    """Have the link mailed once this transaction commits."""
    arguments = (sender.team_id, sender.pk)
    transaction.on_commit(lambda: mail_validation.enqueue(*arguments), robust=True)
