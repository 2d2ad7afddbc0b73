"""The chapter over REST: library, models, senders, mails."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.header import decode_header, make_header
from email.utils import parseaddr
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone

from erp.communication.models import LibraryFile, Mail, MailEvent, MailModel, Sender, SenderValidation
from erp.communication.services import senders
from erp.core.encryption import decrypt
from erp.core.scope import team_scope
from erp.customers.models import Contact, Customer
from tenants.models import Team, TeamUser
from tests.conftest import ApiClient
from tests.factories import make

Sent = Callable[[Callable[[], Any]], Any]
PDF = b"%PDF-1.4 price list"
SMTP = {
    "server": "smtp.example.com", "port": 587, "security": "tls", "authentification": True,
    "login": "jean", "password": "s3cret",
}  # fmt: skip


def ok(response: Any, status: int = 200) -> Any:
    assert response.status_code == status, response.content
    return response.json() if response.content else None


def errors(response: Any, status: int = 422) -> dict[str, list[str]]:
    assert response.status_code == status, response.content
    return response.json()["errors"]


def pdf(name: str = "tarif.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def form(api: ApiClient, method: str, path: str, **data: Any) -> Any:
    """A multipart body, as a browser's form sends it."""
    body = encode_multipart(BOUNDARY, data)
    return api.client.generic(method.upper(), f"/api/v1{path}", body, content_type=MULTIPART_CONTENT)


@pytest.fixture
def link_of(mailoutbox: Any) -> Callable[[], str]:
    """The address in the last validation mail, below the site's."""
    return lambda: re.search(r"http://[^/]+(/sender/\S+)", mailoutbox[-1].body)[1]


# --- Files library ----------------------------------------------------------------------------------


def test_a_file_of_the_library_is_kept_and_replaced(api: ApiClient, team: Team) -> None:
    made = ok(form(api, "post", "/mail/library", file=pdf()), 201)
    assert (made["name"], made["filename"], made["extension"], made["size"]) == (
        "tarif.pdf",
        "tarif.pdf",
        "pdf",
        19,
    )
    assert made["human_size"] == "19 B"
    assert made["file"] == "JVBERi0xLjQgcHJpY2UgbGlzdA=="
    changed = ok(form(api, "put", f"/mail/library/{made['id']}", name="Tarif", file=pdf("b.pdf", b"%PDF-2")))
    assert (changed["name"], changed["filename"], changed["size"]) == ("Tarif", "b.pdf", 6)
    again = ok(form(api, "post", f"/mail/library/{made['id']}", name="Tarif 2026"))
    assert (again["name"], again["filename"]) == ("Tarif 2026", "b.pdf")
    [listed] = ok(api.get("/mail/library", search="Tarif%"))["datas"]
    assert "file" not in listed
    ok(api.delete(f"/mail/library/{made['id']}"), 204)
    assert ok(api.get("/mail/library"))["datas"] == []


def test_a_file_is_what_its_name_says(api: ApiClient) -> None:
    assert "file" in errors(form(api, "post", "/mail/library", file=pdf(content=b"MZ\x90")))
    assert "file" in errors(form(api, "post", "/mail/library", file=pdf("a.html", b"<script>")))
    assert "file" in errors(api.post("/mail/library", {"name": "x"}))


# --- Models -----------------------------------------------------------------------------------------


def test_a_model_is_cleaned_and_its_text_made(api: ApiClient) -> None:
    body = {
        "name": "Relance",
        "subject": "Bonjour\n{customer.name}",
        "html": "Cher <b onclick=x>ami</b><br><script>x</script>",
    }
    made = ok(api.post("/mail/model", body), 201)
    assert made["subject"] == "Bonjour {customer.name}"
    assert made["html"] == "Cher <b>ami</b><br>"
    assert made["text"] == "Cher ami"
    changed = ok(api.put(f"/mail/model/{made['id']}", {"html": "<p>Autre</p>"}))
    assert changed["text"] == "Autre"
    assert ok(api.put(f"/mail/model/{made['id']}", {"text": "Le mien"}))["text"] == "Le mien"


