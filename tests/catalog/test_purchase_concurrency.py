"""Several people who receive one order at once: never more arrives than was ordered, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection

from erp.catalog.models import CommandStatus, Product, ProviderCommand
from erp.catalog.services import create_provider_command, receive, stock_drifts
from erp.core.errors import Invalid
from erp.core.scope import team_scope
from erp.core.stored_pdf import pdfs_on_demand
from erp.customers.models import Customer
from tenants.models import Team
from tests.catalog.recipes import rate
from tests.factories import make

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

WORKERS = 6


def at_once(team: Team, work: Callable[[], object]) -> list[str]:
    """Do something in several threads; what each came to."""

    def one(_number: int) -> str:
        try:
            with team_scope(team), pdfs_on_demand():
                work()
            return "done"
        except Invalid:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        return sorted(pool.map(one, range(WORKERS), timeout=60))


def test_receipts_at_once_never_exceed_the_order(team: Team, product: Callable[..., Product]) -> None:
    screw = product(with_stock=True)
    with team_scope(team), pdfs_on_demand():
        line = {"product": screw, "quantity": Decimal(10), "vat_rate": rate()}
        command = create_provider_command(
            {"provider": make(Customer, is_provider=True), "contents": [line], "status": 2}
        )
        key = command.contents.get().pk
    done = at_once(team, lambda: receive(command, [{"id": key, "delivered_quantity": Decimal(3)}]))
    assert done == ["done"] * 3 + ["refused"] * 3
    with team_scope(team):
        assert command.contents.get().delivered_quantity == 9
        assert ProviderCommand.objects.get().status == CommandStatus.PARTLY
        assert Product.objects.get(pk=screw.pk).stock_quantity == 9
        assert list(stock_drifts()) == []


def test_orders_made_at_once_have_their_own_numbers(team: Team) -> None:
    with team_scope(team):
        supplier, vat_rate = make(Customer, is_provider=True), rate()
    line = {
        "designation": "Screws",
        "unit_price_ht": Decimal(1),
        "quantity": Decimal(1),
        "vat_rate": vat_rate,
    }
    done = at_once(team, lambda: create_provider_command({"provider": supplier, "contents": [line]}))
    assert done == ["done"] * WORKERS
    with team_scope(team):
        references = sorted(ProviderCommand.objects.values_list("reference", flat=True))
    assert references == [f"BCF{number:05}" for number in range(1, WORKERS + 1)]
