"""Values for parameters of bodies, by type and name, and whether what is answered shows what was sent.

Values of variant 0, 1, 2… differ, so that rows made of them can be told apart, filtered and sorted.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from zlib import crc32

from rest_framework import serializers

from erp.core import fields as wire
from erp.core.models import TenantModel
from erp.core.parameters import Parameter as Setting
from erp.core.parameters import ParametersField
from tenants.models import TeamUser, User
from tests.factories import make

__all__ = ["MISSING", "at", "same", "scalar", "spread", "stated", "values_at"]

MISSING: Any = type("Missing", (), {"__repr__": lambda self: "nothing"})()
WORDS = ("Bravo", "Alpha", "Delta", "Charlie", "Foxtrot", "Echo")
DAYS = ("2024-05-17", "2024-03-02", "2024-09-28", "2024-07-11", "2024-06-20", "2024-08-05")
IBANS = (
    "FR7630006000011234567890189",
    "DE89370400440532013000",
    "BE71096123456769",
    "ES9121000418450200051332",
    "NL91ABNA0417164300",
    "GB82WEST12345698765432",
)
TYPED = {
    "email": "{low}.{name}@acme.example",
    "mail": "{low}.{name}@acme.example",
    "address": "{low}.{name}@acme.example",
    "website": "https://{low}.{name}.example",
    "color": "#{hex}",
    "foregroundcolor": "#{hex}",
    "phone": "+33 1 69 0{n} {pair} 00",
    "mobile": "+33 6 69 0{n} {pair} 00",
    "fax": "+33 1 60 0{n} {pair} 00",
    "iban": "{iban}",
    "bic": "{bic}",
}


def spread(n: int) -> int:
    """A number that does not grow with n, to give an order that is not that of creation."""
    return (5, 1, 9, 7, 3, 8)[n % 6]


# --- Values to send -----------------------------------------------------------------------------------


def scalar(path: str, kind: str, reader: Any, n: int) -> Any:
    """A good value of one parameter: `reader` is the field that reads it, which knows links and choices."""
    if isinstance(reader, ParametersField):
        known = [item for item in reader.parameters if item.kind not in ("link", "links") or item.model]
        return {item.name: setting(item, n) for item in known}
    if isinstance(reader, Setting):
        return setting(reader, n)
    if isinstance(reader, wire.LinkField) and reader.model is not None and kind != "string":
        key = linked(reader.model, n)
        return [key] if isinstance(reader, wire.Ids) and not path.endswith("*") else key
    if isinstance(reader, serializers.ChoiceField):
        choices = [choice for choice in reader.choices if choice not in ("", None)]
        return choices[n % len(choices)]
    name = path.replace(".*", "").split(".")[-1].lower()
    if kind == "boolean":
        return n % 2 == 0
    if kind in ("integer", "number"):
        return number(path, kind, reader, n)
    if kind == "array":
        return [text(path, name, reader, n)]
    if kind == "date" or re.search(r"(^|_)(date|datetime|at|begin|end)$", name):
        return day(name, n)
    return text(path, name, reader, n)


def linked(model: Any, n: int) -> int:
    """The id of a row to link to, another one for each variant."""
    if model is TeamUser:
        user = make(User, firstname=f"{WORDS[n % 6]} firstname", lastname=f"{WORDS[n % 6]} lastname")
        return int(make(TeamUser, user=user).pk)
    if issubclass(model, TenantModel):
        return int(make(model).pk)
    rows = list(model._default_manager.order_by("pk").values_list("pk", flat=True)[:60])
    return int(rows[(spread(n) * 7) % len(rows)])


def number(path: str, kind: str, reader: Any, n: int) -> Any:
    """A number that the field takes; different parameters get different ones."""
    value = Decimal(2 + crc32(path.encode()) % 37 + spread(n))
    high, low = getattr(reader, "max_value", None), getattr(reader, "min_value", None)
    if high is not None and value > high:
        value = Decimal(spread(n)) if high >= 9 else Decimal(n % (int(high) + 1))
    if low is not None and value < low:
        value = Decimal(low) + n
    return int(value) if kind == "integer" else f"{value}.50"


def day(name: str, n: int) -> str:
    """A day, or a moment where the name says so."""
    if name in ("begin", "end"):
        return f"{DAYS[n % 6]}T{'08' if name == 'begin' else '10'}:30:00.000000Z"
    moment = name.endswith(("_at", "datetime")) and name != "expire_at"
    return f"{DAYS[n % 6]}T22:00:00.000000Z" if moment else DAYS[n % 6]


def text(path: str, name: str, reader: Any, n: int) -> str:
    """A text that says what it is; short where the field is."""
    word, code = WORDS[n % 6] + (str(n // 6) if n >= 6 else ""), crc32(path.encode())
    form = TYPED.get(name, "{word} {path}")
    value = form.format(
        word=word,
        low=word.lower(),
        name=name.replace("_", "-"),
        path=path.replace(".*", "").replace(".", " ").replace("_", " "),
        hex=f"{code % 0x7FFFF + n:06x}",
        n=n % 10,
        iban=IBANS[n % 6],
        bic=f"AGRIFRPP{800 + n}",
        pair=code % 89 + 10,
    )
    longest = getattr(reader, "max_length", None)
    return value if longest is None or len(value) <= longest else f"{word[0]}{n}{code % 10**6}"[:longest]


def setting(item: Setting, n: int) -> Any:
    """A value of a setting that its declaration allows."""
    if item.model:
        key = linked(item.target, n)
        return [key] if item.kind == "links" else key
    if item.choices:
        return item.choices[n % len(item.choices)]
    if item.kind == "boolean":
        return n % 2 == 0
    if item.name.endswith("_color"):
        return f"#{crc32(item.name.encode()) % 0xFFFF + n:06x}"
    if item.name.endswith("_prefix"):
        return f"{WORDS[n % 6][0]}{{YYYY}}{{MM}}-"
    if item.kind == "string":
        return f"{WORDS[n % 6]} {item.name}"[: item.max_length]
    low, high = item.minimum or 0, item.maximum if item.maximum is not None else 10**6
    return min(max(low, spread(n) + crc32(item.name.encode()) % 7), high)


# --- What is answered -----------------------------------------------------------------------------------


def at(answer: Any, path: str) -> Any:
    """The value at a dotted path; of a list, of its first row. MISSING where nothing stands."""
    for step in path.split("."):
        if isinstance(answer, list):
            answer = answer[0] if answer else MISSING
        if step == "*":
            continue
        if not isinstance(answer, Mapping):
            return MISSING
        answer = answer.get(step, MISSING)
    return answer


def values_at(answer: Any, path: str) -> list[Any]:
    """Every value at a dotted path, of all rows of lists."""
    found = [answer]
    for step in path.split("."):
        found = [row for value in found for row in (value if isinstance(value, list) else [value])]
        if step != "*":
            found = [value[step] for value in found if isinstance(value, Mapping) and step in value]
    return [row for value in found for row in (value if isinstance(value, list) else [value])]


def stated(row: Any, path: str) -> list[Any]:
    """The values at a path, null included; of a list of objects, those of its rows."""
    head, _dot, rest = path.partition(".")
    if head == "*":
        rows = row if isinstance(row, list) else []
        return [value for item in rows for value in (stated(item, rest) if rest else [item])]
    if isinstance(row, list):
        return [value for item in row for value in stated(item, path)]
    if not isinstance(row, dict) or head not in row:
        return []
    return stated(row[head], rest) if rest else [row[head]]


def same(sent: Any, answered: Any) -> bool:
    """Whether an answer shows what was sent: ids as objects, labels as objects, amounts in any form."""
    if hasattr(sent, "read"):
        return isinstance(answered, Mapping) and answered["filename"] == sent.name
    if isinstance(answered, Mapping) and not isinstance(sent, Mapping):
        keys = (
            ("active",) if isinstance(sent, bool) else ("id", "label", "name", "value", "code", "reference")
        )
        return any(same(sent, answered[key]) for key in keys if answered.get(key) is not None)
    if isinstance(sent, bool) or isinstance(answered, bool):
        return sent == answered
    if isinstance(sent, Mapping):
        return isinstance(answered, Mapping) and all(
            same(value, answered.get(name, answered.get(f"{name}_id", MISSING)))
            for name, value in sent.items()
        )
    if isinstance(sent, list):
        return isinstance(answered, list) and len(sent) == len(answered) and all_found(sent, answered)
    return plain(sent) == plain(answered)


def all_found(sent: Iterable[Any], answered: Iterable[Any]) -> bool:
    """Whether each of the values sent is among those answered."""
    answered = list(answered)
    return all(any(same(value, row) for row in answered) for value in sent)


def plain(value: Any) -> Any:
    """A value in the form in which equal ones are equal."""
    if isinstance(value, (int, float, Decimal)) or (
        isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value)
    ):
        try:
            return Decimal(str(value)).normalize()
        except InvalidOperation:
            return value
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d([T ]|$)", value):
        moment = datetime.datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)).timestamp()
    return value
