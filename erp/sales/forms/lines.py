"""The grid: all lines of a document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from erp.sales.forms.choices import LineLists
from erp.sales.forms.line import LineForm
from erp.sales.models import Document, Line

#: A document of more lines is made by the API.
MAX_LINES = 1000


class Lines:
    """The grid: the document's lines or, bound, those typed, in the order of the page."""

    prefix = "contents"
    COUNT = "contents-TOTAL"

    def __init__(self, document: Document, options: Mapping[str, Any], mode: str, data: Any = None) -> None:
        self.known: dict[int, Line] = {}
        if document.pk:
            links = ("product__unit", "variation", "service", "unit", "secondary_unit", "vat_rate")
            self.known = {line.affair_content_id: line for line in document.contents.select_related(*links)}
        self.data: Any = data if data is not None and self.COUNT in data else None
        self.lists = LineLists(options, mode, self._typed_codes())
        self.forms = list(self._bound_forms() if self.data is not None else self._stored_forms())

    def _typed_codes(self) -> set[str]:
        names = [name for name in self.data or () if re.fullmatch(r"contents-\d+-catalog", name)]
        return {self.data[name] for name in names}

    def _stored_forms(self) -> Iterator[LineForm]:
        for number, line in enumerate(self.known.values()):
            yield self._form(number, None, line)

    def _bound_forms(self) -> Iterator[LineForm]:
        count = self.data[self.COUNT]
        for number in range(min(int(count), MAX_LINES) if count.isdecimal() and len(count) < 9 else 0):
            key = self.data.get(f"{self.prefix}-{number}-affair_content") or ""
            yield self._form(number, self.data, self.known.get(int(key)) if key.isdecimal() else None)

    def _form(self, number: Any, data: Any, line: Line | None) -> LineForm:
        return LineForm(
            data, prefix=f"{self.prefix}-{number}", lists=self.lists, line=line, mode=self.lists.mode
        )

    @property
    def blank(self) -> LineForm:
        """What the page adds: names have `__n__` for the number."""
        return self._form("__n__", None, None)

    @cached_property
    def filled(self) -> list[LineForm]:
        """The lines in which something was typed."""
        return [form for form in self.forms if not form.is_blank]

    def is_valid(self) -> bool:
        """Whether every line can be read."""
        return self.data is None or not [form for form in self.filled if not form.is_valid()]

    def has_changed(self) -> bool:
        """Whether a line was changed, added, moved or taken away."""
        if self.data is None:
            return False
        present = [form.line.affair_content_id if form.line else None for form in self.filled]
        return present != list(self.known) or any(form.has_changed() for form in self.filled)

    def rows(self, mode: str) -> list[dict[str, Any]]:
        """All lines as the services take them."""
        return [form.row(mode) for form in self.filled]

    def take(self, refusal: Any) -> None:
        """Show a service's errors beside the inputs they are about."""
        for path in list(refusal.errors):
            plain = re.sub(r"^(contents\.\d+)\.(unit_price|ecotax_u)_(ht|ttc)$", r"\1.\2", path)
            refusal.errors[plain] = refusal.errors.pop(path)
        refusal.take_lines(SimpleNamespace(prefix=self.prefix, forms=self.filled))
