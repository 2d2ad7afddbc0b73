"""Several people at the same calendar, the same shares, the same links: nothing is made twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from erp.calendars.models import Calendar, CalendarShare
from erp.calendars.services import default_calendar, save_calendar
from erp.core.elements import Element, element_type, set_elements
from erp.core.scope import team_scope
from erp.customers.models import Customer
from erp.tasks.models import Task
from tenants.models import Team, TeamUser
from tests.factories import make

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

WORKERS = 4


def at_once(team: Team, actor: TeamUser, work: Callable[[], Any]) -> list[Any]:
    """Do the same work in several threads at the same moment; what each answered."""
    gate = Barrier(WORKERS)

    def one(_number: int) -> Any:
        try:
            gate.wait(timeout=30)
            with team_scope(team, actor):
                return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, range(WORKERS), timeout=60))


def test_pages_opened_at_once_make_one_calendar(team: Team, owner: TeamUser) -> None:
    made = at_once(team, owner, lambda: default_calendar(owner).pk)
    with team_scope(team):
        assert set(made) == {Calendar.objects.get().pk}


def test_a_calendar_shared_at_once_is_shared_once(
    team: Team, owner: TeamUser, make_member: Callable[..., TeamUser]
) -> None:
    member = make_member()
    with team_scope(team, owner):
        calendar = default_calendar(owner)

    def share() -> None:
        row = Calendar.objects.get(pk=calendar.pk)
        save_calendar(row, {"shares": [{"team_user": member, "readonly": True}]})

    at_once(team, owner, share)
    with team_scope(team):
        assert CalendarShare.objects.get().team_user == member


def test_elements_set_at_once_are_linked_once(team: Team, owner: TeamUser) -> None:
    with team_scope(team, owner):
        task, customers = make(Task), [make(Customer) for _ in range(3)]
        elements = [Element(element_type("customer"), row) for row in customers]
    at_once(team, owner, lambda: set_elements(Task.objects.get(pk=task.pk), elements))
    with team_scope(team):
        assert sorted(link.element_id for link in task.element_links.all()) == [row.pk for row in customers]
