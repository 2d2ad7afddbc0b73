"""Payments to suppliers, as programs see them (reference: Payment)."""

from __future__ import annotations

from typing import ClassVar

from erp.charges import services
from erp.charges.models import Charge, Payment, PaymentUse
from erp.core.access import Key
from erp.core.fields import (
    NestedList,
    Relation,
    RelationList,
)
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

__all__ = ["PaymentViewSet"]


class PaidChargeSerializer(BaseUseSerializer):
    """What a payment pays of a charge."""

    charge = Relation(model=Charge, source="target", always=True, read_only=True)

    class Meta(BaseUseSerializer.Meta):
        model = PaymentUse
        fields = (*USE_FIELDS, "charge")


class PaymentSerializer(BasePaymentSerializer):
    """A payment to a supplier, or of a supplier for credits."""

    charges = RelationList(model=PaymentUse, source="uses", serializer=PaidChargeSerializer, read_only=True)

    class Meta(BasePaymentSerializer.Meta):
        model = Payment
        fields = (*PAYMENT_FIELDS, "charges", *DATES)
        read_only_fields = fields


class PaidCharge(PaidBody):
    """A charge to pay, and how much of it."""

    id = Relation(model=Charge, required=False, allow_null=True)

    class Meta:
        # A row as answered may be sent back.
        aliases: ClassVar[dict[str, str]] = {"charge_id": "id", "ttc": "amount"}
        ignored = ("ht", "tva", "charge")


class PaymentBody(BasePaymentBody):
    """A payment as typed."""

    charges = NestedList(PaidCharge)

    class Meta(BasePaymentBody.Meta):
        model = Payment
        fields = (*BODY_FIELDS, "charges")
        answer = PaymentSerializer


class PaymentViewSet(BasePaymentViewSet):
    """Payments to suppliers."""

    settlement = services.SETTLEMENT
    serializer_class = PaymentSerializer
    input_class = PaymentBody
    guard = Key("charges")
    sorts = payment_sorts(PaymentUse)
    filters = payment_filters("charge", Charge, PaymentUse)
    list_includes = ("payment_method", "account", "currency", "customer", "charges")


router.register("charge/payment", PaymentViewSet)
