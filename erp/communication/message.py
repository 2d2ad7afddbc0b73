"""A mail as the message that leaves (RFC 5322): head, plain text, HTML, attachments."""

from __future__ import annotations

import datetime
import mimetypes
from collections.abc import Iterable
from email.utils import format_datetime, formataddr, make_msgid, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.encoding import punycode

from erp.communication.choices import Field, SenderType
from erp.communication.models import Mail, Sender
from erp.communication.services.content import header_text
from erp.communication.smtp import own_name
from erp.communication.tracking import tracked
from erp.core.files import file_content
from erp.core.models import File

__all__ = ["build", "head_of", "mailbox", "new_message_id", "plain_address"]


def new_message_id() -> str:
    """An identifier for a mail, kept through every try."""
    return make_msgid(domain=own_name())


def plain_address(address: str) -> str:
    """An address as servers read it: without a name, its domain in ASCII (müller.example: xn--mller-…)."""
    local, _at, domain = parseaddr(address)[1].rpartition("@")
    return f"{local}@{punycode(domain)}"


def mailbox(name: str, address: str) -> str:
    """A name and an address, as a mail's head says them."""
    return formataddr((header_text(name), plain_address(address)))


def head_of(sender: Sender | None, name: str, address: str) -> dict[str, str]:
    """The headers that say whom a mail is from.

    The installation's server may not speak for any domain: mails of senders elsewhere come from its own
    address, with theirs in Reply-To, or SPF and DMARC would have them thrown away.
    """
    own = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    if sender is None or sender.type != SenderType.DEFAULT or _domain(address) == _domain(own):
        return {"From": mailbox(name, address)}
    return {"From": mailbox(name, own), "Reply-To": mailbox(name, address)}


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def build(mail: Mail, date: datetime.datetime, files: Iterable[File]) -> EmailMultiAlternatives:
    """The message of a mail. Its blind copies are in the envelope only (`message.recipients()`)."""
    head = head_of(mail.sender, mail.from_name, mail.from_address)
    lines: dict[str, list[str]] = {field: [] for field in Field.values}
    for recipient in mail.recipients.all():
        lines[recipient.field].append(mailbox(recipient.name, recipient.email))
    headers = {"Date": format_datetime(date), "Message-ID": mail.message_id}
    message = EmailMultiAlternatives(
        subject=header_text(mail.subject),
        body=mail.text,
        from_email=head["From"],
        to=lines[Field.TO],
        cc=lines[Field.CC],
        bcc=lines[Field.CCI],
        reply_to=[head["Reply-To"]] if "Reply-To" in head else None,
        headers=headers,
    )
    if not message.to:
        headers["To"] = "undisclosed-recipients:;" if not message.cc else message.cc[0]
    if mail.html:
        message.attach_alternative(tracked(mail), "text/html")
    for file in files:
        kind = mimetypes.guess_type(file.filename)[0] or "application/octet-stream"
        message.attach(header_text(file.filename), file_content(file), kind)
    return message
