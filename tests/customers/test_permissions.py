"""Who sees and changes which customers and contacts."""

from __future__ import annotations

import pytest

from erp.core.scope import team_scope
from tenants.services import create_api_key
from tests.conftest import ApiClient

from .conftest import FRANCE

ALL = {"customer": 4, "prospect": 4, "provider": 4, "subcontractor": 4}


def seen(api: ApiClient, path: str = "/customer") -> set[str]:
    return {row["name"] for row in api.get(path).json()["datas"]}


@pytest.fixture
def of_each_nature(company):
    for nature in ALL:
        company(nature, **{f"is_{nature}": True})
    company("both", is_customer=True, is_provider=True)


@pytest.mark.parametrize(
    ("levels", "names"),
    [
        ({}, {"customer", "prospect", "provider", "subcontractor", "both"}),
        ({"customer": 0}, {"prospect", "provider", "subcontractor", "both"}),
        ({"provider": 0, "subcontractor": 0}, {"customer", "prospect", "both"}),
        ({"customer": 0, "prospect": 0, "provider": 0}, {"subcontractor"}),
    ],
)
def test_a_level_of_zero_hides_customers_having_only_that_nature(member_api, of_each_nature, levels, names):
    assert seen(member_api(**levels)) == names


def test_without_any_nature_there_is_nothing_to_see(member_api, company):
    customer = company()
    api = member_api(**dict.fromkeys(ALL, 0))
    assert api.get("/customer").status_code == 403
    assert api.get(f"/customer/{customer.pk}").status_code == 403


@pytest.mark.parametrize(
    ("level", "statuses"),
    [
        (1, (200, 403, 403, 403)),
        (2, (200, 201, 403, 403)),
        (3, (200, 201, 200, 403)),
        (4, (200, 201, 200, 204)),
    ],
)
def test_levels_say_what_may_be_done(member_api, company, company_type, level, statuses):
    customer = company()
    api = member_api(**{**ALL, "customer": level})
    path = f"/customer/{customer.pk}"
    body = {"type": company_type.pk, "company_name": "Bois", "is_customer": True}
    assert (
        api.get(path).status_code,
        api.post("/customer", body).status_code,
        api.put(path, {"phone": "1"}).status_code,
        api.delete(path).status_code,
    ) == statuses


def test_every_nature_of_a_customer_counts(member_api, company):
    path = f"/customer/{company(is_customer=True, is_provider=True).pk}"
    assert member_api(provider=2).put(path, {"phone": "1"}).status_code == 403
    assert member_api(provider=3).delete(path).status_code == 403
    assert member_api(provider=3).put(path, {"phone": "1"}).status_code == 200


def test_a_prospect_becomes_a_customer_only_if_customers_may_be_created(member_api, company):
    path = f"/customer/{company(is_prospect=True).pk}"
    assert member_api(customer=1).put(path, {"is_customer": True}).status_code == 403
    assert member_api(customer=2).put(path, {"is_customer": True}).status_code == 200


def test_limited_members_see_their_own_customers_and_those_of_whom_they_manage(
    team, make_member, company, contact
):
    seller, colleague, manager = (make_member(customer_limitation=0) for _ in range(3))
    with team_scope(team):
        manager.team_users.add(seller)
    company("mine", team_user=seller)
    company("theirs", team_user=colleague)
    company("nobody's")
    company("supplier", is_provider=True, team_user=colleague)

    assert seen(ApiClient(create_api_key(seller))) == {"mine", "supplier"}
    assert seen(ApiClient(create_api_key(manager))) == {"mine", "supplier"}
    assert seen(ApiClient(create_api_key(colleague))) == {"theirs", "supplier"}


def test_a_limited_member_reaches_nothing_of_others_customers(member_api, company, contact):
    customer = company()
    martin = contact("Martin", customers=[customer])
    free = contact("Free")
    api = member_api(customer_limitation=0)

    for path in (
        f"/customer/{customer.pk}",
        f"/customer/{customer.pk}/address",
        f"/customer/contact/{martin.pk}",
    ):
        assert api.get(path).status_code == 404
    assert [row["lastname"] for row in api.get("/customer/contact").json()["datas"]] == ["Free"]
    response = api.put(f"/customer/contact/{free.pk}", {"customers": [customer.pk]})
    assert list(response.json()["errors"]) == ["customers.0"]


def test_a_limited_member_becomes_the_salesperson_of_new_customers(member_api, company_type, make_member):
    api = member_api(customer_limitation=0)
    body = {"type": company_type.pk, "company_name": "Acier"}
    answer = api.post("/customer", body)
    assert answer.status_code == 201
    assert seen(api) == {"Acier"}
    response = api.put(f"/customer/{answer.json()['id']}", {"team_user": make_member().pk})
    assert response.status_code == 422
    assert seen(api) == {"Acier"}


def test_customers_out_of_sight_stay_attached_to_a_contact(member_api, company, contact):
    rows = [company("first", is_provider=True), company("second", is_provider=True), company("theirs")]
    martin = contact("Martin", customers=rows)
    api = member_api(customer_limitation=0)
    answer = api.put(f"/customer/contact/{martin.pk}?include=customers", {"customers": [rows[0].pk]})
    assert [row["name"] for row in answer.json()["customers"]] == ["first"]
    assert {row.name for row in martin.customers.all()} == {"first", "theirs"}


def test_a_duplicate_out_of_sight_is_not_named(member_api, company, company_type, parameters):
    parameters(check_duplicates_for_person=True)
    company("Acier", email="a@acier.example")
    body = {"type": company_type.pk, "company_name": "Bois", "email": "a@acier.example"}
    response = member_api(customer_limitation=0).post("/customer", body)
    assert response.json()["errors"] == {
        "email": ["This customer already exists, but your permissions do not let you see it."]
    }


@pytest.mark.parametrize(
    ("level", "statuses"),
    [
        (0, (403, 403, 403, 403)),
        (1, (200, 403, 403, 403)),
        (2, (200, 201, 403, 403)),
        (3, (200, 201, 200, 403)),
        (4, (200, 201, 200, 204)),
    ],
)
def test_contacts_have_levels_of_their_own(member_api, contact, level, statuses):
    path = f"/customer/contact/{contact().pk}"
    api = member_api(contact=level)
    assert (
        api.get(path).status_code,
        api.post("/customer/contact", {"lastname": "Durand"}).status_code,
        api.put(path, {"town": "Dole"}).status_code,
        api.delete(path).status_code,
    ) == statuses


def test_addresses_are_edited_by_whoever_edits_the_customer(member_api, company):
    path = f"/customer/{company().pk}/address"
    body = {"postal_code": "25000", "town": "Dole", "country": FRANCE}
    api = member_api(customer=3, prospect=1, provider=1, subcontractor=1)
    made = api.post(path, body)
    assert made.status_code == 201
    assert api.delete(f"{path}/{made.json()['id']}").status_code == 204
    reader = member_api(customer=2)
    assert reader.get(path).status_code == 200
    assert reader.post(path, body).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/customer/type",
        "/customer/activity",
        "/customer/origin",
        "/customer/contact/function",
    ],
)
def test_lists_are_read_by_everyone_and_written_with_manage_list(member_api, scope, path):
    body = {"label": "Test", "is_company": True, "is_person": False} if "type" in path else {"label": "Test"}
    api = member_api(manage_list=0, customer=0, contact=0)
    assert api.get(path).status_code == 200
    assert api.post(path, body).status_code == 403
    assert member_api(manage_list=1).post(path, body).status_code == 201
