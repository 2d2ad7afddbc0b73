"""Mails about accounts, sent once the change that causes them is committed."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import override

from tenants.models import Team

__all__ = ["compose", "send_mail"]


def send_mail(team: Team | None, template: str, to: str, **context: Any) -> None:
    """Send `templates/mail/<template>` in the installation's language; nothing for a sandbox.

    A server that refuses the mail is logged: the mail can be asked for again.
    """
    if team is None or not team.is_sandbox:
        mail = compose(team, template, to, **context)
        transaction.on_commit(partial(mail.send), robust=True)


def compose(team: Team | None, template: str, to: str, **context: Any) -> EmailMultiAlternatives:
    """The mail that `templates/mail/<template>` makes. The first line of its text is the subject."""
    with override(settings.LANGUAGE_CODE):
        context |= {"team": team, "to": to, "language": settings.LANGUAGE_CODE[:2]}
        subject, _blank, text = render_to_string(f"mail/{template}.txt", context).partition("\n")
        html = render_to_string(f"mail/{template}.html", context | {"subject": subject})
    mail = EmailMultiAlternatives(subject.strip(), text.strip() + "\n", to=[to])
    mail.attach_alternative(html, "text/html")
    return mail
