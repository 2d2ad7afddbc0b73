"""What rows of the chapter need beyond their fields (see tests/recipes.py)."""

from __future__ import annotations

from tenants.models import TeamUser

RECIPES = {
    "tasks.TaskElement": {
        "element_type": "teamUser",
        "element_id": lambda: TeamUser.objects.get(is_owner=True).pk,
    },
}
