"""Tables of printed lines: columns as wide as their texts, so that every table fits the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from erp.core.printing import NARROW_SPACE, SPACE

__all__ = ["Column", "dimensions", "item_row"]

Line = dict[str, Any]
Context = dict[str, Any]

_LONGEST_UNSPLIT = 1500  # characters of a designation that is kept on one page


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the lines: `write` gives the cell of a line, a text or the keys the template knows."""

    key: str
    label: str
    write: Callable[[Line], str | Context]
    css: str = "number"


def item_row(columns: list[Column], line: Line) -> Context:
    """The cells of a line with amounts; `line` has `designation` and, when it is one, `is_option`."""
    cells = []
    for column in columns:
        written = column.write(line)
        cell = {"text": written} if isinstance(written, str) else written
        cells.append({"key": column.key, "css": column.css, **cell})
    splits = len(line.get("designation") or "") > _LONGEST_UNSPLIT
    return {"type": "item", "cells": cells, "is_option": bool(line.get("is_option")), "splits": splits}


@dataclass(frozen=True, slots=True)
class _Room:
    """What a table needs besides its texts, in points; the widest unbroken code and least price, in ems."""

    description: float
    cell: float
    picture: float
    code: float
    price: float


# As in the style sheet: width of the table, normal type size, cell paddings; dense tables are set tighter.
_TABLE_WIDTH, _TYPE_SIZE = 510.0, 8.5
_NORMAL, _DENSE = _Room(128, 8.2, 46, 9.5, 6.5), _Room(108, 4.2, 34, 4.6, 0)
_HEAD_SIZE, _WIDEST_MEASURE = 0.92, 6.5


def dimensions(columns: list[Column], rows: list[Context]) -> Context:
    """Column widths from the texts, so that every table fits the page: the type shrinks where it must."""
    room, size = _NORMAL, _TYPE_SIZE
    if _free(columns, rows, room) < 0:
        room, size = _DENSE, _TYPE_SIZE
        total = sum(_ems(column, rows, room) for column in columns)
        size = min(7.5, (_TABLE_WIDTH - _fixed(columns, room)) / total)
    heads = [
        {
            "key": column.key,
            "label": column.label,
            "css": column.css,
            "width": _width(column, rows, room, size),
        }
        for column in columns
    ]
    return {"columns": heads, "dense_size": f"{size:.2f}" if room is _DENSE else ""}


def _free(columns: list[Column], rows: list[Context], room: _Room) -> float:
    """The points left over at the normal type size."""
    ems = sum(_ems(column, rows, room) for column in columns)
    return _TABLE_WIDTH - _fixed(columns, room) - ems * _TYPE_SIZE


def _fixed(columns: list[Column], room: _Room) -> float:
    pictures = sum(column.css == "picture" for column in columns)
    return room.description + len(columns) * room.cell + pictures * room.picture


def _width(column: Column, rows: list[Context], room: _Room, size: float) -> str:
    """In points, as CSS; nothing for the description, which takes what is left."""
    if column.css == "designation":
        return ""
    picture = room.picture if column.css == "picture" else 0
    return f"{_ems(column, rows, room) * size + room.cell + picture:.1f}pt"


def _ems(column: Column, rows: list[Context], room: _Room) -> float:
    """The width of a column's texts in ems: unbroken, save that codes and units may wrap."""
    if column.css in ("designation", "picture"):
        return 0.0
    head = max(_em(word) for word in column.label.split(" ")) * _HEAD_SIZE
    texts = list(_texts(column, rows))
    natural = max(map(_em, texts), default=0.0)
    if column.css == "code":
        natural = min(natural, room.code)
    elif column.css in ("measure", "unit"):
        longest_word = max((_em(word) for text in texts for word in text.split(" ")), default=0.0)
        natural = max(longest_word, min(natural, _WIDEST_MEASURE))
    elif column.key in ("unit_price", "total"):
        natural = max(natural, room.price)
    return max(head, natural) + 0.2


def _texts(column: Column, rows: list[Context]) -> Iterator[str]:
    for row in rows:
        for cell in row.get("cells", ()):
            if cell["key"] == column.key:
                yield cell.get("text") or ""
                yield cell.get("under") or ""
        if row["type"] == "subtotal" and column.key == "total":
            yield f"{row['amount']}0"  # bold, hence wider


def _em(text: str) -> float:
    """A generous estimate of the width of a text in ems, in a sans serif like Arial."""
    return sum(0.3 if sign in _THIN else 0.75 if sign.isupper() else 0.57 for sign in text)


_THIN = f" .,:'/-{SPACE}{NARROW_SPACE}"
