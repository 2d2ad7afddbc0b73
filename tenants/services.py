"""What can happen to teams, users, memberships and keys."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from erp.core.scope import team_scope, unscoped
from tenants.models import ApiKey, Team, TeamUser, User

__all__ = ["active_member", "create_api_key", "create_team", "sandbox_member"]


@transaction.atomic
def create_team(name: str, owner_email: str, password: str | None = None, **values: Any) -> Team:
    """A new team with its seeded lists; the owner's user is made when the e-mail is new."""
    from erp.various.services import seed_lists

    user = User.objects.filter(email__iexact=owner_email).first()
    if user is None:
        user = User.objects.create_user(owner_email, password)
    team = Team.objects.create(company_name=name, **values)
    with team_scope(team):
        TeamUser.objects.create(user=user, is_owner=True, roles=["manager"])
        seed_lists()
    return team


def create_api_key(member: TeamUser, name: str = "") -> str:
    """A new key for a team user; returns the secret, which is shown only now."""
    return ApiKey.make(member, name)[1]


def active_member(user: User, team_id: int | None) -> TeamUser | None:
    """The membership that a signed-in user works as: of the chosen team, else of the first one."""
    with unscoped("the session tells the team"):
        members = TeamUser.objects.select_related("team", "user").filter(user=user, active=True).order_by("pk")
        return members.filter(team_id=team_id).first() or members.filter(team__sandbox_of=None).first()


@transaction.atomic
def sandbox_member(member: TeamUser) -> TeamUser:
    """The same person in the team's sandbox, which is made on first use. Called in the team's scope."""
    raise NotImplementedError
