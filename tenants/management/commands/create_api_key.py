"""manage.py create_api_key --team ID --user EMAIL [--name NAME]"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from erp.core.scope import team_scope
from tenants import services
from tenants.models import Team, TeamUser


class Command(BaseCommand):
    """Makes an API key; the last word printed is the key, which is shown only now."""

    help = "Make an API key for a user of a team. The last word printed is the key; it is not shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--team", required=True, type=int, metavar="ID", help="the team's id")
        parser.add_argument("--user", required=True, metavar="EMAIL", help="the user that the key works as")
        parser.add_argument("--name", default="", help="what the key is for")

    def handle(self, *args: Any, team: int, user: str, name: str, **options: Any) -> None:
        found = Team.objects.filter(pk=team).first()
        if found is None:
            raise CommandError(f"There is no team {team}.")
        if len(name) > 100:
            raise CommandError("Give a name of at most 100 characters.")
        with team_scope(found):
            member = TeamUser.objects.filter(user__email__iexact=user, active=True).first()
            if member is None:
                raise CommandError(f"{user} is not an active user of the team {found}.")
            self.stdout.write(services.create_api_key(member, name))
