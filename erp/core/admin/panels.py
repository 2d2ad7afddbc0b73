"""Panels of the first page, below its numbers: chapters add theirs when they are ready.

    PANELS.append(agenda_panel)

A panel is a function of the request that answers None, or {"template": …} with what the template needs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

__all__ = ["PANELS", "TILES", "shown_panels", "shown_tiles"]

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
