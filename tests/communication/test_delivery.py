"""Mails over real SMTP: what arrives, what is recorded, what is tried again."""

from __future__ import annotations

import datetime
import socket
import threading
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from erp.communication import services, smtp
from erp.communication.choices import State
from erp.communication.models import Mail, Sender
from erp.communication.services import delivery
from tests.communication.conftest import LOGIN, SECRET, MailServer
from tests.conftest import ApiClient, key_of

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

Sent = Callable[[Callable[[], Any]], Any]
SmtpSender = Callable[..., Sender]
Served = tuple[MailServer, int]
VALUES: dict[str, Any] = {
    "subject": "Chantier été",
    "html": "<p>Bonjour,</p><p>Voici le <b>plan</b>.</p>",
    "to": [{"email": "lea@durand.example"}],
    "cc": [{"email": "chef@durand.example"}],
    "cci": [{"email": "archive@acme.example"}],
}


def sent(now_sent: Sent, sender: Sender, **values: Any) -> Mail:
    """A mail that was written and, if it could, left."""
    mail = now_sent(lambda: services.send_mail({**VALUES, "sender": sender, **values}))
    return Mail.objects.get(pk=mail.pk)


def test_a_mail_arrives_with_its_head_and_both_texts(
    mail_server: Served, smtp_sender: SmtpSender, now_sent: Sent
) -> None:
    server, port = mail_server
    mail = sent(now_sent, smtp_sender(port, signature="<b>Jean</b><br>Acme"))
    [envelope], [message] = server.envelopes, server.mails
    assert envelope.mail_from == "jean@acme.example"
    assert envelope.rcpt_tos == ["lea@durand.example", "chef@durand.example", "archive@acme.example"]
    assert message["From"] == "Jean Dupont <jean@acme.example>"
    assert (message["To"], message["Cc"], message["Bcc"]) == (
        "lea@durand.example",
        "chef@durand.example",
        None,
    )
    assert message["Subject"] == "Chantier été"
    assert message["Message-ID"] == mail.message_id
    assert abs(parsedate_to_datetime(message["Date"]) - timezone.now()) < datetime.timedelta(minutes=1)
    assert b"archive@acme.example" not in envelope.original_content
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain.get_content().splitlines() == ["Bonjour,", "", "Voici le plan.", "", "Jean", "Acme"]
    assert html.get_content().strip() == (
        "<p>Bonjour,</p><p>Voici le <b>plan</b>.</p><br><br><b>Jean</b><br>Acme"
    )
    assert (mail.state, mail.send_status, mail.send_error) == (State.SENT, True, "")
    assert "Subject: =?utf-8?" in mail.raw


@pytest.mark.parametrize(("security", "at_once"), [("tls", False), ("ssl", True)])
def test_connections_are_encrypted_and_passwords_given(
    serve: Any,
    context: Any,
    trusted: None,
    smtp_sender: SmtpSender,
    now_sent: Sent,
    security: str,
    at_once: bool,
) -> None:
    server, port = serve(context=context, at_once=at_once, login=True)
    mail = sent(now_sent, smtp_sender(port, security=security, login=True))
    assert mail.state == State.SENT, mail.send_error
    assert server.logins == [(LOGIN, SECRET)]


@pytest.mark.parametrize(("security", "at_once"), [("tls", False), ("ssl", True)])
def test_a_certificate_of_nobody_known_is_refused(
    serve: Any, context: Any, smtp_sender: SmtpSender, now_sent: Sent, security: str, at_once: bool
) -> None:
    server, port = serve(context=context, at_once=at_once)
    sender = smtp_sender(port, security=security)
    mail = sent(now_sent, sender)
    assert (mail.state, mail.send_error) == (
        State.FAILED,
        "The server's certificate is not valid for its name.",
    )
    assert server.envelopes == []
    sender.refresh_from_db()
    assert sender.last_error == mail.send_error


