"""The pages of tasks: groups by deadline, ending with one click, notes, what a new task starts from."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from erp.core.elements import Element, element_type, set_elements
from erp.core.scope import team_scope
from erp.customers.models import Customer
from erp.tasks.agenda import GROUPS, group_condition, group_of
from erp.tasks.models import Task
from erp.tasks.services import create_task, end_task
from erp.various.services import team_today
from tenants.models import Team, TeamUser
from tests.admin.pages import form_data, messages_of, signed_in, url
from tests.factories import make

LIST = "/admin/tasks/task/"


@pytest.fixture
def browser(owner: TeamUser) -> Client:
    return signed_in(owner)


def due(days: int, team: Team) -> datetime.datetime:
    """Noon of a day, counted from today, by the team's clock."""
    day = team_today() + datetime.timedelta(days=days)
    return datetime.datetime.combine(day, datetime.time(12), team.timezone)


@pytest.fixture
def tasks(scope: Team) -> dict[str, Task]:
    """A task of each group, with the settings as they are at first: 7 days, 30 days."""
    days = {"late": -1, "today": 0, "soon": 7, "later": 30, "far": 31}
    made = {
        name: create_task({"title": name, "datetime": due(number, scope)}) for name, number in days.items()
    }
    return made | {"none": create_task({"title": "none", "datetime": None})}


def shown(response: Any) -> list[str]:
    assert response.status_code == 200
    return [str(task) for task in response.context["cl"].result_list]


# --- Groups -----------------------------------------------------------------------------------------


def test_tasks_are_listed_by_deadline_with_their_group(browser: Client, tasks: dict[str, Task]) -> None:
    response = browser.get(LIST)
    assert shown(response) == ["late", "today", "soon", "later", "far", "none"]
    html = response.content.decode()
    for label in GROUPS.values():
        assert str(label) in html


@pytest.mark.parametrize("name", GROUPS)
def test_each_group_is_a_filter(browser: Client, tasks: dict[str, Task], name: str) -> None:
    assert shown(browser.get(LIST, {"when": name})) == [name]


def test_groups_end_where_the_settings_say(owner: TeamUser, tasks: dict[str, Task]) -> None:
    owner.configs = {"task_header_limit": 0, "task_later_limit": 31}
    today = team_today()
    found = {name: group_of(task, owner, today) for name, task in tasks.items()}
    assert found == {
        "late": "late",
        "today": "today",
        "soon": "later",
        "later": "later",
        "far": "later",
        "none": "none",
    }


@pytest.mark.parametrize("settings", [(7, 30), (0, 0), (30, 7), (1, 2)])
def test_every_task_is_in_exactly_the_group_that_it_shows(
    owner: TeamUser, tasks: dict[str, Task], scope: Team, settings: tuple[int, int]
) -> None:
    owner.configs = dict(zip(("task_header_limit", "task_later_limit"), settings, strict=True))
    for days in range(-2, 33):
        create_task({"title": f"{days}", "datetime": due(days, scope)})
    found = [(task.pk, name) for name in GROUPS for task in Task.objects.filter(group_condition(name, owner))]
    assert sorted(found) == sorted(
        (task.pk, group_of(task, owner, team_today())) for task in Task.objects.all()
    )


# --- Ending -----------------------------------------------------------------------------------------


def test_a_task_is_ended_with_one_click_and_leaves_the_list(browser: Client, tasks: dict[str, Task]) -> None:
    answer = browser.post(f"{LIST}{tasks['late'].pk}/end/", follow=True)
    assert "“late” has ended." in messages_of(answer)
    assert "late" not in shown(answer)
    assert shown(browser.get(LIST, {"ended": "1"})) == ["late"]
    assert len(shown(browser.get(LIST, {"ended": "all"}))) == 6


def test_a_click_is_asked_for_by_post(browser: Client, tasks: dict[str, Task]) -> None:
    assert browser.get(f"{LIST}{tasks['late'].pk}/end/").status_code == 200
    tasks["late"].refresh_from_db()
    assert not tasks["late"].is_ended


