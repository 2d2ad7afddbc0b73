"""What the tests that walk the routes cannot guess: rows and bodies of resources with rules of their own.

Keys are addresses of lists, as templates ("/customer/{customer}/address").
Functions work in the team in scope.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["BODIES", "ROWS"]

#: Address of a list -> a function that gives a body which creates a row there.
BODIES: dict[str, Callable[[], dict[str, Any]]] = {}
#: Address of a list -> a function (of the row's attributes) that makes a row.
ROWS: dict[str, Callable[..., Any]] = {}
