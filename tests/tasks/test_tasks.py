"""Tasks: their life over the API, what moves by itself, who sees which, and what the settings do."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from erp.core.errors import Invalid
from erp.core.scope import team_scope
from erp.tasks import services
from erp.tasks.choices import Status
from erp.tasks.models import Task
from erp.various.models import TaskCategory
from erp.various.services import clean_html, html_of_text, team_today, text_of_html
from tenants.models import Team, TeamUser
from tenants.services import create_api_key
from tests.conftest import ApiClient
from tests.factories import make

MakeMember = Callable[..., TeamUser]


@pytest.fixture(autouse=True)
def _english(english: None) -> None:
    """Sentences and labels are asserted in their source language."""


@pytest.fixture
def task(scope: Team) -> Task:
    return services.create_task({"title": "Call"})


def created(api: ApiClient, **values: Any) -> dict[str, Any]:
    response = api.post("/task?include=category,team_users,elements", {"title": "Call", **values})
    assert response.status_code == 201, response.content
    return dict(response.json())


def titles(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [data["title"] for data in response.json()["datas"]]


# --- The object -------------------------------------------------------------------------------------


def test_the_example_of_the_reference(api: ApiClient, team: Team) -> None:
    with team_scope(team):
        TaskCategory.objects.update(use_default=False)
    body = "title=Task title&datetime=2022-05-24 22:00:00&status=4"
    task = api.post("/task", body, content_type="application/x-www-form-urlencoded").json()
    moments = {name: task.pop(name) for name in ("completed_at", "created_at", "updated_at")}
    assert all(moments.values())
    assert task == {
        "id": task["id"],
        "title": "Task title",
        "datetime": "2022-05-24T22:00:00.000000Z",
        "category_id": None,
        "status": {"value": 4, "label": "Ended"},
        "notes": None,
        "text_notes": None,
        "priority": {"value": 2, "label": "Normal"},
    }


def test_a_day_alone_begins_with_the_teams_day(api: ApiClient) -> None:
    assert created(api, datetime="2024-05-24")["datetime"] == "2024-05-23T22:00:00.000000Z"
    assert api.post("/task", {"title": "a", "datetime": "2023-02-29"}).status_code == 422


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_list_answers_with_and_without_a_slash(api: ApiClient, slash: str) -> None:
    created(api)
    assert titles(api.get(f"/task{slash}")) == ["Call"]


def test_a_status_may_be_sent_back_as_it_was_answered(api: ApiClient) -> None:
    task = created(api)
    changed = api.put(f"/task/{task['id']}", {"status": {"value": 2, "label": "?"}, "priority": "3"}).json()
    assert (changed["status"]["value"], changed["priority"]["value"]) == (2, 3)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "title"),
        ({"title": "  "}, "title"),
        ({"title": "a", "status": 5}, "status"),
        ({"title": "a", "priority": 0}, "priority"),
        ({"title": "a", "datetime": "0001-01-01 00:00:00"}, "datetime"),
        ({"title": "a", "team_users": []}, "team_users"),
        ({"title": "a", "team_users": [999_999]}, "team_users.0"),
        ({"title": "a", "status": 1, "completed_at": "2024-01-01T00:00:00Z"}, "completed_at"),
    ],
)
def test_what_is_wrong_is_named(api: ApiClient, body: dict[str, Any], path: str) -> None:
    response = api.post("/task", body)
    assert response.status_code == 422, response.content
    assert list(response.json()["errors"]) == [path]


def test_notes_are_cleaned_and_answered_as_text_too(api: ApiClient) -> None:
    html = (
        "<p>Bring the <b>ladder</b> &amp; nails</p><script>alert(1)</script><ul><li>one</li><li>two</li></ul>"
    )
    task = created(api, notes=html)
    assert "script" not in task["notes"]
    assert "<b>ladder</b>" in task["notes"]
    assert task["text_notes"] == "Bring the ladder & nails\n\none\ntwo"
    assert titles(api.get("/task", search="%ladder & nails%")) == ["Call"]
    assert titles(api.get("/task", search="%<b>%")) == []
    assert api.put(f"/task/{task['id']}", {"notes": None}).json()["text_notes"] is None


@given(st.text(alphabet=st.characters(exclude_characters="<>&\x00\r\xa0", exclude_categories=["Cs"])))
def test_text_without_markup_reads_as_it_is(text: str) -> None:
    assert text_of_html(text).split() == text.split()


LINES = st.lists(st.text(alphabet="ab 'é&<1", min_size=1).map(str.strip).filter(bool), min_size=1)


@given(st.lists(LINES, min_size=1))
def test_typed_text_is_kept_by_rich_text(paragraphs: list[list[str]]) -> None:
    text = "\n\n".join("\n".join(lines) for lines in paragraphs)
    assume("<a" not in text and "<b" not in text)  # what looks like markup is taken for markup
    assert text_of_html(html_of_text(text)) == text
    assert clean_html(html_of_text(text)) == html_of_text(text)


# --- The end of a task ------------------------------------------------------------------------------


def test_the_date_of_end_follows_the_status(api: ApiClient) -> None:
    task = created(api)
    assert task["completed_at"] is None
    address = f"/task/{task['id']}"
    ended = api.put(address, {"status": 4}).json()["completed_at"]
    assert ended is not None
    assert api.put(address, {"title": "Write"}).json()["completed_at"] == ended
    assert api.put(address, {"status": 4}).json()["completed_at"] == ended
    assert api.put(address, {"status": 3}).json()["completed_at"] is None


def test_a_date_of_end_ends_the_task(api: ApiClient) -> None:
    task = created(api, completed_at="2024-01-02T03:04:05Z")
    assert task["status"]["value"] == 4
    assert task["completed_at"] == "2024-01-02T03:04:05.000000Z"


def test_ending_twice_keeps_the_first_date(task: Task) -> None:
    first = services.end_task(task).completed_at
    assert services.end_task(task).completed_at == first
    assert services.reopen_task(task).completed_at is None


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(Status.values),
        "completed_at": st.none() | st.just(datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)),
        "title": st.just("Other"),
    },
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(CHANGES, max_size=4))
def test_a_task_is_completed_exactly_when_it_has_ended(task: Task, changes: list[dict[str, Any]]) -> None:
    for change in changes:
        try:
            services.update_task(task, dict(change))
        except Invalid:
            task.refresh_from_db()
        task.refresh_from_db()
        assert (task.status == Status.ENDED) == (task.completed_at is not None)


def test_the_database_refuses_an_end_without_a_date(task: Task) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(status=Status.ENDED)


# --- Settings of new tasks --------------------------------------------------------------------------


def test_a_new_task_is_due_after_the_days_of_the_setting(api: ApiClient, owner: TeamUser) -> None:
    with team_scope(owner.team):
        owner.configs = {"task_defaut_date": 3}
        owner.save()
        due = team_today() + datetime.timedelta(days=3)
        start = datetime.datetime.combine(due, datetime.time(), owner.team.timezone)
    expected = start.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
    assert created(api)["datetime"] == expected
    assert created(api, datetime=None)["datetime"] is None


def test_a_new_task_is_for_the_people_of_the_setting(
    api: ApiClient, owner: TeamUser, make_member: MakeMember
) -> None:
    member, gone = make_member(), make_member()
    assert [user["id"] for user in created(api)["team_users"]] == [owner.pk]
    with team_scope(owner.team):
        TeamUser.objects.filter(pk=gone.pk).update(active=False)
        owner.configs = {"task_defaut_team_user": [member.pk, gone.pk]}
        owner.save()
    assert [user["id"] for user in created(api)["team_users"]] == [member.pk]
    assert [user["id"] for user in created(api, team_users=[owner.pk])["team_users"]] == [owner.pk]


def test_a_new_task_has_the_category_that_is_selected_by_default(api: ApiClient, scope: Team) -> None:
    TaskCategory.objects.update(use_default=False)
    category = make(TaskCategory, label="Site visit", use_default=True)
    assert created(api)["category"]["id"] == category.pk
    assert created(api, category=None)["category"] is None


# --- Lists ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"filter[title]": "%an"}, {"Clean"}),
        ({"filter[category]": "%visit"}, {"Clean"}),
        ({"filter[status]": "2"}, {"Measure"}),
        ({"filter[priority]": "3"}, {"Measure"}),
        ({"filter[deadline_since]": "2024-05-10"}, {"Clean", "Measure"}),
        ({"filter[deadline_until]": "2024-05-10"}, {"Clean"}),
        ({"filter[deadline]": "2024-05-10"}, {"Clean"}),
        ({"filter[deadline]": "2024-05-09"}, set()),
        ({"filter[deadline_since]": "2024-05-11", "filter[deadline_until]": "2024-05-12"}, {"Measure"}),
    ],
)
def test_filters(api: ApiClient, scope: Team, query: dict[str, str], found: set[str]) -> None:
    category = make(TaskCategory, label="Site visit")
    # 23:30 in Paris on 10 May, and 00:30 there on 12 May.
    created(api, title="Clean", datetime="2024-05-10 21:30:00", category=category.pk)
    created(api, title="Measure", datetime="2024-05-11 22:30:00", status=2, priority=3)
    created(api, title="Whenever", datetime=None)
    assert set(titles(api.get("/task", **query))) == found


def test_tasks_of_a_person_are_found(api: ApiClient, make_member: MakeMember) -> None:
    member = make_member()
    created(api, title="Theirs", team_users=[member.pk])
    created(api, title="Mine")
    assert titles(api.get("/task", **{"filter[with_team_users]": member.pk})) == ["Theirs"]


@pytest.mark.parametrize("sort", ["priority.label", "status.label", "category", "datetime", "completed_at"])
def test_sorts(api: ApiClient, sort: str) -> None:
    low = created(api, title="a", priority=1, status=1, datetime="2024-01-01 00:00:00")
    high = created(api, title="b", priority=3, status=4, datetime="2024-01-02 00:00:00")
    ids = [data["id"] for data in api.get("/task", sort=f"{sort},title").json()["datas"]]
    assert set(ids) == {low["id"], high["id"]}
    if sort in ("priority.label", "status.label", "datetime"):
        assert ids == [low["id"], high["id"]]


def test_the_newest_come_first(api: ApiClient) -> None:
    created(api, title="old")
    created(api, title="new")
    assert titles(api.get("/task")) == ["new", "old"]


# --- Who sees which ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "seen"),
    [
        (0, {"own", "delegated"}),
        (1, {"own", "delegated", "managed"}),
        (2, {"own", "delegated", "managed", "other"}),
    ],
)
def test_task_access_says_which_tasks_are_seen(
    team: Team, make_member: MakeMember, level: int, seen: set[str]
) -> None:
    member, managed, other = make_member(task=1, task_access=level), make_member(), make_member()
    with team_scope(team, member):
        member.team_users.add(managed)
        services.create_task({"title": "delegated", "team_users": [other]})
    with team_scope(team, other):
        services.create_task({"title": "own", "team_users": [other, member]})
        services.create_task({"title": "managed", "team_users": [managed]})
        services.create_task({"title": "other"})
    with team_scope(team):
        api = ApiClient(create_api_key(member))
    assert set(titles(api.get("/task"))) == seen


def test_without_the_key_there_are_no_tasks(member_api: Callable[..., ApiClient]) -> None:
    api = member_api(task=0)
    assert api.get("/task").status_code == 403
    assert api.post("/task", {"title": "a"}).status_code == 403


def test_a_deleted_task_shows_on_request(api: ApiClient) -> None:
    task = created(api)
    assert api.delete(f"/task/{task['id']}").status_code == 204
    assert api.get(f"/task/{task['id']}").status_code == 404
    assert set(api.get("/task", with_deleted=1).json()["datas"][0]) == {"id", "deleted_at"}
