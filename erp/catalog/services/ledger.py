"""The ledger of stocks: movements, entered once per cause, and the sums that products keep of them."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from erp.catalog.models import Product, ProductVariation, StockMovement
from erp.catalog.services.thresholds import Crossing, announce, crossings_of
from erp.core.errors import Invalid
from erp.core.money import UNIT_PLACES, round_half_up
from erp.core.scope import current_actor
from erp.various.services import team_today

__all__ = ["SUMS", "Key", "Move", "apply_movements", "enter", "hold", "hold_variations", "settle"]

Kind = StockMovement.Kind
#: Which column of the product sums which kind of movement.
SUMS = {Kind.REAL: "stock_quantity", Kind.THEORETICAL: "stock_theoretical_quantity"}
#: (product, its variation, kind of stock, line of the element): what stands apart in the ledger.
Key = tuple[int, int | None, str, int]


# --- Entering -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Move:
    """A quantity (positive in, negative out) to enter in the ledger, and what causes it.

    `cause_type`, `cause_id` and `cause_line` name the row behind it ("invoice", 12, 34), which can move one
    kind of stock of one product only once per `cause`. Without `cause_id` the move is one of its own.
    """

    product_id: int
    kind: str
    quantity: Decimal
    cause: str
    cause_type: str = ""
    cause_id: int | None = None
    cause_line: int = 0
    date: datetime.date | None = None
    reference: str = ""
    comment: str = ""
    variation_id: int | None = None

    @property
    def rounded(self) -> Decimal:
        """The quantity as the ledger holds it."""
        return round_half_up(self.quantity, UNIT_PLACES)

    @property
    def key(self) -> tuple[Any, ...] | None:
        """What must stay unique; None for a move of its own."""
        if self.cause_id is None:
            return None
        return tuple(getattr(self, name) for name in KEY)


KEY = ("product_id", "variation_id", "kind", "cause", "cause_type", "cause_id", "cause_line")


def apply_movements(moves: Iterable[Move]) -> list[StockMovement]:
    """Enter moves in the ledger and add them to the products' sums; returns the entries made.

    A move whose cause was entered before does nothing, so that a caller may repeat itself; of two moves with
    the same cause in one call the first counts. What is not counted never moves: products whose stock is not
    managed, those that have variations when none is named, variations that were removed. Any number of moves
    costs the same number of queries (large ones are sent in batches).
    Raises Product.DoesNotExist for a product or ProductVariation.DoesNotExist for a variation that the team
    does not have, Invalid (422) beyond 10 digits.
    """
    wanted = list(moves)
    return _apply(wanted) if wanted else []


@transaction.atomic
def _apply(wanted: list[Move]) -> list[StockMovement]:
    products = hold(move.product_id for move in wanted)
    variations = hold_variations(move.variation_id for move in wanted if move.variation_id)
    counted = [move for move in wanted if _is_counted(move, products[move.product_id], variations)]
    fresh = _not_entered(counted)
    return enter(fresh, products, variations) if fresh else []


def _is_counted(move: Move, product: Product, variations: Mapping[int, ProductVariation]) -> bool:
    """Whether the stock that a move is about is counted, and moves at all."""
    if not product.with_stock or not move.rounded:
        return False
    if move.variation_id is None:
        return not product.variations_length
    variation = variations[move.variation_id]
    if variation.product_id != product.pk:
        raise ProductVariation.DoesNotExist(f"{variation.pk} is no variation of the product {product.pk}.")
    return bool(product.variations_length) and variation.deleted_at is None


def enter(
    moves: Iterable[Move], products: Mapping[int, Product], variations: Mapping[int, ProductVariation]
) -> list[StockMovement]:
    """Write moves of locked products, and the sums that follow. Raises Invalid (422) beyond 10 digits."""
    today, author = team_today(), current_actor()
    entries = [
        _entry(move, products[move.product_id], variations.get(move.variation_id or 0), today, author)
        for move in moves
    ]
    crossings = _add_up(entries)
    _check_sums(entries)
    StockMovement.objects.bulk_create(entries)
    moved = {entry.product_id: entry.product for entry in entries}
    Product.all_objects.bulk_update(moved.values(), Product.STOCKS)
    if varied := {entry.variation_id: entry.variation for entry in entries if entry.variation}:
        ProductVariation.all_objects.bulk_update(varied.values(), ProductVariation.STOCKS)
    announce(crossings)
    return entries


def _add_up(entries: Iterable[StockMovement]) -> list[Crossing]:
    """Add entries to their products' sums; the thresholds that the sums reached, all entries together."""
    before: dict[tuple[int, str], tuple[Product, Decimal]] = {}
    for entry in entries:
        column = SUMS[Kind(entry.kind)]
        stock = getattr(entry.product, column)
        before.setdefault((entry.product_id, entry.kind), (entry.product, stock))
        setattr(entry.product, column, stock + entry.quantity)
        if entry.variation is not None:
            setattr(entry.variation, column, getattr(entry.variation, column) + entry.quantity)
    return [
        crossing
        for (_key, kind), (product, stock) in before.items()
        for crossing in crossings_of(product, kind, stock, getattr(product, SUMS[Kind(kind)]))
    ]


