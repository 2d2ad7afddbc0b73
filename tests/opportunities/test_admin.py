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


def test_funnels_count_the_open_deals_that_one_may_see(browser: Client, make_member: Any) -> None:
    """The limitation to one's own customers holds for counts and sums."""
    member = make_member(**{"sales-quotation": 1, "customer-limitation": 0})
    step = FunnelStep.objects.get(name="Accord")
    own, other = make(Customer, is_customer=True, team_user=member), make(Customer, is_customer=True)
    for customer, amount in ((own, 100), (other, 1000), (other, 30)):
        make(Opportunity, step=step, customer=customer, amount=amount, team_user=member)
    make(Opportunity, step=step, customer=own, amount=7, status=Opportunity.Status.WON)

    def shown(client: Client) -> tuple[int, int, Any]:
        [row] = client.get("/admin/opportunities/funnel/").context["cl"].result_list
        return row.steps_number, row.opened, row.worth

    assert shown(browser) == (5, 3, 1130)
    assert shown(signed_in(member)) == (5, 1, 100)
