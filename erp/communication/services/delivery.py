"""How a mail leaves: claimed, handed over, recorded.

Each of the three is on its own, so that no transaction is open while a server is waited for. A mail is
claimed by one worker at a time. A worker that dies between handing over and recording leaves a mail of which
nobody knows whether it left: it is shown as such (`recover`) and not sent again until somebody says so; its
Message-ID stays the same, by which servers recognise a second copy.
"""

from __future__ import annotations

import datetime
import logging
import smtplib
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.communication import message, smtp
from erp.communication.choices import SenderType, State
from erp.communication.models import Mail, Sender, SenderValidation
from erp.communication.services.documents import mark_sent
from erp.communication.services.senders import server_of, why_no_link
from erp.communication.smtp import DeliveryError
from erp.communication.tasks import enqueue_delivery
from erp.core.encryption import Undecipherable
from erp.core.scope import team_scope
from tenants.models import Team
from tenants.services.links import make_link
from tenants.services.mails import compose

__all__ = ["BACKOFF", "deliver", "due", "mail_validation", "recover"]

logger = logging.getLogger(__name__)

#: How long a mail waits after each failed try that may do better; then it is given up.
BACKOFF = tuple(datetime.timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
#: After this time, a mail still said to be leaving has lost its worker.
LOST_AFTER = datetime.timedelta(minutes=15)


# --- One mail ---------------------------------------------------------------------------------------


def deliver(team: Team, mail_id: int) -> None:
    """Send a mail that waits and whose time has come; whoever comes second does nothing."""
    with team_scope(team):
        mail = _claimed(mail_id)
    if mail is None:
        return
    try:
        with team_scope(team):
            sender = _usable(mail)
            files = list(mail.attachments.all())
            now = timezone.now()
            whole, head = message.build(mail, now, files), message.build(mail, now, ())
        refused = _hand_over(sender, whole)
    except DeliveryError as error:
        with team_scope(team):
            _record_failure(mail, error)
    except Exception:
        logger.exception("Mail %s could not be sent.", mail_id)
        with team_scope(team):
            _record_failure(mail, DeliveryError(_("The mail could not be made: the server's log says why.")))
    else:
        with team_scope(team):
            _record_sent(mail, head.message().as_string(), refused)


def _claimed(mail_id: int) -> Mail | None:
    """The mail, which from now on is this worker's; None when there is nothing to do."""
    now = timezone.now()
    waiting = Mail.objects.filter(pk=mail_id, state=State.WAITING, next_attempt_at__lte=now)
    if not waiting.update(state=State.SENDING, claimed_at=now, attempts=F("attempts") + 1):
        return None
    return Mail.objects.select_related("sender").prefetch_related("recipients").get(pk=mail_id)


def _usable(mail: Mail) -> Sender:
    """The mail's sender. Raises DeliveryError when it was deleted or changed since the mail was written."""
    sender = mail.sender
    if sender is None or sender.deleted_at is not None:
        raise DeliveryError(_("The sender was deleted."))
    if not sender.is_validated:
        raise DeliveryError(_("The sender has to be validated again."))
    return sender


# --- Handing over ---------------------------------------------------------------------------------


def _hand_over(sender: Sender, mail: EmailMultiAlternatives) -> dict[str, str]:
    """Give a message to the sender's server; returns refusals by address. Raises DeliveryError."""
    if sender.type == SenderType.DEFAULT:
        return _by_installation(mail)
    try:
        server = server_of(sender)
    except Undecipherable as error:
        text = _("The password of the server cannot be read any more: give it again.")
        raise DeliveryError(text, sender_fault=True) from error
    recipients = list(dict.fromkeys(message.plain_address(address) for address in mail.recipients()))
    with smtp.told():
        content = mail.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]
    return smtp.transmit(server, message.plain_address(sender.address), recipients, content)


def _by_installation(mail: EmailMultiAlternatives) -> dict[str, str]:
    """Through EMAIL_URL, whatever it is."""
    connection = get_connection(timeout=settings.EMAIL_TIMEOUT)
    with smtp.told():
        connection.open()
    try:
        with smtp.told():
            connection.send_messages([mail])
    except DeliveryError as error:
        if isinstance(error.__cause__, smtplib.SMTPServerDisconnected):
            text = _("The server left before saying whether it took the mail.")
            raise DeliveryError(text, uncertain=True) from error
        raise
    finally:
        with smtp.told():
            connection.close()
    return {}


