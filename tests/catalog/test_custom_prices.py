"""Prices that depend on the quantity or the customer: how they are kept, and which one applies."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from erp.catalog.models import Product
from erp.catalog.pricing import Tier, custom_price, period
from erp.catalog.services import CustomPrices
from erp.core.scope import team_scope
from erp.customers.models import Customer, CustomerType
from erp.various.models import VatRate
from tenants.models import Team
from tests.factories import make

URL = "/catalog/product"
ALL = "custom_prices,providers_references"
TIERS = [{"minimum": 1, "maximum": 9, "price": 12}, {"minimum": 10, "maximum": None, "price": "9.5"}]
Write = Callable[..., dict[str, Any]]


@pytest.fixture
def write(api: Any) -> Write:
    """write(**values): a product at 20.00; write(id, **values) changes it."""

    def write(key: int | None = None, **values: Any) -> dict[str, Any]:
        if key is None:
            response = api.post(f"{URL}?include={ALL}", {"name": "Screw", "unit_price_ht": 20, **values})
        else:
            response = api.put(f"{URL}/{key}?include={ALL}", values)
        assert response.status_code in (200, 201), response.json()
        return response.json()

    return write


@pytest.fixture
def customer(scope: Team) -> Customer:
    return make(Customer, is_provider=True)


def refused(response: Any) -> list[str]:
    assert response.status_code == 422, response.content
    return list(response.json()["errors"])


def by(customer: Customer, price: Any) -> dict[str, Any]:
    return {"type": "customer", "element": customer.pk, "price": price}


def by_type(customer_type: CustomerType, price: Any) -> dict[str, Any]:
    return {"type": "type", "element": customer_type.pk, "price": price}


# --- By quantity ----------------------------------------------------------------------------------


def test_prices_by_quantity(write: Write) -> None:
    answer = write(custom_price_mode="quantity", custom_price_quantity_mode=1, custom_quantity_prices=TIERS)
    assert (answer["custom_price_mode"], answer["custom_price_quantity_mode"]) == ("quantity", 1)
    assert answer["custom_quantity_prices"] == [
        {"minimum": 1, "maximum": 9, "price": "12.00000"},
        {"minimum": 10, "maximum": None, "price": "9.50000"},
    ]
    answer = write(answer["id"], custom_quantity_prices=[{"minimum": 10, "maximum": 20, "price": 9}])
    assert answer["custom_quantity_prices"] == [{"minimum": 10, "maximum": 20, "price": "9.00000"}]
    assert write(answer["id"], custom_quantity_prices=[])["custom_quantity_prices"] == []


def test_the_document_s_quantity_counts_unless_another_does(write: Write, api: Any) -> None:
    answer = write(custom_price_mode="quantity")
    assert answer["custom_price_quantity_mode"] == 1
    months = {"custom_price_mode": "quantity", "custom_price_quantity_mode": 4}
    assert refused(api.put(f"{URL}/{answer['id']}", months)) == ["custom_price_quantity_month_length"]
    answer = write(answer["id"], **months, custom_price_quantity_month_length=6)
    assert answer["custom_price_quantity_month_length"] == 6


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        ([{"minimum": 5, "maximum": 4, "price": 1}], "custom_quantity_prices.0.maximum"),
        ([{"minimum": 5, "price": 1}, {"minimum": 9, "price": 1}], "custom_quantity_prices.1.minimum"),
        (
            [{"minimum": 5, "maximum": 9, "price": 1}, {"minimum": 1, "maximum": 5, "price": 1}],
            "custom_quantity_prices.0.minimum",
        ),
        ([{"minimum": -1, "price": 1}], "custom_quantity_prices.0.minimum"),
        ([{"minimum": 1, "price": -1}], "custom_quantity_prices.0.price"),
        ([{"minimum": 1}], "custom_quantity_prices.0.price"),
        ([{"minimum": 1, "price": 1, "colour": 1}], "custom_quantity_prices.0.colour"),
    ],
)
def test_quantities_do_not_overlap(api: Any, rows: list[Any], path: str) -> None:
    body = {"name": "Screw", "custom_price_mode": "quantity", "custom_quantity_prices": rows}
    assert refused(api.post(URL, body)) == [path]


# --- By customer ----------------------------------------------------------------------------------


def test_prices_by_customer(write: Write, customer: Customer) -> None:
    rows = [by(customer, 15), by_type(customer.type, "17.5")]
    answer = write(custom_price_mode="customer", custom_type_prices=rows)
    mine, others = answer["custom_type_prices"]
    assert (mine["type"], mine["element"]["id"], mine["price"]) == ("customer", customer.pk, "15.00000")
    assert (others["type"], others["element"]["label"]) == ("type", customer.type.label)

    answer = write(answer["id"], add_custom_type_prices=[by(customer, 14)])
    assert [row["price"] for row in answer["custom_type_prices"]] == ["14.00000", "17.50000"]
    gone = [{"type": "type", "element": customer.type.pk}]
    answer = write(answer["id"], remove_custom_type_prices=gone)
    assert [row["type"] for row in answer["custom_type_prices"]] == ["customer"]
    again = write(answer["id"], custom_type_prices=answer["custom_type_prices"])
    assert again["custom_type_prices"] == answer["custom_type_prices"]
    assert write(answer["id"], custom_type_prices=[])["custom_type_prices"] == []


@pytest.mark.parametrize(
    ("row", "path"),
    [
        ({"type": "shop", "element": 1, "price": 1}, "type"),
        ({"type": "customer", "element": 999_999, "price": 1}, "element"),
        ({"type": "type", "element": 999_999, "price": 1}, "element"),
        ({"type": "type", "element": "x", "price": 1}, "element"),
        ({"type": "customer", "element": 1}, "price"),
        ({"element": 1, "price": 1}, "type"),
    ],
)
def test_what_is_wrong_with_a_price_is_named(api: Any, row: dict[str, Any], path: str) -> None:
    body = {"name": "Screw", "custom_price_mode": "type", "custom_type_prices": [row]}
    assert refused(api.post(URL, body)) == [f"custom_type_prices.0.{path}"]


def test_another_team_s_customer_does_not_exist(api: Any, other_team: Team) -> None:
    with team_scope(other_team):
        stranger = make(Customer)
    body = {"name": "Screw", "custom_price_mode": "customer", "custom_type_prices": [by(stranger, 1)]}
    assert refused(api.post(URL, body)) == ["custom_type_prices.0.element"]


def test_a_customer_is_named_once(api: Any, customer: Customer) -> None:
    rows = [by(customer, 1), by(customer, 2)]
    body = {"name": "Screw", "custom_price_mode": "customer", "custom_type_prices": rows}
    assert refused(api.post(URL, body)) == ["custom_type_prices.1"]


def test_prices_of_another_mode_wait(write: Write, api: Any, customer: Customer) -> None:
    answer = write(custom_price_mode="quantity", custom_quantity_prices=TIERS)
    refusal = api.put(f"{URL}/{answer['id']}", {"custom_type_prices": [by(customer, 1)]})
    assert refused(refusal) == ["custom_type_prices"]
    answer = write(answer["id"], custom_price_mode="type")
    assert (answer["custom_quantity_prices"], answer["custom_type_prices"]) == ([], [])
    answer = write(answer["id"], custom_quantity_prices=[], custom_price_mode=None)
    assert (answer["custom_price_mode"], answer["custom_quantity_prices"]) == (None, [])
    assert len(write(answer["id"], custom_price_mode="quantity")["custom_quantity_prices"]) == 2
    assert refused(api.put(f"{URL}/{answer['id']}", {"custom_price_mode": "colour"})) == ["custom_price_mode"]


# --- Choosing -------------------------------------------------------------------------------------


def test_the_price_that_a_customer_gets(write: Write, customer: Customer, scope: Team) -> None:
    rate = VatRate.objects.filter(rate=20).first()
    by_quantity = write(
        custom_price_mode="quantity", custom_quantity_prices=TIERS, vat_rate=rate.pk, reference="Q"
    )
    by_customer = write(custom_price_mode="customer", custom_type_prices=[by(customer, 15)], reference="C")
    of_type = write(custom_price_mode="type", custom_type_prices=[by_type(customer.type, 16)], reference="T")
    both = write(
        custom_price_mode="type",
        custom_type_prices=[by(customer, 13), by_type(customer.type, 16)],
        reference="B",
    )
    plain = write(reference="P")
    keys = [row["id"] for row in (by_quantity, by_customer, of_type, both, plain)]
    products = [Product.objects.get(pk=key) for key in keys]

    def prices(who: Customer | None, quantity: str) -> list[Decimal]:
        custom = CustomPrices(products, who)
        return [custom.price(product, None, Decimal(quantity)).ht for product in products]

    assert prices(customer, "1") == [12, 15, 16, 13, 20]
    assert prices(customer, "9.5") == [12, 15, 16, 13, 20]
    assert prices(customer, "10") == [Decimal("9.5"), 15, 16, 13, 20]
    assert prices(make(Customer, type=customer.type), "0.5") == [20, 20, 16, 16, 20]
    assert prices(None, "-10") == [Decimal("9.5"), 20, 20, 20, 20]
    assert CustomPrices(products, None).price(products[0], None, Decimal(10)).ttc == Decimal("11.4")


def test_reading_prices_costs_nothing_without_any(
    product: Callable[..., Product], customer: Customer, django_assert_num_queries: Any
) -> None:
    plain = [product() for _number in range(3)]
    with django_assert_num_queries(0):
        CustomPrices(plain, customer)


def test_reading_prices_costs_the_same_for_any_number(write: Write, customer: Customer, scope: Team) -> None:
    for number in range(4):
        mode = "quantity" if number % 2 else "customer"
        write(reference=f"R{number}", custom_price_mode=mode)
    products = list(Product.objects.all())
    with CaptureQueriesContext(connection) as queries:
        CustomPrices(products, customer)
    assert len(queries) == 2


prices = st.none() | st.decimals(0, 1000, places=2)
tiers = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20)), max_size=4).map(
    lambda pairs: [Tier(start, start + length, Decimal(start + 1)) for start, length in pairs]
)


@given(
    mode=st.sampled_from(["", "quantity", "type", "customer"]),
    mine=prices,
    types=prices,
    tiers=tiers,
    quantity=st.decimals(-100, 100, places=3),
)
def test_the_choice_of_a_price(
    mode: str, mine: Decimal | None, types: Decimal | None, tiers: list[Tier], quantity: Decimal
) -> None:
    """The customer's price before the type's; by quantity only in that mode, and only one that holds."""
    chosen = custom_price(mode, for_customer=mine, for_type=types, tiers=tiers, quantity=quantity)
    if mode in ("customer", "type"):
        assert chosen == (mine if mine is not None else types)
    elif mode == "quantity":
        holding = [tier.price for tier in tiers if tier.minimum <= abs(quantity) < tier.maximum + 1]
        assert chosen in holding if holding else chosen is None
    else:
        assert chosen is None


@pytest.mark.parametrize(
    ("mode", "months", "expected"),
    [
        (1, None, None),
        (2, None, ("2024-01-01", "2024-12-31")),
        (3, None, ("2023-01-01", "2023-12-31")),
        (4, 1, ("2024-02-29", "2024-03-31")),
        (4, 15, ("2022-12-31", "2024-03-31")),
        (4, 1200, ("1924-03-31", "2024-03-31")),
        (5, None, (None, None)),
    ],
)
def test_periods_of_what_was_ordered(mode: int, months: int | None, expected: Any) -> None:
    found = period(mode, datetime.date(2024, 3, 31), months)
    assert (found and tuple(day and day.isoformat() for day in found)) == expected


# --- Suppliers ------------------------------------------------------------------------------------


def test_suppliers_references(write: Write, customer: Customer) -> None:
    other = make(Customer, is_provider=True)
    rows = [
        {"customer": customer.pk, "reference": "REF", "buy_price_ht": 10, "various_costs": 1},
        {"customer": other.pk, "reference": "X"},
    ]
    answer = write(providers_references=rows, unit_buy_price_ht=99, various_costs=2)
    first, second = answer["providers_references"]
    assert {name: first[name] for name in ("reference", "buy_price_ht", "various_costs", "total_costs")} == {
        "reference": "REF",
        "buy_price_ht": "10.00000",
        "various_costs": "1.00000",
        "total_costs": "11.00000",
    }
    assert (first["customer_id"], first["customer"]["id"]) == (customer.pk, customer.pk)
    # The main supplier's price counts: 10 + 1, and the product's own 2.
    assert (answer["unit_buy_price_ht"], answer["total_costs"]) == ("10.00000", "13.00000")
    assert answer["gross_margin_amount"] == "7.00"
    assert "providers" not in answer

    more = [{"customer": customer.pk, "reference": "REF", "buy_price_ht": 8}, {"customer": customer.pk}]
    answer = write(answer["id"], add_providers_references=more)
    assert [row["reference"] for row in answer["providers_references"]] == ["REF", "X", None]
    assert (answer["providers_references"][0]["id"], answer["total_costs"]) == (first["id"], "11.00000")
    answer = write(answer["id"], remove_providers_references=[{"customer": customer.pk}])
    assert [row["id"] for row in answer["providers_references"]] == [second["id"]]
    assert (answer["unit_buy_price_ht"], answer["total_costs"]) == ("0.00000", "2.00000")
    answer = write(answer["id"], providers_references=[], unit_buy_price_ht=5)
    assert (answer["providers_references"], answer["unit_buy_price_ht"]) == ([], "5.00000")


def test_products_with_variations_name_suppliers(write: Write, api: Any, customer: Customer) -> None:
    answer = write(variation_level1="Size", providers=[customer.pk])
    assert [row["id"] for row in answer["providers"]] == [customer.pk]
    assert "providers_references" not in answer
    row = {"customer": customer.pk, "reference": "X"}
    refusal = api.put(f"{URL}/{answer['id']}", {"add_providers_references": [row]})
    assert refused(refusal) == ["add_providers_references"]
    plain = write(providers_references=[row])
    assert refused(api.put(f"{URL}/{plain['id']}", {"providers": [customer.pk]})) == ["providers"]
    found = api.get(URL, **{"filter[providers]": customer.pk}).json()["datas"]
    assert {item["id"] for item in found} == {answer["id"], plain["id"]}
    assert api.get(URL, **{"filter[providers]": make(Customer).pk}).json()["datas"] == []
    assert refused(api.get(URL, **{"filter[providers]": 999_999})) == ["filter.providers"]


def test_only_suppliers_sell_to_the_company(api: Any, customer: Customer) -> None:
    stranger = make(Customer, is_provider=False, is_subcontractor=False)
    rows = [{"customer": customer.pk}, {"customer": stranger.pk}]
    for values, path in (
        ({"providers_references": rows}, "providers_references.1.customer"),
        ({"add_providers_references": rows}, "add_providers_references.1.customer"),
        ({"variation_level1": "Size", "providers": [customer.pk, stranger.pk]}, "providers.1"),
    ):
        response = api.post("/catalog/product", {"reference": "A", "name": "A", **values})
        assert (response.status_code, list(response.json()["errors"])) == (422, [path])
