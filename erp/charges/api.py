"""Charges and their payments, as programs see them (reference: chapter Charges)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import F, Q
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from erp.catalog.api.elements import named
from erp.catalog.api.links import CatalogElementOf, CatalogLink, with_catalog
from erp.charges import services
from erp.charges.choices import ChargeStatus, ChargeType
from erp.charges.models import Charge, ChargeContent, CreditUse, Payment, PaymentUse
from erp.core.access import Key
from erp.core.fields import (
    Computed,
    NestedList,
    Relation,
    RelationList,
    WireBoolean,
    WireDecimal,
    WireInteger,
)
from erp.core.filters import ChoiceFilter, DateFilter, ExcludeFilter, FlagFilter, IdFilter, TextFilter
from erp.core.listing import same
from erp.core.resources import ResourceViewSet, router
from erp.core.scope import current_team
from erp.core.wire import WireSerializer
from erp.customers.filters import created_since, created_until
from erp.customers.models import Contact, Customer
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
    credits_body,
    money_number,
    payment_filters,
    payment_sorts,
    with_credits,
)
from erp.various.models import ChargeCategory, Unit, VatRate

__all__ = ["ChargeSerializer", "ChargeViewSet", "PaymentViewSet"]

SIDES = ("ht", "tva", "ttc")
LINE_NUMBERS = (*(f"unit_price_{side}" for side in SIDES), *(f"total_{side}" for side in SIDES))


# --- Contents ---------------------------------------------------------------------------------------


class ChargeContentSerializer(WireSerializer):
    """A line as answered."""

    charge_category = Relation(model=ChargeCategory, always=True, read_only=True)
    unit = Relation(model=Unit, always=True, read_only=True)
    vat_rate = Relation(model=VatRate, always=True, read_only=True)
    catalog = CatalogElementOf(always=True)

    class Meta:
        model = ChargeContent
        fields = (
            "id",
            "designation",
            "charge_category",
            *(f"unit_price_{side}" for side in SIDES),
            "quantity",
            "unit",
            "vat_rate_value",
            "vat_rate",
            *(f"total_{side}" for side in SIDES),
            "catalog",
        )
        numbers = (*LINE_NUMBERS, "quantity", "vat_rate_value")
        read_only_fields = fields

    @classmethod
    def finish(cls, row: ChargeContent, data: dict[str, Any]) -> dict[str, Any]:
        return with_catalog(row, data)


class ChargeContentBody(WireSerializer):
    """A line as typed: a price without VAT or with it, and a VAT rate or VAT as an amount."""

    catalog = CatalogLink(required=False, allow_null=True)
    unit = named(Unit)
    custom_vat_rate = WireBoolean(required=False)
    quantity = WireDecimal(max_digits=15, decimal_places=5)

    class Meta:
        register = False
        model = ChargeContent
        fields = (
            "designation",
            "custom_vat_rate",
            *(f"unit_price_{side}" for side in SIDES),
            "quantity",
            "unit",
            "vat_rate",
            "charge_category",
            "catalog",
        )
        extra_kwargs: ClassVar[dict[str, Any]] = {
            f"unit_price_{side}": {"required": False, "allow_null": True, "max_digits": 15} for side in SIDES
        }

    @classmethod
    def answered_names(cls) -> frozenset[str]:
        return super().answered_names() | ChargeContentSerializer.answered_names()


class ContentChange(ChargeContentBody):
    """A line of a charge that is edited: with `id`, what changes of that line; without, a new line."""

    id = WireInteger(required=False, allow_null=True, min_value=1)
    designation = serializers.CharField(required=False)
    quantity = WireDecimal(max_digits=15, decimal_places=5, required=False)

    class Meta(ChargeContentBody.Meta):
        fields = ("id", *ChargeContentBody.Meta.fields)


# --- Charges ----------------------------------------------------------------------------------------


class NestedCharge(WireSerializer):
    """Both sides of a use of a credit are charges: the other one is `charge`."""

    class Meta:
        register = False
        model = CreditUse
        fields = ("amount", "charge")
        numbers = ("amount",)


class CreditOfCharge(NestedCharge):
    """A credit that pays the charge."""

    charge = Relation(model=Charge, source="credit", always=True, read_only=True)


class UseOfSupplierCredit(NestedCharge):
    """A charge that the credit pays."""

    charge = Relation(model=Charge, source="target", always=True, read_only=True)


class ChargeSerializer(WireSerializer):
    """A charge, or a supplier's credit."""

    currency_code = Computed(lambda row: row.currency.code, needs=("currency",), schema={"type": "string"})
    to_paid = money_number(source="total_ttc")
    stay_to_pay = money_number()
    contents = RelationList(model=ChargeContent, serializer=ChargeContentSerializer, read_only=True)
    credits = RelationList(model=CreditUse, serializer=CreditOfCharge, read_only=True)
    uses = RelationList(model=CreditUse, serializer=UseOfSupplierCredit, read_only=True)

    class Meta:
        model = Charge
        fields = (
            "id",
            "type",
            "date",
            "reference",
            "title",
            "customer",
            "contact",
            "invoice_reference",
            "currency",
            "currency_code",
            "exchange_rate",
            *(f"total_{side}" for side in SIDES),
            "to_paid",
            "already_paid",
            "stay_to_pay",
            "status",
            "status_label",
            "contents",
            "credits",
            "uses",
            *DATES,
        )
        numbers = ("exchange_rate", *(f"total_{side}" for side in SIDES), "already_paid")
        read_only_fields = fields

    @classmethod
    def finish(cls, row: Charge, data: dict[str, Any]) -> dict[str, Any]:
        """`credits` are what pays a charge, `uses` what a credit pays."""
        data.pop("credits" if row.is_credit else "uses", None)
        return data


