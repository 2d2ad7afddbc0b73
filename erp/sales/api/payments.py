"""Payments of customers, as programs see them: the mirror of payments of charges."""

from __future__ import annotations

from typing import ClassVar

from erp.core.access import Key
from erp.core.fields import NestedList, Relation, RelationList
from erp.core.resources import router
from erp.customers.settlement.api import (
    BODY_FIELDS,
    DATES,
    PAYMENT_FIELDS,
    USE_FIELDS,
    BasePaymentBody,
    BasePaymentSerializer,
    BasePaymentViewSet,
    BaseUseSerializer,
    PaidBody,
    payment_filters,
    payment_sorts,
)
from erp.sales import services
from erp.sales.models import Document, Payment, PaymentUse
from erp.sales.serializers import PaidDocumentSerializer

__all__ = ["PaymentViewSet"]


class PaidInvoiceSerializer(BaseUseSerializer):
    """What a payment pays of an invoice, or gives back of a credit."""

    invoice = Relation(
        model=Document, serializer=PaidDocumentSerializer, source="target", always=True, read_only=True
    )

    class Meta(BaseUseSerializer.Meta):
        model = PaymentUse
        fields = (*USE_FIELDS, "invoice")


class CustomerPaymentSerializer(BasePaymentSerializer):
    """A payment from a customer, or to one for credits."""

    invoices = RelationList(model=PaymentUse, source="uses", serializer=PaidInvoiceSerializer, read_only=True)

    class Meta(BasePaymentSerializer.Meta):
        model = Payment
        fields = (*PAYMENT_FIELDS, "invoices", *DATES)
        read_only_fields = fields


class PaidInvoice(PaidBody):
    """An invoice to pay (or a credit to give back), and how much of it."""

    id = Relation(model=Document, required=False, allow_null=True)

    class Meta:
        # A row as answered may be sent back.
        aliases: ClassVar[dict[str, str]] = {"invoice_id": "id", "ttc": "amount"}
        ignored = ("ht", "tva", "invoice")


class CustomerPaymentBody(BasePaymentBody):
    """A payment as typed."""

    invoices = NestedList(PaidInvoice)

    class Meta(BasePaymentBody.Meta):
        model = Payment
        fields = (*BODY_FIELDS, "invoices")
        answer = CustomerPaymentSerializer


class PaymentViewSet(BasePaymentViewSet):
    """Payments of customers."""

    settlement = services.SETTLEMENT
    serializer_class = CustomerPaymentSerializer
    input_class = CustomerPaymentBody
    guard = Key("sales-invoice")
    sorts = payment_sorts(PaymentUse)
    filters = payment_filters("invoice", Document, PaymentUse)
    list_includes = ("payment_method", "account", "currency", "customer", "invoices")


router.register("sales/payment", PaymentViewSet)
