"""Prices with and without VAT, and margins."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erp.catalog.pricing import margins, times, with_vat, without_vat
from erp.core.money import Amounts

PRICES = st.decimals(0, 1_000_000, places=5)
RATES = st.sampled_from([Decimal(rate) for rate in ("0", "2.1", "5.5", "8.5", "10", "20")])


def amounts(ht: str, tva: str, ttc: str) -> Amounts:
    return Amounts(Decimal(ht), Decimal(tva), Decimal(ttc))


def test_vat_comes_on_top_of_a_price_without_vat() -> None:
    assert with_vat(Decimal(100), Decimal(20)) == amounts("100", "20", "120")
    assert with_vat(Decimal("0.33333"), Decimal("5.5")) == amounts("0.33333", "0.01833", "0.35166")


def test_vat_is_taken_out_of_a_price_with_vat() -> None:
    assert without_vat(Decimal(10), Decimal(20)) == amounts("8.33333", "1.66667", "10")
    assert without_vat(Decimal("0.02"), Decimal(20), places=2) == amounts("0.02", "0.00", "0.02")


def test_a_total_keeps_both_prices_and_vat_is_the_difference() -> None:
    assert times(without_vat(Decimal(10), Decimal(20)), Decimal(3)) == amounts("25.00", "5.00", "30.00")


@settings(max_examples=80)
@given(PRICES, RATES)
def test_vat_is_always_the_difference(price: Decimal, rate: Decimal) -> None:
    for result in (with_vat(price, rate), without_vat(price, rate)):
        assert result.ht + result.tva == result.ttc
    assert with_vat(price, rate).ht == price
    assert without_vat(price, rate).ttc == price


@settings(max_examples=80)
@given(PRICES, RATES)
def test_there_and_back_gives_the_price(price: Decimal, rate: Decimal) -> None:
    assert without_vat(with_vat(price, rate).ttc, rate).ht == price


@pytest.mark.parametrize(
    ("price", "costs", "margin", "on_costs", "on_price"),
    [
        ("100", "60", "40.00", "66.67", "40.00"),
        ("30", "20", "10.00", "50.00", "33.33"),  # the reference's service
        ("280", "0", "280.00", "100.00", "100.00"),  # the reference's quotation
        ("50", "75", "-25.00", "-33.33", "-50.00"),
        ("0", "10", "-10.00", "-100.00", "0.00"),
        ("0", "0", "0.00", "0.00", "0.00"),
    ],
)
def test_margins(price: str, costs: str, margin: str, on_costs: str, on_price: str) -> None:
    found = margins(Decimal(price), Decimal(costs))
    expected = {"gross_margin_amount": margin, "gross_margin_rate": on_costs, "markup_rate": on_price}
    assert {name: str(value) for name, value in found.items()} == expected