class ChargeBody(WireSerializer):
    """A charge as typed. Beyond the reference, its type, the supplier's reference and draft or to pay."""

    contents = NestedList(ChargeContentBody)

    class Meta:
        register = False
        model = Charge
        fields = (
            "type",
            "date",
            "title",
            "customer",
            "contact",
            "invoice_reference",
            "currency",
            "exchange_rate",
            "status",
            "contents",
        )
        extra_kwargs: ClassVar[dict[str, Any]] = {"currency": {"required": False}}

    @classmethod
    def answered_names(cls) -> frozenset[str]:
        return super().answered_names() | ChargeSerializer.answered_names()


class ChargeChange(ChargeBody):
    """What changes of a charge."""

    contents = NestedList(ContentChange, required=False)


CreditsBody = credits_body(Charge, "ChargeCreditsBody")


def in_other_currency(value: bool) -> Q:
    """Charges in a currency other than the team's, or in the team's."""
    own = Q(currency_id=current_team().parameter("currency"))
    return ~own if value else own


class ChargeViewSet(ResourceViewSet):
    """Charges and suppliers' credits."""

    serializer_class = ChargeSerializer
    guard = Key("charges")
    action_keys = {"credit": (("charges", 3),)}
    sorts = {
        **same(
            "date",
            "reference",
            "title",
            "customer.name",
            "invoice_reference",
            "total_ht",
            "total_tva",
            "total_ttc",
            "already_paid",
            "status",
        ),
        "contact.fullname": ("contact__lastname", "contact__firstname"),
        "stay_to_pay": F("total_ttc") - F("already_paid"),
        "status_label": "status",
    }
    searches = same(
        "date",
        "reference",
        "title",
        "customer.company_name",
        "customer.lastname",
        "contact.lastname",
        "invoice_reference",
        "total_ht",
        "total_tva",
        "total_ttc",
    )
    filters = {
        "customer": IdFilter("customer", model=Customer),
        "contact": IdFilter("contact", model=Contact),
        "date_since": DateFilter("date", lookup_expr="gte"),
        "date_until": DateFilter("date", lookup_expr="lte"),
        "reference": TextFilter("reference"),
        "invoice_reference": TextFilter("invoice_reference"),
        "created_since": created_since(),
        "created_until": created_until(),
        "status": ChoiceFilter("status", choices=ChargeStatus.values),
        "exclude": ExcludeFilter("pk"),
        "type": ChoiceFilter("type", choices=ChargeType.values),
        "with_currency": FlagFilter(condition=in_other_currency),
    }
    list_includes = ("customer", "contact", "currency", "contents", "credits", "uses")
    include_aliases = {"credits": ("credits", "uses"), "uses": ("credits", "uses")}
    single_default = ("contents",)

    def reader(self, *, partial: bool) -> Any:
        return ChargeChange if partial else ChargeBody

    def create_row(self, values: dict[str, Any]) -> Charge:
        return services.create_charge(values)

    def update_row(self, row: Charge, values: dict[str, Any]) -> Charge:
        return services.update_charge(row, values)

    def delete_row(self, row: Charge) -> None:
        services.delete_charge(row)

    @extend_schema(request=CreditsBody, responses=ChargeSerializer)
    @action(detail=True, methods=["post"])
    def credit(self, request: Any, pk: str) -> Response:
        """Pay a charge with the supplier's credits: all of them, or some more and some less."""
        include = with_credits(self.single_include())
        charge = services.SETTLEMENT.use_credits(self.get_object(), CreditsBody.parse(request.data))
        return Response(self.written(charge, include))


# --- Payments ---------------------------------------------------------------------------------------


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


router.register("charge", ChargeViewSet)
router.register("charge/payment", PaymentViewSet)
