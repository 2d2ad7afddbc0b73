"""What people do to stocks: count them, move them by hand, empty them; and where they stand."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Case, CharField, F, Value, When
from django.utils.translation import gettext as _

from erp.catalog.models import Product, ProductVariation, StockLevel, StockMovement
from erp.catalog.services.ledger import SUMS, Move, apply_movements, enter, hold, hold_variations
from erp.core import numbering
from erp.core.access import require
from erp.core.errors import Invalid
from erp.core.money import UNIT_PLACES, round_half_up
from erp.core.scope import current_actor
from erp.various.services import team_today
from tenants.parameters import SERIES

__all__ = [
    "MOVEMENT_SERIES",
    "THRESHOLDS",
    "Unmanaged",
    "adjust_stock",
    "empty_stocks",
    "move_by_hand",
    "sees_stock",
    "set_stocks",
    "stock_level",
]

MOVEMENT_SERIES = SERIES["manual_movement"].key

Kind = StockMovement.Kind
Cause = StockMovement.Cause
THRESHOLDS = ("stock_minimum", "stock_maximum", "stock_alert")


def sees_stock() -> bool:
    """Whether the current actor may see stock quantities."""
    actor = current_actor()
    return actor is None or actor.level("see-stock") >= 1


def stock_level() -> Case:
    """Where a product's real stock stands between its thresholds: a StockLevel, "" when not managed."""
    quantity = F("stock_quantity")
    return Case(
        When(with_stock=False, then=Value("")),
        When(stock_quantity__lte=0, then=Value(StockLevel.OUT)),
        When(stock_minimum__gte=quantity, then=Value(StockLevel.LOW)),
        When(stock_alert__gte=quantity, then=Value(StockLevel.ALERT)),
        When(stock_maximum__lt=quantity, then=Value(StockLevel.OVER)),
        default=Value(StockLevel.ENOUGH),
        output_field=CharField(),
    )


@transaction.atomic
def adjust_stock(
    product: Product,
    kind: str,
    quantity: Decimal,
    cause: str = Cause.INVENTORY,
    comment: str = "",
    variation: ProductVariation | None = None,
) -> None:
    """Bring one stock of a product, or of its variation, to `quantity`: the ledger gets the difference.

    Raises PermissionDenied (403) without `manage-stock`, Invalid (422) when its stock is not managed, or not
    managed this way (see `check_counted`).
    """
    check_counted(product, variation)
    key = variation.pk if variation else None
    try:
        set_stocks(product, {(key, kind): quantity}, cause, comment)
    except Unmanaged as error:
        raise Invalid({SUMS[Kind(kind)]: str(error)}) from error
    for row in (product, variation):
        if row is not None:
            row.refresh_from_db(fields=[*row.STOCKS, "updated_at"])


@transaction.atomic
def set_stocks(
    product: Product,
    counted: Mapping[tuple[int | None, str], Decimal],
    cause: str = Cause.INVENTORY,
    comment: str = "",
) -> list[StockMovement]:
    """Bring several stocks of a product to what was counted, by (variation id or None, kind of stock).

    Returns the entries made. Raises PermissionDenied (403), or Unmanaged, when anything is to change.
    """
    locked = hold([product.pk])[product.pk]
    variations = hold_variations(key for key, _kind in counted if key)
    moves = []
    for (key, kind), quantity in counted.items():
        stock = getattr(variations[key] if key else locked, SUMS[Kind(kind)])
        if difference := round_half_up(quantity, UNIT_PLACES) - stock:
            moves.append(Move(product.pk, kind, difference, cause, comment=comment, variation_id=key))
    if moves:
        require(current_actor(), "manage-stock", 1)
        if not locked.with_stock:
            raise Unmanaged(_("Stock is not managed for this product: turn it on first."))
    return apply_movements(moves)


class Unmanaged(ValueError):
    """The stock of this product is not managed."""


def check_counted(product: Product, variation: ProductVariation | None) -> None:
    """A stock is counted by variation when the product has any. Raises Invalid (422) on `variation`."""
    if variation is None and product.variations_length:
        raise Invalid({"variation": _("The stock of this product is counted by variation: say which one.")})
    if variation is not None and (variation.product_id != product.pk or variation.deleted_at):
        raise Invalid({"variation": _("This is no variation of the product.")})


@transaction.atomic
def move_by_hand(
    product: Product,
    kind: str,
    quantity: Decimal,
    comment: str = "",
    date: datetime.date | None = None,
    variation: ProductVariation | None = None,
) -> StockMovement:
    """A movement that a person enters: `quantity` more, or less when negative; numbered `manual_movement`.

    Raises PermissionDenied (403) without `manage-stock`, Invalid (422) for no quantity, unmanaged stock or a
    date to come.
    """
    require(current_actor(), "manage-stock", 1)
    check_counted(product, variation)
    if not product.with_stock:
        raise Invalid(_("Stock is not managed for this product: turn it on first."))
    if not round_half_up(quantity, UNIT_PLACES):
        raise Invalid({"quantity": _("Give a quantity other than zero.")})
    date = date or team_today()
    if date > team_today():
        raise Invalid({"date": _("A movement has happened: give today's date, or an earlier one.")})
    reference = numbering.take_number(MOVEMENT_SERIES, date).reference
    move = Move(
        product.pk,
        kind,
        quantity,
        Cause.MANUAL,
        date=date,
        reference=reference,
        comment=comment,
        variation_id=variation.pk if variation else None,
    )
    [movement] = apply_movements([move])
    for row in (product, variation):
        if row is not None:
            row.refresh_from_db(fields=[*row.STOCKS, "updated_at"])
    return movement


@transaction.atomic
def empty_stocks(product: Product, variations: Iterable[ProductVariation] | None, comment: str) -> None:
    """Take out all that a product holds (or its variations that are named): it will be counted otherwise.

    Raises PermissionDenied (403) without `manage-stock` when there is anything.
    """
    locked = hold([product.pk])
    named = {} if variations is None else hold_variations(row.pk for row in variations)
    rows: dict[int | None, Any] = {None: locked[product.pk]} if variations is None else dict(named.items())
    moves = [
        Move(product.pk, kind, -stock, Cause.INVENTORY, comment=comment, variation_id=key)
        for key, row in rows.items()
        for kind, name in SUMS.items()
        if (stock := getattr(row, name))
    ]
    if moves:
        require(current_actor(), "manage-stock", 1)
        enter(moves, locked, named)
        product.refresh_from_db(fields=Product.STOCKS)
