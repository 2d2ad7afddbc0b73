"""Setting right what was entered in the stock ledger by mistake: entries stay, the opposite is entered."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from erp.catalog.models import StockMovement
from erp.catalog.services.ledger import Move, apply_movements
from erp.catalog.services.stock import MOVEMENT_SERIES
from erp.core import numbering
from erp.core.access import require
from erp.core.errors import Conflict
from erp.core.scope import current_actor
from erp.various.services import team_today

__all__ = ["REVERSIBLE", "reverse_movement", "why_not_reversed"]

Cause = StockMovement.Cause
#: What a person entered. Documents and orders give back by themselves when they are changed or cancelled.
REVERSIBLE = (Cause.INITIAL, Cause.INVENTORY, Cause.MANUAL)


@transaction.atomic
def reverse_movement(movement: StockMovement, comment: str) -> StockMovement:
    """Enter the opposite of a movement that a person entered, dated today, numbered, saying why; answers it.

    Raises PermissionDenied (403) without `manage-stock`; Conflict (409) for a movement of a document or an
    order, one that was reversed before, and one whose stock is not counted any more.
    """
    require(current_actor(), "manage-stock", 1)
    if reason := why_not_reversed(movement):
        raise Conflict(reason, code="kept")
    today = team_today()
    entries = apply_movements(
        [
            Move(
                movement.product_id,
                movement.kind,
                -movement.quantity,
                Cause.REVERSAL,
                cause_type="movement",
                cause_id=movement.pk,
                date=today,
                reference=numbering.take_number(MOVEMENT_SERIES, today).reference,
                comment=comment,
                variation_id=movement.variation_id,
            )
        ]
    )
    if not entries:
        raise Conflict(_("The stock of this product is not counted this way any more."), code="uncounted")
    return entries[0]


def why_not_reversed(movement: StockMovement) -> str:
    """Why a movement stands as it is; nothing when it can be reversed."""
    if movement.cause not in REVERSIBLE:
        text = _("This movement follows %(reference)s: change or cancel that instead.")
        return text % {"reference": movement.reference or movement.get_cause_display()}
    return _("This movement was reversed already.") if reversal_of(movement) else ""


def reversal_of(movement: StockMovement) -> StockMovement | None:
    """The movement that reversed another one, if there is one."""
    found: StockMovement | None = StockMovement.objects.filter(
        cause=Cause.REVERSAL, cause_type="movement", cause_id=movement.pk
    ).first()
    return found
