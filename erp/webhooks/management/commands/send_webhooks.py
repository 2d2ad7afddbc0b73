"""`manage.py send_webhooks`: send the messages that are due."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from tqdm import tqdm

from erp.core.scope import team_scope
from erp.webhooks.services import due, send
from tenants.models import Team


class Command(BaseCommand):
    """Safe to run every minute, twice, and beside workers: each message is claimed before it is sent."""

    help = "Send the webhook messages that are due: first attempts that were lost, and later attempts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--team", type=int, help="only this team")

    def handle(self, *args: Any, team: int | None = None, **options: Any) -> None:
        teams = Team.objects.filter(sandbox_of=None, **({"pk": team} if team else {}))
        now = timezone.now()
        work: list[tuple[Team, int]] = []
        for row in teams:
            with team_scope(row):
                work.extend((row, key) for key in due(now))
        done = [send(row, key) for row, key in tqdm(work, desc="messages", file=self.stderr, disable=None)]
        sent = sum(item is not None and item.status == item.Status.SENT for item in done)
        self.stdout.write(f"{sent} of {len(work)} messages were sent.")
