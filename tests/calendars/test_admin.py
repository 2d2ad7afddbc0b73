"""The calendar page, the pages of calendars and events, and the agenda of the first page."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from erp.calendars import services
from erp.calendars.models import Calendar, CalendarShare, Event
from erp.core.scope import team_scope
from erp.customers.models import Customer
from erp.tasks.services import create_task, end_task
from tenants.models import Team, TeamUser
from tests.admin.pages import form_data, messages_of, signed_in, url
from tests.factories import make

AGENDA = "/admin/calendars/event/agenda/"
#: Wednesday 8 July 2026, nine o'clock in Paris.
NINE = datetime.datetime(2026, 7, 8, 7, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def browser(owner: TeamUser) -> Client:
    return signed_in(owner)


@pytest.fixture
def calendar(scope: Team) -> Calendar:
    return services.save_calendar(Calendar(), {"label": "Worksites", "foreground_color": "#123456"})


@pytest.fixture
def event(calendar: Calendar) -> Event:
    values = {"title": "Concrete", "location": "Lyon", "begin": NINE, "end": NINE + HOUR}
    return services.save_event(Event(), {**values, "calendar": calendar})


def settle(member: TeamUser, **settings: Any) -> None:
    member.configs = settings
    member.save()


def page(browser: Client, **query: Any) -> str:
    response = browser.get(AGENDA, {"date": "2026-07-08", **query})
    assert response.status_code == 200
    return response.content.decode()


# --- The calendar page ------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["day", "week", "month", "list"])
def test_every_view_shows_events_in_their_colours(browser: Client, event: Event, view: str) -> None:
    html = page(browser, view=view)
    assert f'href="/admin/calendars/event/{event.pk}/change/"' in html
    assert "background:#123456" in html
    assert "09:00" in html


def test_the_view_and_the_hours_are_those_of_the_settings(
    browser: Client, owner: TeamUser, event: Event
) -> None:
    settle(
        owner, calendar_default_view="day", calendar_min_hour=8, calendar_max_hour=18, calendar_first_hour=9
    )
    html = page(browser)
    assert 'data-first-hour="9"' in html
    assert re.findall(r'data-hour="(\d+)"', html) == [str(hour) for hour in range(8, 18)]
    assert "--top:10.0;--height:10.0" in html


@pytest.mark.parametrize("query", [{"date": "yesterday"}, {"date": "9999-12-31"}, {"view": "year"}])
def test_an_address_that_makes_no_sense_shows_today(browser: Client, scope: Team, query: Any) -> None:
    assert page(browser, **query)


def test_tasks_show_when_the_settings_say_so(browser: Client, owner: TeamUser, calendar: Calendar) -> None:
    create_task({"title": "Call Dupont", "datetime": NINE})
    settle(owner, calendar_task_foreground_color="#654321")
    assert "background:#654321" in page(browser)
    assert "Call Dupont" not in page(browser, task="0")
    settle(owner, calendar_task_hidden=True)
    assert "Call Dupont" not in page(browser)
    assert "Call Dupont" in page(browser, task="1")
    settle(owner, calendar_show_task=False)
    assert "Call Dupont" not in page(browser, task="1")


def test_others_calendars_do_not_show(event: Event, make_member: Callable[..., TeamUser]) -> None:
    member = make_member()
    assert "Concrete" not in page(signed_in(member))
    CalendarShare.objects.create(calendar=event.calendar, team_user=member)
    assert "Concrete" in page(signed_in(member))


def test_a_calendar_is_hidden_and_shown_from_the_page(browser: Client, event: Event) -> None:
    address = f"{AGENDA}hide/"
    answer = browser.post(address, {"calendar": event.calendar.pk, "back": "?view=day&date=2026-07-08"})
    assert answer.headers["Location"] == f"{AGENDA}?view=day&date=2026-07-08"
    assert "Concrete" not in page(browser)
    browser.post(address, {"calendar": event.calendar.pk, "back": "https://elsewhere.example"})
    assert "Concrete" in page(browser)
    assert browser.get(address).status_code == 403
    assert browser.post(address, {"calendar": "999999"}).status_code == 404


def test_the_page_asks_for_the_key(make_member: Callable[..., TeamUser], scope: Team) -> None:
    assert signed_in(make_member(calendar=0)).get(AGENDA).status_code == 403


def test_the_page_costs_the_same_whatever_there_is(browser: Client, event: Event) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(browser, view="month")
        return len(captured)

    create_task({"title": "Call", "datetime": NINE})
    page(browser)
    few = queries()
    for number in range(6):
        values = {
            "begin": NINE,
            "end": NINE + number * HOUR,
            "calendar": event.calendar,
            "all_day": number % 2,
        }
        services.save_event(Event(), values)
        create_task({"title": "Call", "datetime": NINE})
    assert queries() == few


def test_the_menu_leads_to_the_calendar_page(browser: Client, scope: Team) -> None:
    assert f'href="{AGENDA}"' in browser.get("/admin/").content.decode()


# --- Events -----------------------------------------------------------------------------------------


def test_a_new_event_is_offered_at_the_hour_of_the_day_that_was_clicked(
    browser: Client, calendar: Calendar
) -> None:
    customer = make(Customer, company_name="Dupont")
    address = f"{url(Event, 'add')}?begin=2026-07-08T09:00&elements=customer:{customer.pk}"
    data = form_data(browser.get(address))
    assert (data["begin_0"], data["begin_1"], data["end_1"]) == ("2026-07-08", "09:00:00", "10:00:00")
    assert data["calendar"] == [str(calendar.pk)]
    answer = browser.post(address, {**data, "title": "Concrete"})
    assert answer.status_code == 302, answer.context["errors"]
    event = Event.objects.get()
    assert (event.begin, event.end, event.calendar) == (NINE, NINE + HOUR, calendar)
    assert [link.element.row for link in event.element_links.all()] == [customer]


def test_an_event_that_ends_before_it_begins_is_refused_beside_the_field(
    browser: Client, event: Event
) -> None:
    address = url(Event, "change", event.pk)
    data = form_data(browser.get(address))
    answer = browser.post(address, {**data, "end_0": "2026-07-07"})
    assert "end" in answer.context["adminform"].form.errors


def test_an_event_of_a_calendar_that_is_read_only_is_only_read(
    event: Event, make_member: Callable[..., TeamUser]
) -> None:
    member = make_member()
    CalendarShare.objects.create(calendar=event.calendar, team_user=member, readonly=True)
    client, address = signed_in(member), url(Event, "change", event.pk)
    response = client.get(address)
    assert response.status_code == 200
    assert not response.context["has_change_permission"]
    assert client.post(address, {"title": "Mine"}).status_code == 403
    offered = client.get(url(Event, "add")).context["adminform"].form.fields["calendar"].queryset
    assert event.calendar not in offered


def test_elements_are_searched_by_kind(browser: Client, scope: Team, other_team: Team) -> None:
    customer = make(Customer, company_name="Dupont")
    with team_scope(other_team):
        make(Customer, company_name="Dupont ailleurs")
    found = browser.get("/admin/calendars/event/elements/", {"term": "Dup"}).json()["results"]
    assert found == [
        {"text": "Customer", "children": [{"id": f"customer:{customer.pk}", "text": "Dupont – customer"}]}
    ]


def test_another_teams_row_cannot_be_linked(browser: Client, event: Event, other_team: Team) -> None:
    with team_scope(other_team):
        foreign = make(Customer)
    address = url(Event, "change", event.pk)
    data = form_data(browser.get(address))
    answer = browser.post(address, {**data, "elements": [f"customer:{foreign.pk}"]})
    assert "elements" in answer.context["adminform"].form.errors


# --- Calendars --------------------------------------------------------------------------------------


def test_a_calendar_is_shared_by_its_owner_alone(
    browser: Client, calendar: Calendar, make_member: Callable[..., TeamUser]
) -> None:
    member = make_member()
    address = url(Calendar, "change", calendar.pk)
    data = form_data(browser.get(address))
    lines = {"shares-TOTAL_FORMS": 1, "shares-0-team_user": member.pk, "shares-0-readonly": "on"}
    answer = browser.post(address, {**data, **lines})
    assert answer.status_code == 302, answer.context["errors"]
    assert [(share.team_user, share.readonly) for share in calendar.shares.all()] == [(member, True)]
    client = signed_in(member)
    assert not client.get(address).context["has_change_permission"]
    hidden = client.post(f"/admin/calendars/calendar/{calendar.pk}/hide/", follow=True)
    assert "Its events are hidden from you." in messages_of(hidden)
    assert calendar.shares.get().hidden is True
    calendar.refresh_from_db()
    assert calendar.hidden is False


# --- The first page ---------------------------------------------------------------------------------


def test_the_first_page_shows_what_waits_within_the_days_of_the_settings(
    browser: Client, owner: TeamUser, calendar: Calendar
) -> None:
    now = datetime.datetime.now(datetime.UTC)
    for days in (-3, 2, 20):
        create_task({"title": f"task in {days}", "datetime": now + datetime.timedelta(days=days)})
    done = create_task({"title": "done", "datetime": now})
    end_task(done)
    for days in (2, 20):
        begin = now + datetime.timedelta(days=days)
        values = {"title": f"event in {days}", "begin": begin, "end": begin + HOUR}
        services.save_event(Event(), {**values, "calendar": calendar})
    settle(owner, task_header_limit=5, calendar_header_limit=30)
    html = browser.get("/admin/").content.decode()
    shown = set(re.findall(r"(?:task|event) in -?\d+|done", html))
    assert shown == {"task in -3", "task in 2", "event in 2", "event in 20"}
    assert html.count("Late") == 1


def test_a_task_is_ended_from_the_first_page(browser: Client, scope: Team) -> None:
    task = create_task({"title": "Call"})
    address = f"/admin/tasks/task/{task.pk}/end/"
    assert f'href="{address}" data-post="1"' in browser.get("/admin/").content.decode()
    answer = browser.post(address, headers={"Referer": "http://testserver/admin/"})
    assert answer.headers["Location"] == "/admin/"
    assert "Call" not in browser.get("/admin/").content.decode().partition("ag-panel")[2]


def test_the_first_page_shows_what_one_may_see(
    calendar: Calendar, make_member: Callable[..., TeamUser]
) -> None:
    html = signed_in(make_member(task=0)).get("/admin/").content.decode()
    assert html.count('class="ag-card"') == 1
    assert "ag-panel" not in signed_in(make_member(task=0, calendar=0)).get("/admin/").content.decode()
