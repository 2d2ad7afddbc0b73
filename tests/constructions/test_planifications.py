"""Planifications: who goes when, and never more than there is to do."""

from __future__ import annotations

import datetime
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erp.constructions import services
from erp.constructions.models import (
    Construction,
    ConstructionContent,
    Planification,
    PlanificationContent,
    Technician,
)
from erp.core.errors import BusinessError
from tenants.models import TeamUser
from tests.conftest import ApiClient
from tests.constructions.test_constructions import errors
from tests.factories import make

PATH = "/construction/planification"
DAY = datetime.datetime(2024, 5, 17, 8, tzinfo=datetime.UTC)


@pytest.fixture
def site(scope: Any) -> Construction:
    """Ten windows of half an hour, two doors of a day."""
    row = make(Construction)
    contents = [
        {
            "designation": "Window",
            "quantity": Decimal(10),
            "duration": Decimal(30),
            "duration_type": "minute",
        },
        {
            "designation": "Door",
            "quantity": Decimal(2),
            "duration": Decimal(1),
            "duration_type": "day",
            "number_people_needed": 2,
        },
    ]
    return services.update_construction(row, {"contents": contents})


@pytest.fixture
def jim(scope: Any) -> Technician:
    return make(Technician, name="Jim", email="jim@example.com")


def body(site: Construction, *people: Any, hours: tuple[int, int] = (0, 4), **values: Any) -> dict[str, Any]:
    technicians = [
        {"type": "teamUser" if isinstance(person, TeamUser) else "technician", "id": person.pk}
        for person in people
    ]
    begin, end = (DAY + datetime.timedelta(hours=hour) for hour in hours)
    moments = {"begin": begin.isoformat(), "end": end.isoformat()}
    return {"construction": site.pk, "technicians": technicians, **moments, **values}


def post(api: ApiClient, *args: Any, **values: Any) -> dict[str, Any]:
    answer = api.post(f"{PATH}?include=contents,technicians", body(*args, **values))
    assert answer.status_code == 201, answer.json()
    return dict(answer.json())


def left(site: Construction) -> list[Decimal]:
    return [row.stay_to_planify for row in ConstructionContent.objects.filter(construction=site)]


def status(site: Construction) -> int:
    return Construction.objects.get(pk=site.pk).status


def test_all_that_is_left_is_planned(api: ApiClient, site: Construction, jim: Technician) -> None:
    row = post(api, site, jim)
    assert (row["reference"], row["all_contents"], row["status"]) == ("INT00001", True, 1)
    assert (row["total_duration_hour"], row["nb_people_needed"], row["document_status"]) == (19, 2, 0)
    assert (row["begin"], row["warnings"]) == ("2024-05-17T08:00:00.000000Z", [])
    assert "contents" not in row
    (person,) = row["technicians"]
    assert (person["type"], person["id"], person["name"], person["email"]) == (
        "technician",
        jim.pk,
        "Jim",
        "jim@example.com",
    )
    assert (left(site), status(site)) == ([0, 0], 3)
    refused = errors(api.post(PATH, body(site, jim, hours=(5, 6))))
    assert refused == {"all_contents": [f"Nothing is left to plan on the worksite {site}."]}


def test_the_status_follows_planifications(api: ApiClient, site: Construction, jim: Technician) -> None:
    windows, doors = ConstructionContent.objects.filter(construction=site)
    assert status(site) == 1
    first = post(api, site, jim, contents=[{"content": windows.pk, "quantity": 4}])
    assert (first["contents"], first["total_duration_hour"]) == (
        [{"quantity": 4, "content_id": windows.pk}],
        2,
    )
    assert (status(site), left(site)) == (2, [6, 2])
    rest = [{"content": windows.pk}, {"content": doors.pk}]
    second = post(api, site, jim, contents=rest, hours=(5, 9))
    assert (status(site), left(site)) == (3, [0, 0])
    api.put(f"{PATH}/{first['id']}", {"status": 2})
    assert status(site) == 3
    api.put(f"{PATH}/{second['id']}", {"status": 2})
    assert status(site) == 4
    assert api.delete(f"{PATH}/{second['id']}").status_code == 204
    assert (status(site), left(site)) == (2, [6, 2])


