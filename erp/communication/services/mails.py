"""Writing mails: sending, recording those sent elsewhere, trying again, deleting."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.communication.choices import Field, SenderType, State
from erp.communication.message import new_message_id
from erp.communication.models import Mail, MailElement, MailModel, MailRecipient, Sender
from erp.communication.services import documents
from erp.communication.services.content import clean_mail_html, header_text, html_of_text, text_of_html
from erp.communication.services.library import stored_uploads
from erp.communication.services.placeholders import fill, subjects_of
from erp.communication.services.senders import default_sender
from erp.communication.tasks import enqueue_delivery
from erp.core import services as core
from erp.core.elements import Element
from erp.core.errors import Conflict, Invalid
from erp.core.models import File
from erp.core.scope import current_actor, current_team

__all__ = [
    "MAX_ATTACHED",
    "MAX_RECIPIENTS",
    "composed",
    "delete_mail",
    "insert_mail",
    "retry_mail",
    "send_mail",
]

#: Recipients of one mail: more is a mailing, which is another matter.
MAX_RECIPIENTS = 100
#: Bytes of all attachments together; mail servers refuse more.
MAX_ATTACHED = 25 * 1024 * 1024


# --- Sending ----------------------------------------------------------------------------------------


@transaction.atomic
def send_mail(values: Mapping[str, Any]) -> Mail:
    """Write a mail and have it sent once the transaction commits.

    `values`: `sender` (else the actor's own), `subject`, `html`, `text`, `to`, `cc`, `cci` (lists of
    {"email", "element"}), `elements` (list of Element), and beyond the reference: `model` (texts not given
    are its own; its files are attached), `attachments` (uploads), `library_files`, `attach_documents`
    (whether the PDFs of linked sales documents are attached, True by default), `date` (it does not leave
    before), `is_reminder`.
    Placeholders are replaced. In a sandbox the mail is kept and not sent. Raises Invalid (422).
    """
    wanted = dict(values)
    sender = wanted["sender"] = _sender(wanted.get("sender"))
    if not any(wanted.get(field) for field in Field.values):
        raise Invalid({"to": _("Give at least one recipient.")}, code="required")
    wanted |= composed(wanted)
    if sender.signature:
        wanted["html"] += f"<br><br>{sender.signature}"
        wanted["text"] += f"\n\n{text_of_html(sender.signature)}"
    files = _files(wanted)
    mail = _started(sender, wanted.get("date"))
    _write(mail, wanted, files)
    if mail.state == State.WAITING:
        enqueue_delivery(mail)
    return mail


def _started(sender: Sender, date: datetime.datetime | None) -> Mail:
    """A mail that will leave, at its date when it is given one; in a sandbox, one that will not."""
    if current_team().is_sandbox:
        text = _("Test mode: the mail was not sent, nothing leaves from here.")
        return Mail(sender=sender, state=State.HELD, send_error=text)
    now = timezone.now()
    return Mail(sender=sender, state=State.WAITING, next_attempt_at=max(date, now) if date else now)


def _sender(sender: Sender | None) -> Sender:
    """The sender given, or the usual one. Raises Invalid unless it can send."""
    found = sender or default_sender()
    if found is None:
        raise Invalid({"sender": _("Give a sender: you have none that is validated.")}, code="required")
    if found.deleted_at is not None:
        raise Invalid({"sender": _("This sender was deleted.")})
    if not found.is_validated or found.type not in (SenderType.DEFAULT, SenderType.SMTP):
        raise Invalid({"sender": _("This sender is not validated: open the link mailed to its address.")})
    return found


def composed(wanted: Mapping[str, Any]) -> dict[str, str]:
    """`subject`, `html` and `text` of a mail, from what is given and its model, placeholders replaced.

    Raises Invalid (422).
    """
    model: MailModel | None = wanted.get("model")
    texts = {name: wanted.get(name) or "" for name in ("subject", "html", "text")}
    if model is not None:
        texts["subject"] = texts["subject"] or model.subject
        if not (texts["html"] or texts["text"]):
            texts["html"], texts["text"] = model.html, model.text
    people = [recipient.get("element") for field in Field.values for recipient in wanted.get(field) or ()]
    sender: Sender | None = wanted.get("sender")
    user = current_actor() or (sender.team_user if sender else None)
    subjects = subjects_of(wanted.get("elements") or (), people, user)
    for name in texts:
        texts[name] = fill(texts[name], subjects, field=name, html=name == "html")
    return _clean_texts(texts)


def _clean_texts(texts: Mapping[str, str]) -> dict[str, str]:
    """Texts as they are kept: sanitised, the plain one made from the other when it is not given."""
    subject = header_text(texts["subject"])[:255]
    html = clean_mail_html(texts["html"] or html_of_text(texts["text"]))
    if not (subject or html.strip()):
        raise Invalid({"html": _("Give a subject or a message.")}, code="required")
    return {"subject": subject, "html": html, "text": texts["text"] or text_of_html(html)}


def _files(wanted: Mapping[str, Any]) -> list[File]:
    """Everything to attach, each file once. Raises Invalid when it is too much."""
    model: MailModel | None = wanted.get("model")
    files = stored_uploads(wanted.get("attachments") or [], "attachments")
    library = list(wanted.get("library_files") or ())
    if model is not None:
        files += model.attachments.all()
        library += model.library_files.select_related("file")
    files += [row.file for row in library]
    if wanted.get("attach_documents", True):
        files += documents.pdfs(wanted.get("elements") or ())
    files = list({file.pk: file for file in files}.values())
    if sum(file.size for file in files) > MAX_ATTACHED:
        megabytes = MAX_ATTACHED // (1024 * 1024)
        raise Invalid(
            {"attachments": _("All attachments together exceed %(size)s MB.") % {"size": megabytes}}
        )
    return files


# --- Recording what was sent elsewhere --------------------------------------------------------------


@transaction.atomic
def insert_mail(values: Mapping[str, Any]) -> Mail:
    """Record a mail that was sent elsewhere; nothing is sent. `date` is when that was.

    `values` as in `send_mail`, without a model; texts are kept as they are given. Raises Invalid (422).
    """
    wanted = dict(values)
    texts = {name: wanted.get(name) or "" for name in ("subject", "html", "text")}
    wanted |= _clean_texts(texts)
    mail = Mail(
        sender=wanted.get("sender"), state=State.INSERTED, datetime=wanted.get("date") or timezone.now()
    )
    wanted.setdefault("attach_documents", False)
    _write(mail, wanted, _files(wanted))
    return mail


# --- Both -------------------------------------------------------------------------------------------


def _write(mail: Mail, wanted: Mapping[str, Any], files: Sequence[File]) -> None:
    """Save a mail with its recipients, files and elements."""
    actor = current_actor()
    mail.team_user, sender = actor, mail.sender
    mail.subject, mail.html, mail.text = wanted["subject"], wanted["html"], wanted["text"]
    mail.is_reminder = bool(wanted.get("is_reminder"))
    mail.message_id = new_message_id()
    if sender is not None:
        mail.from_name, mail.from_address = sender.name, sender.address
        mail.track_open, mail.track_click = sender.track_open, sender.track_click
    elif actor is not None:
        mail.from_name, mail.from_address = header_text(str(actor.user)), actor.user.email
    elements: list[Element] = list(wanted.get("elements") or ())
    mail.sends_documents = bool(wanted.get("attach_documents", True))
    mail.save()
    MailRecipient.objects.bulk_create(_recipients(mail, wanted))
    mail.attachments.set(files)
    MailElement.objects.bulk_create(
        MailElement(owner=mail, element_type=element.type.name, element_id=element.row.pk)
        for element in elements
    )


def _recipients(mail: Mail, wanted: Mapping[str, Any]) -> Iterable[MailRecipient]:
    """Rows for `to`, `cc` and `cci`; an address given twice in a field counts once."""
    rows: dict[tuple[str, str], MailRecipient] = {}
    for field in Field.values:
        for recipient in wanted.get(field) or ():
            row = MailRecipient(mail=mail, field=field, email=recipient["email"])
            if element := recipient.get("element"):
                row.element_type, row.element_id = element.type.name, element.row.pk
                row.name = header_text(element.title)[:255]
            rows.setdefault((field, row.email.lower()), row)
    if len(rows) > MAX_RECIPIENTS:
        raise Invalid({"to": _("Give at most %(count)s recipients.") % {"count": MAX_RECIPIENTS}})
    return rows.values()


# --- Afterwards -------------------------------------------------------------------------------------


@transaction.atomic
def retry_mail(mail: Mail) -> Mail:
    """Send a mail that could not be sent, or waits for its next try. Raises Conflict (409) for others."""
    locked = Mail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
    if locked.state not in (State.FAILED, State.WAITING):
        raise Conflict(_("Only a mail that could not be sent is sent again."))
    _sender(locked.sender)
    locked.state, locked.attempts, locked.claimed_at = State.WAITING, 0, None
    locked.next_attempt_at = timezone.now()
    locked.save()
    enqueue_delivery(locked)
    return locked


@transaction.atomic
def delete_mail(mail: Mail) -> None:
    """Delete a mail; one that waits does not leave any more. Raises Conflict (409) while it is leaving."""
    if mail.state == State.SENDING:
        raise Conflict(_("The mail is being sent: wait until that is over."))
    core.delete(mail)
