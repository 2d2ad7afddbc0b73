"""What a new document starts from: the customer's settings before the team's before the product's own."""

import datetime
from decimal import Decimal

import pytest

from erp.various.models import Currency, PaymentMethod, PaymentTerm, SaleTerm, VatRate
from tests.sales.conftest import new_customer


@pytest.fixture
def start(api, body, today):
    """The answer to a document of which only what must be is typed in."""

    def start(kind="quotation", **values):
        response = api.post(f"/sales/{kind}", body(**values))
        assert response.status_code == 201, response.json()
        return api.get(f"/sales/{kind}/{response.json()['id']}", include="payment_methods").json()

    return start


@pytest.fixture
def configure(team, customer):
    """configure(team={...}, customer={...}): settings of each."""

    def configure(of_team=None, of_customer=None):
        team.configs = {**team.configs, **(of_team or {})}
        team.save()
        customer.configs = {**customer.configs, **(of_customer or {})}
        customer.save()

    return configure


@pytest.fixture
def values(scope):
    """Two rows of every list that settings may name."""
    terms = [PaymentTerm.objects.create(label=f"{days} jours", day_number=days) for days in (10, 20)]
    return {
        "sales_payment_term": [term.pk for term in terms],
        "sales_sale_term": [SaleTerm.objects.create(label=name, content=name).pk for name in ("A", "B")],
        "sales_currency": [Currency.objects.get(code=code).pk for code in ("USD", "GBP")],
    }


@pytest.mark.parametrize(
    ("setting", "attribute", "default", "of_team", "of_customer"),
    [
        ("sales_payment_advance_rate", "advance_payment_value", "0.00", ("10", "10.00"), ("20", "20.00")),
        ("sales_escompte_rate", "escompte_rate", "0.00", ("1", "1.00"), ("2", "2.00")),
        ("sales_penalty_rate", "penalty_rate", "12.15", ("11", "11.00"), ("0", "0.00")),
        ("sales_use_global_vatrate", "use_global_vatrate", False, (True, True), (False, False)),
        ("sales_amounts_type", "input_mode", "ht", ("ttc", "ttc"), ("ht", "ht")),
    ],
)
def test_customer_before_team_before_default(
    start, configure, setting, attribute, default, of_team, of_customer
):
    assert start()[attribute] == default
    configure({setting: of_team[0]})
    assert start()[attribute] == of_team[1]
    configure({}, {setting: of_customer[0]})
    assert start()[attribute] == of_customer[1]
    typed = {
        "advance_payment_value": 33,
        "escompte_rate": 3,
        "penalty_rate": 4,
        "use_global_vatrate": True,
        "input_mode": "ttc",
    }
    data = start(**{attribute: typed[attribute]})[attribute]
    assert data == (
        f"{typed[attribute]:.2f}" if isinstance(data, str) and data != "ttc" else typed[attribute]
    )


@pytest.mark.parametrize("setting", ["sales_payment_term", "sales_sale_term"])
def test_links_of_customer_and_team(start, configure, values, setting):
    attribute = setting.removeprefix("sales_") + "_id"
    of_team, of_customer = values[setting]
    configure({setting: of_team})
    assert start()[attribute] == of_team
    configure({}, {setting: of_customer})
    assert start()[attribute] == of_customer
    assert start(**{setting.removeprefix("sales_"): None})[attribute] is None


def test_the_currency_is_the_customers_or_the_teams(start, configure, values):
    assert (start()["currency_code"], start()["exchange_rate"]) == ("EUR", "1.00000")
    configure({}, {"sales_currency": values["sales_currency"][0]})
    data = start(exchange_rate="0.92")
    assert (data["currency_code"], data["exchange_rate"]) == ("USD", "0.92000")


def test_payment_methods(start, configure, scope):
    own, other = [PaymentMethod.objects.create(label=name) for name in ("Chèque", "Espèces")]
    configure({"sales_payment_methods": [own.pk]})
    assert [method["id"] for method in start()["payment_methods"]] == [own.pk]
    configure({}, {"sales_payment_methods": [other.pk]})
    assert [method["id"] for method in start()["payment_methods"]] == [other.pk]
    assert start(payment_methods=[])["payment_methods"] == []


def test_a_list_row_deleted_since_is_no_default(start, configure, values):
    configure({"sales_payment_term": values["sales_payment_term"][0]})
    PaymentTerm.objects.filter(pk=values["sales_payment_term"][0]).delete()
    assert start()["payment_term_id"] is None


def test_the_customers_own_discount_and_vat_rate(start, configure, rates):
    configure(
        {}, {"sales_global_discount": 10, "sales_vat_rate": rates["5.5"].pk, "sales_use_global_vatrate": True}
    )
    data = start()
    assert (data["global_discount_type"], data["global_discount_value"]) == ("pourcent", "10.00")
    assert (data["vat_rate_id"], data["total_ht"], data["total_tva"]) == (rates["5.5"].pk, "269.99", "14.85")
    assert start(global_discount_value=0)["total_ht"] == "299.99"
    amount = start(global_discount_type="amount")
    assert (amount["global_discount_value"], amount["total_ht"]) == ("0.00", "299.99")


def test_one_rate_for_all_is_the_default_rate_unless_the_customer_has_one(start, configure, rates):
    default = VatRate.objects.filter(use_default=True).get()
    assert start(use_global_vatrate=True)["vat_rate_id"] == default.pk
    configure({}, {"sales_vat_rate": rates["10"].pk})
    assert start(use_global_vatrate=True)["vat_rate_id"] == rates["10"].pk