def test_encryption_that_the_server_has_not_is_never_done_without(
    mail_server: Served, smtp_sender: SmtpSender, now_sent: Sent
) -> None:
    server, port = mail_server
    mail = sent(now_sent, smtp_sender(port, security="tls"))
    assert mail.state == State.FAILED
    assert "does not offer" in mail.send_error
    assert server.envelopes == []


def test_a_refused_login_is_told_and_not_tried_again(
    serve: Any, smtp_sender: SmtpSender, now_sent: Sent
) -> None:
    _server, port = serve(login=True)
    sender = smtp_sender(port, login=True)
    Sender.objects.filter(pk=sender.pk).update(smtp_login="somebody")
    mail = sent(now_sent, sender)
    assert (mail.state, mail.attempts) == (State.FAILED, 1)
    assert mail.send_error.startswith("The server refused the login: 535")
    assert SECRET not in mail.send_error


def test_a_server_that_is_down_is_tried_again_later(smtp_sender: SmtpSender, now_sent: Sent) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    mail = sent(now_sent, smtp_sender(port))
    assert (mail.state, mail.attempts, mail.send_status) == (State.WAITING, 1, False)
    assert mail.send_error == "The mail server did not answer."
    wait = mail.next_attempt_at - timezone.now()
    assert datetime.timedelta(seconds=50) < wait <= delivery.BACKOFF[0]


def test_a_temporary_refusal_is_tried_again_until_it_is_accepted(
    mail_server: Served, smtp_sender: SmtpSender, now_sent: Sent, team: Any
) -> None:
    server, port = mail_server
    server.answer("MAIL", "451 try later", "421 busy")
    mail = sent(now_sent, smtp_sender(port))
    assert (mail.state, mail.send_error) == (State.WAITING, "451 try later")
    for expected in (State.WAITING, State.SENT):
        Mail.objects.filter(pk=mail.pk).update(next_attempt_at=timezone.now())
        call_command("send_mails", verbosity=0)
        mail.refresh_from_db()
        assert mail.state == expected
    assert (mail.attempts, mail.send_error) == (3, "")
    assert len(server.mails) == 1


def test_a_mail_is_given_up_after_the_last_wait(
    mail_server: Served, smtp_sender: SmtpSender, now_sent: Sent, team: Any
) -> None:
    server, port = mail_server
    server.answer("MAIL", *["451 try later"] * 6)
    mail = sent(now_sent, smtp_sender(port))
    waits = []
    while mail.state == State.WAITING:
        waits.append(round((mail.next_attempt_at - timezone.now()).total_seconds() / 60))
        Mail.objects.filter(pk=mail.pk).update(next_attempt_at=timezone.now())
        delivery.deliver(team, mail.pk)
        mail.refresh_from_db()
    assert waits == [1, 5, 30, 120, 360]
    assert (mail.state, mail.attempts, mail.send_error) == (State.FAILED, 6, "451 try later")


def test_a_final_refusal_is_recorded_and_a_person_may_try_again(
    mail_server: Served, smtp_sender: SmtpSender, now_sent: Sent
) -> None:
    server, port = mail_server
    server.answer("DATA", "554 smells of spam")
    mail = sent(now_sent, smtp_sender(port))
    assert (mail.state, mail.send_error) == (State.FAILED, "554 smells of spam")
    now_sent(lambda: services.retry_mail(mail))
    mail.refresh_from_db()
    assert (mail.state, mail.send_error, len(server.mails)) == (State.SENT, "", 1)


def test_some_refused_addresses_do_not_keep_the_others_from_their_mail(
    mail_server: Served, smtp_sender: SmtpSender, now_sent: Sent
) -> None:
    server, port = mail_server
    server.answer("RCPT chef@durand.example", "550 unknown")
    mail = sent(now_sent, smtp_sender(port))
    assert mail.state == State.SENT
    assert mail.send_error == "Some addresses were refused. chef@durand.example: 550 unknown"
    assert server.envelopes[0].rcpt_tos == ["lea@durand.example", "archive@acme.example"]


