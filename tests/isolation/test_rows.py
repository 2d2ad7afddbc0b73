"""Another team's rows do not exist: not in lists, not by their id, not in bodies, not in filters."""

from __future__ import annotations

from typing import Any

import pytest

from erp.core.filters import IdFilter
from erp.core.models import TenantModel
from erp.core.scope import team_scope
from tenants.models import Team
from tests.conftest import ApiClient
from tests.factories import make
from tests.routes import (
    Endpoint,
    Link,
    Made,
    endpoints,
    links,
    lists,
    parents_of,
    resources,
    row,
    siblings,
    valid_body,
    writes,
)

TEAM_LISTS = [item for item in lists() if issubclass(item.model, TenantModel)]
TEAM_WRITES = [item for item in writes() if list(links(item.reader))]


def call(api: ApiClient, endpoint: Endpoint, address: str, body: Any = None) -> Any:
    """Send the endpoint's method to an address."""
    return api.get(address) if endpoint.method == "GET" else api.send(endpoint.method.lower(), address, body)


def theirs(endpoint: Endpoint, team: Team) -> Made:
    """A row of the other team."""
    with team_scope(team):
        return row(endpoint)


def stored(made: Made, team: Team) -> dict[str, Any]:
    """All columns of a row, as they are in the database."""
    model = type(made.row)
    with team_scope(team):
        return dict(model.all_objects.filter(pk=made.row.pk).values().get())


@pytest.mark.parametrize("endpoint", resources(), ids=str)
def test_a_row_of_another_team_has_no_address(
    endpoint: Endpoint, api: ApiClient, other_api: ApiClient, team: Team, other_team: Team
) -> None:
    made = theirs(endpoint, other_team)
    before = stored(made, other_team)
    assert other_api.get(made.address(endpoint)).status_code == 200
    for item in siblings(endpoint):
        response = call(api, item, made.address(item))
        assert response.status_code == 404, (str(item), response.content)
    assert stored(made, other_team) == before


@pytest.mark.parametrize("endpoint", [item for item in resources() if item.parents], ids=str)
def test_a_row_of_another_team_has_no_address_below_ones_own(
    endpoint: Endpoint, api: ApiClient, team: Team, other_team: Team
) -> None:
    made = theirs(endpoint, other_team)
    with team_scope(team):
        own = {name: parent.pk for name, parent in parents_of(endpoint).items()}
    for item in siblings(endpoint):
        assert call(api, item, item.address(made.row.pk, **own)).status_code == 404


@pytest.mark.parametrize(
    "endpoint", [item for item in endpoints() if item.parents and not item.is_detail], ids=str
)
def test_nothing_is_listed_or_made_below_another_teams_row(
    endpoint: Endpoint, api: ApiClient, team: Team, other_team: Team
) -> None:
    with team_scope(other_team):
        above = {name: parent.pk for name, parent in parents_of(endpoint).items()}
    with team_scope(team):
        body = valid_body(endpoint) if endpoint.reader else {}
    assert call(api, endpoint, endpoint.address(**above), body).status_code == 404


@pytest.mark.parametrize("endpoint", TEAM_LISTS, ids=str)
def test_lists_never_show_another_teams_rows(
    endpoint: Endpoint, api: ApiClient, other_api: ApiClient, team: Team, other_team: Team
) -> None:
    made = theirs(endpoint, other_team)
    their_list = other_api.get(made.address(endpoint), per_page=500).json()["datas"]
    assert made.row.pk in ids(their_list)
    with team_scope(team):
        own = row(endpoint)
    for query in queries(endpoint):
        response = api.get(own.address(endpoint), per_page=500, **query)
        assert response.status_code == 200, response.content
        assert not ids(response.json()["datas"]) & ids(their_list), query


def queries(endpoint: Endpoint) -> list[dict[str, Any]]:
    """Ways to ask for more than the plain list."""
    view = endpoint.view
    asked: list[dict[str, Any]] = [{}, {"with_deleted": 1}, {"edited_since": "2000-01-01"}]
    if view.searches:
        asked.append({"search": "%"})
    if view.list_includes:
        asked.append({"include": ",".join(view.list_includes)})
    return asked


def ids(datas: list[dict[str, Any]]) -> set[int]:
    return {data["id"] for data in datas}


@pytest.mark.parametrize("endpoint", resources(), ids=str)
def test_a_deleted_row_of_another_team_shows_nowhere(
    endpoint: Endpoint, api: ApiClient, team: Team, other_team: Team
) -> None:
    made = theirs(endpoint, other_team)
    with team_scope(other_team):
        type(made.row).objects.filter(pk=made.row.pk).update(deleted_at=made.row.created_at)
    with team_scope(team):
        own = {name: parent.pk for name, parent in parents_of(endpoint).items()}
    assert api.get(made.address(endpoint)).status_code == 404
    shown = api.get(endpoint.collection.format(**own), with_deleted=1, per_page=500).json()["datas"]
    assert made.row.pk not in ids(shown)


def link_cases() -> list[Any]:
    return [
        pytest.param(item, link, id=f"{item} {link.path}")
        for item in TEAM_WRITES
        for link in links(item.reader)
    ]


@pytest.mark.parametrize(("endpoint", "link"), link_cases())
def test_a_body_cannot_name_another_teams_row(
    endpoint: Endpoint, link: Link, api: ApiClient, team: Team, other_team: Team
) -> None:
    with team_scope(other_team):
        foreign = make(link.model).pk
    with team_scope(team):
        address = own_address(endpoint)
    response = call(api, endpoint, address, link.wrap(foreign))
    assert response.status_code == 422, response.content
    named = [path for path in response.json()["errors"] if path.startswith(link.path)]
    assert named, response.content


def own_address(endpoint: Endpoint) -> str:
    """The endpoint's address for a row of the team in scope."""
    if endpoint.is_detail:
        return row(endpoint).address(endpoint)
    return endpoint.address(**{name: parent.pk for name, parent in parents_of(endpoint).items()})


def filter_cases() -> list[Any]:
    return [
        pytest.param(item, name, id=f"{item.path} {name}")
        for item in lists()
        for name, wire_filter in item.view.filters.items()
        if isinstance(wire_filter, IdFilter) and issubclass(wire_filter.model_class, TenantModel)
    ]


@pytest.mark.parametrize(("endpoint", "name"), filter_cases())
def test_a_filter_cannot_name_another_teams_row(
    endpoint: Endpoint, name: str, api: ApiClient, team: Team, other_team: Team
) -> None:
    with team_scope(other_team):
        foreign = make(endpoint.view.filters[name].model_class).pk
    with team_scope(team):
        own = {parent: made.pk for parent, made in parents_of(endpoint).items()}
    response = api.get(endpoint.address(**own), **{f"filter[{name}]": foreign})
    assert response.status_code == 422, response.content
    assert f"filter.{name}" in response.json()["errors"]
