"""What rows of the chapter need beyond their fields (see tests/recipes.py)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from erp.customers.models import Customer
from tenants.models import TeamUser


def owner() -> TeamUser:
    """The owner of the team in scope."""
    return TeamUser.objects.get(is_owner=True)


def customer() -> int:
    """The id of a new customer."""
    from tests.factories import make

    return int(make(Customer).pk)


#: A validated sender that everybody of the team sees.
SENDER: dict[str, Any] = {"team_user": owner, "share": True, "validated_at": timezone.now}

RECIPES = {
    "communication.Sender": SENDER,
    "communication.MailElement": {"element_type": "customer", "element_id": customer},
}
