"""Opportunities in the admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from erp.customers.models import Customer
from erp.opportunities.models import FunnelStep, Opportunity
from tests.admin.pages import form_data, signed_in
from tests.factories import make

ADD = "/admin/opportunities/opportunity/add/"


@pytest.fixture
def browser(scope: Any, owner: Any) -> Client:
    return signed_in(owner)


def saved(browser: Client, path: str, **typed: Any) -> None:
    response = browser.post(path, form_data(browser.get(path)) | typed)
    assert response.status_code == 302, response.context["adminform"].errors


def test_the_chance_left_empty_is_the_steps(browser: Client) -> None:
    first, last = (FunnelStep.objects.get(name=name) for name in ("Besoin confirmé", "Accord"))
    saved(browser, ADD, customer=make(Customer).pk, step=first.pk)
    row = Opportunity.objects.get()
    assert row.probability == 30
    path = f"/admin/opportunities/opportunity/{row.pk}/change/"
    saved(browser, path, probability="42")
    row.refresh_from_db()
    assert row.probability == 42
    saved(browser, path, step=last.pk, probability="")
    row.refresh_from_db()
    assert (row.probability, row.step) == (95, last)


def test_a_new_deal_has_no_tab_of_what_is_not_there_yet(browser: Client) -> None:
    page = browser.get(ADD).content.decode()
    assert "Follow-up" not in page
    assert "Expectations" in page
    row = make(Opportunity)
    assert "Follow-up" in browser.get(f"/admin/opportunities/opportunity/{row.pk}/change/").content.decode()
