"""Teams that were there before a chapter are given what it gives to new ones."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models.signals import post_migrate

from erp.communication.models import MailModel
from erp.core.scope import team_scope
from erp.opportunities.models import Funnel, FunnelStep
from erp.opportunities.services import delete_funnel, seed_funnel
from tenants import seeds
from tenants.models import Team

SETTING = "communication_model_quotation"
STEPS = {"Ventes": [10, 30, 50, 75, 95]}


def before_the_chapters(team: Team) -> None:
    """Make a team as it was when neither chapter was installed."""
    with team_scope(team):
        for model in (MailModel, FunnelStep, Funnel):
            model.all_objects.all().hard_delete()
        team.configs = {key: value for key, value in team.configs.items() if "_model_" not in key}
        team.save(update_fields=["configs"])


def funnels_of(team: Team) -> dict[str, list[int]]:
    """{funnel: chances of its steps} of a team."""
    with team_scope(team):
        rows = Funnel.objects.prefetch_related("steps")
        return {row.name: [step.probability for step in row.steps.all()] for row in rows}


def models_of(team: Team) -> dict[int, str]:
    """The mail models of a team, by their ids."""
    with team_scope(team):
        return dict(MailModel.objects.values_list("pk", "name"))


def migrate() -> None:
    """What `migrate` says to the two chapters when it is done."""
    for label in ("communication", "opportunities"):
        config = apps.get_app_config(label)
        told = {"app_config": config, "apps": apps, "plan": [], "verbosity": 0, "interactive": False}
        post_migrate.send(config, using="default", **told)


def test_an_earlier_team_is_given_what_a_new_one_has(team: Team, other_team: Team) -> None:
    new, others = (funnels_of(team), sorted(models_of(team).values())), models_of(other_team)
    before_the_chapters(team)
    assert (funnels_of(team), models_of(team)) == ({}, {})

    migrate()
    assert (funnels_of(team), sorted(models_of(team).values())) == new
    assert new[0] == STEPS
    team.refresh_from_db()
    assert models_of(team)[team.parameter(SETTING)] == "Envoi d'un devis"
    assert (funnels_of(other_team), models_of(other_team)) == (STEPS, others)


def test_it_is_given_once_and_what_was_deleted_stays_so(team: Team) -> None:
    before_the_chapters(team)
    migrate()
    models = models_of(team)
    with team_scope(team):
        delete_funnel(Funnel.objects.get())
        Funnel(name="Chantiers").save()
    migrate()
    assert funnels_of(team) == {"Chantiers": []}
    assert models_of(team) == models


def test_nothing_is_given_before_every_migration_is_applied(team: Team, monkeypatch: Any) -> None:
    before_the_chapters(team)
    monkeypatch.setattr(
        seeds.MigrationExecutor, "migration_plan", lambda self, targets: [("a migration", False)]
    )
    migrate()
    assert funnels_of(team) == {}


def test_the_first_funnel_is_in_the_installations_language(scope: Team, settings: Any) -> None:
    settings.LANGUAGE_CODE = "en"
    assert (funnel := seed_funnel(scope)).name == "Sales"
    assert funnel.steps.first().name == "First contact"