def test_no_more_is_planned_than_is_left(api: ApiClient, site: Construction, jim: Technician) -> None:
    windows, doors = ConstructionContent.objects.filter(construction=site)
    row = post(api, site, jim, contents=[{"content": windows.pk, "quantity": 7}])
    more = [{"content": doors.pk, "quantity": 2}, {"content": windows.pk, "quantity": 4}]
    refused = errors(api.post(PATH, body(site, jim, contents=more)))
    assert refused == {"contents.1.quantity": ["Only 3 of “Window” are left to plan."]}
    assert left(site) == [3, 2]
    own = {"contents": [{"content": windows.pk, "quantity": 10}]}
    assert api.put(f"{PATH}/{row['id']}", own).status_code == 200
    assert left(site) == [0, 2]
    beyond = {"contents": [{"content": windows.pk, "quantity": 11}]}
    assert list(errors(api.put(f"{PATH}/{row['id']}", beyond))) == ["contents.0.quantity"]
    foreign = make(ConstructionContent)
    wrong = {"contents": [{"content": foreign.pk, "quantity": 1}]}
    assert list(errors(api.put(f"{PATH}/{row['id']}", wrong))) == ["contents.0.content"]


def test_contents_keep_what_is_planned_of_them(api: ApiClient, site: Construction, jim: Technician) -> None:
    windows, doors = ConstructionContent.objects.filter(construction=site)
    post(api, site, jim, contents=[{"content": windows.pk, "quantity": 7}])
    path = f"/construction/{site.pk}"
    fewer = [{"id": windows.pk, "designation": "Window", "quantity": 6}]
    assert errors(api.put(path, {"contents": fewer})) == {
        "contents.0.quantity": ["7 are planned already: plan less of it first."]
    }
    without = [{"id": doors.pk, "designation": "Door", "quantity": 2}]
    assert list(errors(api.put(path, {"contents": without}))) == ["contents"]
    assert left(site) == [3, 2]


def test_a_planification_of_all_follows_the_worksite(
    api: ApiClient, site: Construction, jim: Technician
) -> None:
    windows, _doors = ConstructionContent.objects.filter(construction=site)
    row = post(api, site, jim)
    changed = [
        {"id": windows.pk, "designation": "Window", "quantity": 3},
        {"designation": "New", "quantity": 5},
    ]
    api.put(f"/construction/{site.pk}", {"contents": changed})
    planned = PlanificationContent.objects.filter(planification=row["id"])
    assert [item.quantity for item in planned] == [3, 5]
    assert (left(site), status(site)) == ([0, 0], 3)


def test_somebody_goes_and_the_end_comes_last(api: ApiClient, site: Construction, jim: Technician) -> None:
    assert list(errors(api.post(PATH, body(site)))) == ["technicians"]
    assert api.post(PATH, body(site, jim, hours=(4, 4))).status_code == 422
    assert "construction" in errors(api.post(PATH, {**body(site, jim), "construction": None}))
    row = post(api, site, jim)
    other = make(Construction)
    assert list(errors(api.put(f"{PATH}/{row['id']}", {"construction": other.pk}))) == ["construction"]
    assert list(errors(api.put(f"{PATH}/{row['id']}", {"technicians": []}))) == ["technicians"]


def test_users_are_technicians_by_their_role(
    api: ApiClient, site: Construction, owner: TeamUser, jim: Technician
) -> None:
    TeamUser.objects.filter(pk=owner.pk).update(roles=["commercial"])
    assert list(errors(api.post(PATH, body(site, jim, owner)))) == ["technicians.1.id"]
    TeamUser.objects.filter(pk=owner.pk).update(roles=["technical"])
    row = post(api, site, jim, owner)
    assert [(person["type"], person["id"]) for person in row["technicians"]] == [
        ("technician", jim.pk),
        ("teamUser", owner.pk),
    ]
    path = f"{PATH}/{row['id']}?include=technicians"
    kept = api.put(path, {"technicians": [{"type": "teamUser", "id": owner.pk}]}).json()["technicians"]
    assert [person["name"] for person in kept] == [str(owner)]


def test_a_technician_in_two_places_is_a_warning(api: ApiClient, site: Construction, jim: Technician) -> None:
    elsewhere = post(api, make(Construction), jim, hours=(2, 6))
    row = post(api, site, jim, make(Technician), hours=(0, 4))
    (warning,) = row["warnings"]
    assert warning == {
        "message": "Jim is planned elsewhere at the same time.",
        "technician": {"type": "technician", "id": jim.pk, "name": "Jim"},
        "planification_id": elsewhere["id"],
        "reference": "INT00001",
        "begin": "2024-05-17T10:00:00.000000Z",
        "end": "2024-05-17T14:00:00.000000Z",
    }
    back = api.get(f"{PATH}/{elsewhere['id']}").json()["warnings"]
    assert [item["planification_id"] for item in back] == [row["id"]]
    moved = api.put(f"{PATH}/{row['id']}", {"begin": "2024-05-17T14:00:00Z", "end": "2024-05-17T18:00:00Z"})
    assert moved.json()["warnings"] == []