def test_when_every_address_is_refused_the_mail_is(
    mail_server: Served, smtp_sender: SmtpSender, now_sent: Sent
) -> None:
    server, port = mail_server
    server.answer("RCPT", "550 a", "550 b", "550 c")
    mail = sent(now_sent, smtp_sender(port))
    assert (mail.state, server.envelopes) == (State.FAILED, [])
    assert "lea@durand.example: 550 a" in mail.send_error


def test_a_server_that_leaves_without_an_answer_leaves_a_doubt(
    mail_server: Served, smtp_sender: SmtpSender, now_sent: Sent
) -> None:
    """Nobody knows whether it took the mail: it is not sent twice by itself."""
    server, port = mail_server
    server.answer("DATA", "leave")
    mail = sent(now_sent, smtp_sender(port))
    assert mail.state == State.FAILED
    assert "It may have been sent" in mail.send_error


def test_a_mail_is_sent_once_however_often_its_task_runs(
    mail_server: Served, smtp_sender: SmtpSender, now_sent: Sent, team: Any
) -> None:
    server, port = mail_server
    mail = sent(now_sent, smtp_sender(port))
    for _ in range(3):
        delivery.deliver(team, mail.pk)
    assert len(server.mails) == 1


def test_a_worker_that_was_lost_leaves_a_mail_that_is_not_sent_again_by_itself(
    mail_server: Served, smtp_sender: SmtpSender, now_sent: Sent, team: Any
) -> None:
    server, port = mail_server
    mail = services.send_mail({**VALUES, "sender": smtp_sender(port)})
    lost = timezone.now() - delivery.LOST_AFTER - datetime.timedelta(minutes=1)
    Mail.objects.filter(pk=mail.pk).update(state=State.SENDING, claimed_at=lost)
    call_command("send_mails", verbosity=0)
    mail.refresh_from_db()
    assert mail.state == State.FAILED
    assert "It may have been sent" in mail.send_error
    assert server.mails == []
    now_sent(lambda: services.retry_mail(mail))
    assert server.mails[0]["Message-ID"] == mail.message_id


def test_a_mail_for_later_waits_for_its_time(
    mail_server: Served, smtp_sender: SmtpSender, now_sent: Sent
) -> None:
    server, port = mail_server
    mail = sent(now_sent, smtp_sender(port), date=timezone.now() + datetime.timedelta(hours=1))
    call_command("send_mails", verbosity=0)
    assert (server.mails, mail.state) == ([], State.WAITING)
    Mail.objects.filter(pk=mail.pk).update(next_attempt_at=timezone.now())
    call_command("send_mails", verbosity=0)
    assert len(server.mails) == 1


def test_a_sender_changed_meanwhile_sends_nothing(
    mail_server: Served, smtp_sender: SmtpSender, now_sent: Sent
) -> None:
    server, port = mail_server
    sender = smtp_sender(port)
    mail = services.send_mail({**VALUES, "sender": sender})
    services.update_sender(sender, {"address": "other@acme.example"})
    delivery.deliver(mail.team, mail.pk)
    mail.refresh_from_db()
    assert (mail.state, server.mails) == (State.FAILED, [])
    assert mail.send_error == "The sender has to be validated again."


@pytest.mark.parametrize("name", ["Jean\r\nBcc: spy@evil.example", "Jean <x@y>, Paul", "Ève «»"])
def test_a_name_cannot_begin_another_header(
    mail_server: Served, smtp_sender: SmtpSender, now_sent: Sent, name: str
) -> None:
    server, port = mail_server
    sender = smtp_sender(port)
    services.update_sender(sender, {"name": name})
    mail = sent(now_sent, sender, subject="Hello\r\nBcc: spy@evil.example\r\n\r\n<b>body</b>")
    assert mail.state == State.SENT, mail.send_error
    [message] = server.mails
    assert message["Bcc"] is None
    assert [address.addr_spec for address in message["From"].addresses] == ["jean@acme.example"]
    assert message["Subject"] == "Hello Bcc: spy@evil.example <b>body</b>"
    assert "spy@evil.example" not in str(server.envelopes[0].rcpt_tos)


