"""What rows of the chapter need beyond their fields (see tests/recipes.py)."""

from __future__ import annotations

from typing import Any

RECIPES = {
    "customfields.CustomField": {"usage": lambda: ["customer"], "type": "select"},
}


def body() -> dict[str, Any]:
    return {"label": "Origin", "type": "select", "usage": ["customer"], "options": ["Fair", "Web"]}


BODIES = {"/config/custom_field": body}
