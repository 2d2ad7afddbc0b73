"""Numbers as people type them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp.core.written_numbers import amount_typed, phone_typed, plain_number


@pytest.mark.parametrize("text", ["1 234,56", "1\u202f234,56", "1234.56", "1.234,56", "1,234.56"])
def test_a_number_is_the_same_in_every_way_of_writing(text: str) -> None:
    assert Decimal(plain_number(text)) == Decimal("1234.56")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1 234,50", "1234.50"),
        ("1\u202f234,50 €", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("12 345 678", "12345678"),
        ("84", "84"),
        ("84,5", "84.5"),
        ("-12.30", "-12.30"),
    ],
)
def test_amounts_are_recognised(text: str, amount: str) -> None:
    assert amount_typed(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text", ["", "FA00012", "12/5", "1.2.3", "1.234.567", "1,5,2", "9" * 14, "1 23", "€"]
)
def test_what_is_no_amount_is_none(text: str) -> None:
    assert amount_typed(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "06 12 34 56 78",
        "0612345678",
        "06.12.34.56.78",
        "+33 6 12 34 56 78",
        "0033612345678",
        "+33 (0)6-12-34-56-78",
    ],
)
def test_a_telephone_number_is_the_same_in_every_way_of_writing(text: str) -> None:
    assert phone_typed(text) == "612345678"


@pytest.mark.parametrize("text", ["", "12 34", "06 12 34 x", "FA00012", "+33"])
def test_what_is_no_telephone_number_is_empty(text: str) -> None:
    assert phone_typed(text) == ""
