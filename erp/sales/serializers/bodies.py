"""What a document of each kind is told: when it is made or edited, and at any time."""

from __future__ import annotations

from django.db import models
from rest_framework import serializers

from erp.core.fields import Column, Ids, NestedList, WireDecimal
from erp.core.parameters import ParametersField
from erp.core.wire import WireSerializer, columns_of
from erp.customers.api import TagList
from erp.customfields.wire import CustomFieldValues
from erp.sales.choices import Kind, Status
from erp.sales.models import PROXIES, Document
from erp.sales.parameters import INPUT_OPTIONS, PDF_OPTIONS
from erp.sales.serializers.documents import FIELDS, PACKAGES, SERIALIZERS
from erp.sales.serializers.fields import ADDRESS, Moment
from erp.sales.serializers.lines import LineBody
from erp.various.api.world import CountryCode
from erp.various.models import PaymentMethod

BODY_HEAD = ("date", "is_draft", "pdf_model", "title", "customer", "customer_vatrate")
BODY_MIDDLE = (
    "contact",
    *(
        f"{side}_address_{name}"
        for side in ("billing", "delivery")
        for name in (*ADDRESS[:-1], "country", "comments")
    ),
    "comments",
    "currency",
    "exchange_rate",
    "use_global_vatrate",
    "vat_rate",
    "secondary_quantity_mode",
    "secondary_quantity",
    "secondary_unit",
    "global_discount_type",
    "global_discount_value",
    "global_discount_type_amount",
    "status",
    "input_mode",
    "team_user",
    "sale_term",
    "tags",
    "attach_tags",
    "detach_tags",
    "payment_methods",
    "custom_fields",
    "input_options",
    "pdf_options",
    "delivery_status",
    "penalty_rate",
    "penalty_rate_law",
    "escompte_rate",
    "collection_costs_law",
    "payment_term",
    "grant",
    "grant_amount",
    "guarantee_holdback_pourcent",
    "guarantee_holdback_amount",
    "guarantee_holdback_duration",
    "expire_at",
    "advance_payment_type",
    "advance_payment_value",
    "contents",
)


class DocumentBody(WireSerializer):
    """Base of the six kinds' bodies."""

    billing_address_country = CountryCode(required=False, allow_null=True)
    delivery_address_country = CountryCode(required=False, allow_null=True)
    guarantee_holdback_pourcent = WireDecimal(
        max_digits=5,
        decimal_places=2,
        source="guarantee_holdback_percent",
        required=False,
        min_value=0,
        max_value=100,
    )
    status = serializers.ChoiceField(choices=Status.values, required=False, allow_null=True)
    expire_at = Moment(required=False, allow_null=True)
    tags = TagList(required=False)
    attach_tags = TagList(required=False)
    detach_tags = TagList(required=False)
    payment_methods = Ids(model=PaymentMethod, required=False)
    custom_fields = CustomFieldValues()
    input_options = ParametersField(INPUT_OPTIONS)
    pdf_options = ParametersField(PDF_OPTIONS)
    delivery_status = serializers.ChoiceField(choices=(1, 2, 3), required=False)
    contents = NestedList(LineBody)

    class Meta:
        register = False
        model: type[models.Model] = Document
        fields: tuple[str, ...] = ()
        kind = ""
        extra_kwargs = {
            "pdf_model": {"required": True, "allow_null": False},
            "currency": {"required": False},
            "penalty_rate": {"min_value": 0, "max_value": 100},
            "escompte_rate": {"min_value": 0, "max_value": 100},
            "grant_amount": {"min_value": 0},
            "guarantee_holdback_amount": {"min_value": 0},
            "global_discount_value": {"min_value": 0},
            "advance_payment_value": {"min_value": 0},
        }

    @classmethod
    def answered_names(cls) -> frozenset[str]:
        return frozenset(column.name for column in columns(cls.Meta.kind)) | super().answered_names()


def columns(kind: str) -> tuple[Column, ...]:
    """Columns of a kind's answer."""
    return columns_of(SERIALIZERS[kind])


def body_for(kind: str) -> type[DocumentBody]:
    """The body of a kind."""
    references = ("customer_command_reference", "customer_proforma_reference")
    reference = tuple(name for name in FIELDS[kind] if name in references)
    names = (*BODY_HEAD, *reference, *BODY_MIDDLE, *(PACKAGES if kind == Kind.DELIVERY else ()))
    meta = type("Meta", (DocumentBody.Meta,), {"model": PROXIES[kind], "fields": names, "kind": kind})
    return type(
        f"{kind.capitalize()}Body", (DocumentBody,), {"Meta": meta, "__doc__": f"The body of a {kind}."}
    )


class LiteBody(WireSerializer):
    """What may change at any time."""

    tags = TagList(required=False)
    attach_tags = TagList(required=False)
    detach_tags = TagList(required=False)
    custom_fields = CustomFieldValues()
    status = serializers.ChoiceField(choices=Status.values, required=False)

    class Meta:
        register = False
        model = Document
        fields = (
            "title",
            "tags",
            "attach_tags",
            "detach_tags",
            "team_user",
            "contact",
            "custom_fields",
            "status",
        )

    @classmethod
    def answered_names(cls) -> frozenset[str]:
        return frozenset()
