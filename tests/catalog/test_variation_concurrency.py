"""Several people who work on the same variations at once: nothing is lost, doubled, or left waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from erp.catalog.models import Product, ProductVariation, StockMovement, Variation
from erp.catalog.services import Move, apply_movements, create_product, update_product, update_variation
from erp.core.errors import Invalid
from erp.core.scope import team_scope
from tenants.models import Team

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

WORKERS, ROUNDS = 4, 6


def at_once(team: Team, jobs: Iterable[Callable[[], Any]]) -> list[Any]:
    """Do jobs in threads of their own, each in a transaction; what they answer, or the error's name."""

    def work(job: Callable[[], Any]) -> Any:
        try:
            with transaction.atomic(), team_scope(team):
                return job()
        except Invalid as error:
            return sorted(error.errors)
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(work, jobs, timeout=60))


def locked(key: int) -> Product:
    """The product as a page or the API takes it to change it."""
    return Product.objects.select_for_update(of=("self",)).get(pk=key)


@pytest.fixture
def shirt(product: Callable[..., Product]) -> Product:
    rows = [{"level1": label} for label in ("S", "M", "L")]
    return product("SHIRT", with_stock=True, variation_level1="Size", variations=rows)


def test_the_product_stays_the_sum_of_its_variations(team: Team, shirt: Product) -> None:
    with team_scope(team):
        keys = list(shirt.variations.values_list("pk", flat=True))

    def job(worker: int, number: int) -> Callable[[], int]:
        order = keys if worker % 2 else keys[::-1]
        cause = worker * ROUNDS + number + 1
        moves = [
            Move(
                shirt.pk, "real", Decimal("0.1"), "sales_document", "invoice:1", cause, key, variation_id=key
            )
            for key in order
        ]
        return lambda: len(apply_movements(moves))

    jobs = [job(worker, number) for worker in range(WORKERS) for number in range(ROUNDS)]
    assert sum(at_once(team, jobs)) == len(jobs) * 3
    with team_scope(team):
        each = ProductVariation.objects.values_list("stock_quantity", flat=True)
        total = Decimal(len(jobs)) / 10
        assert list(each) == [total] * 3
        assert Product.objects.get().stock_quantity == total * 3
        assert StockMovement.objects.aggregate(moved=Sum("quantity"))["moved"] == total * 3


def test_a_variation_added_by_several_is_one(team: Team, shirt: Product) -> None:
    rows = [{"level1": "XL", "stock_quantity": Decimal(2)}]
    at_once(team, [lambda: update_product(locked(shirt.pk), {"add_variations": rows}).pk] * WORKERS)
    with team_scope(team):
        assert [row.label for row in shirt.variations.select_related("level1")] == ["S", "M", "L", "XL"]
        assert Variation.objects.get().values.count() == 4
        assert Product.objects.get().stock_quantity == 2


def test_a_variation_named_by_several_new_products_is_one(team: Team) -> None:
    def job(number: int) -> Callable[[], int]:
        values = {"name": "Shirt", "reference": f"R{number}", "variation_level1": "Colour"}
        return lambda: create_product({**values, "variations": [{"level1": "red"}]}).pk

    made = at_once(team, [job(number) for number in range(WORKERS)])
    assert len(set(made)) == WORKERS
    with team_scope(team):
        assert Variation.objects.get().values.count() == 1
        assert ProductVariation.objects.count() == WORKERS


def test_a_value_is_used_or_removed_but_not_both(team: Team, shirt: Product) -> None:
    with team_scope(team):
        size = Variation.objects.get()
        update_variation(size, {"add_values": ["XL"]})

    def remove() -> Any:
        return update_variation(
            Variation.objects.select_for_update().get(pk=size.pk), {"remove_values": ["XL"]}
        ).pk

    def use() -> Any:
        return update_product(locked(shirt.pk), {"add_variations": [{"level1": "XL"}]}).pk

    for _round in range(ROUNDS):
        at_once(team, [remove, use])
        with team_scope(team):
            used = ProductVariation.objects.filter(level1__label="XL", level1__deleted_at=None)
            living = size.values.filter(label="XL")
            assert used.count() <= living.count()
            update_product(Product.objects.get(), {"variations": [{"level1": "S"}]})
            update_variation(size, {"values": ["S", "M", "L", "XL"]})
