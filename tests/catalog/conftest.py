"""Fixtures of the catalog: products made by their essentials."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from erp.catalog.models import Product
from erp.catalog.services import create_product
from erp.core.scope import team_scope
from tenants.models import Team


@pytest.fixture
def product(team: Team) -> Callable[..., Product]:
    """A factory of products: product("SCREW", unit_price_ht=Decimal(2))."""
    count = iter(range(1, 1000))

    def make(reference: str = "", **values: Any) -> Product:
        reference = reference or f"REF{next(count)}"
        with team_scope(team):
            return create_product({"reference": reference, "name": reference.title(), **values})

    return make


@pytest.fixture
def other_product(other_team: Team) -> Product:
    """A product of the other team."""
    with team_scope(other_team):
        return create_product({"reference": "SECRET", "name": "Secret"})
