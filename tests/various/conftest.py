"""Fixtures of the lists' tests."""

from copy import copy

import pytest
from django.test import Client


@pytest.fixture
def english_api(api):
    """The owner's client, answered in English."""
    english = copy(api)
    english.client = Client(**{**api.client.defaults, "HTTP_ACCEPT_LANGUAGE": "en"})
    return english