def test_several_tasks_are_ended_at_once(browser: Client, tasks: dict[str, Task]) -> None:
    chosen = [tasks["late"].pk, tasks["today"].pk]
    answer = browser.post(LIST, {"action": "end_rows", "_selected_action": chosen}, follow=True)
    assert "2 tasks have ended." in messages_of(answer)
    assert shown(answer) == ["soon", "later", "far", "none"]


def test_an_ended_task_is_taken_up_again(browser: Client, tasks: dict[str, Task]) -> None:
    task = end_task(tasks["late"])
    page = browser.get(url(Task, "change", task.pk)).content.decode()
    assert f"{LIST}{task.pk}/reopen/" in page
    assert f"{LIST}{task.pk}/end/" not in page
    browser.post(f"{LIST}{task.pk}/reopen/")
    task.refresh_from_db()
    assert (task.is_ended, task.completed_at) == (False, None)


# --- Forms ------------------------------------------------------------------------------------------


def test_a_new_task_starts_from_the_settings(
    browser: Client, owner: TeamUser, make_member: Callable[..., TeamUser], scope: Team
) -> None:
    member, customer = make_member(), make(Customer, company_name="Dupont")
    owner.configs = {"task_defaut_date": 2, "task_defaut_team_user": [member.pk]}
    owner.save()
    address = f"{url(Task, 'add')}?elements=customer:{customer.pk}"
    data = form_data(browser.get(address))
    assert data["datetime_0"] == (team_today() + datetime.timedelta(days=2)).isoformat()
    answer = browser.post(address, {**data, "title": "Call", "notes": "About the roof\n& the gutters"})
    assert answer.status_code == 302, answer.context["errors"]
    task = Task.objects.get()
    assert list(task.team_users.all()) == [member]
    assert (task.notes, task.author) == ("<p>About the roof<br>&amp; the gutters</p>", owner)
    assert [link.element.row for link in task.element_links.all()] == [customer]
    assert form_data(browser.get(url(Task, "change", task.pk)))["notes"] == "About the roof\n& the gutters"


def test_a_deadline_without_an_hour_is_for_the_whole_day(browser: Client, scope: Team) -> None:
    task = create_task({"title": "Call", "datetime": due(3, scope)})
    address = url(Task, "change", task.pk)
    data = form_data(browser.get(address))
    assert data["datetime_1"] == "12:00:00"
    assert browser.post(address, {**data, "datetime_1": ""}).status_code == 302
    task.refresh_from_db()
    assert task.datetime.astimezone(scope.timezone).time() == datetime.time()
    shown_again = form_data(browser.get(address))
    assert "datetime_1" not in shown_again
    assert browser.post(address, {**shown_again, "datetime_0": ""}).status_code == 302
    task.refresh_from_db()
    assert task.datetime is None
    wrong = browser.post(address, {**shown_again, "datetime_0": "yesterday"})
    assert "datetime" in wrong.context["adminform"].form.errors


def test_a_task_for_nobody_is_refused_beside_the_field(browser: Client, tasks: dict[str, Task]) -> None:
    address = url(Task, "change", tasks["late"].pk)
    data = form_data(browser.get(address))
    del data["team_users"]
    answer = browser.post(address, data)
    assert "team_users" in answer.context["adminform"].form.errors


def test_notes_with_a_layout_are_edited_as_they_are(browser: Client, scope: Team) -> None:
    task = create_task({"title": "Call", "notes": "<ul><li>roof</li></ul>"})
    assert form_data(browser.get(url(Task, "change", task.pk)))["notes"] == "<ul><li>roof</li></ul>"


def test_elements_that_one_may_not_see_stay_linked(make_member: Callable[..., TeamUser], scope: Team) -> None:
    task, customer = make(Task, title="Call"), make(Customer, company_name="Dupont")
    set_elements(task, [Element(element_type("customer"), customer)])
    levels = dict.fromkeys(("customer", "prospect", "provider", "subcontractor"), 0)
    member = make_member(**levels)
    task.team_users.add(member)
    client, address = signed_in(member), url(Task, "change", task.pk)
    response = client.get(address)
    assert "Dupont" not in response.content.decode()
    assert client.post(address, {**form_data(response), "title": "Write"}).status_code == 302
    with team_scope(scope):
        assert task.element_links.count() == 1
