"""Particulars of the chapter Communication (see case.py)."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from erp.communication.models import Mail, MailEvent, Sender
from erp.core.models import File
from erp.customers.models import Contact, Customer
from tests.contract.case import Form, case
from tests.contract.checks import check_required, check_writing
from tests.contract.lists import limit_filter
from tests.contract.proof import Proof
from tests.contract.reference import Call
from tests.contract.stage import Stage, ok
from tests.contract.values import WORDS, spread
from tests.factories import make

FIELDS = ("to", "cc", "cci")
SERVER = ("server", "port", "security", "authentification", "login")


def text_file(stage: Stage, n: int) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{WORDS[n % 6].lower()}{n}.txt", f"Terms of sale {n}".encode(), "text/plain")


# --- Library ------------------------------------------------------------------------------------------


def file_stored(stage: Stage, sent: Any, answer: Any) -> None:
    assert answer["filename"] == sent.name
    assert answer["size"] == sent.size


case(
    "/mail/library",
    values={"file": text_file},
    reads={"file": file_stored},
    shown=("file",),
)


# --- Models -------------------------------------------------------------------------------------------


def text_files(stage: Stage, n: int) -> list[SimpleUploadedFile]:
    return [text_file(stage, n)]


def ids_of(stage: Stage, name: str, answer: Any, body: Any) -> list[int]:
    """What a list holds is taken away by the ids of its rows."""
    return [row["id"] for row in answer[name.partition("_")[2]]]


case(
    "/mail/model",
    values={"attachments": text_files, "add_attachments": text_files},
    removed=ids_of,
)


# --- Senders ------------------------------------------------------------------------------------------


def validate_some(stage: Stage, made: list[int]) -> None:
    """Some senders are validated, others not."""
    moment = datetime.datetime(2024, 2, 1, tzinfo=datetime.UTC)
    Sender.objects.filter(pk__in=made).update(validated_at=None)
    Sender.objects.filter(pk__in=made[:2]).update(validated_at=moment)


def server_shown(stage: Stage, sent: Any, answer: Any) -> None:
    assert list(answer["smtp"]) == list(SERVER)
    assert answer["smtp"]["server"] == sent["server"]


def kept_secret(stage: Stage, sent: str, answer: Any) -> None:
    """The password is stored, never answered."""
    assert sent not in str(answer)
    assert Sender.objects.get(pk=answer["id"]).smtp_password


case(
    "/mail/sender",
    forms=(Form(values={"type": "smtp"}), Form(without=("smtp",), values={"type": "default"})),
    values={
        "smtp.server": lambda stage, n: f"smtp{n}.example.com",
        "smtp.port": lambda stage, n: (587, 465, 2525)[n % 3],
        "smtp.authentification": True,
        "address": lambda stage, n: f"{WORDS[n % 6].lower()}.{n}@acme.example",
    },
    always=("type",),
    reads={
        "smtp": server_shown,
        **{f"smtp.{name}": f"smtp.{name}" for name in SERVER},
        "smtp.password": kept_secret,
    },
    prepare=validate_some,
    paths={"status": "is_validated", "isValidate": "is_validated"},
)


# --- Mails --------------------------------------------------------------------------------------------


def recipients(offset: int) -> Callable[[Stage, int], list[dict[str, Any]]]:
    """A contact or a customer."""

    def of(stage: Stage, n: int) -> list[dict[str, Any]]:
        kind, model = (("contact", Contact), ("customer", Customer))[(n + offset) % 2]
        return [
            {"email": f"{WORDS[n % 6].lower()}{offset}.{n}@test.example", "type": kind, "id": make(model).pk}
        ]

    return of


def received(field: str) -> Callable[[Stage, Any, Any], None]:
    def check(stage: Stage, sent: Any, answer: Any) -> None:
        assert [(row["mail"], row["type"], row["id"]) for row in answer[field]] == [
            (row["email"], row["type"], row["id"]) for row in sent
        ]

    return check


def mails(stage: Stage) -> list[int]:
    """Mails of different days; the first has a file and was read, the second could not be sent."""
    call = stage.resource.roles["POST /send/insert"]
    made = []
    for n in range(4):
        moment = f"2024-05-{10 + spread(n)}T12:00:00.000000Z"
        made.append(ok(stage.send(call, {**stage.body(call, n), "date": moment}))["id"])
    changed = datetime.datetime(2024, 6, 1, tzinfo=datetime.UTC)
    for n, pk in enumerate(made):
        Mail.objects.filter(pk=pk).update(internal_datetime=changed + datetime.timedelta(days=spread(n)))
    first = Mail.objects.get(pk=made[0])
    first.attachments.add(make(File, filename="a.txt", extension="txt", file=ContentFile(b"x", name="a.txt")))
    Mail.objects.filter(pk=made[0]).update(
        read_at=changed, raw="Subject: Roof\nFrom: a@acme.example\n\nHello"
    )
    make(MailEvent, mail=first, kind="open")
    Mail.objects.filter(pk=made[1]).update(state="failed", send_error="550 no such box")
    return made


def sending(stage: Stage, call: Call, proof: Proof) -> None:
    """The mail is answered as it was asked for; what is required is asked for."""
    body = stage.body(call, stage.next())
    made = stage.send(call, body, slash="/")
    assert made.status_code == 201, made.content
    assert made.json()["subject"] == body["subject"]
    check_writing(stage, call, proof)
    bodies: dict[int, Any] = {}
    for path, parameter in call.body.items():
        if parameter.required:
            with proof(call.item("parameter", path)):
                check_required(stage, call, path, bodies)


case(
    "/mail",
    values={field: recipients(n) for n, field in enumerate(FIELDS)}
    | {"sender": lambda stage, n: make(Sender, name=f"{WORDS[n % 6]} sender").pk},
    reads={field: received(field) for field in FIELDS}
    | {f"{field}.*.email": f"{field}.*.mail" for field in FIELDS}
    | {f"{field}.*.{name}": f"{field}.*.{name}" for field in FIELDS for name in ("id", "type")},
    rows=mails,
    paths={
        "senderId": "sender_id",
        "from_mail": "from_address",
        "to_mail": "recipients.mail",
        "with_attachment": "attachments",
    },
    filters={
        "sinceDate": lambda stage: limit_filter(stage, "datetime", since=True),
        "untilDate": lambda stage: limit_filter(stage, "datetime", since=False),
    },
    includes={"recipients.element": "recipients.data"},
    nested={"Mail Recipient": "to", "Linked Mail Element": "elements"},
    empty=("deleted_at",),
    calls={"POST /send": sending, "POST /send/insert": sending},
)
