"""Whether the stocks that products show are the sums of the ledger, and setting them right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from erp.catalog.models import Product, StockMovement
from erp.catalog.services.stock import SUMS

__all__ = ["Drift", "stock_drifts"]

#: Products looked at together.
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Drift:
    """A stock of a product that is not what the ledger says."""

    product: Product
    kind: str
    stored: Decimal
    ledger: Decimal


def stock_drifts(*, fix: bool = False) -> Iterator[Drift]:
    """The stocks of the current team, deleted products' too, that differ from the sums of their movements.

    With `fix` they are set to these sums, a transaction for each batch of products.
    """
    last = 0
    while keys := list(
        Product.all_objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]
    ):
        last = keys[-1]
        if suspects := {drift.product.pk for drift in _drifts_of(keys)}:
            yield from _confirmed(suspects, fix=fix)


@transaction.atomic
def _confirmed(keys: Collection[int], *, fix: bool) -> list[Drift]:
    """Look again while nobody can move these stocks: what differs now differs for good."""
    list(Product.all_objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))
    found = list(_drifts_of(keys))
    for drift in found if fix else ():
        column = SUMS[StockMovement.Kind(drift.kind)]
        Product.all_objects.filter(pk=drift.product.pk).update(**{column: drift.ledger})
    return found


def _drifts_of(keys: Collection[int]) -> Iterator[Drift]:
    """The same for some products. Python adds: SQLite's own sums of decimals are not exact."""
    ledger: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    entries = StockMovement.objects.filter(product_id__in=keys).order_by()
    for product, kind, quantity in entries.values_list("product_id", "kind", "quantity").iterator():
        ledger[product, kind] += quantity
    for product in Product.all_objects.filter(pk__in=keys).order_by("pk"):
        for kind, name in SUMS.items():
            if (stored := getattr(product, name)) != ledger[product.pk, kind]:
                yield Drift(product, str(kind), stored, ledger[product.pk, kind])
