"""Paying charges: with money, with credits; giving back what was paid."""

from decimal import Decimal

import pytest

from erp.charges.models import CreditUse, Payment
from erp.charges.services import SETTLEMENT, update_charge
from erp.core.errors import Conflict, Invalid
from erp.customers.models import Customer
from erp.customers.services import delete_customer
from erp.various.models import BankAccount, Currency
from tests.charges.conftest import fresh, state
from tests.factories import make

D = Decimal
TO_PAY, PARTLY, PAID = 2, 3, 4


def refused(error, *paths):
    """The refusal's paths, and its words."""
    assert list(error.value.errors) == list(paths)
    return error.value.message


# --- Money --------------------------------------------------------------------------------------------


def test_one_payment_pays_several_charges_and_keeps_a_rest(charge, pay):
    first, second = charge("100"), charge("50")
    payment = pay((first, "120"), (second, "20"), amount=D(200))
    assert state(first) == (D(120), D(0), PAID)
    assert state(second) == (D(20), D(40), PARTLY)
    assert (payment.amount_used, payment.stay_to_use, payment.status) == (D(140), D(60), 2)


def test_the_amount_is_what_is_paid_unless_given(charge, pay):
    payment = pay((charge(), "120"))
    assert (payment.amount, payment.stay_to_use, payment.status) == (D(120), D(0), 3)


def test_the_rest_pays_a_later_charge(charge, pay):
    first, second = charge(), charge()
    payment = pay((first, "120"), amount=D(150))
    SETTLEMENT.update(
        payment, {"charges": [{"id": first, "amount": D(120)}, {"id": second, "amount": D(30)}]}
    )
    assert state(second) == (D(30), D(90), PARTLY)
    assert fresh(payment).stay_to_use == 0


def test_money_may_come_before_any_charge(supplier, method, scope):
    values = {"date": "2024-05-17", "payment_method": method, "customer": supplier, "charges": []}
    payment = SETTLEMENT.create({**values, "amount": D(500)})
    assert (payment.stay_to_use, payment.status) == (D(500), 1)
    with pytest.raises(Invalid) as error:
        SETTLEMENT.create({**values, "customer": None, "amount": D(500)})
    refused(error, "customer")


def test_nothing_is_paid_beyond_what_remains(charge, pay):
    row = charge()
    pay((row, "100"))
    with pytest.raises(Invalid) as error:
        pay((row, "20.01"))
    assert "20.00" in refused(error, "charges.0.amount")
    pay((row, "20"))
    with pytest.raises(Invalid) as error:
        pay((row, "0.01"))
    assert row.reference in refused(error, "charges.0.amount")
    assert state(row) == (D(120), D(0), PAID)


def test_a_charge_named_twice_is_paid_twice_within_what_remains(charge, pay):
    row = charge()
    payment = pay((row, "60"), (row, "60"))
    assert [use.amount for use in payment.uses.all()] == [D(120)]
    with pytest.raises(Invalid):
        pay((charge(), "60"), (row, "60"), (row, "61"))


def test_a_payment_is_at_least_what_it_pays(charge, pay):
    row = charge()
    with pytest.raises(Invalid) as error:
        pay((row, "100"), amount=D(99))
    assert "100.00" in refused(error, "amount")
    payment = pay((row, "100"))
    with pytest.raises(Invalid) as error:
        SETTLEMENT.update(payment, {"amount": D(99)})
    refused(error, "amount")
    assert SETTLEMENT.update(payment, {"amount": D(110)}).stay_to_use == D(10)


def test_amounts_are_above_zero(charge, pay):
    for amount in ("0", "-5"):
        with pytest.raises(Invalid) as error:
            pay((charge(), amount))
        refused(error, "charges.0.amount")


def test_drafts_are_not_paid(charge, pay):
    draft = charge(status=1)
    with pytest.raises(Invalid) as error:
        pay((draft, "1"))
    refused(error, "charges.0.id")
    update_charge(draft, {"status": 2})
    assert pay((draft, "1")).amount == 1


