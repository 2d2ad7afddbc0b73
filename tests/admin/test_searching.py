"""Search of lists and of the palette: without accents, by amount, by telephone number; of one team only."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from erp.core.scope import team_scope
from erp.core.unaccented import unaccented
from erp.customers.models import Customer
from erp.sales import services
from erp.sales.models import Invoice
from tenants.models import Team, TeamUser
from tests.admin.pages import signed_in, url
from tests.sales.conftest import new_customer

LINE = {"designation": "Pose", "quantity": Decimal(1), "unit_price_ht": Decimal("1028.75")}


@pytest.fixture
def browser(owner: TeamUser) -> Client:
    return signed_in(owner)


@pytest.fixture
def hospital(team: Team, owner: TeamUser, other_team: Team) -> Customer:
    """A customer whose invoice comes to 1 234.50 with 20 % VAT, another one, and the same of another team."""
    with team_scope(other_team):
        new_customer(company_name="Hôpital Saint-Élie", phone="06.12.34.56.78")
    with team_scope(team, owner):
        row = new_customer(company_name="Hôpital Saint-Élie", phone="06.12.34.56.78")
        other = new_customer(company_name="Mairie", email="mairie@example.org", phone="03 81 00 00 00")
        services.create_document("invoice", {"customer": row, "contents": [LINE]})
        services.create_document(
            "invoice", {"customer": other, "contents": [{**LINE, "quantity": Decimal(2)}]}
        )
        return row


def listed(browser: Client, model: Any, term: str) -> list[str]:
    """The names of the rows that a list shows for a term."""
    rows = browser.get(url(model, "changelist"), {"q": term}).context["cl"].result_list
    return [str(getattr(row, "customer", row)) for row in rows]


def palette(browser: Client, term: str) -> list[tuple[str, str]]:
    """Titles and notes of what the palette shows."""
    response = browser.get("/admin/search/", {"s": term, "extended": "1"})
    return [(result.title, result.description) for result in response.context["results"]]


@pytest.mark.parametrize("text", ["Hôpital SAINT-ÉLIE", "hôpital saint-élie", "HOPITAL Saint-Elie"])
def test_texts_are_compared_without_accents_and_capitals(text: str) -> None:
    assert unaccented(text) == "hopital saint-elie"


@pytest.mark.parametrize("term", ["hopital", "HÔPITAL", "elie hôpital", "Saint-Elie"])
def test_accents_do_not_matter(browser: Client, hospital: Customer, term: str) -> None:
    assert listed(browser, Customer, term) == ["Hôpital Saint-Élie"]
    assert listed(browser, Invoice, term) == ["Hôpital Saint-Élie"]


@pytest.mark.parametrize("term", ["100%", "_airie", "hospital"])
def test_marks_of_patterns_are_plain_letters(browser: Client, hospital: Customer, term: str) -> None:
    assert listed(browser, Customer, term) == []


@pytest.mark.parametrize(
    "term", ["0612345678", "06 12 34 56 78", "+33 6 12 34 56 78", "12.34.56.78", "06 12 34 56"]
)
def test_a_telephone_number_is_found_however_it_is_typed(
    browser: Client, hospital: Customer, term: str
) -> None:
    assert listed(browser, Customer, term) == ["Hôpital Saint-Élie"]


@pytest.mark.parametrize("term", ["1 234,50", "1\u202f234,50 €", "1234.5", "1234,50", "1.234,50", "1 028,75"])
def test_an_amount_is_found_however_it_is_typed(browser: Client, hospital: Customer, term: str) -> None:
    assert listed(browser, Invoice, term) == ["Hôpital Saint-Élie"]


def test_the_palette_finds_amounts_and_says_whose_they_are(browser: Client, hospital: Customer) -> None:
    [(_title, note)] = palette(browser, "1 234,50")
    assert note.startswith("Invoice · Hôpital Saint-Élie · 1,234.50")


def test_the_palette_finds_telephone_numbers_of_the_team_only(browser: Client, hospital: Customer) -> None:
    found = palette(browser, "06 12 34 56 78")
    assert ("Hôpital Saint-Élie", "Customer · Besançon · 06.12.34.56.78") in found
    assert [title for title, _note in found].count("Hôpital Saint-Élie") == 1


def test_the_palette_costs_the_same_whatever_it_finds(
    browser: Client, team: Team, owner: TeamUser, hospital: Customer
) -> None:
    counts = []
    for _round in range(2):
        palette(browser, "hopital")
        with CaptureQueriesContext(connection) as queries:
            found = palette(browser, "hopital")
        counts.append((len(found), len(queries)))
        with team_scope(team, owner):
            for _number in range(4):
                services.create_document("invoice", {"customer": hospital, "contents": [LINE]})
    assert counts[0][0] < counts[1][0]
    assert counts[0][1] == counts[1][1]
