"""Tenant models refuse to work outside a team's scope, and never reach another team's rows inside one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction
from django.db.models import Prefetch, prefetch_related_objects
from django.utils import timezone

from erp.core.models import NumberSeries, TenantModel
from erp.core.scope import NoTeam, WrongTeam, current_actor, current_team, team_scope, unscoped
from erp.various.models import SaleCategory, SaleCategoryAccount, Unit, VatRate
from tenants.models import Team, TeamUser
from tests.factories import make, tenant_models

UNSCOPED: dict[str, Callable[[Unit], Any]] = {
    "all": lambda row: list(Unit.objects.all()),
    "with deleted": lambda row: list(Unit.all_objects.all()),
    "exists": lambda row: Unit.objects.exists(),
    "exclude exists": lambda row: Unit.objects.exclude(pk=0).exists(),
    "alias exists": lambda row: Unit.objects.alias(one=models.Value(1)).exists(),
    "count": lambda row: Unit.objects.count(),
    "aggregate": lambda row: Unit.objects.aggregate(models.Max("pk")),
    "get": lambda row: Unit.objects.get(pk=row.pk),
    "in_bulk": lambda row: Unit.objects.in_bulk([row.pk]),
    "values": lambda row: list(Unit.objects.values()),
    "none": lambda row: Unit.objects.none(),
    "explain": lambda row: Unit.objects.explain(),
    "raw": lambda row: list(Unit.objects.raw("SELECT 1")),
    "iterator": lambda row: list(Unit.objects.iterator()),
    "union": lambda row: list(Unit.objects.union(Unit.objects.all())),
    "base manager": lambda row: Unit._base_manager.get(pk=row.pk),
    "default manager": lambda row: Unit._default_manager.get(pk=row.pk),
    "create": lambda row: Unit.objects.create(label="x"),
    "get_or_create": lambda row: Unit.objects.get_or_create(label="x"),
    "update_or_create": lambda row: Unit.objects.update_or_create(label="x"),
    "bulk_create": lambda row: Unit.objects.bulk_create([Unit(label="x")]),
    "bulk_update": lambda row: Unit.objects.bulk_update([row], ["label"]),
    "update": lambda row: Unit.objects.update(label="x"),
    "queryset delete": lambda row: Unit.objects.all().delete(),
    "refresh_from_db": lambda row: row.refresh_from_db(),
    "save": lambda row: row.save(),
    "delete": lambda row: row.delete(),
    "new save": lambda row: Unit(label="x").save(),
    "new save with its team": lambda row: Unit(label="x", team=row.team).save(),
    "related list": lambda row: list(SaleCategory(pk=1, team=row.team).childs.all()),
    "prefetch": lambda row: prefetch_related_objects([SaleCategory(pk=1, team=row.team)], "childs"),
}


@pytest.mark.parametrize("work", UNSCOPED.values(), ids=UNSCOPED)
def test_nothing_works_outside_a_scope(work: Callable[[Unit], Any], team: Team) -> None:
    with team_scope(team):
        row = make(Unit, label="before")
    with pytest.raises(NoTeam):
        work(row)
    with team_scope(team):
        assert Unit.objects.get(pk=row.pk).label == "before"


@pytest.fixture
def theirs(other_team: Team) -> Unit:
    """A unit of the other team."""
    with team_scope(other_team):
        return make(Unit, label="theirs")


READS: dict[str, Callable[[Unit], Any]] = {
    "filter": lambda row: Unit.objects.filter(pk=row.pk).exists(),
    "with deleted": lambda row: Unit.all_objects.filter(pk=row.pk).exists(),
    "base manager": lambda row: Unit._base_manager.filter(pk=row.pk).exists(),
    "in_bulk": lambda row: Unit.objects.in_bulk([row.pk]),
    "exclude": lambda row: Unit.objects.exclude(pk=0).filter(label="theirs").exists(),
    "values": lambda row: list(Unit.objects.filter(label="theirs").values_list("pk")),
    "or": lambda row: (Unit.objects.none() | Unit.objects.filter(pk=row.pk)).exists(),
    "union": lambda row: list(
        Unit.objects.order_by().filter(pk=row.pk).union(Unit.all_objects.order_by().filter(label="theirs"))
    ),
    "team given": lambda row: Unit.objects.filter(team=row.team).exists(),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_another_teams_rows_are_not_read(read: Callable[[Unit], Any], theirs: Unit, scope: Team) -> None:
    assert not read(theirs)


def test_another_teams_row_cannot_be_refreshed(theirs: Unit, scope: Team) -> None:
    with pytest.raises(Unit.DoesNotExist):
        theirs.refresh_from_db()


WRITES: dict[str, Callable[[Unit], Any]] = {
    "save": lambda row: row.save(),
    "delete": lambda row: row.delete(),
    "create": lambda row: Unit.objects.create(label="x", team=row.team),
    "create by id": lambda row: Unit.objects.create(label="x", team_id=row.team_id),
    "get_or_create": lambda row: Unit.objects.get_or_create(label="theirs", team=row.team),
    "update_or_create": lambda row: Unit.objects.update_or_create(label="theirs", team=row.team),
    "bulk_create": lambda row: Unit.objects.bulk_create([Unit(label="x", team=row.team)]),
    "bulk_create over it": lambda row: Unit.objects.bulk_create(
        [Unit(pk=row.pk, label="mine")], update_conflicts=True, unique_fields=["id"], update_fields=["label"]
    ),
    "bulk_update": lambda row: Unit.objects.bulk_update([row], ["label"]),
    "update of the team": lambda row: Unit.objects.update(team=row.team),
    "update of the team's id": lambda row: Unit.objects.update(team_id=row.team_id),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_another_teams_rows_are_not_written(
    write: Callable[[Unit], Any], theirs: Unit, scope: Team, other_team: Team
) -> None:
    with pytest.raises(WrongTeam):
        write(theirs)
    with team_scope(other_team):
        assert Unit.objects.get(pk=theirs.pk).label == "theirs"
        assert not Unit.objects.filter(label="x").exists()


def test_updates_and_deletions_in_bulk_stop_at_the_team(theirs: Unit, scope: Team, other_team: Team) -> None:
    assert Unit.objects.filter(pk=theirs.pk).update(label="mine") == 0
    assert Unit.objects.filter(pk=theirs.pk).delete() == (0, {"various.Unit": 0})
    Unit.objects.all().delete()
    with team_scope(other_team):
        assert Unit.objects.get(pk=theirs.pk).label == "theirs"


def test_managers_do_not_offer_to_delete_everything(scope: Team) -> None:
    assert not hasattr(Unit.objects, "delete")
    assert not hasattr(Unit.objects, "hard_delete")


def foreign_rate(team: Team) -> VatRate:
    with team_scope(team):
        return make(VatRate)


LINKS: dict[str, Callable[[SaleCategory, VatRate], Any]] = {
    "create": lambda own, rate: SaleCategoryAccount.objects.create(
        category=own, vatrate=rate, account_number="7"
    ),
    "create by id": lambda own, rate: SaleCategoryAccount.objects.create(category=own, vatrate_id=rate.pk),
    "bulk_create": lambda own, rate: SaleCategoryAccount.objects.bulk_create(
        [SaleCategoryAccount(category=own, vatrate_id=rate.pk)]
    ),
    "related create": lambda own, rate: own.accounts.create(vatrate=rate),
    "related get_or_create": lambda own, rate: own.accounts.get_or_create(vatrate_id=rate.pk),
    "update": lambda own, rate: own.accounts.update(vatrate=rate),
    "update by id": lambda own, rate: own.accounts.update(vatrate_id=rate.pk),
}


@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
def test_a_row_never_points_to_another_teams(
    link: Callable[[SaleCategory, VatRate], Any], scope: Team, other_team: Team
) -> None:
    foreign = foreign_rate(other_team)
    account = make(SaleCategoryAccount)
    with pytest.raises(WrongTeam):
        link(account.category, foreign)
    assert [row.vatrate_id for row in SaleCategoryAccount.objects.all()] == [account.vatrate_id]


def test_a_link_is_checked_again_when_it_changes(scope: Team, other_team: Team) -> None:
    foreign = foreign_rate(other_team)
    account = SaleCategoryAccount.objects.get(pk=make(SaleCategoryAccount).pk)
    account.vatrate_id = foreign.pk
    with pytest.raises(WrongTeam):
        account.save()


MANY: dict[str, Callable[[TeamUser, TeamUser], Any]] = {
    "add": lambda own, foreign: own.team_users.add(foreign),
    "add by id": lambda own, foreign: own.team_users.add(foreign.pk),
    "set": lambda own, foreign: own.team_users.set([foreign]),
    "reverse add": lambda own, foreign: own.managers.add(foreign),
    "from the foreign row": lambda own, foreign: foreign.team_users.add(own),
    "clearing the foreign row": lambda own, foreign: foreign.team_users.clear(),
}


@pytest.mark.parametrize("link", MANY.values(), ids=MANY)
def test_many_to_many_links_stay_in_the_team(
    link: Callable[[TeamUser, TeamUser], Any], scope: Team, owner: TeamUser, other_team: Team
) -> None:
    with team_scope(other_team):
        foreign = TeamUser.objects.get(is_owner=True)
    with pytest.raises(WrongTeam), transaction.atomic():
        link(owner, foreign)
    assert not TeamUser.team_users.through.objects.exists()


def test_prefetches_stay_in_the_team(scope: Team, other_team: Team) -> None:
    with team_scope(other_team):
        make(SaleCategory, parent=make(SaleCategory))
    own = make(SaleCategory, parent=make(SaleCategory))
    parents = SaleCategory.objects.prefetch_related(Prefetch("childs", queryset=SaleCategory.objects.all()))
    children = [child for parent in parents for child in parent.childs.all()]
    assert own in children
    assert {child.team_id for child in children} == {scope.pk}
    assert {row.parent.team_id for row in SaleCategory.objects.select_related("parent") if row.parent} == {
        scope.pk
    }


# --- The scope itself -------------------------------------------------------------------------------


def test_the_scope_says_who_works(team: Team, owner: TeamUser) -> None:
    with team_scope(team, owner):
        assert (current_team(), current_actor()) == (team, owner)
    assert current_actor() is None
    with pytest.raises(NoTeam):
        current_team()


def test_scopes_nest_and_come_back(team: Team, other_team: Team) -> None:
    with team_scope(team):
        ours = Unit.objects.count()
        with team_scope(other_team):
            make(Unit)
            with unscoped("a test of nesting"), team_scope(team):
                assert Unit.objects.count() == ours
            assert current_team() == other_team
            assert Unit.objects.count() == ours + 1
        assert Unit.objects.count() == ours


def test_a_scope_comes_back_after_an_error(team: Team, other_team: Team) -> None:
    with team_scope(team):
        ours = Unit.objects.count()
        with pytest.raises(ValueError, match="broken"), team_scope(other_team):
            raise ValueError("broken")
        assert Unit.objects.count() == ours > 0


def test_leaving_every_team_needs_a_reason(team: Team) -> None:
    with pytest.raises(ValueError, match="reason"), unscoped(""):
        pass
    with unscoped("a new row must know its team"), pytest.raises(NoTeam):
        Unit.objects.create(label="x")


def test_deleting_is_soft_and_dated(scope: Team) -> None:
    row = make(Unit)
    row.delete()
    assert not Unit.objects.filter(pk=row.pk).exists()
    kept = Unit.all_objects.get(pk=row.pk)
    assert kept.deleted_at is not None
    assert timezone.now() >= kept.updated_at >= kept.deleted_at


# --- Every model ------------------------------------------------------------------------------------

OURS = [
    model for model in apps.get_models() if model.__module__.split(".")[0] in ("erp", "tenants", "connectors")
]


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_every_model_belongs_to_teams_or_says_why_not(model: type[Any]) -> None:
    assert issubclass(model, TenantModel) or getattr(model, "global_reason", ""), (
        f"{model._meta.label} is no TenantModel: make it one, or state its global_reason."
    )


@pytest.mark.parametrize("model", tenant_models(), ids=lambda model: model._meta.label)
def test_every_tenant_model_goes_through_scoped_managers(model: type[TenantModel], team: Team) -> None:
    assert model._meta.base_manager_name == "all_objects"
    for manager in model._meta.managers:
        with pytest.raises(NoTeam):
            manager.exists()
    with pytest.raises(NoTeam):
        model._base_manager.exists()


def test_constraints_of_a_team_name_the_team(scope: Team) -> None:
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in tenant_models()
        for field in model._meta.concrete_fields
        if field.unique and not field.primary_key and field.name != "hashed" and not field.one_to_one
    ]
    assert wrong == [], "unique in the whole installation: another team's rows would show through it"
    assert NumberSeries._meta.constraints
