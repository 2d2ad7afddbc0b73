"""The settings of every number series rule the numbers that are taken from it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import transaction

from erp.core import numbering
from erp.various.services import team_today
from tenants.models import Team
from tenants.parameters import SERIES, Series

FORM = {"number": 12, "length": 3}


def taken(key: str, year: int) -> str:
    with transaction.atomic():
        return numbering.take_number(key, datetime.date(year, 12, 31)).reference


@pytest.mark.parametrize("series", SERIES.values(), ids=lambda series: str(series.key))
def test_a_series_numbers_as_its_settings_say(api: Any, scope: Team, series: Series) -> None:
    form = FORM | ({"prefix": "X{YYYY}-", "mode": 2} if series.has_mode else {"prefix": "X-"})
    settings = {f"{series.key}_reference_{name}": value for name, value in form.items()}
    assert api.put("/team", {"configs": settings}).status_code == 200
    year = team_today().year
    start = f"X{year}-012", f"X{year + 1}-001"
    references = start if series.has_mode else ("X-012", "X-013")
    assert (taken(series.key, year), taken(series.key, year + 1)) == references
