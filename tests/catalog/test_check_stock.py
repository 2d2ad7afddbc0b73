"""manage.py check_stock: products whose stock is not the sum of its movements, and setting them right."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from erp.catalog.models import Product
from erp.core import services as core
from erp.core.scope import team_scope
from tenants.models import Team


def check(*arguments: str) -> str:
    output = StringIO()
    call_command("check_stock", *arguments, stdout=output, stderr=StringIO())
    return output.getvalue()


@pytest.fixture
def drifted(team: Team, product: Callable[..., Product]) -> Product:
    """A product that shows 12 though its ledger says 10, and is deleted."""
    row = product("SCREW", with_stock=True, stock_quantity=Decimal(10))
    with team_scope(team):
        core.delete(row)
        Product.all_objects.filter(pk=row.pk).update(stock_quantity=Decimal(12))
    return row


def test_right_stocks_are_said_to_be_right(team: Team, product: Callable[..., Product]) -> None:
    product(with_stock=True, stock_quantity=Decimal("0.1"), stock_theoretical_quantity=Decimal("0.2"))
    assert check() == "Every stock is the sum of its movements.\n"


def test_a_difference_is_listed_and_fails(team: Team, drifted: Product) -> None:
    output = StringIO()
    with pytest.raises(CommandError, match="1 stocks differ"):
        call_command("check_stock", stdout=output, stderr=StringIO())
    assert f"product {drifted.pk} (SCREW – Screw), real: shows 12.00000, ledger 10.00000" in output.getvalue()


def test_another_team_is_not_looked_at(drifted: Product, other_team: Team) -> None:
    assert "Every stock" in check("--team", str(other_team.pk))
    with pytest.raises(CommandError, match="There is no team"):
        check("--team", "999999")


def test_fix_sets_the_stock_to_the_ledger(team: Team, drifted: Product) -> None:
    assert "1 stocks were set right." in check("--fix")
    with team_scope(team):
        assert Product.all_objects.get(pk=drifted.pk).stock_quantity == 10
    assert "Every stock" in check()
