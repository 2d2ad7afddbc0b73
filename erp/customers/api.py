"""Customers, as programs see them (reference: chapter Customers)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from rest_framework import serializers

from erp.core.access import AnyOf, Key, ListKey, Verb, visible
from erp.core.fields import (
    MAX_ID,
    Column,
    Computed,
    NestedObject,
    TextList,
    WireBoolean,
    WireChar,
    text_of,
)
from erp.core.filters import FlagFilter
from erp.core.listing import same
from erp.core.parameters import ParametersField
from erp.core.resources import ResourceViewSet, router
from erp.core.wire import Include, WireSerializer
from erp.customers import services
from erp.customers.filters import CONTACT_FILTERS, CUSTOMER_FILTERS
from erp.customers.models import (
    NATURES,
    Contact,
    ContactFunction,
    Customer,
    CustomerActivity,
    CustomerAddress,
    CustomerOrigin,
    CustomerType,
)
from erp.customers.parameters import CUSTOMER
from erp.customfields.wire import CustomFieldValues
from erp.various.models import Tag

__all__ = ["TagList"]

DATES = ("created_at", "updated_at")
NAME = {"type": ["string", "null"]}


# --- Fields ---------------------------------------------------------------------------------------


class TagList(TextList):
    """Tags: read as names (or as the objects of an answer), answered as objects when included."""

    child = serializers.CharField(max_length=100)

    def to_internal_value(self, data: Any) -> list[str]:
        items = data if isinstance(data, list) else [data] if data else []
        return super().to_internal_value(
            [item.get("name") if isinstance(item, Mapping) else item for item in items]
        )

    def columns(self, name: str) -> list[Column]:
        return [Column(name, lambda row: row.tags.all(), nested=Tag, many=True, on_request=True)]


class AddressField(NestedObject):
    """The customer's address of one use: read in part or whole, answered as an object when included."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            AddressBody,
            **{"partial": True, "required": False, "allow_null": True, "write_only": False, **kwargs},
        )

    def columns(self, name: str) -> list[Column]:
        return [Column(name, attrgetter(name), nested=CustomerAddress, on_request=True)]


class UseFlag(WireBoolean):
    """Whether an address serves a use, which its customer tells."""

    def columns(self, name: str) -> list[Column]:
        return [Column(name, attrgetter(name), needs=("customer",), schema={"type": "boolean"})]


# --- Lists ----------------------------------------------------------------------------------------


class ListViewSet(ResourceViewSet):
    """A list to choose from."""

    guard = ListKey()
    default_sort = ("label",)
    sorts = same("label", "use_default", *DATES)
    searches = same("label")


class CustomerActivitySerializer(WireSerializer):
    class Meta:
        model = CustomerActivity
        fields = ("id", "label", "use_default", *DATES)


class CustomerActivityViewSet(ListViewSet):
    """Trades that customers are in."""

    serializer_class = CustomerActivitySerializer


class CustomerOriginSerializer(WireSerializer):
    class Meta:
        model = CustomerOrigin
        fields = ("id", "label", "use_default", *DATES)


class CustomerOriginViewSet(ListViewSet):
    """How customers came to the team."""

    serializer_class = CustomerOriginSerializer


class ContactFunctionSerializer(WireSerializer):
    class Meta:
        model = ContactFunction
        fields = ("id", "label", "use_default", *DATES)


class ContactFunctionViewSet(ListViewSet):
    """What contacts do at the customer's."""

    serializer_class = ContactFunctionSerializer


class CustomerTypeSerializer(WireSerializer):
    class Meta:
        model = CustomerType
        fields = ("id", "label", "is_company", "is_person", "use_default", *DATES)
        extra_kwargs = {"is_company": {"required": True}, "is_person": {"required": True}}


class CustomerTypeViewSet(ListViewSet):
    """Kinds of customers: companies, persons, or both."""

    serializer_class = CustomerTypeSerializer
    sorts = same("label", "is_company", "is_person", "use_default", *DATES)
    filters = {"with_person": FlagFilter("is_person"), "with_company": FlagFilter("is_company")}


# --- Addresses ------------------------------------------------------------------------------------

ADDRESS = ("label", "road1", "road2", "road3", "postal_code", "town", "country")