def test_a_models_files_are_set_added_and_removed(api: ApiClient, team: Team) -> None:
    library = ok(form(api, "post", "/mail/library", file=pdf()), 201)["id"]
    own = {"attachments[]": [pdf("1.pdf"), pdf("2.pdf")], "library_files[]": [library]}
    texts = {"name": "a", "subject": "b", "html": "c"}
    made = ok(form(api, "post", "/mail/model?include=attachments,library_files", **texts, **own), 201)
    assert [file["filename"] for file in made["attachments"]] == ["1.pdf", "2.pdf"]
    assert [file["id"] for file in made["library_files"]] == [library]
    address = f"/mail/model/{made['id']}?include=attachments,library_files"
    first = made["attachments"][0]["id"]
    change = {
        "add_attachments[]": [pdf("3.pdf")],
        "remove_attachments[]": [first],
        "remove_library_files[]": [library],
    }
    changed = ok(form(api, "put", address, **change))
    assert [file["filename"] for file in changed["attachments"]] == ["2.pdf", "3.pdf"]
    assert changed["library_files"] == []
    assert "add_attachments.0" in errors(form(api, "put", address, **{"add_attachments[]": [pdf("x.exe")]}))
    assert ok(api.put(address, {"attachments": []}))["attachments"] == []


def test_a_new_team_has_a_model_for_each_kind_of_document(api: ApiClient) -> None:
    configs = ok(api.get("/team"))["configs"]
    assert configs["communication_model_invoice"]["subject"] == "Votre facture {document.reference}"
    assert configs["communication_model_customer"] is None
    made = ok(api.post("/mail/model", {"name": "a", "subject": "b", "html": "c"}), 201)
    changed = ok(api.put("/team", {"configs": {"communication_model_customer": made["id"]}}))
    assert changed["configs"]["communication_model_customer"]["name"] == "a"


# --- Senders ----------------------------------------------------------------------------------------


def test_a_senders_server_is_answered_without_its_password(api: ApiClient, team: Team) -> None:
    body = {"address": "jean@acme.example", "type": "smtp", "smtp": SMTP, "signature": "Jean<br>DG"}
    made = ok(api.post("/mail/sender?include=smtp", body), 201)
    assert made["smtp"] == {name: value for name, value in SMTP.items() if name != "password"}
    assert (made["is_validated"], made["validate_at"], made["share"]) == (False, None, False)
    assert "s3cret" not in api.get("/mail/sender", include="smtp").content.decode()
    with team_scope(team):
        row = Sender.objects.get(pk=made["id"])
    assert "s3cret" not in row.smtp_password
    assert decrypt(row.smtp_password) == "s3cret"


def test_the_name_is_by_default_the_users(api: ApiClient, owner: TeamUser, now_sent: Sent) -> None:
    owner.user.firstname, owner.user.lastname = "Anne", "Petit"
    owner.user.save()
    made = ok(now_sent(lambda: api.post("/mail/sender", {"address": "a@elsewhere.example"})), 201)
    assert made["name"] == "Anne Petit"
    assert "smtp" not in ok(api.get(f"/mail/sender/{made['id']}", include="smtp"))


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"server": None}, "smtp.server"),
        ({"port": 0}, "smtp.port"),
        ({"port": 70000}, "smtp.port"),
        ({"security": "some"}, "smtp.security"),
        ({"login": ""}, "smtp.login"),
        ({"password": ""}, "smtp.password"),
        ({"server": "a b"}, "smtp.server"),
        ({"server": "smtp.example.com\r\nX: y"}, "smtp.server"),
    ],
)
def test_a_server_is_checked_by_its_parts(api: ApiClient, change: dict[str, Any], path: str) -> None:
    smtp = {name: value for name, value in {**SMTP, **change}.items() if value is not None}
    body = {"address": "jean@acme.example", "type": "smtp", "smtp": smtp}
    assert list(errors(api.post("/mail/sender", body))) == [path]


@pytest.mark.parametrize(
    ("server", "port", "path"),
    [("127.0.0.1", 25, "smtp.server"), ("localhost", 25, "smtp.server"), ("10.0.0.8", 25, "smtp.server"),
     ("[::1]", 25, "smtp.server"), ("smtp.example.com", 6379, "smtp.port")],
)  # fmt: skip
def test_private_servers_are_refused_at_once(
    api: ApiClient, settings: Any, server: str, port: int, path: str
) -> None:
    settings.SMTP_PRIVATE_HOSTS = False
    body = {"address": "j@acme.example", "type": "smtp", "smtp": {**SMTP, "server": server, "port": port}}
    assert list(errors(api.post("/mail/sender", body))) == [path]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"type": "google"}, "type"), ({"type": "outlook"}, "type"), ({"type": "pigeon"}, "type"),
        ({"type": "smtp"}, "smtp.server"), ({"smtp": SMTP}, "smtp"), ({"address": "nobody"}, "address"),
    ],
)  # fmt: skip
def test_what_a_sender_cannot_be(api: ApiClient, body: dict[str, Any], path: str) -> None:
    assert path in errors(api.post("/mail/sender", {"address": "jean@acme.example", **body}))


