"""Charges: entering, editing, deleting them."""

import datetime
from decimal import Decimal

import pytest

from erp.catalog.models import Product, Service
from erp.charges.choices import ChargeStatus, CreditStatus
from erp.charges.models import Charge
from erp.charges.services import SETTLEMENT, create_charge, delete_charge, twin_of, update_charge
from erp.core import numbering
from erp.core.errors import Conflict, Invalid
from erp.core.models import NumberSeries
from erp.customers.models import Contact, Customer
from erp.customers.services import delete_customer
from erp.various.models import ChargeCategory, Currency, Unit
from erp.various.services import team_today
from tenants.services import update_team
from tests.charges.conftest import DAY, fresh, state
from tests.charges.recipes import charge_body
from tests.factories import make

D = Decimal


@pytest.fixture
def body(scope):
    def body(**values):
        return {**charge_body(), **values}

    return body


def made(response):
    assert response.status_code == 201, response.content
    return response.json()


def test_a_charge_is_entered_and_numbered(api, body):
    answer = made(api.post("/charge", body(title="Cartridges", invoice_reference="FA12-00145")))
    assert answer["reference"] == "CH00001"
    assert (answer["type"], answer["status"], answer["status_label"]) == (1, 2, ChargeStatus.TO_PAY.label)
    assert (answer["total_ht"], answer["total_tva"], answer["total_ttc"]) == (100, 20, 120)
    assert (answer["to_paid"], answer["already_paid"], answer["stay_to_pay"]) == (120, 0, 120)
    assert (answer["currency_code"], answer["exchange_rate"]) == ("EUR", 1)
    [line] = answer["contents"]
    assert (line["designation"], line["quantity"], line["vat_rate_value"]) == ("Printer cartridge", 1, 20)
    assert (line["unit_price_ht"], line["unit_price_tva"], line["unit_price_ttc"]) == (100, 20, 120)
    assert line["vat_rate"]["rate"] == 20
    assert "catalog" not in line
    assert made(api.post("/charge", body()))["reference"] == "CH00002"


def test_the_team_chooses_the_status_of_new_charges(api, body):
    update_team({"configs": {"charges_default_status": 1}})
    answer = made(api.post("/charge", body()))
    assert (answer["status"], answer["status_label"]) == (1, ChargeStatus.DRAFT.label)
    assert api.put(f"/charge/{answer['id']}", {"status": 2}).json()["status"] == 2
    assert made(api.post("/charge", body(status=2)))["status"] == 2


def test_the_team_chooses_how_charges_are_numbered(api, body):
    update_team({"configs": {"charges_reference_prefix": "ACH{YYYY}-", "charges_reference_length": 3}})
    assert made(api.post("/charge", body(date="2023-02-01")))["reference"] == "ACH2023-001"


def test_statuses_that_payments_make_are_not_given(api, body):
    refused = api.post("/charge", body(status=4))
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["status"])


def test_an_answer_may_be_sent_back_whole(api, body):
    answer = made(api.post("/charge", body(title="Cartridges")))
    again = api.put(f"/charge/{answer['id']}", answer)
    assert again.status_code == 200, again.content
    assert {**again.json(), "updated_at": ""} == {**answer, "updated_at": ""}


def test_a_price_with_vat(api, body, rates):
    line = {"designation": "Pain", "unit_price_ttc": "1.05", "quantity": 3, "vat_rate": rates["5.5"].pk}
    answer = made(api.post("/charge", body(contents=[line])))
    assert (answer["total_ht"], answer["total_tva"], answer["total_ttc"]) == (2.99, 0.16, 3.15)


def test_vat_typed_as_an_amount(api, body):
    line = {"designation": "Repas", "unit_price_ht": 10, "unit_price_tva": "0.87", "quantity": 2}
    answer = made(api.post("/charge", body(contents=[{**line, "custom_vat_rate": True}])))
    assert (answer["total_ht"], answer["total_tva"], answer["total_ttc"]) == (20, 1.74, 21.74)
    [shown] = answer["contents"]
    assert (shown["vat_rate_id"], shown["vat_rate"], shown["vat_rate_value"]) == (None, None, None)
    assert api.put(f"/charge/{answer['id']}", answer).json()["total_tva"] == 1.74
    refused = api.post("/charge", body(contents=[{**line, "custom_vat_rate": True, "unit_price_tva": None}]))
    assert list(refused.json()["errors"]) == ["contents.0.unit_price_tva"]


