"""What was sold to a customer, on the customer's page."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from erp.core.scope import team_scope
from erp.customers.models import Customer
from erp.sales import services
from erp.sales.models import Payment
from erp.sales.services import SETTLEMENT
from erp.various.models import PaymentMethod
from tenants.models import Team, TeamUser
from tests.admin.pages import signed_in, url
from tests.sales.conftest import new_customer

LINE = {"designation": "Pose", "quantity": Decimal(1), "unit_price_ht": Decimal(100)}


@pytest.fixture
def browser(owner: TeamUser) -> Client:
    return signed_in(owner)


@pytest.fixture
def sell(team: Team, owner: TeamUser) -> Callable[..., Any]:
    """sell("invoice", customer): a validated document of 100.00 without VAT, 120.00 with it."""

    def sell(kind: str, customer: Customer, **values: Any) -> Any:
        with team_scope(team, owner):
            given = {"customer": customer, "contents": [LINE], "is_draft": False}
            return services.create_document(kind, given | values)

    return sell


@pytest.fixture
def acier(team: Team, owner: TeamUser) -> Customer:
    with team_scope(team, owner):
        return new_customer()


def panels(browser: Client, customer: Customer) -> list[dict[str, Any]]:
    return list(browser.get(url(Customer, "change", customer.pk)).context["row_panels"])


def test_a_new_customer_has_no_panel(browser: Client, acier: Customer) -> None:
    assert panels(browser, acier) == []


def test_the_panel_adds_up_what_was_sold(
    browser: Client, team: Team, owner: TeamUser, acier: Customer, sell: Callable[..., Any]
) -> None:
    quotation, invoice = sell("quotation", acier), sell("invoice", acier)
    sell("invoice", acier, is_draft=True)
    with team_scope(team, owner):
        sell("invoice", new_customer(company_name="Bois", email="bois@example.org"))
        values = {"payment_method": PaymentMethod.objects.first(), "date": invoice.date}
        paid = SETTLEMENT.create({**values, "invoices": [{"id": invoice, "amount": Decimal(50)}]})
    [panel] = panels(browser, acier)
    assert {figure["label"].split(",")[0]: figure["amount"] for figure in panel["figures"]} == {
        "Turnover of the last 12 months": "100.00\u00a0€",
        "Remains to be paid": "70.00\u00a0€",
        "Overdue": "0.00\u00a0€",
        "Quotations that wait for an answer": "100.00\u00a0€",
    }
    assert [line["count"] for line in panel["lists"]] == [1, 2]
    assert {line["url"] for line in panel["documents"]} >= {
        url(type(quotation), "change", quotation.pk), url(type(invoice), "change", invoice.pk)
    }  # fmt: skip
    assert [line["url"] for line in panel["payments"]] == [url(Payment, "change", paid.pk)]


def test_each_figure_and_list_leads_to_what_it_counts(
    browser: Client, acier: Customer, team: Team, owner: TeamUser, sell: Callable[..., Any]
) -> None:
    for kind in ("quotation", "invoice", "invoice"):
        sell(kind, acier)
    with team_scope(team, owner):
        other = new_customer(company_name="Bois", email="bois@example.org")
    sell("invoice", other)
    [panel] = panels(browser, acier)
    for line in panel["lists"]:
        assert browser.get(line["link"]).context["cl"].result_count == line["count"]
    owed = next(figure for figure in panel["figures"] if figure["label"] == "Remains to be paid")
    sums = dict(browser.get(owed["link"]).context["sums"])
    assert sums["Remains to be paid"] == owed["amount"] == "240.00\u00a0€"


def test_the_panel_obeys_permissions(
    acier: Customer, sell: Callable[..., Any], make_member: Callable[..., TeamUser]
) -> None:
    sell("invoice", acier)
    member = make_member(sales_invoice=0)
    assert panels(signed_in(member), acier) == []
    sell("quotation", acier)
    [panel] = panels(signed_in(member), acier)
    [figure] = panel["figures"]
    assert figure["label"] == "Quotations that wait for an answer, excl. VAT"
    assert len(panel["documents"]) == 1


def test_the_panel_costs_the_same_whatever_was_sold(
    browser: Client, acier: Customer, sell: Callable[..., Any]
) -> None:
    counts = []
    for _round in range(2):
        for _number in range(3):
            sell("invoice", acier)
        panels(browser, acier)
        with CaptureQueriesContext(connection) as queries:
            panels(browser, acier)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_page_shows_the_panel_in_french(
    owner: TeamUser, acier: Customer, sell: Callable[..., Any]
) -> None:
    sell("invoice", acier)
    page = signed_in(owner, "fr").get(url(Customer, "change", acier.pk)).content.decode()
    section = page[page.index('<section class="sd-panel"') :]
    text = re.sub(r"(?s)<[^>]*>|\s+", " ", section)
    assert "Chiffre d’affaires des 12 derniers mois, HT 100,00" in re.sub(r"\s+", " ", text)
    assert "Reste à payer 120,00" in re.sub(r"\s+", " ", text)
