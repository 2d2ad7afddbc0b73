"""The list of products: what sorts, searches, filters and includes do (reference: Get All products)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from erp.catalog.api import ProductViewSet
from erp.catalog.models import Product
from erp.catalog.services import create_product, update_product
from erp.core.scope import team_scope
from erp.various.models import VatRate
from tenants.models import Team

PLAIN = {
    "reference",
    "name",
    "unit_price_ht",
    "unit_price_tva",
    "unit_price_ttc",
    "default_quantity",
    "total_ht",
    "total_tva",
    "total_ttc",
    "various_costs",
    "total_costs",
    "gross_margin_amount",
    "gross_margin_rate",
    "markup_rate",
    "sale_category.label",
    "vat_rate.rate",
    "unit.label",
    "not_for_sale",
    "charge_category.label",
    "ean_code",
    "unit_buy_price_ht",
    "with_stock",
    "stock_quantity",
    "variations_length",
}


@pytest.fixture
def shop(scope: Team) -> dict[str, Product]:
    """Two products that differ in everything: APPLE is below PEAR whatever the attribute."""
    low, high = (VatRate.objects.filter(rate=Decimal(rate)).earliest("pk") for rate in ("5.5", "20"))
    apple = create_product(
        {
            "reference": "APPLE",
            "name": "A red apple",
            "unit_price_ht": Decimal("1.11"),
            "default_quantity": Decimal(2),
            "various_costs": Decimal("0.1"),
            "unit_buy_price_ht": Decimal("0.9"),
            "sale_category": "Aisle",
            "charge_category": "Orchard",
            "unit": "Basket",
            "vat_rate": low,
            "ean_code": "1111",
            "with_stock": False,
        }
    )
    pear = create_product(
        {
            "reference": "PEAR",
            "name": "Some pears",
            "unit_price_ht": Decimal("22.22"),
            "default_quantity": Decimal(3),
            "various_costs": Decimal("0.2"),
            "unit_buy_price_ht": Decimal("1.9"),
            "sale_category": "Shelf",
            "charge_category": "Trade",
            "unit": "Wagon",
            "vat_rate": high,
            "ean_code": "2222",
            "with_stock": True,
            "not_for_sale": True,
            "status": False,
            "stock_quantity": Decimal(77),
            "stock_theoretical_quantity": Decimal(8),
        }
    )
    return {"apple": apple, "pear": pear}


def found(api: Any, **query: Any) -> list[str]:
    """References of a list, in its order."""
    response = api.get("/catalog/product", **query)
    assert response.status_code == 200, response.json()
    return [row["reference"] for row in response.json()["datas"]]


def refused(api: Any, **query: Any) -> str:
    """The sentence of a refused query."""
    response = api.get("/catalog/product", **query)
    assert response.status_code == 422
    [[text]] = response.json()["errors"].values()
    return text


# --- Sorts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", sorted({*PLAIN, "stock_theoretical_quantity", "status.label"} - {"variations_length"})
)
def test_sorts_both_ways(api: Any, shop: dict[str, Product], name: str) -> None:
    assert found(api, sort=name) == ["APPLE", "PEAR"]
    assert found(api, sort=f"{name}:desc") == ["PEAR", "APPLE"]


def test_sorts_are_the_reference_s(api: Any, shop: dict[str, Product]) -> None:
    assert set(ProductViewSet.sorts) == {*PLAIN, "stock_theoretical_quantity", "status.label"}
    assert "gross_margin_rate" in refused(api, sort="colour")
    assert found(api, sort="variations_length,reference") == ["APPLE", "PEAR"]


def test_the_newest_come_first(api: Any, shop: dict[str, Product]) -> None:
    assert found(api) == ["PEAR", "APPLE"]


# --- Searches -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("APPLE", ["APPLE"]),
        ("%pears", ["PEAR"]),
        ("1.11", ["APPLE"]),  # unit_price_ht
        ("4.444", ["PEAR"]),  # unit_price_tva
        ("26.664", ["PEAR"]),  # unit_price_ttc
        ("2", ["APPLE"]),  # default_quantity
        ("66.66", ["PEAR"]),  # total_ht
        ("13.33", ["PEAR"]),  # total_tva
        ("2.34", ["APPLE"]),  # total_ttc
        ("0.2", ["PEAR"]),  # various_costs
        ("2.1", ["PEAR"]),  # total_costs
        ("0.11", ["APPLE"]),  # gross_margin_amount
        ("11", ["APPLE"]),  # gross_margin_rate
        ("90.55", ["PEAR"]),  # markup_rate
        ("5.5", ["APPLE"]),  # vat_rate.rate
        ("Aisle", ["APPLE"]),  # sale_category.label
        ("Trade", ["PEAR"]),  # charge_category.label
        ("wagon", ["PEAR"]),  # unit.label
        ("2222", ["PEAR"]),  # ean_code
        ("0.9", ["APPLE"]),  # unit_buy_price_ht
        ("77", ["PEAR"]),  # stock_quantity
        ("true", ["PEAR"]),  # not_for_sale, with_stock
        ("nothing", []),
    ],
)
def test_a_term_is_searched_everywhere(
    api: Any, shop: dict[str, Product], term: str, expected: list[str]
) -> None:
    assert found(api, search=term) == expected


# --- Filters --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("reference", "APP%", ["APPLE"]),
        ("name", "%pear%", ["PEAR"]),
        ("status", "1", ["APPLE"]),
        ("status", "0", ["PEAR"]),
        ("not_for_sale", "true", ["PEAR"]),
        ("not_for_sale", "0", ["APPLE"]),
        ("ean", "1111", ["APPLE"]),
        ("with_stock", "1", ["PEAR"]),
        ("with_stock", "false", ["APPLE"]),
        ("has_variations", "0", ["PEAR", "APPLE"]),
        ("has_variations", "1", []),
    ],
)
def test_filters_keep_and_drop(
    api: Any, shop: dict[str, Product], name: str, value: str, expected: list[str]
) -> None:
    assert found(api, **{f"filter[{name}]": value}) == expected


@pytest.mark.parametrize("name", ["sale_category", "charge_category"])
def test_categories_filter_by_identifier(api: Any, shop: dict[str, Product], name: str) -> None:
    key = getattr(shop["apple"], f"{name}_id")
    assert found(api, **{f"filter[{name}]": key}) == ["APPLE"]
    assert "999999" in refused(api, **{f"filter[{name}]": 999999})


def test_another_team_s_category_does_not_exist(api: Any, other_team: Team, shop: dict[str, Product]) -> None:
    with team_scope(other_team):
        foreign = create_product({"name": "Foreign", "sale_category": "Theirs"}).sale_category_id
    assert str(foreign) in refused(api, **{"filter[sale_category]": foreign})


def test_a_status_is_one_or_zero(api: Any, shop: dict[str, Product]) -> None:
    assert "1, 0" in refused(api, **{"filter[status]": 2})


def test_an_unknown_provider_is_refused(api: Any, shop: dict[str, Product]) -> None:
    assert "12345" in refused(api, **{"filter[providers]": 12345})


def test_edited_since_finds_a_product_whose_stock_moved(api: Any, shop: dict[str, Product]) -> None:
    update_product(shop["pear"], {"stock_quantity": Decimal(5)})
    shop["pear"].refresh_from_db()
    assert found(api, edited_since=shop["pear"].updated_at.isoformat()) == ["PEAR"]


# --- Includes -------------------------------------------------------------------------------------


def test_linked_rows_are_included_as_objects(api: Any, shop: dict[str, Product]) -> None:
    path = f"/catalog/product/{shop['apple'].pk}"
    answer = api.get(path, include="unit,sale_category,charge_category,vat_rate,default_picture").json()
    assert (answer["unit"]["label"], answer["sale_category"]["label"]) == ("Basket", "Aisle")
    assert (answer["charge_category"]["label"], answer["vat_rate"]["rate"]) == ("Orchard", 5.5)
    assert answer["default_picture"] is None
    assert "unit" not in api.get(path).json()


@pytest.mark.parametrize(
    ("word", "added"),
    [
        ("custom_quantity_prices", {"custom_quantity_prices": []}),
        ("custom_type_prices", {"custom_type_prices": []}),
        ("custom_prices", {"custom_quantity_prices": [], "custom_type_prices": []}),
        ("variations", {"variations": []}),
        ("providers_references", {"providers_references": []}),
        ("variation_levels", {}),
    ],
)
def test_what_comes_later_is_included_empty(
    api: Any, shop: dict[str, Product], word: str, added: dict[str, Any]
) -> None:
    path = f"/catalog/product/{shop['apple'].pk}"
    plain, answer = api.get(path).json(), api.get(path, include=word).json()
    assert {name: value for name, value in answer.items() if name not in plain} == added


def test_an_unknown_include_is_refused(api: Any, shop: dict[str, Product]) -> None:
    assert "variation_levels" in refused(api, include="providers")


def test_queries_do_not_grow_with_rows(api: Any, product: Callable[..., Product]) -> None:
    query = {"include": "unit,sale_category,charge_category,vat_rate,default_picture,variations"}
    found(api)  # the first request of a key notes that it was used
    counts = []
    for size in (1, 6):
        for _step in range(size):
            product(unit="Box", sale_category="Goods", charge_category="Purchases")
        with CaptureQueriesContext(connection) as queries:
            found(api, **query)
        counts.append(len(queries))
    assert counts[0] == counts[1]
