"""Fixtures: two teams in every test, clients per role."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from erp.core.scope import team_scope
from tenants.models import Team, TeamUser, User
from tenants.services import create_api_key, create_team

PASSWORD = "correct horse battery staple"


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

    def send(self, method: str, path: str, data: Any = None, content_type: str = "application/json") -> HttpResponse:
        body = json.dumps(data if data is not None else {}) if content_type == "application/json" else data
        return getattr(self.client, method)(f"/api/v1{path}", body, content_type=content_type)


@pytest.fixture
def team(db: None) -> Team:
    """The team that tests work as."""
    return create_team("Acme", "owner@acme.example", PASSWORD)


@pytest.fixture
def other_team(db: None) -> Team:
    """A team whose rows must never show."""
    return create_team("Globex", "owner@globex.example", PASSWORD)


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
