"""Sales documents on the wire: what is answered, and the bodies that are read."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.catalog.api import CatalogElementOf, CatalogLink, ProvidersOf, with_catalog
from erp.catalog.models import ProductVariation
from erp.core.access import visible
from erp.core.fields import (
    Column,
    Computed,
    Ids,
    NestedList,
    Relation,
    RelationList,
    WireBoolean,
    WireDate,
    WireDateTime,
    WireDecimal,
    WireInteger,
    number_of,
)
from erp.core.parameters import ParametersField
from erp.core.wire import BodySerializer, WireSerializer, serializer_for
from erp.customers.api import TagList
from erp.customfields.wire import CustomFieldValues
from erp.sales.choices import Kind, Status, payment_status_label
from erp.sales.models import PROXIES, Affair, CreditUse, Document, Grant, Line
from erp.sales.parameters import INPUT_OPTIONS, PDF_OPTIONS
from erp.sales.services.drafting import end_of_day
from erp.various.api.world import CountryCode
from erp.various.models import Country, PaymentMethod, VatRate
from erp.various.services import team_today

__all__ = [
    "SERIALIZERS",
    "AffairSerializer",
    "CancelBody",
    "ConversionBody",
    "DeliverBody",
    "DepositBody",
    "GrantSerializer",
    "LiteBody",
    "PaidDocumentSerializer",
    "body_for",
]

SIDES = ("ht", "tva", "ttc")
ADDRESS = ("name", "contact", "road", "road2", "road3", "city", "postal_code", "comments")


def sides(*names: str) -> tuple[str, ...]:
    """`total` gives `total_ht`, `total_tva`, `total_ttc`."""
    return tuple(f"{name}_{side}" for name in names for side in SIDES)


# --- Fields ---------------------------------------------------------------------------------------


class Moment(WireDateTime):
    """A moment; a date alone means its end, in the team's timezone."""

    def to_internal_value(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) == 10:
            return end_of_day(WireDate().run_validation(value))
        return super().to_internal_value(value)


def address(side: str) -> Computed:
    """The billing or delivery address as one object; its country is added when included."""
    names = [(f"{side}_address_{name}", name) for name in ADDRESS[:-1]]

    def get(row: Document) -> dict[str, Any]:
        data: dict[str, Any] = {short: getattr(row, long) or None for long, short in names}
        country = getattr(row, f"{side}_address_country")
        data["country_code"] = country.code if country else None
        data["comments"] = getattr(row, f"{side}_address_comments") or None
        return data

    return Computed(get, needs=(f"{side}_address_country",), schema={"type": "object"})


def vat_rows(row: Document) -> list[dict[str, Any]]:
    """The amounts by VAT rate; the rate's object is filled in by `complete`."""
    return [
        {
            "rate": number_of(Decimal(item["rate"])),
            "vat_rate_id": item["vat_rate_id"],
            "vat_rate": None,
            **{side: number_of(Decimal(item[side])) for side in SIDES},
        }
        for item in row.vatrates
    ]


def linked_elements(row: Document) -> list[dict[str, Any]]:
    """The other documents of the affair."""
    others = visible(Document).filter(affair_id=row.affair_id).exclude(pk=row.pk).order_by("date", "pk")
    return [
        {
            "type": other.kind,
            "id": other.pk,
            "reference": other.reference or None,
            "date": other.date.isoformat(),
        }
        for other in others
    ]


# --- Affairs, grants --------------------------------------------------------------------------------


class AffairSerializer(WireSerializer):
    class Meta:
        model = Affair
        fields = ("id", "number", "reference", "title", "customer", "created_at", "updated_at")
        read_only_fields = ("number", "reference")


class GrantSerializer(WireSerializer):
    class Meta:
        model = Grant
        fields = ("id", "label", "amount", "pdf_mentions", "created_at", "updated_at")


# --- Lines ------------------------------------------------------------------------------------------

LINE_NUMBERS = (
    "catalog_costs_u",
    "various_costs_u",
    "total_costs_u",
    "hourly_person_cost",
    "duration",
    "workforce_costs_u",
    "total_charge_u",
    "gross_margin_amount_u",
    "total_catalog_costs",
    "total_various_costs",
    "total_costs",
    "total_duration_hour",
    "total_workforce",
    "total_charge",
    "gross_margin_amount",
    "gross_margin_rate",
    "markup_rate",
)


