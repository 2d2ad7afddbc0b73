"""How documents are paid: creating, editing and deleting payments, using credits.

Whoever pays a document holds its row's lock, so that what remains of it is read and taken by one person at a
time; nothing is ever paid beyond what remains. What a document has been paid is the sum of its uses, counted
again by `settle` after each change.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, cast

from django.db import models, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.core import services as core
from erp.core.access import visible
from erp.core.errors import Conflict, Invalid
from erp.core.events import announce
from erp.core.money import Amounts, round_half_up
from erp.core.scope import current_team
from erp.customers.models import Customer
from erp.customers.settlement.models import PaymentType
from erp.various.models import Currency

__all__ = ["Settlement"]

ZERO = Decimal(0)
CREDIT_LISTS = ("credits", "add_credits", "remove_credits")
#: A row of a payment's body: {"id": the document or None, "amount"}.
Row = Mapping[str, Any]


class Settlement(ABC):
    """The payments of one chapter's documents. Subclasses name their models and say what is to be paid."""

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

    # --- What remains ---------------------------------------------------------------------------------

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

    # --- Payments -------------------------------------------------------------------------------------

    @transaction.atomic
    def create(self, values: Mapping[str, Any]) -> Any:
        """A new payment of `values`: the model's attributes, and `self.name`, a list of Row.

        The amount is that of the rows unless given; a row without a document is kept for later. Customer and
        currency are those of the documents. Raises Invalid (422) with the path of what is wrong.
        """
        return self._save(self.payment(), dict(values))

    @transaction.atomic
    def update(self, payment: Any, values: Mapping[str, Any]) -> Any:
        """Change a payment; the rows, when given, are all that it pays from now on.

        Raises Invalid (422), Conflict (409) when it pays documents that the actor may not see.
        """
        self._lock_payment(payment)
        return self._save(payment, dict(values))

    @transaction.atomic
    def delete(self, payment: Any) -> None:
        """Delete a payment: what it paid is to be paid again. Raises Conflict (409) as `update`."""
        self._lock_payment(payment)
        documents = self.lock(self._used(payment))
        payment.uses.all().delete()
        payment.delete()
        self.settle(documents.values())

    def _lock_payment(self, payment: Any) -> None:
        """Take the payment's turn; what was read before it counts no more."""
        try:
            payment.refresh_from_db(from_queryset=self.payment.objects.select_for_update(of=("self",)))
        except self.payment.DoesNotExist as error:
            raise Conflict(_("This payment was deleted meanwhile."), code="deleted") from error
        paid = list(self._used(payment))
        if visible(self._document()).filter(pk__in=paid).count() != len(paid):
            raise Conflict(_("This payment also pays documents that you may not see."), code="hidden")

    def _document(self) -> type[Any]:
        return cast("type[Any]", self.payment_use._meta.get_field("target").related_model)

    @staticmethod
    def _used(payment: Any) -> dict[int, Decimal]:
        """What a payment pays: {id of the document: amount}."""
        if payment.pk is None:
            return {}
        return dict(payment.uses.order_by("pk").values_list("target_id", "amount"))

    def _save(self, payment: Any, values: dict[str, Any]) -> Any:
        rows = _rounded(values.pop(self.name, None))
        if values.get("amount") is not None:
            values["amount"] = round_half_up(values["amount"])
        before = self._used(payment)
        wanted = before if rows is None else _by_document(rows)
        documents = self.lock({*before, *wanted})
        paid = [documents[key] for key in wanted]
        if rows is not None:
            self._check_rows(rows, wanted, before, documents)
        self._identify(payment, values, paid)
        if payment._state.adding and values.get("amount") is None:
            values["amount"] = sum((row["amount"] for row in rows or ()), ZERO)
        for name, value in values.items():
            setattr(payment, name, value)
        payment.amount_used = sum(wanted.values(), ZERO)
        self._check_amount(payment)
        core.validated(payment)
        payment.save()
        if wanted != before:
            self._write_uses(payment, before, wanted)
            self.settle(documents.values())
        return payment

    def _check_rows(
        self,
        rows: Sequence[Row],
        wanted: Mapping[int, Decimal],
        before: Mapping[int, Decimal],
        documents: Mapping[int, Any],
    ) -> None:
        """Refuse rows of documents that cannot be paid, or not so much. Raises Invalid (422)."""
        errors: dict[str, str] = {}
        for number, row in enumerate(rows):
            if row["amount"] <= 0:
                errors[f"{self.name}.{number}.amount"] = _("Give an amount above 0.")
            if row.get("id") is None:
                continue
            document = documents[row["id"].pk]
            rest = self.rest(document) + before.get(document.pk, ZERO)
            if document.pk not in before and (refusal := self.refusal(document)):
                errors[f"{self.name}.{number}.id"] = refusal
            elif wanted[document.pk] > rest:
                errors[f"{self.name}.{number}.amount"] = self._too_much(document, rest)
        if errors:
            raise Invalid(errors, code="beyond_rest")

    def _too_much(self, document: Any, rest: Decimal) -> str:
        words = {"document": document, "rest": rest}
        if not rest:
            return self._nothing_left(document)
        if self.is_credit(document):
            return _("Give at most %(rest)s, which is what remains of %(document)s.") % words
        return _("Give at most %(rest)s, which is what remains to be paid of %(document)s.") % words

    def _nothing_left(self, document: Any) -> str:
        words = {"document": document}
        if self.is_credit(document):
            return _("%(document)s is used wholly: nothing remains of it.") % words
        return _("%(document)s is paid: nothing remains to be paid.") % words

    def _identify(self, payment: Any, values: dict[str, Any], paid: Sequence[Any]) -> None:
        """Whose payment it is, of which type and in which currency: as the documents are.

        Raises Invalid (422) when these are not alike, or not what was asked for.
        """
        self._take_type(payment, values.pop("type", None), {self.is_credit(document) for document in paid})
        self._take_common(payment, values, "customer", paid)
        if values.get("customer") is None and payment.customer_id is None:
            raise core.missing("customer")
        self._take_common(payment, values, "currency", paid)
        if values.get("currency") is None and payment.currency_id is None:
            values["currency"] = Currency.objects.get(pk=current_team().parameter("currency"))
        _set_exchange_rate(payment, values, paid)

    def _take_type(self, payment: Any, given: int | None, kinds: set[bool]) -> None:
        """Money in or money out: as given, and as the documents want it. Raises Invalid (422)."""
        if len(kinds) > 1:
            text = _("A payment pays documents, or gives back credits, not both: make two payments.")
            raise Invalid({self.name: text}, code="mixed")
        own = payment.type if given is None and not payment._state.adding else given
        wanted = own
        if kinds:
            wanted = PaymentType.REFUND if kinds.pop() else PaymentType.PAYMENT
        if own is not None and wanted != own:
            text = _("A payment of this type cannot pay these: a refund pays credits, and only these.")
            raise Invalid({self.name: text}, code="mixed")
        payment.type = wanted or payment.type

    def _take_common(self, payment: Any, values: dict[str, Any], name: str, paid: Sequence[Any]) -> None:
        """Give the payment the customer, or the currency, that all documents have.

        Raises Invalid (422) when these differ, or are not those of the payment.
        """
        several, other = {
            "customer": (_("These are of several customers."), _("These are of another customer.")),
            "currency": (_("These are in several currencies."), _("These are in another currency.")),
        }[name]
        given = values.get(name)
        if given is None:
            values.pop(name, None)
        keys = {getattr(document, f"{name}_id") for document in paid}
        if len(keys) > 1:
            raise Invalid({self.name: several}, code="mixed")
        own = given.pk if given is not None else getattr(payment, f"{name}_id")
        if keys and own is not None and own not in keys:
            raise Invalid({self.name: other}, code="mixed")
        if keys:
            values[name] = getattr(paid[0], name)

    @staticmethod
    def _check_amount(payment: Any) -> None:
        """A payment is worth something, and at least what it pays. Raises Invalid (422)."""
        if payment.amount is None or payment.amount <= 0:
            raise Invalid({"amount": _("Give an amount above 0.")})
        if payment.amount < payment.amount_used:
            text = _("The payment pays documents for %(used)s: it cannot be less.")
            raise Invalid({"amount": text % {"used": payment.amount_used}}, code="beyond_rest")

    def _write_uses(self, payment: Any, before: Mapping[int, Decimal], wanted: Mapping[int, Decimal]) -> None:
        payment.uses.exclude(target_id__in=list(wanted)).hard_delete()
        for key, sum_ in wanted.items():
            if key in before and before[key] != sum_:
                payment.uses.filter(target_id=key).update(amount=sum_)
        self.payment_use.objects.bulk_create(
            self.payment_use(payment=payment, target_id=key, amount=sum_)
            for key, sum_ in wanted.items()
            if key not in before
        )
        payment._prefetched_objects_cache = {}

    # --- Credits --------------------------------------------------------------------------------------

    @transaction.atomic
    def use_credits(self, document: Any, values: Mapping[str, Any]) -> Any:
        """Pay a document with credits, each for as much as it can.

        `credits`: all that pay it from now on, in this order; `add_credits`, `remove_credits`: some more,
        some less. Answers the document as it is then. Raises Invalid (422) when none is named, when one can
        not serve or nothing remains; Conflict (409) when somebody else changes its credits at the same time.
        """
        given = {
            name: values[name] for name in ("credits", "add_credits", "remove_credits") if name in values
        }
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
                return self._nothing_left(document)
        return None


