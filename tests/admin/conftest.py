"""Fixtures of the admin's tests: the small site, signed-in browsers."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client

from tenants.models import TeamUser
from tests.admin import demo
from tests.admin.pages import signed_in


@pytest.fixture
def demo_site(monkeypatch: pytest.MonkeyPatch, settings: object) -> object:
    """The small site instead of the product's, at the same addresses."""
    monkeypatch.setattr(admin, "site", demo.site)
    settings.ROOT_URLCONF = "tests.admin.demo"
    settings.UNFOLD = {**settings.UNFOLD, "DASHBOARD_CALLBACK": None}
    return demo.site


@pytest.fixture
def browser(owner: TeamUser) -> Client:
    """The owner's browser, in English."""
    return signed_in(owner)
