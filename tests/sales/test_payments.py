"""Customers pay invoices, with money and with credits; what remains of each is known at once."""

import datetime
from decimal import Decimal
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from erp.core.errors import Conflict, Invalid
from erp.core.scope import team_scope
from erp.customers.services import delete_customer
from erp.sales import services
from erp.sales.models import CreditUse, Document, Grant, Invoice, Payment
from erp.sales.services import SETTLEMENT
from erp.various.models import Currency, PaymentMethod, PaymentTerm
from tenants.services import create_api_key
from tests.conftest import ApiClient
from tests.sales.conftest import fresh, new_customer

D = Decimal
TO_PAY, PARTLY, PAID, OVERDUE = 1, 2, 3, 4


@pytest.fixture
def invoice(make, today):
    """invoice("100"): a validated invoice of that much without VAT, at 20 %."""

    def invoice(price="100", **values):
        return make("invoice", ("Pose", price, "1", "20"), **values)

    return invoice


@pytest.fixture
def pay(scope, today):
    """pay((invoice, "50"), …): a payment of today."""

    def pay(*rows, **values):
        given = [{"id": row, "amount": D(amount)} for row, amount in rows]
        method = PaymentMethod.objects.first()
        return SETTLEMENT.create({"date": today, "payment_method": method, "invoices": given, **values})

    return pay


@pytest.fixture
def state(today):
    """state(invoice): (already paid, stay to pay, payment status) now."""

    def state(document):
        now = fresh(document)
        return now.already_paid, now.stay_to_pay, now.payment_status(today)

    return state


def refused(error, *paths):
    assert list(error.value.errors) == list(paths)
    return error.value.message


# --- Money --------------------------------------------------------------------------------------------


def test_an_invoice_is_paid_in_several_times(invoice, pay, state):
    row = invoice()
    assert state(row) == (D(0), D(120), TO_PAY)
    pay((row, "50"))
    assert state(row) == (D(50), D(70), PARTLY)
    with pytest.raises(Invalid) as error:
        pay((row, "70.01"))
    assert "70.00" in refused(error, "invoices.0.amount")
    last = pay((row, "70"))
    assert state(row) == (D(120), D(0), PAID)
    SETTLEMENT.delete(last)
    assert state(row) == (D(50), D(70), PARTLY)


def test_one_payment_pays_several_invoices(invoice, pay, state):
    first, second = invoice("100"), invoice("50")
    payment = pay((first, "120"), (second, "10"), amount=D(200))
    assert (state(first)[1], state(second)[1]) == (D(0), D(50))
    assert (payment.amount_used, payment.stay_to_use, payment.status) == (D(130), D(70), 2)
    SETTLEMENT.update(payment, {"invoices": [{"id": second, "amount": D(60)}]})
    assert (state(first)[1], state(second)[1]) == (D(120), D(0))


def test_drafts_and_offers_are_not_paid(invoice, pay, make):
    draft = invoice(is_draft=True)
    assert (draft.stay_to_pay, draft.payment_status(draft.date)) == (D(0), None)
    with pytest.raises(Invalid) as error:
        pay((draft, "1"))
    refused(error, "invoices.0.id")
    with pytest.raises(Conflict):
        pay((make("quotation"), "1"))


def test_an_invoice_is_overdue_from_the_day_after_its_due_date(invoice, pay, today):
    term = PaymentTerm.objects.create(label="30 jours", day_number=30)
    row = invoice(payment_term=term)
    month = datetime.timedelta(days=30)
    assert row.payment_status(today + month) == TO_PAY
    assert row.payment_status(today + month + datetime.timedelta(days=1)) == OVERDUE
    pay((row, "120"))
    assert fresh(row).payment_status(today + month * 2) == PAID


def test_payments_never_touch_what_the_law_seals(invoice, pay, state):
    row = invoice()
    before = Invoice.objects.filter(pk=row.pk).values().get()
    pay((row, "120"))
    after = Invoice.objects.filter(pk=row.pk).values().get()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"already_paid", "stay_to_pay", "updated_at"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Document.objects.filter(pk=row.pk).update(amount_due=D(0))


