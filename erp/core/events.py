"""What happens in a team, for whoever listens (webhooks) without being known to those who do it.

Creations, changes and deletions are seen by Django's own signals; chapters announce the rest, and changes
that they write by `update()`, of which no signal tells:

    announce(document, "validated")
"""

from __future__ import annotations

from typing import Any

from django.dispatch import Signal

__all__ = ["announce", "happened"]

#: Sent with `row` and `verb`, in the transaction in which it happens and in the team's scope.
happened = Signal()


def announce(row: Any, verb: str) -> None:
    """Say that something happened to a row: "accepted", "validated", "alert"."""
    happened.send(sender=type(row), row=row, verb=verb)
