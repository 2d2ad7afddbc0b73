"""Several people who change services and the products that they need at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import product as pairs
from typing import Any

import pytest
from django.db import connection, transaction

from erp.catalog.models import Product, Service, ServiceProduct
from erp.catalog.services import create_service, needs_of, update_product, update_service
from erp.core import services as core
from erp.core.errors import BusinessError
from erp.core.scope import team_scope
from tenants.models import Team

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

Make = Callable[..., Product]


def at_once(team: Team, *works: Callable[[], Any]) -> list[Any]:
    """Do several things, each in a thread of its own; what each answered, or why it was refused."""

    def run(work: Callable[[], Any]) -> Any:
        try:
            with team_scope(team), transaction.atomic():
                return work()
        except BusinessError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works, timeout=60))


def locked(model: Any, key: int) -> Any:
    """A row as an editor holds it."""
    return model.objects.select_for_update(of=("self",)).get(pk=key)


def test_costs_are_right_whoever_comes_first(team: Team, product: Make) -> None:
    products = [product() for _step in range(3)]
    with team_scope(team):
        made = [create_service({"reference": f"S{number}", "name": "Any"}) for number in range(3)]

    def price(row: Product, cost: int) -> Callable[[], Any]:
        return lambda: update_product(locked(Product, row.pk), {"unit_buy_price_ht": Decimal(cost)})

    def need(service: Service, rows: list[Product]) -> Callable[[], Any]:
        needs = [{"product": row, "quantity": Decimal(2)} for row in rows]
        return lambda: update_service(locked(Service, service.pk), {"add_products": needs})

    works = [price(row, cost) for row, cost in pairs(products, (3, 5))]
    works += [need(service, rows) for service in made for rows in (products[:2], products[::-1])]
    assert [result for result in at_once(team, *works) if isinstance(result, Exception)] == []
    with team_scope(team):
        for service in Service.objects.all():
            needs = needs_of([service])[service.pk]
            assert len(needs) == 3
            assert service.products_costs == sum(need.cost for need in needs)
            assert service.total_costs == service.products_costs


def test_a_product_is_needed_or_deleted_never_both(team: Team, product: Make) -> None:
    for number in range(10):
        row = product()
        with team_scope(team):
            service = create_service({"reference": f"S{number}", "name": "Any"})

        def need(service: Service = service, row: Product = row) -> Any:
            return update_service(locked(Service, service.pk), {"add_products": [{"product": row}]})

        def delete(row: Product = row) -> Any:
            return core.delete(locked(Product, row.pk))

        refusals = [isinstance(result, BusinessError) for result in at_once(team, need, delete)]
        assert sum(refusals) == 1
        with team_scope(team):
            is_needed = ServiceProduct.objects.filter(product=row).exists()
            assert is_needed == Product.objects.filter(pk=row.pk).exists()


def test_additions_of_several_people_are_all_kept(team: Team, product: Make) -> None:
    products = [product() for _step in range(6)]
    with team_scope(team):
        service = create_service({"name": "Any"})

    def need(row: Product) -> Callable[[], Any]:
        return lambda: update_service(locked(Service, service.pk), {"add_products": [{"product": row}]})

    at_once(team, *(need(row) for row in products))
    with team_scope(team):
        assert ServiceProduct.objects.filter(service=service).count() == 6
