"""Two at once: a mail leaves once, a person has one default sender, a link is used once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from erp.communication import services
from erp.communication.choices import SenderType, State
from erp.communication.models import Mail, Sender
from erp.communication.services import delivery
from erp.core.errors import Conflict
from erp.core.rowsecurity import assume_web_role
from erp.core.scope import team_scope
from tenants.models import Team, TeamUser

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def together(*works: Callable[[], Any]) -> list[Any]:
    """Do all at the same moment, each with a connection of its own."""
    ready = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            assume_web_role(connection)
            ready.wait()
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_two_workers_send_a_mail_once(team: Team, serve: Any) -> None:
    server, port = serve()
    with team_scope(team):
        owner = TeamUser.objects.get(is_owner=True)
        sender = Sender.objects.create(
            team_user=owner, name="Jean", address="jean@acme.example", type=SenderType.SMTP,
            smtp_server="127.0.0.1", smtp_port=port, smtp_security="none", validated_at=timezone.now(),
        )  # fmt: skip
        mails = [
            Mail.objects.create(sender=sender, subject=str(n), text="x", next_attempt_at=timezone.now(),
                                message_id=f"<{n}@acme.example>")
            for n in range(5)
        ]  # fmt: skip
        for mail in mails:
            mail.recipients.create(email="a@b.example")
    keys = [mail.pk for mail in mails]
    together(*[lambda: [delivery.deliver(team, key) for key in keys] for _ in range(3)])
    assert sorted(message["Subject"] for message in server.mails) == ["0", "1", "2", "3", "4"]
    with team_scope(team):
        assert set(Mail.objects.values_list("state", "attempts")) == {(State.SENT, 1)}


def test_two_senders_made_default_at_once_leave_one_default(team: Team) -> None:
    def make_default(address: str) -> Any:
        def work() -> None:
            with team_scope(team):
                services.create_sender({"address": address, "use_default": True})

        return work

    together(make_default("a@acme.example"), make_default("b@acme.example"))
    with team_scope(team):
        assert sorted(Sender.objects.values_list("use_default", flat=True)) == [False, True]


def test_a_link_used_twice_at_once_works_once(team: Team, mailoutbox: Any) -> None:
    with team_scope(team):
        services.create_sender({"address": "new@elsewhere.example"})
    token = mailoutbox[-1].body.split("/sender/")[1].split()[0]

    def use() -> str:
        try:
            services.confirm_sender(token)
        except Conflict:
            return "refused"
        return "validated"

    assert sorted(together(use, use)) == ["refused", "validated"]