def test_technicians_stay_while_they_have_to_go_somewhere(
    api: ApiClient, site: Construction, jim: Technician
) -> None:
    row = post(api, site, jim)
    path = f"/construction/technician/{jim.pk}"
    assert api.delete(path).status_code == 409
    api.put(f"{PATH}/{row['id']}", {"status": 2})
    assert api.delete(path).status_code == 204
    (person,) = api.get(f"{PATH}/{row['id']}?include=technicians").json()["technicians"]
    assert person["name"] == "Jim"


def test_lists_filter_and_sort(api: ApiClient, site: Construction, jim: Technician, owner: TeamUser) -> None:
    TeamUser.objects.filter(pk=owner.pk).update(roles=["technical"])
    post(api, site, jim)
    post(api, make(Construction, reference="CHA9", city="Arles"), owner, hours=(48, 50))

    def found(query: str) -> list[str]:
        answer = api.get(f"{PATH}?{query}")
        assert answer.status_code == 200, answer.json()
        return [row["reference"] for row in answer.json()["datas"]]

    assert found(f"filter[technician]={jim.pk}") == ["INT00001"]
    assert found(f"filter[team_user]={owner.pk}") == ["INT00002"]
    assert found("filter[construction_reference]=CHA9") == ["INT00002"]
    assert found("filter[begin]=2024-05-18") == ["INT00002"]
    assert found("filter[end]=2024-05-18") == ["INT00001"]
    assert found(f"filter[customer]={site.customer_id}") == ["INT00001"]
    assert found("sort=begin") == ["INT00001", "INT00002"]
    assert found("sort=construction.town") == ["INT00002", "INT00001"]


def test_a_worksite_with_planifications_stays(api: ApiClient, site: Construction, jim: Technician) -> None:
    row = post(api, site, jim)
    assert api.delete(f"/construction/{site.pk}").status_code == 409
    api.delete(f"{PATH}/{row['id']}")
    assert api.delete(f"/construction/{site.pk}").status_code == 204


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["plan", "plan_all", "end", "delete", "resize"]),
        st.integers(0, 3),
        st.integers(1, 12),
    ),
    max_size=8,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_no_more_is_planned_than_there_is(
    site: Construction, jim: Technician, steps: list[tuple[str, int, int]]
) -> None:
    Planification.objects.filter(construction=site).update(construction=make(Construction))
    site = make(Construction)
    services.update_construction(site, {"contents": [{"designation": "Window", "quantity": Decimal(10)}]})
    for what, which, amount in steps:
        with suppress(BusinessError):
            do(site, jim, what, which, Decimal(amount))
        check(site)


def do(site: Construction, jim: Technician, what: str, which: int, amount: Decimal) -> None:
    content = ConstructionContent.objects.get(construction=site)
    rows = list(Planification.objects.filter(construction=site).order_by("pk"))
    row = rows[which % len(rows)] if rows else None
    moments = {"begin": DAY, "end": DAY + datetime.timedelta(hours=1)}
    base = {"construction": site, "technicians": [jim], **moments}
    if what == "plan":
        services.create_planification({**base, "contents": [{"content": content, "quantity": amount}]})
    elif what == "plan_all":
        services.create_planification(base)
    elif what == "resize":
        contents = [{"id": content.pk, "designation": "Window", "quantity": amount}]
        services.update_construction(site, {"contents": contents})
    elif row is not None and what == "end":
        services.set_status(row, Planification.Status.ENDED)
    elif row is not None:
        services.delete_planification(row)


def check(site: Construction) -> None:
    content = ConstructionContent.objects.get(construction=site)
    rows = Planification.objects.filter(construction=site)
    planned = PlanificationContent.objects.filter(planification__in=rows)
    assert content.planified_quantity == sum(item.quantity for item in planned)
    assert 0 <= content.planified_quantity <= content.quantity
    ended = bool(rows) and all(row.status == Planification.Status.ENDED for row in rows)
    expected = 1 if not rows else 2 if content.stay_to_planify else 4 if ended else 3
    assert Construction.objects.get(pk=site.pk).status == expected


def test_contents_tell_the_worksite(api: ApiClient, site: Construction, jim: Technician) -> None:
    """The reference names no worksite in the body: what is planned belongs to one."""
    content = site.contents.first()
    given = {**body(site, jim), "contents": [{"content": content.pk, "quantity": 1}]}
    del given["construction"]
    assert api.post(PATH, given).json()["construction_id"] == site.pk
    del given["contents"]
    assert list(errors(api.post(PATH, given))) == ["construction", "contents"]
