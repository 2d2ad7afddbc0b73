"""Calendars and events: their life over the API, sharing, periods, and who may write what."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from erp.calendars import services
from erp.calendars.models import Calendar, CalendarShare, Event
from erp.core.scope import team_scope
from erp.customers.models import Customer
from erp.various.models import Timezone
from tenants.models import Team, TeamUser
from tenants.services import create_api_key
from tests.conftest import ApiClient
from tests.factories import make

MakeMember = Callable[..., TeamUser]
BODY = {"label": "Worksites", "color": "#ffffff", "foregroundColor": "#f00020"}
PARIS = 76


@pytest.fixture(autouse=True)
def _english(english: None) -> None:
    """Sentences are asserted in their source language."""


@pytest.fixture
def member(make_member: MakeMember) -> TeamUser:
    return make_member()


@pytest.fixture
def their_api(team: Team, member: TeamUser) -> ApiClient:
    """The client of another member of the team."""
    with team_scope(team):
        return ApiClient(create_api_key(member))


@pytest.fixture
def calendar(scope: Team) -> Calendar:
    return services.save_calendar(Calendar(), {"label": "Worksites"})


def shared(api: ApiClient, calendar: Calendar, member: TeamUser, *, readonly: bool = False) -> None:
    body = {"team_users": [{"id": member.pk, "readonly": readonly}]}
    assert api.put(f"/calendar/{calendar.pk}", body).status_code == 200


def labels(response: Any) -> set[str]:
    assert response.status_code == 200, response.content
    return {data["label"] for data in response.json()["datas"]}


def event_body(calendar: Calendar, **values: Any) -> dict[str, Any]:
    period = {"begin": "2022-07-05 06:30:00", "end": "2022-07-05 07:00:00"}
    return {**period, "calendar": calendar.pk, **values}


def created(api: ApiClient, calendar: Calendar, **values: Any) -> dict[str, Any]:
    response = api.post("/calendar/event", event_body(calendar, **values))
    assert response.status_code == 201, response.content
    return dict(response.json())


# --- Calendars --------------------------------------------------------------------------------------


def test_a_calendar_as_the_reference_answers_it(api: ApiClient, owner: TeamUser) -> None:
    response = api.post("/calendar?include=timezone,team_user,team_users", BODY)
    assert response.status_code == 201, response.content
    calendar = response.json()
    assert calendar.pop("team_user")["id"] == owner.pk
    assert calendar.pop("timezone")["timezone"] == "Europe/Paris"
    for name in ("id", "created_at", "updated_at"):
        assert calendar.pop(name)
    flags = {"hidden": False, "shared": False, "readonly": False}
    assert calendar == {**BODY, **flags, "team_users": []}


def test_both_spellings_of_the_colour_are_read(api: ApiClient, calendar: Calendar) -> None:
    for name in ("foregroundColor", "foreground_color"):
        body = {name: "#00ff00" if name == "foregroundColor" else "#0000ff"}
        answer = api.put(f"/calendar/{calendar.pk}", body).json()
        assert answer["foregroundColor"] == body[name]
    event = created(api, calendar, foregroundColor="#112233")
    assert event["foreground_color"] == "#112233"
    emptied = api.put(f"/calendar/event/{event['id']}", {"foreground_color": None})
    assert emptied.json()["foreground_color"] is None


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({**BODY, "color": "white"}, "color"),
        ({**BODY, "foregroundColor": "#12"}, "foregroundColor"),
        ({**BODY, "label": ""}, "label"),
        ({"label": "a", "color": "#ffffff"}, "foregroundColor"),
        ({**BODY, "timezone": 0}, "timezone"),
        ({**BODY, "team_users": [{"id": 999_999}]}, "team_users.0.id"),
        ({**BODY, "team_users": [{"readonly": True}]}, "team_users.0.id"),
    ],
)
def test_what_is_wrong_is_named(api: ApiClient, body: dict[str, Any], path: str) -> None:
    response = api.post("/calendar", body)
    assert response.status_code == 422
    assert list(response.json()["errors"]) == [path]


def test_a_calendar_is_not_shared_with_its_owner(api: ApiClient, calendar: Calendar, owner: TeamUser) -> None:
    response = api.put(f"/calendar/{calendar.pk}", {"team_users": [{"id": owner.pk}]})
    assert list(response.json()["errors"]) == ["team_users.0.id"]


def test_a_calendar_is_seen_by_its_owner_and_by_those_it_is_shared_with(
    api: ApiClient, their_api: ApiClient, calendar: Calendar, member: TeamUser
) -> None:
    event = created(api, calendar, title="Concrete")
    assert labels(their_api.get("/calendar")) == set()
    assert their_api.get(f"/calendar/event/{event['id']}").status_code == 404
    shared(api, calendar, member)
    assert labels(their_api.get("/calendar")) == {"Worksites"}
    assert their_api.get(f"/calendar/event/{event['id']}").json()["title"] == "Concrete"
    seen = their_api.get(f"/calendar/{calendar.pk}").json()
    assert (seen["shared"], seen["readonly"]) == (True, False)
    assert api.get(f"/calendar/{calendar.pk}").json()["shared"] is False
    assert api.put(f"/calendar/{calendar.pk}", {"team_users": []}).status_code == 200
    assert their_api.get(f"/calendar/{calendar.pk}").status_code == 404


def test_the_people_it_is_shared_with_are_answered_with_their_right(
    api: ApiClient, calendar: Calendar, member: TeamUser
) -> None:
    shared(api, calendar, member, readonly=True)
    address = f"/calendar/{calendar.pk}?include=team_users"
    people = api.get(address).json()["team_users"]
    assert [(user["id"], user["email"], user["readonly"]) for user in people] == [
        (member.pk, member.user.email, True)
    ]
    assert api.put(address, {"team_users": people}).json()["team_users"] == people


def test_hiding_a_calendar_is_for_ones_own_eyes(
    api: ApiClient, their_api: ApiClient, calendar: Calendar, member: TeamUser
) -> None:
    shared(api, calendar, member)
    address = f"/calendar/{calendar.pk}"
    assert their_api.put(address, {"hidden": True}).json()["hidden"] is True
    assert api.get(address).json()["hidden"] is False
    assert labels(their_api.get("/calendar", **{"filter[hidden]": 1})) == {"Worksites"}
    assert labels(api.get("/calendar", **{"filter[hidden]": 1})) == set()
    assert api.put(address, {"hidden": True}).json()["hidden"] is True
    assert their_api.put(address, {"hidden": False}).json()["hidden"] is False
    assert labels(api.get("/calendar", **{"filter[hidden]": 1})) == {"Worksites"}


def test_flags_are_filtered_as_the_viewer_sees_them(
    api: ApiClient, their_api: ApiClient, calendar: Calendar, member: TeamUser
) -> None:
    assert their_api.post("/calendar", {**BODY, "label": "Mine"}).status_code == 201
    shared(api, calendar, member, readonly=True)
    for name, found in (("shared", {"Worksites"}), ("readonly", {"Worksites"})):
        assert labels(their_api.get("/calendar", **{f"filter[{name}]": 1})) == found
        assert labels(their_api.get("/calendar", **{f"filter[{name}]": 0})) == {"Mine"}


def test_only_the_owner_changes_shares_and_deletes_a_calendar(
    api: ApiClient, their_api: ApiClient, calendar: Calendar, member: TeamUser
) -> None:
    shared(api, calendar, member)
    address = f"/calendar/{calendar.pk}"
    assert their_api.put(address, {"label": "Mine now"}).status_code == 403
    assert their_api.put(address, {"team_users": []}).status_code == 403
    assert their_api.delete(address).status_code == 403
    assert their_api.put(address, their_api.get(address).json()).status_code == 200
    assert api.get(address).json()["label"] == "Worksites"


def test_a_calendar_is_deleted_with_its_events(api: ApiClient, calendar: Calendar) -> None:
    event = created(api, calendar)
    assert api.delete(f"/calendar/{calendar.pk}").status_code == 204
    assert api.get(f"/calendar/event/{event['id']}").status_code == 404
    gone = api.get("/calendar/event", with_deleted=1).json()["datas"]
    assert [set(data) for data in gone] == [{"id", "deleted_at"}]


# --- Events -----------------------------------------------------------------------------------------


def test_an_event_as_the_reference_answers_it(api: ApiClient, calendar: Calendar) -> None:
    body = f"begin=2022-07-05 06:30:00&end=2022-07-05 07:00:00&calendar={calendar.pk}"
    event = api.post("/calendar/event", body, content_type="application/x-www-form-urlencoded").json()
    for name in ("id", "created_at", "updated_at"):
        assert event.pop(name)
    nothing = dict.fromkeys(("title", "color", "foreground_color", "location", "comments"))
    assert event == {
        **nothing,
        "begin": "2022-07-05T06:30:00.000000Z",
        "end": "2022-07-05T07:00:00.000000Z",
        "all_day": False,
        "calendar_id": calendar.pk,
    }


def test_an_event_ends_after_it_begins(api: ApiClient, calendar: Calendar) -> None:
    backwards = api.post("/calendar/event", event_body(calendar, end="2022-07-05 06:29:59"))
    assert backwards.status_code == 422
    assert list(backwards.json()["errors"]) == ["end"]
    event = created(api, calendar, end="2022-07-05T08:30:00+02:00")  # the same moment
    moved = api.put(f"/calendar/event/{event['id']}", {"begin": "2022-07-06 00:00:00"})
    assert list(moved.json()["errors"]) == ["end"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.update(end="2022-07-04T00:00:00Z")


@pytest.mark.parametrize(
    ("begin", "end", "days"),
    [
        ("2022-07-04T22:00:00Z", "2022-07-05T22:00:00Z", (5, 5)),  # Paris: midnight to midnight
        ("2022-07-04T22:00:00Z", "2022-07-04T22:00:00Z", (5, 5)),
        ("2022-07-05T06:30:00Z", "2022-07-06T22:00:01Z", (5, 7)),
    ],
)
def test_days_turn_in_the_calendars_timezone(
    scope: Team, calendar: Calendar, begin: str, end: str, days: tuple[int, int]
) -> None:
    period = {"begin": datetime.datetime.fromisoformat(begin), "end": datetime.datetime.fromisoformat(end)}
    event = services.save_event(Event(), {**period, "calendar": calendar})
    assert tuple(day.day for day in event.days) == days
    calendar.timezone = Timezone.objects.get(timezone="Asia/Tokyo")
    assert calendar.zone.key == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"filter[title]": "Con%"}, {"Concrete"}),
        ({"filter[location]": "%Lyon%"}, {"Concrete"}),
        ({"search": "%mixer%"}, {"Concrete"}),
        ({"filter[begin]": "2022-07-05T06:45:00Z"}, {"Concrete", "Plaster"}),  # not over by then
        ({"filter[begin]": "2022-07-05 07:00:01"}, {"Plaster"}),
        ({"filter[end]": "2022-07-31"}, {"Concrete"}),
        ({"filter[begin]": "2022-08-01", "filter[end]": "2022-09-01"}, {"Plaster"}),
        ({"filter[begin]": "2022-07-10", "filter[end]": "2022-07-20"}, set()),
    ],
)
def test_filters(api: ApiClient, calendar: Calendar, query: dict[str, str], found: set[str]) -> None:
    created(api, calendar, title="Concrete", location="12 rue de Lyon", comments="Order the mixer")
    created(api, calendar, title="Plaster", begin="2022-08-05 06:00:00", end="2022-08-05 07:00:00")
    answer = api.get("/calendar/event", **query)
    assert answer.status_code == 200, answer.content
    assert {data["title"] for data in answer.json()["datas"]} == found


def test_events_of_a_calendar_and_of_a_customer_are_found(
    api: ApiClient, scope: Team, calendar: Calendar
) -> None:
    other = services.save_calendar(Calendar(), {"label": "Other"})
    customer = make(Customer)
    mine = created(api, calendar, elements=[{"type": "customer", "id": customer.pk}])
    theirs = created(api, other)
    for query, event in (
        ({"filter[calendar]": other.pk}, theirs),
        ({"filter[customer]": customer.pk}, mine),
        ({"filter[elements][type]": "customer", "filter[elements][id]": customer.pk}, mine),
    ):
        assert [data["id"] for data in api.get("/calendar/event", **query).json()["datas"]] == [event["id"]]
    shown = api.get(f"/calendar/event/{mine['id']}?include=elements,calendar").json()
    assert [data["id"] for data in shown["customers"]] == [customer.pk]
    assert shown["calendar"]["label"] == "Worksites"


def test_a_calendar_that_is_read_only_takes_no_events(
    api: ApiClient, their_api: ApiClient, calendar: Calendar, member: TeamUser
) -> None:
    event = created(api, calendar)
    address = f"/calendar/event/{event['id']}"
    shared(api, calendar, member, readonly=True)
    assert list(their_api.post("/calendar/event", event_body(calendar)).json()["errors"]) == ["calendar"]
    assert their_api.put(address, {"title": "a"}).status_code == 403
    assert their_api.delete(address).status_code == 403
    shared(api, calendar, member)
    assert their_api.put(address, {"title": "Theirs"}).json()["title"] == "Theirs"
    assert their_api.delete(address).status_code == 204


def test_without_the_key_there_are_no_calendars(member_api: Callable[..., ApiClient]) -> None:
    api = member_api(calendar=0)
    assert api.get("/calendar").status_code == api.get("/calendar/event").status_code == 403


# --- The calendar of new events ---------------------------------------------------------------------


def test_new_events_go_to_the_calendar_of_the_setting(
    api: ApiClient, scope: Team, owner: TeamUser, calendar: Calendar
) -> None:
    assert services.default_calendar(owner) == calendar
    other = services.save_calendar(Calendar(), {"label": "Other"})
    answer = api.put(f"/team/user/{owner.pk}", {"configs": {"calendar_default_calendar": other.pk}})
    assert answer.status_code == 200, answer.content
    owner.refresh_from_db()
    assert services.default_calendar(owner) == other
    services.delete_calendar(other)
    assert services.default_calendar(owner) == calendar


def test_a_member_without_calendar_gets_one(scope: Team, owner: TeamUser) -> None:
    first = services.default_calendar(owner)
    assert (first.label, first.team_user, first.timezone_id) == ("My calendar", owner, PARIS)
    assert services.default_calendar(owner) == first


def test_a_calendar_that_is_read_only_is_nobodys_default(
    scope: Team, owner: TeamUser, member: TeamUser
) -> None:
    calendar = services.save_calendar(Calendar(), {"label": "Theirs", "team_user": member})
    CalendarShare.objects.create(calendar=calendar, team_user=owner, readonly=True)
    owner.configs = {"calendar_default_calendar": calendar.pk}
    assert services.default_calendar(owner) != calendar
