"""What the tests of this chapter share."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core import mail

from tests.conftest import ApiClient, key_of


@pytest.fixture
def sandbox_api(team) -> ApiClient:
    """The owner's client in test mode."""
    return ApiClient(key_of(team), testMode="1")


@pytest.fixture
def mailed_link(django_capture_on_commit_callbacks) -> Callable[..., str]:
    """Do something that sends one mail; returns the path of the link in it."""

    def run(work: Callable[[], object]) -> str:
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            work()
        [message] = mail.outbox
        return re.search(r"http://127.0.0.1:8000(/\S+)", message.body)[1]

    return run
