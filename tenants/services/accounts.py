"""One's own account: names, password, e-mail address; and what the links of mails do."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from axes.utils import reset as reset_failures
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.core import services as core
from erp.core.errors import BusinessError, Conflict, Invalid
from erp.core.scope import current_team, team_scope, unscoped
from tenants.models import EmailChange, Invitation, PasswordReset, TeamUser, User
from tenants.services.links import close_links, dead_link, find_link, make_link, open_links
from tenants.services.mails import send_mail

__all__ = [
    "PASSWORD_PAUSE",
    "TooManyTries",
    "accept_invitation",
    "cancel_email_change",
    "confirm_email",
    "email_to_confirm",
    "invited_member",
    "mail_password_reset",
    "password_to_reset",
    "pending_email",
    "resend_email_link",
    "reset_password",
    "update_user",
]

#: Wrong passwords that one may send before waiting, and how long to wait, in seconds.
PASSWORD_TRIES, PASSWORD_PAUSE = 10, 15 * 60
#: Links to choose a new password that are mailed to one person within an hour.
RESETS_PER_HOUR = 3


class TooManyTries(BusinessError):
    """Too many wrong passwords: answered 429."""

    status = 429


# --- One's own data -----------------------------------------------------------------------------------


@transaction.atomic
def update_user(user: User, values: Mapping[str, Any]) -> User:
    """Change one's own account. The e-mail changes only once its new address is confirmed by a mailed link.

    `values`: attributes of User; `password` and `email`, empty when they stay, which need `current_password`.
    Raises Invalid (422), TooManyTries (429), Conflict (409) in the sandbox, where accounts are the real ones.
    """
    _refuse_in_sandbox()
    user = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    changes = dict(values)
    given, password, email = (changes.pop(name, "") for name in ("current_password", "password", "email"))
    email = "" if (email or "").lower() == user.email.lower() else email
    if password or email:
        check_current_password(user, given)
    if password:
        _set_password(user, password)
    core.save(user, changes)
    if email:
        _ask_for_email(user, email)
    return user


def _refuse_in_sandbox() -> None:
    if current_team().is_sandbox:
        raise Conflict(_("Your account is the same in the test mode: change it without the test mode."))


def check_current_password(user: User, given: str) -> None:
    """Make sure that it is really the user who asks. Raises Invalid, or TooManyTries after ten wrong ones."""
    if not given:
        raise Invalid(
            {"current_password": _("Give your current password to change your password or e-mail.")}
        )
    counter = f"password-tries:{user.pk}"
    cache.add(counter, 0, timeout=PASSWORD_PAUSE)
    if cache.incr(counter) > PASSWORD_TRIES:
        raise TooManyTries(_("Too many wrong passwords were sent: wait a quarter of an hour."))
    if not user.check_password(given):
        raise Invalid({"current_password": _("This is not your current password.")})
    cache.delete(counter)


def _set_password(user: User, password: str) -> None:
    """Give a new password; links that were asked for before work no longer.

    Whoever knew the former password may have asked for them. Raises Invalid with the rules that it breaks.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid({"password": error.messages}) from error
    user.set_password(password)
    close_links(EmailChange, user=user)
    close_links(PasswordReset, user=user)


# --- A forgotten password ---------------------------------------------------------------------------------


@transaction.atomic
def mail_password_reset(email: str) -> None:
    """Mail a link to choose a new password to whoever signs in with this address, if anybody does.

    Nothing tells the asker whether somebody does. Of one account no more than RESETS_PER_HOUR are mailed.
    """
    people = User.objects.select_for_update(of=("self",)).filter(email__iexact=email, is_active=True)
    if (user := people.first()) is None:
        return
    an_hour_ago = timezone.now() - datetime.timedelta(hours=1)
    if PasswordReset.objects.filter(user=user, created_at__gt=an_hour_ago).count() < RESETS_PER_HOUR:
        address = make_link(PasswordReset, user=user)
        send_mail(None, "password_reset", user.email, reader=user, address=address)


def password_to_reset(token: str) -> PasswordReset:
    """The link by which somebody chooses a new password. Raises Conflict when it does not work (any more)."""
    link: PasswordReset = find_link(PasswordReset, token)
    return link


