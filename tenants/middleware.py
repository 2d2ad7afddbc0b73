"""The admin's door: the signed-in user's active team becomes the scope of the request."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from erp.core.scope import team_scope
from tenants import services
from tenants.models import TeamUser


class ActiveTeamMiddleware:
    """Scopes everything but the API, whose views scope themselves by their key."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = None  # type: ignore[attr-defined]
        if request.path.startswith("/api/") or not request.user.is_authenticated:
            return self.get_response(request)
        self._speak(request, request.user.language)
        member = services.active_member(request.user, request.session.get("team"))
        if member is None:
            return self.get_response(request)
        request.actor = member  # type: ignore[attr-defined]
        return self._as_member(request, member)

    @staticmethod
    def _speak(request: HttpRequest, language: str) -> None:
        """The language that the user chose, whatever their browser asks for (LocaleMiddleware's choice)."""
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()

    def _as_member(self, request: HttpRequest, member: TeamUser) -> HttpResponse:
        """The response, in the team's scope and timezone."""
        in_transaction = connection.vendor == "postgresql"  # row-level security lives in transactions
        with (
            transaction.atomic() if in_transaction else nullcontext(),
            team_scope(member.team, member),
            timezone.override(member.team.timezone),
        ):
            response = self._rendered(request)
            if in_transaction and response.status_code >= 500:
                transaction.set_rollback(True)
            return response

    def _rendered(self, request: HttpRequest) -> HttpResponse:
        """The response, rendered while the team is still in scope: templates ask the database too."""
        response: Any = self.get_response(request)
        if hasattr(response, "render") and not response.is_rendered:
            response = response.render()
        return response