def test_a_password_is_given_again_for_another_server(api: ApiClient) -> None:
    """Else who may edit a shared sender could have its password sent to themselves."""
    made = ok(api.post("/mail/sender", {"address": "j@acme.example", "type": "smtp", "smtp": SMTP}), 201)
    address = f"/mail/sender/{made['id']}"
    for change in ({"server": "mine.example.com"}, {"port": 465}, {"security": "none"}, {"login": "me"}):
        assert list(errors(api.put(address, {"smtp": change}))) == ["smtp.password"]
    ok(api.put(address, {"smtp": {"server": "mine.example.com", "password": "again"}}))
    ok(api.put(address, {"name": "Other"}))


def test_a_sender_is_validated_by_a_mailed_link_once(
    api: ApiClient, now_sent: Sent, link_of: Callable[[], str]
) -> None:
    made = ok(now_sent(lambda: api.post("/mail/sender", {"address": "new@elsewhere.example"})), 201)
    address, page = f"/mail/sender/{made['id']}", Client()
    assert page.get(link_of()).status_code == 200
    assert ok(api.get(address))["is_validated"] is False
    assert page.post(link_of()).status_code == 200
    answer = ok(api.get(address))
    assert answer["is_validated"] is True
    assert answer["validate_at"] is not None
    assert page.get(link_of()).status_code == 410
    changed = ok(now_sent(lambda: api.put(address, {"name": "Other"})))
    assert changed["is_validated"] is True
    moved = ok(now_sent(lambda: api.put(address, {"address": "other@elsewhere.example"})))
    assert (moved["is_validated"], moved["validate_at"]) == (False, None)


def test_a_link_closes_when_the_sender_changes_or_time_passes(
    api: ApiClient, now_sent: Sent, link_of: Callable[[], str]
) -> None:
    made = ok(now_sent(lambda: api.post("/mail/sender", {"address": "new@elsewhere.example"})), 201)
    first = link_of()
    now_sent(lambda: api.put(f"/mail/sender/{made['id']}", {"address": "two@elsewhere.example"}))
    assert Client().post(first).status_code == 410
    SenderValidation.objects.update(expires_at=timezone.now())
    assert Client().post(link_of()).status_code == 410
    assert Client().get("/sender/invented").status_code == 410


def test_a_link_is_mailed_again_but_not_all_the_time(api: ApiClient, now_sent: Sent, mailoutbox: Any) -> None:
    made = ok(now_sent(lambda: api.post("/mail/sender", {"address": "new@elsewhere.example"})), 201)
    again = f"/mail/sender/{made['id']}/validation"
    assert api.put(again).status_code == 409
    SenderValidation.objects.update(created_at=timezone.now() - timezone.timedelta(minutes=2))
    ok(now_sent(lambda: api.put(again)))
    assert [mail.to for mail in mailoutbox] == [["new@elsewhere.example"]] * 2


