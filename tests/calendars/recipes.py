"""What rows of the chapter need beyond their fields (see tests/recipes.py)."""

from __future__ import annotations

from typing import Any

from erp.calendars.models import Calendar, CalendarShare
from tenants.models import TeamUser


def owner() -> TeamUser:
    """The owner of the team, so that their client sees what is made."""
    return TeamUser.objects.get(is_owner=True)


def share(calendar: Calendar, member: TeamUser) -> Any:
    """Let a team user see a calendar."""
    return CalendarShare.objects.get_or_create(calendar=calendar, team_user=member)


RECIPES = {
    "calendars.Calendar": {"team_user": owner, "color": "#ffffff", "foreground_color": "#2563eb"},
    "calendars.EventElement": {"element_type": "teamUser", "element_id": lambda: owner().pk},
}
BODIES = {
    "/calendar": lambda: {"label": "Worksites", "color": "#ffffff", "foregroundColor": "#f00020"},
}
#: Rows that only their owner sees: how another team user comes to see them too.
SHARES = {
    "calendars.Calendar": share,
    "calendars.Event": lambda event, member: share(event.calendar, member),
}
