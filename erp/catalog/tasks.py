"""Background work of the catalog."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django_tasks import task

from erp.core.scope import team_scope

__all__ = ["mail_stock_alert"]


@task()
def mail_stock_alert(team_id: int, crossings: list[dict[str, Any]]) -> None:
    """Send the mails about stocks that reached a threshold."""
    from erp.catalog.services.thresholds import Crossing, mail_crossings
    from tenants.models import Team

    with team_scope(Team.objects.get(pk=team_id)):
        mail_crossings(
            Crossing(**{**row, "quantity": Decimal(row["quantity"]), "limit": Decimal(row["limit"])})
            for row in crossings
        )