def test_the_database_refuses_an_invoice_paid_beyond_its_total(invoice):
    row = invoice()
    with pytest.raises(IntegrityError), transaction.atomic():
        Document.objects.filter(pk=row.pk).update(already_paid=D("120.01"))


def test_a_customer_who_paid_stays(scope, today):
    customer = new_customer(company_name="Payeur")
    method = PaymentMethod.objects.first()
    SETTLEMENT.create({"date": today, "payment_method": method, "customer": customer, "amount": D(10)})
    with pytest.raises(Conflict):
        delete_customer(customer)


# --- Grant and holdback -------------------------------------------------------------------------------


def test_a_grant_is_not_to_be_paid(invoice, pay, state):
    grant = Grant.objects.create(label="Prime", amount=D(30))
    row = invoice(grant=grant)
    assert state(row) == (D(0), D(90), TO_PAY)
    with pytest.raises(Invalid) as error:
        pay((row, "90.01"))
    assert "90.00" in refused(error, "invoices.0.amount")
    pay((row, "90"))
    assert state(row) == (D(90), D(0), PAID)


def test_a_guarantee_holdback_is_paid_later(invoice, pay, state):
    """1 000.00, of which 5 % are kept for a year: 1 140.00 are due now, 60.00 later."""
    row = invoice("1000", guarantee_holdback_percent=D(5))
    assert (state(row), row.guarantee_holdback_to_pay) == ((D(0), D(1140), TO_PAY), D(60))
    pay((row, "1140"))
    assert state(row) == (D(1140), D(0), PAID)
    assert fresh(row).guarantee_holdback_to_pay == D(60)
    with pytest.raises(Invalid) as error:
        pay((row, "60.01"))
    assert "60.00" in refused(error, "invoices.0.amount")
    pay((row, "60"))
    assert (state(row)[0], fresh(row).guarantee_holdback_to_pay) == (D(1200), D(0))


# --- Credits ------------------------------------------------------------------------------------------


def test_a_credit_pays_the_invoice_that_it_corrects(invoice, pay, state):
    row = invoice()
    pay((row, "100"))
    credit = services.convert(row, "cancel", {"amount": D(50), "is_draft": False})
    assert state(row) == (D(120), D(0), PAID)
    assert state(credit) == (D(20), D(30), PARTLY)
    assert row.credits.get().amount == D(20)


def test_a_draft_credit_pays_nothing_yet(invoice, state):
    row = invoice()
    credit = services.convert(row, "cancel", {"is_draft": True})
    assert (state(row), state(credit)) == ((D(0), D(120), TO_PAY), (D(0), D(0), None))
    services.validate(credit)
    assert (state(row), state(credit)) == ((D(120), D(0), PAID), (D(120), D(0), PAID))
    assert fresh(row).status == 9


def test_a_discount_for_early_payment_is_a_credit(invoice, pay, state):
    """2 % of 120.00 are left to the customer who pays at once."""
    row = invoice(escompte_rate=D(2))
    assert row.escompte_amount_ttc == D("2.40")
    services.convert(row, "cancel", {"amount": row.escompte_amount_ttc, "is_draft": False})
    assert state(row) == (D("2.40"), D("117.60"), PARTLY)
    pay((row, "117.60"))
    assert state(row) == (D(120), D(0), PAID)


def test_what_an_invoice_leaves_of_a_credit_pays_another(invoice, pay, state):
    first, second = invoice(), invoice("50")
    pay((first, "120"))
    credit = services.convert(first, "cancel", {"is_draft": False})
    assert state(credit) == (D(0), D(120), TO_PAY)
    SETTLEMENT.use_credits(second, {"add_credits": [credit]})
    assert (state(second), state(credit)) == ((D(60), D(0), PAID), (D(60), D(60), PARTLY))
    SETTLEMENT.use_credits(second, {"credits": []})
    assert (state(second), state(credit)) == ((D(0), D(60), TO_PAY), (D(0), D(120), TO_PAY))


def test_a_credit_is_given_back_in_money(invoice, pay, state):
    row = invoice()
    pay((row, "120"))
    credit = services.convert(row, "cancel", {"amount": D(48), "is_draft": False})
    refund = pay((credit, "48"))
    assert (refund.type, state(credit)) == (2, (D(48), D(0), PAID))
    use = refund.uses.get()
    assert (use.ht, use.tva) == (D(40), D(8))
    with pytest.raises(Invalid) as error:
        pay((credit, "1"))
    refused(error, "invoices.0.amount")


