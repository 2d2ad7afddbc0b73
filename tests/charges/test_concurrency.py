"""Many people pay the same documents at once: nothing is overpaid, and nobody waits for ever."""

import json
from decimal import Decimal

import pytest

from erp.charges.models import Charge
from erp.charges.services import create_charge
from erp.core.scope import team_scope
from erp.core.stored_pdf import pdfs_on_demand
from erp.customers.models import Customer
from erp.sales import services as sales
from erp.sales.models import Document
from erp.various.models import VatRate
from tests.charges.conftest import DAY
from tests.charges.test_invariants import check
from tests.conftest import team_named
from tests.factories import make
from tests.sales.test_concurrency import document, together

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
PROCESSES = 4


@pytest.fixture
def team():
    return team_named("Acme")


@pytest.fixture(autouse=True)
def _in_a_team():
    """These tests enter scopes themselves: they commit."""


def at_once(team, chapter, *attempts):
    """Each process makes the attempts, in an order of its own; answers all that was made."""
    orders = [attempts if number % 2 else attempts[::-1] for number in range(PROCESSES)]
    given = [json.dumps({"chapter": chapter, "attempts": order}) for order in orders]
    return [made for each in together(team, "pay", given) for made in each]


def test_charges_are_never_overpaid(team):
    with team_scope(team):
        supplier, rate = make(Customer, is_provider=True), make(VatRate, rate=20)
        line = {"designation": "Placo", "quantity": Decimal(1), "vat_rate": rate}
        first, second, credit = (
            create_charge(
                {
                    "date": DAY,
                    "customer": supplier,
                    "type": kind,
                    "contents": [{**line, "unit_price_ht": Decimal(price)}],
                }
            )
            for kind, price in ((1, 100), (1, 100), (2, 30))
        )
    # Locks are taken in the order of ids, whatever the order asked for.
    made = at_once(
        team,
        "charges",
        {"pay": [[first.pk, "50"], [second.pk, "50"]]},
        {"pay": [[second.pk, "30"], [first.pk, "30"]]},
        {"credits": [credit.pk], "of": second.pk},
    )
    assert "done" in made
    assert set(made) <= {"done", "beyond_rest", "changed"}
    with team_scope(team):
        check()
        assert all(Charge.objects.get(pk=row.pk).already_paid > 0 for row in (first, second))


def test_invoices_are_never_overpaid_while_they_are_credited(team):
    with team_scope(team), pdfs_on_demand():
        first, second = document("invoice", is_draft=False), document("invoice", is_draft=False)
        other = document("invoice", is_draft=False, customer=first.customer)
        assert second.customer_id != first.customer_id
    made = at_once(
        team,
        "sales",
        {"pay": [[first.pk, "700"], [other.pk, "700"]]},
        {"pay": [[other.pk, "600"]]},
    )
    assert set(made) == {"done", "beyond_rest"}
    with team_scope(team), pdfs_on_demand():
        sales.convert(Document.objects.get(pk=other.pk), "cancel", {"is_draft": False})
        for row in Document.objects.all():
            paid = sum(use.amount for use in row.payment_uses.all())
            paid += sum(use.amount for use in (row.uses if row.kind == "credit" else row.credits).all())
            assert row.already_paid == paid <= row.total_ttc
            assert row.already_paid + row.stay_to_pay == row.total_ttc
