"""Openings and clicks of mails whose sender asks for them: signed links, and what happens when they are used.

A link carries its target, signed: the product redirects nowhere else. Of who follows it, nothing is kept.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from erp.communication.choices import EventKind
from erp.communication.models import Mail, MailEvent
from erp.communication.services.content import rewrite_links
from erp.core.scope import team_scope
from tenants.models import Team

__all__ = ["record", "target_of", "tracked"]

SALT = "erp.communication.tracking"
#: Events kept of one mail: whoever has its links can follow them as often as they like.
MAX_EVENTS = 500
#: Longer targets are left as they are: mail programs cut longer links.
MAX_TARGET = 1500


def tracked(mail: Mail) -> str:
    """The mail's HTML as it leaves: with links and a picture that tell, as far as its sender asks."""
    html = mail.html
    if mail.track_click:
        html = rewrite_links(
            html, lambda url: _address("mail_click", mail, url) if len(url) <= MAX_TARGET else url
        )
    if mail.track_open:
        html += f'<img src="{_address("mail_open", mail)}" width="1" height="1" alt="">'
    return html


def _address(page: str, mail: Mail, url: str = "") -> str:
    token = signing.dumps([mail.team_id, mail.pk, url], salt=SALT, compress=True)
    return settings.BASE_URL + reverse(page, args=[token])


def target_of(token: str) -> str:
    """Where a link leads. Raises signing.BadSignature when this product did not make it."""
    return str(_content(token)[2])


def record(token: str) -> None:
    """Note that a mail was opened, or its link followed. Raises signing.BadSignature."""
    team_id, mail_id, url = _content(token)
    team = Team.objects.filter(pk=team_id).first()
    if team is None:
        return
    with team_scope(team):
        mail = Mail.objects.filter(pk=mail_id).first()
        if mail is None or mail.events.count() >= MAX_EVENTS:
            return
        MailEvent.objects.create(mail=mail, kind=EventKind.CLICK if url else EventKind.OPEN, url=url)
        Mail.objects.filter(pk=mail_id, read_at=None).update(read_at=timezone.now())


def _content(token: str) -> list[Any]:
    return list(signing.loads(token, salt=SALT))
