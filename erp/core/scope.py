"""The current team: who may be read and written now. Without it, tenant models refuse to work.

One place per entry sets it: API views, the admin middleware, tasks, webhooks, commands (`--team`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import DatabaseError, connection, transaction

if TYPE_CHECKING:
    from tenants.models import Team, TeamUser

__all__ = [
    "NoTeam",
    "WrongTeam",
    "current_actor",
    "current_team",
    "is_in_team",
    "scoped_team",
    "team_scope",
    "unscoped",
]

logger = logging.getLogger(__name__)


class NoTeam(RuntimeError):
    """A tenant model was used outside any team's scope."""


class WrongTeam(RuntimeError):
    """A row of one team was about to be written in, or linked from, another."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is reachable now: one team, seen by an actor; or everything, for a stated reason."""

    team: Team | None
    actor: TeamUser | None = None
    reason: str = ""


_scope: ContextVar[Scope | None] = ContextVar("scope", default=None)


def current_team() -> Team:
    """The team in scope. Raises NoTeam outside one (also inside `unscoped`)."""
    scope = _scope.get()
    if scope is None or scope.team is None:
        raise NoTeam("No team is in scope. Enter one with team_scope(team).")
    return scope.team


def is_in_team() -> bool:
    """Whether a team is in scope: false outside any, and in `unscoped`."""
    scope = _scope.get()
    return scope is not None and scope.team is not None


def current_actor() -> TeamUser | None:
    """The team user on whose behalf the work is done; None for the system itself."""
    scope = _scope.get()
    return scope.actor if scope else None


def scoped_team() -> int | None:
    """The team whose rows a queryset may see now; None for those of all. Raises NoTeam without a scope."""
    scope = _scope.get()
    if scope is None:
        raise NoTeam(
            "No team is in scope. Enter one with team_scope(team), or say why not with unscoped(reason)."
        )
    return None if scope.team is None else scope.team.pk


@contextmanager
def team_scope(team: Team, actor: TeamUser | None = None) -> Iterator[Team]:
    """Work as one team. On PostgreSQL also tells the database, for row-level security."""
    previous = _scope.get()
    with _database_scope(team.pk, previous):
        token = _scope.set(Scope(team=team, actor=actor))
        try:
            yield team
        finally:
            _scope.reset(token)


@contextmanager
def unscoped(reason: str) -> Iterator[None]:
    """The one door to rows of every team, for the rare work that needs it; the reason is logged."""
    if not reason:
        raise ValueError("unscoped() needs a reason.")
    logger.debug("unscoped: %s", reason)
    token = _scope.set(Scope(team=None, reason=reason))
    try:
        yield
    finally:
        _scope.reset(token)


@contextmanager
def _database_scope(team_id: int, previous: Scope | None) -> Iterator[None]:
    """Tell PostgreSQL the team for the running transaction (opened here if there is none)."""
    if connection.vendor != "postgresql" or (previous and previous.team and previous.team.pk == team_id):
        yield
    elif connection.in_atomic_block:
        before = _tell_database(str(team_id))
        try:
            yield
        finally:
            # A transaction that failed forgets the team by itself when it is rolled back.
            if not connection.needs_rollback:
                with suppress(DatabaseError):
                    _tell_database(before)
    else:
        with transaction.atomic():
            _tell_database(str(team_id))
            yield


def _tell_database(team: str) -> str:
    """Set the team that row-level security shows; returns the one before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.team', true), set_config('app.team', %s, true)", [team])
        return cursor.fetchone()[0] or ""
