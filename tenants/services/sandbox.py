"""The sandbox: a team's twin, made on first use: the same settings, lists and members, no documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction

from erp.core import files
from erp.core.models import File, NumberSeries, TenantModel, tenant_links
from erp.core.parameters import ParameterSet
from erp.core.scope import team_scope
from tenants.models import Team, TeamUser
from tenants.parameters import TEAM, TEAM_USER
from tenants.services.teams import TEAM_FILES

__all__ = ["follow", "sandbox_member"]

#: Attributes of a member that the twin follows.
FOLLOWED = ("active", "is_pending", "is_owner", "roles", "permissions")
#: Attributes that a copied row has of its own.
OWN = ("id", "team_id", "deleted_at")

Row = dict[str, Any]
#: {model: {id in the live team: id in the twin}}
Twins = dict[type[models.Model], dict[int, int]]


def sandbox_member(member: TeamUser) -> TeamUser:
    """The same person in the team's sandbox, which is made on first use. Called in the team's scope.

    Their permissions follow those that they have in the live team.
    """
    if member.team.is_sandbox:
        return member
    twin = Team.objects.filter(sandbox_of=member.team).first() or _make(member.team)
    with team_scope(twin):
        return _followed(member, twin)


def follow(member: TeamUser) -> None:
    """Bring the member's twin up to date, where there is one: who left works in the sandbox no more."""
    twin = Team.objects.filter(sandbox_of=member.team_id).first()
    if twin is None:
        return
    wanted = _wanted(member)
    with team_scope(twin):
        TeamUser.objects.filter(user_id=member.user_id).update(**wanted)


def _wanted(member: TeamUser) -> Row:
    """What the twin has of a member."""
    wanted = {name: getattr(member, name) for name in FOLLOWED}
    return wanted if member.deleted_at is None else wanted | {"active": False}


def _followed(member: TeamUser, twin: Team) -> TeamUser:
    """The member's twin, brought up to date."""
    wanted = _wanted(member)
    found = TeamUser.objects.select_related("team", "user").filter(user_id=member.user_id).first()
    if found is None:
        found, _made = TeamUser.objects.get_or_create(
            team=twin, user=member.user, deleted_at=None, defaults=wanted
        )
    if any(getattr(found, name) != value for name, value in wanted.items()):
        TeamUser.objects.filter(pk=found.pk).update(**wanted)
        for name, value in wanted.items():
            setattr(found, name, value)
    return found


# --- Making the twin ----------------------------------------------------------------------------------


@transaction.atomic
def _make(team: Team) -> Team:
    """A new twin; when somebody else makes it at the same moment, theirs."""
    try:
        with transaction.atomic():
            twin = Team.objects.create(sandbox_of=team, **_attributes(team))
    except IntegrityError:
        return Team.objects.get(sandbox_of=team)
    _fill(team, twin)
    return twin


def _attributes(team: Team) -> Row:
    skipped = {
        "id",
        "sandbox_of_id",
        "created_at",
        "updated_at",
        "configs",
        *(f"{name}_id" for name in TEAM_FILES),
    }
    columns = [field.attname for field in Team._meta.concrete_fields]
    return {name: getattr(team, name) for name in columns if name not in skipped}


def _fill(team: Team, twin: Team) -> None:
    """Copy lists, members, number series, files and settings. Row security shows one team at a time."""
    lists = copied_models()
    rows: dict[Any, list[Row]] = {model: _rows(model) for model in (*lists, TeamUser, NumberSeries)}
    managed = _managed([row["id"] for row in rows[TeamUser]])
    stored = {name: _content(getattr(team, name)) for name in TEAM_FILES}
    with team_scope(twin):
        twins: Twins = {}
        for model in (*lists, TeamUser):
            twins[model] = _copy(model, rows[model], twins)
        _copy_settings(rows[TeamUser], managed, twins)
        _copy_numbering(rows[NumberSeries])
        for name, content in stored.items():
            setattr(twin, name, content and files.store(*content, element=twin, kind=name))
        twin.configs = _translated(TEAM, team.configs, twins)
        twin.save()


def _rows(model: Any) -> list[Row]:
    return list(model.objects.order_by("pk").values())


def _content(file: File | None) -> tuple[bytes, str] | None:
    return (files.file_content(file), file.filename) if file else None


