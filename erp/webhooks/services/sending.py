"""Messages are written, signed and sent; tried again for a day; sent anew when somebody asks.

Signed as the Standard Webhooks specification says: `webhook-signature: v1,<base64>` is the HMAC-SHA256, with
the subscription's secret, of `<webhook-id>.<webhook-timestamp>.<body>`.
"""

from __future__ import annotations

import base64
import contextlib
import datetime
import hmac
from collections.abc import Mapping
from functools import partial
from hashlib import sha256
from typing import Any

import httpx
import orjson
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.core.elements import element_types
from erp.core.encryption import Undecipherable, decrypt
from erp.core.errors import Invalid
from erp.core.fields import datetime_of
from erp.core.outbound import Guard, public_addresses
from erp.core.scope import team_scope
from erp.core.wire import has_serializer, serializer_for
from erp.webhooks.models import Delivery, Subscription
from tenants.models import Team

__all__ = ["DELAYS", "due", "replay", "send", "signature"]

Status = Delivery.Status
#: Minutes from one attempt to the next: ten attempts within a day.
DELAYS = (1, 5, 15, 30, 60, 120, 240, 480, 480)
#: After so long an attempt counts as lost, and the message may be tried again.
LEASE = datetime.timedelta(minutes=2)
#: Seconds that each step of a conversation with a receiver may take, and the whole.
TIMEOUT, WHOLE = 10, 40
#: What an attempt leaves on its message; a deletion meanwhile stays.
NOTED = ("status", "sent_at", "next_attempt_at", "response_status", "error")
#: The receiver wants no more messages (RFC 9110, 15.5.11).
GONE = 410


def due(now: datetime.datetime) -> list[int]:
    """Ids of the messages of the team in scope that are to be sent now."""
    rows = Delivery.objects.filter(status=Status.WAITING, next_attempt_at__lte=now)
    return list(rows.order_by("next_attempt_at").values_list("pk", flat=True))


def send(team: Team, delivery_id: int) -> Delivery | None:
    """Send one message, unless it is being sent, was sent or has to wait; safe to run twice.

    The message is claimed in a transaction of its own, and sent outside any: a receiver may get one twice (it
    knows by `webhook-id`), never none.
    """
    with team_scope(team):
        claimed = _claim(delivery_id)
    if claimed is None:
        return None
    delivery, subscription = claimed
    status, error = _post(delivery, subscription)
    with team_scope(team):
        return _note(delivery, status, error)


def _claim(delivery_id: int) -> tuple[Delivery, Subscription] | None:
    with transaction.atomic():
        rows = Delivery.objects.select_for_update().filter(pk=delivery_id, status=Status.WAITING)
        delivery = rows.first()
        now = timezone.now()
        if delivery is None or delivery.next_attempt_at is None or delivery.next_attempt_at > now:
            return None
        subscription = Subscription.objects.filter(pk=delivery.subscription_id, active=True).first()
        if subscription is None:
            delivery.status, delivery.error = Status.FAILED, _("The webhook was switched off.")
            delivery.save()
            return None
        delivery.body = delivery.body or _written(delivery)
        delivery.attempts += 1
        delivery.next_attempt_at = now + LEASE
        delivery.save()
    return delivery, subscription


