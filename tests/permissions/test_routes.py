"""Permission levels rule every route: refused below the level asked for, before anything is looked up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tenants.permissions import PERMISSIONS
from tests.conftest import ApiClient
from tests.routes import Endpoint, endpoints, needed

MemberApi = Callable[..., ApiClient]

NOTHING = dict.fromkeys(PERMISSIONS, 0)
EVERYTHING = {key: permission.highest for key, permission in PERMISSIONS.items()}
GUARDED = [item for item in endpoints() if needed(item) != [{}]]


def member(make: MemberApi, levels: dict[str, int]) -> ApiClient:
    return make(**{key.replace("-", "_"): level for key, level in levels.items()})


def status(api: ApiClient, endpoint: Endpoint) -> int:
    """The answer's status for ids that no row has, and an empty body."""
    address = endpoint.address()
    response: Any = (
        api.get(address) if endpoint.method == "GET" else api.send(endpoint.method.lower(), address)
    )
    if response.status_code >= 400:
        assert response.json()["message"]
    return int(response.status_code)


@pytest.mark.parametrize("endpoint", GUARDED, ids=str)
def test_a_member_without_any_level_is_refused(endpoint: Endpoint, member_api: MemberApi) -> None:
    assert status(member(member_api, NOTHING), endpoint) == 403


@pytest.mark.parametrize("endpoint", GUARDED, ids=str)
def test_one_level_less_than_asked_for_is_refused(endpoint: Endpoint, member_api: MemberApi) -> None:
    ways = needed(endpoint)
    if len(ways) > 1:  # one of several keys suffices: all of them are one level short
        short = {key: level - 1 for way in ways for key, level in way.items()}
        assert status(member(member_api, {**EVERYTHING, **short}), endpoint) == 403
        return
    for key, level in ways[0].items():
        assert status(member(member_api, {**EVERYTHING, key: level - 1}), endpoint) == 403, key


@pytest.mark.parametrize("endpoint", endpoints(), ids=str)
def test_the_level_asked_for_suffices(endpoint: Endpoint, member_api: MemberApi) -> None:
    for way in needed(endpoint):
        answered = status(member(member_api, {**NOTHING, **way}), endpoint)
        assert answered not in (401, 403, 405), way
        assert answered == 404 or "{" not in endpoint.path or endpoint.method == "POST", answered


@pytest.mark.parametrize("endpoint", endpoints(), ids=str)
def test_a_key_is_asked_for_before_anything_else(endpoint: Endpoint, db: None) -> None:
    assert status(ApiClient("wrong"), endpoint) == 401
