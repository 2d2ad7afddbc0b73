"""Members of a team: invited by mail, given roles and permissions, never left without an active owner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.core import services as core
from erp.core.errors import Conflict, Invalid
from erp.core.scope import current_actor, current_team
from tenants.models import ApiKey, Invitation, Team, TeamUser
from tenants.permissions import PERMISSIONS
from tenants.services.links import close_links, make_link
from tenants.services.mails import send_mail
from tenants.services.sandbox import follow
from tenants.services.teams import user_of

__all__ = [
    "ROLES",
    "delete_member",
    "invite",
    "is_invited",
    "resend_invitation",
    "send_invitation",
    "update_member",
    "update_own_settings",
]

#: Keys whose lower levels show only what belongs to oneself and to the people whom one manages.
NARROWING = ("customer-limitation", "sales-limitation", "task-access")
ROLES = ("commercial", "manager", "technical")


@transaction.atomic
def invite(email: str, values: Mapping[str, Any]) -> TeamUser:
    """Ask a person to join the team in scope; they become active when they accept by the mailed link.

    `values`: those of `update_member`. Permissions that are not given are the highest that the inviter has.
    Raises Invalid (422) when the person is a member already or a permission is above the inviter's.
    """
    _lock_team()
    user = user_of(email)
    if TeamUser.objects.filter(user=user).exists():
        raise Invalid({"email": _("This person is already a user of the team.")}, code="unique")
    member = TeamUser(user=user, active=False, is_pending=True, permissions=_inviters_limits())
    _change(member, values)
    send_invitation(member)
    return member


def send_invitation(member: TeamUser) -> str:
    """Mail a new link to a member, which replaces earlier ones; returns its address."""
    close_links(Invitation, team_user=member)
    address = make_link(Invitation, team_user=member)
    inviter, to = current_actor(), member.user
    reader = to if to.language or inviter is None else inviter.user  # colleagues mostly speak the same
    send_mail(current_team(), "invitation", to.email, reader=reader, address=address, inviter=inviter)
    return address


@transaction.atomic
def resend_invitation(member: TeamUser) -> TeamUser:
    """Mail a new link. Raises Conflict (409) when the member does not need one."""
    _check_authority(member)
    if member.active and member.user.has_usable_password():
        raise Conflict(_("This person has already joined the team."), code="joined")
    send_invitation(member)
    return member


def is_invited(member: TeamUser) -> bool:
    """Whether the member has not accepted an invitation yet."""
    invitations = Invitation.objects.filter(team_user=member)
    return invitations.exists() and not invitations.exclude(used_at=None).exists()


@transaction.atomic
def update_member(member: TeamUser, values: Mapping[str, Any]) -> TeamUser:
    """Change a member.

    `values`: `configs` and `permissions` (of which only the given names change), `roles`, `team_users`
    (the people they manage), `active`, `is_owner`.
    Raises Invalid (422), Conflict (409) or PermissionDenied (403: an owner is changed by owners only).
    """
    _lock_team()
    _check_authority(member)
    return _change(member, values)


@transaction.atomic
def update_own_settings(values: Mapping[str, Any]) -> TeamUser:
    """Change the actor's own settings (cleaned, by name), of which only the given ones change.

    Anybody may: settings say how one works, not what one may do. Raises Invalid (422).
    """
    actor = current_actor()
    if actor is None:
        raise PermissionDenied(_("These are the settings of a person."))
    member = TeamUser.objects.select_for_update(of=("self",)).get(pk=actor.pk)
    saved: TeamUser = core.save(member, {"configs": {**member.configs, **values}})
    return saved


@transaction.atomic
def delete_member(member: TeamUser) -> None:
    """Take a member and their keys out of the team. Raises Conflict (409) for oneself and the last owner."""
    _lock_team()
    _check_authority(member)
    _check_leaving(member, _("You cannot delete yourself: ask another user to do it."))
    close_links(Invitation, team_user=member)
    ApiKey.objects.filter(team_user=member, revoked_at=None).update(revoked_at=timezone.now())
    member.delete()
    follow(member)


# --- Rules ------------------------------------------------------------------------------------------


def _lock_team() -> None:
    """Changes of a team's members take turns, so that two of them cannot remove the last two owners."""
    Team.objects.select_for_update(of=("self",)).get(pk=current_team().pk)


def _check_authority(member: TeamUser) -> None:
    actor = current_actor()
    if member.is_owner and actor is not None and not actor.is_owner:
        raise PermissionDenied(_("Only an owner can change an owner."))


