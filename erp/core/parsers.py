"""Request bodies: JSON, or forms with brackets (`contents[0][designation]=x`), with or without files."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from qs_codec import DecodeOptions, Duplicates, decode
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, FormParser, MultiPartParser

_OPTIONS = DecodeOptions(
    depth=10,
    strict_depth=True,
    list_limit=1000,
    parameter_limit=20_000,
    duplicates=Duplicates.LAST,
    strict_null_handling=False,
    raise_on_limit_exceeded=True,
)
#: Of a query, where `filter[custom_fields][7]=x` means field 7 and not the seventh element of a list.
_KEYED = DecodeOptions(
    depth=10, strict_depth=True, list_limit=0, parameter_limit=20_000, duplicates=Duplicates.LAST
)


def unbracket(pairs: Iterable[tuple[str, Any]], *, keyed: bool = False) -> dict[str, Any]:
    """Turn bracketed names into nested data.

    `[("a[0][b]", "1"), ("t[]", "x")]` gives `{"a": [{"b": "1"}], "t": ["x"]}`, or with `keyed`, where numbers
    between brackets are names like others, `{"a": {"0": {"b": "1"}}, "t": {"0": "x"}}`.
    Raises ParseError (400) when nesting or size passes the limits.
    """
    flat: dict[str, Any] = {}
    for name, value in pairs:
        if name.endswith("[]"):
            flat.setdefault(name, []).append(value)
        else:
            flat[name] = value
    try:
        return decode(flat, _KEYED if keyed else _OPTIONS)
    except (ValueError, IndexError, TypeError) as error:
        raise ParseError(_("The form could not be read: its names nest too deep or are too many.")) from error


def pairs_of(data: MultiValueDict[str, Any]) -> Iterable[tuple[str, Any]]:
    """Every (name, value) of a QueryDict, repeated names included."""
    for name, values in data.lists():
        for value in values:
            yield name, value


def body_of(stream: Any) -> bytes:
    """The whole body. Raises RequestDataTooBig (413), which Django checks only where it parses itself."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    body = stream.read() if limit is None else stream.read(limit + 1)
    if limit is not None and len(body) > limit:
        raise RequestDataTooBig
    return bytes(body)


class JsonParser(BaseParser):
    """A JSON object or array."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        body = body_of(stream)
        if not body.strip():
            return {}
        try:
            data = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(_("The body is not valid JSON.")) from error
        if not isinstance(data, (dict, list)):
            raise ParseError(_("The body must be a JSON object."))
        return data


class BracketFormParser(FormParser):
    """`application/x-www-form-urlencoded` with brackets."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        body = BytesIO(body_of(stream))
        return unbracket(pairs_of(super().parse(body, media_type, parser_context)))


class BracketMultiPartParser(MultiPartParser):
    """`multipart/form-data` with brackets and files."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        parsed = super().parse(stream, media_type, parser_context)
        return unbracket([*pairs_of(parsed.data), *pairs_of(parsed.files)])
