"""Mails, their models, senders and files, as programs see them (reference: chapter Communication)."""

from __future__ import annotations

from email import message_from_string
from email.header import decode_header, make_header
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from erp.communication import services
from erp.communication.choices import EventKind, SenderType, State
from erp.communication.filters import MAIL_FILTERS, SENDER_FILTERS
from erp.communication.models import LibraryFile, Mail, MailModel, MailRecipient, Sender
from erp.communication.wire import MailElementsField, PartOfRecipients, RecipientsField, SmtpField
from erp.core.access import ListKey, SwitchKey
from erp.core.elements_wire import OBJECT, data_of
from erp.core.fields import (
    Computed,
    Ids,
    Relation,
    RelationList,
    Upload,
    Uploads,
    WireBoolean,
    WireChar,
    WireDateTime,
    WireInteger,
    WireReadOnly,
    datetime_of,
    text_of,
)
from erp.core.files import base64_content
from erp.core.listing import ListQuery, same
from erp.core.models import File
from erp.core.resources import ReadOnlyResource, ResourceViewSet, router
from erp.core.wire import BodySerializer, WireSerializer

DATES = ("created_at", "updated_at")
TEXT: dict[str, Any] = {"type": "string"}
MAYBE_TEXT: dict[str, Any] = {"type": ["string", "null"]}
#: Characters of a message: more is no mail.
MAX_TEXT = 1_000_000


# --- Files library --------------------------------------------------------------------------------


def of_file(name: str, schema: dict[str, Any]) -> Computed:
    """An attribute of the stored file."""
    return Computed(lambda row: getattr(row.file, name), needs=("file",), schema=schema)


class LibraryFileSerializer(WireSerializer):
    filename = of_file("filename", TEXT)
    extension = of_file("extension", TEXT)
    size = of_file("size", {"type": "integer"})
    human_size = of_file("human_size", TEXT)
    file = Computed(
        lambda row: base64_content(row.file), needs=("file",), on_request=True,
        schema={"type": "string", "format": "byte"},
    )  # fmt: skip

    class Meta:
        model = LibraryFile
        fields = ("id", "name", "filename", "extension", "size", "human_size", *DATES, "file")


class LibraryFileBody(BodySerializer):
    name = WireChar(required=False, allow_blank=True, max_length=255)
    file = Upload(required=True)

    class Meta:
        ignored = LibraryFileSerializer.Meta.fields


class LibraryFileViewSet(ResourceViewSet):
    """Files kept at hand for mails."""

    serializer_class = LibraryFileSerializer
    input_class = LibraryFileBody
    guard = ListKey("send-mail")
    default_sort = ("name",)
    sorts = {"name": "name", "filename": "file__filename", **same(*DATES)}
    searches = {"name": "name", "filename": "file__filename"}
    single_default = ("file",)

    def create_row(self, values: dict[str, Any]) -> LibraryFile:
        return services.save_library_file(LibraryFile(), values)

    def update_row(self, row: LibraryFile, values: dict[str, Any]) -> LibraryFile:
        return services.save_library_file(row, values)

    def update_by_post(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """The same as PUT: forms with files are often sent by POST only."""
        return self.update(request, *args, **kwargs)


# --- Models ---------------------------------------------------------------------------------------


class MailModelSerializer(WireSerializer):
    class Meta:
        model = MailModel
        fields = ("id", "name", "subject", "html", "text", "attachments", "library_files", *DATES)


class MailModelBody(BodySerializer):
    name = WireChar(required=True, max_length=150)
    subject = WireChar(required=True, max_length=255)
    html = WireChar(required=True, max_length=MAX_TEXT)
    text = WireChar(required=False, allow_blank=True, max_length=MAX_TEXT)
    attachments = Uploads(required=False, max_length=20)
    add_attachments = Uploads(required=False, max_length=20)
    remove_attachments = Ids(model=File, required=False)
    library_files = Ids(model=LibraryFile, required=False)
    add_library_files = Ids(model=LibraryFile, required=False)
    remove_library_files = Ids(model=LibraryFile, required=False)

    class Meta:
        ignored = MailModelSerializer.Meta.fields


class MailModelViewSet(ResourceViewSet):
    """Texts that mails are written from."""

    serializer_class = MailModelSerializer
    input_class = MailModelBody
    guard = ListKey("send-mail")
    default_sort = ("name",)
    sorts = same("name")
    searches = same("name")
    list_includes = ("attachments", "library_files")

    def create_row(self, values: dict[str, Any]) -> MailModel:
        return services.save_model(MailModel(), values)

    def update_row(self, row: MailModel, values: dict[str, Any]) -> MailModel:
        return services.save_model(row, values)


# --- Senders --------------------------------------------------------------------------------------


class SenderSerializer(WireSerializer):
    name = WireChar(required=False, allow_blank=True, max_length=150)
    signature = WireChar(required=False, allow_blank=True, max_length=20_000)
    smtp = SmtpField()
    validate_at = WireDateTime(source="validated_at", read_only=True)

    class Meta:
        model = Sender
        fields = (
            "id", "name", "address", "signature", "type", "track_open", "track_click", "share", "smtp",
            "validate_at", "is_validated", "use_default", *DATES,
        )  # fmt: skip

    @classmethod
    def finish(cls, row: Sender, data: dict[str, Any]) -> dict[str, Any]:
        """`smtp` is present only if the sender has a server of its own."""
        if row.type != SenderType.SMTP:
            data.pop("smtp", None)
        return data


class SenderViewSet(ResourceViewSet):
    """Addresses that mails are sent from: one's own, and those that others share."""

    serializer_class = SenderSerializer
    guard = SwitchKey("send-mail")
    action_keys = {"validation": (("send-mail", 1),)}
    default_sort = ("name",)
    sorts = {
        **same("name", "address", "track_click", "track_open", "share"),
        "is_validated": ExpressionWrapper(Q(validated_at__isnull=False), output_field=BooleanField()),
        "use_default": "use_default",
    }
    searches = same("name", "address")
    filters = SENDER_FILTERS
    list_includes = ("smtp",)

    def create_row(self, values: dict[str, Any]) -> Sender:
        return services.create_sender(values)

    def update_row(self, row: Sender, values: dict[str, Any]) -> Sender:
        return services.update_sender(row, values)

    def delete_row(self, row: Sender) -> None:
        services.delete_sender(row)

    @extend_schema(request=None, responses=SenderSerializer)
    @action(detail=True, methods=["put"])
    def validation(self, request: Any, pk: str) -> Response:
        """Mail the link that validates the sender once more."""
        include = self.single_include()
        return Response(self.written(services.ask_validation(self.get_object(lock=True)), include))


# --- Mails ----------------------------------------------------------------------------------------


class RecipientSerializer(WireSerializer):
    id = WireInteger(source="element_id", read_only=True)
    type = WireChar(source="element_type", read_only=True)
    mail = WireChar(source="email", read_only=True)
    data = Computed(  # type: ignore[assignment]  # the wire's name, which DRF uses for its own
        lambda row: data_of(row.element) if row.element else None, needs=("element",), on_request=True,
        schema=OBJECT,
    )  # fmt: skip

    class Meta:
        model = MailRecipient
        fields = ("id", "type", "name", "mail", "data")


def headers_of(mail: Mail) -> list[dict[str, str]]:
    """The head of the message as it left, in its order."""
    head = message_from_string(mail.raw).items() if mail.raw else ()
    return [
        {"name": name, "value": " ".join(str(make_header(decode_header(value))).split())}
        for name, value in head
    ]


def events_of(mail: Mail) -> list[dict[str, Any]]:
    """Openings and clicks, oldest first."""
    return [
        {"type": event.kind, "url": text_of(event.url), "datetime": datetime_of(event.created_at)}
        for event in mail.events.all()
    ]


LABELS = (State.SENT, State.INSERTED, State.WAITING, State.SENDING, State.FAILED, State.HELD)
EVENT_LABELS = {EventKind.OPEN: "opened", EventKind.CLICK: "clicked"}


def labels_of(mail: Mail) -> list[str]:
    """Words that sort mails: where it stands, whether it was opened or clicked, whether it is a reminder."""
    kinds = {event.kind for event in mail.events.all()}
    seen = [label for kind, label in EVENT_LABELS.items() if kind in kinds]
    return [mail.state, *seen, *(["reminder"] if mail.is_reminder else [])]


def objects(**properties: Any) -> dict[str, Any]:
    """The schema of a list of objects."""
    return {"type": "array", "items": {"type": "object", "properties": properties}}


class MailSerializer(WireSerializer):
    deleted_at = WireDateTime(read_only=True)
    snippet = WireReadOnly()
    send_status = WireReadOnly()
    to = PartOfRecipients()
    cc = PartOfRecipients()
    cci = PartOfRecipients()
    recipients = RelationList(model=MailRecipient, read_only=True, serializer=RecipientSerializer)
    elements = MailElementsField(read_only=True)
    labels = Computed(
        labels_of, needs=("events",), on_request=True,
        schema={"type": "array", "items": {"enum": [*LABELS, *EVENT_LABELS.values(), "reminder"]}},
    )  # fmt: skip
    events = Computed(
        events_of, needs=("events",), on_request=True,
        schema=objects(type={"enum": EventKind.values}, url=MAYBE_TEXT, datetime=TEXT),
    )  # fmt: skip
    headers = Computed(headers_of, on_request=True, schema=objects(name=TEXT, value=TEXT))

    class Meta:
        model = Mail
        fields = (
            "id", "datetime", "internal_datetime", "read_at", "deleted_at", "subject", "snippet", "from_name",
            "from_address", "html", "text", "raw", "is_reminder", "attachments", "sender", "to", "cc", "cci",
            "recipients", "team_user", "send_status", "send_error", "elements", *DATES, "labels", "events",
            "headers",
        )  # fmt: skip

    @classmethod
    def finish(cls, row: Mail, data: dict[str, Any]) -> dict[str, Any]:
        """Recipients come all together, and by the line of the head that names them."""
        if "recipients" in data:
            for recipient, answer in zip(row.recipients.all(), data["recipients"], strict=True):
                data[recipient.field].append(answer)
        return data


class InsertBody(BodySerializer):
    """A mail that was sent elsewhere."""

    sender = Relation(model=Sender, required=False, allow_null=True)
    date = WireDateTime(required=False, allow_null=True)
    subject = WireChar(required=False, allow_blank=True, max_length=255)
    html = WireChar(required=False, allow_blank=True, max_length=MAX_TEXT)
    text = WireChar(required=False, allow_blank=True, max_length=MAX_TEXT)
    to = RecipientsField()
    cc = RecipientsField()
    cci = RecipientsField()
    elements = MailElementsField()
    attachments = Uploads(required=False, max_length=20)
    library_files = Ids(model=LibraryFile, required=False)
    attach_documents = WireBoolean(required=False)


class SendBody(InsertBody):
    """A mail to send."""

    model = Relation(model=MailModel, required=False, allow_null=True)


class MailViewSet(ReadOnlyResource):
    """Mails that one sent, and those of senders that one sees."""

    serializer_class = MailSerializer
    guard = SwitchKey("mail-access")
    action_keys = {
        "send": (("send-mail", 1),),
        "insert": (("send-mail", 1),),
        "retry": (("mail-access", 1), ("send-mail", 1)),
        "destroy": (("mail-access", 1), ("send-mail", 1)),
    }
    default_sort = ("datetime:desc",)
    sorts = same("datetime", "internal_datetime")
    searches = same("subject")
    filters = MAIL_FILTERS
    list_includes = (
        "attachments", "sender", "recipients", "elements", "recipients.element", "teamUser", "team_user",
    )  # fmt: skip
    single_includes = (*list_includes, "labels", "events", "headers")
    include_aliases = {"teamUser": "team_user", "recipients.element": "recipients.data"}

    @extend_schema(request=SendBody, responses=MailSerializer)
    @action(detail=False, methods=["post"])
    def send(self, request: Any) -> Response:
        """Send a mail."""
        include = self.single_include()
        return self._made(services.send_mail(SendBody.parse(request.data)), include)

    @extend_schema(request=InsertBody, responses=MailSerializer)
    @action(detail=False, methods=["post"], url_path="send/insert")
    def insert(self, request: Any) -> Response:
        """Record a mail that was sent elsewhere."""
        include = self.single_include()
        return self._made(services.insert_mail(InsertBody.parse(request.data)), include)

    def _made(self, mail: Mail, include: Any) -> Response:
        return Response(self.serializer_class.render(mail, include), status=201)

    @extend_schema(request=None, responses=MailSerializer)
    @action(detail=True, methods=["put"])
    def retry(self, request: Any, pk: str) -> Response:
        """Send a mail that could not be sent again, now."""
        include = self.single_include()
        return Response(
            self.serializer_class.render(services.retry_mail(self.get_object(lock=True)), include)
        )

    def destroy(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Delete a mail; one that still waits is not sent."""
        ListQuery(request, allowed=())
        services.delete_mail(self.get_object(lock=True))
        return Response(status=204)


router.register("mail/library", LibraryFileViewSet)
router.register("mail/model", MailModelViewSet)
router.register("mail/sender", SenderViewSet)
router.register("mail", MailViewSet)
