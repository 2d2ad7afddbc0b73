"""What arrived of orders to suppliers, and the stock that it makes.

The team's `stock_*_entry` settings say when goods enter each stock: 1 when they are delivered, 2 as soon as
the order is made, whatever its status (reference: Team config parameters).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from erp.catalog.models import CommandStatus, ProviderCommand, ProviderCommandLine, StockMovement
from erp.catalog.services.ledger import Key, settle
from erp.core.errors import Invalid
from erp.core.scope import current_team
from erp.various.services import team_today

__all__ = ["enter", "settle_command", "status_of"]

ELEMENT = "provider_command"
DELIVERED, CREATED = 1, 2
STOCKS = {
    StockMovement.Kind.THEORETICAL: "stock_theorical_entry",
    StockMovement.Kind.REAL: "stock_real_entry",
}


def status_of(lines: Sequence[ProviderCommandLine]) -> CommandStatus | None:
    """The status that what arrived makes; None when nothing did."""
    if not any(line.delivered_quantity for line in lines):
        return None
    missing = any(line.quantity_to_deliver for line in lines)
    return CommandStatus.PARTLY if missing else CommandStatus.DELIVERED


def enter(lines: Sequence[ProviderCommandLine], receipts: Sequence[Mapping[str, Any]]) -> None:
    """Add what arrived to an order's lines (locked). Raises Invalid (422), saying what remains."""
    known = {line.pk: line for line in lines}
    errors: dict[str, str] = {}
    if not receipts:
        errors["contents"] = _("Say what arrived.")
    for place, receipt in enumerate(receipts):
        line = known.get(getattr(receipt["id"], "pk", receipt["id"]))
        quantity: Decimal = receipt["delivered_quantity"]
        path = f"contents.{place}"
        if line is None:
            errors[f"{path}.id"] = _("The order has no such line.")
        elif quantity < 0:
            errors[f"{path}.delivered_quantity"] = _("Give zero or more.")
        elif quantity > line.quantity_to_deliver:
            text = _("Only %(quantity)s remain to be delivered.")
            left = f"{line.quantity_to_deliver.normalize():f}"
            errors[f"{path}.delivered_quantity"] = text % {"quantity": left}
        else:
            line.delivered_quantity += quantity
    if errors:
        raise Invalid(errors)


def settle_command(
    command: ProviderCommand, lines: Sequence[ProviderCommandLine], *, is_new: bool = False
) -> None:
    """Enter in the ledger what an order (locked) still has to move. `is_new`: it moved nothing so far."""
    settle(
        StockMovement.Cause.PROVIDER_COMMAND,
        ELEMENT,
        command.pk,
        _wanted(lines),
        date=command.date if is_new else team_today(),
        reference=command.reference,
        is_new=is_new,
    )


def _wanted(lines: Sequence[ProviderCommandLine]) -> dict[Key, Decimal]:
    """What the lines should have added to stock."""
    team = current_team()
    wanted: dict[Key, Decimal] = defaultdict(Decimal)
    for kind, name in STOCKS.items():
        is_at_once = team.parameter(name) == CREATED
        for line in lines:
            quantity = line.quantity if is_at_once else line.delivered_quantity
            if line.product_id is not None and quantity:
                wanted[line.product_id, line.variation_id, str(kind), line.pk] += quantity
    return wanted