def test_an_address_of_a_domain_with_accents_is_written_to(
    mail_server: Served, smtp_sender: SmtpSender, now_sent: Sent
) -> None:
    server, port = mail_server
    sender = smtp_sender(port, address="jean@bâtir.example")
    mail = sent(now_sent, sender, to=[{"email": "lea@été.example"}], cc=[], cci=[])
    [envelope], [message] = server.envelopes, server.mails
    assert (mail.state, mail.send_error) == (State.SENT, "")
    assert envelope.mail_from == "jean@xn--btir-boa.example"
    assert envelope.rcpt_tos == ["lea@xn--t-9fab.example"]
    assert message["From"] == "Jean Dupont <jean@xn--btir-boa.example>"
    assert message["To"] == "lea@xn--t-9fab.example"


def test_the_installations_server_names_itself_for_senders_of_other_domains(
    sender: Sender, now_sent: Sent, mailoutbox: Any
) -> None:
    sent(now_sent, sender)
    Sender.objects.filter(pk=sender.pk).update(address="jean@elsewhere.example")
    sender.refresh_from_db()
    mail = sent(now_sent, sender)
    own, foreign = mailoutbox
    assert (own.from_email, own.reply_to) == ("Jean Dupont <jean@localhost>", [])
    assert foreign.from_email == "Jean Dupont <noreply@localhost>"
    assert foreign.reply_to == ["Jean Dupont <jean@elsewhere.example>"]
    assert mail.from_address == "jean@elsewhere.example"


def test_nothing_leaves_a_sandbox(team: Any, now_sent: Sent, mailoutbox: Any) -> None:
    api = ApiClient(key_of(team), testMode="1")
    made = now_sent(lambda: api.post("/mail/sender", {"address": "new@acme.example"}))
    assert made.json()["is_validated"] is True
    body = {"subject": "Test", "html": "x", "to": [{"email": "a@b.example"}], "sender": made.json()["id"]}
    answer = now_sent(lambda: api.post("/mail/send", body))
    assert answer.status_code == 201, answer.content
    assert answer.json()["send_status"] is False
    assert answer.json()["send_error"] == "Test mode: the mail was not sent, nothing leaves from here."
    assert mailoutbox == []


# --- The conversation itself ------------------------------------------------------------------------


def test_private_servers_are_refused_unless_the_installation_allows_them(
    settings: Any, mail_server: Served, smtp_sender: SmtpSender, now_sent: Sent
) -> None:
    server, port = mail_server
    settings.SMTP_PRIVATE_HOSTS = False
    mail = sent(now_sent, smtp_sender(port))
    assert (mail.state, mail.send_error) == (State.FAILED, "The port is none of a mail server.")
    mail = sent(now_sent, smtp_sender(25))
    assert mail.send_error == "127.0.0.1 is not an address of the public internet."
    assert server.envelopes == []


def test_a_server_that_never_ends_is_left(settings: Any, monkeypatch: Any) -> None:
    """It answers a little all the time, so that no single wait is too long."""
    settings.SMTP_TIMEOUT = 1
    monkeypatch.setattr(smtp, "WHOLE", 1)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        over = threading.Event()

        def drip() -> None:
            connection, _address = listener.accept()
            with connection:
                while not over.wait(0.1):
                    try:
                        connection.send(b"2")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        began = timezone.now()
        with pytest.raises(smtp.DeliveryError) as caught:
            smtp.transmit(
                smtp.Server("127.0.0.1", listener.getsockname()[1], "none"), "a@b.c", ["d@e.f"], b"x"
            )
        over.set()
        thread.join()
    assert timezone.now() - began < datetime.timedelta(seconds=3)
    assert caught.value.transient


def test_a_password_never_shows_in_a_representation() -> None:
    assert SECRET not in repr(smtp.Server("h", 25, login=LOGIN, password=SECRET))
