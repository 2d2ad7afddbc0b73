"""The form of sales documents says what is left of a product, as the team's settings ask."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from erp.catalog.services import create_product
from erp.core.scope import team_scope
from erp.sales.models import Quotation
from tenants.models import Team, TeamUser
from tests.admin.pages import signed_in, url


@pytest.fixture
def window(team: Team, owner: TeamUser) -> None:
    """A window: 5 on the shelf, 3 of them promised."""
    with team_scope(team, owner):
        create_product(
            {
                "reference": "W",
                "name": "Window",
                "with_stock": True,
                "stock_quantity": Decimal(5),
                "stock_theoretical_quantity": Decimal(2),
            }
        )


def proposed(member: TeamUser) -> str:
    """What the form says beside the window."""
    (found,) = signed_in(member).get(url(Quotation, "catalog"), {"q": "window"}).json()["elements"]
    return str(found["stock"])


@pytest.mark.parametrize(
    ("choice", "text"),
    [(1, "theoretical stock 2"), (2, "stock 5"), (3, "theoretical stock 2, stock 5")],
)
def test_the_setting_says_which_stock_shows(
    team: Team, owner: TeamUser, window: None, choice: int, text: str
) -> None:
    team.configs = {**team.configs, "sales_stock_display": choice}
    team.save()
    assert proposed(owner) == text


def test_who_may_not_see_stock_is_told_nothing(window: None, make_member: Callable[..., TeamUser]) -> None:
    assert proposed(make_member(see_stock=0)) == ""
