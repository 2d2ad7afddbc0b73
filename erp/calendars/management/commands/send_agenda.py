"""manage.py send_agenda [--team ID] [--now ISO]"""

from __future__ import annotations

import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from tqdm import tqdm

from erp.calendars.reminders import send_agenda
from erp.core.scope import unscoped
from tenants.models import Team


class Command(BaseCommand):
    """To be run every hour; running it twice, or twice at once, sends each mail once."""

    help = "Mail team users their tasks and events, at the day and hour of their settings. Run it every hour."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--team", type=int, metavar="ID", help="only this team (default: all)")
        parser.add_argument("--now", metavar="ISO", help="another moment than now, as 2026-07-06T07:00:00Z")

    def handle(self, *args: Any, team: int | None = None, now: str | None = None, **options: Any) -> None:
        moment = self._moment(now) if now else timezone.now()
        with unscoped("an operator sends every team's mails"):
            wanted = {"sandbox_of": None} | ({} if team is None else {"pk": team})
            teams = list(Team.objects.filter(**wanted).order_by("pk"))
        if team is not None and not teams:
            raise CommandError(f"There is no team {team}.")
        sent = sum(
            send_agenda(each, moment) for each in tqdm(teams, desc="teams", file=self.stderr, disable=None)
        )
        self.stdout.write(f"Mails sent: {sent}")

    @staticmethod
    def _moment(text: str) -> datetime.datetime:
        try:
            moment = parse_datetime(text)
        except ValueError:
            moment = None
        if moment is None:
            raise CommandError("Give --now as 2026-07-06T07:00:00Z.")
        return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
