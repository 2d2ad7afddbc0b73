"""How many requests one API key may make per minute."""

import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from rest_framework.throttling import BaseThrottle


class ApiKeyThrottle(BaseThrottle):
    """A fixed window of one minute per API key: one counter, not a list of timestamps."""

    def allow_request(self, request: Any, view: Any) -> bool:
        limit = settings.API_RATE_LIMIT
        if not limit or request.auth is None:
            return True
        window = int(time.time() // 60)
        name = f"requests:{request.auth.pk}:{window}"
        cache.add(name, 0, timeout=120)
        return cache.incr(name) <= limit

    def wait(self) -> float:
        return 60 - time.time() % 60
