"""Addresses of a customer, contacts, and the lists to choose from."""

from __future__ import annotations

import pytest

from erp.core.scope import team_scope
from erp.customers import services
from erp.customers.models import (
    ContactFunction,
    Customer,
    CustomerActivity,
    CustomerOrigin,
    CustomerType,
)
from erp.various.models import Civility

from .conftest import BELGIUM, FRANCE

DOLE = {"postal_code": "39100", "town": "Dole", "country": FRANCE}


# --- Addresses --------------------------------------------------------------------------------------


def test_an_address_answers_as_in_the_reference(api, company):
    path = f"/customer/{company().pk}/address"
    body = {
        "use_for_invoice": 1,
        "road1": "12 Rue de Dole",
        "postal_code": "25000",
        "town": "Besançon",
        "country": FRANCE,
    }
    made = api.post(path, body).json()
    answer = api.get(f"{path}/{made['id']}").json()
    assert answer == {
        "id": made["id"],
        "label": None,
        "use_for_invoice": True,
        "use_for_delivery": False,
        "road1": "12 Rue de Dole",
        "road2": None,
        "road3": None,
        "postal_code": "25000",
        "town": "Besançon",
        "country_id": 67,
        "country": {"id": 67, "name": "France", "code": "FR", "ue_member": True},
        "created_at": made["created_at"],
        "updated_at": made["updated_at"],
    }
    assert list(answer)[:4] == ["id", "label", "use_for_invoice", "use_for_delivery"]


@pytest.mark.parametrize("name", ["postal_code", "town", "country"])
def test_an_address_needs_a_place(api, company, name):
    body = {key: value for key, value in DOLE.items() if key != name}
    response = api.post(f"/customer/{company().pk}/address", body)
    assert response.status_code == 422
    assert list(response.json()["errors"]) == [name]


@pytest.mark.parametrize("use", ["invoice", "delivery"])
def test_one_address_serves_each_use(api, company, use):
    customer = company()
    path = f"/customer/{customer.pk}/address"
    first = api.post(path, {**DOLE, f"use_for_{use}": True}).json()["id"]
    second = api.post(path, {**DOLE, f"use_for_{use}": True}).json()["id"]

    def users() -> list[int]:
        return [row["id"] for row in api.get(path).json()["datas"] if row[f"use_for_{use}"]]

    assert users() == [second]
    api.put(f"{path}/{first}", {f"use_for_{use}": False})
    assert users() == [second]
    api.put(f"{path}/{second}", {f"use_for_{use}": False})
    assert users() == []


def test_a_deleted_address_serves_no_more(api, company):
    customer = company()
    path = f"/customer/{customer.pk}/address"
    made = api.post(path, {**DOLE, "use_for_invoice": True, "use_for_delivery": True}).json()["id"]
    assert api.delete(f"{path}/{made}").status_code == 204
    answer = api.get(f"/customer/{customer.pk}", include="address_invoice,address_delivery,addresses").json()
    assert (answer["address_invoice"], answer["address_delivery"], answer["addresses"]) == (None, None, [])


def test_addresses_are_those_of_their_customer(api, company):
    mine, theirs = company("Acier"), company("Bois")
    made = api.post(f"/customer/{mine.pk}/address", {**DOLE, "label": "Head office"}).json()["id"]
    api.post(f"/customer/{mine.pk}/address", {**DOLE, "label": "Workshop"})

    def labels(customer: Customer, **query: str) -> list[str]:
        return [row["label"] for row in api.get(f"/customer/{customer.pk}/address", **query).json()["datas"]]

    assert labels(mine) == ["Head office", "Workshop"]
    assert labels(mine, sort="label:desc") == ["Workshop", "Head office"]
    assert labels(mine, sort="created_at:desc") == ["Workshop", "Head office"]
    assert labels(mine, search="work%") == ["Workshop"]
    assert labels(theirs) == []
    assert api.put(f"/customer/{theirs.pk}/address/{made}", {"town": "Lyon"}).status_code == 404
    assert api.get("/customer/99999999999999999999/address").status_code == 404


# --- Contacts ---------------------------------------------------------------------------------------


def test_a_contact_answers_as_in_the_reference(api, company):
    civility = Civility.objects.create(name="Mister", short_name="M.")
    function = ContactFunction.objects.create(label="Accountant")
    customers = [company("Acier"), company("Bois")]
    body = {
        "civility": civility.pk,
        "firstname": "Jean",
        "lastname": "Martin",
        "function": function.pk,
        "country": BELGIUM,
        "tags": ["vip"],
        "customers": [row.pk for row in customers],
    }

    answer = api.post("/customer/contact?include=customers,function,tags,custom_fields", body).json()

    assert answer["fullname"] == "M. Jean Martin"
    assert answer["function"]["label"] == "Accountant"
    assert answer["function_id"] == function.pk
    assert answer["country"]["code"] == "BE"
    assert [row["name"] for row in answer["customers"]] == ["Acier", "Bois"]
    assert [row["name"] for row in answer["tags"]] == ["vip"]
    assert answer["custom_fields"] == []
    assert list(api.get(f"/customer/contact/{answer['id']}").json()) == [
        "id",
        "civility",
        "firstname",
        "lastname",
        "fullname",
        "function_id",
        "phone",
        "mobile",
        "fax",
        "email",
        "website",
        "road1",
        "road2",
        "road3",
        "postal_code",
        "town",
        "country_id",
        "country",
        "comments",
        "newsletter_inscription",
        "created_at",
        "updated_at",
    ]


