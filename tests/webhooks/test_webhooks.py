"""A team's addresses are told of what happens: signed, tried again, logged, sent anew."""

from __future__ import annotations

import base64
import datetime
import hmac
import json
import socket
import threading
import time
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from erp.core.scope import team_scope
from erp.webhooks import services
from erp.webhooks.models import Delivery, Subscription
from erp.webhooks.services import sending
from erp.webhooks.services.sending import DELAYS
from tests.conftest import ApiClient
from tests.webhooks.conftest import Receiver

Status = Delivery.Status


def subscribe(api: ApiClient, url: str, *topics: str) -> dict[str, Any]:
    answer = api.post("/webhook", {"url": url, "topics": list(topics) or ["*"]})
    assert answer.status_code == 201, answer.json()
    return dict(answer.json())


@pytest.fixture
def commits(django_capture_on_commit_callbacks: Any) -> Any:
    """`with commits():` runs what waits for the commit, as a real request does."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_a_new_customer_is_told_and_signed(
    api: ApiClient, receiver: Receiver, commits: Any, scope: Any
) -> None:
    secret = subscribe(api, receiver.url, "customer.created")["secret"]
    kind = api.post("/customer/type", {"label": "Company", "is_company": True, "is_person": False}).json()
    with commits():
        customer = api.post("/customer", {"type": kind["id"], "company_name": "Dupont"}).json()
    (message,) = receiver.messages
    assert message["type"] == "customer.created"
    assert (message["data"]["id"], message["data"]["company_name"]) == (customer["id"], "Dupont")
    headers = receiver.headers[0]
    assert headers["webhook-id"] == message["id"]
    assert abs(time.time() - int(headers["webhook-timestamp"])) < 60
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{receiver.bodies[0]}".encode()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = "v1," + base64.b64encode(hmac.new(key, signed, sha256).digest()).decode()
    assert headers["webhook-signature"] == expected


def test_changes_and_deletions_are_told(api: ApiClient, receiver: Receiver, commits: Any, scope: Any) -> None:
    from erp.customers.models import Contact
    from tests.factories import make

    contact = make(Contact)
    subscribe(api, receiver.url, "contact.*")
    with commits():
        api.put(f"/customer/contact/{contact.pk}", {"firstname": "Ada"})
    with commits():
        api.delete(f"/customer/contact/{contact.pk}")
    assert receiver.topics == ["contact.updated", "contact.deleted"]
    assert receiver.messages[0]["data"]["firstname"] == "Ada"
    assert set(receiver.messages[1]["data"]) == {"id", "deleted_at"}


def test_only_chosen_topics_are_told(api: ApiClient, receiver: Receiver, commits: Any, scope: Any) -> None:
    from erp.customers.models import Contact
    from tests.factories import make

    subscribe(api, receiver.url, "contact.deleted")
    scope.refresh_from_db()
    with commits():
        make(Contact)
    assert receiver.topics == []


def test_what_becomes_of_a_document_is_told(
    api: ApiClient, receiver: Receiver, commits: Any, scope: Any
) -> None:
    from erp.sales.models import Invoice, Quotation
    from erp.sales.services.workflow import set_status, validate
    from tests.factories import make

    subscribe(api, receiver.url, "quotation.validated", "quotation.accepted", "invoice.validated")
    scope.refresh_from_db()
    quotation, invoice = full(make(Quotation)), full(make(Invoice))
    with commits():
        validate(quotation)
    with commits():
        set_status(quotation, 4)
    with commits():
        validate(invoice)
    assert receiver.topics == ["quotation.validated", "quotation.accepted", "invoice.validated"]
    assert receiver.messages[2]["data"]["reference"] == invoice.reference


def test_a_mirror_hears_of_every_change(api: ApiClient, team: Any, scope: Any) -> None:
    """Also of those that no form made: a status that moved, what a conversion billed, what was paid."""
    from erp.sales.models import Invoice, Quotation
    from erp.sales.services.workflow import set_status, validate
    from tests.factories import make

    quotation, invoice = full(make(Quotation)), full(make(Invoice))
    subscribe(api, "https://hooks.example.com/", "quotation.updated", "invoice.updated")
    scope.refresh_from_db()

    def told(work: Any) -> list[tuple[str, int]]:
        """What is told of some work; what waited before has left."""
        Delivery.objects.update(attempts=1, body="{}")
        before = set(Delivery.objects.values_list("pk", flat=True))
        work()
        return list(Delivery.objects.exclude(pk__in=before).values_list("topic", "object_id"))

    offer, bill = ("quotation.updated", quotation.pk), ("invoice.updated", invoice.pk)
    assert told(lambda: validate(quotation)) == [offer]
    assert told(lambda: set_status(quotation, 3)) == [offer]
    assert offer in told(lambda: api.put(f"/sales/quotation/{quotation.pk}/bill", {}))
    assert told(lambda: validate(invoice)) == [bill]
    method = api.get("/payment_method").json()["datas"][0]["id"]
    made: dict[str, Any] = {}
    body = {"date": "2026-07-06", "payment_method": method, "invoices": [{"id": invoice.pk, "amount": "3"}]}
    assert told(lambda: made.update(api.post("/sales/payment", body).json())) == [bill], made
    assert told(lambda: api.delete(f"/sales/payment/{made['id']}")) == [bill]


def full(document: Any) -> Any:
    """The document with a line and an address, so that it may be validated."""
    from erp.sales.services import update_document

    values = {
        "billing_address_city": "Lyon",
        "billing_address_postal_code": "69003",
        "billing_address_country": document.team.country,
        "contents": [{"designation": "Fitting", "quantity": Decimal(1), "unit_price_ht": Decimal(10)}],
    }
    return update_document(document, values)


def test_a_stock_that_reaches_its_threshold_is_told(
    api: ApiClient, receiver: Receiver, commits: Any, scope: Any
) -> None:
    from erp.catalog.models import Product
    from erp.catalog.services import move_by_hand
    from tests.factories import make

    product = make(Product, with_stock=True, stock_alert=Decimal(5))
    move_by_hand(product, "real", Decimal(8))
    subscribe(api, receiver.url, "stock.alert")
    scope.refresh_from_db()
    with commits():
        move_by_hand(product, "real", Decimal(-4))
    (message,) = receiver.messages
    assert (message["type"], message["data"]["id"]) == ("stock.alert", product.pk)


def test_what_is_undone_is_not_told(api: ApiClient, receiver: Receiver, commits: Any, scope: Any) -> None:
    from erp.customers.models import Contact
    from tests.factories import make

    subscribe(api, receiver.url)
    scope.refresh_from_db()
    with commits(), transaction.atomic():
        make(Contact)
        transaction.set_rollback(True)
    assert receiver.topics == []
    assert not Delivery.objects.exists()


def test_a_failure_is_tried_again_for_a_day_then_given_up(
    api: ApiClient, receiver: Receiver, scope: Any
) -> None:
    row = Subscription.objects.get(pk=subscribe(api, receiver.url)["id"])
    receiver.status = 500
    delivery = services.test_subscription(row)
    waits = []
    for _attempt in range(len(DELAYS) + 1):
        assert Delivery.objects.get().status == Status.WAITING
        Delivery.objects.update(next_attempt_at=timezone.now())
        sent = services.send(scope, delivery.pk)
        assert sent is not None
        if sent.next_attempt_at:
            waits.append(round((sent.next_attempt_at - timezone.now()).total_seconds() / 60))
    assert tuple(waits) == DELAYS
    assert (
        datetime.timedelta(hours=20) < datetime.timedelta(minutes=sum(DELAYS)) <= datetime.timedelta(days=1)
    )
    given_up = Delivery.objects.get()
    assert (given_up.status, given_up.response_status, given_up.attempts) == (Status.FAILED, 500, 10)
    row.refresh_from_db()
    assert (row.failures, row.active) == (1, True)


def test_a_later_attempt_sends_the_same_message(api: ApiClient, receiver: Receiver, scope: Any) -> None:
    row = Subscription.objects.get(pk=subscribe(api, receiver.url)["id"])
    receiver.status = 503
    delivery = services.test_subscription(row)
    services.send(scope, delivery.pk)
    assert services.send(scope, delivery.pk) is None  # it has to wait
    Delivery.objects.update(next_attempt_at=timezone.now())
    receiver.status = 204
    sent = services.send(scope, delivery.pk)
    assert sent is not None
    assert (sent.status, sent.attempts) == (Status.SENT, 2)
    assert receiver.bodies[0] == receiver.bodies[1]
    assert receiver.headers[0]["webhook-id"] == receiver.headers[1]["webhook-id"]


def test_a_receiver_that_is_gone_is_switched_off(api: ApiClient, receiver: Receiver, scope: Any) -> None:
    row = Subscription.objects.get(pk=subscribe(api, receiver.url)["id"])
    receiver.status = 410
    services.send(scope, services.test_subscription(row).pk)
    row.refresh_from_db()
    assert not row.active


def test_redirects_are_not_followed(api: ApiClient, receiver: Receiver, scope: Any) -> None:
    row = Subscription.objects.get(pk=subscribe(api, receiver.url)["id"])
    receiver.status = 302
    sent = services.send(scope, services.test_subscription(row).pk)
    assert sent is not None
    assert (sent.status, sent.response_status) == (Status.WAITING, 302)


def test_the_log_is_read_and_a_message_is_sent_anew(
    api: ApiClient, receiver: Receiver, commits: Any, scope: Any
) -> None:
    hook = subscribe(api, receiver.url)["id"]
    with commits():
        tested = api.put(f"/webhook/{hook}/test").json()
    (logged,) = api.get("/webhook/delivery", **{"filter[subscription]": hook}).json()["datas"]
    assert (logged["id"], logged["status"], logged["response_status"]) == (tested["id"], 2, 200)
    assert logged["body"]["type"] == "webhook.test"
    with commits():
        assert api.put(f"/webhook/delivery/{logged['id']}/replay").status_code == 200
    assert receiver.bodies[0] == receiver.bodies[1]


def test_due_messages_are_sent_by_command(api: ApiClient, receiver: Receiver, scope: Any) -> None:
    row = Subscription.objects.get(pk=subscribe(api, receiver.url)["id"])
    services.test_subscription(row)
    call_command("send_webhooks", verbosity=0)
    call_command("send_webhooks", team=scope.pk, verbosity=0)
    assert receiver.topics == ["webhook.test"]


def test_the_secret_is_shown_once_and_renewed(api: ApiClient, receiver: Receiver, scope: Any) -> None:
    made = subscribe(api, receiver.url)
    assert made["secret"].startswith("whsec_")
    assert "secret" not in api.get(f"/webhook/{made['id']}").json()
    renewed = api.put(f"/webhook/{made['id']}/secret").json()["secret"]
    assert renewed not in ("", made["secret"])
    stored = Subscription.objects.get().secret
    assert renewed not in stored
    assert renewed.removeprefix("whsec_") not in stored


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://192.168.1.4/x",
        "https://2130706433/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://user:secret@hooks.example.com/",
        "ftp://hooks.example.com/",
        "nothing",
    ],
)
def test_private_and_unsafe_addresses_are_refused(api: ApiClient, url: str) -> None:
    answer = api.post("/webhook", {"url": url, "topics": ["*"]})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["url"])


def test_a_name_that_leads_to_this_machine_is_refused_when_sending(
    api: ApiClient, scope: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = Subscription.objects.get(pk=subscribe(api, "https://hooks.example.com/")["id"])
    inside = [(2, 1, 6, "", ("10.0.0.8", 443))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **kwargs: inside)
    sent = services.send(scope, services.test_subscription(row).pk)
    assert sent is not None
    assert (sent.status, sent.response_status) == (Status.WAITING, None)
    assert "hooks.example.com" in sent.error


def test_unknown_topics_are_refused_naming_those_there_are(api: ApiClient) -> None:
    answer = api.post("/webhook", {"url": "https://hooks.example.com/", "topics": ["invoice.eaten"]})
    assert "invoice.validated" in answer.json()["errors"]["topics"][0]
    assert "invoice.validated" in api.get("/webhook/topic").json()
    assert api.post("/webhook", {"url": "https://hooks.example.com/", "topics": []}).status_code == 422


def test_nothing_leaves_a_sandbox(api: ApiClient, receiver: Receiver, commits: Any) -> None:
    headers = {"testMode": "1"}
    body = {"url": receiver.url, "topics": ["*"]}
    made = api.client.post("/api/v1/webhook", body, content_type="application/json", headers=headers)
    with commits():
        tested = api.client.put(f"/api/v1/webhook/{made.json()['id']}/test", headers=headers)
    assert tested.json()["status"] == Status.SKIPPED
    assert receiver.topics == []


def test_an_address_of_another_team_hears_nothing(
    api: ApiClient, other_api: ApiClient, receiver: Receiver, commits: Any, scope: Any
) -> None:
    subscribe(other_api, receiver.url)
    with commits():
        api.post("/customer/contact", {"lastname": "Durand"})
    assert receiver.topics == []


def test_a_webhook_that_is_switched_off_hears_nothing(
    api: ApiClient, receiver: Receiver, commits: Any, team: Any
) -> None:
    hook = subscribe(api, receiver.url)["id"]
    with commits():
        api.put(f"/webhook/{hook}", {"active": False})
        api.post("/customer/contact", {"lastname": "Durand"})
    assert receiver.topics == []
    with team_scope(team):
        team.refresh_from_db()
        assert not team.has_webhooks


def test_a_receiver_that_never_ends_is_left(
    api: ApiClient, scope: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers a little all the time, so that no single wait is too long."""
    settings.WEBHOOK_PRIVATE_HOSTS = True
    monkeypatch.setattr(sending, "WHOLE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        over = threading.Event()

        def drip() -> None:
            peer, _address = listener.accept()
            with peer:
                peer.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not over.wait(0.1):
                    try:
                        peer.send(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        row = Subscription.objects.get(pk=subscribe(api, url)["id"])
        sent = services.send(scope, services.test_subscription(row).pk)
        over.set()
        thread.join()
    assert sent is not None
    assert (sent.status, sent.response_status, sent.attempts) == (Status.WAITING, None, 1)


def test_a_webhook_deleted_while_its_message_leaves_stays_deleted(
    api: ApiClient, scope: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = Subscription.objects.get(pk=subscribe(api, "https://hooks.example.com/")["id"])
    delivery = services.test_subscription(row)

    def deleted_meanwhile(*args: Any) -> int:
        services.delete_subscription(row)
        return 500

    monkeypatch.setattr(sending, "_request", deleted_meanwhile)
    services.send(scope, delivery.pk)
    assert not Delivery.objects.exists()
    assert not Subscription.objects.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_a_receiver_is_waited_for(
    team: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor a row locked: a receiver that is slow holds up nothing but its own message."""
    seen: list[tuple[bool, Any]] = []

    def request(*args: Any) -> int:
        seen.append((connection.in_atomic_block, services.send(team, delivery.pk)))
        return 200

    monkeypatch.setattr(sending, "_request", request)
    with team_scope(team):
        row, _secret = services.create_subscription({"url": "https://hooks.example.com/", "topics": ["*"]})
        delivery = Delivery.objects.create(
            subscription=row, topic="webhook.test", object_id=row.pk, next_attempt_at=timezone.now()
        )
    assert services.send(team, delivery.pk) is not None
    assert seen == [(False, None)]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_change_is_told_though_its_message_leaves_at_the_same_moment(
    team: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message of a first change waits; while a second one is made, a worker takes it. Written before the
    second is committed, it would not show it, and nothing else would be told."""
    from erp.customers.models import Contact
    from tests.factories import make

    monkeypatch.setattr(sending, "_request", lambda *args: 200)
    monkeypatch.setattr("erp.webhooks.tasks.enqueue_delivery", lambda delivery: None)
    with team_scope(team):
        services.create_subscription({"url": "https://hooks.example.com/", "topics": ["contact.*"]})
        contact = make(Contact, firstname="One")
        waiting = Delivery.objects.get().pk
    worker = threading.Thread(target=lambda: (services.send(team, waiting), connection.close()))
    with team_scope(team):
        contact.firstname = "Two"
        contact.save()
        worker.start()
        worker.join(1)  # it waits for this transaction
    worker.join(30)
    with team_scope(team):
        for pk in services.due(timezone.now()):
            services.send(team, pk)
        told = [
            json.loads(body)["data"]["firstname"] for body in Delivery.objects.values_list("body", flat=True)
        ]
    assert "Two" in told
