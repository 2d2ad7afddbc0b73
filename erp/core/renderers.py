"""JSON answers. orjson, because lists of documents hold tens of thousands of values."""

from collections.abc import Iterable
from typing import Any

import orjson
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer


class JsonRenderer(BaseRenderer):
    """Renders plain data as UTF-8 JSON."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        if data is None:
            return b""
        return orjson.dumps(data, default=str, option=orjson.OPT_NON_STR_KEYS)


class AlwaysJson(BaseContentNegotiation):
    """Whatever a client says it accepts, it gets JSON: the protocol has no other form."""

    def select_parser(self, request: Any, parsers: Iterable[Any]) -> Any:
        parsers = list(parsers)
        content_type = (request.content_type or "").split(";")[0].strip().lower()
        for parser in parsers:
            if parser.media_type == content_type:
                return parser
        return None if content_type else parsers[0]

    def select_renderer(
        self, request: Any, renderers: Iterable[Any], format_suffix: str | None = None
    ) -> Any:
        first = next(iter(renderers))
        return first, first.media_type