@pytest.mark.parametrize(
    ("absent", "named"),
    [("designation", ["designation"]), ("quantity", ["quantity"]), ("vat_rate", ["vat_rate"]),
     ("unit_price_ht", ["unit_price_ht", "unit_price_ttc"])],
)  # fmt: skip
def test_what_a_line_needs(api, body, absent, named):
    given = body()
    del given["contents"][0][absent]
    refused = api.post("/charge", given)
    assert (refused.status_code, list(refused.json()["errors"])) == (
        422,
        [f"contents.0.{name}" for name in named],
    )


def test_a_line_takes_unit_and_category_from_its_product(api, body, scope):
    unit, category = make(Unit), make(ChargeCategory)
    product = make(Product, unit=unit, charge_category=category)
    given = body()
    given["contents"][0]["catalog"] = {"type": "product", "id": product.pk}
    [line] = made(api.post("/charge", given))["contents"]
    assert (line["unit_id"], line["charge_category_id"]) == (unit.pk, category.pk)
    assert (line["catalog"]["type"], line["catalog"]["id"]) == ("product", product.pk)
    assert line["catalog"]["element"]["name"] == product.name


def test_a_line_may_be_a_service(api, body, scope):
    service = make(Service)
    given = body()
    given["contents"][0]["catalog"] = {"type": "service", "id": service.pk}
    [line] = made(api.post("/charge", given))["contents"]
    assert (line["catalog"]["type"], line["catalog"]["element"]["id"]) == ("service", service.pk)
    given["contents"][0]["catalog"] = {"type": "machine", "id": service.pk}
    assert list(api.post("/charge", given).json()["errors"]) == ["contents.0.catalog.type"]


def test_a_unit_is_named(api, body):
    given = body()
    given["contents"][0]["unit"] = "Palette"
    [line] = made(api.post("/charge", given))["contents"]
    assert line["unit"]["label"] == "Palette"


def test_a_line_is_changed_by_its_id(api, body):
    given = body()
    given["contents"].append({**given["contents"][0], "designation": "Paper", "unit_price_ht": 5})
    answer = made(api.post("/charge", given))
    first, second = answer["contents"]
    lines = [{"id": second["id"], "quantity": 2}, {**given["contents"][0], "designation": "Ink"}]
    changed = api.put(f"/charge/{answer['id']}", {"contents": lines}).json()
    kept = changed["contents"][0]
    assert (kept["id"], kept["designation"], kept["total_ht"]) == (second["id"], "Paper", 10)
    assert changed["total_ht"] == 110
    assert first["id"] not in {line["id"] for line in changed["contents"]}
    unknown = api.put(f"/charge/{answer['id']}", {"contents": [{"id": first["id"]}]})
    assert list(unknown.json()["errors"]) == ["contents.0.id"]


def test_amounts_too_large_are_refused(api, body):
    given = body()
    given["contents"][0] |= {"unit_price_ht": "9999999999", "quantity": "9999999999"}
    refused = api.post("/charge", given)
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["contents.0.quantity"])


def test_a_negative_total_is_a_credit(api, body):
    given = body()
    given["contents"][0]["quantity"] = -1
    refused = api.post("/charge", given)
    assert list(refused.json()["errors"]) == ["contents"]


def test_a_supplier_s_credit(api, body):
    answer = made(api.post("/charge", body(type=2)))
    assert (answer["type"], answer["stay_to_pay"], answer["status_label"]) == (
        2,
        120,
        CreditStatus.TO_USE.label,
    )


def test_charges_are_of_suppliers(api, body):
    refused = api.post("/charge", body(customer=make(Customer).pk))
    assert list(refused.json()["errors"]) == ["customer"]


def test_the_contact_is_one_of_the_supplier_s(api, body, supplier):
    contact = make(Contact, customers=[supplier])
    assert (
        made(api.post("/charge", body(customer=supplier.pk, contact=contact.pk)))["contact_id"] == contact.pk
    )
    refused = api.post("/charge", body(contact=contact.pk))
    assert list(refused.json()["errors"]) == ["contact"]


def test_another_currency_has_its_rate(api, body):
    dollar = Currency.objects.get(code="USD")
    answer = made(api.post("/charge", body(currency=dollar.pk, exchange_rate="0.92")))
    assert (answer["currency_code"], answer["exchange_rate"]) == ("USD", 0.92)
    own = api.put(f"/charge/{answer['id']}", {"currency": Currency.objects.get(code="EUR").pk})
    assert own.json()["exchange_rate"] == 1


# --- What payments fix --------------------------------------------------------------------------------


