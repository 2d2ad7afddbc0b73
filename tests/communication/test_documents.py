"""Sales documents by mail: their PDF, their model, their status, the button of their page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from erp.catalog.models import ProviderCommand
from erp.catalog.models.purchases import CommandStatus
from erp.catalog.services import command_pdf
from erp.communication import services
from erp.communication.admin.compose import compose_url
from erp.communication.models import LibraryFile, Mail, MailModel, Sender
from erp.core.encryption import decrypt
from erp.core.scope import team_scope
from erp.customers.models import Customer
from erp.sales.choices import Kind, Status
from erp.sales.models import Document
from erp.sales.services import rendering
from tenants.models import Team, TeamUser
from tests.admin.pages import form_data, messages_of, signed_in, url
from tests.conftest import ApiClient
from tests.factories import make

Sent = Callable[[Callable[[], Any]], Any]
MakeDocument = Callable[..., Document]


@pytest.fixture(autouse=True)
def quick_pdfs(monkeypatch: pytest.MonkeyPatch) -> None:
    """PDFs are made of their reference alone: how they look is tested with sales."""
    monkeypatch.setattr(rendering, "pdf_bytes", lambda document: f"%PDF-{document.reference}".encode())


@pytest.fixture
def browser(owner: TeamUser) -> Client:
    return signed_in(owner)


def body(document: Document, **values: Any) -> dict[str, Any]:
    return {
        "to": [{"email": "lea@durand.example"}], "subject": "s", "html": "h",
        "elements": [{"type": document.kind, "id": document.pk}], **values,
    }  # fmt: skip


@pytest.mark.parametrize("kind", [Kind.QUOTATION, Kind.COMMAND, Kind.PROFORMA, Kind.DELIVERY, Kind.INVOICE])
def test_a_document_leaves_with_its_pdf_and_is_then_sent(
    api: ApiClient, sender: Sender, make_document: MakeDocument, now_sent: Sent, mailoutbox: Any, kind: Kind
) -> None:
    document = make_document(kind)
    assert document.status == Status.VALIDATED
    answer = now_sent(lambda: api.post("/mail/send", body(document)))
    assert answer.status_code == 201, answer.content
    [(name, content, mime)] = mailoutbox[0].attachments
    assert (name, content, mime) == (
        f"{document.reference}.pdf", f"%PDF-{document.reference}".encode(), "application/pdf",
    )  # fmt: skip
    document.refresh_from_db()
    assert document.status == Status.SENT


def test_a_document_may_be_mentioned_without_its_pdf(
    api: ApiClient, sender: Sender, make_document: MakeDocument, now_sent: Sent, mailoutbox: Any
) -> None:
    document = make_document()
    now_sent(lambda: api.post("/mail/send", body(document, attach_documents=False)))
    document.refresh_from_db()
    assert (mailoutbox[0].attachments, document.status) == ([], Status.VALIDATED)


def test_a_document_stays_as_it_is_when_its_mail_cannot_leave(
    api: ApiClient, sender: Sender, make_document: MakeDocument, now_sent: Sent, settings: Any
) -> None:
    document = make_document()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    mail = now_sent(lambda: api.post("/mail/send", body(document))).json()
    document.refresh_from_db()
    assert (document.status, Mail.objects.get(pk=mail["id"]).state) == (Status.VALIDATED, "waiting")


def test_an_accepted_quotation_does_not_go_back_to_sent(
    api: ApiClient, sender: Sender, make_document: MakeDocument, now_sent: Sent
) -> None:
    document = make_document(Kind.QUOTATION)
    Document.objects.filter(pk=document.pk).update(status=Status.ACCEPTED)
    now_sent(lambda: api.post("/mail/send", body(document)))
    document.refresh_from_db()
    assert document.status == Status.ACCEPTED


def test_a_draft_is_not_sent(api: ApiClient, sender: Sender, make_document: MakeDocument) -> None:
    document = make_document(is_draft=True)
    answer = api.post("/mail/send", body(document))
    assert answer.status_code == 422
    assert "is a draft" in answer.json()["errors"]["elements.0"][0]
    assert api.post("/mail/send", body(document, attach_documents=False)).status_code == 201


def test_a_pdf_that_cannot_be_made_sends_nothing(
    api: ApiClient, sender: Sender, make_document: MakeDocument, monkeypatch: Any
) -> None:
    document = make_document()
    monkeypatch.setattr(rendering, "pdf_bytes", lambda document: 1 / 0)
    assert api.post("/mail/send", body(document)).status_code == 503
    assert Mail.objects.count() == 0


def test_the_models_of_the_settings_fill_mails(
    api: ApiClient, sender: Sender, make_document: MakeDocument, team: Team
) -> None:
    document = make_document()
    model = team.parameter("communication_model_invoice")
    made = api.post("/mail/send", body(document, model=model, subject="", html="")).json()
    assert made["subject"] == f"Votre facture {document.reference}"
    assert "d'un montant de 120,00\u00a0€" in made["text"]


# --- Pages ------------------------------------------------------------------------------------------


def test_the_page_of_a_document_leads_to_a_mail_ready_to_be_sent(
    browser: Client, sender: Sender, make_document: MakeDocument, now_sent: Sent, mailoutbox: Any
) -> None:
    document = make_document()
    page = browser.get(f"/admin/sales/invoice/{document.pk}/change/")
    address = compose_url("invoice", document.pk)
    assert address.replace("&", "&amp;") in page.content.decode()
    form = browser.get(address)
    data = form_data(form)
    assert data["subject"] == f"Votre facture {document.reference}"
    assert "120,00" in data["html"]
    assert data["people"] == ["compta@durand.example"]
    assert data["sender"] == [str(sender.pk)]
    preview = browser.post("/admin/communication/mail/preview/", data)
    assert "120,00" in preview.content.decode()
    assert preview["X-Frame-Options"] == "SAMEORIGIN"
    assert "default-src 'none'" in preview["Content-Security-Policy"]
    answer = now_sent(
        lambda: browser.post(address, {**data, "cc": "chef@durand.example; a@b.fr"}, follow=True)
    )
    assert messages_of(answer) == ["The mail is on its way."]
    assert answer.redirect_chain[-1][0] == f"/admin/sales/invoice/{document.pk}/change/"
    [mail] = mailoutbox
    assert (mail.cc, len(mail.attachments)) == (["chef@durand.example", "a@b.fr"], 1)
    row = Mail.objects.get()
    assert row.recipients.filter(field="to").get().element.row.name == "Durand & Fils"
    shown = browser.get(url(Mail, "change", row.pk)).content.decode()
    assert f"/admin/sales/invoice/{document.pk}/change/" in shown
    frame = browser.get(f"/admin/communication/mail/{row.pk}/message/")
    assert "sandbox" in frame["Content-Security-Policy"]


def test_the_page_of_a_draft_says_why_it_is_not_sent(browser: Client, make_document: MakeDocument) -> None:
    document = make_document(is_draft=True)
    page = browser.get(f"/admin/sales/invoice/{document.pk}/change/").content.decode()
    assert "Validate the document first: a draft is not sent." in page


def test_who_may_not_send_mails_has_no_button(
    make_member: Callable[..., TeamUser], make_document: MakeDocument
) -> None:
    document = make_document()
    browser = signed_in(make_member(send_mail=0))
    assert "Send by mail" not in browser.get(f"/admin/sales/invoice/{document.pk}/change/").content.decode()
    assert browser.get(compose_url("invoice", document.pk)).status_code == 403
    assert browser.post("/admin/communication/mail/preview/").status_code == 403


def test_another_model_changes_the_text(browser: Client, sender: Sender, customer: Customer) -> None:
    model = services.save_model(MailModel(), {"name": "m", "subject": "Pour {customer.name}", "html": "x"})
    data = form_data(browser.get(f"{compose_url('customer', customer.pk)}&model={model.pk}"))
    assert data["subject"] == "Pour Durand & Fils"
    assert browser.get(f"{compose_url('customer', 10**9)}&model=abc").status_code == 200


def test_what_is_wrong_shows_beside_its_field(browser: Client, sender: Sender) -> None:
    page = browser.get(url(Mail, "add"))
    for values, field in (
        ({"to": "nobody"}, "to"),
        ({"to": ""}, "to"),
        ({"to": "a@b.fr", "html": "{document.date}"}, "html"),
    ):
        answer = browser.post(url(Mail, "add"), {**form_data(page), "html": "x", **values})
        assert field in answer.context["adminform"].form.errors, values
    assert Mail.objects.count() == 0


def test_a_failed_mail_is_sent_again_from_its_page(
    browser: Client, sender: Sender, now_sent: Sent, mailoutbox: Any
) -> None:
    mail = services.send_mail({"html": "x", "to": [{"email": "a@b.fr"}]})
    Mail.objects.filter(pk=mail.pk).update(state="failed", send_error="550 no")
    address = f"/admin/communication/mail/{mail.pk}/retry/"
    assert "get it twice" in browser.get(address).content.decode()
    now_sent(lambda: browser.post(address))
    assert len(mailoutbox) == 1
    answer = browser.post(address, follow=True)
    assert messages_of(answer)[-1] == "This mail needs no new try."


def test_a_sender_is_made_on_its_page(
    browser: Client, scope: Any, owner: TeamUser, now_sent: Sent, mailoutbox: Any
) -> None:
    data = form_data(browser.get(url(Sender, "add")))
    assert data["address"] == owner.user.email
    data |= {
        "type": "smtp",
        "address": "jean@acme.example",
        "smtp_authentication": "on",
        "smtp_login": "jean",
    }
    answer = browser.post(url(Sender, "add"), data)
    errors = answer.context["adminform"].form.errors
    assert set(errors) == {"smtp_server", "smtp_port"}
    data |= {"smtp_server": "127.0.0.1", "smtp_port": "1", "smtp_security": "none"}
    answer = browser.post(url(Sender, "add"), data)
    assert set(answer.context["adminform"].form.errors) == {"smtp_password_typed"}
    answer = now_sent(
        lambda: browser.post(url(Sender, "add"), {**data, "smtp_password_typed": "s3cret"}, follow=True)
    )
    row = Sender.objects.get()
    assert (decrypt(row.smtp_password), row.is_validated) == ("s3cret", False)
    page = browser.get(url(Sender, "change", row.pk))
    assert "s3cret" not in page.content.decode()
    assert "The mail server did not answer." in page.content.decode()
    answer = browser.post(url(Sender, "change", row.pk), {**form_data(page), "name": "Other"})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.name, decrypt(row.smtp_password)) == ("Other", "s3cret")


def test_a_shared_sender_is_shown_to_others_and_changed_by_its_owner(
    make_member: Callable[..., TeamUser], sender: Sender
) -> None:
    browser = signed_in(make_member(app_configuration=0))
    assert browser.get(url(Sender, "change", sender.pk)).status_code == 302
    Sender.objects.filter(pk=sender.pk).update(share=True)
    assert browser.get(url(Sender, "change", sender.pk)).status_code == 200
    assert browser.post(url(Sender, "change", sender.pk), {"name": "x"}).status_code == 403


def test_files_are_kept_and_downloaded(browser: Client, scope: Any, other_team: Team) -> None:
    upload = SimpleUploadedFile("tarif.pdf", b"%PDF-1")
    answer = browser.post(url(LibraryFile, "add"), {"name": "Tarif", "upload": upload})
    assert answer.status_code == 302, answer.context["errors"]
    row = LibraryFile.objects.select_related("file").get()
    download = browser.get(f"/admin/communication/libraryfile/{row.pk}/file/")
    assert (download.content, download["Content-Type"]) == (b"%PDF-1", "application/octet-stream")
    assert download["Content-Disposition"] == 'attachment; filename="tarif.pdf"'
    assert "upload" in browser.post(url(LibraryFile, "add"), {"name": "x"}).context["adminform"].form.errors
    with team_scope(other_team):
        foreign = make(LibraryFile).pk
    assert browser.get(f"/admin/communication/libraryfile/{foreign}/file/").status_code == 404


def test_a_models_files_are_added_and_taken_away(browser: Client, scope: Any) -> None:
    data = {
        "name": "m",
        "subject": "s",
        "html": "h",
        "add_attachments": SimpleUploadedFile("a.pdf", b"%PDF-1"),
    }
    assert browser.post(url(MailModel, "add"), data).status_code == 302
    row = MailModel.objects.get(name="m")
    file = row.attachments.get()
    page = browser.get(url(MailModel, "change", row.pk))
    browser.post(url(MailModel, "change", row.pk), {**form_data(page), "remove_attachments": [file.pk]})
    assert not row.attachments.exists()


def test_a_supplier_order_is_sent_with_its_pdf(
    api: ApiClient, sender: Sender, customer: Customer, now_sent: Sent, mailoutbox: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(command_pdf, "_pdf_bytes", lambda command: b"%PDF-order")
    customer.is_provider = True
    customer.save()
    order = make(ProviderCommand, reference="CF-1", provider=customer, status=CommandStatus.WAITING)
    values = {
        "to": [{"email": "a@b.fr"}], "html": "x",
        "subject": "{document.kind} {document.reference} {customer.name}",
        "elements": [{"type": "providerCommand", "id": order.pk}],
    }  # fmt: skip
    answer = now_sent(lambda: api.post("/mail/send", values))
    assert answer.status_code == 201, answer.content
    assert mailoutbox[0].subject == "supplier order CF-1 Durand & Fils"
    assert mailoutbox[0].attachments[0][0] == "CF-1.pdf"
    ProviderCommand.objects.filter(pk=order.pk).update(status=CommandStatus.DRAFT)
    assert "elements.0" in api.post("/mail/send", values).json()["errors"]


def test_the_page_of_a_customer_leads_to_a_mail(
    browser: Client, customer: Customer, make_member: Callable[..., TeamUser]
) -> None:
    page = url(Customer, "change", customer.pk)
    assert compose_url("customer", customer.pk) in browser.get(page).content.decode()
    other = signed_in(make_member(send_mail=0))
    assert "communication/mail/add" not in other.get(page).content.decode()
