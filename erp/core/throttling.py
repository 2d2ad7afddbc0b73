"""How many requests one API key may make per minute, told in `X-RateLimit-*` headers."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from rest_framework.throttling import BaseThrottle

__all__ = ["ApiKeyThrottle", "Rate"]

WINDOW = 60


@dataclass(frozen=True)
class Rate:
    """Where an API key stands in the present window."""

    limit: int
    used: int
    #: Seconds until the next window.
    reset: int

    @property
    def headers(self) -> dict[str, str]:
        """What every answer says of it."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(self.limit - self.used, 0)),
            "X-RateLimit-Reset": str(self.reset),
        }


class ApiKeyThrottle(BaseThrottle):
    """A fixed window of one minute per API key: one counter, not a list of timestamps."""

    def allow_request(self, request: Any, view: Any) -> bool:
        limit = settings.API_RATE_LIMIT
        if not limit or request.auth is None:
            return True
        now = time.time()
        name = f"requests:{request.auth.pk}:{int(now // WINDOW)}"
        view.rate = Rate(limit, _count(name), int(WINDOW - now % WINDOW) + 1)
        return bool(view.rate.used <= limit)

    def wait(self) -> float:
        return WINDOW - time.time() % WINDOW


def _count(name: str) -> int:
    """One request more; a counter that the cache dropped begins again."""
    if cache.add(name, 1, timeout=2 * WINDOW):
        return 1
    try:
        return int(cache.incr(name))
    except ValueError:
        return 1
