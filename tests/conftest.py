"""Fixtures: two teams in every test, clients per role.

On PostgreSQL everything runs as the web role, so that row-level security binds tests like requests.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, connection
from django.http import HttpResponse
from django.test import Client
from django.utils import translation

from erp.core import rowsecurity
from erp.core.scope import team_scope
from erp.sales.seal import unseal
from tenants.models import Team, TeamUser, User
from tenants.services import create_api_key, create_team

PASSWORD = "correct horse battery staple"
TEAMS = {"Acme": "owner@acme.example", "Globex": "owner@globex.example"}


def pytest_configure(config: pytest.Config) -> None:
    """Settings of every test: cheap passwords, files in their folder, local mail servers, the web role."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = tempfile.mkdtemp(prefix="media")
    settings.SMTP_PRIVATE_HOSTS, settings.SMTP_TIMEOUT = True, 2
    settings.WHITENOISE_AUTOREFRESH = True
    settings.DATABASE_ROLE = settings.DATABASE_ROLE or "erp_web"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the files that tests stored."""
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked `postgres` are skipped on another database."""
    if connection.vendor != "postgresql":
        for item in items:
            if item.get_closest_marker("postgres"):
                item.add_marker(pytest.mark.skip(reason="needs PostgreSQL"))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Two teams are made once; each test works in a transaction that is rolled back."""
    with django_db_blocker.unblock():
        rowsecurity.assume_web_role(connection)
        for name in TEAMS:
            team_named(name)


def team_named(name: str) -> Team:
    """A team of TEAMS, made again when a test emptied the database."""
    return Team.objects.filter(company_name=name).first() or create_team(name, TEAMS[name], PASSWORD)


@pytest.fixture(autouse=True)
def _role(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests with real transactions empty the database afterwards, which only its owner may do."""
    marker = request.node.get_closest_marker("django_db")
    real = {"transactional_db", "live_server"} & set(request.fixturenames)
    if not real and not (marker and marker.kwargs.get("transaction")):
        yield
        return
    request.getfixturevalue("transactional_db")
    rowsecurity.assume_web_role(connection)
    yield
    rowsecurity.assume_owner_role(DEFAULT_DB_ALIAS)
    unseal(DEFAULT_DB_ALIAS)


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Counters of requests and the like begin at zero."""
    cache.clear()


@pytest.fixture
def english(settings: Any) -> Iterator[None]:
    """Sentences and labels are asserted in their source language."""
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


class ApiClient:
    """A REST client with one API key; paths are relative to /api/v1."""

    def __init__(self, key: str, **headers: str) -> None:
        self.client = Client(headers={"Authorization": f"Bearer {key}", **headers})

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1{path}", query)

    def post(self, path: str, data: Any = None, **kwargs: Any) -> Any:
        return self.send("post", path, data, **kwargs)

    def put(self, path: str, data: Any = None, **kwargs: Any) -> Any:
        return self.send("put", path, data, **kwargs)

    def delete(self, path: str) -> Any:
        return self.client.delete(f"/api/v1{path}")

    def send(
        self, method: str, path: str, data: Any = None, content_type: str = "application/json"
    ) -> HttpResponse:
        body = json.dumps(data if data is not None else {}) if content_type == "application/json" else data
        return getattr(self.client, method)(f"/api/v1{path}", body, content_type=content_type)


@pytest.fixture
def team(db: None) -> Team:
    """The team that tests work as."""
    return team_named("Acme")


@pytest.fixture
def other_team(db: None) -> Team:
    """A team whose rows must never show."""
    return team_named("Globex")


@pytest.fixture
def owner(team: Team) -> TeamUser:
    """The owner of `team`."""
    with team_scope(team):
        return TeamUser.objects.select_related("team", "user").get(is_owner=True)


@pytest.fixture
def scope(team: Team, owner: TeamUser) -> Iterator[Team]:
    """Work as `team` for the whole test."""
    with team_scope(team, owner):
        yield team


def key_of(team: Team) -> str:
    """A new key of a team's owner."""
    with team_scope(team):
        return create_api_key(TeamUser.objects.get(is_owner=True))


@pytest.fixture
def api(team: Team) -> ApiClient:
    """The owner's REST client."""
    return ApiClient(key_of(team))


@pytest.fixture
def other_api(other_team: Team) -> ApiClient:
    """The REST client of the other team's owner."""
    return ApiClient(key_of(other_team))


@pytest.fixture
def make_member(team: Team) -> Callable[..., TeamUser]:
    """A factory of team users with given permission levels: make_member(customer=1)."""
    count = iter(range(1, 1000))

    def make(**levels: int) -> TeamUser:
        with team_scope(team):
            user = User.objects.create_user(f"member{next(count)}@acme.example", PASSWORD)
            permissions = {name.replace("_", "-"): level for name, level in levels.items()}
            return TeamUser.objects.create(user=user, permissions=permissions, roles=["commercial"])

    return make


@pytest.fixture
def member_api(team: Team, make_member: Callable[..., TeamUser]) -> Callable[..., ApiClient]:
    """A factory of REST clients of members with given permission levels."""

    def make(**levels: int) -> ApiClient:
        member = make_member(**levels)
        with team_scope(team):
            return ApiClient(create_api_key(member))

    return make
