"""What has been paid of documents, and what remains of each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any, ClassVar, cast

from django.db import models
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.core.events import announce
from erp.core.money import Amounts

__all__ = ["Accounts"]

ZERO = Decimal(0)


class Accounts(ABC):
    """What has been paid of one chapter's documents, and what remains of each."""

    payment: ClassVar[type[Any]]
    payment_use: ClassVar[type[Any]]
    credit_use: ClassVar[type[Any]]
    #: Attribute of payments, on the wire and in forms, that lists what they pay.
    name: ClassVar[str]

    @abstractmethod
    def lock(self, keys: Collection[int]) -> dict[int, Any]:
        """The documents of these ids, locked in the order of their ids and read again.

        Raises Conflict (409) when one was deleted meanwhile.
        """

    @abstractmethod
    def is_credit(self, document: Any) -> bool:
        """Whether a document is a credit."""

    @abstractmethod
    def refusal(self, document: Any) -> str | None:
        """Why a document can be paid nothing now (a draft), or None."""

    @abstractmethod
    def payable(self, document: Any) -> Decimal:
        """All that can ever be paid of a document, VAT included."""

    @abstractmethod
    def note(self, document: Any, paid: Decimal) -> Mapping[str, Any]:
        """The columns of a document that say what has been paid of it, with their values."""

    @abstractmethod
    def open_documents(self, *, credits_only: bool = False) -> models.QuerySet[Any]:
        """The documents that the actor may see and of which something remains."""

    def rest(self, document: Any) -> Decimal:
        """What can still be paid of a document (of a credit: used or given back), VAT included."""
        return max(ZERO, self.payable(document) - document.already_paid)

    def settle(self, documents: Iterable[Any]) -> None:
        """Count again what has been paid of locked documents; share it between VAT and the rest."""
        found = {document.pk: document for document in documents}
        credited = self._credited(found.values())
        uses: dict[int, list[Any]] = {}
        for use in self._uses_of(found):
            uses.setdefault(use.target_id, []).append(use)
        changed: list[Any] = []
        for key, document in found.items():
            paid = credited.get(key, ZERO)
            for use in uses.get(key, ()):
                share = _whole(document).part(paid, paid + use.amount, document.total_ttc)
                if (use.ht, use.tva) != (share.ht, share.tva):
                    use.ht, use.tva = share.ht, share.tva
                    changed.append(use)
                paid += use.amount
            rest = self.rest(document)
            self._write(document, self.note(document, paid))
            if rest and not self.rest(document) and not self.is_credit(document):
                announce(document, "paid")
        if changed:
            self.payment_use.objects.bulk_update(changed, ["ht", "tva"])

    def _uses_of(self, keys: Iterable[int]) -> models.QuerySet[Any]:
        return cast(
            "models.QuerySet[Any]",
            self.payment_use.objects.filter(target_id__in=list(keys)).order_by("pk"),
        )

    def _credited(self, documents: Iterable[Any]) -> dict[int, Decimal]:
        """By document, what credits pay of it; by credit, what it pays of others."""
        sums: dict[int, Decimal] = {}
        keys: dict[str, list[int]] = {"credit_id": [], "target_id": []}
        for document in documents:
            keys["credit_id" if self.is_credit(document) else "target_id"].append(document.pk)
        for name, ids in keys.items():
            if ids:
                rows = self.credit_use.objects.filter(**{f"{name}__in": ids}).order_by()
                sums |= dict(rows.values_list(name).annotate(total=Sum("amount")))
        return sums

    @staticmethod
    def _write(document: Any, values: Mapping[str, Any]) -> None:
        changes = {name: value for name, value in values.items() if getattr(document, name) != value}
        if changes:
            for name, value in changes.items():
                setattr(document, name, value)
            document.updated_at = timezone.now()
            type(document).objects.filter(pk=document.pk).update(updated_at=document.updated_at, **changes)
            announce(document, "updated")

    def too_much(self, document: Any, rest: Decimal) -> str:
        words = {"document": document, "rest": rest}
        if not rest:
            return self.nothing_left(document)
        if self.is_credit(document):
            return _("Give at most %(rest)s, which is what remains of %(document)s.") % words
        return _("Give at most %(rest)s, which is what remains to be paid of %(document)s.") % words

    def nothing_left(self, document: Any) -> str:
        words = {"document": document}
        if self.is_credit(document):
            return _("%(document)s is used wholly: nothing remains of it.") % words
        return _("%(document)s is paid: nothing remains to be paid.") % words


def _whole(document: Any) -> Amounts:
    return Amounts(document.total_ht, document.total_tva, document.total_ttc)
