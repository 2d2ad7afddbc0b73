"""The admin's menu by job, and the team switcher."""

from typing import Any


def active_team_name(request: Any) -> str:
    """The team that the page is about."""
    actor = getattr(request, "actor", None)
    return str(actor.team) if actor else ""


def team_switcher(request: Any) -> list[dict[str, Any]]:
    """Teams that the user may turn to."""
    return []


def sidebar(request: Any) -> list[dict[str, Any]]:
    """Groups of the menu."""
    return []
