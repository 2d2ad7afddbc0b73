"""Rows linked to rows of any kind, shown with tasks: what is read, answered, filtered, and kept apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from erp.core.elements import Element, ElementType, element_type, element_types, register, set_elements
from erp.core.errors import Invalid
from erp.core.scope import WrongTeam, team_scope
from erp.customers.models import Contact, Customer
from erp.sales.models import Invoice, Quotation
from erp.tasks.choices import ELEMENTS as TASKS_ABOUT
from erp.tasks.models import Task, TaskElement
from tenants.models import Team
from tenants.permissions import PERMISSIONS
from tests.conftest import ApiClient
from tests.factories import make


@pytest.fixture
def customer(team: Team) -> Customer:
    with team_scope(team):
        return make(Customer, company_name="Dupont")


@pytest.fixture
def contact(team: Team) -> Contact:
    with team_scope(team):
        return make(Contact, firstname="Anne", lastname="Martin")


@pytest.fixture
def quotation(team: Team) -> Quotation:
    with team_scope(team):
        return make(Quotation, reference="DE-1")


def element(name: str, row: Any) -> dict[str, Any]:
    return {"type": name, "id": row.pk}


def created(api: ApiClient, *elements: dict[str, Any]) -> dict[str, Any]:
    """A task linked to elements, as answered."""
    response = api.post("/task?include=elements", {"title": "Call", "elements": elements})
    assert response.status_code == 201, response.content
    return dict(response.json())


def test_elements_are_answered_with_their_title_and_their_object(
    api: ApiClient, customer: Customer, contact: Contact, quotation: Quotation
) -> None:
    task = created(api, element("quotation", quotation), element("customer", customer))
    assert [(item["type"], item["id"], item["title"]) for item in task["elements"]] == [
        ("quotation", quotation.pk, "DE-1"),
        ("customer", customer.pk, "Dupont"),
    ]
    assert task["elements"][1]["data"] == api.get(f"/customer/{customer.pk}").json()
    assert [data["id"] for data in task["customers"]] == [customer.pk]
    assert task["contacts"] == []
    assert task["other_elements"] == task["elements"][:1]


def test_elements_come_only_when_included(api: ApiClient, customer: Customer) -> None:
    task = created(api, element("customer", customer))
    plain = api.get(f"/task/{task['id']}").json()
    assert not {"elements", "customers", "contacts", "other_elements"} & set(plain)


def test_elements_are_read_from_forms_too(api: ApiClient, customer: Customer, contact: Contact) -> None:
    body = (
        f"title=Call&elements[0][type]=customer&elements[0][id]={customer.pk}"
        f"&elements[1][type]=contact&elements[1][id]={contact.pk}"
    )
    answer = api.post("/task?include=elements", body, content_type="application/x-www-form-urlencoded")
    assert [item["type"] for item in answer.json()["elements"]] == ["customer", "contact"]


def test_the_given_elements_replace_those_before(
    api: ApiClient, customer: Customer, contact: Contact
) -> None:
    task = created(api, element("customer", customer))
    again = element("contact", contact)
    changed = api.put(f"/task/{task['id']}?include=elements", {"elements": [again, again]}).json()
    assert [item["type"] for item in changed["elements"]] == ["contact"]
    untouched = api.put(f"/task/{task['id']}?include=elements", {"title": "Write"}).json()
    assert untouched["elements"] == changed["elements"]
    emptied = api.put(f"/task/{task['id']}?include=elements", {"elements": []}).json()
    assert emptied["elements"] == []


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"type": "customer", "id": 999_999}, "elements.0.id"),
        ({"type": "customer", "id": "x"}, "elements.0.id"),
        ({"type": "customer"}, "elements.0.id"),
        ({"type": "unit", "id": 1}, "elements.0.type"),
        ({"type": "teamUser", "id": 1}, "elements.0.type"),  # it exists, but tasks do not take it
        ({"id": 1}, "elements.0.type"),
        ("customer", "elements.0"),
    ],
)
def test_what_is_wrong_is_named(api: ApiClient, given: Any, path: str) -> None:
    response = api.post("/task", {"title": "Call", "elements": [given]})
    assert response.status_code == 422
    assert list(response.json()["errors"]) == [path]


def test_another_teams_row_does_not_exist(api: ApiClient, other_team: Team) -> None:
    with team_scope(other_team):
        foreign = make(Customer)
    response = api.post("/task", {"title": "Call", "elements": [element("customer", foreign)]})
    assert response.status_code == 422
    assert list(response.json()["errors"]) == ["elements.0.id"]
    query = {"filter[elements][type]": "customer", "filter[elements][id]": foreign.pk}
    assert list(api.get("/task", **query).json()["errors"]) == ["filter.elements"]


def test_a_row_of_another_team_is_never_linked(scope: Team, other_team: Team) -> None:
    task = make(Task)
    with team_scope(other_team):
        foreign = make(Customer)
    with pytest.raises(WrongTeam):
        set_elements(task, [Element(element_type("customer"), foreign)])
    with pytest.raises(Invalid):
        make(TaskElement, owner=task, element_type="customer", element_id=foreign.pk)
    with pytest.raises(Invalid):
        make(TaskElement, owner=task, element_type="nothing", element_id=1)


def test_what_the_actor_may_not_see_is_left_out_and_stays_linked(
    api: ApiClient, member_api: Callable[..., ApiClient], customer: Customer, quotation: Quotation
) -> None:
    task = created(api, element("customer", customer), element("quotation", quotation))
    nosy = member_api(task=1, task_access=2, sales_quotation=0)
    address = f"/task/{task['id']}?include=elements"
    assert [item["type"] for item in nosy.get(address).json()["elements"]] == ["customer"]
    refused = nosy.put(address, {"elements": [element("quotation", quotation)]})
    assert list(refused.json()["errors"]) == ["elements.0.id"]
    assert nosy.put(address, {"elements": []}).json()["elements"] == []
    assert [item["type"] for item in api.get(address).json()["elements"]] == ["quotation"]


def test_a_deleted_element_keeps_its_title(api: ApiClient, customer: Customer) -> None:
    task = created(api, element("customer", customer))
    assert api.delete(f"/customer/{customer.pk}").status_code == 204
    shown = api.get(f"/task/{task['id']}?include=elements").json()
    assert shown["elements"] == [{"type": "customer", "id": customer.pk, "title": "Dupont", "data": None}]
    assert shown["customers"] == []


def test_lists_are_filtered_by_one_element_or_several(
    api: ApiClient, customer: Customer, contact: Contact
) -> None:
    first = created(api, element("customer", customer))["id"]
    second = created(api, element("contact", contact))["id"]
    created(api)

    def found(**query: Any) -> set[int]:
        response = api.get("/task", **{f"filter[elements]{name}": value for name, value in query.items()})
        assert response.status_code == 200, response.content
        return {data["id"] for data in response.json()["datas"]}

    assert found(**{"[type]": "customer", "[id]": customer.pk}) == {first}
    both = {
        "[0][type]": "customer",
        "[0][id]": customer.pk,
        "[1][type]": "contact",
        "[1][id]": contact.pk,
    }
    assert found(**both) == {first, second}


@pytest.mark.parametrize("query", [{"[type]": "customer"}, {"[type]": "nothing", "[id]": 1}, {"": "1"}])
def test_a_filter_that_names_no_element_is_refused(api: ApiClient, query: dict[str, Any]) -> None:
    response = api.get("/task", **{f"filter[elements]{name}": value for name, value in query.items()})
    assert response.status_code == 422
    assert list(response.json()["errors"]) == ["filter.elements"]


def test_elements_cost_one_query_per_kind_whatever_their_number(api: ApiClient, team: Team) -> None:
    def linked_task() -> None:
        made = [("customer", make(Customer)), ("contact", make(Contact)), ("invoice", make(Invoice))]
        set_elements(make(Task), [Element(element_type(name), row) for name, row in made])

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert api.get("/task", include="elements").status_code == 200
        return len(captured)

    with team_scope(team):
        linked_task()
    queries()
    few = queries()
    with team_scope(team):
        for _ in range(5):
            linked_task()
    assert queries() == few


def test_a_word_means_one_kind_of_rows() -> None:
    with pytest.raises(LookupError):
        register("customer", Contact)


#: What lines of documents show anyway is no secret to who may read documents, nor are colleagues.
OPEN = ("product", "service", "teamUser")


@pytest.mark.parametrize(
    "kind", [kind for kind in element_types() if kind.name not in OPEN], ids=lambda kind: kind.name
)
def test_what_permissions_hide_is_not_shown_by_way_of_a_task(
    kind: ElementType, team: Team, api: ApiClient, member_api: Callable[..., ApiClient]
) -> None:
    """Nor can it be linked, which would send its PDF by mail or tell its title."""
    with team_scope(team):
        row = make(kind.model)
    levels = {key.replace("-", "_"): 0 for key in PERMISSIONS} | {"task": 1, "task_access": 2}
    levels |= {"customer_limitation": 1, "sales_limitation": 1}  # so that it is the key itself that hides
    theirs = member_api(**levels)
    refused = theirs.post("/task", {"title": "x", "elements": [element(kind.name, row)]})
    assert (refused.status_code, list(refused.json()["errors"])) in (
        (422, ["elements.0.id"]),
        (422, ["elements.0.type"]),  # kinds that tasks are never about
    )
    if kind.name in TASKS_ABOUT:
        task = created(api, element(kind.name, row))
        assert theirs.get(f"/task/{task['id']}?include=elements").json()["elements"] == []
