"""Worksites, as programs see them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from erp.catalog.api.links import CatalogElementOf, CatalogLink, with_catalog
from erp.catalog.durations import DurationType
from erp.catalog.models import Product
from erp.constructions import services
from erp.constructions.access import GUARD
from erp.constructions.api.pages import PdfMixin
from erp.constructions.models import (
    Construction,
    ConstructionContent,
    ConstructionMaterial,
    ConstructionProduct,
    Material,
)
from erp.core.fields import (
    Column,
    Computed,
    Ids,
    JsonNumber,
    Relation,
    Rows,
    WireChar,
    WireChoice,
    WireInteger,
    number_of,
)
from erp.core.filters import ChoiceFilter, IdFilter, TextFilter
from erp.core.listing import same
from erp.core.resources import ResourceViewSet
from erp.core.wire import BodySerializer, WireSerializer
from erp.customers.api import TagList
from erp.customers.filters import created_since, created_until
from erp.customers.models import Contact, Customer
from erp.customfields.filters import CustomFieldsFilter
from erp.customfields.wire import CustomFieldValues
from erp.sales.linked_wire import LINKED, LinkedDocuments
from erp.sales.models import Affair
from erp.various.api.world import CountryCode
from erp.various.models import Country

DATES = ("created_at", "updated_at")
NUMBER = {"type": "number"}
INTEGER = {"type": "integer"}


def quantity(**options: Any) -> JsonNumber:
    """More than nothing, with at most five decimals."""
    return JsonNumber(max_digits=15, decimal_places=5, min_value=Decimal("0.00001"), **options)


class ConstructionContentSerializer(WireSerializer):
    stay_to_planify = Computed(lambda row: number_of(row.stay_to_planify), schema=NUMBER)
    total_duration_hour = Computed(lambda row: number_of(row.total_duration_hour), schema=NUMBER)
    catalog = CatalogElementOf()

    class Meta:
        model = ConstructionContent
        fields = (
            "id",
            "reference",
            "designation",
            "number_people_needed",
            "duration",
            "duration_type",
            "quantity",
            "planified_quantity",
            "stay_to_planify",
            "total_duration_hour",
            "catalog",
        )
        numbers = ("duration", "quantity", "planified_quantity")
        read_only_fields = fields

    @classmethod
    def finish(cls, row: ConstructionContent, data: dict[str, Any]) -> dict[str, Any]:
        return with_catalog(row, data)


class ConstructionContentBody(BodySerializer):
    """Work to do; with `id`, one that the worksite has."""

    id = WireInteger(required=False, min_value=1)
    reference = WireChar(max_length=100, required=False, allow_blank=True)
    designation = WireChar(max_length=20_000)
    number_people_needed = WireInteger(min_value=0, max_value=10_000, required=False, allow_null=True)
    duration = JsonNumber(max_digits=12, decimal_places=5, min_value=0, required=False, allow_null=True)
    duration_type = WireChoice(choices=DurationType.choices, required=False, allow_null=True)
    quantity = quantity()
    catalog = CatalogLink(required=False, allow_null=True)

    class Meta:
        ignored = ("planified_quantity", "stay_to_planify", "total_duration_hour")


class NeededProductSerializer(WireSerializer):
    product = Relation(model=Product, always=True, read_only=True)

    class Meta:
        model = ConstructionProduct
        fields = ("product", "quantity")
        numbers = ("quantity",)


class NeededProductBody(BodySerializer):
    product = Relation(model=Product)
    quantity = quantity()

    class Meta:
        aliases = {"product_id": "product"}


class NeededMaterialSerializer(WireSerializer):
    material = Relation(model=Material, always=True, read_only=True)

    class Meta:
        model = ConstructionMaterial
        fields = ("material", "quantity")


class NeededMaterialBody(BodySerializer):
    material = Relation(model=Material)
    quantity = WireInteger(min_value=1, max_value=2**31 - 1)

    class Meta:
        aliases = {"material_id": "material"}


class CountryLink(CountryCode):
    """A country, by its code or its id; answered as its id, and as an object when included."""

    def columns(self, name: str) -> list[Column]:
        return [
            Column("country_id", lambda row: row.country_id, schema=INTEGER),
            Column("country", lambda row: row.country, nested=Country, on_request=True),
        ]


class ConstructionSerializer(WireSerializer):
    country = CountryLink()
    custom_fields = CustomFieldValues()
    tags = TagList(required=False)
    attach_tags = TagList(required=False, write_only=True)
    detach_tags = TagList(required=False, write_only=True)
    contents = Rows(ConstructionContentBody, ConstructionContent)
    products = Rows(NeededProductBody, ConstructionProduct)
    materials = Rows(NeededMaterialBody, ConstructionMaterial)
    total_duration_hour = Computed(lambda row: number_of(row.total_duration_hour), schema=NUMBER)
    invoice_status = Computed(
        lambda row: row.invoice_status,
        needs=("invoice_status",),
        schema={"type": "integer", "enum": Construction.InvoiceStatus.values},
    )
    document_status = WireInteger(source="pdf_status", read_only=True)
    full_address = Computed(lambda row: row.full_address, needs=("country",), schema={"type": "string"})
    affairs = Ids(model=Affair, required=False, write_only=True)
    add_affairs = Ids(model=Affair, required=False, write_only=True)
    remove_affairs = Ids(model=Affair, required=False, write_only=True)
    #: The word of `include` that stands for documents of every kind.
    linked_documents = Computed(lambda row: None, on_request=True, schema={"type": "null"})
    locals().update({name: LinkedDocuments(kind) for name, kind in LINKED.items()})

    class Meta:
        model = Construction
        fields = (
            "id",
            "reference",
            "title",
            "customer",
            "contact",
            "custom_fields",
            "tags",
            "attach_tags",
            "detach_tags",
            "total_duration_hour",
            "nb_people_needed",
            "contents",
            "products",
            "materials",
            "status",
            "invoice_status",
            "document_status",
            "road1",
            "road2",
            "road3",
            "city",
            "postal_code",
            "country",
            "full_address",
            *DATES,
            "linked_documents",
            *LINKED,
            "affairs",
            "add_affairs",
            "remove_affairs",
        )
        read_only_fields = ("reference", "status", "nb_people_needed")
        aliases = {"town": "city"}

    @classmethod
    def finish(cls, row: Construction, data: dict[str, Any]) -> dict[str, Any]:
        """The word of the include is no attribute."""
        data.pop("linked_documents", None)
        return data


class ConstructionViewSet(PdfMixin, ResourceViewSet):
    """Worksites of customers."""

    serializer_class = ConstructionSerializer
    guard = GUARD
    make_pdf = staticmethod(services.pdf_of_construction)
    sorts = {
        **same("reference", "title", "customer.name", "status", "road1", "road2", "road3", "postal_code"),
        **same("city", *DATES),
        "contact.name": ("contact__lastname", "contact__firstname"),
        "town": "city",
        "status.town": "city",
    }
    searches = same("reference", "title", "customer.company_name", "customer.lastname", "contact.lastname")
    filters = {
        "customer": IdFilter("customer", model=Customer),
        "contact": IdFilter("contact", model=Contact),
        "reference": TextFilter("reference"),
        "created_since": created_since(),
        "created_until": created_until(),
        "status": ChoiceFilter("status", choices=Construction.Status.values),
        "custom_fields": CustomFieldsFilter(),
    }
    list_includes = (
        "customer",
        "contact",
        "country",
        "customFields",
        "custom_fields",
        "tags",
        "products",
        "materials",
        "contents",
        "contents.catalog",
        "linked_documents",
    )
    include_aliases = {"customFields": "custom_fields"}

    def create_row(self, values: dict[str, Any]) -> Construction:
        return services.create_construction(values)

    def update_row(self, row: Construction, values: dict[str, Any]) -> Construction:
        return services.update_construction(row, values)

    def delete_row(self, row: Construction) -> None:
        services.delete_construction(row)
