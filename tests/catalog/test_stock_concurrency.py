"""Several workers that move the same stock at once: nothing is lost, counted twice, or left waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Sum

from erp.catalog.models import Product, StockMovement
from erp.catalog.services import Move, apply_movements
from erp.core.scope import team_scope
from tenants.models import Team

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

WORKERS, ROUNDS = 4, 10


def at_once(team: Team, batches: Iterable[list[list[Move]]]) -> int:
    """Enter batches of moves, each in a thread of its own; how many entries were made."""

    def work(batch: list[list[Move]]) -> int:
        try:
            made = 0
            for moves in batch:
                with team_scope(team):
                    made += len(apply_movements(moves))
            return made
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        return sum(pool.map(work, batches, timeout=60))


def stocks(team: Team, products: list[Product]) -> tuple[list[Decimal], list[Decimal]]:
    """Stored sums and sums of the ledger."""
    with team_scope(team):
        stored = [Product.objects.get(pk=row.pk).stock_quantity for row in products]
        entries = [StockMovement.objects.filter(product=row) for row in products]
        return stored, [rows.aggregate(moved=Sum("quantity"))["moved"] for rows in entries]


def test_workers_in_opposite_orders_lose_nothing(team: Team, product: Callable[..., Product]) -> None:
    products = [product(with_stock=True) for _step in range(3)]

    def document(worker: int, number: int) -> list[Move]:
        rows = products if worker % 2 else products[::-1]
        key = worker * ROUNDS + number + 1
        return [
            Move(row.pk, "real", Decimal("0.1"), "sales_document", "invoice", key, row.pk) for row in rows
        ]

    batches = [[document(worker, number) for number in range(ROUNDS)] for worker in range(WORKERS)]
    assert at_once(team, batches) == WORKERS * ROUNDS * len(products)
    assert stocks(team, products) == ([Decimal(4)] * 3, [Decimal(4)] * 3)


def test_the_same_cause_counts_once_from_all_workers(team: Team, product: Callable[..., Product]) -> None:
    apple = product(with_stock=True)
    batch = [
        [Move(apple.pk, "real", Decimal(-1), "sales_document", "invoice", key, 1)]
        for key in range(1, ROUNDS + 1)
    ]
    assert at_once(team, [batch] * WORKERS) == ROUNDS
    assert stocks(team, [apple]) == ([-ROUNDS], [-ROUNDS])
