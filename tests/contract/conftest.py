"""One stage per resource: its rows are made once, for all checks, and undone after the last."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction

from erp.core.scope import team_scope
from erp.core.stored_pdf import pdfs_on_demand
from tenants.models import TeamUser
from tests.conftest import ApiClient, key_of, team_named
from tests.contract import proof as proofs
from tests.contract.proof import Proof
from tests.contract.reference import Resource, resources
from tests.contract.stage import Stage

for path in sorted(Path(__file__).parent.glob("cases_*.py")):
    importlib.import_module(f"tests.contract.{path.stem}")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--contract-report", help="file to write the result of each item of the reference to")


def pytest_sessionfinish(session: pytest.Session) -> None:
    if path := session.config.getoption("--contract-report", None):
        proofs.write(Path(path))


@pytest.fixture(scope="module", params=resources(), ids=str)
def resource(request: pytest.FixtureRequest) -> Resource:
    return request.param


@pytest.fixture(scope="module")
def stage(resource: Resource, django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    with django_db_blocker.unblock(), transaction.atomic(), pdfs_on_demand():
        cache.clear()
        team = team_named("Acme")
        with team_scope(team):
            owner = TeamUser.objects.select_related("team", "user").get(is_owner=True)
        stage = Stage(resource, ApiClient(key_of(team)), team, owner)
        stage.set_up()
        yield stage
        transaction.set_rollback(True)


@pytest.fixture
def proof(db: None) -> Proof:
    return Proof()


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[Any]:
    """A test of many items fails with the names of those that failed."""
    result = yield
    if isinstance(proof := pyfuncitem.funcargs.get("proof"), Proof):
        proof.conclude()
    return result
