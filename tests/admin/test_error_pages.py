"""Pages that people meet when something is refused, missing or broken: in their language, with a way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import SuspiciousOperation
from django.test import Client, RequestFactory
from django.utils import translation

from erp.core import errors
from erp.sales.models import Credit
from tenants.models import TeamUser
from tests.admin.pages import signed_in, url


@pytest.fixture
def browser(owner: TeamUser) -> Client:
    return signed_in(owner, "fr")


def shown(response: Any) -> str:
    page = response.content.decode()
    assert 'href="/admin/"' in page
    return str(page)


def test_what_may_not_be_done_is_said(browser: Client) -> None:
    response = browser.get(url(Credit, "add"))
    assert response.status_code == 403
    assert "Vous n’avez pas accès à cette page" in shown(response)


def test_what_does_not_exist_is_said(browser: Client) -> None:
    response = browser.get("/admin/sales/nothing/")
    assert response.status_code == 404
    assert "Cette page n’existe pas" in shown(response)


def test_a_page_older_than_the_session_is_said(owner: TeamUser) -> None:
    client = Client(enforce_csrf_checks=True, headers={"Accept-Language": "fr"})
    client.force_login(owner.user, backend="django.contrib.auth.backends.ModelBackend")
    response = client.post("/admin/sandbox/", {"sandbox": "1"})
    assert response.status_code == 403
    assert "Cette page est trop ancienne" in shown(response)


@pytest.mark.parametrize(
    ("handler", "status"),
    [
        (lambda request: errors.server_error(request), 500),
        (lambda request: errors.bad_request(request, SuspiciousOperation()), 400),
    ],
)
def test_failures_are_said(rf: RequestFactory, handler: Callable[[Any], Any], status: int) -> None:
    with translation.override("fr"):
        page, answer = handler(rf.get("/admin/")), handler(rf.get("/api/v1/customer"))
    assert page.status_code == answer.status_code == status
    assert "Une erreur s’est produite" in shown(page)
    assert answer.headers["Content-Type"] == "application/json"