def test_a_paid_charge_keeps_what_was_paid_for(charge, pay):
    paid = charge()
    pay((paid, "50"))
    with pytest.raises(Conflict) as error:
        delete_charge(paid)
    assert "50.00" in error.value.message
    for values in ({"customer": make(Customer, is_provider=True)}, {"type": 2}, {"status": 1}):
        with pytest.raises(Conflict) as error:
            update_charge(paid, values)
        assert list(error.value.errors) == list(values)
    assert update_charge(paid, {"title": "Placo", "customer": paid.customer}).title == "Placo"


def test_the_total_never_falls_below_what_is_paid(charge, pay, rates):
    paid = charge()
    pay((paid, "100"))
    line = {"id": paid.contents.get().pk}
    with pytest.raises(Invalid) as error:
        update_charge(paid, {"contents": [{**line, "quantity": D("0.5")}]})
    assert list(error.value.errors) == ["contents"]
    assert "100.00" in error.value.message
    assert fresh(paid).total_ttc == 120
    update_charge(paid, {"contents": [{**line, "unit_price_ttc": D(100)}]})
    assert state(paid) == (D(100), D(0), 4)
    update_charge(paid, {"contents": [{**line, "unit_price_ttc": D(150)}]})
    assert state(paid) == (D(100), D(50), 3)
    assert paid.payment_uses.get().tva == D("16.67")


def test_deleting_a_charge(charge, api):
    row = charge()
    assert api.delete(f"/charge/{row.pk}").status_code == 204
    assert api.get(f"/charge/{row.pk}").status_code == 404
    [gone] = api.get("/charge", with_deleted=1).json()["datas"]
    assert gone["id"] == row.pk
    assert set(gone) == {"id", "deleted_at"}


def test_a_supplier_with_charges_stays(charge, supplier):
    charge()
    with pytest.raises(Conflict):
        delete_customer(supplier)


# --- Lists --------------------------------------------------------------------------------------------


@pytest.fixture
def three(charge, pay, supplier, rates):
    """Three charges: a paid one, one partly paid in dollars, a credit."""
    contact = make(Contact, lastname="Dupuis", customers=[supplier])
    paid = charge(title="Placo", invoice_reference="F-1", contact=contact)
    pay((paid, "120"))
    dollars = charge(
        "10", date=datetime.date(2024, 6, 1), currency=Currency.objects.get(code="USD"), title="Vis"
    )
    pay((dollars, "2"))
    credit = charge("40", type=2, date=datetime.date(2023, 1, 9), customer=make(Customer, is_provider=True))
    return [paid, dollars, credit]


FILTERS = {
    "date_since": ("2024-05-18", [1]),
    "date_until": ("2024-05-17", [0, 2]),
    "reference": ("%2", [1]),
    "invoice_reference": ("F-1", [0]),
    "status": (3, [1]),
    "type": (2, [2]),
    "with_currency": ("true", [1]),
    "created_until": ("2000-01-01", []),
    "created_since": ("2000-01-01", [0, 1, 2]),
}


@pytest.mark.parametrize("name", FILTERS)
def test_filters(api, three, name):
    value, expected = FILTERS[name]
    found = api.get("/charge", **{f"filter[{name}]": value, "sort": "reference"}).json()["datas"]
    assert [row["id"] for row in found] == [three[index].pk for index in expected]


def test_filters_by_rows(api, three):
    def found(**query):
        return [row["id"] for row in api.get("/charge", sort="reference", **query).json()["datas"]]

    paid, dollars, credit = three
    assert found(**{"filter[customer]": paid.customer_id}) == [paid.pk, dollars.pk]
    assert found(**{"filter[contact]": paid.contact_id}) == [paid.pk]
    assert found(**{"filter[exclude]": paid.pk}) == [dollars.pk, credit.pk]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [("date", [2, 0, 1]), ("total_ttc:desc", [0, 2, 1]), ("already_paid", [2, 1, 0]),
     ("stay_to_pay", [0, 1, 2]), ("status_label", [2, 1, 0]), ("title:desc", [1, 0, 2])],
)  # fmt: skip
def test_sorts(api, three, sort, expected):
    found = api.get("/charge", sort=sort).json()["datas"]
    assert [row["id"] for row in found] == [three[index].pk for index in expected]


@pytest.mark.parametrize(
    ("term", "expected"),
    [("2024-05-17", [0]), ("2024", [0, 1]), ("2024-06", [1]), ("Vis", [1]), ("Dupuis", [0]), ("48", [2]),
     ("F-1", [0]), ("CH0000%", [0, 1, 2])],
)  # fmt: skip
def test_searches(api, three, term, expected):
    found = api.get("/charge", search=term, sort="reference").json()["datas"]
    assert [row["id"] for row in found] == [three[index].pk for index in expected]


