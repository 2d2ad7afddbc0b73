"""Opportunities: their life, their links, what they are worth."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from erp.customers.models import Contact, Customer
from erp.opportunities.figures import FIGURES
from erp.opportunities.models import FunnelCategory, FunnelStep, Opportunity
from erp.sales.choices import Kind, Status
from erp.sales.models import PROXIES, Affair, Document
from erp.various.services import team_today
from tests.conftest import ApiClient
from tests.factories import make


@pytest.fixture
def customer(scope: Any) -> Customer:
    return make(Customer)


@pytest.fixture
def step(scope: Any) -> FunnelStep:
    return FunnelStep.objects.get(name="Devis envoyé")


@pytest.fixture
def deal(api: ApiClient, customer: Customer, step: FunnelStep) -> dict[str, Any]:
    body = {"customer": customer.pk, "step": step.pk, "title": "Toiture", "amount": "12500.50"}
    answer = api.post("/opportunity", body)
    assert answer.status_code == 201, answer.json()
    return dict(answer.json())


def document(affair: Affair, kind: str, ht: str, costs: str, **values: Any) -> Document:
    """A document of an affair with these totals, written as its services would."""
    values = {"is_draft": False, "status": Status.VALIDATED, "exchange_rate": Decimal(1), **values}
    row = make(PROXIES[Kind(kind)], customer=affair.customer, affair=affair)
    amounts = {
        "total_ht": Decimal(ht),
        "total_charge": Decimal(costs),
        "gross_margin_amount": Decimal(ht) - Decimal(costs),
    }
    named = {} if values["is_draft"] else {"number": row.pk, "reference": f"{kind}{row.pk}"}
    Document.objects.filter(pk=row.pk).update(**amounts, **values, **named)
    return row


def test_an_opportunity_is_numbered_and_has_its_steps_chance(deal: dict[str, Any]) -> None:
    assert (deal["reference"], deal["amount"], deal["probability"]) == ("OPP00001", 12500.5, 50)
    assert (deal["status"], deal["winned_at"]) == (1, None)


def test_a_status_keeps_its_day(api: ApiClient, deal: dict[str, Any]) -> None:
    today = team_today().isoformat()
    path = f"/opportunity/{deal['id']}"
    won = api.put(path, {"status": 2}).json()
    assert (won["winned_at"], won["losed_at"], won["cancelled_at"]) == (today, None, None)
    lost = api.put(path, {"status": 3}).json()
    assert (lost["winned_at"], lost["losed_at"]) == (None, today)
    again = api.put(path, {"status": 1}).json()
    assert (again["losed_at"], again["status"]) == (None, 1)


def test_another_step_brings_its_chance_unless_one_is_typed(
    api: ApiClient, deal: dict[str, Any], scope: Any
) -> None:
    last = FunnelStep.objects.get(name="Accord")
    path = f"/opportunity/{deal['id']}"
    assert api.put(path, {"step": last.pk}).json()["probability"] == 95
    first = FunnelStep.objects.get(name="Premier contact")
    assert api.put(path, {"step": first.pk, "probability": 42}).json()["probability"] == 42


def test_links_must_fit(api: ApiClient, deal: dict[str, Any], scope: Any) -> None:
    path = f"/opportunity/{deal['id']}"
    wrong = {
        "category": make(FunnelCategory).pk,
        "contact": make(Contact).pk,
        "affairs": [make(Affair).pk],
    }
    for name, value in wrong.items():
        answer = api.put(path, {name: value})
        assert (answer.status_code, next(iter(answer.json()["errors"])).split(".")[0]) == (422, name)


def test_affairs_are_set_added_and_removed(api: ApiClient, deal: dict[str, Any], customer: Customer) -> None:
    first, second = make(Affair, customer=customer), make(Affair, customer=customer)
    path = f"/opportunity/{deal['id']}"
    row = Opportunity.objects.get(pk=deal["id"])
    api.put(path, {"affairs": [first.pk]})
    assert list(row.affairs.all()) == [first]
    api.put(path, {"add_affairs": [second.pk], "remove_affairs": [first.pk]})
    assert list(row.affairs.all()) == [second]


def test_figures_come_from_the_documents(api: ApiClient, deal: dict[str, Any], customer: Customer) -> None:
    affair = make(Affair, customer=customer)
    document(affair, "quotation", "1000", "600")
    document(affair, "quotation", "500", "100", is_draft=True, status=Status.DRAFT)
    document(affair, "quotation", "70", "7", status=Status.REFUSED)
    document(affair, "quotation", "9999", "9", status=Status.CANCELLED)
    document(affair, "command", "1000", "600", exchange_rate=Decimal("1.5"))
    document(affair, "delivery", "40", "10", status=Status.CANCELLED)
    api.put(f"/opportunity/{deal['id']}", {"affairs": [affair.pk]})
    found = api.get(f"/opportunity/{deal['id']}").json()
    assert {name: found[name] for name in FIGURES if found[name]} == {
        "quotation_ca": 1570,
        "quotation_costs": 707,
        "quotation_margin": 863,
        "quotation_valid_ca": 1000,
        "quotation_valid_costs": 600,
        "quotation_valid_margin": 400,
        "command_ca": 1500,
        "command_costs": 900,
        "command_margin": 600,
    }


def test_sales_are_invoices_less_credits(api: ApiClient, deal: dict[str, Any], customer: Customer) -> None:
    affair = make(Affair, customer=customer)
    document(affair, "invoice", "800", "300")
    document(affair, "credit", "200", "50")
    document(affair, "invoice", "5", "5", is_draft=True, status=Status.DRAFT)
    api.put(f"/opportunity/{deal['id']}", {"affairs": [affair.pk]})
    found = api.get(f"/opportunity/{deal['id']}").json()
    assert [found[f"invoice_{name}"] for name in ("ca", "costs", "margin")] == [800, 300, 500]
    assert [found[f"credit_{name}"] for name in ("ca", "costs", "margin")] == [200, 50, 150]
    assert [found[f"sales_{name}"] for name in ("ca", "costs", "margin")] == [600, 250, 350]


@pytest.mark.parametrize("name", FIGURES)
def test_lists_sort_by_figures(api: ApiClient, customer: Customer, step: FunnelStep, name: str) -> None:
    kind = name.rpartition("_")[0].replace("_valid", "").replace("sales", "invoice")
    deals = []
    for ht, costs in (("10", "1"), ("30", "9"), ("20", "4")):
        deal = make(Opportunity, customer=customer, step=step)
        affair = make(Affair, customer=customer)
        document(affair, kind, ht, costs)
        deal.affairs.add(affair)
        deals.append(deal.pk)
    listed = [row["id"] for row in api.get("/opportunity", sort=name).json()["datas"]]
    assert listed == [deals[0], deals[2], deals[1]]
    listed = [row["id"] for row in api.get("/opportunity", sort=f"{name}:desc").json()["datas"]]
    assert listed == [deals[1], deals[2], deals[0]]


def test_figures_cost_the_same_whatever_the_rows(
    api: ApiClient, customer: Customer, step: FunnelStep
) -> None:
    def queries(count: int) -> int:
        for _ in range(count):
            affair = make(Affair, customer=customer)
            document(affair, "quotation", "10", "1")
            make(Opportunity, customer=customer, step=step).affairs.add(affair)
        with CaptureQueriesContext(connection) as context:
            answer = api.get("/opportunity", include="linked_documents,funnel,step", per_page=50)
        assert answer.status_code == 200
        return len(context)

    queries(1)
    assert queries(4) == queries(40)


def test_only_documents_that_are_seen_count(
    api: ApiClient, member_api: Any, deal: dict[str, Any], customer: Customer
) -> None:
    affair = make(Affair, customer=customer)
    document(affair, "quotation", "1000", "600")
    document(affair, "command", "900", "600")
    api.put(f"/opportunity/{deal['id']}", {"affairs": [affair.pk]})
    blind = member_api(sales_command=0)
    found = blind.get(f"/opportunity/{deal['id']}", include="linked_documents").json()
    assert (found["quotation_ca"], found["command_ca"]) == (1000, 0)
    assert (len(found["quotations"]), found["commands"]) == (1, [])


def test_linked_documents_are_answered_by_kind(
    api: ApiClient, deal: dict[str, Any], customer: Customer
) -> None:
    affair = make(Affair, customer=customer)
    quotation = document(affair, "quotation", "1", "0")
    api.put(f"/opportunity/{deal['id']}", {"affairs": [affair.pk]})
    plain = api.get(f"/opportunity/{deal['id']}").json()
    assert not {"quotations", "commands", "linked_documents"} & set(plain)
    full = api.get(f"/opportunity/{deal['id']}", include="linked_documents").json()
    assert [row["id"] for row in full["quotations"]] == [quotation.pk]
    kinds = ("commands", "proformas", "deliveries", "invoices", "credits")
    assert [full[kind] for kind in kinds] == [[]] * 5


def test_a_limited_salesperson_sees_own_deals(
    member_api: Any, owner: Any, customer: Customer, step: FunnelStep
) -> None:
    make(Opportunity, customer=customer, step=step, team_user=owner)
    limited = member_api(sales_limitation=0)
    assert limited.get("/opportunity").json()["meta"]["total"] == 0
    mine = limited.post("/opportunity", {"customer": customer.pk, "step": step.pk})
    assert mine.status_code == 201
    assert limited.get("/opportunity").json()["meta"]["total"] == 1


def test_a_customer_with_opportunities_stays(
    api: ApiClient, deal: dict[str, Any], customer: Customer
) -> None:
    assert api.delete(f"/customer/{customer.pk}").status_code == 409
