"""Mails, who sends and receives them, the models they are written from, the files they take along."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.communication.choices import EventKind, Field, Security, SenderType, State
from erp.core.elements import ElementLink, LinkedElement
from erp.core.encryption import SecretField
from erp.core.models import File, TenantModel
from tenants.models import OneTimeLink, Team, TeamUser

__all__ = [
    "LibraryFile",
    "Mail",
    "MailElement",
    "MailEvent",
    "MailModel",
    "MailRecipient",
    "Sender",
    "SenderValidation",
]

#: Lists show living rows: an index of these alone also counts them without reading the table.
LIVING = Q(deleted_at=None)


class LibraryFile(TenantModel):
    """A file kept at hand for mails (a price list). New content is a new `file`: mails keep theirs."""

    name = models.CharField(_("name"), max_length=255, blank=True)
    file = models.ForeignKey(File, models.PROTECT, related_name="+", verbose_name=_("file"))

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["name"]
        verbose_name = _("library file")
        verbose_name_plural = _("file library")
        indexes = [models.Index(fields=["team", "name", "id"], condition=LIVING, name="library_name")]

    def __str__(self) -> str:
        return self.name or self.file.filename


class MailModel(TenantModel):
    """A text to write mails from, with files and placeholders ({customer.name}: services/placeholders.py)."""

    #: Copied to the team's sandbox, without its files.
    is_list: ClassVar[bool] = True

    name = models.CharField(_("name"), max_length=150)
    subject = models.CharField(_("subject"), max_length=255)
    html = models.TextField(_("message"))
    text = models.TextField(
        _("plain text"), blank=True, help_text=_("Left empty, it is made from the message.")
    )
    attachments = models.ManyToManyField(File, blank=True, related_name="+", verbose_name=_("attachments"))
    library_files = models.ManyToManyField(
        LibraryFile, blank=True, related_name="+", verbose_name=_("files of the library")
    )

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["name"]
        verbose_name = _("mail model")
        verbose_name_plural = _("mail models")
        indexes = [models.Index(fields=["team", "name", "id"], condition=LIVING, name="mail_model_name")]

    def __str__(self) -> str:
        return self.name


class Sender(TenantModel):
    """An address that mails are sent from, by the installation's mail server or by one of its own.

    It belongs to a team user. Others see it, and may send with it, when it is shared.
    """

    team_user = models.ForeignKey(
        TeamUser, models.PROTECT, editable=False, related_name="+", verbose_name=_("owner")
    )
    name = models.CharField(_("name"), max_length=150)
    address = models.EmailField(_("e-mail"))
    signature = models.TextField(_("signature"), blank=True)
    type = models.CharField(_("type"), max_length=10, choices=SenderType.choices, default=SenderType.DEFAULT)
    track_open = models.BooleanField(_("track openings"), default=False)
    track_click = models.BooleanField(_("track clicks"), default=False)
    share = models.BooleanField(_("shared with the other users"), default=False)
    smtp_server = models.CharField(_("server"), max_length=255, blank=True)
    smtp_port = models.PositiveIntegerField(_("port"), null=True, blank=True)
    smtp_security = models.CharField(
        _("security"), max_length=4, choices=Security.choices, default=Security.TLS
    )
    smtp_authentication = models.BooleanField(_("the server asks for a login"), default=False)
    smtp_login = models.CharField(_("login"), max_length=255, blank=True)
    #: Encrypted (erp/core/encryption.py); neither answered nor shown.
    smtp_password = SecretField(_("password"), blank=True)
    validated_at = models.DateTimeField(_("validated at"), null=True, editable=False)
    #: Why the last mail could not leave, when it is the sender's fault (server, login); empty when it left.
    last_error = models.TextField(_("last error"), blank=True, editable=False)
    use_default = models.BooleanField(_("selected by default"), default=False)

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["name"]
        verbose_name = _("sender")
        verbose_name_plural = _("senders")
        indexes = [models.Index(fields=["team", "name", "id"], condition=LIVING, name="sender_name")]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "team_user"],
                condition=Q(use_default=True, deleted_at=None),
                name="sender_one_default",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>"

    @classmethod
    def restrict(cls, queryset: models.QuerySet[Any], actor: TeamUser) -> models.QuerySet[Any]:
        """One's own senders, and those that are shared."""
        return queryset.filter(Q(share=True) | Q(team_user=actor))

    @property
    def is_validated(self) -> bool:
        """Whether the link mailed to the address was followed."""
        return self.validated_at is not None


