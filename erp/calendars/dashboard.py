"""The agenda on the first page: what waits within the days of each team user's settings."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from erp.core.agenda import Source, sources
from erp.various.services import team_today
from tenants.models import TeamUser

__all__ = ["agenda_panel"]

#: Lines of one card.
LINES = 8


def agenda_panel(request: HttpRequest) -> dict[str, Any] | None:
    """A card for each source (`task_header_limit`, `calendar_header_limit`); None when there is none."""
    member = request.actor  # type: ignore[attr-defined]
    cards = [_card(source, member) for source in sources(member) if source.on_first_page(member)]
    return {"template": "admin/calendars/panel.html", "cards": cards} if cards else None


def _card(source: Source, member: TeamUser) -> dict[str, Any]:
    today = team_today()
    last = source.until(member, today)
    entries = list(source.waiting(member, today, last))
    return {
        "label": source.label,
        "icon": source.icon,
        "entries": entries[:LINES],
        "more": len(entries[LINES:]),
        "last": last,
        "url": source.list_path(),
    }
