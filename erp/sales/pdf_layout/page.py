"""A snapshot with what every part of the page asks of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from erp.core.printing import Formats

Snapshot = dict[str, Any]
Line = dict[str, Any]
Context = dict[str, Any]

_SHOW, _HIDE = 2, 3


@dataclass(frozen=True, slots=True)
class Page:
    """A snapshot with the choices every part depends on; `tax` is the side that lines show, ht or ttc."""

    snapshot: Snapshot
    formats: Formats
    tax: str
    priced: bool
    lines: tuple[Line, ...]

    @classmethod
    def of(cls, snapshot: Snapshot) -> Page:
        amounts = snapshot["pdf_options"].get("amounts", 1)
        prices = (snapshot.get("team_options") or {}).get("sales_pdf_delivery_prices", True)
        return cls(
            snapshot=snapshot,
            formats=Formats.of(snapshot["formats"], snapshot["currency"]),
            tax={2: "ht", 3: "ttc"}.get(amounts, str(snapshot["input_mode"])),
            priced=snapshot["kind"] != "delivery" or bool(prices),
            lines=tuple(line for line in snapshot["contents"] if not line.get("is_hidden")),
        )

    @property
    def kind(self) -> str:
        return str(self.snapshot["kind"])

    @property
    def items(self) -> Iterator[Line]:
        return (line for line in self.lines if is_item(line))

    def text(self, key: str) -> str:
        return str(self.snapshot.get(key) or "")

    def number(self, key: str) -> Decimal:
        return Decimal(self.snapshot.get(key) or 0)

    def total(self, key: str) -> Decimal:
        return Decimal(self.snapshot["totals"].get(key) or 0)

    def option(self, key: str) -> int:
        return int(self.snapshot["pdf_options"].get(key) or 1)

    def shows(self, key: str, automatic: object) -> bool:
        """A switch of `pdf_options`: 1 as `automatic` says, 2 show, 3 hide."""
        return {_SHOW: True, _HIDE: False}.get(self.option(key), bool(automatic))

    def is_input(self, key: str) -> bool:
        return bool(self.snapshot["input_options"].get(key))

    def of_tax(self, line: Line, name: str) -> Decimal:
        """The amount `name` of a line, on the side that lines show."""
        return Decimal(line.get(f"{name}_{self.tax}") or 0)


def is_item(line: Line) -> bool:
    """Whether a line is something sold: no text, no subtotal, no page break."""
    return not any(line.get(flag) for flag in ("is_comments", "is_subtotal", "is_pagebreak"))