def test_a_contact_needs_a_last_name(api, contact):
    assert list(api.post("/customer/contact", {"firstname": "Jean"}).json()["errors"]) == ["lastname"]
    response = api.put(f"/customer/contact/{contact().pk}", {"lastname": ""})
    assert list(response.json()["errors"]) == ["lastname"]


def test_a_contact_of_the_customer_is_listed_with_it(api, company, contact):
    customer = company()
    kept, gone = contact("Kept", customers=[customer]), contact("Gone", customers=[customer])
    api.delete(f"/customer/contact/{gone.pk}")
    answer = api.get(f"/customer/{customer.pk}", include="contacts").json()
    assert [row["id"] for row in answer["contacts"]] == [kept.pk]


def test_attached_customers_are_replaced_as_a_whole(api, company, contact):
    acier, bois = company("Acier"), company("Bois")
    path = f"/customer/contact/{contact(customers=[acier]).pk}?include=customers"
    assert [row["name"] for row in api.put(path, {"customers": [bois.pk]}).json()["customers"]] == ["Bois"]
    assert [row["name"] for row in api.put(path, {"town": "Dole"}).json()["customers"]] == ["Bois"]
    assert api.put(path, {"customers": []}).json()["customers"] == []


def test_another_teams_rows_cannot_be_attached(api, other_team, contact):
    with team_scope(other_team):
        kind = CustomerType.objects.create(label="x", is_company=True)
        theirs = services.create_customer({"type": kind, "company_name": "Theirs"})
        function = ContactFunction.objects.create(label="x")
    path = f"/customer/contact/{contact().pk}"
    assert list(api.put(path, {"customers": [theirs.pk]}).json()["errors"]) == ["customers.0"]
    assert list(api.put(path, {"function": function.pk}).json()["errors"]) == ["function"]


# --- Lists ------------------------------------------------------------------------------------------

LISTS = {
    "/customer/activity": CustomerActivity,
    "/customer/origin": CustomerOrigin,
    "/customer/contact/function": ContactFunction,
    "/customer/type": CustomerType,
}


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_kept_by_label(api, scope, path):
    LISTS[path].objects.all().delete()
    flags = {"is_company": True, "is_person": False} if path.endswith("type") else {}
    for label, default in (("Wood", False), ("Steel", True)):
        made = api.post(path, {"label": label, "use_default": default, **flags}).json()
        assert made == {
            "id": made["id"],
            "label": label,
            **flags,
            "use_default": default,
            "created_at": made["created_at"],
            "updated_at": made["updated_at"],
        }

    def labels(**query: str) -> list[str]:
        return [row["label"] for row in api.get(path, **query).json()["datas"]]

    assert labels() == ["Steel", "Wood"]
    assert (
        labels(sort="label:desc")
        == labels(sort="created_at")
        == labels(sort="updated_at")
        == ["Wood", "Steel"]
    )
    assert labels(sort="use_default") == ["Wood", "Steel"]
    assert labels(search="st%") == ["Steel"]
    assert list(api.post(path, {**flags, "label": ""}).json()["errors"]) == ["label"]
    assert api.put(f"{path}/{made['id']}", {"label": "Iron"}).json()["label"] == "Iron"
    assert api.delete(f"{path}/{made['id']}").status_code == 204
    assert labels() == ["Wood"]


def test_types_are_filtered_by_what_they_have(api, scope):
    CustomerType.objects.all().delete()
    for label, company, person in (("company", True, False), ("person", False, True), ("both", True, True)):
        CustomerType.objects.create(label=label, is_company=company, is_person=person)

    def labels(**query: str) -> list[str]:
        return [row["label"] for row in api.get("/customer/type", **query).json()["datas"]]

    assert labels(**{"filter[with_person]": "1"}) == ["both", "person"]
    assert labels(**{"filter[with_person]": "0"}) == ["company"]
    assert labels(**{"filter[with_company]": "1"}) == ["both", "company"]
    assert labels(sort="is_company,label") == ["person", "both", "company"]
    assert labels(sort="is_person,label") == ["company", "both", "person"]


def test_a_type_is_a_company_or_a_person(api, scope):
    response = api.post("/customer/type", {"label": "Nothing", "is_company": 0, "is_person": 0})
    assert response.json()["errors"] == {"is_company": ["A customer type is a company, a person, or both."]}
    response = api.post("/customer/type", {"label": "Nothing"})
    assert set(response.json()["errors"]) == {"is_company", "is_person"}


def test_a_type_in_use_stays(api, company, company_type):
    customer = company()
    path = f"/customer/type/{company_type.pk}"
    response = api.delete(path)
    assert response.status_code == 409
    assert response.json()["message"] == "Customers have this type: give them another one before deleting it."
    api.delete(f"/customer/{customer.pk}")
    assert api.delete(path).status_code == 204


def test_a_new_team_has_lists_to_choose_from(scope):
    for model in LISTS.values():
        model.objects.all().delete()
    services.seed_lists()
    assert CustomerType.objects.filter(is_company=True, is_person=False, use_default=True).count() == 1
    assert CustomerType.objects.filter(is_person=True).exists()
    assert all(model.objects.exists() for model in LISTS.values())
