"""Whether the stocks that products show are the sums of the ledger, and setting them right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from erp.catalog.models import Product, ProductVariation, StockMovement
from erp.catalog.services.ledger import SUMS

__all__ = ["Drift", "stock_drifts"]

#: Products looked at together.
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Drift:
    """A stock of a product, or of its variation (`row`), that is not what the ledger says."""

    row: Product | ProductVariation
    kind: str
    stored: Decimal
    ledger: Decimal

    @property
    def product_id(self) -> int:
        """The product whose lock protects the stock."""
        return self.row.product_id if isinstance(self.row, ProductVariation) else self.row.pk


def stock_drifts(*, fix: bool = False) -> Iterator[Drift]:
    """The stocks of the current team, deleted products' too, that differ from the sums of their movements.

    With `fix` they are set to these sums, a transaction for each batch of products.
    """
    last = 0
    while keys := list(
        Product.all_objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]
    ):
        last = keys[-1]
        if suspects := {drift.product_id for drift in _drifts_of(keys)}:
            yield from _confirmed(suspects, fix=fix)


@transaction.atomic
def _confirmed(keys: Collection[int], *, fix: bool) -> list[Drift]:
    """Look again while nobody can move these stocks: what differs now differs for good."""
    list(Product.all_objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))
    found = list(_drifts_of(keys))
    for drift in found if fix else ():
        column = SUMS[StockMovement.Kind(drift.kind)]
        type(drift.row).all_objects.filter(pk=drift.row.pk).update(**{column: drift.ledger})
    return found


def _drifts_of(keys: Collection[int]) -> Iterator[Drift]:
    """The same for some products. Python adds: SQLite's own sums of decimals are not exact."""
    products: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    variations: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    entries = StockMovement.objects.filter(product_id__in=keys).order_by()
    columns = entries.values_list("product_id", "variation_id", "kind", "quantity")
    for product, variation, kind, quantity in columns.iterator():
        products[product, kind] += quantity
        if variation is not None:
            variations[variation, kind] += quantity
    yield from _compared(Product.all_objects.filter(pk__in=keys), products)
    yield from _compared(ProductVariation.all_objects.filter(product__in=keys), variations)


def _compared(
    rows: Iterable[Product | ProductVariation], ledger: Mapping[tuple[int, str], Decimal]
) -> Iterator[Drift]:
    for row in rows:
        for kind, name in SUMS.items():
            moved = ledger.get((row.pk, kind), Decimal(0))
            if (stored := getattr(row, name)) != moved:
                yield Drift(row, str(kind), stored, moved)
