"""Senders: whose address mails leave from, by which server, and the proof that it is theirs."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Case, IntegerField, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.communication.choices import Security, SenderType
from erp.communication.models import Sender, SenderValidation
from erp.communication.services.content import clean_mail_html, header_text
from erp.communication.smtp import PORTS, Server
from erp.core import outbound
from erp.core import services as core
from erp.core.access import visible
from erp.core.encryption import decrypt, encrypt
from erp.core.errors import Conflict, Invalid
from erp.core.scope import current_actor, current_team, team_scope
from tenants.models import Team, TeamUser
from tenants.services.links import close_links, dead_link, find_link, open_links

__all__ = [
    "ask_validation",
    "confirm_sender",
    "create_sender",
    "default_sender",
    "delete_sender",
    "may_edit",
    "sender_to_validate",
    "server_of",
    "update_sender",
    "why_no_link",
]

#: What the link proves; a change of any of these asks for a new one.
PROVEN = ("address", "type", "smtp_server", "smtp_port", "smtp_security", "smtp_login")
#: The password was given for these: changed, it must be given again, lest it be sent to somebody else.
GUARDED = ("smtp_server", "smtp_port", "smtp_security", "smtp_login")
#: Attributes of the wire's `smtp` and their columns.
SMTP = {
    "server": "smtp_server",
    "port": "smtp_port",
    "security": "smtp_security",
    "authentification": "smtp_authentication",
    "login": "smtp_login",
}
HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,252}[a-z0-9])?\.?|\[?[0-9a-f:.]+\]?", re.IGNORECASE)

#: A link is mailed again after this time at the earliest, and at most so many in an hour for a team.
LINK_PAUSE = datetime.timedelta(minutes=1)
LINKS_PER_HOUR = 30


# --- Writing --------------------------------------------------------------------------------------


@transaction.atomic
def create_sender(values: Mapping[str, Any]) -> Sender:
    """A new sender of the actor (of the team's owner when the system asks), and a link to its address.

    `values`: the model's attributes, and `smtp` as the reference's body has it. Raises Invalid (422).
    """
    owner = current_actor() or TeamUser.objects.filter(is_owner=True).order_by("pk")[0]
    return _save(Sender(team_user=owner, name=owner.user.fullname or owner.user.email), dict(values))


@transaction.atomic
def update_sender(row: Sender, values: Mapping[str, Any]) -> Sender:
    """Change a sender; another address or server has to be validated again.

    Raises Invalid (422), PermissionDenied (403) when it is somebody else's (see `may_edit`).
    """
    _refuse_others(row)
    return _save(row, dict(values))


@transaction.atomic
def delete_sender(row: Sender) -> None:
    """Delete a sender; mails that still wait to leave by it are not sent. Raises PermissionDenied (403)."""
    _refuse_others(row)
    close_links(SenderValidation, sender=row)
    core.delete(row)


def may_edit(row: Sender, actor: TeamUser | None) -> bool:
    """Whether a team user may change a sender that they see: its owner, and who may change the settings."""
    return actor is None or row.team_user_id == actor.pk or actor.level("app-configuration") >= 1


def _refuse_others(row: Sender) -> None:
    if not may_edit(row, current_actor()):
        raise PermissionDenied(_("This sender is somebody else's."))


def _save(row: Sender, values: dict[str, Any]) -> Sender:
    before = {name: getattr(row, name) for name in PROVEN} if row.pk else {}
    smtp = values.pop("smtp", None)
    for name, value in values.items():
        setattr(row, name, value)
    row.name = header_text(row.name) or row.team_user.user.fullname or row.address
    row.signature = clean_mail_html(row.signature)
    _set_server(row, smtp, before)
    _keep_one_default(row)
    core.validated(row)
    is_other = any(getattr(row, name) != before.get(name) for name in PROVEN)
    if is_other:
        row.validated_at, row.last_error = (timezone.now() if _is_known(row) else None), ""
    row.save()
    if is_other:
        close_links(SenderValidation, sender=row)
        if not row.is_validated:
            _mail_link(row)
    return row


def _is_known(row: Sender) -> bool:
    """Whether nothing has to be proven: one's own sign-in address, or a sandbox, which nothing leaves."""
    is_own = row.type == SenderType.DEFAULT and row.address.lower() == row.team_user.user.email.lower()
    return is_own or current_team().is_sandbox


def _keep_one_default(row: Sender) -> None:
    """Of each person's senders at most one is selected by default."""
    if row.use_default:
        TeamUser.objects.select_for_update(of=("self",)).get(pk=row.team_user_id)
        others = Sender.objects.filter(team_user_id=row.team_user_id, use_default=True).exclude(pk=row.pk)
        others.update(use_default=False)


# --- The server -----------------------------------------------------------------------------------


def _set_server(row: Sender, smtp: Mapping[str, Any] | None, before: Mapping[str, Any]) -> None:
    """Apply the wire's `smtp`. Raises Invalid, at `type` or below `smtp`."""
    if row.type not in (SenderType.DEFAULT, SenderType.SMTP):
        raise Invalid({"type": _("Not available here: give default or smtp.")})
    if row.type == SenderType.DEFAULT:
        if smtp:
            raise Invalid({"smtp": _("Only senders of type smtp have a server of their own.")})
        _forget_server(row)
        return
    given = dict(smtp or {})
    password = given.pop("password", None)
    for name, column in SMTP.items():
        if name in given:
            setattr(row, column, given[name])
    if errors := _server_errors(row, given if not before or before["type"] != SenderType.SMTP else None):
        raise Invalid(errors)
    _set_password(row, password, before)


def _forget_server(row: Sender) -> None:
    row.smtp_server, row.smtp_port, row.smtp_security = "", None, Security.TLS
    row.smtp_authentication, row.smtp_login, row.smtp_password = False, "", ""


def _server_errors(row: Sender, needed: Mapping[str, Any] | None) -> dict[str, str]:
    """What is wrong with a server; `needed`: what was given of a new one, of which nothing may lack."""
    errors = {
        f"smtp.{name}": _("This field is required.")
        for name in ("server", "port", "security", "authentification")
        if needed is not None and name not in needed
    }
    row.smtp_server = row.smtp_server.strip()
    if not row.smtp_server or row.smtp_port is None:
        errors.setdefault("smtp.server" if not row.smtp_server else "smtp.port", _("This field is required."))
    elif not HOST.fullmatch(row.smtp_server):
        errors["smtp.server"] = _("Give the name of a server, such as smtp.example.com.")
    elif not settings.SMTP_PRIVATE_HOSTS and outbound.refused_literal(row.smtp_server):
        errors["smtp.server"] = _("Give a server of the public internet.")
    elif not settings.SMTP_PRIVATE_HOSTS and row.smtp_port not in PORTS:
        names = ", ".join(map(str, PORTS))
        errors["smtp.port"] = _("Give one of: %(names)s.") % {"names": names}
    if row.smtp_authentication and not row.smtp_login:
        errors["smtp.login"] = _("This field is required.")
    return errors


def _set_password(row: Sender, password: str | None, before: Mapping[str, Any]) -> None:
    if not row.smtp_authentication:
        row.smtp_login = row.smtp_password = ""
        return
    if password:
        row.smtp_password = encrypt(password)
    elif not row.smtp_password:
        raise Invalid({"smtp.password": _("This field is required.")})
    elif any(getattr(row, name) != before.get(name) for name in GUARDED):
        raise Invalid({"smtp.password": _("The server changes: give the password again.")})


def server_of(row: Sender) -> Server:
    """The server of an smtp sender, with its password. Raises encryption.Undecipherable."""
    login, password = (row.smtp_login, decrypt(row.smtp_password)) if row.smtp_authentication else ("", "")
    return Server(row.smtp_server.strip("[]"), row.smtp_port or 0, row.smtp_security, login, password)


# --- Validation -----------------------------------------------------------------------------------


@transaction.atomic
def ask_validation(row: Sender) -> Sender:
    """Mail the link again. Raises Conflict (409) when that is done, or too often; PermissionDenied (403)."""
    _refuse_others(row)
    if row.is_validated:
        raise Conflict(_("This sender is validated already."))
    last = open_links(SenderValidation, sender=row).first()
    if last is not None and timezone.now() - last.created_at < LINK_PAUSE:
        raise Conflict(_("The link was mailed a moment ago: wait a minute before asking again."))
    _mail_link(row)
    return row


def _mail_link(row: Sender) -> None:
    """Have a link mailed once the transaction commits. Raises Conflict when the team had too many."""
    from erp.communication.tasks import enqueue_validation

    if refusal := why_no_link(row.team):
        raise Conflict(refusal)
    enqueue_validation(row)


def why_no_link(team: Team) -> str | None:
    """Why no other link is mailed for a team now; None when one may be."""
    an_hour_ago = timezone.now() - datetime.timedelta(hours=1)
    if SenderValidation.objects.filter(team=team, created_at__gt=an_hour_ago).count() < LINKS_PER_HOUR:
        return None
    return _("Too many links were mailed in the last hour: try again later.")


def sender_to_validate(token: str) -> Sender:
    """The sender that a link is about. Raises Conflict when it does not work (any more)."""
    return _sender_of(find_link(SenderValidation, token))


@transaction.atomic
def confirm_sender(token: str) -> Sender:
    """Validate a sender by a mailed link, once. Raises Conflict when the link does not work."""
    link = find_link(SenderValidation, token, lock=True)
    sender = _sender_of(link)
    with team_scope(link.team):
        sender.validated_at = timezone.now()
        sender.save(update_fields=["validated_at", "updated_at"])
    link.used_at = timezone.now()
    link.save(update_fields=["used_at"])
    close_links(SenderValidation, sender_id=sender.pk)
    return sender


def _sender_of(link: SenderValidation) -> Sender:
    with team_scope(link.team):
        sender = Sender.objects.select_related("team_user__user").filter(pk=link.sender_id).first()
    if sender is None:
        raise dead_link()
    return sender


# --- Choosing -------------------------------------------------------------------------------------


def default_sender() -> Sender | None:
    """The sender of who does not name one: their own (selected by default first), else a shared one."""
    actor = current_actor()
    own = Case(
        When(team_user=actor.pk if actor else None, then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    usable = visible(Sender).exclude(validated_at=None)
    found: Sender | None = usable.order_by(own, "-use_default", "pk").first()
    return found
