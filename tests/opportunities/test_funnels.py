"""Funnels: their steps and categories, and who sees them."""

from __future__ import annotations

from typing import Any

import pytest

from erp.core.scope import team_scope
from erp.opportunities.models import Funnel, FunnelStep, Opportunity
from tenants.services import create_api_key
from tests.conftest import ApiClient
from tests.factories import make

BODY = {
    "name": "Chantiers",
    "categories": [{"label": "Neuf", "color": "#00aa00"}, {"name": "Rénovation"}],
    "steps": [{"name": "Contact", "probability": 10}, {"label": "Devis", "probability": 60}],
}


@pytest.fixture
def funnel(api: ApiClient) -> dict[str, Any]:
    answer = api.post("/opportunity/funnel?include=categories,steps", BODY)
    assert answer.status_code == 201, answer.json()
    return dict(answer.json())


def labels(funnel: dict[str, Any]) -> list[str]:
    return [row["label"] for row in funnel["categories"]]


def test_a_team_begins_with_a_funnel(scope: Any) -> None:
    (funnel,) = Funnel.objects.all()
    assert [step.probability for step in funnel.steps.all()] == [10, 30, 50, 75, 95]


def test_a_funnel_has_categories_and_ordered_steps(funnel: dict[str, Any]) -> None:
    assert labels(funnel) == ["Neuf", "Rénovation"]
    assert [(row["name"], row["probability"], row["order"]) for row in funnel["steps"]] == [
        ("Contact", 10, 1),
        ("Devis", 60, 2),
    ]


def test_categories_are_set_added_and_removed(api: ApiClient, funnel: dict[str, Any]) -> None:
    def change(**body: Any) -> list[str]:
        answer = api.put(f"/opportunity/funnel/{funnel['id']}?include=categories", body)
        assert answer.status_code == 200, answer.json()
        return labels(answer.json())

    assert change(add_categories=[{"label": "Entretien"}]) == ["Entretien", "Neuf", "Rénovation"]
    assert change(remove_categories=["Neuf"]) == ["Entretien", "Rénovation"]
    assert change(categories=[{"label": "Seule"}]) == ["Seule"]
    refused = api.put(f"/opportunity/funnel/{funnel['id']}", {"remove_categories": ["Absente"]})
    assert list(refused.json()["errors"]) == ["remove_categories.0"]


def test_rows_that_are_named_again_are_kept(api: ApiClient, funnel: dict[str, Any]) -> None:
    first, second = funnel["steps"]
    steps = [{"id": second["id"], "name": "Offre"}, {"name": "Contact", "probability": 20}]
    changed = api.put(f"/opportunity/funnel/{funnel['id']}?include=steps", {"steps": steps}).json()["steps"]
    assert [(row["id"], row["name"], row["probability"]) for row in changed] == [
        (second["id"], "Offre", 60),
        (first["id"], "Contact", 20),
    ]


def test_a_step_in_use_stays(api: ApiClient, funnel: dict[str, Any], scope: Any) -> None:
    step = FunnelStep.objects.get(pk=funnel["steps"][1]["id"])
    make(Opportunity, step=step)
    refused = api.put(f"/opportunity/funnel/{funnel['id']}", {"steps": [{"name": "Contact"}]})
    assert (refused.status_code, list(refused.json()["errors"])) == (409, ["steps"])
    assert api.delete(f"/opportunity/funnel/{funnel['id']}").status_code == 409


def test_a_funnel_without_opportunities_is_deleted(api: ApiClient, funnel: dict[str, Any]) -> None:
    assert api.delete(f"/opportunity/funnel/{funnel['id']}").status_code == 204
    assert api.get(f"/opportunity/funnel/{funnel['id']}").status_code == 404


def test_a_restricted_funnel_is_seen_by_its_users_only(
    api: ApiClient, funnel: dict[str, Any], make_member: Any, team: Any
) -> None:
    chosen, other = make_member(), make_member()
    with team_scope(team):
        theirs, others = ApiClient(create_api_key(chosen)), ApiClient(create_api_key(other))
        step = FunnelStep.objects.get(pk=funnel["steps"][0]["id"])
        deal = make(Opportunity, step=step)
    body = {"restricted": True, "team_users": [chosen.pk]}
    answer = api.put(f"/opportunity/funnel/{funnel['id']}?include=team_users", body).json()
    assert [row["id"] for row in answer["team_users"]] == [chosen.pk]
    path = f"/opportunity/funnel/{funnel['id']}"
    assert [client.get(path).status_code for client in (theirs, others)] == [200, 404]
    assert [client.get(f"/opportunity/{deal.pk}").status_code for client in (theirs, others)] == [200, 404]
    refused = others.post("/opportunity", {"customer": deal.customer_id, "step": step.pk})
    assert list(refused.json()["errors"]) == ["step"]


def test_an_open_funnel_names_no_users(api: ApiClient, funnel: dict[str, Any]) -> None:
    answer = api.get(f"/opportunity/funnel/{funnel['id']}", include="team_users").json()
    assert "team_users" not in answer
