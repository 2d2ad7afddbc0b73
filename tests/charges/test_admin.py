"""The pages of charges and of payments to suppliers."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from erp.charges.models import Charge, ChargeContent, Payment
from erp.core.scope import team_scope
from tests.admin.pages import form_data, messages_of, signed_in, url
from tests.charges.conftest import DAY, state

D = Decimal


@pytest.fixture
def browser(scope, owner) -> Client:
    return signed_in(owner)


def pay_url(row: Charge) -> str:
    return f"/admin/charges/charge/{row.pk}/pay/"


def typed(page: Any, **values: Any) -> dict[str, Any]:
    """The fields of a page's form, with what was typed; None takes a field away."""
    data = {**form_data(page), **{name.replace("__", "-"): value for name, value in values.items()}}
    return {name: value for name, value in data.items() if value is not None}


def test_a_charge_is_entered_with_its_lines(browser, supplier, rates):
    page = browser.get(url(Charge, "add"))
    data = typed(
        page,
        customer=supplier.pk,
        date="2024-05-17",
        invoice_reference="F-12",
        contents__0__designation="Placo",
        contents__0__price="12,50",
        contents__0__quantity="4",
        contents__0__vat_rate=rates["20"].pk,
    )
    made = browser.post(url(Charge, "add"), data, follow=True)
    assert made.status_code == 200, made.context["errors"]
    charge = Charge.objects.get()
    assert (charge.reference, charge.total_ht, charge.total_ttc) == ("CH00001", D(50), D(60))
    assert charge.invoice_reference == "F-12"


def test_a_line_typed_with_vat_or_without_a_rate(browser, supplier, rates):
    page = browser.get(url(Charge, "add"))
    line = {"customer": supplier.pk, "date": "2024-05-17", "contents__0__designation": "Repas"}
    with_vat = {"contents__0__price": "11", "contents__0__includes_vat": "on"}
    browser.post(url(Charge, "add"), typed(page, **line, **with_vat, contents__0__vat_rate=rates["10"].pk))
    assert Charge.objects.get().total_ht == D(10)
    by_hand = {"contents__0__price": "10", "contents__0__vat": "0,87", "contents__0__vat_rate": None}
    browser.post(url(Charge, "add"), typed(page, **line, **by_hand))
    assert Charge.objects.latest("pk").total_tva == D("0.87")
    refused = browser.post(
        url(Charge, "add"), typed(page, **line, contents__0__price="10", contents__0__vat_rate=None)
    )
    assert b"Choose a rate" in refused.content or "Choisissez" in refused.content.decode()
    assert Charge.objects.count() == 2


def test_a_line_is_edited_where_it_stands(browser, charge):
    row = charge()
    page = browser.get(url(Charge, "change", row.pk))
    browser.post(url(Charge, "change", row.pk), typed(page, contents__0__quantity="2"))
    assert Charge.objects.get().total_ttc == D(240)
    assert ChargeContent.objects.count() == 1


def test_a_charge_is_paid_from_its_page(browser, charge, method):
    row = charge()
    page = browser.get(pay_url(row))
    form = page.context["form"]
    assert form["amount"].value() == "120.00"
    data = {"_pay": "1", "amount": "50,00", "date": "2024-05-18", "payment_method": method.pk}
    paid = browser.post(pay_url(row), data, follow=True)
    assert row.reference in messages_of(paid)[0]
    assert state(row) == (D(50), D(70), 3)
    assert browser.get(pay_url(row)).context["form"]["amount"].value() == "70.00"
    payment = Payment.objects.get()
    assert (payment.date, payment.payment_method) == (datetime.date(2024, 5, 18), method)
    assert url(Payment, "change", payment.pk) in browser.get(url(Charge, "change", row.pk)).content.decode()


def test_nothing_is_paid_beyond_what_remains(browser, charge, method):
    row = charge()
    data = {"_pay": "1", "amount": "120.01", "date": "2024-05-18", "payment_method": method.pk}
    refused = browser.post(pay_url(row), data)
    assert "120.00" in str(refused.context["form"].errors["amount"])
    assert Payment.objects.count() == 0


def test_credits_pay_from_the_page(browser, charge):
    row, credit = charge(), charge("30", type=2)
    page = browser.get(pay_url(row))
    assert list(page.context["credits"].fields["add_credits"].queryset) == [credit]
    browser.post(pay_url(row), {"_credits": "1", "add_credits": [credit.pk]})
    assert state(row) == (D(36), D(84), 3)
    assert browser.get(pay_url(row)).context["credits"] is None


def test_what_is_paid_offers_no_payment(browser, charge, pay):
    row = charge()
    assert pay_url(row) in browser.get(url(Charge, "change", row.pk)).content.decode()
    pay((row, "120"))
    assert pay_url(row) not in browser.get(url(Charge, "change", row.pk)).content.decode()
    assert browser.get(pay_url(row)).status_code == 403


