"""The pages of payments from customers, and what lists and the first page say of what is owed."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from erp.sales import services
from erp.sales.models import Credit, Invoice, Payment
from erp.sales.services import SETTLEMENT
from erp.various.models import PaymentMethod, PaymentTerm
from tests.admin.pages import form_data, messages_of, signed_in, url
from tests.sales.conftest import fresh

D = Decimal


@pytest.fixture
def browser(scope, owner) -> Client:
    return signed_in(owner)


@pytest.fixture
def invoice(make):
    def invoice(price="100", **values):
        return make("invoice", ("Pose", price, "1", "20"), **values)

    return invoice


@pytest.fixture
def typed(today, scope) -> dict[str, Any]:
    """What the page of payment sends."""
    method = PaymentMethod.objects.first()
    return {"_pay": "1", "amount": "120", "date": today.isoformat(), "payment_method": method.pk}


def test_an_invoice_is_paid_from_its_page(browser, invoice, typed):
    row = invoice()
    page = browser.get(url(Invoice, "change", row.pk))
    assert url(Invoice, "pay", row.pk) in page.content.decode()
    assert browser.get(url(Invoice, "pay", row.pk)).context["form"]["amount"].value() == "120.00"
    paid = browser.post(url(Invoice, "pay", row.pk), typed, follow=True)
    assert row.reference in messages_of(paid)[0]
    assert fresh(row).stay_to_pay == 0
    content = paid.content.decode()
    assert url(Payment, "change", Payment.objects.get().pk) in content
    assert url(Invoice, "pay", row.pk) not in content


def test_a_holdback_is_offered_once_the_rest_is_paid(browser, invoice, typed):
    row = invoice("1000", guarantee_holdback_percent=D(5))
    browser.post(url(Invoice, "pay", row.pk), {**typed, "amount": "1140"})
    assert browser.get(url(Invoice, "pay", row.pk)).context["form"]["amount"].value() == "60.00"


def test_too_much_is_refused_beside_the_amount(browser, invoice, typed):
    row = invoice()
    refused = browser.post(url(Invoice, "pay", row.pk), {**typed, "amount": "120.01"})
    assert "120.00" in str(refused.context["form"].errors["amount"])


def test_a_credit_is_given_back_or_pays_another_invoice(browser, invoice, typed):
    first, second = invoice(), invoice("20")
    browser.post(url(Invoice, "pay", first.pk), typed)
    credit = services.convert(first, "cancel", {"is_draft": False})
    page = browser.get(url(Invoice, "pay", second.pk))
    assert [row.pk for row in page.context["credits"].fields["add_credits"].queryset] == [credit.pk]
    browser.post(url(Invoice, "pay", second.pk), {"_credits": "1", "add_credits": [credit.pk]})
    assert (fresh(second).stay_to_pay, fresh(credit).stay_to_pay) == (D(0), D(96))
    assert url(Credit, "change", credit.pk) in browser.get(url(Invoice, "change", second.pk)).content.decode()
    browser.post(url(Credit, "pay", credit.pk), {**typed, "amount": "96"})
    assert fresh(credit).stay_to_pay == 0
    assert Payment.objects.latest("pk").is_refund


def test_paying_asks_for_the_level_that_creates(make_member, invoice, typed):
    row = invoice()
    reader = signed_in(make_member(sales_invoice=1))
    assert reader.post(url(Invoice, "pay", row.pk), typed).status_code == 403
    assert fresh(row).already_paid == 0
    own = signed_in(make_member(sales_limitation=0))
    assert own.get(url(Invoice, "pay", row.pk)).status_code == 404


def test_one_payment_of_several_invoices(browser, invoice, typed, customer):
    first, second = invoice(), invoice("50")
    page = browser.get(url(Payment, "add"), {"customer": customer.pk})
    rows = {
        "invoices-TOTAL_FORMS": 2,
        "invoices-0-target": first.pk,
        "invoices-0-amount": "120",
        "invoices-1-target": second.pk,
        "invoices-1-amount": "60",
    }
    data = {**form_data(page), **rows, "date": typed["date"], "payment_method": typed["payment_method"]}
    browser.post(url(Payment, "add"), data)
    payment = Payment.objects.get()
    assert (payment.amount, payment.customer) == (D(180), customer)
    assert (fresh(first).stay_to_pay, fresh(second).stay_to_pay) == (D(0), D(0))
    browser.post(url(Payment, "delete", payment.pk), {"post": "yes"})
    assert (fresh(first).stay_to_pay, fresh(second).stay_to_pay) == (D(120), D(60))


@pytest.fixture
def owed(invoice, today):
    """An overdue invoice of 12.00, one of 24.00 to pay later, one that is paid, one with a holdback."""
    later = PaymentTerm.objects.create(label="30 jours", day_number=30)
    overdue = invoice("10", date=today - datetime.timedelta(days=3), payment_term=None)
    invoice("20", payment_term=later)
    paid = invoice("30", payment_term=later)
    held = invoice("100", payment_term=later, guarantee_holdback_percent=D(5))
    for row, amount in ((paid, 36), (held, 114)):
        values = {"date": today, "payment_method": PaymentMethod.objects.first()}
        SETTLEMENT.create({**values, "invoices": [{"id": row, "amount": D(amount)}]})
    return overdue


@pytest.mark.parametrize(
    ("payment", "count"), [("open", 2), ("1", 1), ("2", 0), ("3", 2), ("4", 1), ("held", 1), ("x", 4)]
)
def test_invoices_are_listed_by_what_is_paid(browser, owed, payment, count):
    found = browser.get(url(Invoice, "changelist"), {"payment": payment})
    assert found.context["cl"].result_count == count


def test_the_list_sums_what_remains(browser, owed):
    sums = dict(browser.get(url(Invoice, "changelist")).context["sums"])
    assert sums["Remains to be paid"] == "36.00\u00a0€"


def test_the_first_page_says_what_customers_owe(browser, owed):
    tiles = {tile["label"]: tile for tile in browser.get("/admin/").context["tiles"]}
    assert (tiles["Customers owe"]["value"], tiles["Overdue"]["value"]) == ("36.00\u00a0€", "12.00\u00a0€")
    for label, count in (("Customers owe", 2), ("Overdue", 1)):
        assert browser.get(tiles[label]["link"]).context["cl"].result_count == count
