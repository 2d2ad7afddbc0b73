"""Creating, editing and deleting payments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from django.db import transaction
from django.utils.translation import gettext as _

from erp.core import services as core
from erp.core.access import visible
from erp.core.errors import Conflict, Invalid
from erp.core.money import round_half_up
from erp.core.scope import current_team
from erp.customers.settlement.accounts import Accounts
from erp.customers.settlement.models import PaymentType
from erp.various.models import Currency

__all__ = ["Payments"]

ZERO = Decimal(0)
#: A row of a payment's body: {"id": the document or None, "amount"}.
Row = Mapping[str, Any]


class Payments(Accounts):
    """Money that pays documents, or gives credits back."""

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
                errors[f"{self.name}.{number}.amount"] = self.too_much(document, rest)
        if errors:
            raise Invalid(errors, code="beyond_rest")

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
