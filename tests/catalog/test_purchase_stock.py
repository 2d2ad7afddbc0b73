"""Goods enter each stock when the team's settings say so, once, and leave it when the order is undone."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from erp.catalog.models import Product, ProviderCommand, StockMovement
from erp.catalog.services import (
    create_provider_command,
    delete_provider_command,
    receive,
    update_provider_command,
)
from erp.customers.models import Customer
from tenants.models import Team
from tests.catalog.recipes import rate
from tests.factories import make

COLUMNS = {"stock_real_entry": "stock_quantity", "stock_theorical_entry": "stock_theoretical_quantity"}
DELIVERED, CREATED = 1, 2


@pytest.fixture(params=sorted(COLUMNS))
def stock(request: Any, team: Team, screw: Product) -> Callable[..., Decimal]:
    """stock(mode) sets when goods enter one stock; stock() reads it."""
    other = next(name for name in COLUMNS if name != request.param)

    def stock(mode: int | None = None) -> Decimal:
        if mode is not None:
            team.configs = {**team.configs, request.param: mode, other: DELIVERED + CREATED - mode}
        return Decimal(getattr(Product.objects.get(pk=screw.pk), COLUMNS[request.param]))

    return stock


@pytest.fixture
def screw(scope: Team, product: Callable[..., Product]) -> Product:
    return product("SCREW", with_stock=True)


@pytest.fixture
def order(screw: Product) -> Callable[..., ProviderCommand]:
    supplier = make(Customer, is_provider=True)

    def order(quantity: int = 10, **values: Any) -> ProviderCommand:
        line = {"product": screw, "quantity": Decimal(quantity), "vat_rate": rate()}
        return create_provider_command({"provider": supplier, "contents": [line], **values})

    return order


def arrive(command: ProviderCommand, quantity: int) -> ProviderCommand:
    return receive(command, [{"id": command.contents.get(), "delivered_quantity": Decimal(quantity)}])


def typed(command: ProviderCommand, **values: Any) -> list[dict[str, Any]]:
    row = command.contents.get()
    return [{"id": row.pk, "quantity": row.quantity} | values]


def test_goods_enter_as_they_arrive(
    stock: Callable[..., Decimal], order: Callable[..., ProviderCommand]
) -> None:
    stock(DELIVERED)
    command = order()
    assert stock() == 0
    arrive(command, 4)
    assert stock() == 4
    update_provider_command(command, {"title": "Nothing moves"})
    assert stock() == 4
    arrive(command, 6)
    assert stock() == 10


@pytest.mark.parametrize("status", [1, 2, 4])
def test_goods_enter_when_the_order_is_made_whatever_its_status(
    stock: Callable[..., Decimal], order: Callable[..., ProviderCommand], status: int
) -> None:
    stock(CREATED)
    command = order(status=status)
    assert stock() == 10
    if status != 4:
        arrive(command, 4)
        assert stock() == 10


def test_edited_lines_adjust_what_entered_with_the_order(
    stock: Callable[..., Decimal], order: Callable[..., ProviderCommand], product: Callable[..., Product]
) -> None:
    stock(CREATED)
    command = order()
    for quantity, left in ((12, 12), (3, 3), (10, 10)):
        update_provider_command(command, {"contents": typed(command, quantity=Decimal(quantity))})
        assert stock() == left
    update_provider_command(command, {"contents": typed(command, product=product(with_stock=True))})
    assert stock() == 0


def test_a_corrected_receipt_gives_back(
    stock: Callable[..., Decimal], order: Callable[..., ProviderCommand]
) -> None:
    stock(DELIVERED)
    command = arrive(order(), 10)
    for quantity in (4, 7, 4):
        update_provider_command(command, {"contents": typed(command, delivered_quantity=Decimal(quantity))})
        assert stock() == quantity


def test_a_deleted_order_gives_back(
    stock: Callable[..., Decimal], order: Callable[..., ProviderCommand]
) -> None:
    stock(CREATED)
    command = order()
    assert stock() == 10
    delete_provider_command(command)
    assert stock() == 0


def test_a_changed_setting_never_moves_twice(
    stock: Callable[..., Decimal], order: Callable[..., ProviderCommand]
) -> None:
    """Entered with the order; once entries follow deliveries, a receipt leaves what really arrived."""
    stock(CREATED)
    command = order()
    stock(DELIVERED)
    arrive(command, 4)
    assert stock() == 4


def test_movements_name_the_order(team: Team, screw: Product, order: Callable[..., ProviderCommand]) -> None:
    command = arrive(order(), 4)
    real = StockMovement.objects.get(kind="real")
    assert (real.cause, real.cause_id, real.reference) == ("provider_command", command.pk, command.reference)
    assert real.quantity == 4


def test_lines_without_a_managed_product_move_nothing(scope: Team, product: Callable[..., Product]) -> None:
    service = {
        "designation": "Transport",
        "unit_price_ht": Decimal(9),
        "quantity": Decimal(1),
        "vat_rate": rate(),
    }
    book = {"product": product(with_stock=False), "quantity": Decimal(1), "vat_rate": rate()}
    create_provider_command(
        {"provider": make(Customer, is_provider=True), "contents": [service, book], "status": 4}
    )
    assert StockMovement.objects.count() == 0