def test_a_payment_has_one_supplier_and_one_currency(charge, pay):
    mine = charge()
    theirs = charge(customer=make(Customer, is_provider=True))
    dollars = charge(currency=Currency.objects.get(code="USD"))
    for other in (theirs, dollars):
        with pytest.raises(Invalid) as error:
            pay((mine, "1"), (other, "1"))
        refused(error, "charges")
    payment = pay((mine, "1"))
    for other in (theirs, dollars):
        with pytest.raises(Invalid) as error:
            SETTLEMENT.update(payment, {"charges": [{"id": other, "amount": D(1)}]})
        refused(error, "charges")


def test_a_payment_in_another_currency_has_the_rate_of_what_it_pays(charge, pay):
    dollars = charge(currency=Currency.objects.get(code="USD"), exchange_rate=D("0.9"))
    payment = pay((dollars, "60"))
    assert (payment.currency.code, payment.exchange_rate) == ("USD", D("0.9"))
    assert pay((dollars, "60"), exchange_rate=D("0.95")).exchange_rate == D("0.95")


def test_changing_what_a_payment_pays_gives_back_the_rest(charge, pay):
    first, second = charge(), charge()
    payment = pay((first, "120"))
    SETTLEMENT.update(payment, {"charges": [{"id": second, "amount": D(100)}]})
    assert state(first) == (D(0), D(120), TO_PAY)
    assert state(second) == (D(100), D(20), PARTLY)
    SETTLEMENT.update(payment, {"charges": [{"id": second, "amount": D(40)}]})
    assert state(second) == (D(40), D(80), PARTLY)
    assert fresh(payment).amount == D(120)


def test_deleting_a_payment_gives_back_all(charge, pay, api):
    row = charge()
    payment = pay((row, "120"))
    assert api.delete(f"/charge/payment/{payment.pk}").status_code == 204
    assert state(row) == (D(0), D(120), TO_PAY)
    assert api.get(f"/charge/payment/{payment.pk}").status_code == 404
    assert pay((row, "120")).amount == D(120)


def test_shares_without_vat_sum_to_the_charge(charge, pay):
    """33.33 + 20 % = 40.00, paid in three times."""
    row = charge("33.33")
    payments = [pay((row, amount)) for amount in ("13.33", "13.33", "13.34")]
    shares = [(use.ht, use.tva, use.amount) for payment in payments for use in payment.uses.all()]
    assert [sum(side) for side in zip(*shares, strict=True)] == [D("33.33"), D("6.67"), D("40.00")]
    assert all(ht + tva == amount for ht, tva, amount in shares)


def test_a_supplier_with_payments_stays(supplier, method):
    SETTLEMENT.create({"date": "2024-05-17", "payment_method": method, "customer": supplier, "amount": D(5)})
    with pytest.raises(Conflict):
        delete_customer(supplier)


# --- Credits ------------------------------------------------------------------------------------------


def test_credits_pay_as_much_as_they_can(charge):
    row, small, large = charge("100"), charge("30", type=2), charge("200", type=2)
    answered = SETTLEMENT.use_credits(row, {"credits": [small, large]})
    assert (answered.already_paid, answered.stay_to_pay) == (D(120), D(0))
    assert state(row) == (D(120), D(0), PAID)
    assert state(small) == (D(36), D(0), PAID)
    assert state(large) == (D(84), D(156), PARTLY)


def test_the_list_of_credits_is_set_added_to_and_taken_from(charge):
    row, first, second = charge("100"), charge("30", type=2), charge("40", type=2)
    SETTLEMENT.use_credits(row, {"add_credits": [first]})
    SETTLEMENT.use_credits(row, {"add_credits": [second]})
    assert state(row) == (D(84), D(36), PARTLY)
    SETTLEMENT.use_credits(row, {"remove_credits": [first]})
    assert state(row) == (D(48), D(72), PARTLY)
    assert state(first) == (D(0), D(36), TO_PAY)
    SETTLEMENT.use_credits(row, {"credits": [first]})
    assert (state(row), state(second)) == ((D(36), D(84), PARTLY), (D(0), D(48), TO_PAY))
    SETTLEMENT.use_credits(row, {"credits": []})
    assert (state(row), state(first)) == ((D(0), D(120), TO_PAY), (D(0), D(36), TO_PAY))
    assert not CreditUse.objects.exists()


