"""Variations and custom prices in the browser: the page of a product, and lines that sell it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from erp.catalog.models import Product
from erp.catalog.services import create_product, create_variation
from erp.core.scope import team_scope
from tenants.models import TeamUser
from tests.browser.test_sales import cell, choose, plain

pytestmark = pytest.mark.browser


def test_a_price_of_the_catalog_follows_the_quantity(signed_in: Page, team: Any, owner: TeamUser) -> None:
    page = signed_in
    with team_scope(team, owner):
        create_product(
            {
                "reference": "POLO",
                "name": "Polo",
                "unit_price_ht": Decimal(24),
                "variation_level1": "Taille",
                "variations": [{"level1": "M"}, {"level1": "XL", "unit_price_ht": Decimal(26)}],
                "custom_price_mode": "quantity",
                "custom_quantity_prices": [{"minimum": 10, "maximum": None, "price": Decimal(19)}],
            }
        )
    page.goto("/admin/sales/quotation/add/")
    cell(page, 0, "reference").press_sequentially("polo")
    proposals = page.locator(".sd-proposals li")
    expect(proposals).to_have_count(3)
    expect(proposals.nth(2)).to_contain_text("Polo, XL")
    proposals.nth(2).click()
    expect(cell(page, 0, "designation")).to_have_value("Polo – XL")
    expect(cell(page, 0, "unit_price")).to_have_value("26,00")
    cell(page, 0, "quantity").fill("10")
    expect(cell(page, 0, "unit_price")).to_have_value("19,00")
    expect(page.locator("td.sd-line-total").first).to_have_text(re.compile("190,00"))
    cell(page, 0, "unit_price").fill("21")
    expect(page.locator("td.sd-line-total").first).to_have_text(re.compile("210,00"))
    cell(page, 0, "quantity").fill("2")
    expect(page.locator("td.sd-line-total").first).to_have_text(re.compile("42,00"))
    expect(cell(page, 0, "unit_price")).to_have_value("21")


def test_a_product_is_given_its_variations(signed_in: Page, team: Any, owner: TeamUser) -> None:
    page = signed_in
    with team_scope(team, owner):
        create_variation({"label": "Taille", "values": ["S", "M"]})
    page.goto("/admin/catalog/product/add/")
    page.fill("[name=name]", "Polo")
    page.fill("[name=unit_price_ht]", "24")
    choose(page, "variation_level1", "Taille")
    page.locator("a[href='#variations']").first.click()
    for number, size in enumerate(("S", "L")):
        page.locator("#variations-group a.add-row, [id^=variations] a.add-row").first.click()
        page.fill(f"[name=variations-{number}-value1]", size)
    page.click("[name=_save]")
    page.wait_for_url(re.compile(r"/catalog/product/(#.*)?$"))
    with team_scope(team, owner):
        rows = Product.objects.get().variations.select_related("level1")
        assert [row.label for row in rows] == ["S", "L"]
    assert "Polo" in plain(page.content())
