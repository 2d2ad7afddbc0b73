"""Dates as people read and type them."""

import datetime

import pytest
from django.utils import formats, translation

DAY = datetime.date(2024, 5, 7)


@pytest.mark.parametrize(("language", "shown"), [("fr", "07/05/2024"), ("en", "7 May 2024")])
def test_dates_are_short(language: str, shown: str) -> None:
    with translation.override(language):
        assert formats.localize(DAY) == shown


def test_french_dates_are_typed_as_they_are_shown() -> None:
    with translation.override("fr"):
        assert "%d/%m/%Y" in formats.get_format("DATE_INPUT_FORMATS")
        assert formats.localize_input(DAY) == "07/05/2024"
