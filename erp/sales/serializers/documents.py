"""What each kind of document answers."""

from __future__ import annotations

from typing import Any

from django.db import models

from erp.core.fields import Computed, Relation, RelationList, WireDecimal
from erp.core.parameters import ParametersField
from erp.core.wire import WireSerializer, serializer_for
from erp.customers.api import TagList
from erp.customfields.wire import CustomFieldValues
from erp.sales.choices import Kind
from erp.sales.models import PROXIES, CreditUse, Document, Line
from erp.sales.parameters import INPUT_OPTIONS, PDF_OPTIONS
from erp.sales.serializers.fields import address, linked_elements, sides, vat_rows
from erp.sales.serializers.lines import LineSerializer
from erp.sales.serializers.uses import CreditOfInvoice, UseOfCredit, payment_status, payment_status_text
from erp.various.models import Country, PaymentMethod, VatRate

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
