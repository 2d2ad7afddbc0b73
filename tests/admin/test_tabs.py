"""Selections over lists: their counts, what they keep of the address, what they cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from erp.core.scope import team_scope
from erp.opportunities.models import Opportunity
from erp.sales import services
from erp.sales.models import Invoice, Quotation
from tenants.models import Team, TeamUser
from tests.admin.pages import signed_in, url
from tests.factories import make
from tests.sales.conftest import new_customer

LINE = {"designation": "Pose", "quantity": Decimal(1), "unit_price_ht": Decimal(100)}


@pytest.fixture
def browser(owner: TeamUser) -> Client:
    return signed_in(owner)


@pytest.fixture
def documents(team: Team, owner: TeamUser, other_team: Team) -> None:
    """Two draft quotations and a validated one, three invoices; one elsewhere."""
    with team_scope(other_team):
        services.create_document("quotation", {"customer": new_customer(), "contents": [LINE]})
    with team_scope(team, owner):
        acier = new_customer()
        bois = new_customer(company_name="Bois SARL", email="bois@example.org")
        for kind, customer, is_draft in (
            ("quotation", acier, True), ("quotation", bois, True), ("quotation", acier, False),
            ("invoice", acier, True), ("invoice", acier, False), ("invoice", bois, False),
        ):  # fmt: skip
            services.create_document(kind, {"customer": customer, "contents": [LINE], "is_draft": is_draft})


def tabs(browser: Client, model: Any, **query: str) -> dict[str, tuple[int, bool]]:
    """Of each tab: how many rows it says, and whether it is the present one."""
    context = browser.get(url(model, "changelist"), query).context
    return {str(tab["label"]): (tab["count"], tab["is_now"]) for tab in context["list_tabs"]}


def test_quotations_are_counted_by_status(browser: Client, documents: None) -> None:
    assert tabs(browser, Quotation) == {
        "All": (3, True),
        "Draft": (2, False),
        "Validated": (1, False),
        "To bill": (1, False),
    }


def test_the_chosen_selection_is_marked_and_the_others_keep_their_counts(
    browser: Client, documents: None
) -> None:
    assert tabs(browser, Quotation, status="1") == {
        "All": (3, False), "Draft": (2, True), "Validated": (1, False), "To bill": (1, False)
    }  # fmt: skip


def test_counts_are_those_of_the_search(browser: Client, documents: None) -> None:
    assert tabs(browser, Quotation, q="bois") == {"All": (1, True), "Draft": (1, False)}


def test_a_selection_keeps_the_search_and_shows_what_it_counts(browser: Client, documents: None) -> None:
    context = browser.get(url(Quotation, "changelist"), {"q": "acier", "p": "1"}).context
    link = next(tab["link"] for tab in context["list_tabs"] if tab["label"] == "Draft")
    assert link == "?q=acier&status=1"
    assert browser.get(url(Quotation, "changelist") + link).context["cl"].result_count == 1


@pytest.mark.parametrize("model", [Quotation, Invoice, Opportunity])
def test_each_selection_shows_as_many_rows_as_it_says(
    browser: Client, documents: None, team: Team, owner: TeamUser, model: Any
) -> None:
    with team_scope(team, owner):
        make(Opportunity)
    shown = browser.get(url(model, "changelist")).context["list_tabs"]
    assert len(shown) > 1
    for tab in shown:
        listed = browser.get(url(model, "changelist") + tab["link"]).context
        assert listed["cl"].result_count == tab["count"] > 0
        assert [each["label"] for each in listed["list_tabs"] if each["is_now"]] == [tab["label"]]


def test_invoices_are_counted_by_what_of_them_is_paid(browser: Client, documents: None) -> None:
    assert tabs(browser, Invoice) == {"All": (3, True), "Draft": (1, False), "Remains to be paid": (2, False)}


def test_an_empty_list_has_no_selections(browser: Client) -> None:
    assert browser.get(url(Quotation, "changelist")).context["list_tabs"] == []


def test_selections_cost_one_query(browser: Client, documents: None, monkeypatch: Any) -> None:
    def queries() -> int:
        browser.get(url(Quotation, "changelist"))
        with CaptureQueriesContext(connection) as captured:
            browser.get(url(Quotation, "changelist"))
        return len(captured)

    page: Any = browser.get(url(Quotation, "changelist")).context["cl"].model_admin
    with_tabs = queries()
    monkeypatch.setattr(type(page), "list_tabs", lambda *_args: ())
    assert with_tabs == queries() + 1
