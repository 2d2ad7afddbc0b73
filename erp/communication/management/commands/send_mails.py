"""Send the mails whose time has come: those to be tried again, and those written for later."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from erp.communication.services import delivery
from erp.core.scope import team_scope
from tenants.models import Team


class Command(BaseCommand):
    help = (
        "Send the mails whose time has come: those to be tried again, and those written for later. Run it "
        "every minute when TASK_BACKEND is immediate, every quarter of an hour otherwise; several at once "
        "do no harm."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        sent = lost = 0
        for team in Team.objects.filter(sandbox_of=None).order_by("pk"):
            with team_scope(team):
                lost += delivery.recover()
                waiting = delivery.due()
            for mail_id in waiting:
                delivery.deliver(team, mail_id)
            sent += len(waiting)
        if options["verbosity"] and (sent or lost):
            self.stdout.write(f"{sent} tried, {lost} interrupted")
