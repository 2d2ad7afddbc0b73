"""The API reference as data: names, types and requiredness of everything that it promises.

`data/<chapter>.json` holds, per object, its attributes and, per endpoint, what it reads and how its list is
sorted, searched, filtered and completed. Types are written

    "integer"  "number"  "string"  "boolean"  "object"  "array"  "date"  "datetime"
    "decimal:5"  a text with five decimals          "amount"  a number, or such a text
    "…?"         present only if requested          "…~"      present only in some cases
    "…*"         (of bodies) required

`data/errata.json` says where the reference contradicts itself and what was decided; the data say so already.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

__all__ = [
    "SINGLES",
    "SORTS",
    "Attribute",
    "Call",
    "Item",
    "Parameter",
    "Resource",
    "errata",
    "items",
    "objects",
    "resources",
]

DATA = Path(__file__).parent / "data"
#: What is proven, in the order of the report.
SORTS = ("object", "attribute", "endpoint", "parameter", "filter", "sort", "search", "include")
#: Addresses that belong to the resource of another.
ALIASES = {
    "/sales/pdf_models": "/sales/pdf_model",
    "/construction/technicians": "/construction/technician",
    "/mail/send": "/mail",
    "/mail/send/insert": "/mail",
    "/user/email-validation/resend": "/user",
    "/user/email-validation/cancel": "/user",
}

#: Addresses of what a team has one of.
SINGLES = ("/team", "/user")


class Item(NamedTuple):
    """One promise: `Item("Various", "sort", "GET /unit", "label")`."""

    chapter: str
    sort: str
    where: str
    name: str

    def __str__(self) -> str:
        return " · ".join(part for part in self if part)


@dataclass(frozen=True)
class Attribute:
    """An attribute of an object."""

    name: str
    kind: str
    on_request: bool
    sometimes: bool

    @classmethod
    def parse(cls, name: str, text: str) -> Attribute:
        return cls(name, text.rstrip("?~"), "?" in text, "~" in text)


@dataclass(frozen=True)
class Parameter:
    """A parameter of a body; `path` is its dotted name, `*` standing for any row of a list."""

    path: str
    kind: str
    required: bool

    @property
    def steps(self) -> tuple[str, ...]:
        return tuple(self.path.split("."))


@dataclass(frozen=True)
class Call:
    """An endpoint: a method at an address."""

    chapter: str
    method: str
    path: str
    object: str = ""
    body: Mapping[str, Parameter] = field(default_factory=dict)
    sort: tuple[str, ...] = ()
    default_sort: str | None = None
    search: tuple[str, ...] = ()
    filter: Mapping[str, str] = field(default_factory=dict)
    include: tuple[str, ...] = ()
    edited_since: bool = False
    with_deleted: bool = False
    #: Other addresses that answer the same.
    also: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def item(self, sort: str, name: str = "") -> Item:
        return Item(self.chapter, sort, str(self), name)

    @property
    def resource(self) -> str:
        base = re.split(r"/<ID>", self.path)[0]
        return ALIASES.get(base, base)

    @property
    def role(self) -> str:
        """list, one, create, update, delete; the method and what follows the address of other endpoints."""
        base, one, rest = self.path.partition("/<ID>")
        if base != self.resource and base not in ("/sales/pdf_models", "/construction/technicians"):
            return f"{self.method} {base.removeprefix(self.resource)}"
        if rest:
            return f"{self.method} {rest}"
        one = one or self.path in SINGLES
        names = (
            {"GET": "one", "PUT": "update", "DELETE": "delete"} if one else {"GET": "list", "POST": "create"}
        )
        return names.get(self.method, self.method)


@dataclass(frozen=True)
class Resource:
    """The endpoints of one address."""

    chapter: str
    path: str
    calls: tuple[Call, ...]

    def __str__(self) -> str:
        return self.path

    @property
    def roles(self) -> dict[str, Call]:
        return {call.role: call for call in self.calls}

    @property
    def object(self) -> str:
        return next((call.object for call in self.calls if call.object), "")


@cache
def chapters() -> tuple[dict[str, Any], ...]:
    found = (json.loads(path.read_text()) for path in sorted(DATA.glob("*.json")) if path.stem != "errata")
    return tuple(found)


@cache
def objects() -> dict[str, tuple[str, tuple[Attribute, ...]]]:
    """Object -> (its chapter, its attributes)."""
    return {
        name: (data["chapter"], tuple(Attribute.parse(*pair) for pair in attributes.items()))
        for data in chapters()
        for name, attributes in data["objects"].items()
    }


@cache
def resources() -> tuple[Resource, ...]:
    """Every resource, its chapter's first."""
    found: dict[str, list[Call]] = {}
    for data in chapters():
        for raw in data["endpoints"]:
            call = call_of(data["chapter"], raw)
            found.setdefault(call.resource, []).append(call)
    return tuple(Resource(calls[0].chapter, path, tuple(calls)) for path, calls in found.items())


def call_of(chapter: str, raw: dict[str, Any]) -> Call:
    body = {
        path: Parameter(path, kind.rstrip("*"), kind.endswith("*"))
        for path, kind in raw.pop("body", {}).items()
    }
    lists = {name: tuple(value) for name, value in raw.items() if isinstance(value, list)}
    return Call(chapter, body=body, **{**raw, **lists})


def errata() -> list[dict[str, str]]:
    """Where the reference contradicts itself: `where`, and the `reason` of what was decided."""
    return json.loads((DATA / "errata.json").read_text())


@cache
def items() -> tuple[Item, ...]:
    """Every promise of the reference."""
    found: list[Item] = []
    for name, (chapter, attributes) in objects().items():
        found.append(Item(chapter, "object", name, ""))
        found += [Item(chapter, "attribute", name, attribute.name) for attribute in attributes]
    for resource in resources():
        for call in resource.calls:
            found.append(call.item("endpoint"))
            for sort, names in (
                ("parameter", call.body),
                ("filter", call.filter),
                ("sort", call.sort),
                ("search", call.search),
                ("include", call.include),
            ):
                found += [call.item(sort, name) for name in names]
    return tuple(found)