def test_paying_asks_for_the_level_that_creates(make_member, charge, method, team):
    row = charge()
    reader = signed_in(make_member(charges=1))
    data = {"_pay": "1", "amount": "1", "date": "2024-05-18", "payment_method": method.pk}
    assert reader.get(url(Charge, "change", row.pk)).status_code == 200
    assert reader.post(pay_url(row), data).status_code == 403
    writer = signed_in(make_member(charges=2))
    assert writer.post(pay_url(row), data).status_code == 302
    assert state(row)[0] == 1


def test_a_draft_is_set_to_be_paid(browser, charge):
    draft = charge(status=1)
    assert browser.get(pay_url(draft)).status_code == 403
    browser.post(f"/admin/charges/charge/{draft.pk}/set_to_pay/")
    assert state(draft)[2] == 2


def test_a_paid_charge_is_not_deleted(browser, charge, pay):
    row = charge()
    pay((row, "1"))
    answer = browser.post(url(Charge, "delete", row.pk), {"post": "yes"}, follow=True)
    assert row.reference in messages_of(answer)[0]
    assert Charge.objects.filter(pk=row.pk).exists()


def test_a_payment_of_several_charges(browser, charge, method, supplier):
    first, second = charge("100"), charge("50")
    page = browser.get(url(Payment, "add"), {"customer": supplier.pk})
    rows = {
        "charges__TOTAL_FORMS": 2,
        "charges__0__target": first.pk,
        "charges__0__amount": "120",
        "charges__1__target": second.pk,
        "charges__1__amount": "10",
    }
    given = {"date": "2024-05-17", "payment_method": method.pk}
    data = typed(page, **given, **rows)
    browser.post(url(Payment, "add"), data)
    payment = Payment.objects.get()
    assert (payment.amount, payment.customer) == (D(130), supplier)
    assert (state(first)[2], state(second)[1]) == (4, D(50))
    page = browser.get(url(Payment, "change", payment.pk))
    browser.post(url(Payment, "change", payment.pk), typed(page, charges__1__amount="60"), follow=True)
    assert state(second)[1] == D(50)  # 180.00 would exceed the 130.00 of the payment
    browser.post(url(Payment, "change", payment.pk), typed(page, charges__1__amount="60", amount="180"))
    assert state(second) == (D(60), D(0), 4)


def test_a_refusal_shows_beside_its_row(browser, charge, method, supplier):
    row = charge()
    page = browser.get(url(Payment, "add"), {"customer": supplier.pk})
    rows = {"charges__0__target": row.pk, "charges__0__amount": "500"}
    refused = browser.post(
        url(Payment, "add"), typed(page, date="2024-05-17", payment_method=method.pk, **rows)
    )
    [inline] = refused.context["inline_admin_formsets"]
    assert "120.00" in str(inline.formset.forms[0].errors["amount"])


def test_the_list_says_what_remains(browser, charge, pay):
    pay((charge("100"), "20"))
    charge("50", type=2)
    listed = browser.get(url(Charge, "changelist"))
    sums = {str(label): amount for label, amount in listed.context["sums"]}
    assert [amount.replace("\u202f", "").split("\u00a0")[0] for amount in sums.values()] == [
        "50.00",
        "60.00",
        "40.00",
    ]
    for amount in (b"-50.00", b"-60.00"):  # a credit, on both sides of VAT
        assert amount in listed.content
    for query, count in (({"payment": "open"}, 2), ({"payment": "paid"}, 0), ({"type__exact": 2}, 1)):
        assert browser.get(url(Charge, "changelist"), query).context["cl"].result_count == count


def test_payments_are_listed_by_their_use(browser, charge, pay):
    pay((charge("100"), "20"), amount=D(50))
    for use, count in (("1", 0), ("2", 1), ("3", 0), ("x", 1)):
        found = browser.get(url(Payment, "changelist"), {"use": use})
        assert found.context["cl"].result_count == count


def test_refunds_are_deducted_from_what_was_paid(browser, charge, pay):
    pay((charge("100"), "120"))
    pay((charge("50", type=2), "60"))
    listed = browser.get(url(Payment, "changelist"))
    assert [amount.split("\u00a0")[0] for _label, amount in listed.context["sums"]] == ["60.00", "60.00"]
    assert b"-60.00" in listed.content
    assert "Supplier" in listed.content.decode()


def test_the_first_page_says_what_is_owed(browser, charge, make_member, team):
    charge("100", date=DAY)
    tiles = {tile["label"]: tile for tile in browser.get("/admin/").context["tiles"]}
    assert tiles["To pay to suppliers"]["value"].startswith("120.00")
    page = browser.get(tiles["To pay to suppliers"]["link"])
    assert page.context["cl"].result_count == 1
    with team_scope(team):
        member = make_member(charges=0)
    labels = [tile["label"] for tile in signed_in(member).get("/admin/").context["tiles"]]
    assert "To pay to suppliers" not in labels


def test_a_bill_entered_twice_is_told(browser, charge):
    charge(invoice_reference="F-12")
    page = url(Charge, "change", charge().pk)
    told = browser.post(page, typed(browser.get(page), invoice_reference="F-12"), follow=True)
    assert any("CH00001" in message for message in messages_of(told))
    told = browser.post(page, typed(browser.get(page), title="Placo"), follow=True)
    assert not any("CH00001" in message for message in messages_of(told))