class LineSerializer(WireSerializer):
    """A line as answered."""

    catalog = CatalogElementOf()
    variation = Relation(model=ProductVariation, read_only=True)
    providers = ProvidersOf()

    class Meta:
        model = Line
        fields = (
            "id",
            "catalog",
            "variation",
            "providers",
            "picture",
            "affair_content",
            "is_comments",
            "is_subtotal",
            "is_pagebreak",
            "is_hidden",
            "line_number",
            "reference",
            "designation",
            "comments",
            "ean_code",
            "sale_category",
            "weight_unit",
            "total_weight",
            "discount_type",
            "discount_value",
            *sides("unit_price", "ecotax_u", "unit_price_net"),
            "is_option",
            "quantity",
            "unit",
            "secondary_quantity",
            "secondary_unit",
            "total_quantity",
            "vat_rate",
            "vat_rate_value",
            *sides("subtotal", "total_ecotax"),
            *sides("discount", "total", "global_discount", "total_net"),
            "catalog_costs_u",
            "various_costs_u",
            "total_costs_u",
            "hourly_person_cost",
            "number_people_needed",
            "duration",
            "duration_type",
            "workforce_costs_u",
            "total_charge_u",
            "gross_margin_amount_u",
            "total_catalog_costs",
            "total_various_costs",
            "total_costs",
            "total_duration_hour",
            "total_workforce",
            "total_charge",
            "gross_margin_amount",
            "gross_margin_rate",
            "markup_rate",
            "delivered_quantity",
            "quantity_to_deliver",
        )
        numbers = LINE_NUMBERS
        read_only_fields = fields

    @classmethod
    def finish(cls, row: Line, data: dict[str, Any]) -> dict[str, Any]:
        data.pop("affair_content", None)
        return with_catalog(row, data)


class LineBody(WireSerializer):
    """A line as typed. What a line of a product or a service leaves out comes from the catalog."""

    catalog = CatalogLink(required=False, allow_null=True)
    variation = Relation(model=ProductVariation, required=False, allow_null=True)
    affair_content = WireInteger(required=False, allow_null=True)
    total_quantity = WireDecimal(max_digits=18, decimal_places=5, required=False, allow_null=True)

    class Meta:
        model = Line
        register = False
        fields = (
            "affair_content",
            "catalog",
            "variation",
            "picture",
            "is_comments",
            "is_subtotal",
            "is_pagebreak",
            "is_hidden",
            "reference",
            "designation",
            "comments",
            "ean_code",
            "weight_unit",
            "unit_price_ht",
            "unit_price_ttc",
            "ecotax_u_ht",
            "ecotax_u_ttc",
            "discount_type",
            "discount_value",
            "is_option",
            "quantity",
            "unit",
            "secondary_quantity",
            "secondary_unit",
            "total_quantity",
            "vat_rate",
            "catalog_costs_u",
            "various_costs_u",
            "hourly_person_cost",
            "number_people_needed",
            "duration",
            "duration_type",
            "sale_category",
        )
        aliases = {"affair_content_id": "affair_content"}

    @classmethod
    def answered_names(cls) -> frozenset[str]:
        return super().answered_names() | LineSerializer.answered_names() | {"id", "catalog"}


# --- Payment ----------------------------------------------------------------------------------------


class CreditOfInvoice(WireSerializer):
    """A credit that pays the invoice, and for how much."""

    credit = Relation(model=PROXIES[Kind.CREDIT], always=True, read_only=True)

    class Meta:
        register = False
        model = CreditUse
        fields = ("amount", "credit")
        numbers = ("amount",)


class UseOfCredit(WireSerializer):
    """An invoice that the credit pays, and for how much."""

    invoice = Relation(model=PROXIES[Kind.INVOICE], source="target", always=True, read_only=True)

    class Meta:
        register = False
        model = CreditUse
        fields = ("amount", "invoice")
        numbers = ("amount",)


def payment_status(row: Document) -> int | None:
    """The payment status of today."""
    return row.payment_status(team_today())


def payment_status_text(row: Document) -> str | None:
    """The same in words."""
    status = payment_status(row)
    return None if status is None else payment_status_label(row.kind, status)


# --- Documents --------------------------------------------------------------------------------------

