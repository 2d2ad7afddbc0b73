"""Particulars of the chapter "Team & users" (see case.py)."""

from __future__ import annotations

import datetime
import io
import zipfile
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from erp.core.models import File
from tenants.models import TeamUser, User
from tests.conftest import PASSWORD
from tests.contract.case import Form, case
from tests.contract.proof import Proof
from tests.contract.reference import Call
from tests.contract.stage import Stage, ok
from tests.contract.values import WORDS, spread
from tests.factories import make


def avatar(stage: Stage) -> File:
    return make(File, filename="face.png", extension="png", file=ContentFile(b"face", name="face.png"))


# --- The team -------------------------------------------------------------------------------------------


def fill_team(stage: Stage, made: list[int]) -> None:
    """Every attribute and setting has a value."""
    call = stage.resource.roles["update"]
    ok(stage.send(call, stage.body(call, 0, Form(without=("letters_model",)))))
    ok(stage.send(call, {"letters_model": upload(stage, 0)}))


def upload(stage: Stage, n: int) -> Any:
    """A zip file, as .docx files are."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>")
    return SimpleUploadedFile("letter.docx", content.getvalue())


def uploaded(stage: Stage, sent: Any, answer: Any) -> None:
    assert answer["letters_model"]["filename"] == "letter.docx"


case(
    "/team",
    prepare=fill_team,
    forms=(
        Form(without=("letters_model",)),
        Form(values={"letters_model": upload, "configs": {}}),
    ),
    values={"company_siret": "40483304800022", "company_vatrate": "FR83404833048"},
    reads={"letters_model": uploaded},
    nested={"Team config": "configs"},
)


# --- Members --------------------------------------------------------------------------------------------


def fill_members(stage: Stage, made: list[int]) -> None:
    """Members joined; they have names, faces, people they manage and different days of connection."""
    for n, pk in enumerate(made):
        member = TeamUser.objects.get(pk=pk)
        User.objects.filter(pk=member.user_id).update(
            firstname=f"{WORDS[n]} firstname", lastname=f"{WORDS[n]} lastname", avatar=avatar(stage)
        )
        moment = datetime.datetime(2024, 2, spread(n), tzinfo=datetime.UTC)
        TeamUser.objects.filter(pk=pk).update(last_connexion=moment, active=n != 1, is_pending=False)
    TeamUser.objects.get(pk=made[0]).team_users.set(made[1:2])


def invited_again(stage: Stage, call: Call, proof: Proof) -> None:
    create = stage.resource.roles["create"]
    body = stage.bare(create, 18)
    pk = stage.written(create, body)[0]["id"]
    assert ok(stage.send(call, pk=pk))["email"] == body["email"]
    assert ok(stage.send(call, pk=pk, slash="/"))["id"] == pk


case(
    "/team/user",
    values={
        "permissions": lambda stage, n: {"customer": n % 5, "contact": (n + 1) % 5},
        "roles": lambda stage, n: [("commercial", "manager", "technical")[n % 3]],
    },
    prepare=fill_members,
    paths={
        "status": "status.active",
        **{f"user.{name}": name for name in ("lastname", "firstname", "email")},
    },
    shown=("permissions", "configs", "roles", "team_users"),
    nested={"Team User config": "configs"},
    calls={"POST /resend_invitation": invited_again},
)


# --- One's own account ----------------------------------------------------------------------------------


def fill_user(stage: Stage, made: list[int]) -> None:
    """Every attribute of the user has a value, and a new address waits to be confirmed."""
    call = stage.resource.roles["update"]
    form = Form(without=("password",), values={"current_password": PASSWORD})
    ok(stage.send(call, stage.body(call, 0, form)))
    User.objects.filter(pk=stage.owner.user_id).update(
        avatar=avatar(stage), last_login=datetime.datetime(2024, 2, 1, tzinfo=datetime.UTC)
    )


def address_to_confirm(stage: Stage, sent: str, answer: Any) -> None:
    assert answer["email_validation"]["email"] == sent


def password_holds(stage: Stage, sent: str, answer: Any) -> None:
    assert User.objects.get(pk=answer["id"]).check_password(sent)


def was_asked(stage: Stage, sent: str, answer: Any) -> None:
    """The new password or address is not taken without the current password."""
    call = stage.resource.roles["update"]
    response = stage.send(call, {"password": "another good phrase"})
    assert list(response.json()["errors"]) == ["current_password"]


def link_again(stage: Stage, call: Call, proof: Proof) -> None:
    assert ok(stage.send(call, slash="/"))["email_validation"] is not None
    assert ok(stage.send(call))["id"] == stage.owner.user_id


def change_given_up(stage: Stage, call: Call, proof: Proof) -> None:
    assert stage.one(0)["email_validation"] is not None
    assert ok(stage.send(call, slash="/"))["email_validation"] is None
    assert stage.one(0)["email_validation"] is None


def permissions(stage: Stage, call: Call, proof: Proof) -> None:
    categories = ok(stage.send(call, slash="/"))
    keys = {permission["key"] for category in categories for permission in category["permissions"]}
    assert {"customer", "sales-invoice", "customer-limitation", "app-configuration"} <= keys
    assert len(keys) == 36


case(
    "/user",
    prepare=fill_user,
    forms=(
        Form(without=("password", "current_password", "email")),
        Form(without=("password",), values={"current_password": PASSWORD}),
        Form(values={"password": "a new phrase to know", "current_password": PASSWORD}),
    ),
    values={"password": "a good phrase to know"},
    reads={"email": address_to_confirm, "password": password_holds, "current_password": was_asked},
    calls={
        "POST /email-validation/resend": link_again,
        "POST /email-validation/cancel": change_given_up,
    },
)
case("/user/permission", rows=lambda stage: [], calls={"list": permissions})
