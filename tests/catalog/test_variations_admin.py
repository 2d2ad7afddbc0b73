"""Pages of variations, and what the page of a product says of variations, prices and suppliers."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from erp.catalog.models import Product, ProductVariation, Variation
from erp.catalog.services import create_variation
from erp.customers.models import Customer
from tenants.models import Team, TeamUser
from tests.admin.pages import form_data, messages_of, signed_in, url
from tests.factories import make

Make = Callable[..., Product]


@pytest.fixture
def browser(owner: TeamUser) -> Client:
    return signed_in(owner)


@pytest.fixture
def size(scope: Team) -> Variation:
    return create_variation({"label": "Size", "values": ["S", "M", "L"]})


def save(browser: Client, row: Any, **changes: Any) -> Any:
    """Open a page, change some inputs, save. A list of lines replaces the new ones of an inline."""
    address = url(type(row), "change", row.pk) if row.pk else url(type(row), "add")
    data = form_data(browser.get(address))
    for name, value in changes.items():
        if isinstance(value, list):
            first = int(data[f"{name}-INITIAL_FORMS"])
            for number, line in enumerate(value, first):
                data |= {f"{name}-{number}-{field}": text for field, text in line.items()}
            data[f"{name}-TOTAL_FORMS"] = first + len(value)
        else:
            data[name] = value
    return browser.post(address, data, follow=True)


def errors_of(page: Any) -> str:
    return page.content.decode()


# --- Variations -----------------------------------------------------------------------------------


def test_a_variation_is_made_renamed_and_listed(browser: Client, scope: Team) -> None:
    save(browser, Variation(), label="Size", values=[{"label": "S"}, {"label": "M"}])
    size = Variation.objects.get()
    before = dict(size.values.values_list("label", "pk"))
    save(browser, size, **{"values-0-label": "XS"}, values=[{"label": "L"}])
    assert list(size.values.values_list("label", flat=True)) == ["XS", "M", "L"]
    assert size.values.get(label="XS").pk == before["S"]
    listed = browser.get(url(Variation, "changelist")).content.decode()
    assert "XS, M, L" in listed
    save(browser, size, **{"values-1-DELETE": "on"})
    assert list(size.values.values_list("label", flat=True)) == ["XS", "L"]


def test_a_value_in_use_stays(browser: Client, size: Variation, product: Make) -> None:
    product("SHIRT", variation_level1=size, variations=[{"level1": "M"}])
    page = save(browser, size, **{"values-1-DELETE": "on"})
    assert "would require deleting the following protected related objects" in errors_of(page)
    assert size.values.count() == 3


def test_queries_of_the_list_do_not_grow(browser: Client, product: Make, scope: Team) -> None:
    browser.get(url(Variation, "changelist"))
    counts = []
    for number in (1, 4):
        for step in range(number):
            row = create_variation({"label": f"V{number}{step}", "values": ["a", "b"]})
            product(variation_level1=row)
        with CaptureQueriesContext(connection) as queries:
            browser.get(url(Variation, "changelist"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- The page of a product ------------------------------------------------------------------------


def test_a_product_is_made_with_what_it_comes_in(browser: Client, size: Variation) -> None:
    rows = [{"value1": "L", "reference": "SHIRT-L", "unit_price_ht": "30"}, {"value1": "XXL"}]
    save(browser, Product(), name="Shirt", unit_price_ht="20", variation_level1=size.pk, variations=rows)
    shirt = Product.objects.get()
    large, extra = shirt.variations.select_related("product", "level1")
    assert (shirt.variations_length, large.label, large.reference, large.price.ht) == (1, "L", "SHIRT-L", 30)
    assert (extra.label, extra.price.ht) == ("XXL", 20)
    assert list(size.values.values_list("label", flat=True)) == ["S", "M", "L", "XXL"]


def test_variations_are_changed_added_and_removed(browser: Client, size: Variation, product: Make) -> None:
    shirt = product("SHIRT", variation_level1=size, variations=[{"level1": "S"}, {"level1": "M"}])
    save(
        browser,
        shirt,
        **{"variations-0-unit_price_ht": "12", "variations-1-DELETE": "on"},
        variations=[{"value1": "L"}],
    )
    rows = shirt.variations.select_related("level1")
    assert [(row.label, row.own_unit_price_ht) for row in rows] == [("S", 12), ("L", None)]
    save(browser, shirt, **{"variations-0-unit_price_ht": "", "name": "T-shirt"})
    assert shirt.variations.first().own_unit_price_ht is None
    assert Product.objects.get().name == "T-shirt"


def test_a_product_varies_no_more(browser: Client, size: Variation, product: Make) -> None:
    shirt = product("SHIRT", variation_level1=size, variations=[{"level1": "S"}])
    save(browser, shirt, variation_level1="")
    assert (Product.objects.get().variations_length, ProductVariation.objects.count()) == (0, 0)


def test_prices_and_suppliers_are_typed_on_the_page(browser: Client, product: Make, scope: Team) -> None:
    customer, costs = make(Customer, is_provider=True), {"buy_price_ht": "8", "various_costs": "0"}
    screw = product("SCREW", unit_price_ht=Decimal(20))
    save(
        browser,
        screw,
        custom_price_mode="customer",
        custom_type_prices=[{"customer": customer.pk, "price": "15"}],
        providers_references=[{"customer": customer.pk, "reference": "X1", **costs}],
    )
    screw.refresh_from_db()
    assert [row.price for row in screw.custom_type_prices.all()] == [15]
    assert (screw.unit_buy_price_ht, screw.total_costs) == (8, 8)
    save(
        browser,
        screw,
        custom_price_mode="quantity",
        custom_quantity_prices=[
            {"minimum": "1", "maximum": "9", "price": "18"},
            {"minimum": "10", "price": "12"},
        ],
    )
    assert [row.price for row in screw.custom_quantity_prices.all()] == [18, 12]
    page = save(browser, screw, custom_quantity_prices=[{"minimum": "5", "maximum": "6", "price": "1"}])
    assert "Another price counts for this quantity." in errors_of(page)
    page = save(browser, screw, custom_type_prices=[{"customer": make(Customer).pk, "price": "1"}])
    assert "these prices do not count in the present mode" in errors_of(page)
    assert screw.custom_type_prices.count() == 1


def test_a_price_is_for_a_customer_or_a_type(browser: Client, product: Make) -> None:
    screw = product("SCREW", custom_price_mode="type")
    page = save(browser, screw, custom_type_prices=[{"price": "1"}])
    assert "Choose either a customer or a type of customers." in errors_of(page)


def test_stock_is_adjusted_by_variation(browser: Client, size: Variation, product: Make) -> None:
    rows = [{"level1": "S", "stock_quantity": Decimal(4)}, {"level1": "M"}]
    shirt = product("SHIRT", with_stock=True, variation_level1=size, variations=rows)
    address = f"/admin/catalog/product/{shirt.pk}/adjust_stock/"
    assert "<dt>S</dt>" in browser.get(address).content.decode()
    medium = shirt.variations.get(level1__label="M")
    typed = {"operation": "add", "kind": "real", "quantity": "3", "comment": "Received"}
    assert "This field is required." in browser.post(address, typed).content.decode()
    done = browser.post(address, {**typed, "variation": medium.pk}, follow=True)
    assert messages_of(done) == ["The stock was adjusted."]
    medium.refresh_from_db()
    shirt.refresh_from_db()
    assert (medium.stock_quantity, shirt.stock_quantity) == (3, 7)
    page = browser.get(url(Product, "change", shirt.pk)).content.decode()
    assert "Received" in page


def test_who_may_not_see_stock_sees_none(
    make_member: Callable[..., TeamUser], size: Variation, product: Make
) -> None:
    rows = [{"level1": "S", "stock_quantity": Decimal(4321)}]
    shirt = product("SHIRT", with_stock=True, variation_level1=size, variations=rows)
    limited = signed_in(make_member(see_stock=0, manage_stock=0))
    page = limited.get(url(Product, "change", shirt.pk)).content.decode().replace("\u00a0", "")
    assert "4,321" not in page
    reader = signed_in(make_member(catalog_products=1))
    assert reader.get(url(Variation, "add")).status_code == 403
    assert reader.get(url(Variation, "change", size.pk)).status_code == 200


def test_a_variation_is_found_in_the_list_of_products(
    browser: Client, size: Variation, product: Make
) -> None:
    product("SHIRT", variation_level1=size, variations=[{"level1": "S", "reference": "SHIRT-S-1"}])
    product("OTHER")
    page = browser.get(url(Product, "changelist"), {"q": "shirt-s"})
    assert [row.reference for row in page.context["cl"].result_list] == ["SHIRT"]