def test_a_credit_of_another_customer_pays_nothing(invoice, pay, make):
    mine = invoice()
    other = invoice(customer=new_customer(company_name="Autre"))
    pay((other, "120"))
    credit = services.convert(other, "cancel", {"is_draft": False})
    with pytest.raises(Invalid) as error:
        SETTLEMENT.use_credits(mine, {"add_credits": [credit]})
    refused(error, "add_credits.0")


# --- API ----------------------------------------------------------------------------------------------


def test_a_payment_on_the_wire(api, invoice, today):
    row = invoice()
    given = {
        "date": today.isoformat(),
        "payment_method": PaymentMethod.objects.first().pk,
        "invoices": [{"id": row.pk, "amount": 60}],
    }
    response = api.post("/sales/payment?include=invoices,customer", given)
    assert response.status_code == 201, response.content
    answer = response.json()
    assert (answer["type"], answer["amount"], answer["stay_to_use"], answer["status"]) == (1, 60, 0, 3)
    assert (answer["ht"], answer["tva"], answer["ttc"]) == (50, 10, 60)
    [use] = answer["invoices"]
    assert (use["ttc"], use["invoice_id"], use["invoice"]["reference"]) == (60, row.pk, row.reference)
    shown = api.get(f"/sales/invoice/{row.pk}").json()
    assert (shown["already_paid"], shown["stay_to_pay"], shown["payment_status"]) == (
        "60.00",
        "60.00",
        PARTLY,
    )
    again = api.put(f"/sales/payment/{answer['id']}", answer)
    assert again.status_code == 200, again.content
    found = api.get("/sales/payment", **{"filter[invoice]": row.pk}).json()["datas"]
    assert [each["id"] for each in found] == [answer["id"]]
    found = api.get("/sales/payment", **{"filter[invoice_reference]": "FA%"}).json()["datas"]
    assert [each["id"] for each in found] == [answer["id"]]
    assert api.delete(f"/sales/payment/{answer['id']}").status_code == 204
    assert api.get(f"/sales/invoice/{row.pk}").json()["stay_to_pay"] == "120.00"


def test_a_draft_has_no_payment_status(api, invoice):
    shown = api.get(f"/sales/invoice/{invoice(is_draft=True).pk}").json()
    assert (shown["payment_status"], shown["payment_status_label"]) == (None, None)


def test_credits_are_used_on_the_wire(api, invoice, pay):
    first, second = invoice(), invoice("50")
    pay((first, "120"))
    credit = services.convert(first, "cancel", {"is_draft": False})
    answer = api.post(f"/sales/invoice/{second.pk}/credit", {"credits": [credit.pk]})
    assert answer.status_code == 200, answer.content
    data = answer.json()
    assert (data["stay_to_pay"], data["payment_status"]) == ("0.00", PAID)
    [use] = data["credits"]
    assert (use["amount"], use["credit_id"], use["credit"]["reference"]) == (60, credit.pk, credit.reference)
    [use] = api.get(f"/sales/credit/{credit.pk}", include="uses").json()["uses"]
    assert (use["amount"], use["invoice_id"]) == (60, second.pk)


@pytest.fixture
def four(invoice, pay, today):
    """Four invoices: to pay, partly paid, paid, overdue."""
    later = PaymentTerm.objects.create(label="30 jours", day_number=30)
    rows = [
        invoice("10", date=today - datetime.timedelta(days=2), payment_term=None),
        invoice("20", payment_term=later),
        invoice("30", payment_term=later),
        invoice("40", payment_term=later),
    ]
    pay((rows[2], "6"))
    pay((rows[3], "48"))
    return [rows[1], rows[2], rows[3], rows[0]]


@pytest.mark.parametrize("status", [TO_PAY, PARTLY, PAID, OVERDUE])
def test_invoices_by_payment_status(api, four, status):
    found = api.get("/sales/invoice", **{"filter[payment_status]": status}).json()["datas"]
    assert [row["id"] for row in found] == [four[status - 1].pk]
    assert [row["payment_status"] for row in found] == [status]


