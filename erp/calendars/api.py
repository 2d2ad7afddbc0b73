"""Calendars and events, as programs see them (reference: chapter "Calendars")."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q

from erp.calendars import services
from erp.calendars.choices import ELEMENTS
from erp.calendars.models import Calendar, CalendarShare, Event, EventElement, shared_with
from erp.core.access import SwitchKey
from erp.core.columns import IS_COLOR
from erp.core.elements_wire import ElementFilter, ElementsField, LinkedRowFilter
from erp.core.fields import Column, Computed, DayOrMoment, NestedList, Relation, WireBoolean, WireChar
from erp.core.filters import FlagFilter, IdFilter, MomentFilter, TextFilter
from erp.core.listing import same
from erp.core.resources import ResourceViewSet, router
from erp.core.scope import current_actor
from erp.core.wire import BodySerializer, WireSerializer, columns_of, serializer_for
from erp.customers.models import Customer
from tenants.models import TeamUser

DATES = ("created_at", "updated_at")

# --- Calendars ------------------------------------------------------------------------------------


class ShareSerializer(WireSerializer):
    """Somebody a calendar is shared with: the team user, and whether they may only read."""

    class Meta:
        model = CalendarShare
        fields = ("team_user", "readonly")
        always = ("team_user",)
        objects_only = ("team_user",)

    @classmethod
    def finish(cls, row: CalendarShare, data: dict[str, Any]) -> dict[str, Any]:
        """The team user, with the word that is the share's own."""
        return {**data["team_user"], "readonly": data["readonly"]}


class ShareBody(BodySerializer):
    """Somebody to share a calendar with."""

    id = Relation(model=TeamUser, source="team_user")
    readonly = WireBoolean(required=False)

    @classmethod
    def answered_names(cls) -> frozenset[str]:
        """A team user as answered may be sent back."""
        return frozenset(column.name for column in columns_of(serializer_for(TeamUser)))


class SharesField(NestedList):
    """The people a calendar is shared with."""

    def columns(self, name: str) -> list[Column]:
        schema = {"type": "array", "items": {"type": "object"}}
        return [
            Column(
                name,
                lambda row: row.shares.all(),
                nested=ShareSerializer,
                many=True,
                on_request=True,
                schema=schema,
            )
        ]


class HiddenField(WireBoolean):
    """Whether the calendar is out of sight: each viewer says so for themselves."""

    def columns(self, name: str) -> list[Column]:
        return [Column(name, services.is_hidden, needs=("shares",))]


def viewer_flag(get: Callable[[Calendar], bool]) -> Computed:
    """A yes or no that depends on who looks."""
    return Computed(get, needs=("shares",), schema={"type": "boolean"})


class CalendarSerializer(WireSerializer):
    color = WireChar(required=True, validators=[IS_COLOR])
    foregroundColor = WireChar(  # noqa: N815 (the reference's word)
        required=True, source="foreground_color", validators=[IS_COLOR]
    )
    hidden = HiddenField(required=False)
    shared = viewer_flag(services.is_shared)
    readonly = viewer_flag(services.is_readonly)
    team_user = Relation(model=TeamUser, with_id=False, read_only=True)
    team_users = SharesField(ShareBody, source="shares", required=False, write_only=False, limit=500)

    class Meta:
        model = Calendar
        fields = (
            "id",
            "label",
            "color",
            "foregroundColor",
            "hidden",
            "shared",
            "readonly",
            "team_user",
            "team_users",
            "timezone",
            *DATES,
        )
        objects_only = ("timezone",)
        aliases = {"foreground_color": "foregroundColor"}


def is_own() -> Q:
    """Calendars that nobody shares with the actor."""
    actor = current_actor()
    return Q() if actor is None else Q(team_user=actor.pk)


def by_share(**conditions: Any) -> Q:
    """Calendars that somebody shares with the actor, in this way."""
    actor = current_actor()
    return Q(pk__in=[]) if actor is None else Q(pk__in=shared_with(actor, **conditions))


def flag(condition: Callable[[], Q]) -> FlagFilter:
    """A filter on a yes or no that depends on who looks."""
    return FlagFilter(condition=lambda wanted: condition() if wanted else ~condition())


class CalendarViewSet(ResourceViewSet):
    """Calendars of the key's user, and those shared with them."""

    serializer_class = CalendarSerializer
    guard = SwitchKey("calendar")
    default_sort = ("label",)
    sorts = same("label", *DATES)
    searches = same("label")
    filters = {
        "label": TextFilter("label"),
        "hidden": flag(lambda: (is_own() & Q(hidden=True)) | by_share(hidden=True)),
        "shared": flag(by_share),
        "readonly": flag(lambda: by_share(readonly=True)),
    }
    list_includes = ("timezone", "team_user", "team_users")

    def create_row(self, values: dict[str, Any]) -> Calendar:
        return services.save_calendar(Calendar(), values)

    def update_row(self, row: Calendar, values: dict[str, Any]) -> Calendar:
        return services.save_calendar(row, values)

    def delete_row(self, row: Calendar) -> None:
        services.delete_calendar(row)


# --- Events ---------------------------------------------------------------------------------------


class EventSerializer(WireSerializer):
    color = WireChar(required=False, allow_blank=True, validators=[IS_COLOR])
    foreground_color = WireChar(required=False, allow_blank=True, validators=[IS_COLOR])
    begin = DayOrMoment()
    end = DayOrMoment()
    elements = ElementsField(accepts=ELEMENTS, split=True)

    class Meta:
        model = Event
        fields = (
            "id",
            "title",
            "color",
            "foreground_color",
            "location",
            "comments",
            "begin",
            "end",
            "all_day",
            "calendar",
            "elements",
            *DATES,
        )
        aliases = {"foregroundColor": "foreground_color"}


class EventViewSet(ResourceViewSet):
    """Events of the calendars that the key's user sees. Without a word, they are sorted by title."""

    serializer_class = EventSerializer
    guard = SwitchKey("calendar")
    default_sort = ("title",)
    sorts = same("title", "begin", "end", *DATES)
    searches = same("title", "location", "comments")
    filters = {
        "title": TextFilter("title"),
        "location": TextFilter("location"),
        "calendar": IdFilter("calendar", model=Calendar),
        "customer": LinkedRowFilter(EventElement, "customer", model=Customer),
        # A period: what is not over when it begins, and has begun when it ends.
        "begin": MomentFilter("end", lookup_expr="gte"),
        "end": MomentFilter("begin", lookup_expr="lte"),
        "elements": ElementFilter(EventElement, accepts=ELEMENTS),
    }
    list_includes = ("calendar", "elements")

    def create_row(self, values: dict[str, Any]) -> Event:
        return services.save_event(Event(), values)

    def update_row(self, row: Event, values: dict[str, Any]) -> Event:
        return services.save_event(row, values)

    def delete_row(self, row: Event) -> None:
        services.delete_event(row)


router.register("calendar/event", EventViewSet)
router.register("calendar", CalendarViewSet)
