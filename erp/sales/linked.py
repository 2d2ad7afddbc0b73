"""The documents of rows that are linked to affairs: opportunities, worksites. A row is linked to affairs, and
so to every document made in them.

    class Opportunity(TenantModel):
        affairs = models.ManyToManyField(Affair, related_name="opportunities")
        documents = PerRow(documents_through("opportunities"))

`linked_wire.py` answers them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from erp.core.access import visible
from erp.core.errors import Invalid

__all__ = ["AFFAIR_CHANGES", "documents_through", "link_affairs"]

#: The attributes of a body that link affairs.
AFFAIR_CHANGES = ("affairs", "add_affairs", "remove_affairs")

Documents = Mapping[int, Mapping[str, list[Any]]]


def documents_through(relation: str) -> Callable[[Sequence[Any]], Documents]:
    """A loader of the documents that the actor may see, by id and kind, loaded for their answers.

    `relation` leads from affairs to the rows.
    """

    def documents_of(rows: Sequence[Any]) -> Documents:
        from erp.core.wire import loaded, serializer_for
        from erp.sales.models import PROXIES

        keys = [row.pk for row in rows]
        found: dict[int, dict[str, list[Any]]] = {key: defaultdict(list) for key in keys}
        path = f"affair__{relation}"
        for kind, model in PROXIES.items():
            documents = visible(model).filter(**{f"{path}__in": keys}).order_by("date", "pk")
            documents = documents.annotate(linked_row=F(path))
            for document in loaded(serializer_for(model), documents, ()):
                found[document.linked_row][str(kind)].append(document)
        return found

    return documents_of


def link_affairs(row: Any, changes: Mapping[str, Any]) -> None:
    """Set, add and remove linked affairs, which are those of the row's customer. Raises Invalid (422)."""
    for name in ("affairs", "add_affairs"):
        for number, affair in enumerate(changes.get(name) or ()):
            if affair.customer_id != row.customer_id:
                text = _("The affair %(affair)s is of another customer.") % {"affair": affair}
                raise Invalid({f"{name}.{number}": text})
    if changes.get("affairs") is not None:
        row.affairs.set(changes["affairs"])
    row.affairs.remove(*(changes.get("remove_affairs") or ()))
    row.affairs.add(*(changes.get("add_affairs") or ()))
    if row.affairs.exclude(customer=row.customer_id).exists():
        raise Invalid({"customer": _("Linked affairs are of another customer: unlink them first.")})