def test_senders_made_by_the_array_are_no_way_to_mail_the_whole_world(
    api: ApiClient, now_sent: Sent, team: Team, mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their links are asked for before any is mailed: the limit is kept where they are made, too."""
    monkeypatch.setattr(senders, "LINKS_PER_HOUR", 2)
    bodies = [{"address": f"victim{number}@elsewhere.example"} for number in range(4)]
    assert now_sent(lambda: api.post("/mail/sender", bodies)).status_code == 201
    assert len(mailoutbox) == 2
    with team_scope(team):
        errors = sorted(Sender.objects.exclude(last_error="").values_list("last_error", flat=True))
    assert errors == ["Too many links were mailed in the last hour: try again later."] * 2
    assert api.post("/mail/sender", {"address": "one@elsewhere.example"}).status_code == 409


def test_ones_own_address_needs_no_link(
    api: ApiClient, now_sent: Sent, owner: TeamUser, mailoutbox: Any
) -> None:
    made = ok(now_sent(lambda: api.post("/mail/sender", {"address": owner.user.email.upper()})), 201)
    assert (made["is_validated"], mailoutbox) == (True, [])


def test_a_server_that_fails_shows_in_the_status(api: ApiClient, now_sent: Sent, team: Team) -> None:
    smtp = {**SMTP, "server": "127.0.0.1", "port": 1, "authentification": False}
    del smtp["login"], smtp["password"]
    made = ok(
        now_sent(lambda: api.post("/mail/sender", {"address": "j@x.example", "type": "smtp", "smtp": smtp})),
        201,
    )
    with team_scope(team):
        assert Sender.objects.get(pk=made["id"]).last_error == "The mail server did not answer."
        Sender.objects.filter(pk=made["id"]).update(validated_at=timezone.now())
        works = make(Sender, address="works@acme.example").pk
    assert [row["id"] for row in ok(api.get("/mail/sender", **{"filter[status]": 1}))["datas"]] == [works]
    assert [row["id"] for row in ok(api.get("/mail/sender", **{"filter[status]": 0}))["datas"]] == [
        made["id"]
    ]
    assert len(ok(api.get("/mail/sender", **{"filter[isValidate]": 1}))["datas"]) == 2


def test_each_person_has_one_default(api: ApiClient, member_api: Callable[..., ApiClient]) -> None:
    mine = [
        ok(api.post("/mail/sender", {"address": f"{n}@a.example", "use_default": True}), 201) for n in "ab"
    ]
    theirs = ok(member_api().post("/mail/sender", {"address": "c@a.example", "use_default": True}), 201)
    assert theirs["use_default"] is True
    assert [ok(api.get(f"/mail/sender/{one['id']}"))["use_default"] for one in mine] == [False, True]


def test_private_senders_and_their_mails_are_their_owners(
    api: ApiClient, member_api: Callable[..., ApiClient], now_sent: Sent, owner: TeamUser
) -> None:
    other = member_api(app_configuration=0)
    made = ok(api.post("/mail/sender", {"address": owner.user.email}), 201)
    address = f"/mail/sender/{made['id']}"
    mail = ok(api.post("/mail/send", {"subject": "x", "html": "x", "to": [{"email": "a@b.fr"}]}), 201)
    assert other.get(address).status_code == other.get(f"/mail/{mail['id']}").status_code == 404
    assert "sender" in errors(other.post("/mail/send", {"sender": made["id"], "to": [{"email": "a@b.fr"}]}))
    ok(api.put(address, {"share": True}))
    assert ok(other.get(address))["share"] is True
    assert ok(other.get(f"/mail/{mail['id']}"))["subject"] == "x"
    assert other.put(address, {"name": "Mine"}).status_code == other.delete(address).status_code == 403
    sent = ok(other.post("/mail/send", {"sender": made["id"], "html": "x", "to": [{"email": "a@b.fr"}]}), 201)
    assert sent["sender_id"] == made["id"]


def test_senders_are_sorted_by_what_they_show(api: ApiClient, team: Team) -> None:
    with team_scope(team):
        make(Sender, name="b", validated_at=None)
        make(Sender, name="a", track_open=True)
    for sort, expected in (("name", "ab"), ("is_validated", "ba"), ("track_open:desc", "ab")):
        assert "".join(row["name"] for row in ok(api.get("/mail/sender", sort=sort))["datas"]) == expected


# --- Mails ------------------------------------------------------------------------------------------


def test_a_mail_is_answered_with_its_people_and_what_it_is_about(
    api: ApiClient, sender: Sender, customer: Customer, owner: TeamUser, now_sent: Sent, mailoutbox: Any
) -> None:
    contact = customer.contacts.get()
    body = {
        "subject": "Bonjour {contact.name}", "html": "<p>De la part de {team.name}</p>",
        "to": [{"email": contact.email, "type": "contact", "id": contact.pk}, {"email": "x@y.example"}],
        "cc": [{"email": "compta@durand.example", "type": "customer", "id": customer.pk}],
        "cci": [{"email": owner.user.email, "type": "teamUser", "id": owner.pk}],
        "elements": [{"type": "customer", "id": customer.pk}],
    }  # fmt: skip
    includes = "recipients,elements,sender,teamUser,attachments,recipients.element,labels,events,headers"
    made = ok(now_sent(lambda: api.post(f"/mail/send?include={includes}", body)), 201)
    assert (made["subject"], made["text"], made["snippet"]) == (
        "Bonjour Léa Martin", "De la part de Acme", "De la part de Acme",
    )  # fmt: skip
    assert [recipient["mail"] for recipient in made["recipients"]] == [
        "lea@durand.example", "x@y.example", "compta@durand.example", owner.user.email,
    ]  # fmt: skip
    first, plain = made["to"]
    assert (first["id"], first["type"], first["name"]) == (contact.pk, "contact", "Léa Martin")
    assert first["data"]["lastname"] == "Martin"
    assert plain == {"id": None, "type": None, "name": None, "mail": "x@y.example", "data": None}
    assert (made["cc"][0]["name"], made["cci"][0]["type"]) == ("Durand & Fils", "teamUser")
    [element] = made["elements"]
    assert (element["type"], element["title"], element["data"]["id"]) == (
        "customer",
        "Durand & Fils",
        customer.pk,
    )
    assert made["sender"]["address"] == "jean@localhost"
    assert made["team_user"]["id"] == owner.pk
    answer = ok(api.get(f"/mail/{made['id']}", include=includes))
    assert (answer["send_status"], answer["send_error"], answer["labels"]) == (True, None, ["sent"])
    assert {"name": "Subject", "value": "Bonjour Léa Martin"} in answer["headers"]
    addressed = [parseaddr(str(make_header(decode_header(one)))) for one in mailoutbox[0].recipients()]
    assert addressed == [
        ("Léa Martin", "lea@durand.example"),
        ("", "x@y.example"),
        ("Durand & Fils", "compta@durand.example"),
        (str(owner.user), owner.user.email),
    ]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"to": []}, "to"),
        ({"to": [{"email": "nobody"}]}, "to.0.email"),
        ({"to": [{"email": "a@b.fr\r\nBcc: c@d.fr"}]}, "to.0.email"),
        ({"cc": [{"email": "a@b.fr", "id": 1}]}, "cc.0.type"),
        ({"cci": [{"email": "a@b.fr", "type": "contact"}]}, "cci.0.id"),
        ({"to": [{"email": "a@b.fr", "type": "contact", "id": 999999}]}, "to.0.id"),
        ({"elements": [{"type": "customerSepa", "id": 1}]}, "elements.0.type"),
        ({"elements": [{"type": "contract", "id": 1}]}, "elements.0.type"),
        ({"elements": [{"type": "moon", "id": 1}]}, "elements.0.type"),
        ({"html": "", "subject": ""}, "html"),
        ({"html": "{document.reference}"}, "html"),
        ({"sender": 999999}, "sender"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_sent(api: ApiClient, sender: Sender, body: dict[str, Any], path: str) -> None:
    body = {"subject": "x", "html": "x", "to": [{"email": "a@b.fr"}], **body}
    assert list(errors(api.post("/mail/send", body))) == [path]
    assert ok(api.get("/mail"))["datas"] == []


def test_an_unvalidated_sender_sends_nothing(api: ApiClient, sender: Sender) -> None:
    Sender.objects.filter(pk=sender.pk).update(validated_at=None)
    body = {"html": "x", "to": [{"email": "a@b.fr"}]}
    assert "none that is validated" in errors(api.post("/mail/send", body))["sender"][0]
    assert "not validated" in errors(api.post("/mail/send", {**body, "sender": sender.pk}))["sender"][0]


def test_an_inserted_mail_is_recorded_and_not_sent(
    api: ApiClient, customer: Customer, now_sent: Sent, mailoutbox: Any
) -> None:
    body = {"date": "2024-12-12", "subject": "{team.name}", "text": "Vu\nhier", "to": [{"email": "a@b.fr"}],
            "elements": [{"type": "customer", "id": customer.pk}]}  # fmt: skip
    made = ok(now_sent(lambda: api.post("/mail/send/insert?include=labels", body)), 201)
    assert made["datetime"] == "2024-12-12T00:00:00.000000Z"
    assert (made["subject"], made["html"], made["send_status"]) == ("{team.name}", "Vu<br>hier", True)
    assert (made["labels"], mailoutbox) == (["inserted"], [])


def test_files_of_all_kinds_are_attached(
    api: ApiClient, sender: Sender, now_sent: Sent, mailoutbox: Any, team: Team
) -> None:
    library = ok(form(api, "post", "/mail/library", name="Tarif", file=pdf()), 201)["id"]
    own = {"attachments[]": [pdf("model.pdf")], "library_files[]": [library]}
    texts = {"name": "m", "subject": "Sujet", "html": "Texte"}
    model = ok(form(api, "post", "/mail/model", **texts, **own), 201)["id"]
    body = {"model": model, "to[0][email]": "a@b.fr", "attachments[]": [pdf("own.pdf")]}
    made = ok(now_sent(lambda: form(api, "post", "/mail/send?include=attachments", **body)), 201)
    names = ["own.pdf", "model.pdf", "tarif.pdf"]
    assert sorted(file["filename"] for file in made["attachments"]) == sorted(names)
    [mail] = mailoutbox
    assert mail.subject == "Sujet"
    assert sorted(name for name, _content, _kind in mail.attachments) == sorted(names)
    assert {name: (content, kind) for name, content, kind in mail.attachments}["tarif.pdf"] == (
        PDF,
        "application/pdf",
    )
    ok(form(api, "put", f"/mail/library/{library}", file=pdf("new.pdf", b"%PDF-new")))
    with team_scope(team):
        assert Mail.objects.get(pk=made["id"]).attachments.filter(filename="tarif.pdf").exists()


def test_mails_are_filtered(api: ApiClient, sender: Sender, customer: Customer, team: Team) -> None:
    def insert(**body: Any) -> int:
        return ok(api.post("/mail/send/insert", {"html": "x", **body}), 201)["id"]

    first = insert(date="2026-03-01T22:59:00Z", subject="Devis", to=[{"email": "lea@durand.example"}])
    second = insert(
        date="2026-03-01T23:30:00Z", subject="Facture", cci=[{"email": "jean@martin.example"}],
        sender=sender.pk, elements=[{"type": "customer", "id": customer.pk}],
    )  # fmt: skip

    def found(**query: Any) -> list[int]:
        return [row["id"] for row in ok(api.get("/mail", sort="datetime", **query))["datas"]]

    assert found() == [first, second]
    assert found(**{"filter[senderId]": sender.pk}) == [second]
    assert found(**{"filter[sinceDate]": "2026-03-02"}) == [second]  # 00:30 in Paris
    assert found(**{"filter[untilDate]": "2026-03-01"}) == [first]
    assert found(**{"filter[subject]": "fact%"}) == [second]
    assert found(**{"filter[from_mail]": "jean@%"}) == [second]
    assert found(**{"filter[to_mail]": "%durand%"}) == [first]
    assert found(**{"filter[to_mail]": "jean@martin.example"}) == [second]
    assert found(**{"filter[with_attachment]": 1}) == []
    assert found(**{"filter[with_attachment]": 0}) == [first, second]
    for spelled in (
        {"filter[elements][0][]": [customer.pk, "customer"]},
        {"filter[elements][]": [customer.pk, "customer"]},
        {"filter[elements][0][type]": "customer", "filter[elements][0][id]": customer.pk},
    ):
        assert found(**spelled) == [second], spelled
    refused = api.get("/mail", **{"filter[elements][0][]": [1, "contract"]})
    assert "never describes" in errors(refused)["filter.elements"][0]
    assert found(search="%evi%") == [first]
    ok(api.delete(f"/mail/{first}"), 204)
    assert found() == [second]
    assert list(ok(api.get("/mail", with_deleted=1, sort="datetime"))["datas"][0]) == ["id", "deleted_at"]


def test_a_mail_is_read_by_those_who_may(
    api: ApiClient, sender: Sender, member_api: Callable[..., ApiClient]
) -> None:
    Sender.objects.filter(pk=sender.pk).update(share=True)
    body = {"html": "x", "to": [{"email": "a@b.fr"}]}
    reader, writer = member_api(send_mail=0), member_api(mail_access=0)
    assert reader.post("/mail/send", body).status_code == 403
    mail = ok(writer.post("/mail/send", body), 201)["id"]
    assert writer.get(f"/mail/{mail}").status_code == 403
    ok(reader.get(f"/mail/{mail}"))
    assert reader.delete(f"/mail/{mail}").status_code == writer.delete(f"/mail/{mail}").status_code == 403


def test_a_failed_mail_is_sent_again_on_request(
    api: ApiClient, sender: Sender, now_sent: Sent, mailoutbox: Any
) -> None:
    mail = ok(api.post("/mail/send", {"html": "x", "to": [{"email": "a@b.fr"}]}), 201)["id"]
    Mail.objects.filter(pk=mail).update(state="failed", send_error="550 no", attempts=3)
    answer = ok(now_sent(lambda: api.put(f"/mail/{mail}/retry")))
    assert len(mailoutbox) == 1
    assert ok(api.get(f"/mail/{mail}"))["send_error"] is None
    assert answer["id"] == mail
    assert api.put(f"/mail/{mail}/retry").status_code == 409


# --- Tracking ---------------------------------------------------------------------------------------


def tracked_links(mailoutbox: Any) -> tuple[str, str]:
    """The addresses of the picture and of the first link of the last mail, below the site's."""
    html = mailoutbox[-1].alternatives[0][0]
    pixel = re.search(r'src="http://[^/]+(/m/o/[^"]+)"', html)
    click = re.search(r'href="http://[^/]+(/m/c/[^"]+)"', html)
    return (pixel[1] if pixel else "", click[1] if click else "")


def test_openings_and_clicks_are_recorded_when_the_sender_asks(
    api: ApiClient, sender: Sender, now_sent: Sent, mailoutbox: Any
) -> None:
    Sender.objects.filter(pk=sender.pk).update(track_open=True, track_click=True)
    target = "https://example.com/a?b=1&c=é"
    body = {"html": f'<a href="{target}">voir</a> <a href="mailto:x@y.fr">m</a>', "to": [{"email": "a@b.fr"}]}
    mail = ok(now_sent(lambda: api.post("/mail/send", body)), 201)
    assert target.replace("&", "&amp;") in mail["html"]
    pixel, click = tracked_links(mailoutbox)
    browser = Client()
    answer = browser.get(pixel)
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"].startswith("max-age=0")) == (
        200,
        "image/gif",
        True,
    )
    followed = browser.get(click)
    assert followed.status_code == 302
    assert followed["Location"].startswith("https://example.com/a?b=1&c=")
    browser.head(pixel)
    shown = ok(api.get(f"/mail/{mail['id']}", include="events,labels"))
    assert [(event["type"], event["url"]) for event in shown["events"]] == [("open", None), ("click", target)]
    assert shown["labels"] == ["sent", "opened", "clicked"]
    assert shown["read_at"] is not None
    assert {field.name for field in MailEvent._meta.concrete_fields} & {
        "ip",
        "address",
        "user_agent",
    } == set()


