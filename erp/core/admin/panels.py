"""Panels of the first page, below its numbers, and of the pages of rows: chapters add theirs when ready.

    PANELS.append(agenda_panel)

A panel is a function of the request that answers None, or {"template": …} with what the template needs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

__all__ = ["PANELS", "ROW_PANELS", "TILES", "shown_panels", "shown_row_panels", "shown_tiles"]

PANELS: list[Callable[[HttpRequest], dict[str, Any] | None]] = []


def shown_panels(request: HttpRequest) -> list[dict[str, Any]]:
    """The panels that have something for the team user."""
    return [panel for make in PANELS if (panel := make(request)) is not None]


#: Numbers of the first page that chapters above sales add: functions of the request that answer tiles, each
#: {"label", "icon", "value", "note", "link"}.
TILES: list[Callable[[HttpRequest], list[dict[str, Any]]]] = []


def shown_tiles(request: HttpRequest) -> list[dict[str, Any]]:
    """The numbers that the team user may read."""
    return [tile for make in TILES for tile in make(request)]


#: Panels that chapters above add below the form of a row: functions of the request and the row.
ROW_PANELS: list[Callable[[HttpRequest, Any], dict[str, Any] | None]] = []


def shown_row_panels(request: HttpRequest, row: Any) -> list[dict[str, Any]]:
    """The panels that have something to say of a row."""
    return [panel for make in ROW_PANELS if (panel := make(request, row)) is not None]