HEAD = (
    "id",
    "date",
    "number",
    "version",
    "reference",
    "is_draft",
    "creation_date",
    "pdf_model",
    "title",
    "customer",
    "customer_vatrate",
)
CUSTOMER_REFERENCE = ("customer_command_reference",)
PARTIES = (
    "contact",
    "billing_address",
    "billing_address_country",
    "delivery_address",
    "delivery_address_country",
    "comments",
    "currency",
    "currency_code",
    "exchange_rate",
    "use_global_vatrate",
    "vat_rate",
    "secondary_quantity_mode",
    "secondary_quantity",
    "secondary_unit",
)
AMOUNTS = (
    *sides("total_content", "total_ecotaxe"),
    "global_discount_type",
    "global_discount_value",
    "global_discount_type_amount",
    *sides("global_discount", "total"),
    "vatrates",
    "status",
    "status_label",
    "pdf_status",
    "catalog_costs",
    "various_costs",
    "total_costs",
    "workforce_costs",
    "total_charge",
    "gross_margin_amount",
    "gross_margin_rate",
    "markup_rate",
    "total_duration_hour",
    "nb_people_needed",
    "total_weight",
    "total_quantity_1",
    "total_quantity_2",
    "total_quantity",
    "input_mode",
    "params",
    "team_user",
    "sale_term",
    "tags",
    "payment_methods",
    "custom_fields",
    "input_options",
    "pdf_options",
    "affair",
    "delivery_status",
    "delivery_status_label",
    "already_billed",
    "pourcent_billed",
    "to_bill",
    "pourcent_to_bill",
    "penalty_rate",
    "penalty_rate_law",
    "escompte_rate",
    *sides("escompte_amount"),
    "collection_costs_law",
    "payment_term",
    "payment_term_value",
)
GRANT = (
    "grant",
    "grant_amount",
    "grant_label",
    "grant_pdf_mentions",
    "guarantee_holdback_pourcent",
    "guarantee_holdback_amount",
    "guarantee_holdback_duration",
)
VALIDITY = ("expire_at", "accepted_at")
ADVANCE = ("advance_payment_type", "advance_payment_value", "advance_payment_amount")
PAID = ("already_paid", "stay_to_pay", "payment_status", "payment_status_label")
HELD = ("guarantee_holdback_to_pay",)
PACKAGES = ("package_qty", "delivery_mode", "delivery_tracking")
TAIL = ("contents", "linked_elements")

#: What every kind has after its parties: tables of deliveries and proformas leave out terms that their
#: examples and their bodies have all the same.
COMMON = (*PARTIES, *AMOUNTS, *GRANT, *VALIDITY, *ADVANCE)

#: Attributes of each kind, as the reference lists them.
FIELDS: dict[str, tuple[str, ...]] = {
    Kind.QUOTATION: (*HEAD, *CUSTOMER_REFERENCE, *COMMON, *TAIL),
    Kind.COMMAND: (*HEAD, *CUSTOMER_REFERENCE, *COMMON, *TAIL),
    Kind.PROFORMA: (*HEAD, "customer_proforma_reference", *COMMON, *TAIL),
    Kind.DELIVERY: (*HEAD, *CUSTOMER_REFERENCE, *COMMON, *PACKAGES, *TAIL),
    Kind.INVOICE: (
        *HEAD,
        *CUSTOMER_REFERENCE,
        *COMMON,
        "due_date",
        "is_deposit",
        *PAID,
        *HELD,
        "credits",
        *TAIL,
    ),
    Kind.CREDIT: (*HEAD, *CUSTOMER_REFERENCE, *COMMON, "due_date", "invoice", *PAID, "uses", *TAIL),
}
DOCUMENT_NUMBERS = (
    "catalog_costs",
    "various_costs",
    "total_costs",
    "workforce_costs",
    "total_charge",
    "gross_margin_amount",
    "gross_margin_rate",
    "markup_rate",
    "total_duration_hour",
)