def test_a_credit_freed_in_the_same_breath_leaves_room(charge):
    row, first, second = charge("100"), charge("100", type=2), charge("100", type=2)
    SETTLEMENT.use_credits(row, {"credits": [first]})
    SETTLEMENT.use_credits(row, {"add_credits": [second], "remove_credits": [first]})
    assert (state(first)[0], state(second)[0]) == (D(0), D(120))


def test_a_credit_pays_more_when_more_remains(charge, pay):
    row, credit = charge("100"), charge("100", type=2)
    payment = pay((row, "50"))
    SETTLEMENT.use_credits(row, {"credits": [credit]})
    SETTLEMENT.delete(payment)
    assert state(row) == (D(70), D(50), PARTLY)
    SETTLEMENT.use_credits(row, {"credits": [credit]})
    assert state(row) == (D(120), D(0), PAID)


def test_credits_that_cannot_serve(charge, pay):
    row = charge("100")
    cases = {
        "no credit": charge("10"),
        "another supplier": charge("10", type=2, customer=make(Customer, is_provider=True)),
        "another currency": charge("10", type=2, currency=Currency.objects.get(code="USD")),
        "a draft": charge("10", type=2, status=1),
    }
    for credit in cases.values():
        with pytest.raises(Invalid) as error:
            SETTLEMENT.use_credits(row, {"add_credits": [credit]})
        refused(error, "add_credits.0")
    credit = charge("10", type=2)
    with pytest.raises(Invalid) as error:
        SETTLEMENT.use_credits(row, {"remove_credits": [credit]})
    refused(error, "remove_credits.0")
    with pytest.raises(Invalid) as error:
        SETTLEMENT.use_credits(credit, {"add_credits": [charge("10", type=2)]})
    refused(error, "")
    with pytest.raises(Invalid) as error:
        SETTLEMENT.use_credits(row, {})
    refused(error, "credits")


def test_nothing_remains_for_a_credit_to_pay(charge, pay):
    row, credit = charge("100"), charge("100", type=2)
    pay((row, "120"))
    with pytest.raises(Invalid) as error:
        SETTLEMENT.use_credits(row, {"add_credits": [credit]})
    assert row.reference in refused(error, "add_credits.0")


def test_a_refund_gives_a_credit_back_in_money(charge, pay):
    credit = charge("100", type=2)
    payment = pay((credit, "100"))
    assert (payment.type, state(credit)) == (2, (D(100), D(20), PARTLY))
    with pytest.raises(Invalid) as error:
        pay((credit, "21"))
    assert "20.00" in refused(error, "charges.0.amount")
    with pytest.raises(Invalid) as error:
        pay((credit, "10"), (charge(), "10"))
    refused(error, "charges")


def test_money_out_never_turns_into_money_in(charge, pay):
    payment = pay((charge(), "50"), amount=D(80))
    with pytest.raises(Invalid) as error:
        SETTLEMENT.update(payment, {"charges": [{"id": charge(type=2), "amount": D(10)}]})
    refused(error, "charges")


# --- API ----------------------------------------------------------------------------------------------


def test_a_payment_on_the_wire(api, charge, method):
    row, account = charge(), make(BankAccount, name="Compte courant")
    given = {
        "date": "2022-12-12",
        "payment_method": method.pk,
        "account": account.pk,
        "reference": "465486743131",
        "charges": [{"id": row.pk, "amount": 60}],
        "amount": 100,
    }
    include = "payment_method,account,currency,customer,charges"
    response = api.post(f"/charge/payment?include={include}", given)
    assert response.status_code == 201, response.content
    answer = response.json()
    assert (answer["type"], answer["customer_id"], answer["customer"]["id"]) == (
        1,
        row.customer_id,
        row.customer_id,
    )
    assert (answer["amount"], answer["amount_used"], answer["stay_to_use"]) == (100, 60, 40)
    assert (answer["ht"], answer["tva"], answer["ttc"]) == (50, 10, 60)
    assert (answer["status"], answer["comments"], answer["currency_code"]) == (2, None, "EUR")
    assert (answer["account"]["name"], answer["payment_method"]["id"]) == ("Compte courant", method.pk)
    [use] = answer["charges"]
    assert (use["ht"], use["tva"], use["ttc"], use["charge_id"]) == (50, 10, 60, row.pk)
    assert (use["charge"]["reference"], use["charge"]["status"]) == (row.reference, PARTLY)
    again = api.put(f"/charge/payment/{answer['id']}", {"comments": "Acompte", "charges": []}).json()
    assert (again["comments"], again["amount_used"], again["status"]) == ("Acompte", 0, 1)
    assert state(row) == (D(0), D(120), TO_PAY)


