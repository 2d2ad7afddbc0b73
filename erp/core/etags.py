"""ETags of single objects; writes refused when the object changed since it was read (RFC 9110, 13.1).

A tag is `"<version>-<content>"`: the moment of the row's last change, then a hash of the answer, which also
depends on what was included. `If-None-Match` compares both, `If-Match` the version alone.
"""

from __future__ import annotations

import datetime
from hashlib import blake2b
from typing import Any

import orjson
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException

__all__ = ["Stale", "check_match", "is_fresh", "tag_of", "version_of"]


class Stale(APIException):
    """The object changed since the client read it (412)."""

    status_code = 412
    default_detail = _("This element was changed since you read it: read it again before you change it.")
    default_code = "stale"


def version_of(row: Any) -> str:
    """What changes whenever the row does; nothing for rows of the world's lists."""
    moment: datetime.datetime | None = getattr(row, "updated_at", None)
    return "0" if moment is None else f"{int(moment.timestamp() * 1_000_000):x}"


def tag_of(row: Any, data: Any) -> str:
    """The ETag of a row answered as `data`."""
    content = blake2b(orjson.dumps(data, default=str, option=orjson.OPT_NON_STR_KEYS), digest_size=8)
    return f'"{version_of(row)}-{content.hexdigest()}"'


def is_fresh(request: Any, tag: str) -> bool:
    """Whether the client's `If-None-Match` has this answer already."""
    return tag in tags(request, "If-None-Match")


def check_match(request: Any, row: Any) -> None:
    """Raise Stale (412) unless `If-Match` is absent, `*`, or names the row as it is now (locked)."""
    wanted = tags(request, "If-Match")
    if not wanted or "*" in wanted:
        return
    version = version_of(row)
    if all(tag.strip('"').partition("-")[0] != version for tag in wanted):
        raise Stale


def tags(request: Any, header: str) -> list[str]:
    """The tags of a header; weak ones (as proxies that compress make them) count like strong ones."""
    names = request.headers.get(header, "").split(",")
    return [tag for name in names if (tag := name.strip().removeprefix("W/"))]