def hold(keys: Iterable[int]) -> dict[int, Product]:
    """The products of these ids, locked in the order of their ids so that no two callers block each other.

    Their sums are then safe to read and write: nobody else moves them before this transaction ends, and
    decimals add up exactly, which SQLite's own arithmetic would not.
    """
    wanted = set(keys)
    rows = Product.all_objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk")
    found = {row.pk: row for row in rows}
    if missing := wanted - found.keys():
        raise Product.DoesNotExist(f"There is no product {min(missing)} in this team.")
    return found


def hold_variations(keys: Iterable[int]) -> dict[int, ProductVariation]:
    """The variations of these ids; the lock of their product is theirs too."""
    wanted = set(keys)
    found: dict[int, ProductVariation] = ProductVariation.all_objects.in_bulk(wanted) if wanted else {}
    if missing := wanted - found.keys():
        raise ProductVariation.DoesNotExist(f"There is no variation {min(missing)} in this team.")
    return found


def _not_entered(moves: list[Move]) -> list[Move]:
    """The moves whose cause is not in the ledger yet."""
    causes = {move.cause_id for move in moves if move.cause_id is not None}
    entered: set[Any] = set()
    if causes:
        products = {move.product_id for move in moves}
        known = StockMovement.objects.filter(cause_id__in=causes, product_id__in=products)
        entered.update(known.values_list(*KEY))
    fresh = []
    for move in moves:
        if move.key is None or move.key not in entered:
            fresh.append(move)
            entered.add(move.key)
    return fresh


def _entry(
    move: Move, product: Product, variation: ProductVariation | None, today: datetime.date, author: Any
) -> StockMovement:
    return StockMovement(
        product=product,
        variation=variation,
        kind=move.kind,
        quantity=move.rounded,
        cause=move.cause,
        cause_type=move.cause_type,
        cause_id=move.cause_id,
        cause_line=move.cause_line,
        date=move.date or today,
        reference=move.reference,
        comment=move.comment,
        author=author,
    )


def _check_sums(entries: Iterable[StockMovement]) -> None:
    """Refuse quantities that the columns cannot hold. Raises Invalid (422)."""
    limit = Decimal(10) ** 10
    for entry in entries:
        rows = (entry.product, entry.variation) if entry.variation else (entry.product,)
        sums = (getattr(row, name) for row in rows for name in row.STOCKS)
        if abs(entry.quantity) >= limit or any(abs(value) >= limit for value in sums):
            raise Invalid({SUMS[Kind(entry.kind)]: _("This stock would be too large.")})


# --- What an element has still to move ------------------------------------------------------------


def settle(
    cause: str,
    element: str,
    element_id: int,
    wanted: Mapping[Key, Decimal],
    *,
    date: datetime.date,
    reference: str = "",
    is_new: bool = False,
) -> list[StockMovement]:
    """Enter what the lines of an element (a document, an order) still have to move; returns the entries made.

    `wanted` is what they should have moved, as the element is now; the ledger says what they moved. So each
    cause moves stock exactly once, and cancelling, deleting and editing give back what they must, whatever
    happened before. The element must be locked. `is_new`: it moved nothing so far.
    """
    moved, turn = ({}, 1) if is_new else _moved(cause, element, element_id)
    none = Decimal(0)
    return apply_movements(
        Move(
            product_id=product,
            kind=kind,
            quantity=wanted.get(key, none) - moved.get(key, none),
            cause=cause,
            cause_type=f"{element}:{turn}",
            cause_id=element_id,
            cause_line=line,
            date=date,
            reference=reference,
            variation_id=variation,
        )
        for key in {**wanted, **moved}
        for product, variation, kind, line in [key]
        if wanted.get(key, none) != moved.get(key, none)
    )


def _moved(cause: str, element: str, element_id: int) -> tuple[dict[Key, Decimal], int]:
    """What the ledger says that an element moved, and the number of its next turn."""
    moved: dict[Key, Decimal] = defaultdict(Decimal)
    turn = 0
    rows = StockMovement.objects.filter(
        cause=cause, cause_id=element_id, cause_type__startswith=f"{element}:"
    ).values_list("product_id", "variation_id", "kind", "cause_line", "quantity", "cause_type")
    for product, variation, kind, line, quantity, cause_type in rows:
        moved[product, variation, kind, line] += quantity
        turn = max(turn, int(cause_type.partition(":")[2]))
    return moved, turn + 1
