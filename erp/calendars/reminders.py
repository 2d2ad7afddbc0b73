"""The mail of the agenda: what a team user has to do and to attend, every day or on Monday."""

from __future__ import annotations

import datetime
import logging
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from erp.calendars.models import AgendaMail
from erp.core.agenda import Source, sources
from erp.core.scope import team_scope
from tenants.models import Team, TeamUser
from tenants.services.mails import compose, language_of

__all__ = ["due_sources", "send_agenda"]

logger = logging.getLogger(__name__)

#: Values of `<source>_mail_notifications`.
NEVER, EVERY_DAY, ON_MONDAY = 0, 1, 2
MONDAY = 0
#: Days for which the marks of sent mails are kept.
KEPT = datetime.timedelta(days=60)
#: After this time, a mail that was not sent has lost the run that was to send it.
LOST_AFTER = datetime.timedelta(minutes=15)


def send_agenda(team: Team, now: datetime.datetime) -> int:
    """Send the team's mails that are due at `now`; returns how many went out. Nothing for a sandbox.

    May run as often as one likes, also twice at once: a mark per team user, day and source is written, and
    committed, before the mail leaves; it is noted on the mark that it left. A mark is taken away when the
    mail server refuses, and taken over when whoever wrote it was lost before the mail left (`LOST_AFTER`): a
    mail may come twice, never not at all.
    """
    if team.is_sandbox:
        return 0
    moment = now.astimezone(team.timezone)
    with team_scope(team):
        AgendaMail.objects.filter(date__lt=moment.date() - KEPT).hard_delete()
        members = TeamUser.objects.filter(active=True, user__is_active=True).select_related("team", "user")
        due = [member for member in members.order_by("pk") if due_sources(member, moment)]
    return sum(_send_to(team, member, moment) for member in due)


def due_sources(member: TeamUser, moment: datetime.datetime) -> list[Source]:
    """What a member wants to be told at this moment of their team's clock, whether or not it was told."""
    return [source for source in sources(member) if _is_due(source, member, moment)]


def _is_due(source: Source, member: TeamUser, moment: datetime.datetime) -> bool:
    wanted = source.setting(member, "mail_notifications")
    if wanted == NEVER or (wanted == ON_MONDAY and moment.weekday() != MONDAY):
        return False
    return bool(moment.hour >= source.setting(member, "mail_hour"))


def _send_to(team: Team, member: TeamUser, moment: datetime.datetime) -> bool:
    """Send one member's mail, with what was not told yet today; nothing when there is nothing to tell."""
    with (
        team_scope(team, member),
        transaction.atomic(),
        timezone.override(team.timezone),
        override(language_of(member.user)),
    ):
        told = [source for source in due_sources(member, moment) if _is_ours(member, source, moment)]
        mail = _mail(team, member, told, moment.date())
        marks = {"team_user": member, "date": moment.date(), "source__in": [source.name for source in told]}
        if mail is None:
            AgendaMail.objects.filter(**marks).update(sent_at=timezone.now())
            return False
    try:
        mail.send()
    except Exception:
        logger.exception("The agenda of team user %s could not be sent.", member.pk)
        with team_scope(team):
            AgendaMail.objects.filter(**marks).hard_delete()
        return False
    with team_scope(team):
        AgendaMail.objects.filter(**marks).update(sent_at=timezone.now())
    return True


def _is_ours(member: TeamUser, source: Source, moment: datetime.datetime) -> bool:
    """Whether nobody else sends a source today, or whoever did was lost: from now on it is marked as ours."""
    mark, is_new = AgendaMail.objects.get_or_create(team_user=member, source=source.name, date=moment.date())
    now = timezone.now()  # `moment` is when the run began, perhaps long ago
    lost = AgendaMail.objects.filter(pk=mark.pk, sent_at=None, claimed_at__lt=now - LOST_AFTER)
    return is_new or bool(lost.update(claimed_at=now))


def _mail(
    team: Team, member: TeamUser, told: list[Source], today: datetime.date
) -> EmailMultiAlternatives | None:
    """The mail of what waits; None when nothing does."""
    sections: list[dict[str, Any]] = []
    for source in told:
        last = source.until(member, today)
        if entries := list(source.waiting(member, today, last)):
            sections.append({"label": source.label, "entries": entries, "last": last})
    if not sections:
        return None
    return compose(
        team,
        "agenda",
        member.user.email,
        reader=member.user,
        member=member,
        today=today,
        sections=sections,
        base=settings.BASE_URL,
        address=urljoin(settings.BASE_URL, reverse("admin:index")),
    )
