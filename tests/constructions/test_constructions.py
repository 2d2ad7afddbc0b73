"""Worksites: what they are, what is done on them, what they need, how far they got."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from erp.catalog.models import Product, Service
from erp.constructions.models import Construction, Material
from erp.customers.models import Contact, Customer
from erp.sales.choices import Kind, Status
from erp.sales.models import PROXIES, Affair, Document
from tests.conftest import ApiClient
from tests.factories import make

PLACE = {"road1": "12 Rue de <Dole>", "postal_code": "25000", "city": "Besançon", "country": "FR"}


@pytest.fixture
def customer(scope: Any) -> Customer:
    return make(Customer)


def post(api: ApiClient, customer: Customer, **values: Any) -> dict[str, Any]:
    path = "/construction?include=contents,products,materials,tags,country"
    answer = api.post(path, {"customer": customer.pk, "title": "Toiture", **PLACE, **values})
    assert answer.status_code == 201, answer.json()
    return dict(answer.json())


def errors(answer: Any, status: int = 422) -> dict[str, Any]:
    assert answer.status_code == status, answer.json()
    return dict(answer.json()["errors"])


def test_a_worksite_is_numbered_and_has_an_address(api: ApiClient, customer: Customer) -> None:
    row = post(api, customer)
    assert (row["reference"], row["status"], row["invoice_status"], row["document_status"]) == (
        "CHA00001",
        1,
        1,
        0,
    )
    assert row["full_address"] == "12 Rue de &lt;Dole&gt;<br/>25000 Besançon<br/>France"
    assert (row["country_id"], row["country"]["code"]) == (row["country"]["id"], "FR")
    assert (row["road2"], row["total_duration_hour"], row["nb_people_needed"]) == (None, 0, 0)
    by_id = post(api, customer, country=row["country_id"])
    assert (by_id["reference"], by_id["country"]["code"]) == ("CHA00002", "FR")


def test_what_a_worksite_must_have(api: ApiClient, customer: Customer) -> None:
    assert sorted(errors(api.post("/construction", {}))) == ["city", "country", "customer", "postal_code"]
    stranger = make(Contact)
    body = {"customer": customer.pk, "contact": stranger.pk, **PLACE}
    assert list(errors(api.post("/construction", body))) == ["contact"]


def test_contents_take_from_their_service_what_is_not_said(api: ApiClient, customer: Customer) -> None:
    service = make(
        Service, reference="COVER", number_people_needed=3, duration=Decimal(2), duration_type="day"
    )
    product = make(Product)
    row = post(
        api,
        customer,
        contents=[
            {"designation": "Cover", "quantity": 2, "catalog": {"type": "service", "id": service.pk}},
            {
                "designation": "Clean<script>",
                "quantity": "1.5",
                "duration": 30,
                "duration_type": "minute",
                "catalog": {"type": "product", "id": product.pk},
            },
        ],
    )
    first, second = row["contents"]
    assert (first["reference"], first["number_people_needed"], first["duration"]) == ("COVER", 3, 2)
    assert (first["duration_type"], first["total_duration_hour"]) == ("day", 28)
    assert (first["planified_quantity"], first["stay_to_planify"]) == (0, 2)
    assert first["catalog"] == {"type": "service", "id": service.pk}
    assert (second["designation"], second["quantity"], second["total_duration_hour"]) == ("Clean", 1.5, 0.75)
    assert (row["total_duration_hour"], row["nb_people_needed"]) == (28.75, 3)


def test_contents_are_kept_by_their_id(api: ApiClient, customer: Customer) -> None:
    lines = [{"designation": name, "quantity": 1} for name in ("A", "B")]
    row = post(api, customer, contents=lines)
    second = row["contents"][1]
    body = {"contents": [{**second, "quantity": 3}, {"designation": "C", "quantity": 1}]}
    path = f"/construction/{row['id']}"
    contents = api.put(f"{path}?include=contents", body).json()["contents"]
    assert [(line["designation"], line["quantity"]) for line in contents] == [("B", 3), ("C", 1)]
    assert contents[0]["id"] == second["id"]
    wrong = {"contents": [{"id": 999_999, "designation": "D", "quantity": 1}]}
    assert list(errors(api.put(path, wrong))) == ["contents.0.id"]


def test_needed_products_and_equipment_are_whole_lists(api: ApiClient, customer: Customer) -> None:
    product, lift, scaffold = make(Product), make(Material, name="Lift"), make(Material, name="Scaffold")
    needs = {
        "products": [{"product": product.pk, "quantity": 2}],
        "materials": [{"material": lift.pk, "quantity": 1}, {"material": scaffold.pk, "quantity": 4}],
    }
    row = post(api, customer, **needs)
    assert [(item["product_id"], item["quantity"]) for item in row["products"]] == [(product.pk, 2)]
    assert [(item["material"]["name"], item["quantity"]) for item in row["materials"]] == [
        ("Lift", 1),
        ("Scaffold", 4),
    ]
    path = f"/construction/{row['id']}?include=materials,products"
    kept = api.put(path, {"materials": [{"material": scaffold.pk, "quantity": 5}]}).json()
    assert [(item["material_id"], item["quantity"]) for item in kept["materials"]] == [(scaffold.pk, 5)]
    assert len(kept["products"]) == 1
    twice = {"products": [{"product": product.pk, "quantity": 1}] * 2}
    assert list(errors(api.put(path, twice))) == ["products.1.product"]
    assert api.delete(f"/construction/material/{scaffold.pk}").status_code == 409
    assert api.delete(f"/construction/material/{lift.pk}").status_code == 204


def test_tags_are_set_attached_and_detached(api: ApiClient, customer: Customer) -> None:
    row = post(api, customer, tags=["urgent", "roof"])
    assert sorted(tag["name"] for tag in row["tags"]) == ["roof", "urgent"]
    path = f"/construction/{row['id']}?include=tags"
    tags = api.put(path, {"attach_tags": ["north"], "detach_tags": ["urgent"]}).json()["tags"]
    assert sorted(tag["name"] for tag in tags) == ["north", "roof"]


def document(affair: Affair, kind: str, status: int) -> Document:
    row = make(PROXIES[Kind(kind)], customer=affair.customer, affair=affair)
    Document.objects.filter(pk=row.pk).update(status=status)
    return row


def test_documents_come_with_their_affairs(api: ApiClient, customer: Customer) -> None:
    affair, foreign = make(Affair, customer=customer), make(Affair)
    quotation = document(affair, "quotation", Status.VALIDATED)
    row = post(api, customer, affairs=[affair.pk])
    path = f"/construction/{row['id']}?include=linked_documents"
    answer = api.get(path).json()
    assert [item["id"] for item in answer["quotations"]] == [quotation.pk]
    assert (answer["commands"], answer["deliveries"]) == ([], [])
    assert "linked_documents" not in answer
    assert list(errors(api.put(path, {"add_affairs": [foreign.pk]}))) == ["add_affairs.0"]
    assert api.put(path, {"remove_affairs": [affair.pk]}).json()["quotations"] == []


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        ([], 1),
        ([("quotation", Status.VALIDATED)], 1),
        ([("quotation", Status.PARTLY_BILLED)], 2),
        ([("quotation", Status.VALIDATED), ("invoice", Status.VALIDATED)], 2),
        ([("quotation", Status.BILLED), ("command", Status.VALIDATED)], 3),
        ([("invoice", Status.VALIDATED)], 3),
        ([("invoice", Status.CANCELLED)], 1),
        ([("quotation", Status.REFUSED)], 1),
    ],
)
def test_invoicing_follows_the_documents(
    api: ApiClient, customer: Customer, documents: list[tuple[str, int]], expected: int
) -> None:
    affair = make(Affair, customer=customer)
    for kind, status in documents:
        document(affair, kind, status)
    row = post(api, customer, affairs=[affair.pk])
    assert row["invoice_status"] == expected


def test_an_affair_not_billed_yet_keeps_the_worksite_open(api: ApiClient, customer: Customer) -> None:
    billed, open_affair = make(Affair, customer=customer), make(Affair, customer=customer)
    document(billed, "quotation", Status.BILLED)
    document(open_affair, "quotation", Status.VALIDATED)
    assert post(api, customer, affairs=[billed.pk, open_affair.pk])["invoice_status"] == 2


def test_lists_filter_sort_and_search(api: ApiClient, customer: Customer) -> None:
    post(api, customer, title="Alpha", city="Lyon")
    post(api, make(Customer), title="Beta", city="Arles")

    def titles(query: str) -> list[str]:
        answer = api.get(f"/construction?{query}")
        assert answer.status_code == 200, answer.json()
        return [row["title"] for row in answer.json()["datas"]]

    assert titles("sort=town") == titles("sort=city") == titles("sort=status.town") == ["Beta", "Alpha"]
    assert titles(f"filter[customer]={customer.pk}") == ["Alpha"]
    assert titles("filter[reference]=CHA00002") == ["Beta"]
    assert titles("filter[status]=3") == []
    assert titles("search[title]=Al%25") == ["Alpha"]


def test_a_customer_with_worksites_stays(api: ApiClient, customer: Customer) -> None:
    row = post(api, customer)
    assert api.delete(f"/customer/{customer.pk}").status_code == 409
    assert api.delete(f"/construction/{row['id']}").status_code == 204
    assert api.delete(f"/customer/{customer.pk}").status_code == 204


def test_who_sees_only_own_customers_sees_only_their_worksites(
    api: ApiClient, member_api: Any, customer: Customer
) -> None:
    customer.is_customer = True
    customer.save()
    row = post(api, customer)
    limited = member_api(**{"sales-delivery": 4, "customer-limitation": 0})
    assert limited.get("/construction").json()["datas"] == []
    assert limited.get(f"/construction/{row['id']}").status_code == 404
    assert Construction.objects.count() == 1