@transaction.atomic
def reset_password(token: str, password: str) -> User:
    """Choose a new password by a mailed link: whoever was signed in by the former one is signed out.

    Raises Conflict when the link does not work, Invalid (422) with the rules that the password breaks.
    """
    link = find_link(PasswordReset, token, lock=True)
    user = User.objects.select_for_update(of=("self",)).get(pk=link.user_id)
    if not user.is_active:
        raise dead_link()
    _use(link)
    _set_password(user, password)
    user.save(update_fields=["password", "updated_at"])
    reset_failures(username=user.email)
    return user


# --- Changing one's e-mail address ----------------------------------------------------------------------


def pending_email(user: User) -> EmailChange | None:
    """The change of address that waits to be confirmed."""
    change: EmailChange | None = open_links(EmailChange, user=user).first()
    return change


def _ask_for_email(user: User, email: str) -> None:
    _check_free(user, email)
    close_links(EmailChange, user=user)
    address = make_link(EmailChange, user=user, email=email.lower())
    send_mail(current_team(), "email_change", email, reader=user, address=address, user=user)


def _check_free(user: User, email: str) -> None:
    if User.objects.filter(email__iexact=email).exclude(pk=user.pk).exists():
        raise Invalid({"email": _("This address cannot be used: another account has it.")}, code="unique")


@transaction.atomic
def resend_email_link(user: User) -> User:
    """Mail the link again, to the address that waits. Raises Conflict (409) when none waits."""
    _refuse_in_sandbox()
    _ask_for_email(user, _waiting(user).email)
    return user


@transaction.atomic
def cancel_email_change(user: User) -> User:
    """Keep the present address. Raises Conflict (409) when no other one waits."""
    _refuse_in_sandbox()
    _waiting(user)
    close_links(EmailChange, user=user)
    return user


def _waiting(user: User) -> EmailChange:
    change = pending_email(user)
    if change is None:
        raise Conflict(_("No change of e-mail address is waiting to be confirmed."))
    return change


def email_to_confirm(token: str) -> EmailChange:
    """What a link asks to confirm. Raises Conflict when it does not work (any more)."""
    change: EmailChange = find_link(EmailChange, token)
    return change


@transaction.atomic
def confirm_email(token: str) -> User:
    """Change the address by a mailed link; tells the old one. Raises Conflict when the link does not work."""
    change = find_link(EmailChange, token, lock=True)
    user = User.objects.select_for_update(of=("self",)).get(pk=change.user_id)
    if not user.is_active:
        raise dead_link()
    _check_free(user, change.email)
    old, user.email = user.email, change.email
    user.save(update_fields=["email", "updated_at"])
    _use(change)
    close_links(EmailChange, user=user)
    close_links(PasswordReset, user=user)  # they were mailed to the old address
    send_mail(None, "email_changed", old, reader=user, user=user)
    return user


def _use(link: Invitation | EmailChange | PasswordReset) -> None:
    link.used_at = timezone.now()
    link.save(update_fields=["used_at"])


# --- Invitations ----------------------------------------------------------------------------------------


def invited_member(token: str) -> TeamUser:
    """Who a link invites, with team and user. Raises Conflict when it does not work (any more)."""
    return _member(find_link(Invitation, token))


@transaction.atomic
def accept_invitation(token: str, values: Mapping[str, str]) -> TeamUser:
    """Join the team by a mailed link.

    `values`: `password`, `firstname` and `lastname`, taken only from people who have no password yet: a link
    never changes an account that works. Raises Conflict when the link does not work, Invalid on the password.
    """
    invitation = find_link(Invitation, token, lock=True)
    member = _member(invitation)
    with team_scope(member.team):
        user = User.objects.select_for_update(of=("self",)).get(pk=member.user_id)
        if not user.has_usable_password():
            _open_account(user, values)
        member.active, member.is_pending = True, False
        member.save(update_fields=["active", "is_pending", "updated_at"])
    _use(invitation)
    close_links(Invitation, team_user_id=member.pk)
    return member


def _member(invitation: Invitation) -> TeamUser:
    with unscoped("an invitation tells the team"):
        members = TeamUser.objects.select_related("team", "user").filter(pk=invitation.team_user_id)
        member: TeamUser | None = members.filter(user__is_active=True).first()
    if member is None:
        raise dead_link()
    return member


def _open_account(user: User, values: Mapping[str, str]) -> None:
    """The names and first password of a person who has just been invited."""
    user.firstname, user.lastname = values.get("firstname", ""), values.get("lastname", "")
    _set_password(user, values.get("password", ""))
    core.save(user, {})
