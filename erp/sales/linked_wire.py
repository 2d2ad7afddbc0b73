"""Documents of linked affairs, on the wire: an attribute for each kind, shown by one include."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from erp.core.fields import Column, Computed
from erp.core.wire import compiled, serializer_for
from erp.sales.choices import Kind
from erp.sales.models import PROXIES

__all__ = ["LINKED", "LinkedDocuments"]

#: Attributes of the wire and the kinds of documents that they answer.
LINKED = {f"{kind}s" if kind != "delivery" else "deliveries": kind for kind in map(str, PROXIES)}


class LinkedDocuments(Computed):
    """The documents of a kind, answered when `linked_documents` is included."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(self.answers, needs=("documents",), on_request=True)

    def __deepcopy__(self, memo: Any) -> LinkedDocuments:
        return LinkedDocuments(self.kind)

    def answers(self, row: Any) -> list[dict[str, Any]]:
        """The documents as their own pages answer them."""
        render = compiled(serializer_for(PROXIES[Kind(self.kind)]), ())
        return [render(document) for document in row.documents[self.kind]]

    def columns(self, name: str) -> list[Column]:
        schema = {"type": "array", "items": {"type": "object"}}
        return [
            replace(column, shown_with="linked_documents", schema=schema) for column in super().columns(name)
        ]