def test_includes(api, three, charge):
    paid, _dollars, credit = three
    other = charge("20", customer=credit.customer)
    SETTLEMENT.use_credits(other, {"credits": [credit]})
    includes = "customer,contact,currency,contents,credits"
    rows = {row["id"]: row for row in api.get("/charge", include=includes).json()["datas"]}
    assert rows[paid.pk]["contact"]["lastname"] == "Dupuis"
    assert rows[paid.pk]["currency"]["code"] == "EUR"
    assert rows[paid.pk]["credits"] == []
    assert "uses" not in rows[paid.pk]
    [use] = rows[other.pk]["credits"]
    assert (use["amount"], use["charge_id"], use["charge"]["reference"]) == (24, credit.pk, credit.reference)
    [use] = rows[credit.pk]["uses"]
    assert (use["amount"], use["charge_id"]) == (24, other.pk)
    assert "credits" not in rows[credit.pk]
    assert "contents" not in api.get("/charge").json()["datas"][0]


def test_charges_of_one_team_are_numbered_apart(api, other_api, body, other_team, charge):
    charge()
    assert Charge.objects.get().reference == "CH00001"


def test_a_new_charge_dates_from_its_own_day(charge):
    assert charge().date == DAY


def test_create_charge_needs_no_http(supplier, rates):
    line = {"designation": "Bois", "unit_price_ht": D(1), "quantity": D(1), "vat_rate": rates["20"]}
    row = create_charge({"customer": supplier, "date": DAY, "contents": [line]})
    assert row.total_ttc == D("1.20")


def test_a_number_set_back_passes_over_references_in_use(charge):
    first = charge()
    NumberSeries.objects.filter(key="charges").update(next_number=1)
    assert (first.reference, charge().reference) == ("CH00001", "CH00002")


def numbered_by_year():
    series = numbering.series("charges")
    series.prefix, series.mode = "CH{YYYY}-", NumberSeries.Mode.YEARLY
    series.save()


def test_a_charge_of_last_year_may_be_entered_late(charge):
    numbered_by_year()
    days = [datetime.date(2024, 12, 30), datetime.date(2025, 1, 5), datetime.date(2024, 12, 31)]
    assert [charge(date=day).reference for day in days] == ["CH2024-00001", "CH2025-00001", "CH2025-00002"]


def test_a_date_mistyped_far_ahead_does_not_take_the_series_along(charge):
    numbered_by_year()
    charge(date=datetime.date(2099, 1, 1))
    today = team_today()
    assert charge(date=today).reference == f"CH{today.year}-00002"


def test_a_charge_has_lines(api, body, charge):
    """One of nothing would pass for a paid one."""
    kept = charge()
    for response in (api.post("/charge", body(contents=[])), api.put(f"/charge/{kept.pk}", {"contents": []})):
        assert response.status_code == 422
        assert list(response.json()["errors"]) == ["contents"]
    assert kept.contents.count() == 1


def test_the_same_bill_entered_twice_is_found(charge):
    first = charge(invoice_reference="F-12")
    assert twin_of(first) is None
    assert twin_of(charge(invoice_reference="f-12")) == first
    assert twin_of(charge(invoice_reference="F-12", type=2)) is None
    assert twin_of(charge(invoice_reference="F-12", customer=make(Customer, is_provider=True))) is None
    assert twin_of(charge()) is None


def test_an_answer_may_be_sent_back_once_its_product_is_gone(api, body, scope):
    product = make(Product)
    line = {**body()["contents"][0], "catalog": {"type": "product", "id": product.pk}}
    charge = made(api.post("/charge", body(contents=[line])))
    api.delete(f"/catalog/product/{product.pk}")
    path = f"/charge/{charge['id']}"
    sent = api.put(path, api.get(path).json())
    assert sent.status_code == 200, sent.json()
    assert sent.json()["contents"][0]["catalog"]["id"] == product.pk
    refused = api.post("/charge", body(contents=[line]))
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["contents.0.catalog.id"])


def test_every_line_says_what_is_wrong_with_it(member_api, team, scope, body):
    """Errors of all lines come at once, at their places: also that of a unit which only others may add."""
    api, good = member_api(charges=2, **{"manage-list": 0}), body()["contents"][0]
    wrong = [{**good, "unit": "crate"}, good, {**good, "vat_rate": None}]
    refused = api.post("/charge", body(contents=wrong))
    assert refused.status_code == 422
    assert list(refused.json()["errors"]) == ["contents.0.unit", "contents.2.vat_rate"]