def test_credits_are_used_on_the_wire(api, charge):
    row, credit = charge("100"), charge("30", type=2)
    answer = api.post(f"/charge/{row.pk}/credit", {"credits": [credit.pk]})
    assert answer.status_code == 200, answer.content
    data = answer.json()
    assert (data["already_paid"], data["stay_to_pay"], data["status"]) == (36, 84, PARTLY)
    assert [(use["amount"], use["charge_id"]) for use in data["credits"]] == [(36, credit.pk)]
    form = api.post(
        f"/charge/{row.pk}/credit",
        f"remove_credits[]={credit.pk}",
        content_type="application/x-www-form-urlencoded",
    )
    assert form.json()["credits"] == []
    assert api.post(f"/charge/{row.pk}/credit", {}).status_code == 422


@pytest.fixture
def three(charge, pay, supplier):
    """Three payments: used, partly used with a reference, a refund."""
    first, second, credit = charge("100"), charge("50"), charge("10", type=2)
    account = make(BankAccount, name="Banque")
    return [
        pay((first, "120")),
        pay((second, "20"), amount=D(300), reference="VIR 7", account=account),
        pay((credit, "12"), date="2025-01-02"),
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"filter[type]": 2}, [2]),
        ({"filter[status]": 2}, [1]),
        ({"filter[status]": 3}, [0, 2]),
        ({"filter[status]": 1}, []),
        ({"filter[reference]": "VIR%"}, [1]),
        ({"filter[charge_reference]": "CH00002"}, [1]),
        ({"filter[date_since]": "2025-01-01"}, [2]),
        ({"filter[date_until]": "2025-01-01"}, [0, 1]),
        ({"filter[created_since]": "2000-01-01"}, [0, 1, 2]),
        ({"filter[created_until]": "2000-01-01"}, []),
        ({"search": "Banque"}, [1]),
        ({"search": "120"}, [0]),
        ({"search": "VIR%"}, [1]),
    ],
)
def test_lists_of_payments(api, three, query, expected):
    found = api.get("/charge/payment", sort="amount_used:desc", **query).json()["datas"]
    order = [0, 1, 2]
    assert [row["id"] for row in found] == [three[index].pk for index in order if index in expected]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [("ht", [2, 1, 0]), ("tva:desc", [0, 1, 2]), ("stay_to_use:desc,ttc", [1, 2, 0]), ("amount", [2, 0, 1]),
     ("ttc", [2, 1, 0]), ("type:desc,amount", [2, 0, 1]), ("date:desc,amount", [2, 0, 1])],
)  # fmt: skip
def test_sorts_of_payments(api, three, sort, expected):
    found = [row["id"] for row in api.get("/charge/payment", sort=sort).json()["datas"]]
    assert found == [three[index].pk for index in expected]


def test_payments_of_a_charge_or_a_supplier(api, three):
    use = three[1].uses.get()
    found = api.get("/charge/payment", **{"filter[charge]": use.target_id}).json()["datas"]
    assert [row["id"] for row in found] == [three[1].pk]
    found = api.get("/charge/payment", **{"filter[customer]": three[1].customer_id}).json()["datas"]
    assert len(found) == 3


def test_levels_of_charges_rule_payments(member_api, charge, method, team):
    row = charge()
    given = {"date": "2024-05-17", "payment_method": method.pk, "charges": [{"id": row.pk, "amount": 1}]}
    assert member_api(charges=1).post("/charge/payment", given).status_code == 403
    made = member_api(charges=2).post("/charge/payment", given)
    assert made.status_code == 201
    address = f"/charge/payment/{made.json()['id']}"
    assert member_api(charges=2).put(address, {"amount": 5}).status_code == 403
    assert member_api(charges=3).delete(address).status_code == 403
    assert member_api(charges=4).delete(address).status_code == 204
    assert Payment.objects.count() == 0