def _rounded(rows: Sequence[Row] | None) -> list[Row] | None:
    """Rows in whole cents."""
    return None if rows is None else [{**row, "amount": round_half_up(row["amount"])} for row in rows]


def _by_document(rows: Sequence[Row]) -> dict[int, Decimal]:
    """Amounts by id of the document; one that is named twice gets both."""
    wanted: dict[int, Decimal] = {}
    for row in rows:
        if (document := row.get("id")) is not None:
            wanted[document.pk] = wanted.get(document.pk, ZERO) + row["amount"]
    return wanted


def _whole(document: Any) -> Amounts:
    return Amounts(document.total_ht, document.total_tva, document.total_ttc)


def _set_exchange_rate(payment: Any, values: dict[str, Any], paid: Sequence[Any]) -> None:
    """The rate given, else that of what is paid first; one in the team's own currency. Raises Invalid."""
    currency = values.get("currency") or payment.currency
    if currency.pk == current_team().parameter("currency"):
        values["exchange_rate"] = Decimal(1)
    elif values.get("exchange_rate") is None:
        values.pop("exchange_rate", None)
        if payment._state.adding and paid:
            values["exchange_rate"] = paid[0].exchange_rate
    if values.get("exchange_rate", payment.exchange_rate) <= 0:
        raise Invalid({"exchange_rate": _("Give a rate above 0.")})


def why_customer_stays(payments: type[Any], customer: Customer) -> str | None:
    """Why a customer who paid, or was paid, cannot be deleted; None when there is no payment."""
    if payments.objects.filter(customer=customer).exists():
        return _("%(customer)s has payments: archive it instead of deleting it.") % {"customer": customer}
    return None
