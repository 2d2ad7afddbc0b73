"""What a list costs does not grow with its rows, whatever is included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from erp.core.models import TenantModel
from erp.core.scope import team_scope
from tenants.models import Team
from tests.conftest import ApiClient
from tests.routes import Endpoint, add_copies, full_row, lists, parents_of, resources

FEW, MANY, OTHERS = 5, 50, 2
TEAM_LISTS = [item for item in lists() if issubclass(item.model, TenantModel)]


def fetched(api: ApiClient, address: str, names: tuple[str, ...]) -> list[str]:
    """The SQL that an answer takes with these includes."""
    query: dict[str, Any] = {"include": ",".join(names)} if names else {}
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = api.get(address, **query)
    assert response.status_code == 200, response.content
    return [entry["sql"] for entry in captured]


@pytest.mark.parametrize("endpoint", TEAM_LISTS, ids=str)
def test_a_list_asks_as_many_queries_for_fifty_rows_as_for_five(
    endpoint: Endpoint, api: ApiClient, team: Team
) -> None:
    """The five are one row and its copies, which link the same rows; some of the fifty link others."""
    with team_scope(team):
        above = parents_of(endpoint)
        address = endpoint.address(**{name: parent.pk for name, parent in above.items()})
        first = full_row(endpoint, above).row
        add_rows(endpoint, first, above, FEW - 1)
    names = tuple(endpoint.view.list_includes)
    fetched(api, address, names)  # the first request also writes the key's last use
    few = fetched(api, address, names)
    with team_scope(team):
        for _ in range(OTHERS):
            full_row(endpoint, above)
        add_rows(endpoint, first, above, MANY - FEW - OTHERS)
    many = fetched(api, address, names)
    assert len(many) == len(few), "\n".join(["", *many])


def add_rows(endpoint: Endpoint, first: Any, above: Mapping[str, Any], count: int) -> None:
    """Copies of the first row; a few new rows where its links may not be had twice."""
    try:
        with transaction.atomic():
            add_copies(first, count)
    except IntegrityError:
        for _ in range(min(count, OTHERS)):
            full_row(endpoint, above)


@pytest.mark.parametrize("endpoint", TEAM_LISTS, ids=str)
def test_a_plain_list_takes_few_queries(endpoint: Endpoint, api: ApiClient, team: Team) -> None:
    with team_scope(team):
        made = full_row(endpoint)
    address = made.address(endpoint)
    fetched(api, address, ())
    asked = fetched(api, address, ())
    assert len(asked) <= 12, "\n".join(["", *asked])


@pytest.mark.parametrize("endpoint", resources(), ids=str)
def test_one_row_asks_as_many_queries_the_second_time(endpoint: Endpoint, api: ApiClient, team: Team) -> None:
    with team_scope(team):
        made = full_row(endpoint)
    view = endpoint.view
    names = tuple(view.list_includes if view.single_includes is None else view.single_includes)
    fetched(api, made.address(endpoint), names)
    first = fetched(api, made.address(endpoint), names)
    with team_scope(team):
        for _ in range(FEW):
            full_row(endpoint, made.parents)
    assert len(fetched(api, made.address(endpoint), names)) == len(first), "\n".join(["", *first])
