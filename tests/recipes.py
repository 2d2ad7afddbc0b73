"""What each chapter's tests declare for the tests that walk everything: tests/<chapter>/recipes.py.

RECIPES = {"customers.Customer": {"company_name": "Dupont"}}  # see tests/factories.py
BODIES = {"/customer": lambda: {...}}  # see tests/bodies.py
ROWS = {"/catalog/movement": make_movement}
SHARES = {"calendars.Calendar": share_with}  # rows that only some see: let a team user see one
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import tests

__all__ = ["gathered"]


def gathered(name: str) -> dict[str, Any]:
    """The dictionaries of that name of every chapter's recipes, in one."""
    found: dict[str, Any] = {}
    for chapter in pkgutil.iter_modules(tests.__path__):
        module = f"tests.{chapter.name}.recipes"
        if chapter.ispkg and find_spec(module):
            found.update(getattr(import_module(module), name, {}))
    return found