def test_how_amounts_are_printed_is_the_customers_choice_too(start, configure):
    configure({"sales_pdf_amounts": 2})
    assert start()["pdf_options"]["amounts"] == 2
    configure({}, {"sales_pdf_amounts": 3})
    assert start()["pdf_options"]["amounts"] == 3
    assert start(pdf_options={"amounts": 1})["pdf_options"]["amounts"] == 1


def test_second_quantities_and_options_are_the_teams(start, configure):
    configure({"sales_secondary_quantity": "line", "sales_col_number": True, "sales_pdf_units": 3})
    data = start()
    assert data["secondary_quantity_mode"] == "line"
    assert (data["input_options"]["col_number"], data["pdf_options"]["units"]) == (True, 3)


def test_holdbacks(start, configure):
    configure({"sales_guarantee_holdback_pourcent": 5, "sales_guarantee_holdback_duration": 12})
    data = start()
    assert (data["guarantee_holdback_pourcent"], data["guarantee_holdback_amount"]) == ("5.00", "17.50")
    assert data["guarantee_holdback_duration"] == 12
    typed = start(guarantee_holdback_amount=20)
    assert (typed["guarantee_holdback_pourcent"], typed["guarantee_holdback_amount"]) == ("0.00", "20.00")


def test_a_holdback_taken_away_is_gone(api, start, configure):
    configure({"sales_guarantee_holdback_pourcent": 5})
    key = start()["id"]
    data = api.put(f"/sales/quotation/{key}", {"guarantee_holdback_pourcent": 0}).json()
    assert (data["guarantee_holdback_pourcent"], data["guarantee_holdback_amount"]) == ("0.00", "0.00")


def test_offers_are_valid_for_the_teams_days(start, configure, today):
    """The last second of the day in Paris is an hour or two before midnight in UTC."""
    configure({"sales_quotation_default_validity": 15})
    last = (today + datetime.timedelta(days=15)).isoformat()
    assert start()["expire_at"][:10] == last
    assert start("command")["expire_at"][:10] == last
    assert start("invoice")["expire_at"] is None
    configure({"sales_quotation_default_validity": 0})
    assert start()["expire_at"] is None


def test_the_salesperson_is_the_author_or_the_customers(start, configure, customer, owner, make_member):
    assert start()["team_user_id"] == owner.pk
    member = make_member(sales_quotation=4)
    customer.team_user = member
    customer.save()
    assert start()["team_user_id"] == owner.pk
    configure({"sales_use_customer_commercial": True})
    assert start()["team_user_id"] == member.pk
    assert start(team_user=owner.pk)["team_user_id"] == owner.pk


def test_mentions_are_the_teams(start, configure):
    assert (start()["penalty_rate_law"], start()["collection_costs_law"]) == (True, True)
    configure({"sales_penalty_rate_law": False, "sales_collection_costs_law": False})
    assert (start()["penalty_rate_law"], start()["collection_costs_law"]) == (False, False)


@pytest.mark.parametrize(
    ("term", "date", "due"),
    [
        ({"day_number": 0}, "2026-11-10", "2026-11-10"),
        ({"day_number": 30}, "2026-11-10", "2026-12-10"),
        ({"day_number": 30, "end_month": True}, "2026-11-10", "2026-12-31"),
        ({"day_number": 45, "end_month": True}, "2026-01-01", "2026-02-28"),
        ({"day_number": 30, "end_month": True, "end_month_day": 10}, "2026-11-10", "2027-01-10"),
    ],
)
def test_due_dates(start, scope, term, date, due):
    row = PaymentTerm.objects.create(label="Terme", **term)
    data = start("invoice", payment_term=row.pk, date=date)
    assert (data["due_date"], data["payment_term_value"]) == (due, "Terme")


def test_addresses_are_the_customers(api, body, customer):
    data = api.post("/sales/quotation", body()).json()
    for side in ("billing_address", "delivery_address"):
        assert data[side] == {
            "name": "Acier SA",
            "contact": None,
            "road": "12 rue de Dole",
            "road2": None,
            "road3": None,
            "city": "Besançon",
            "postal_code": "25000",
            "country_code": "FR",
            "comments": None,
        }


def test_delivery_addresses_of_their_own(api, body, customer):
    country = customer.address_invoice.country
    other = new_customer(
        company_name="Bois",
        address_delivery={"road1": "Quai 3", "postal_code": "69001", "town": "Lyon", "country": country},
    )
    data = api.post("/sales/quotation", body(customer=other.pk)).json()
    assert (data["billing_address"]["city"], data["delivery_address"]["city"]) == ("Besançon", "Lyon")


def test_without_an_address_each_missing_part_is_named(api, body):
    nomad = new_customer(company_name="Nomade", address_invoice=None)
    response = api.post("/sales/quotation", body(customer=nomad.pk))
    assert response.status_code == 422
    assert sorted(response.json()["errors"]) == [
        "billing_address_city",
        "billing_address_country",
        "billing_address_postal_code",
    ]
    typed = {
        "billing_address_city": "Dole",
        "billing_address_postal_code": "39100",
        "billing_address_country": "fr",
    }
    data = api.post("/sales/quotation", body(customer=nomad.pk, **typed)).json()
    assert (data["billing_address"]["city"], data["billing_address"]["country_code"]) == ("Dole", "FR")
    errors = api.put(f"/sales/quotation/{data['id']}", {"billing_address_city": ""}).json()["errors"]
    assert list(errors) == ["billing_address_city"]


def test_the_vat_number_is_the_customers(start, customer):
    customer.company_vatrate = "FR83404833048"
    customer.save()
    assert start()["customer_vatrate"] == "FR83404833048"
    assert start(customer_vatrate="BE0428759497")["customer_vatrate"] == "BE0428759497"


def test_costs_and_prices_are_decimals(start):
    assert Decimal(start()["total_ttc"]) == Decimal("349.99")