class SenderValidation(OneTimeLink):
    """The link mailed to a sender's address, to prove that its mail arrives."""

    global_reason: ClassVar[str] = "whoever opens the link is in no team yet"
    lifetime = datetime.timedelta(days=2)
    page = "sender_validation"

    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    sender = models.ForeignKey(Sender, models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{_('validation')} {self.pk}"


class Mail(TenantModel):
    """A mail that was sent, is to be sent, or was recorded after being sent elsewhere."""

    sender = models.ForeignKey(
        Sender, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("sender")
    )
    team_user = models.ForeignKey(
        TeamUser, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("written by")
    )
    #: When it left (until then, when it was written); `internal_datetime`: when it was recorded here.
    datetime = models.DateTimeField(_("date"), default=timezone.now)
    internal_datetime = models.DateTimeField(_("recorded at"), default=timezone.now, editable=False)
    read_at = models.DateTimeField(_("read at"), null=True, editable=False)
    subject = models.CharField(_("subject"), max_length=255, blank=True)
    from_name = models.CharField(_("from: name"), max_length=150, blank=True, editable=False)
    from_address = models.EmailField(_("from: e-mail"), blank=True, editable=False)
    html = models.TextField(_("message"), blank=True)
    text = models.TextField(_("plain text"), blank=True)
    #: The message as it left, without the content of its attachments.
    raw = models.TextField(_("source"), blank=True, editable=False)
    is_reminder = models.BooleanField(_("invoice reminder"), default=False, editable=False)
    attachments = models.ManyToManyField(File, blank=True, related_name="+", verbose_name=_("attachments"))

    # Sending
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING, editable=False
    )
    send_error = models.TextField(_("error"), blank=True, editable=False)
    #: The same at every try, so that a server that got the mail twice can see it.
    message_id = models.CharField(_("message ID"), max_length=255, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0, editable=False)
    next_attempt_at = models.DateTimeField(_("next try"), null=True, editable=False)
    claimed_at = models.DateTimeField(_("being sent since"), null=True, editable=False)
    track_open = models.BooleanField(default=False, editable=False)
    track_click = models.BooleanField(default=False, editable=False)
    #: Linked sales documents whose PDF is attached: they become "sent" when the mail leaves.
    sends_documents = models.BooleanField(default=False, editable=False)

    class Meta(TenantModel.Meta):
        abstract = False
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        indexes = [
            models.Index(fields=["team", "-datetime", "-id"], condition=LIVING, name="mail_datetime"),
            models.Index(fields=["team", "internal_datetime", "id"], condition=LIVING, name="mail_internal"),
            models.Index(fields=["team", "updated_at", "id"], name="mail_updated"),
            models.Index(
                fields=["team", "next_attempt_at"],
                condition=Q(state__in=(State.WAITING, State.SENDING)),
                name="mail_to_send",
            ),
        ]

    def __str__(self) -> str:
        return self.subject or str(_("(no subject)"))

    @classmethod
    def restrict(cls, queryset: models.QuerySet[Any], actor: TeamUser) -> models.QuerySet[Any]:
        """One's own mails, and those of the senders that one sees or of none."""
        senders = Sender.restrict(Sender.all_objects.all(), actor)
        return queryset.filter(Q(team_user=actor) | Q(sender=None) | Q(sender__in=senders.values("pk")))

    @property
    def snippet(self) -> str:
        """The beginning of the text, on one line."""
        return " ".join(self.text.split())[:200]

    @property
    def send_status(self) -> bool:
        """Whether the mail was sent (by this product or, for one recorded afterwards, elsewhere)."""
        return self.state in (State.SENT, State.INSERTED)


class MailElement(ElementLink):
    """What a mail is about: the customer, the invoice…"""

    owner = models.ForeignKey(Mail, models.CASCADE, related_name="element_links", verbose_name=_("mail"))

    class Meta(ElementLink.Meta):
        abstract = False
        verbose_name = _("linked element")
        verbose_name_plural = _("linked elements")


class MailRecipient(TenantModel):
    """Someone to whom a mail goes: an address, and the person or company it belongs to when that is known."""

    mail = models.ForeignKey(Mail, models.CASCADE, related_name="recipients", verbose_name=_("mail"))
    field = models.CharField(_("field"), max_length=3, choices=Field.choices, default=Field.TO)
    email = models.EmailField(_("e-mail"))
    #: The person's name when the mail was written.
    name = models.CharField(_("name"), max_length=255, blank=True)
    element_type = models.CharField(_("kind of element"), max_length=30, blank=True)
    element_id = models.PositiveBigIntegerField(_("element"), null=True, blank=True)
    element = LinkedElement()

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["pk"]
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        indexes = [models.Index(fields=["team", "email"], name="recipient_email")]

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>" if self.name else self.email


class MailEvent(TenantModel):
    """A mail was opened, or one of its links followed. Neither address nor browser is kept."""

    mail = models.ForeignKey(Mail, models.CASCADE, related_name="events", verbose_name=_("mail"))
    kind = models.CharField(_("event"), max_length=5, choices=EventKind.choices)
    url = models.TextField(_("link"), blank=True)

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["created_at", "pk"]
        verbose_name = _("event of a mail")
        verbose_name_plural = _("events of mails")

    def __str__(self) -> str:
        return str(EventKind(self.kind).label)
