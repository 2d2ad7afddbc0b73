"""Fixtures of worksites."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def english(settings: Any) -> Iterator[None]:
    """Sentences are asserted in their source language."""
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield
