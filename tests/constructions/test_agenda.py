"""Planifications on the calendar page, on the first page and in the mail of the agenda."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from erp.calendars import reminders
from erp.constructions import services
from erp.constructions.models import Construction, Planification, Technician
from erp.core.agenda import Source, sources
from erp.core.scope import team_scope
from tenants.models import Team, TeamUser
from tests.admin.pages import signed_in
from tests.factories import make

AGENDA = "/admin/calendars/event/agenda/"
#: A Monday, 07:30 in Paris (UTC+2).
MONDAY = datetime.datetime(2026, 7, 6, 5, 30, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
TODAY = MONDAY.date()


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("erp.constructions.agenda.team_today", lambda: TODAY)


@pytest.fixture
def site(scope: Team) -> Construction:
    return make(Construction, title="Toiture", city="Dole")


@pytest.fixture
def plan(site: Construction) -> Callable[..., Planification]:
    """`plan(jim, day=1)`: somebody works on the site for the morning of a day after Monday."""

    def make_planification(*people: Any, day: int = 0, hours: int = 4, **values: Any) -> Planification:
        begin = MONDAY + datetime.timedelta(days=day)
        period = {"begin": begin, "end": begin + hours * HOUR}
        body = {"construction": site, "technicians": people or (make(Technician, name="Jim Bolt"),)}
        return services.create_planification({**body, **period, **values})

    return make_planification


@pytest.fixture
def technician(make_member: Any) -> Callable[..., TeamUser]:
    """A team user who works on site, and may read planifications."""

    def make_technician(level: int = 1) -> TeamUser:
        member: TeamUser = make_member(**{"sales-delivery": level, "calendar": 1})
        with team_scope(member.team):
            member.roles = ["technical"]
            member.save()
        return member

    return make_technician


def source(member: TeamUser) -> Source:
    return next(item for item in sources(member) if item.name == "planification")


def seen_on(member: TeamUser, first: int, last: int) -> list[str]:
    """Addresses of what the calendar page shows of these days after Monday."""
    days = (TODAY + datetime.timedelta(days=number) for number in (first, last))
    with team_scope(member.team, member):
        return [entry.address for entry in source(member).on_days(member, *days)]


def address(row: Planification) -> str:
    return f"/admin/constructions/planification/{row.pk}/change/"


def test_technicians_see_where_they_go_and_planners_everybody(
    plan: Any, technician: Any, owner: TeamUser
) -> None:
    ada, bob = technician(), technician()
    own, other = plan(ada), plan(bob)
    assert seen_on(ada, 0, 6) == [address(own)]
    assert seen_on(owner, 0, 6) == [address(own), address(other)]


def test_days_are_those_of_the_team(plan: Any, technician: Any) -> None:
    ada = technician()
    row = plan(ada, hours=16)  # until 23:30 in Paris
    late = plan(ada, day=1, hours=17)  # past midnight
    assert seen_on(ada, 0, 0) == [address(row)]
    assert seen_on(ada, 1, 1) == seen_on(ada, 2, 2) == [address(late)]
    assert seen_on(ada, -1, -1) == seen_on(ada, 3, 9) == []


def test_an_entry_says_where_with_whom_and_when(plan: Any, technician: Any, site: Construction) -> None:
    ada = technician(level=3)
    row = plan(ada, make(Technician, name="Jim Bolt"), day=-3)
    with team_scope(ada.team, ada):
        [entry] = source(ada).waiting(ada, TODAY, TODAY)
    assert (entry.title, entry.is_late, entry.is_done) == (str(site), True, False)
    assert entry.note.startswith("Dole – ")
    assert "Jim Bolt" in entry.note
    signed_in(ada).post(entry.end_address)
    row.refresh_from_db()
    assert row.status == Planification.Status.ENDED
    with team_scope(ada.team, ada):
        assert source(ada).waiting(ada, TODAY, TODAY) == []


def test_who_only_reads_cannot_end_it_nor_add_one(plan: Any, technician: Any) -> None:
    ada = technician()
    plan(ada)
    with team_scope(ada.team, ada):
        [entry] = source(ada).waiting(ada, TODAY, TODAY)
    assert (entry.end_address, source(ada).may_add(ada)) == ("", False)
    page = signed_in(ada).get(AGENDA, {"date": TODAY.isoformat()}).content.decode()
    assert "Toiture" in page
    assert "/admin/constructions/planification/add/" not in page


def test_only_technicians_have_a_card_on_the_first_page(plan: Any, technician: Any, owner: TeamUser) -> None:
    ada = technician()
    plan(ada)
    assert "Work on site" in signed_in(ada).get("/admin/").content.decode()
    assert "Toiture" in signed_in(ada).get("/admin/").content.decode()
    assert "Work on site" not in signed_in(owner).get("/admin/").content.decode()


def test_the_mail_of_the_agenda_tells_technicians_where_they_go(
    plan: Any, technician: Any, team: Team
) -> None:
    ada = technician()
    with team_scope(team):
        ada.configs = {"calendar_mail_notifications": 1, "calendar_mail_hour": 7}
        ada.save()
    plan(ada)
    plan(technician())
    assert reminders.send_agenda(team, MONDAY) == 1
    body = str(mail.outbox[0].body)
    assert body.count("Toiture") == 1
    assert "7:30 a.m." in body


def test_without_the_key_there_is_no_source(make_member: Any) -> None:
    member = make_member(**{"sales-delivery": 0})
    assert "planification" not in [item.name for item in sources(member)]


def test_the_calendar_costs_the_same_for_many(plan: Any, owner: TeamUser) -> None:
    def cost() -> int:
        with team_scope(owner.team, owner), CaptureQueriesContext(connection) as queries:
            source(owner).on_days(owner, TODAY, TODAY)
        return len(queries)

    plan()
    few = cost()
    for _more in range(3):
        plan()
    assert cost() == few
