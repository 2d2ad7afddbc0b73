"""Worksites, planifications, equipment and technicians, as programs see them (reference: Constructions)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from erp.catalog.api.links import CatalogElementOf, CatalogLink, with_catalog
from erp.catalog.durations import DurationType
from erp.catalog.models import Product
from erp.constructions import services
from erp.constructions.models import (
    Construction,
    ConstructionContent,
    ConstructionMaterial,
    ConstructionProduct,
    Material,
    Planification,
    PlanificationContent,
    Technician,
)
from erp.core.access import Key, ListKey
from erp.core.fields import (
    Column,
    Computed,
    DayOrMoment,
    Ids,
    JsonNumber,
    LinkField,
    NestedList,
    Relation,
    WireBoolean,
    WireChar,
    WireChoice,
    WireInteger,
    datetime_of,
    number_of,
)
from erp.core.files_wire import FileSerializer
from erp.core.filters import ChoiceFilter, DateFilter, IdFilter, TextFilter
from erp.core.listing import ListQuery, same
from erp.core.resources import ResourceViewSet, router
from erp.core.stored_pdf import PdfFailed
from erp.core.typed_link import TypedLink
from erp.core.wire import BodySerializer, WireSerializer
from erp.customers.api import TagList
from erp.customers.filters import created_since, created_until, day_start
from erp.customers.models import Contact, Customer
from erp.customfields.filters import CustomFieldsFilter
from erp.customfields.wire import CustomFieldValues
from erp.sales.linked_wire import LINKED, LinkedDocuments
from erp.sales.models import Affair
from erp.various.api.world import CountryCode
from erp.various.models import Country
from tenants.models import TeamUser

DATES = ("created_at", "updated_at")
#: Work on site carries out what was sold, as deliveries do. No key of the reference names worksites.
GUARD = Key("sales-delivery")
NUMBER = {"type": "number"}
INTEGER = {"type": "integer"}


# --- Lists ----------------------------------------------------------------------------------------


class MaterialSerializer(WireSerializer):
    class Meta:
        model = Material
        fields = ("id", "reference", "name", *DATES)


class TechnicianSerializer(WireSerializer):
    class Meta:
        model = Technician
        fields = ("id", "name", "email", *DATES)


class MaterialViewSet(ResourceViewSet):
    """Equipment that worksites need."""

    serializer_class = MaterialSerializer
    guard = ListKey()
    sorts = same("reference", "name", *DATES)
    searches = same("reference", "name")

    def delete_row(self, row: Material) -> None:
        services.delete_material(row)


class TechnicianViewSet(ResourceViewSet):
    """People who work on site without being users of the team."""

    serializer_class = TechnicianSerializer
    guard = ListKey()
    sorts = same("email", "name", *DATES)
    searches = same("email", "name")

    def delete_row(self, row: Technician) -> None:
        services.delete_technician(row)


# --- Worksites ------------------------------------------------------------------------------------


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


class Rows(NestedList):
    """Rows that belong to this one: read as objects, answered as objects on request."""

    def __init__(self, serializer: Any, model: Any, **kwargs: Any) -> None:
        self.model = model
        super().__init__(serializer, required=False, write_only=False, **kwargs)

    def columns(self, name: str) -> list[Column]:
        return [
            Column(name, lambda row: getattr(row, name).all(), nested=self.model, many=True, on_request=True)
        ]


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


class PdfMixin:
    """GET …/<ID>/pdf: the page as a File, its content in base64."""

    make_pdf: Any
    get_object: Any

    @extend_schema(responses=FileSerializer)
    @action(detail=True, methods=["get"])
    def pdf(self, request: Any, pk: str) -> Response:
        """The printed page as a File, its content in base64."""
        ListQuery(request, allowed=())
        try:
            file = type(self).make_pdf(self.get_object())
        except PdfFailed as error:  # answered, not raised: what was noted of the failure stays
            return Response({"message": error.message}, status=error.status)
        return Response(FileSerializer.render(file, (("file", ()),)))


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


# --- Planifications -------------------------------------------------------------------------------


class TechnicianLink(TypedLink):
    """Reads {"type": "teamUser" or "technician", "id": 1} as somebody who works on site."""

    targets = {"teamUser": TeamUser, "technician": Technician}
    default_error_messages = {
        "not_an_object": _("Give an object with a type (teamUser or technician) and an id."),
        "no_type": _("The type is teamUser or technician."),
    }


def person_of(link: Any) -> dict[str, Any]:
    """Who does a planification: the attributes of a technician, and which kind it is."""
    person, is_user = link.person, link.team_user_id is not None
    return {
        "type": "teamUser" if is_user else "technician",
        "id": person.pk,
        "name": str(person),
        "email": (person.user.email if is_user else person.email) or None,
        "created_at": datetime_of(person.created_at),
        "updated_at": datetime_of(person.updated_at),
    }


PERSON = {
    "type": "object",
    "required": ["type", "id", "name"],
    "properties": {
        "type": {"type": "string", "enum": list(TechnicianLink.targets)},
        "id": INTEGER,
        "name": {"type": "string"},
        "email": {"type": ["string", "null"]},
        "created_at": {"type": "string"},
        "updated_at": {"type": "string"},
    },
}


class Technicians(LinkField):
    """Who does it: read as types and ids, answered as objects when included."""

    default_error_messages = {"not_a_list": _("Give a list of objects.")}
    body_schema = {"type": "array", "items": TechnicianLink.body_schema}
    one = TechnicianLink()

    def wanted(self, data: Any) -> list[Any]:
        return [pair for item in self._items(data) or () for pair in self.one.wanted(item)]

    def to_internal_value(self, data: Any) -> list[TeamUser | Technician]:
        items = self._items(data)
        if items is None:
            self.fail("not_a_list")
        rows, errors = [], {}
        for number, item in enumerate(items):
            try:
                rows.append(self.one.to_internal_value(item))
            except serializers.ValidationError as error:
                errors[str(number)] = error.detail
        if errors:
            raise serializers.ValidationError(errors)
        return rows

    @staticmethod
    def _items(data: Any) -> list[Any] | None:
        if isinstance(data, Mapping):  # {"0": {...}, "1": {...}}: numeric keys of a form
            return list(data.values())
        return data if isinstance(data, list) else None

    def columns(self, name: str) -> list[Column]:
        return [
            Column(
                name,
                lambda row: [person_of(link) for link in row.technician_links.all()],
                on_request=True,
                needs=("technician_links__technician", "technician_links__team_user__user"),
                schema={"type": "array", "items": PERSON},
            )
        ]


def warnings_of(row: Planification) -> list[dict[str, Any]]:
    """Where technicians are elsewhere at the same time; the other worksite only for those who may see it."""
    answers = []
    for conflict in row.conflicts:
        other, person = conflict["other"], person_of(conflict["link"])
        seen = conflict["is_seen"]
        text = _t("%(name)s is planned elsewhere at the same time.") % {"name": person["name"]}
        answers.append(
            {
                "message": text,
                "technician": {name: person[name] for name in ("type", "id", "name")},
                "planification_id": other.pk if seen else None,
                "reference": other.reference if seen else None,
                "begin": datetime_of(other.begin),
                "end": datetime_of(other.end),
            }
        )
    return answers


WARNINGS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "message": {"type": "string"},
            "technician": {"type": "object"},
            "planification_id": {"type": ["integer", "null"]},
            "reference": {"type": ["string", "null"]},
            "begin": {"type": "string"},
            "end": {"type": "string"},
        },
    },
}


class PlannedSerializer(WireSerializer):
    content = Relation(model=ConstructionContent, read_only=True)

    class Meta:
        model = PlanificationContent
        fields = ("quantity", "content")
        numbers = ("quantity",)


class PlannedBody(BodySerializer):
    content = Relation(model=ConstructionContent)
    quantity = quantity(required=False, allow_null=True)

    class Meta:
        aliases = {"content_id": "content"}


class PlanificationSerializer(WireSerializer):
    begin = DayOrMoment()
    end = DayOrMoment()
    all_contents = WireBoolean(required=False)
    contents = Rows(PlannedBody, PlanificationContent)
    technicians = Technicians(required=True)
    status = WireChoice(choices=Planification.Status.choices, required=False)
    total_duration_hour = Computed(
        lambda row: number_of(row.figures["hours"]), needs=("figures",), schema=NUMBER
    )
    nb_people_needed = Computed(lambda row: row.figures["people"], needs=("figures",), schema=INTEGER)
    document_status = Computed(lambda row: row.document_status, needs=("figures",), schema=INTEGER)
    warnings = Computed(warnings_of, needs=("conflicts",), schema=WARNINGS)

    class Meta:
        model = Planification
        fields = (
            "id",
            "reference",
            "begin",
            "end",
            "all_contents",
            "contents",
            "technicians",
            "status",
            "total_duration_hour",
            "nb_people_needed",
            "document_status",
            "construction",
            "warnings",
            *DATES,
        )
        read_only_fields = ("reference",)
        # That of the contents unless given.
        extra_kwargs: Mapping[str, Any] = {"construction": {"required": False, "allow_null": True}}

    @classmethod
    def finish(cls, row: Planification, data: dict[str, Any]) -> dict[str, Any]:
        """Planned contents are only those of a planification of some."""
        if row.all_contents:
            data.pop("contents", None)
        return data


def on_days(lookup: str, days: int = 0) -> DateFilter:
    """Moments compared with a day of the team's timezone."""

    def condition(date: datetime.date) -> Q:
        return Q(**{lookup: day_start(date + datetime.timedelta(days=days))})

    return DateFilter(condition=condition)


