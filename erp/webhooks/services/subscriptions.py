"""Who is told: addresses, their topics, their secrets."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from erp.core import services as core
from erp.core.encryption import encrypt
from erp.core.errors import Invalid
from erp.core.outbound import refused_literal
from erp.core.scope import current_team
from erp.webhooks.models import Delivery, Subscription
from erp.webhooks.services import recording, topics
from tenants.models import Team

__all__ = [
    "create_subscription",
    "delete_subscription",
    "renew_secret",
    "test_subscription",
    "update_subscription",
]


@transaction.atomic
def create_subscription(values: Mapping[str, Any]) -> tuple[Subscription, str]:
    """A new subscription and its secret, shown this once. Raises Invalid (422)."""
    secret = new_secret()
    row = core.save(Subscription(secret=encrypt(secret)), _checked(values))
    _tell_team()
    return row, secret


@transaction.atomic
def update_subscription(row: Subscription, values: Mapping[str, Any]) -> Subscription:
    """Change an address, its topics, or whether it is told at all. Raises Invalid (422)."""
    values = _checked(values)
    if values.get("active") and not row.active:
        row.failures = 0
    core.update(row, values)
    _tell_team()
    return row


@transaction.atomic
def delete_subscription(row: Subscription) -> None:
    """Tell an address nothing more; messages that still wait are dropped."""
    row.deliveries.filter(status=Delivery.Status.WAITING).delete()
    core.delete(row)
    _tell_team()


@transaction.atomic
def renew_secret(row: Subscription) -> str:
    """Another secret, shown this once; the former signs nothing from now on."""
    secret = new_secret()
    core.update(row, {"secret": encrypt(secret)})
    return secret


def test_subscription(row: Subscription) -> Delivery:
    """Send a message that says nothing, to see that the address is reached."""
    return recording.enqueue(row, topics.PING, row.pk)


def new_secret() -> str:
    """A random secret, in the form of the Standard Webhooks specification."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    checked = dict(values)
    if "topics" in checked:
        checked["topics"] = topics.check_topics(checked["topics"])
    if "url" in checked:
        _check_address(checked["url"])
    return checked


def _check_address(url: str) -> None:
    """Refuse at once what could never be sent to; names are resolved at each sending."""
    try:
        parts = urlsplit(url)
        host, secured = parts.hostname or "", parts.scheme == "https"
        bool(parts.port)
    except ValueError as error:
        raise Invalid({"url": _("Give an address that begins with https://.")}) from error
    if parts.username or parts.password:
        raise Invalid({"url": _("An address holds no password: messages are signed instead.")})
    if settings.WEBHOOK_PRIVATE_HOSTS:
        return
    if not secured:
        raise Invalid({"url": _("Give an address that begins with https://.")})
    if refused_literal(host):
        raise Invalid({"url": _("%(host)s is not an address of the public internet.") % {"host": host}})


def _tell_team() -> None:
    """Keep on the team whether anybody listens: work in teams without webhooks asks nothing more."""
    team = current_team()
    team.has_webhooks = Subscription.objects.filter(active=True).exists()
    Team.objects.filter(pk=team.pk).update(has_webhooks=team.has_webhooks)