def copied_models() -> list[Any]:
    """The lists of a team, those that others point to first.

    A list is a model of the chapter "various", one built on its bases or one that says so (`is_list`), that
    needs no other row of a team than those of lists.
    """
    waiting = [model for model in apps.get_models() if _is_list(model)]
    ready: list[Any] = []
    while batch := [model for model in waiting if _targets(model) & set(waiting) <= {model}]:
        ready += [model for model in batch if _targets(model, needed=True) <= {*ready, model}]
        waiting = [model for model in waiting if model not in batch]
    return ready


def _is_list(model: type[models.Model]) -> bool:
    bases = [base._meta.app_label for base in model.__mro__ if hasattr(base, "_meta")]
    is_list = "various" in bases or getattr(model, "is_list", False)
    return issubclass(model, TenantModel) and not model._meta.proxy and is_list


def _targets(model: type[models.Model], *, needed: bool = False) -> set[Any]:
    """Tenant models that a model points to; only by columns that cannot be empty if `needed`."""
    return {
        target for name, _column, target in tenant_links(model) if not needed or not _optional(model, name)
    }


def _optional(model: type[models.Model], name: str) -> bool:
    return bool(model._meta.get_field(name).null)


def _copy(model: Any, rows: list[Row], twins: Twins) -> dict[int, int]:
    """Write rows of the live team as rows of the twin; returns {old id: new id}."""
    kept = [row for row in rows if _complete(model, row, twins)]
    made = model.objects.bulk_create([model(**_values(model, row, twins)) for row in kept])
    ids = {row["id"]: copy.pk for row, copy in zip(kept, made, strict=True)}
    for _name, column, target in tenant_links(model):
        if target is model:
            for row, copy in zip(kept, made, strict=True):
                setattr(copy, column, ids.get(row[column]))
            model.objects.bulk_update(made, [column])
    return ids


def _complete(model: type[models.Model], row: Row, twins: Twins) -> bool:
    """Whether the twin has every row that this one cannot do without (a deleted row was not copied)."""
    links = [link for link in tenant_links(model) if not _optional(model, link[0])]
    return all(row[column] in twins.get(target, ()) for _name, column, target in links)


def _values(model: type[models.Model], row: Row, twins: Twins) -> Row:
    values = {name: value for name, value in row.items() if name not in OWN}
    for _name, column, target in tenant_links(model):
        values[column] = twins.get(target, {}).get(values[column])
    return values


def _managed(ids: list[int]) -> list[tuple[int, int]]:
    """(manager, managed) of the team's members."""
    links = TeamUser.team_users.through.objects.filter(from_teamuser_id__in=ids, to_teamuser_id__in=ids)
    return list(links.values_list("from_teamuser_id", "to_teamuser_id"))


def _copy_settings(members: list[Row], managed: list[tuple[int, int]], twins: Twins) -> None:
    """Members of the twin manage the same people, and have the same settings."""
    ids, link = twins[TeamUser], TeamUser.team_users.through
    link.objects.bulk_create(
        [link(from_teamuser_id=ids[manager], to_teamuser_id=ids[member]) for manager, member in managed]
    )
    copies = TeamUser.objects.in_bulk(list(ids.values()))
    for member in members:
        copies[ids[member["id"]]].configs = _translated(TEAM_USER, member["configs"], twins)
    TeamUser.objects.bulk_update(copies.values(), ["configs"])


def _copy_numbering(series: list[Row]) -> None:
    """The same forms of references, counted from 1."""
    names = ("key", "prefix", "length", "mode")
    NumberSeries.objects.bulk_create([NumberSeries(**{name: row[name] for name in names}) for row in series])


def _translated(parameters: ParameterSet, stored: Mapping[str, Any], twins: Twins) -> Row:
    """Settings whose links point to the twin's rows."""
    result = dict(stored)
    for parameter in parameters:
        if parameter.model and parameter.target in twins and parameter.name in stored:
            result[parameter.name] = _translated_link(stored[parameter.name], twins[parameter.target])
    return result


def _translated_link(value: Any, ids: dict[int, int]) -> Any:
    if isinstance(value, list):
        return [ids[key] for key in value if key in ids]
    return ids.get(value)