PLACE = ("title", "road1", "road2", "road3", "city", "postal_code", "reference", "customer.name")


class PlanificationViewSet(PdfMixin, ResourceViewSet):
    """Who works when on which worksite."""

    serializer_class = PlanificationSerializer
    guard = GUARD
    make_pdf = staticmethod(services.pdf_of_planification)
    sorts = {
        **same("reference", "begin", "end", "status", *DATES, *(f"construction.{name}" for name in PLACE)),
        "construction.town": "construction__city",
        "construction.contact.name": (
            "construction__contact__lastname",
            "construction__contact__firstname",
        ),
    }
    searches = same("reference", "construction.reference", "construction.title", "construction.customer.name")
    filters = {
        "customer": IdFilter("construction__customer", model=Customer),
        "contact": IdFilter("construction__contact", model=Contact),
        "reference": TextFilter("reference"),
        "begin": on_days("begin__gte"),
        "end": on_days("end__lte", days=1),
        "created_since": created_since(),
        "created_until": created_until(),
        "status": ChoiceFilter("status", choices=Planification.Status.values),
        "construction": IdFilter("construction", model=Construction),
        "construction_reference": TextFilter("construction__reference"),
        "technician": IdFilter("technician_links__technician", model=Technician),
        "team_user": IdFilter("technician_links__team_user", model=TeamUser),
    }
    list_includes = (
        "contents",
        "contents.content",
        "technicians",
        "construction",
        "construction.contents",
    )

    def create_row(self, values: dict[str, Any]) -> Planification:
        return services.create_planification(values)

    def update_row(self, row: Planification, values: dict[str, Any]) -> Planification:
        return services.update_planification(row, values)

    def delete_row(self, row: Planification) -> None:
        services.delete_planification(row)


router.register("construction/material", MaterialViewSet)
router.register("construction/technician", TechnicianViewSet)
router.register("construction/technicians", TechnicianViewSet, basename="construction-technicians")
router.register("construction/planification", PlanificationViewSet)
router.register("construction", ConstructionViewSet)
