"""One-time links of mails: long and random, stored hashed, used once, closed by time."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.core.errors import Conflict
from tenants.models import OneTimeLink, hash_secret

__all__ = ["close_links", "find_link", "make_link", "open_links"]


def make_link(model: type[OneTimeLink], **values: Any) -> str:
    """A new link; returns its address, which is only ever mailed."""
    token = secrets.token_urlsafe(32)
    expires_at = timezone.now() + model.lifetime
    model._default_manager.create(hashed=hash_secret(token), expires_at=expires_at, **values)
    return settings.BASE_URL + reverse(model.page, args=[token])


def find_link(model: type[OneTimeLink], token: str, *, lock: bool = False) -> Any:
    """The link of a token; with `lock`, two who use it take turns. Raises Conflict unless it works."""
    links = model._default_manager.select_for_update() if lock else model._default_manager
    link = links.filter(hashed=hash_secret(token)).first()
    if link is None or not link.is_open:
        raise dead_link()
    return link


def dead_link() -> Conflict:
    """The one answer for links that are unknown, used, closed or too old: it tells nothing more."""
    return Conflict(_("This link does not work any more. Ask for a new one."), code="dead_link")


def open_links(model: type[OneTimeLink], **conditions: Any) -> Any:
    """Links that still work, newest first."""
    links = model._default_manager.filter(used_at=None, expires_at__gt=timezone.now(), **conditions)
    return links.order_by("-pk")


def close_links(model: type[OneTimeLink], **conditions: Any) -> None:
    """Stop links that still work, without their having been used."""
    open_links(model, **conditions).update(expires_at=timezone.now())
