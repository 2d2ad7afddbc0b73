"""What can happen to calendars and events: who may write them, with whom calendars are shared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from erp.calendars.models import Calendar, CalendarShare, Event, shared_with
from erp.core import services as core
from erp.core.access import visible
from erp.core.elements import set_elements
from erp.core.errors import Invalid
from erp.core.scope import current_actor, current_team
from erp.various.models import Timezone
from tenants.models import TeamUser

__all__ = [
    "default_calendar",
    "delete_calendar",
    "delete_event",
    "is_hidden",
    "is_readonly",
    "is_shared",
    "save_calendar",
    "save_event",
    "why_readonly",
    "writable_calendars",
]


# --- How a calendar looks to whoever asks ---------------------------------------------------------


def share_of(calendar: Calendar) -> CalendarShare | None:
    """The share by which the actor sees a calendar; None for its owner, and for the system."""
    actor = current_actor()
    if actor is None or calendar.team_user_id == actor.pk:
        return None
    return next((share for share in calendar.shares.all() if share.team_user_id == actor.pk), None)


def is_shared(calendar: Calendar) -> bool:
    """Whether somebody else shares the calendar with the actor."""
    return share_of(calendar) is not None


def is_readonly(calendar: Calendar) -> bool:
    """Whether the actor may only read the calendar."""
    share = share_of(calendar)
    return share is not None and share.readonly


def is_hidden(calendar: Calendar) -> bool:
    """Whether the actor keeps the calendar out of sight."""
    share = share_of(calendar)
    return calendar.hidden if share is None else share.hidden


def why_readonly(calendar: Calendar) -> str | None:
    """Why the actor may not write the events of a calendar; None when they may."""
    return _("This calendar is shared with you to be read only.") if is_readonly(calendar) else None


def writable_calendars() -> QuerySet[Any]:
    """The calendars that the actor may put events in."""
    actor = current_actor()
    rows = visible(Calendar)
    return rows if actor is None else rows.exclude(pk__in=shared_with(actor, readonly=True))


# --- Calendars ------------------------------------------------------------------------------------


@transaction.atomic
def save_calendar(calendar: Calendar, values: Mapping[str, Any]) -> Calendar:
    """Write a calendar; a new one is the actor's. `shares` replaces the people it is shared with.

    Those it is shared with may only change `hidden`, which is for their own eyes. Raises PermissionDenied
    (403) for the rest, Invalid (422) at `team_users.N.id` for shares that make no sense.
    """
    values = dict(values)
    shares = values.pop("shares", None)
    if calendar._state.adding:
        values = _beginning(values)
    elif share := share_of(calendar):
        return _save_own_view(calendar, share, values, shares)
    core.save(calendar, values)
    if shares is not None:
        _share(calendar, shares)
    return calendar


def _beginning(values: dict[str, Any]) -> dict[str, Any]:
    """A new calendar belongs to the actor and turns its days in the team's timezone."""
    owner = values.get("team_user") or current_actor()
    if owner is None:
        raise core.missing("team_user")
    zone = values.get("timezone") or Timezone.objects.get(pk=current_team().parameter("timezone"))
    return values | {"team_user": owner, "timezone": zone}


def _save_own_view(calendar: Calendar, share: CalendarShare, values: dict[str, Any], shares: Any) -> Calendar:
    """What somebody may change of another's calendar: whether they see it."""
    hidden = values.pop("hidden", share.hidden)
    if shares is not None or any(getattr(calendar, name) != value for name, value in values.items()):
        raise PermissionDenied(_("Only its owner may change a calendar; you may hide it."))
    if share.hidden != hidden:
        share.hidden = hidden
        share.save(update_fields=["hidden", "updated_at"])
    return calendar


def _share(calendar: Calendar, shares: Sequence[Mapping[str, Any]]) -> None:
    """Share a calendar with these people (`team_user`, `readonly`) and with no others."""
    wanted: dict[int, Mapping[str, Any]] = {}
    for place, share in enumerate(shares):
        member = share["team_user"]
        if member.pk == calendar.team_user_id:
            text = _("A calendar is not shared with its owner.")
            raise Invalid({f"team_users.{place}.id": text})
        wanted[member.pk] = share
    Calendar.objects.select_for_update().get(pk=calendar.pk)  # two writers take turns
    present = {share.team_user_id: share for share in CalendarShare.objects.filter(calendar=calendar)}
    CalendarShare.objects.filter(calendar=calendar).exclude(team_user__in=list(wanted)).hard_delete()
    for pk, share in wanted.items():
        row = present.get(pk) or CalendarShare(calendar=calendar, team_user=share["team_user"])
        row.readonly = share.get("readonly", row.readonly)
        row.save()
    getattr(calendar, "_prefetched_objects_cache", {}).pop("shares", None)


@transaction.atomic
def delete_calendar(calendar: Calendar) -> None:
    """Delete a calendar with its events. Raises PermissionDenied (403) when it is another's."""
    if is_shared(calendar):
        raise PermissionDenied(_("Only its owner may delete a calendar; you may hide it."))
    core.delete(calendar)
    Event.objects.filter(calendar=calendar).delete()


@transaction.atomic
def default_calendar(member: TeamUser) -> Calendar:
    """Where a member's new events go: `calendar_default_calendar`, else their first calendar.

    A member without any gets one.
    """
    TeamUser.objects.select_for_update(of=("self",)).get(pk=member.pk)  # two pages opened at once make one
    own = Calendar.objects.filter(team_user=member).order_by("pk").first()
    chosen = visible(Calendar).filter(pk=member.parameter("calendar_default_calendar")).first()
    if chosen is not None and not is_readonly(chosen):
        return chosen
    return own or save_calendar(Calendar(), {"team_user": member, "label": _("My calendar")})


# --- Events ---------------------------------------------------------------------------------------


@transaction.atomic
def save_event(event: Event, values: Mapping[str, Any]) -> Event:
    """Write an event with the elements it is about.

    Raises PermissionDenied (403) when it is in a calendar that the actor may only read, Invalid (422) at
    `calendar` when it would go to one.
    """
    values = dict(values)
    elements = values.pop("elements", None)
    if not event._state.adding:
        _check_writable(event)
    if (target := values.get("calendar")) is not None and (reason := why_readonly(target)):
        raise Invalid({"calendar": reason})
    core.save(event, values)
    if elements is not None:
        set_elements(event, elements)
    return event


def delete_event(event: Event) -> None:
    """Delete an event. Raises PermissionDenied (403) when the actor may only read its calendar."""
    _check_writable(event)
    core.delete(event)


def _check_writable(event: Event) -> None:
    if reason := why_readonly(event.calendar):
        raise PermissionDenied(reason)
