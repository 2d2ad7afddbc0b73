"""Orders to suppliers, as programs see them (reference: Provider Command)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from erp.catalog import services
from erp.catalog.models import CommandStatus, Product, ProductVariation, ProviderCommand, ProviderCommandLine
from erp.core.access import Key
from erp.core.fields import (
    Computed,
    NestedList,
    NestedObject,
    Relation,
    RelationList,
    WireBoolean,
    WireChar,
    WireDate,
    WireDecimal,
    number_of,
)
from erp.core.files_wire import FileSerializer
from erp.core.filters import ChoiceFilter, DateFilter, IdFilter, TextFilter
from erp.core.listing import ListQuery, same
from erp.core.resources import ResourceViewSet, router
from erp.core.stored_pdf import PdfFailed
from erp.core.wire import BodySerializer, WireSerializer
from erp.customers.models import Contact, Customer
from erp.various.api.world import CountryCode, LocalName
from erp.various.models import Currency, PdfModel, Unit, VatRate

#: Names of the PDF's options on the wire, and their columns.
OPTIONS = {
    "contact": "show_contact",
    "reference_column": "show_reference_column",
    "units": "show_units",
    "not_show_price": "not_show_price",
}


def rates_of(row: ProviderCommand) -> list[dict[str, Any]]:
    """The amounts by VAT rate, as numbers."""
    return [{name: number_of(Decimal(value)) for name, value in rate.items()} for rate in row.vatrates]


def options_of(row: ProviderCommand) -> dict[str, bool]:
    """What the PDF shows."""
    return {name: getattr(row, column) for name, column in OPTIONS.items()}


class ProviderCommandLineSerializer(WireSerializer):
    quantity_to_deliver = Computed(lambda row: f"{row.quantity_to_deliver:.5f}", schema={"type": "string"})

    class Meta:
        model = ProviderCommandLine
        always = ("unit", "vat_rate", "product", "variation")
        fields = (
            "id",
            "reference",
            "designation",
            "unit_price_ht",
            "unit_price_tva",
            "unit_price_ttc",
            "quantity",
            "unit",
            "vat_rate",
            "total_ht",
            "total_tva",
            "total_ttc",
            "product",
            "variation",
            "quantity_to_deliver",
            "delivered_quantity",
        )


class ProviderCommandSerializer(WireSerializer):
    options = Computed(options_of, schema={"type": "object", "additionalProperties": {"type": "boolean"}})
    status_label = Computed(lambda row: row.status_label, schema={"type": "string"})
    vatrates = Computed(
        rates_of,
        on_request=True,
        schema={
            "type": "array",
            "items": {"type": "object", "additionalProperties": {"type": "number"}},
        },
    )
    contents = RelationList(model=ProviderCommandLine, read_only=True)

    class Meta:
        model = ProviderCommand
        fields = (
            "id",
            "date",
            "reference",
            "title",
            "provider",
            "contact",
            "road1",
            "road2",
            "road3",
            "postal_code",
            "town",
            "country",
            "comments",
            "status",
            "status_label",
            "options",
            "currency",
            "pdf_model",
            "contents",
            "vatrates",
            "total_ht",
            "total_tva",
            "total_ttc",
            "created_at",
            "updated_at",
        )


# --- Bodies ---------------------------------------------------------------------------------------


def amount(**options: Any) -> WireDecimal:
    """A quantity or a price, zero or more."""
    return WireDecimal(max_digits=15, decimal_places=5, min_value=0, **options)


class ProviderCommandLineBody(BodySerializer):
    """A line of an order; with `id`, one that the order has."""

    id = Relation(model=ProviderCommandLine, required=False)
    reference = WireChar(max_length=100, required=False, allow_blank=True)
    designation = WireChar(max_length=20_000)
    unit_price_ht = amount()
    quantity = amount()
    unit = Relation(model=Unit, required=False, allow_null=True)
    vat_rate = Relation(model=VatRate)
    product = Relation(model=Product, required=False, allow_null=True)
    variation = Relation(model=ProductVariation, required=False, allow_null=True)
    delivered_quantity = amount(required=False, allow_null=True)

    class Meta:
        ignored = (
            "unit_price_tva",
            "unit_price_ttc",
            "unit_id",
            "vat_rate_id",
            "total_ht",
            "total_tva",
            "total_ttc",
            "product_id",
            "variation_id",
            "variation",
            "quantity_to_deliver",
        )


class ProviderCommandOptionsBody(BodySerializer):
    """What the PDF shows."""

    contact = WireBoolean(source="show_contact")
    reference_column = WireBoolean(source="show_reference_column")
    units = WireBoolean(source="show_units")
    not_show_price = WireBoolean()


def text(length: int) -> WireChar:
    return WireChar(max_length=length, required=False, allow_blank=True)


class ProviderCommandBody(BodySerializer):
    """An order to a supplier."""

    date = WireDate()
    title = text(255)
    customer = Relation(model=Customer, source="provider")
    contact = Relation(model=Contact, required=False, allow_null=True)
    road1 = text(255)
    road2 = text(255)
    road3 = text(255)
    postal_code = text(20)
    town = text(100)
    country = CountryCode(required=False, allow_null=True)
    comments = text(20_000)
    status = serializers.ChoiceField(choices=CommandStatus.values, required=False, allow_null=True)
    options = NestedObject(ProviderCommandOptionsBody, partial=True, required=False)
    currency = Relation(model=Currency, required=False)
    pdf_model = Relation(model=PdfModel)
    contents = NestedList(ProviderCommandLineBody)

    class Meta:
        aliases: Mapping[str, str] = {"provider": "customer"}
        ignored = (
            "id",
            "reference",
            "provider_id",
            "contact_id",
            "country_id",
            "status_label",
            "currency_id",
            "pdf_model_id",
            "vatrates",
            "total_ht",
            "total_tva",
            "total_ttc",
            "created_at",
            "updated_at",
        )


class ReceiptLineBody(BodySerializer):
    """How much of a line arrived now."""

    id = Relation(model=ProviderCommandLine)
    delivered_quantity = amount()


class ReceiptBody(BodySerializer):
    """Goods that arrived."""

    contents = NestedList(ReceiptLineBody)


# --- Endpoints ------------------------------------------------------------------------------------

SORTED = (
    "reference",
    "date",
    "title",
    "road1",
    "road2",
    "road3",
    "postal_code",
    "town",
    "comments",
    "total_ht",
    "total_tva",
    "total_ttc",
    "provider.name",
    "created_at",
    "updated_at",
)


class ProviderCommandViewSet(ResourceViewSet):
    """Orders to suppliers, and what arrived of them."""

    serializer_class = ProviderCommandSerializer
    input_class = ProviderCommandBody
    guard = Key("provider")
    sorts = {
        **same(*SORTED),
        "contact.fullname": ("contact__lastname", "contact__firstname"),
        "status_label": "status",
        "country.name": LocalName("country__"),
    }
    searches = {
        **same("reference", "date", "title", "total_ht", "total_tva", "total_ttc", "town", "postal_code"),
        "customer.company_name": "provider__company_name",
        "contact.lastname": "contact__lastname",
    }
    filters = {
        "reference": TextFilter("reference"),
        "date_since": DateFilter("date", lookup_expr="gte"),
        "date_until": DateFilter("date", lookup_expr="lte"),
        "customer": IdFilter("provider", model=Customer),
        "status": ChoiceFilter("status", choices=CommandStatus.values),
    }
    list_includes = ("provider", "contact", "country", "pdf_model", "currency", "vatrates", "contents")
    single_default = ("contents",)

    def create_row(self, values: dict[str, Any]) -> ProviderCommand:
        return services.create_provider_command(values | values.pop("options", {}))

    def update_row(self, row: ProviderCommand, values: dict[str, Any]) -> ProviderCommand:
        return services.update_provider_command(row, values | values.pop("options", {}))

    def delete_row(self, row: ProviderCommand) -> None:
        services.delete_provider_command(row)

    @extend_schema(request=ReceiptBody)
    @action(detail=True, methods=["put"])
    def delivery(self, request: Any, pk: str) -> Response:
        """Enter goods that arrived: quantities add to what was delivered before."""
        include = self.single_include()
        row = services.receive(self.get_object(lock=True), ReceiptBody.parse(request.data)["contents"])
        return Response(self.written(row, include))

    @extend_schema(responses=FileSerializer)
    @action(detail=True, methods=["get"])
    def pdf(self, request: Any, pk: str) -> Response:
        """The order's PDF as a File, its content in base64."""
        ListQuery(request, allowed=())
        try:
            file = services.pdf_of_command(self.get_object())
        except PdfFailed as error:  # answered, not raised: what was noted of the failure stays
            return Response({"message": error.message}, status=error.status)
        return Response(FileSerializer.render(file, (("file", ()),)))


router.register("catalog/command", ProviderCommandViewSet)
