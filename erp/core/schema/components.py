"""What every operation shares: answers around rows, errors, parameters of lists and headers."""

from __future__ import annotations

from typing import Any

from erp.core.listing import DEFAULT_PER_PAGE, MAX_PER_PAGE

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
URL: Schema = {"type": ["string", "null"]}
WHOLE: Schema = {"type": "integer"}
COMPONENTS: dict[str, Schema] = {
    "Error": {
        "type": "object",
        "description": "Why a request was refused; `errors` has sentences by dotted path of the attribute.",
        "required": ["message"],
        "properties": {
            "message": TEXT,
            "errors": {"type": "object", "additionalProperties": {"type": "array", "items": TEXT}},
        },
    },
    "Deleted": {
        "type": "object",
        "description": "A deleted row, shown by `with_deleted`.",
        "required": ["id", "deleted_at"],
        "properties": {"id": WHOLE, "deleted_at": {"type": "string", "format": "date-time"}},
        "additionalProperties": False,
    },
    "PageLinks": {
        "type": "object",
        "required": ["first", "last", "prev", "next"],
        "properties": dict.fromkeys(("first", "last", "prev", "next"), URL),
    },
    "PageMeta": {
        "type": "object",
        "required": ["current_page", "from", "last_page", "links", "path", "per_page", "to", "total"],
        "properties": {
            "current_page": WHOLE,
            "from": {"type": ["integer", "null"]},
            "last_page": WHOLE,
            "links": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["url", "label", "active"],
                    "properties": {"url": URL, "label": TEXT, "active": {"type": "boolean"}},
                },
            },
            "path": TEXT,
            "per_page": WHOLE,
            "to": {"type": ["integer", "null"]},
            "total": WHOLE,
        },
    },
}
ERRORS = {
    400: ("Unreadable", "The body or the query could not be read."),
    401: ("Unauthorized", "The API key is missing, unknown or revoked."),
    403: ("Forbidden", "The permissions of the key's team user do not allow this."),
    404: ("NotFound", "There is no such element in the team."),
    405: ("MethodNotAllowed", "This address does not have this method."),
    412: ("Stale", "The element was changed since it was read (If-Match)."),
    409: ("Conflict", "The data is right, but the state of the element forbids it now."),
    413: ("TooLarge", "The request is too large."),
    415: ("UnsupportedMediaType", "The body is neither JSON nor a form."),
    422: ("Invalid", "The body or a parameter is not valid."),
    429: ("TooManyRequests", "Too many requests in this minute; Retry-After says when to come back."),
}
PARAMETERS: dict[str, Schema] = {
    "testMode": {
        "name": "testMode",
        "in": "header",
        "description": "1 or true: work on the team's sandbox, which has its own data.",
        "schema": {"type": "string", "enum": ["0", "1", "false", "true"]},
    },
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Names the request: sent again within 24 hours, it is answered again, not done again.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    },
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "description": "The ETag of the element as it was read: 412 when it was changed since.",
        "schema": TEXT,
    },
    "If-None-Match": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag of the answer that the client has: 304 when it is still the same.",
        "schema": TEXT,
    },
    "page": {
        "name": "page",
        "in": "query",
        "description": "The page, from 1.",
        "schema": {"type": "integer", "minimum": 1, "default": 1},
    },
    "per_page": {
        "name": "per_page",
        "in": "query",
        "description": "Rows per page.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PER_PAGE, "default": DEFAULT_PER_PAGE},
    },
    "edited_since": {
        "name": "edited_since",
        "in": "query",
        "description": "Only rows written since this moment.",
        "schema": {"type": "string", "format": "date-time"},
    },
    "with_deleted": {
        "name": "with_deleted",
        "in": "query",
        "description": "Also show deleted rows, by their id and when they were deleted.",
        "schema": {"type": "boolean", "default": False},
    },
}