class CustomerAddressSerializer(WireSerializer):
    use_for_invoice = UseFlag(required=False)
    use_for_delivery = UseFlag(required=False)

    class Meta:
        model = CustomerAddress
        fields = ("id", "label", "use_for_invoice", "use_for_delivery", *ADDRESS[1:], *DATES)
        always = ("country",)


class AddressBody(WireSerializer):
    """An address inside a customer's body."""

    class Meta:
        model = CustomerAddress
        register = False
        fields = ADDRESS
        ignored = ("id", "use_for_invoice", "use_for_delivery", *DATES)


class CustomerAddressViewSet(ResourceViewSet):
    """Addresses of one customer. Whoever edits the customer edits them."""

    serializer_class = CustomerAddressSerializer
    guard = AnyOf(NATURES)
    default_sort = ("label",)
    sorts = same("label", *DATES)
    searches = same("label")

    @property
    def verb(self) -> Verb:
        return "read" if super().verb == "read" else "update"

    def customer(self) -> Customer:
        """The customer of the address, which the actor must see (404)."""
        key = int(self.kwargs["customer"])
        customer = visible(Customer).filter(pk=key).first() if key <= MAX_ID else None
        if customer is None:
            raise Http404
        return customer

    def base_queryset(self, *, with_deleted: bool = False) -> QuerySet[Any]:
        return super().base_queryset(with_deleted=with_deleted).filter(customer=self.customer())

    def create_row(self, values: dict[str, Any]) -> CustomerAddress:
        return services.save_address(CustomerAddress(customer=self.customer()), values)

    def update_row(self, row: CustomerAddress, values: dict[str, Any]) -> CustomerAddress:
        return services.save_address(row, values)

    def delete_row(self, row: CustomerAddress) -> None:
        services.delete_address(row)


# --- Customers ------------------------------------------------------------------------------------


COMPANY = (
    "company_name",
    "company_type",
    "company_siret",
    "company_rcs",
    "company_vatrate",
    "company_naf",
    "company_capital",
)
PERSON = ("civility", "firstname", "lastname", "fullname", "birth_date")
REACHED = ("phone", "mobile", "fax", "email", "website")
TAG_CHANGES = ("attach_tags", "detach_tags")


def references(row: Customer) -> dict[str, str | None]:
    """References by nature; null for those the customer never had."""
    return {nature: getattr(row, f"{nature}_reference") for nature in NATURES}


def settings_of(row: Customer) -> dict[str, Any]:
    """The customer's own settings; lists have fetched beforehand what they link to."""
    return CUSTOMER.answer(row.configs, rows=getattr(row, "linked_rows", None))


class CustomerSerializer(WireSerializer):
    reference = Computed(
        references,
        schema={
            "type": "object",
            "properties": dict.fromkeys(NATURES, NAME),
        },
    )
    fullname = WireChar(required=False, max_length=255)
    tags = TagList(required=False)
    attach_tags = TagList(required=False, write_only=True)
    detach_tags = TagList(required=False, write_only=True)
    address_invoice = AddressField()
    address_delivery = AddressField()
    custom_fields = CustomFieldValues()
    configs = ParametersField(CUSTOMER, answer=settings_of, on_request=True)
    archived = WireBoolean(required=False, write_only=True)

    class Meta:
        model = Customer
        fields = (
            "id",
            "name",
            "reference",
            "type",
            *COMPANY,
            *PERSON,
            *REACHED,
            "activity",
            "origin",
            "tags",
            "address_invoice",
            "address_delivery",
            "addresses",
            "custom_fields",
            "configs",
            "contacts",
            "newsletter_inscription",
            "team_user",
            "archived_at",
            *DATES,
            *(f"is_{nature}" for nature in NATURES),
            *TAG_CHANGES,
            "archived",
        )
        always = ("type", "civility")
        objects_only = ("type", "civility")
        write_only = tuple(f"is_{nature}" for nature in NATURES)

    @classmethod
    def finish(cls, row: Customer, data: dict[str, Any]) -> dict[str, Any]:
        """Company and person attributes are present only if the type has them."""
        absent = () if row.type.is_company else COMPANY
        for name in (*absent, *(() if row.type.is_person else PERSON)):
            del data[name]
        return data


