"""API keys: `Authorization: Bearer …`, and the header `testMode` that turns to the team's sandbox."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header

from erp.core.models import one
from erp.core.scope import team_scope, unscoped
from tenants import services
from tenants.models import ApiKey, TeamUser, User, hash_secret

#: How often the last use of a key is written.
LAST_USE_STEP = datetime.timedelta(minutes=5)

#: What the header `testMode` may say.
TEST_MODES = {"": False, "0": False, "false": False, "1": True, "true": True}


class ApiKeyAuthentication(BaseAuthentication):
    """Finds the key's team user; sets `request.actor`, the team user on whose behalf the request works."""

    def authenticate(self, request: Any) -> tuple[User, ApiKey] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        if len(words) != 2:
            raise exceptions.AuthenticationFailed(_("Send one API key: Authorization: Bearer YOUR_TOKEN."))
        key = self._key(words[1].decode("latin-1"))
        actor = key.team_user
        self._record_use(key)
        if test_mode(request):
            with team_scope(actor.team):
                actor = services.sandbox_member(actor)
        request._request.actor = request.actor = actor
        return actor.user, key

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="api"'

    def _key(self, secret: str) -> ApiKey:
        with unscoped("an API key tells the team"):
            keys = ApiKey.objects.select_related("team_user__team", "team_user__user")
            key = one(keys.filter(hashed=hash_secret(secret), revoked_at=None))
        if key is None or not self._may_work(key.team_user):
            raise exceptions.AuthenticationFailed(_("This API key is unknown or was revoked."))
        return key

    @staticmethod
    def _may_work(member: TeamUser) -> bool:
        return member.deleted_at is None and member.active and member.user.is_active

    @staticmethod
    def _record_use(key: ApiKey) -> None:
        now = timezone.now()
        if key.last_used_at is None or now - key.last_used_at > LAST_USE_STEP:
            with unscoped("last use of an API key"):
                ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


def test_mode(request: Any) -> bool:
    """Whether the request asks for the sandbox (header `testMode: 1` or `true`).

    Raises ValidationError (422) on any other word: whoever means to test must not write in the real company.
    """
    word = str(request.headers.get("testMode", "")).strip().lower()
    if word not in TEST_MODES:
        raise exceptions.ValidationError({"testMode": [_("Give true or false.")]})
    return TEST_MODES[word]
