"""Payments as programs see them (reference: Charges / Payments): what both chapters have in common.

A chapter's serializers and view inherit these and add what they pay: `charges` or `invoices`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import DecimalField, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from rest_framework import serializers

from erp.core.fields import Computed, Ids, JsonNumber, WireDecimal, number_of
from erp.core.filters import ChoiceFilter, DateFilter, IdFilter, TextFilter, WireFilter, matching
from erp.core.listing import same
from erp.core.models import TenantQuerySet
from erp.core.resources import ResourceViewSet
from erp.core.wire import BodySerializer, Include, WireSerializer
from erp.customers.filters import created_since, created_until
from erp.customers.models import Customer
from erp.customers.settlement.credits import CREDIT_LISTS
from erp.customers.settlement.models import BasePayment, PaymentStatus, PaymentType
from erp.customers.settlement.services import Settlement

__all__ = [
    "BODY_FIELDS",
    "DATES",
    "PAYMENT_FIELDS",
    "USE_FIELDS",
    "BasePaymentBody",
    "BasePaymentSerializer",
    "BasePaymentViewSet",
    "BaseUseSerializer",
    "PaidBody",
    "credits_body",
    "money_number",
    "payment_filters",
    "payment_sorts",
    "with_credits",
]

PAYMENT_FIELDS = (
    "id",
    "type",
    "customer",
    "date",
    "reference",
    "comments",
    "amount",
    "amount_used",
    "stay_to_use",
    "ht",
    "tva",
    "ttc",
    "status",
    "status_label",
    "payment_method",
    "account",
    "currency",
    "currency_code",
    "exchange_rate",
)
DATES = ("created_at", "updated_at")
USE_FIELDS = ("ht", "tva", "ttc")
BODY_FIELDS = (
    "type",
    "customer",
    "account",
    "payment_method",
    "date",
    "reference",
    "amount",
    "comments",
    "currency",
    "exchange_rate",
)


def money_number(**kwargs: Any) -> JsonNumber:
    """An amount answered as a JSON number."""
    return JsonNumber(max_digits=15, decimal_places=2, read_only=True, **kwargs)


def share(name: str) -> Computed:
    """A share (without VAT, of VAT) of all that a payment pays."""

    def get(row: Any) -> Any:
        return number_of(sum(getattr(use, name) for use in row.uses.all()))

    return Computed(get, needs=("uses",), schema={"type": "number"})


# --- Answers ----------------------------------------------------------------------------------------


class BaseUseSerializer(WireSerializer):
    """What a payment pays of one document. The chapter adds the document."""

    ttc = money_number(source="amount")

    class Meta:
        register = False
        model: Any = None
        fields: tuple[str, ...] = ()
        numbers = ("ht", "tva")


class BasePaymentSerializer(WireSerializer):
    """A payment. The chapter adds its model, and the list of what it pays."""

    stay_to_use = money_number()
    ht = share("ht")
    tva = share("tva")
    ttc = money_number(source="amount_used")
    currency_code = Computed(lambda row: row.currency.code, needs=("currency",), schema={"type": "string"})

    class Meta:
        model: Any = None
        fields: tuple[str, ...] = ()
        numbers = ("amount", "amount_used", "exchange_rate")


# --- Bodies -----------------------------------------------------------------------------------------


class PaidBody(BodySerializer):
    """A row of what is paid. The chapter adds `id`; a row without it is kept for later."""

    amount = WireDecimal(max_digits=15, decimal_places=2)


class BasePaymentBody(WireSerializer):
    """A payment as typed. The chapter adds the list of what it pays."""

    class Meta:
        register = False
        model: Any = None
        fields: tuple[str, ...] = ()
        #: Answers of the same payment may be sent back whole.
        answer: Any = None
        # Customer and currency are those of what is paid, the amount is its sum, unless given.
        extra_kwargs: ClassVar[dict[str, Any]] = {
            "customer": {"required": False},
            "currency": {"required": False},
            "amount": {"required": False},
        }

    @classmethod
    def answered_names(cls) -> frozenset[str]:
        answered: frozenset[str] = cls.Meta.answer.answered_names()
        return answered | super().answered_names()


def credits_body(model: Any, name: str) -> type[BodySerializer]:
    """The body of `POST …/<ID>/credit`: credits of `model` to use, some more, or some less."""

    def validate(self: Any, values: dict[str, Any]) -> dict[str, Any]:
        if not values:
            raise serializers.ValidationError({"credits": [_("This field is required.")]})
        return values

    members: dict[str, Any] = {list_: Ids(model=model, required=False) for list_ in CREDIT_LISTS}
    doc = "Credits that pay the document: all of them, or some more and some less."
    return type(name, (BodySerializer,), {**members, "validate": validate, "__doc__": doc})


def with_credits(include: Include) -> Include:
    """Includes, and the credits that pay the document."""
    return tuple(sorted({**dict(include), "credits": ()}.items()))


# --- Lists ------------------------------------------------------------------------------------------


def _sum_of(uses: Any, name: str) -> Any:
    """The sum of an amount of what a payment pays, in SQL."""
    # Not a manager's rows: no team is in scope when sorts are declared, and a payment's uses are its team's.
    rows: Any = TenantQuerySet(uses).filter(payment=OuterRef("pk"), deleted_at=None).order_by()
    sums = rows.values("payment").annotate(total=Sum(name)).values("total")
    column = DecimalField(max_digits=15, decimal_places=2)
    return Coalesce(Subquery(sums), Value(0), output_field=column)


def payment_sorts(uses: Any) -> Mapping[str, Any]:
    """What payments are sorted by; `uses` is the chapter's model of payment uses."""
    return {
        **same(
            "date",
            "reference",
            "amount",
            "amount_used",
            "payment_method.label",
            "account.name",
            "currency.code",
            "type",
            "customer.name",
        ),
        "stay_to_use": F("amount") - F("amount_used"),
        "ht": _sum_of(uses, "ht"),
        "tva": _sum_of(uses, "tva"),
        "ttc": "amount_used",
    }


def payment_filters(name: str, document: Any, uses: Any) -> dict[str, WireFilter]:
    """Filters of payments; `name` is what the chapter calls a document that they pay."""

    def paying(condition: Q) -> Q:
        return Q(pk__in=uses.objects.filter(condition).values("payment"))

    return {
        "customer": IdFilter("customer", model=Customer),
        "type": ChoiceFilter("type", choices=PaymentType.values),
        name: IdFilter(model=document, condition=lambda key: paying(Q(target=key))),
        f"{name}_reference": TextFilter(condition=lambda text: paying(matching("target__reference", text))),
        "status": ChoiceFilter(condition=BasePayment.having, choices=PaymentStatus.values),
        "date_since": DateFilter("date", lookup_expr="gte"),
        "date_until": DateFilter("date", lookup_expr="lte"),
        "reference": TextFilter("reference"),
        "created_since": created_since(),
        "created_until": created_until(),
    }


class BasePaymentViewSet(ResourceViewSet):
    """Payments of a chapter, which names its `settlement`, serializers, filters and guard."""

    settlement: ClassVar[Settlement]
    searches = same("reference", "amount", "payment_method.label", "account.name")

    def create_row(self, values: dict[str, Any]) -> Any:
        return self.settlement.create(values)

    def update_row(self, row: Any, values: dict[str, Any]) -> Any:
        return self.settlement.update(row, values)

    def delete_row(self, row: Any) -> None:
        self.settlement.delete(row)
