"""Calendars, with whom they are shared, and their events; the mails of the agenda that were sent."""

from __future__ import annotations

import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from erp.core.columns import LIVING, link, rgb
from erp.core.elements import ElementLink
from erp.core.global_lists import GlobalLink
from erp.core.models import TenantModel
from erp.core.moments import check_moments
from erp.core.scope import current_team
from erp.various.models import Timezone, Titled
from tenants.models import TeamUser

__all__ = ["AgendaMail", "Calendar", "CalendarShare", "Event", "EventElement"]


class Calendar(Titled):
    """A calendar of one team user, seen by them and by those it is shared with.

    The reference calls the colour of texts `color` and the one behind them `foregroundColor`.
    """

    title = "label"

    label = models.CharField(_("name"), max_length=150)
    color = rgb(_("text colour"), default="#ffffff")
    foreground_color = rgb(_("colour"), default="#2563eb")
    #: Whether its owner keeps it out of sight; the others say so in their share.
    hidden = models.BooleanField(_("hidden"), default=False)
    team_user = models.ForeignKey(
        TeamUser, models.PROTECT, related_name="calendars", editable=False, verbose_name=_("owner")
    )
    timezone = link(Timezone, _("timezone"), field=GlobalLink)

    class Meta(Titled.Meta):
        abstract = False
        ordering = ["label"]
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")
        indexes = [
            models.Index(fields=["team", "label", "id"], condition=LIVING, name="calendar_label"),
            models.Index(fields=["team", "updated_at", "id"], name="calendar_updated"),
        ]

    @property
    def zone(self) -> ZoneInfo:
        """The timezone in which the days of the calendar turn: its own, else the team's."""
        return Timezone.zone(self.timezone_id or current_team().parameter("timezone"))

    @classmethod
    def restrict(cls, queryset: models.QuerySet[Any], actor: Any) -> models.QuerySet[Any]:
        """One's own calendars and those that are shared with one."""
        return queryset.filter(Q(team_user=actor.pk) | Q(pk__in=shared_with(actor)))


class CalendarShare(TenantModel):
    """A calendar shared with a team user."""

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="shares", verbose_name=_("calendar"))
    team_user = models.ForeignKey(
        TeamUser, models.CASCADE, related_name="calendar_shares", verbose_name=_("team user")
    )
    readonly = models.BooleanField(_("read only"), default=False)
    hidden = models.BooleanField(_("hidden"), default=False, editable=False)

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["pk"]
        verbose_name = _("share")
        verbose_name_plural = _("shared with")
        constraints = [models.UniqueConstraint(fields=["calendar", "team_user"], name="calendar_share_once")]

    def __str__(self) -> str:
        return str(self.team_user)


def shared_with(actor: Any, **conditions: Any) -> models.QuerySet[Any, Any]:
    """Ids of the calendars shared with a team user, those whose share meets the conditions."""
    return CalendarShare.objects.filter(team_user=actor.pk, **conditions).values("calendar")


class Event(TenantModel):
    """Something that takes place from `begin` to `end`; the whole days between them when `all_day`."""

    title = models.CharField(_("title"), max_length=255, blank=True)
    location = models.CharField(_("place"), max_length=255, blank=True)
    comments = models.TextField(_("comments"), blank=True)
    begin = models.DateTimeField(_("begins"))
    end = models.DateTimeField(_("ends"))
    all_day = models.BooleanField(_("all day"), default=False)
    #: Empty: those of the calendar.
    color = rgb(_("text colour"), blank=True)
    foreground_color = rgb(_("colour"), blank=True)
    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="events", verbose_name=_("calendar"))

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["begin"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["team", "begin", "id"], condition=LIVING, name="event_begin"),
            models.Index(fields=["team", "end"], condition=LIVING, name="event_end"),
            models.Index(fields=["team", "title", "id"], condition=LIVING, name="event_title"),
            models.Index(fields=["team", "created_at", "id"], condition=LIVING, name="event_created"),
            models.Index(fields=["team", "updated_at", "id"], name="event_updated"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__gte=models.F("begin")),
                name="event_ends_after_begin",
                violation_error_message=_("An event ends after it begins."),
            )
        ]

    def __str__(self) -> str:
        return self.title or str(_("Event"))

    def clean(self) -> None:
        check_moments(self, "begin", "end")
        if self.end < self.begin:
            raise ValidationError({"end": _t("An event ends after it begins.")})

    @property
    def days(self) -> tuple[datetime.date, datetime.date]:
        """First and last day, in the calendar's timezone."""
        return self.days_in(self.calendar.zone)

    def days_in(self, zone: ZoneInfo) -> tuple[datetime.date, datetime.date]:
        """First and last day in a timezone. What ends at midnight ends on the day before."""
        last = max(self.begin, self.end - datetime.timedelta(microseconds=1))
        return self.begin.astimezone(zone).date(), last.astimezone(zone).date()

    @classmethod
    def restrict(cls, queryset: models.QuerySet[Any], actor: Any) -> models.QuerySet[Any]:
        """Those of the calendars that the actor sees; deleted calendars included, for `with_deleted`."""
        seen = Calendar.restrict(Calendar.all_objects.all(), actor)
        return queryset.filter(calendar__in=seen.order_by().values("pk"))


class EventElement(ElementLink):
    """What an event is about."""

    owner = models.ForeignKey(Event, models.CASCADE, related_name="element_links", verbose_name=_("event"))

    class Meta(ElementLink.Meta):
        abstract = False
        verbose_name = _("linked element")
        verbose_name_plural = _("linked elements")


class AgendaMail(TenantModel):
    """A mail of the agenda that was sent to a team user, or is being sent: once per day and source."""

    team_user = models.ForeignKey(
        TeamUser, models.CASCADE, related_name="agenda_mails", verbose_name=_("team user")
    )
    #: What the mail lists: a source of erp/core/agenda.py ("event", "task").
    source = models.CharField(_("contents"), max_length=20)
    date = models.DateField(_("date"))
    #: When somebody took it on; once that is long ago and it was not sent, whoever did is taken to be lost.
    claimed_at = models.DateTimeField(_("being sent since"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta(TenantModel.Meta):
        abstract = False
        verbose_name = _("mail of the agenda")
        verbose_name_plural = _("mails of the agenda")
        constraints = [
            models.UniqueConstraint(fields=["team_user", "date", "source"], name="agenda_mail_once")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.date} {self.team_user}"
