"""The published schema against the API: what it allows to be sent is answered as it says, whatever it is.

A few requests per operation, the same ones at each run; `FUZZ=50` asks for more.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from erp.core.scope import team_scope
from tests import routes
from tests.conftest import key_of

EXAMPLES = int(os.environ.get("FUZZ", "2"))
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


@cache
def published() -> Any:
    """The schema as clients read it."""
    return schemathesis.openapi.from_dict(routes.published())


def operations() -> list[str]:
    """Every operation: "GET /api/v1/unit"."""
    return [f"{item.method} /api/v1{item.path}" for item in routes.endpoints()]


def ids(path: str, method: str, owner: Any) -> dict[str, int]:
    """Ids of rows made for an address, where there are any to make."""
    found = [item for item in routes.endpoints() if f"/api/v1{item.path}" == path and item.method == method]
    if not found or "{" not in path or not hasattr(found[0].view, "serializer_class"):
        return {}
    with team_scope(owner.team, owner):
        if not found[0].is_detail:
            return {name: row.pk for name, row in routes.parents_of(found[0]).items()}
        made = routes.row(found[0])
    return {"id": made.row.pk, **{name: row.pk for name, row in made.parents.items()}}


@pytest.fixture(autouse=True)
def _connection_stays_open() -> Iterator[None]:
    """The whole server is called, which closes connections that are in a transaction, as the test's is."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.parametrize("operation", operations())
def test_answers_are_as_published(operation: str, team: Any, owner: Any) -> None:
    method, path = operation.split(" ", 1)
    schema = published()
    key, made = key_of(team), ids(path, method, owner)
    app = WSGIHandler()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def send(data: Any) -> None:
        case = data.draw(schema[path][method].as_strategy())
        case.operation.app = app
        case.path_parameters = {**(case.path_parameters or {}), **made}
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {key}"}
        case.call_and_validate(checks=list(CHECKS))

    send()