class DocumentSerializer(WireSerializer):
    """Base of the six kinds' answers."""

    billing_address = address("billing")
    delivery_address = address("delivery")
    billing_address_country = Relation(model=Country, with_id=False, read_only=True)
    delivery_address_country = Relation(model=Country, with_id=False, read_only=True)
    currency_code = Computed(lambda row: row.currency.code, needs=("currency",), schema={"type": "string"})
    vatrates = Computed(vat_rows, on_request=True, schema={"type": "array", "items": {"type": "object"}})
    params = Computed(lambda row: None, schema={"type": "null"})
    pourcent_billed = WireDecimal(max_digits=12, decimal_places=2, source="percent_billed", read_only=True)
    pourcent_to_bill = WireDecimal(max_digits=12, decimal_places=2, source="percent_to_bill", read_only=True)
    guarantee_holdback_pourcent = WireDecimal(
        max_digits=12, decimal_places=2, source="guarantee_holdback_percent", read_only=True
    )
    tags = TagList(read_only=True)
    payment_methods = RelationList(model=PaymentMethod, read_only=True)
    custom_fields = CustomFieldValues()
    input_options = ParametersField(INPUT_OPTIONS, answer=lambda row: row.input_options)
    pdf_options = ParametersField(PDF_OPTIONS, answer=lambda row: row.pdf_options)
    contents = RelationList(model=Line, serializer=LineSerializer, read_only=True)
    linked_elements = Computed(
        linked_elements, on_request=True, schema={"type": "array", "items": {"type": "object"}}
    )
    invoice = Relation(model=PROXIES[Kind.INVOICE], source="source", read_only=True)
    payment_status = Computed(payment_status, schema={"type": ["integer", "null"]})
    payment_status_label = Computed(payment_status_text, schema={"type": ["string", "null"]})
    credits = RelationList(model=CreditUse, serializer=CreditOfInvoice, read_only=True)
    uses = RelationList(model=CreditUse, serializer=UseOfCredit, read_only=True)

    class Meta:
        register = False
        model: type[models.Model] = Document
        fields: tuple[str, ...] = ()
        numbers = DOCUMENT_NUMBERS
        heavy = ("snapshot",)

    @classmethod
    def finish(cls, row: Document, data: dict[str, Any]) -> dict[str, Any]:
        for side in ("billing_address", "delivery_address"):
            if f"{side}_country" in data:
                data[side]["country"] = data.pop(f"{side}_country")
        return data

    @classmethod
    def complete(cls, datas: list[dict[str, Any]]) -> None:
        rows = [row for data in datas for row in data.get("vatrates", ())]
        if not rows:
            return
        keys = {row["vat_rate_id"] for row in rows if row["vat_rate_id"]}
        rates = VatRate.all_objects.in_bulk(list(keys))
        render = serializer_for(VatRate).render
        answers = {key: render(rate) for key, rate in rates.items()}
        for row in rows:
            row["vat_rate"] = answers.get(row["vat_rate_id"])


def _declared(names: tuple[str, ...]) -> dict[str, None]:
    """Fields of the base that a kind does not have, taken away."""
    return {name: None for name in DocumentSerializer._declared_fields if name not in names}


def _serializer(kind: Kind) -> type[DocumentSerializer]:
    names = FIELDS[kind]
    meta = type(
        "Meta",
        (DocumentSerializer.Meta,),
        {"model": PROXIES[kind], "fields": names, "register": True, "read_only_fields": names},
    )
    return type(
        f"{kind.capitalize()}Serializer",
        (DocumentSerializer,),
        {"Meta": meta, "__doc__": f"A {kind}.", **_declared(names)},
    )


SERIALIZERS: dict[str, type[DocumentSerializer]] = {kind: _serializer(kind) for kind in Kind}


class PaidDocumentSerializer(DocumentSerializer):
    """An invoice or a credit, as payments show what they pay: with the attributes of invoices."""

    class Meta(DocumentSerializer.Meta):
        fields = FIELDS[Kind.INVOICE]
        read_only_fields = fields


# --- Bodies -----------------------------------------------------------------------------------------

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

    def validate_date(self, value: datetime.date) -> datetime.date:
        if not 2000 <= value.year <= 2099:
            raise serializers.ValidationError(_("Give a date between 2000 and 2099."))
        return value


def columns(kind: str) -> tuple[Column, ...]:
    """Columns of a kind's answer."""
    from erp.core.wire import columns_of

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


class ConversionBody(BodySerializer):
    """What every conversion may be told."""

    date = WireDate(required=False)
    is_draft = WireBoolean(required=False)


class QuantityBody(BodySerializer):
    """A line, by its affair content, and how much of it."""

    id = WireInteger(min_value=1)
    quantity = WireDecimal(max_digits=18, decimal_places=5, required=False, allow_null=True)


class DeliverBody(ConversionBody):
    """What to deliver: everything that remains unless lines are named."""

    contents = NestedList(QuantityBody, required=False)


class DepositBody(ConversionBody):
    """How large a deposit, VAT included."""

    with_vatrate = WireBoolean(required=False)
    amount = WireDecimal(max_digits=15, decimal_places=2, required=False, allow_null=True)
    percentage = WireDecimal(max_digits=5, decimal_places=2, required=False, allow_null=True)


class CancelBody(DeliverBody):
    """What to credit: lines, or an amount VAT included, or everything that remains."""

    amount = WireDecimal(max_digits=15, decimal_places=2, required=False, allow_null=True)
