"""Mails about accounts, sent once the change that causes them is committed."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import override

from tenants.models import Team, User

__all__ = ["compose", "language_of", "send_mail"]


def send_mail(
    team: Team | None, template: str, to: str, *, reader: User | None = None, **context: Any
) -> None:
    """Send `templates/mail/<template>` in the language of who reads it; nothing for a sandbox.

    A server that refuses the mail is logged: the mail can be asked for again.
    """
    if team is None or not team.is_sandbox:
        mail = compose(team, template, to, reader=reader, **context)
        transaction.on_commit(partial(mail.send), robust=True)


def language_of(*readers: User | None) -> str:
    """The language that the first of these chose who chose any, else the installation's."""
    return next((reader.language for reader in readers if reader and reader.language), settings.LANGUAGE_CODE)


def compose(
    team: Team | None, template: str, to: str, *, reader: User | None = None, **context: Any
) -> EmailMultiAlternatives:
    """The mail that `templates/mail/<template>` makes, in the language of its reader.

    The first line of its text is the subject.
    """
    language = language_of(reader)
    with override(language):
        context |= {"team": team, "to": to, "language": language[:2]}
        subject, _blank, text = render_to_string(f"mail/{template}.txt", context).partition("\n")
        html = render_to_string(f"mail/{template}.html", context | {"subject": subject})
    mail = EmailMultiAlternatives(subject.strip(), text.strip() + "\n", to=[to])
    mail.attach_alternative(html, "text/html")
    return mail