def _change(member: TeamUser, values: Mapping[str, Any]) -> TeamUser:
    changes = dict(values)
    if "configs" in changes:
        changes["configs"] = {**member.configs, **changes["configs"]}
    if "permissions" in changes:
        changes["permissions"] = {**member.permissions, **_allowed(member, changes["permissions"])}
    if "roles" in changes:
        changes["roles"] = _known_roles(changes["roles"])
    if "team_users" in changes:
        _check_people(member, changes["team_users"])
    if changes.get("active", member.active) != member.active:
        _check_activity(member, changes["active"])
    if changes.get("is_owner", member.is_owner) != member.is_owner:
        _check_ownership(member, changes["is_owner"])
    saved: TeamUser = core.save(member, changes)
    follow(saved)
    return saved


def _known_roles(roles: list[str]) -> list[str]:
    if unknown := [role for role in roles if role not in ROLES]:
        text = _("Unknown role %(role)s. Allowed: %(names)s.")
        raise Invalid({"roles": text % {"role": unknown[0], "names": ", ".join(ROLES)}})
    return list(dict.fromkeys(roles))


def _allowed(member: TeamUser, wanted: Mapping[str, int]) -> dict[str, int]:
    """The levels, if the actor may give all of them. Raises Invalid with a reason by key."""
    reasons = {key: reason for key, level in wanted.items() if (reason := _why_refused(member, key, level))}
    if reasons:
        raise Invalid({f"permissions.{key}": reason for key, reason in reasons.items()})
    return dict(wanted)


def _why_refused(member: TeamUser, key: str, level: int) -> str | None:
    permission, actor = PERMISSIONS.get(key), current_actor()
    if permission is None:
        return _("Unknown permission.")
    values = [value for value, _label in permission.levels]
    if level not in values:
        return _("Give one of: %(names)s.") % {"names": ", ".join(map(str, values))}
    if level == member.level(key):
        return None
    if member.is_owner:
        return _("An owner has every permission.")
    if actor is not None and level > max(actor.level(key), member.level(key)):
        return _("You cannot give more than your own level (%(level)s).") % {"level": actor.level(key)}
    return None


def _check_people(member: TeamUser, people: Iterable[TeamUser]) -> None:
    """Whoever manages people sees what is theirs: nobody opens that way what they may not see themselves."""
    actor = current_actor()
    if actor is None or all(actor.level(key) == PERMISSIONS[key].highest for key in NARROWING):
        return
    known = {actor.pk, *actor.team_users.values_list("pk", flat=True)}
    if member.pk:
        known.update(member.team_users.values_list("pk", flat=True))
    if refused := [person for person in people if person.pk not in known]:
        text = _("You can only name people whom you manage yourself; you do not manage %(names)s.")
        raise Invalid({"team_users": text % {"names": ", ".join(map(str, refused))}})


def _inviters_limits() -> dict[str, int]:
    """The levels of the inviter where they are lower than those of a member of whom nothing is said."""
    actor = current_actor()
    if actor is None:
        return {}
    levels = {key: actor.level(key) for key in PERMISSIONS}
    return {key: level for key, level in levels.items() if level < PERMISSIONS[key].highest}


def _check_activity(member: TeamUser, active: bool) -> None:
    if active and is_invited(member):
        text = _("This person has not accepted the invitation yet. You can send it again.")
        raise Conflict({"active": text}, code="invited")
    if not active:
        _check_leaving(member, _("You cannot deactivate yourself: ask another user to do it."))
        close_links(Invitation, team_user=member)


def _check_ownership(member: TeamUser, is_owner: bool) -> None:
    actor = current_actor()
    if actor is not None and not actor.is_owner:
        raise PermissionDenied(_("Only an owner can change who owns the team."))
    if not is_owner:
        _check_owner_left(member)


def _check_leaving(member: TeamUser, text_for_oneself: str) -> None:
    actor = current_actor()
    if actor is not None and actor.pk == member.pk:
        raise Conflict(text_for_oneself, code="oneself")
    _check_owner_left(member)


def _check_owner_left(member: TeamUser) -> None:
    """Refuse to lose the last owner who can sign in."""
    others = TeamUser.objects.filter(is_owner=True, active=True).exclude(pk=member.pk)
    if member.is_owner and member.active and not others.exists():
        raise Conflict(_("A team keeps at least one active owner: make somebody else an owner first."))