def test_invoices_by_what_remains_and_when_it_is_due(api, four, today):
    def found(**query):
        return [row["id"] for row in api.get("/sales/invoice", **query).json()["datas"]]

    assert found(sort="stay_to_pay:desc,reference") == [
        row.pk for row in (four[1], four[0], four[3], four[2])
    ]
    assert found(sort="already_paid:desc,reference")[:2] == [four[2].pk, four[1].pk]
    assert found(**{"filter[due_until]": today.isoformat()}) == [four[3].pk]
    assert len(found(**{"filter[due_since]": today.isoformat()})) == 3


# --- Who may ------------------------------------------------------------------------------------------


def member(make_member, team, **levels):
    user = make_member(**levels)
    with team_scope(team):
        return user, ApiClient(create_api_key(user))


def test_levels_of_invoices_rule_payments(member_api, invoice, today):
    given = {
        "date": today.isoformat(),
        "payment_method": PaymentMethod.objects.first().pk,
        "invoices": [{"id": invoice().pk, "amount": 1}],
    }
    assert member_api(sales_invoice=1).post("/sales/payment", given).status_code == 403
    assert member_api(sales_invoice=0).get("/sales/payment").status_code == 403
    assert member_api(sales_invoice=2).post("/sales/payment", given).status_code == 201


def test_limited_members_see_the_payments_of_their_own(make_member, team, invoice, pay, today):
    user, client = member(make_member, team, sales_limitation=0)
    own, others = invoice(team_user=user), invoice()
    mine = pay((own, "20"))
    theirs = pay((others, "20"))
    both = pay((own, "10"), (others, "10"))
    found = client.get("/sales/payment", include="invoices").json()["datas"]
    assert {row["id"] for row in found} == {mine.pk, both.pk}
    shown = next(row for row in found if row["id"] == both.pk)
    assert [use["invoice"] and use["invoice"]["id"] for use in shown["invoices"]] == [own.pk, None]
    assert client.get(f"/sales/payment/{theirs.pk}").status_code == 404
    given = {"date": today.isoformat(), "payment_method": PaymentMethod.objects.first().pk}
    refused_ = client.post("/sales/payment", {**given, "invoices": [{"id": others.pk, "amount": 1}]})
    assert (refused_.status_code, list(refused_.json()["errors"])) == (422, ["invoices.0.id"])
    assert client.delete(f"/sales/payment/{both.pk}").status_code == 409
    assert client.delete(f"/sales/payment/{mine.pk}").status_code == 204


def test_a_payment_in_another_currency(invoice, pay):
    dollars = invoice(currency=Currency.objects.get(code="USD"), exchange_rate=D("0.9"))
    assert pay((dollars, "60")).exchange_rate == D("0.9")
    with pytest.raises(Invalid) as error:
        pay((dollars, "1"), (invoice(), "1"))
    refused(error, "invoices")
    assert Payment.objects.count() == 1


# --- What was validated before payments came ------------------------------------------------------------


def test_earlier_documents_get_what_remains_of_them(invoice, state):
    migration = import_module("erp.sales.migrations.0005_what_is_paid")
    held = invoice("1000", guarantee_holdback_percent=D(5))
    partly, wholly, draft = invoice(), invoice(), invoice(is_draft=True)
    for amount in (D(20), D(30)):
        services.convert(partly, "cancel", {"amount": amount, "is_draft": False})
    services.convert(wholly, "cancel", {"is_draft": False})
    names = ("pk", "already_paid", "stay_to_pay", "guarantee_holdback_to_pay")
    expected = list(Document.objects.order_by("pk").values_list(*names))
    CreditUse.objects.all().hard_delete()
    Document.objects.update(already_paid=0, stay_to_pay=0, guarantee_holdback_to_pay=0)
    migration.open_accounts(apps, SimpleNamespace(connection=connection))
    assert list(Document.objects.order_by("pk").values_list(*names)) == expected
    assert (state(partly), state(wholly)[1], state(draft)[2]) == ((D(50), D(70), PARTLY), D(0), None)
    assert fresh(held).guarantee_holdback_to_pay == D(60)
    assert CreditUse.objects.count() == 3
