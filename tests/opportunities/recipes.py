"""What rows of the chapter need beyond their fields (see tests/recipes.py)."""

from __future__ import annotations

from typing import Any


def body() -> dict[str, Any]:
    """A body that creates an opportunity on the team's first funnel."""
    from erp.customers.models import Customer
    from erp.opportunities.models import FunnelStep
    from tests.factories import make

    step = FunnelStep.objects.order_by("pk")[0]
    return {"customer": make(Customer).pk, "step": step.pk, "title": "text"}


BODIES = {"/opportunity": body}
