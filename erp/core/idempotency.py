"""`Idempotency-Key`: a request sent twice under one key is done once, and answered alike.

The key is claimed in the request's own transaction: who comes second waits for the first to end, and answers
what it answered. A request that was refused gives its key back, as it changed nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.response import Response

from erp.core.encryption import decrypt, encrypt
from erp.core.errors import Invalid, Replay
from erp.core.models import IdempotentRequest

__all__ = ["LIFETIME", "claim", "keep"]

HEADER = "Idempotency-Key"
#: How long a key is remembered.
LIFETIME = datetime.timedelta(hours=24)


def claim(request: Any) -> IdempotentRequest | None:
    """The row that will keep this request's answer; None without a key.

    Raises Replay when the request was done within a day, Invalid (422) when its key named another request.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 1 <= len(key) <= 255 or not key.isprintable():
        raise Invalid({HEADER: _("Give from 1 to 255 characters, such as a UUID.")})
    IdempotentRequest.objects.filter(created_at__lt=timezone.now() - LIFETIME).hard_delete()
    fingerprint = fingerprint_of(request)
    mine = IdempotentRequest(key=key, author=request.actor, fingerprint=fingerprint)
    # Waits for whoever inserts the same key in a transaction under way.
    IdempotentRequest.objects.bulk_create([mine], ignore_conflicts=True)
    row = IdempotentRequest.objects.select_for_update().get(key=key, author=request.actor)
    if row.fingerprint != fingerprint:
        raise Invalid({HEADER: _("This key was used for another request within the last 24 hours.")})
    if row.status:
        raise Replay(_answer(row))
    return row


def keep(row: IdempotentRequest, response: Response) -> None:
    """Remember the answer of a request that was done."""
    row.status = response.status_code
    row.answer = encrypt(orjson.dumps(response.data, default=str, option=orjson.OPT_NON_STR_KEYS).decode())
    row.save(update_fields=["status", "answer"])


def _answer(row: IdempotentRequest) -> Response:
    data = orjson.loads(decrypt(row.answer))
    return Response(data, status=row.status, headers={"Idempotent-Replayed": "true"})


def fingerprint_of(request: Any) -> str:
    """What makes two requests the same: method, address and body, whatever the order of its attributes."""
    options = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    body = orjson.dumps(plain(request.data), default=str, option=options)
    return sha256(b"\n".join([request.method.encode(), request.get_full_path().encode(), body])).hexdigest()


def plain(data: Any) -> Any:
    """A body as plain values; files by their content."""
    if isinstance(data, Mapping):
        return {name: plain(value) for name, value in data.items()}
    if isinstance(data, list):
        return [plain(value) for value in data]
    if isinstance(data, UploadedFile):
        content = sha256(b"".join(data.chunks())).hexdigest()
        data.seek(0)
        return [data.name, content]
    return data
