"""Opportunities of the demonstration company, made of its affairs."""

from __future__ import annotations

import datetime
import random
from decimal import Decimal

from erp.opportunities.models import FunnelStep, Opportunity
from erp.opportunities.services import create_opportunity
from erp.sales.choices import Kind, Status
from erp.sales.models import Affair, Quotation
from erp.various.services import team_today

__all__ = ["fill"]

COUNT = 40
TITLES = ("Rénovation", "Isolation des combles", "Salle de bains", "Menuiseries", "Aménagement des combles")


def fill() -> None:
    """Deals in all states, the latest affairs first."""
    chance = random.Random(7)  # noqa: S311 (the same company every time)
    steps = list(FunnelStep.objects.order_by("order"))
    affairs = Affair.objects.filter(documents__kind=Kind.QUOTATION).distinct().order_by("-pk")[:COUNT]
    for affair in affairs:
        quotation = Quotation.objects.filter(affair=affair).order_by("pk").first()
        if quotation is None:
            continue
        won, lost = quotation.status >= Status.ACCEPTED, quotation.status == Status.REFUSED
        status = Opportunity.Status.LOST if lost else Opportunity.Status.WON if won else None
        create_opportunity(
            {
                "customer": affair.customer,
                "title": chance.choice(TITLES),
                "amount": quotation.total_ht.quantize(Decimal(1)),
                "step": steps[-1] if won or lost else chance.choice(steps[:-1]),
                "status": status or Opportunity.Status.IN_PROGRESS,
                "expire_at": team_today() + datetime.timedelta(days=chance.randrange(10, 90)),
                "team_user": quotation.team_user,
                "affairs": [affair],
            }
        )