class CustomerViewSet(ResourceViewSet):
    """Customers, prospects, suppliers and subcontractors."""

    serializer_class = CustomerSerializer
    guard = AnyOf(NATURES)
    sorts = {
        **same(
            "company_name",
            "firstname",
            "name",
            "address_invoice.road1",
            "address_invoice.town",
            "address_invoice.postal_code",
        ),
        "address_invoice.country.name": "address_invoice__country__name_fr",
        **same(
            "email",
            "website",
            "phone",
            "mobile",
            "fax",
            "type.label",
            "activity.label",
            "origin.label",
            "company_siret",
            "company_vatrate",
        ),
        **{f"reference.{nature}": f"{nature}_reference" for nature in NATURES},
        "team_user.fullname": ("team_user__user__firstname", "team_user__user__lastname"),
        **same(*DATES),
    }
    searches = same(
        "company_name",
        "firstname",
        "lastname",
        "email",
        "website",
        "phone",
        "mobile",
        "fax",
        *(f"{nature}_reference" for nature in NATURES),
        "address_invoice.town",
        "address_invoice.postal_code",
    )
    filters = CUSTOMER_FILTERS
    list_includes = (
        "activity",
        "origin",
        "tags",
        "contacts",
        "configurations",
        "configs",
        "addresses",
        "address_invoice",
        "address_delivery",
        "custom_fields",
        "customFields",
        "team_user",
        "teamUser",
    )
    include_aliases = {"configurations": "configs", "customFields": "custom_fields", "teamUser": "team_user"}

    def create_row(self, values: dict[str, Any]) -> Customer:
        return services.create_customer(values)

    def update_row(self, row: Customer, values: dict[str, Any]) -> Customer:
        return services.update_customer(row, values)

    def delete_row(self, row: Customer) -> None:
        services.delete_customer(row)

    def answers(self, rows: Sequence[Any], include: Include) -> Sequence[dict[str, Any]]:
        if "configs" in dict(include):
            linked = CUSTOMER.linked_rows([row.configs for row in rows])
            for row in rows:
                row.linked_rows = linked
        return super().answers(rows, include)


# --- Contacts -------------------------------------------------------------------------------------


class ContactSerializer(WireSerializer):
    fullname = Computed(lambda row: text_of(row.fullname), schema=NAME)
    tags = TagList(required=False)
    attach_tags = TagList(required=False, write_only=True)
    detach_tags = TagList(required=False, write_only=True)
    custom_fields = CustomFieldValues()

    class Meta:
        model = Contact
        fields = (
            "id",
            "civility",
            "firstname",
            "lastname",
            "fullname",
            "function",
            *REACHED,
            *ADDRESS[1:],
            "comments",
            "tags",
            "newsletter_inscription",
            *DATES,
            "customers",
            "custom_fields",
            *TAG_CHANGES,
        )
        always = ("civility", "country")
        objects_only = ("civility",)


class ContactViewSet(ResourceViewSet):
    """People to contact at customers'."""

    serializer_class = ContactSerializer
    guard = Key("contact")
    sorts = {
        "fullname": ("firstname", "lastname"),
        **same("civility.name", "firstname", "lastname", "postal_code", "town"),
        "country.name": "country__name_fr",
        **same("email", "website", "phone", "mobile", "fax", "comments", "function.label", *DATES),
    }
    searches = same(
        "customers.company_name",
        "customers.lastname",
        "firstname",
        "lastname",
        "road1",
        "postal_code",
        "town",
        "country.name_fr",
        "phone",
        "mobile",
        "fax",
        "email",
        "website",
        "function.label",
    )
    filters = CONTACT_FILTERS
    list_includes = ("customers", "function", "tags", "custom_fields", "customFields")
    include_aliases = {"customFields": "custom_fields"}

    def create_row(self, values: dict[str, Any]) -> Contact:
        return services.create_contact(values)

    def update_row(self, row: Contact, values: dict[str, Any]) -> Contact:
        return services.update_contact(row, values)


router.register("customer/activity", CustomerActivityViewSet)
router.register("customer/origin", CustomerOriginViewSet)
router.register("customer/type", CustomerTypeViewSet)
router.register("customer/contact/function", ContactFunctionViewSet)
router.register("customer/contact", ContactViewSet)
router.register("customer/(?P<customer>[0-9]+)/address", CustomerAddressViewSet, basename="customer-address")
router.register("customer", CustomerViewSet)
