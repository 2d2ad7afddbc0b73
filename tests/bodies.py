"""What the tests that walk the routes cannot guess: rows and bodies of resources with rules of their own.

Keys are addresses of lists, as templates ("/customer/{customer}/address").
Functions work in the team in scope. Chapters declare theirs in tests/<chapter>/recipes.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.recipes import gathered

__all__ = ["BODIES", "ROWS"]

#: Address of a list -> a function that gives a body which creates a row there.
BODIES: dict[str, Callable[[], dict[str, Any]]] = gathered("BODIES")
#: Address of a list -> a function (of the row's attributes) that makes a row.
ROWS: dict[str, Callable[..., Any]] = gathered("ROWS")