def _written(delivery: Delivery) -> str:
    """The message: the element as it is now, as the API answers it."""
    message = {
        "id": str(delivery.message),
        "type": delivery.topic,
        "timestamp": datetime_of(delivery.created_at),
        "data": _object(delivery),
    }
    return orjson.dumps(message, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def _object(delivery: Delivery) -> dict[str, Any]:
    model = _model(delivery.topic.partition(".")[0])
    row = None if model is None else model.all_objects.filter(pk=delivery.object_id).first()
    if row is None or not has_serializer(type(row)):
        return {"id": delivery.object_id}
    if row.deleted_at is not None:
        return {"id": row.pk, "deleted_at": datetime_of(row.deleted_at)}
    return serializer_for(type(row)).render(row)


def _model(name: str) -> Any:
    if name == "stock":  # an alert is about a product
        return apps.get_model("catalog", "Product")
    return next((kind.model for kind in element_types() if kind.name == name), None)


def signature(secret: str, message: str, timestamp: str, body: str) -> str:
    """The value of `webhook-signature`."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{message}.{timestamp}.{body}".encode(), sha256).digest()
    return "v1," + base64.b64encode(signed).decode()


def _post(delivery: Delivery, subscription: Subscription) -> tuple[int | None, str]:
    """Send it; the status answered, and what went wrong if something did."""
    try:
        secret = decrypt(subscription.secret)
    except Undecipherable:
        return None, _("The webhook's secret cannot be read: renew it.")
    message, timestamp = str(delivery.message), str(int(timezone.now().timestamp()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "erp-webhooks/1",
        "webhook-id": message,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(secret, message, timestamp, delivery.body),
    }
    try:
        return _request(subscription.url, headers, delivery.body.encode()), ""
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return None, str(error) or type(error).__name__


def _request(url: str, headers: dict[str, str], body: bytes) -> int:
    """POST to the address that was checked, whatever its name answers a second time; follow nothing."""
    target = httpx.URL(url)
    port = target.port or (443 if target.scheme == "https" else 80)
    addresses = public_addresses(target.host, port, private=settings.WEBHOOK_PRIVATE_HOSTS)
    pinned = target.copy_with(host=str(addresses[0][4][0]))
    headers = {**headers, "Host": target.netloc.decode()}
    with contextlib.ExitStack() as stack:
        options = {"sni_hostname": target.host, "trace": partial(_guard, stack)}
        client = stack.enter_context(httpx.Client(timeout=TIMEOUT, trust_env=False, follow_redirects=False))
        sent = client.stream("POST", pinned, headers=headers, content=body, extensions=options)
        return int(stack.enter_context(sent).status_code)


def _guard(stack: contextlib.ExitStack, event: str, info: Mapping[str, Any]) -> None:
    """Once connected, see to it that the conversation ends: each byte of an answer may take TIMEOUT."""
    if event == "connection.connect_tcp.complete":
        stack.callback(Guard(info["return_value"].get_extra_info("socket"), WHOLE).release)


def _note(delivery: Delivery, status: int | None, error: str) -> Delivery:
    """Keep what came of an attempt, and when the next is."""
    from erp.webhooks.tasks import enqueue_delivery

    with transaction.atomic():
        # Perhaps deleted meanwhile, with what waited: what was sent is noted all the same.
        subscription = Subscription.all_objects.select_for_update().get(pk=delivery.subscription_id)
        delivery.response_status = status
        delivery.error = error or (
            "" if status and status < 300 else _("Answered %(status)s.") % {"status": status}
        )
        delivery.error = delivery.error[:500]
        if status is not None and 200 <= status < 300:
            delivery.status, delivery.sent_at, delivery.next_attempt_at = Status.SENT, timezone.now(), None
            subscription.failures = 0
        elif status == GONE or delivery.attempts > len(DELAYS):
            delivery.status, delivery.next_attempt_at = Status.FAILED, None
            subscription.failures += 1
            subscription.active = subscription.active and status != GONE
        else:
            wait = datetime.timedelta(minutes=DELAYS[delivery.attempts - 1])
            delivery.next_attempt_at = timezone.now() + wait
        delivery.save(update_fields=[*NOTED, "updated_at"])
        subscription.save()
        if delivery.status == Status.WAITING:
            enqueue_delivery(delivery)
    return delivery


@transaction.atomic
def replay(delivery: Delivery) -> Delivery:
    """Send a message anew, as it was written. Raises Invalid (422) when it waits or may not be sent."""
    from erp.webhooks.tasks import enqueue_delivery

    row = Delivery.objects.select_for_update().select_related("subscription").get(pk=delivery.pk)
    if row.status == Status.WAITING:
        raise Invalid(_("This message waits to be sent already."))
    if row.status == Status.SKIPPED:
        raise Invalid(_("Nothing is sent in test mode."))
    if not row.subscription.active or row.subscription.deleted_at is not None:
        raise Invalid(_("The webhook is switched off: switch it on first."))
    row.status, row.attempts, row.error = Status.WAITING, 0, ""
    row.next_attempt_at = timezone.now()
    row.save()
    enqueue_delivery(row)
    return row
