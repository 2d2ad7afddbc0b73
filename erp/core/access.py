"""Who may do what: permission keys and levels, for the API and the admin alike.

Levels of the reference: 0 none, 1 see, 2 + create, 3 + edit, 4 + delete. Two-valued keys only ask for 1.
A view or an admin states a guard; a model that hides rows from some users defines
`restrict(queryset, actor)`, which every reader goes through by asking `visible(model)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.translation import gettext as _
from rest_framework.permissions import BasePermission

from erp.core.models import TenantModel
from erp.core.scope import current_actor

__all__ = [
    "AnyOf",
    "Everyone",
    "Guard",
    "Key",
    "ListKey",
    "ResourcePermission",
    "SwitchKey",
    "Verb",
    "require",
    "visible",
]

Verb = Literal["read", "create", "update", "delete"]
LEVELS: dict[Verb, int] = {"read": 1, "create": 2, "update": 3, "delete": 4}


class Actor(Protocol):
    """What guards need of a team user."""

    def level(self, key: str) -> int: ...


class Guard(Protocol):
    """Decides whether an actor may do a verb on a resource."""

    def allows(self, actor: Actor, verb: Verb) -> bool: ...


@dataclass(frozen=True)
class Key:
    """A levelled permission key, such as `sales-invoice`."""

    key: str

    def allows(self, actor: Actor, verb: Verb) -> bool:
        return actor.level(self.key) >= LEVELS[verb]


@dataclass(frozen=True)
class ListKey:
    """A two-valued key that rules writing; everybody of the team may read (units, VAT rates, …)."""

    key: str = "manage-list"

    def allows(self, actor: Actor, verb: Verb) -> bool:
        return verb == "read" or actor.level(self.key) >= 1


@dataclass(frozen=True)
class SwitchKey:
    """A two-valued key that rules everything, reading included."""

    key: str

    def allows(self, actor: Actor, verb: Verb) -> bool:
        return actor.level(self.key) >= 1


@dataclass(frozen=True)
class AnyOf:
    """Allowed when one of several keys allows; the rows are then narrowed by `restrict`."""

    keys: tuple[str, ...]

    def allows(self, actor: Actor, verb: Verb) -> bool:
        return any(actor.level(key) >= LEVELS[verb] for key in self.keys)


@dataclass(frozen=True)
class Everyone:
    """Every member of the team; writing is not offered at all unless `write` is set."""

    write: bool = False

    def allows(self, actor: Actor, verb: Verb) -> bool:
        return verb == "read" or self.write


def require(actor: Actor | None, key: str, level: int) -> None:
    """Raise PermissionDenied (403) unless the actor reaches `level` of `key`; no actor is the system."""
    if actor is not None and actor.level(key) < level:
        raise PermissionDenied(_("Your permissions do not allow this (%(key)s).") % {"key": key})


def visible(model: type[models.Model], *, with_deleted: bool = False) -> models.QuerySet[Any]:
    """The rows of `model` that the current actor may see, in the current team."""
    if issubclass(model, TenantModel):
        queryset = (model.all_objects if with_deleted else model.objects).all()
    else:
        queryset = model._default_manager.all()
    actor = current_actor()
    restrict = getattr(model, "restrict", None)
    return restrict(queryset, actor) if restrict and actor is not None else queryset


def is_narrowed(model: type[models.Model]) -> bool:
    """Whether the current actor's permissions may hide some rows of `model` in their team."""
    restrict, actor = getattr(model, "restrict", None), current_actor()
    if restrict is None or actor is None:
        return False
    rows = model._default_manager.all()
    return restrict(rows, actor) is not rows


class ResourcePermission(BasePermission):
    """Asks the view's guard before anything is looked up, so that 403 does not depend on the row."""

    def has_permission(self, request: Any, view: Any) -> bool:
        actor = getattr(request, "actor", None)
        if actor is None:
            return False
        return bool(view.allows(actor))
