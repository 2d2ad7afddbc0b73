"""What chapters give to teams to begin with.

    def ready(self) -> None:
        seeds(self, Funnel, seed_funnel)

A new team is given it when it is made. A team that was there before the chapter is given it by `migrate`,
once every migration is applied: it never had a row of the model, not even one that was deleted since.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models.signals import post_migrate

from erp.core.scope import team_scope, unscoped
from tenants.signals import team_created

if TYPE_CHECKING:
    from erp.core.models import TenantModel
    from tenants.models import Team

__all__ = ["seed_earlier_teams", "seeds"]

#: Gives a team, in whose scope it is called, its first rows; `team.configs` is saved afterwards.
Seed = Callable[["Team"], Any]


def seeds(config: AppConfig, model: type[TenantModel], seed: Seed) -> None:
    """Have `seed` called for new teams, and at `migrate` for teams that never had a row of `model`.

    Called by the chapter's AppConfig.ready, which `config` is.
    """

    def of_new_team(team: Team, **kwargs: Any) -> None:
        seed(team)

    def of_earlier_teams(using: str, **kwargs: Any) -> None:
        if using == DEFAULT_DB_ALIAS and _is_migrated(using):
            seed_earlier_teams(model, seed)

    name = f"{config.label}_seed"
    team_created.connect(of_new_team, weak=False, dispatch_uid=name)
    post_migrate.connect(of_earlier_teams, sender=config, weak=False, dispatch_uid=name)


def _is_migrated(using: str) -> bool:
    """Whether the tables are those of the models: `migrate` may also stop halfway, or go back."""
    executor = MigrationExecutor(connections[using])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def seed_earlier_teams(model: type[TenantModel], seed: Seed) -> int:
    """Call `seed` for each team that never had a row of `model`; returns for how many. Safe to repeat."""
    from tenants.models import Team

    with unscoped("teams that may have been there before a chapter"):
        teams = list(Team.objects.order_by("pk"))
    return sum(_seed_team(team, model, seed) for team in teams)


@transaction.atomic
def _seed_team(team: Team, model: type[TenantModel], seed: Seed) -> bool:
    with team_scope(team):
        if model.all_objects.exists():
            return False
        seed(team)
        team.save(update_fields=["configs"])
        return True
