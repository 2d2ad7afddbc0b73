"""Paying documents with credits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from erp.core import services as core
from erp.core.errors import Conflict, Invalid
from erp.customers.settlement.accounts import Accounts

__all__ = ["CREDIT_LISTS", "Credits"]

CREDIT_LISTS = ("credits", "add_credits", "remove_credits")


class Credits(Accounts):
    """Credits that pay documents of the same customer."""

    @transaction.atomic
    def use_credits(self, document: Any, values: Mapping[str, Any]) -> Any:
        """Pay a document with credits, each for as much as it can.

        `credits`: all that pay it from now on, in this order; `add_credits`, `remove_credits`: some more,
        some less. Answers the document as it is then. Raises Invalid (422) when none is named, when one can
        not serve or nothing remains; Conflict (409) when somebody else changes its credits at the same time.
        """
        given = {name: values[name] for name in CREDIT_LISTS if name in values}
        if not given:
            raise core.missing("credits")
        named = [credit.pk for rows in given.values() for credit in rows]
        locked = self.lock({document.pk, *self._credit_uses(document), *named})
        uses = self._credit_uses(document)  # read again under the lock
        if not set(uses) <= set(locked):
            raise Conflict(_("Somebody else is paying this document: try again."), code="changed")
        target = locked[document.pk]
        self._check_target(target)
        rests = {key: self.rest(row) for key, row in locked.items()}
        self._withdraw(target, given, uses, rests)
        for path, key in self._asked(given):
            self._use_credit(target, locked[key], uses.get(key), rests, path)
        self.settle(locked.values())
        return target

    def _credit_uses(self, document: Any) -> dict[int, Any]:
        """The uses that pay a document, by the id of their credit."""
        return {use.credit_id: use for use in self.credit_use.objects.filter(target_id=document.pk)}

    def _check_target(self, target: Any) -> None:
        if self.is_credit(target):
            raise Invalid(_("%(document)s is a credit: it pays others.") % {"document": target})
        if refusal := self.refusal(target):
            raise Invalid(refusal)

    def _withdraw(
        self,
        target: Any,
        given: Mapping[str, Sequence[Any]],
        uses: dict[int, Any],
        rests: dict[int, Decimal],
    ) -> None:
        """Undo the uses that are not to stay; what they paid is free again for those that follow.

        Raises Invalid (422) for a credit to remove that does not pay the target.
        """
        removed = given.get("remove_credits", ())
        for number, credit in enumerate(removed):
            if credit.pk not in uses:
                text = _("%(credit)s pays nothing of %(document)s.")
                words = {"credit": credit, "document": target}
                raise Invalid({f"remove_credits.{number}": text % words})
        kept = {credit.pk for credit in given["credits"]} if "credits" in given else set(uses)
        kept -= {credit.pk for credit in removed}
        gone = [uses.pop(key) for key in list(uses) if key not in kept]
        self.credit_use.objects.filter(pk__in=[use.pk for use in gone]).hard_delete()
        for use in gone:
            rests[target.pk] += use.amount
            rests[use.credit_id] += use.amount

    @staticmethod
    def _asked(given: Mapping[str, Sequence[Any]]) -> list[tuple[str, int]]:
        """(path, id) of each credit to use, in order, once each."""
        removed = {credit.pk for credit in given.get("remove_credits", ())}
        asked: dict[int, str] = {}
        for name in ("credits", "add_credits"):
            for number, credit in enumerate(given.get(name, ())):
                if credit.pk not in removed:
                    asked.setdefault(credit.pk, f"{name}.{number}")
        return [(path, key) for key, path in asked.items()]

    def _use_credit(self, target: Any, credit: Any, use: Any, rests: dict[int, Decimal], path: str) -> None:
        """Pay as much of the target as the credit can, more than before if it pays some already (`use`)."""
        if use is None and (reason := self._why_not(target, credit, rests)):
            raise Invalid({path: reason}, code="beyond_rest")
        more = min(rests[target.pk], rests[credit.pk])
        if use is None:
            self.credit_use.objects.create(credit=credit, target=target, amount=more)
        elif more:
            use.amount += more
            use.save(update_fields=["amount", "updated_at"])
        rests[target.pk] -= more
        rests[credit.pk] -= more

    def _why_not(self, target: Any, credit: Any, rests: Mapping[int, Decimal]) -> str | None:
        """Why a credit can pay nothing of the target, or None."""
        words = {"credit": credit, "document": target}
        if not self.is_credit(credit):
            return _("%(credit)s is no credit.") % words
        if credit.customer_id != target.customer_id:
            return _("%(credit)s is not of the same customer as %(document)s.") % words
        if credit.currency_id != target.currency_id:
            return _("%(credit)s is not in the same currency as %(document)s.") % words
        if refusal := self.refusal(credit):
            return refusal
        for document in (target, credit):
            if not rests[document.pk]:
                return self.nothing_left(document)
        return None