# --- Recording --------------------------------------------------------------------------------------


@transaction.atomic
def _record_sent(mail: Mail, source: str, refused: dict[str, str]) -> None:
    error = ""
    if refused:
        whys = "; ".join(f"{address}: {why}" for address, why in refused.items())
        error = _("Some addresses were refused. %(whys)s") % {"whys": whys}
    values = {"state": State.SENT, "datetime": timezone.now(), "raw": source, "send_error": error}
    if _record(mail, **values):
        _note_sender(mail, "")
        mark_sent(mail)


@transaction.atomic
def _record_failure(mail: Mail, error: DeliveryError) -> None:
    """Wait for another try when it may do better, else give up."""
    text = str(error)
    if error.transient and mail.attempts <= len(BACKOFF):
        at = timezone.now() + BACKOFF[mail.attempts - 1]
        if _record(mail, state=State.WAITING, next_attempt_at=at, send_error=text):
            mail.next_attempt_at = at
            enqueue_delivery(mail)
    else:
        if error.uncertain:
            text = f"{text} {maybe_sent()}"
        _record(mail, state=State.FAILED, send_error=text)
    if error.sender_fault:
        _note_sender(mail, text)


def maybe_sent() -> str:
    """What to tell of a mail that may have left."""
    return _("It may have been sent: ask the recipient before you send it again.")


def _record(mail: Mail, **values: Any) -> bool:
    """Write how a try ended, unless the mail was taken up anew meanwhile."""
    values = {"next_attempt_at": None, **values}
    if values["state"] == State.WAITING:
        values["claimed_at"] = None
    return bool(Mail.objects.filter(pk=mail.pk, claimed_at=mail.claimed_at).update(**values))


def _note_sender(mail: Mail, error: str) -> None:
    Sender.objects.filter(~Q(last_error=error), pk=mail.sender_id).update(last_error=error)


# --- Mails of a team ------------------------------------------------------------------------------


def due(now: datetime.datetime | None = None) -> list[int]:
    """Mails of the current team that wait and whose time has come, oldest first."""
    waiting = Mail.objects.filter(state=State.WAITING, next_attempt_at__lte=now or timezone.now())
    return list(waiting.order_by("next_attempt_at", "pk").values_list("pk", flat=True))


def recover() -> int:
    """Mails of the current team whose worker was lost: nobody knows whether they left. Returns how many."""
    lost = max(LOST_AFTER, datetime.timedelta(seconds=settings.SMTP_TIMEOUT * smtp.WHOLE * 2))
    stale = Mail.objects.filter(state=State.SENDING, claimed_at__lt=timezone.now() - lost)
    text = " ".join((_("The product stopped while the mail was leaving."), maybe_sent()))
    return int(stale.update(state=State.FAILED, send_error=text))


# --- Validation of senders ------------------------------------------------------------------------


def mail_validation(team: Team, sender_id: int) -> None:
    """Mail the link by the sender's own server, which is thereby tried; a failure is noted on the sender."""
    with team_scope(team):
        sender = Sender.objects.select_related("team_user__user").filter(pk=sender_id).first()
        if sender is None or sender.is_validated:
            return
        if refusal := why_no_link(team):  # many may have been asked for at once
            Sender.objects.filter(pk=sender_id).update(last_error=refusal)
            return
        address = make_link(SenderValidation, team=team, sender=sender)
        told = {"reader": sender.team_user.user, "address": address, "sender": sender}
        mail = compose(team, "sender_validation", sender.address, **told)
        if sender.type == SenderType.SMTP:
            mail.from_email = message.head_of(sender, sender.name, sender.address)["From"]
    error = ""
    try:
        _hand_over(sender, mail)
    except DeliveryError as failure:
        error = str(failure)
    with team_scope(team):
        Sender.objects.filter(pk=sender_id).update(last_error=error)