def test_nothing_is_tracked_unasked(api: ApiClient, sender: Sender, now_sent: Sent, mailoutbox: Any) -> None:
    body = {"html": '<a href="https://example.com/">voir</a>', "to": [{"email": "a@b.fr"}]}
    now_sent(lambda: api.post("/mail/send", body))
    assert tracked_links(mailoutbox) == ("", "")


def test_a_tracking_link_leads_only_where_this_product_said(
    api: ApiClient, sender: Sender, now_sent: Sent, mailoutbox: Any
) -> None:
    Sender.objects.filter(pk=sender.pk).update(track_open=True, track_click=True)
    now_sent(
        lambda: api.post("/mail/send", {"html": '<a href="https://e.com">x</a>', "to": [{"email": "a@b.fr"}]})
    )
    pixel, click = tracked_links(mailoutbox)
    assert Client().get(click[:-2] + "xx").status_code == 404
    assert Client().get("/m/c/https://evil.example").status_code == 404
    assert Client().get(pixel.replace("/m/o/", "/m/c/").removesuffix(".gif")).status_code == 404
    assert Client().get("/m/o/nonsense.gif").status_code == 200
    assert MailEvent.objects.count() == 0


def test_other_teams_know_nothing_of_all_this(
    other_api: ApiClient, sender: Sender, customer: Customer
) -> None:
    contact = customer.contacts.get()
    assert isinstance(contact, Contact)
    body = {
        "html": "x",
        "to": [{"email": "a@b.fr", "type": "contact", "id": contact.pk}],
        "sender": sender.pk,
    }
    assert list(errors(other_api.post("/mail/send", body))) == ["sender", "to.0.id"]
    assert LibraryFile.objects.count() == 0
    assert MailModel.objects.count() == 6
