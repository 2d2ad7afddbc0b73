"""manage.py create_team NAME --owner EMAIL [--password PASSWORD]"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from erp.core.errors import BusinessError
from erp.core.scope import team_scope
from tenants import services
from tenants.models import Team, TeamUser, User


class Command(BaseCommand):
    """Makes a team with its lists and its owner; the last word printed is its id."""

    help = "Make a team with its owner. The last word printed is the team's id."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the company's name")
        parser.add_argument("--owner", required=True, metavar="EMAIL", help="who owns the team")
        parser.add_argument(
            "--password", help="the owner's password; without it they choose one by a mailed link"
        )

    def handle(self, *args: Any, name: str, owner: str, password: str | None, **options: Any) -> None:
        try:
            team, link = self._create(name, owner, password)
        except BusinessError as error:
            raise CommandError(error.message) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        if link:
            self.stdout.write(f"{owner} receives a link to choose a password within 7 days: {link}")
        self.stdout.write(f"Made the team {team}: {team.pk}")

    @transaction.atomic
    def _create(self, name: str, owner: str, password: str | None) -> tuple[Team, str]:
        """The team, and the link by which its owner chooses a password ("" when they have one)."""
        known = User.objects.filter(email__iexact=owner).first()
        if password and known and not known.check_password(password):
            raise CommandError(
                f"{owner} already has an account, with another password: leave --password out."
            )
        if password and not known:
            validate_password(password, User(email=owner))
        team = services.create_team(name, owner, password)
        with team_scope(team):
            member = TeamUser.objects.select_related("user").get(is_owner=True)
            return team, "" if member.user.has_usable_password() else services.send_invitation(member)
