"""What is owed to suppliers, in figures: under the list of charges and on the first page."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from erp.charges.choices import ChargeType
from erp.charges.models import Charge
from erp.charges.services import SETTLEMENT
from erp.core.access import LEVELS
from erp.various.figures import money, sums

__all__ = ["SUMS", "owed", "tiles"]

#: Sums of charges, as they are called.
SUMS = {
    "total_ht": _("Total excl. VAT"),
    "total_ttc": _("Total incl. VAT"),
    "rest": _("Remains to be paid"),
}


def owed(queryset: QuerySet[Charge]) -> dict[str, Decimal]:
    """What charges are worth together, and what remains, in the team's currency; credits are deducted."""
    rest = F("total_ttc") - F("already_paid")
    return sums(queryset, "total_ht", "total_ttc", minus=Q(type=ChargeType.CREDIT), rest=rest)


def tiles(request: HttpRequest) -> list[dict[str, Any]]:
    """What is owed to suppliers, for those who may see charges."""
    actor = getattr(request, "actor", None)
    if actor is None or actor.level("charges") < LEVELS["read"]:
        return []
    rows = SETTLEMENT.open_documents()
    count = rows.filter(type=ChargeType.CHARGE).count()
    return [
        {
            "label": _t("To pay to suppliers"),
            "icon": "receipt",
            "value": money(owed(rows)["rest"]),
            "note": ngettext("%(count)d charge", "%(count)d charges", count) % {"count": count},
            "link": f"{reverse('admin:charges_charge_changelist')}?{urlencode({'payment': 'open'})}",
        }
    ]
