"""Sales documents, as programs see them (reference: chapter Sales)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from erp.core import etags
from erp.core.access import Key
from erp.core.files_wire import FileSerializer
from erp.core.filters import (
    AllOf,
    ChoiceFilter,
    DateFilter,
    FlagFilter,
    IdFilter,
    IntegerFilter,
    TextFilter,
    WireFilter,
)
from erp.core.listing import ListQuery, same
from erp.core.resources import SAFE_METHODS, ResourceViewSet, router
from erp.core.scope import current_team
from erp.customers.models import Contact, Customer
from erp.customers.settlement.api import credits_body, with_credits
from erp.customfields.filters import CustomFieldsFilter
from erp.sales import services
from erp.sales.choices import SEALED_KINDS, DeliveryStatus, Kind, PaymentStatus, Status
from erp.sales.models import PROXIES, Affair, Document
from erp.sales.serializers import (
    SERIALIZERS,
    AffairSerializer,
    CancelBody,
    ConversionBody,
    DeliverBody,
    DepositBody,
    GrantSerializer,
    LiteBody,
    body_for,
)
from erp.sales.services.drafting import end_of_day
from erp.sales.services.locking import lock as lock_document
from erp.sales.services.payments import having
from erp.various.models import Currency
from erp.various.services import team_today
from tenants.models import TeamUser

CreditsBody = credits_body(PROXIES[Kind.CREDIT], "InvoiceCreditsBody")
SINGLE_ONLY = ("linked_elements",)
INCLUDES = (
    "pdf_model",
    "contact",
    "billing_address_country",
    "delivery_address_country",
    "customer",
    "currency",
    "vat_rate",
    "secondary_unit",
    "grant",
    "teamUser",
    "team_user",
    "payment_term",
    "sale_term",
    "contents",
    "tags",
    "affair",
    "vatrates",
    "vatrates.vat_rate",
    "customFields",
    "contents.vat_rate",
    "contents.unit",
    "contents.secondary_unit",
    "contents.sale_category",
    "contents.picture",
    "contents.catalog",
    "contents.variation",
    "contents.providers",
    "custom_fields",
    "payment_methods",
)
ALIASES = {"teamUser": "team_user", "customFields": "custom_fields", "vatrates.vat_rate": "vatrates"}

SORTS = {
    **same(
        "number",
        "reference",
        "customer_command_reference",
        "title",
        "date",
        "expire_at",
        "customer.name",
        "total_ht",
        "total_tva",
        "total_ttc",
        "already_billed",
        "to_bill",
        "total_costs",
        "workforce_costs",
        "total_charge",
        "gross_margin_amount",
        "gross_margin_rate",
        "markup_rate",
        "affair.reference",
    ),
    "contact.fullname": ("contact__lastname", "contact__firstname"),
    "billing_address.city": "billing_address_city",
    "billing_address.postal_code": "billing_address_postal_code",
    "billing_address.country.name": "billing_address_country__name_fr",
    "delivery_address.city": "delivery_address_city",
    "delivery_address.postal_code": "delivery_address_postal_code",
    "delivery_address.country.name": "delivery_address_country__name_fr",
    "pourcent_billed": "percent_billed",
    "pourcent_to_bill": "percent_to_bill",
    "team_user.fullname": ("team_user__user__lastname", "team_user__user__firstname"),
    "status_label": "status",
    "delivery_status_label": "delivery_status",
}

PAYMENT_SORTS = same("due_date", "already_paid", "stay_to_pay")

SEARCHES = {
    **same(
        "reference",
        "customer.company_name",
        "customer.lastname",
        "contact.lastname",
        "customer_command_reference",
        "title",
        "billing_address_city",
        "billing_address_postal_code",
        "delivery_address_city",
        "delivery_address_postal_code",
        "total_ht",
        "total_tva",
        "total_ttc",
    ),
    "billing_address_country.name_fr": "billing_address_country__name_fr",
    "delivery_address_country.name_fr": "delivery_address_country__name_fr",
}


def in_main_currency(value: bool) -> Q:
    """Documents in the team's own currency, or in others."""
    own = Q(currency_id=current_team().parameter("currency"))
    return own if value else ~own


def expires_since(value: datetime.date) -> Q:
    """Documents that expire on a day of the team's calendar, or later."""
    return Q(expire_at__gt=end_of_day(value - datetime.timedelta(days=1)))


def expires_until(value: datetime.date) -> Q:
    """Documents that expire on a day of the team's calendar, or before."""
    return Q(expire_at__lte=end_of_day(value))


def can_be_billed(value: bool) -> Q:
    """Validated documents of which something remains to bill."""
    open_ones = Q(is_draft=False, to_bill__gt=0) & ~Q(status__in=(Status.REFUSED, Status.CANCELLED))
    return open_ones if value else ~open_ones


def of_payment_status(value: int) -> Q:
    """Documents of a payment status today."""
    return having(value, team_today())


def filters_of(kind: str) -> dict[str, WireFilter]:
    """The filters of a kind's list."""
    filters: dict[str, WireFilter] = {
        "team_user": IdFilter("team_user", model=TeamUser),
        "customer": IdFilter("customer", model=Customer),
        "contact": IdFilter("contact", model=Contact),
        "any_tags": TextFilter("tags__name", distinct=True),
        "all_tags": AllOf("tags__name"),
        "status": ChoiceFilter("status", choices=Status.values),
        "date_since": DateFilter("date", lookup_expr="gte"),
        "date_until": DateFilter("date", lookup_expr="lte"),
        "expire_since": DateFilter(condition=expires_since),
        "expire_until": DateFilter(condition=expires_until),
        "is_draft": FlagFilter("is_draft"),
        "main_currency": FlagFilter(condition=in_main_currency),
        "with_currency": IdFilter("currency", model=Currency),
        "delivery_status": ChoiceFilter("delivery_status", choices=DeliveryStatus.values),
        "can_be_billed": FlagFilter(condition=can_be_billed),
        "custom_fields": CustomFieldsFilter(),
    }
    if kind == Kind.INVOICE:
        filters["is_deposit_invoice"] = FlagFilter("is_deposit")
    if kind in SEALED_KINDS:
        filters["payment_status"] = ChoiceFilter(condition=of_payment_status, choices=PaymentStatus.values)
        filters["due_since"] = DateFilter("due_date", lookup_expr="gte")
        filters["due_until"] = DateFilter("due_date", lookup_expr="lte")
    if kind == Kind.CREDIT:
        filters["invoice"] = IntegerFilter("source")
    if kind == Kind.DELIVERY:
        del filters["expire_since"], filters["expire_until"]
    return filters


def _includes(kind: str) -> tuple[str, ...]:
    own = {Kind.INVOICE: ("credits",), Kind.CREDIT: ("invoice", "uses")}
    return (*INCLUDES, *own.get(Kind(kind), ()))


def _named(kind: str, names: Mapping[str, Any]) -> dict[str, Any]:
    """Sorts or searches of a kind: a proforma has its own reference of the customer's."""
    if kind != Kind.PROFORMA:
        return dict(names)
    return {
        name.replace("customer_command", "customer_proforma"): (
            path.replace("customer_command", "customer_proforma") if isinstance(path, str) else path
        )
        for name, path in names.items()
    }


class DocumentViewSet(ResourceViewSet):
    """Base of the six kinds: list, one, pdf, create, edit, lite, delete."""

    kind: ClassVar[Kind]
    single_default = ("contents",)
    include_aliases = ALIASES

    def base_queryset(self, *, with_deleted: bool = False) -> Any:
        rows = super().base_queryset(with_deleted=with_deleted)
        if self.action in ("list", "retrieve", "pdf"):
            return rows.defer("snapshot")  # large, and for printing only
        # The services read a document again when its turn has come: until then its affair is enough.
        return rows.only("team", "kind", "affair")

    def create_row(self, values: dict[str, Any]) -> Document:
        return services.create_document(self.kind, values)

    def update_row(self, row: Document, values: dict[str, Any]) -> Document:
        return services.update_document(row, values)

    def delete_row(self, row: Document) -> None:
        services.delete_document(row)

    def get_object(self, *, lock: bool = False) -> Any:
        """The row of the address, unlocked: the services take the affair's turn first.

        A writer who says what it read takes its turn here, so that nothing changes behind the comparison.
        """
        row = super().get_object()
        if self.request.method not in SAFE_METHODS and "If-Match" in self.request.headers:
            lock_document(row)
            etags.check_match(self.request, row)
        return row

    def converted(self, name: str, body: type[ConversionBody]) -> Response:
        """Turn the document into another and answer the one made."""
        ListQuery(self.request, allowed=())
        source = self.get_object()
        self.answered = made = services.convert(source, name, body.parse(self.request.data, partial=True))
        return Response(SERIALIZERS[made.kind].render(made, (("contents", ()),)))

    @extend_schema(responses=FileSerializer)
    @action(detail=True, methods=["get"])
    def pdf(self, request: Any, pk: str) -> Response:
        """The document's PDF as a File, its content in base64."""
        ListQuery(request, allowed=())
        try:
            file = services.pdf_of(self.get_object())
        except services.PdfFailed as error:  # answered, not raised: what was noted of the failure stays
            return Response({"message": error.message}, status=error.status)
        return Response(FileSerializer.render(file, (("file", ()),)))

    @extend_schema(request=LiteBody)
    @action(detail=True, methods=["put"])
    def lite(self, request: Any, pk: str) -> Response:
        """Change what never alters the content: title, tags, salesperson, contact, status."""
        include = self.single_include()
        row = services.update_lite(self.get_object(), LiteBody.parse(request.data, partial=True))
        return Response(self.written(row, include))


BODIES: dict[str, type[ConversionBody]] = {
    "deliver": DeliverBody,
    "deposit-invoice": DepositBody,
    "cancel": CancelBody,
}


def _conversion(source: str, name: str) -> Any:
    """The endpoint of one conversion, `PUT /sales/<kind>/<id>/<name>`."""
    body = BODIES.get(name, ConversionBody)
    target = services.CONVERSIONS[source, name].to_kind

    def convert(self: DocumentViewSet, request: Any, pk: str) -> Response:
        return self.converted(name, body)

    convert.__name__ = name.replace("-", "_")
    convert.__doc__ = f"Make a {target} of the {source}; answers the {target}."
    endpoint = action(detail=True, methods=["put"], url_path=name, url_name=name)(convert)
    return extend_schema(request=body, responses=SERIALIZERS[target])(endpoint)


@extend_schema(request=CreditsBody, responses=SERIALIZERS[Kind.INVOICE])
@action(detail=True, methods=["post"])
def credit(self: DocumentViewSet, request: Any, pk: str) -> Response:
    """Pay an invoice with the customer's credits: all of them, or some more and some less."""
    include = with_credits(self.single_include())
    invoice = self.get_object()
    services.SETTLEMENT.use_credits(invoice, CreditsBody.parse(request.data))
    return Response(self.written(PROXIES[Kind.INVOICE].objects.get(pk=invoice.pk), include))


def _viewset(kind: Kind) -> type[DocumentViewSet]:
    names = [name for source, name in services.CONVERSIONS if source == kind]
    keys = {
        name.replace("-", "_"): (
            (f"sales-{kind}", 1),
            (f"sales-{services.CONVERSIONS[kind, name].to_kind}", 2),
        )
        for name in names
    }
    members: dict[str, Any] = {name.replace("-", "_"): _conversion(kind, name) for name in names}
    members |= {
        "__doc__": f"Endpoints of the {kind}.",
        "kind": kind,
        "serializer_class": SERIALIZERS[kind],
        "input_class": body_for(kind),
        "guard": Key(f"sales-{kind}"),
        "action_keys": keys,
        "sorts": _named(kind, SORTS | PAYMENT_SORTS if kind in SEALED_KINDS else SORTS),
        "searches": _named(kind, SEARCHES),
        "filters": filters_of(kind),
        "list_includes": _includes(kind),
        "single_includes": (*_includes(kind), *SINGLE_ONLY),
    }
    if kind == Kind.INVOICE:
        members["credit"] = credit
        keys["credit"] = ((f"sales-{kind}", 3), (f"sales-{Kind.CREDIT}", 1))
    if kind == Kind.CREDIT:  # made from its invoice, by `cancel`
        members["http_method_names"] = [name for name in DocumentViewSet.http_method_names if name != "post"]
    return type(f"{PROXIES[kind].__name__}ViewSet", (DocumentViewSet,), members)


# --- Affairs, grants --------------------------------------------------------------------------------


class AffairViewSet(ResourceViewSet):
    """Affairs: what groups the documents of one deal."""

    serializer_class = AffairSerializer
    guard = Key("sales-quotation")
    sorts = same("number", "reference", "title", "customer.name", "created_at", "updated_at")
    searches = same("reference", "title", "customer.name")
    filters = {"customer": IdFilter("customer", model=Customer)}
    list_includes = ("customer",)

    def create_row(self, values: dict[str, Any]) -> Affair:
        return services.create_affair(values)

    def delete_row(self, row: Affair) -> None:
        services.delete_affair(row)


class GrantViewSet(ResourceViewSet):
    """Grants: subsidies that reduce what a customer pays."""

    serializer_class = GrantSerializer
    guard = Key("sales-quotation")
    default_sort = ("label",)
    sorts = same("label", "amount", "created_at", "updated_at")
    searches = same("label")


for _kind in Kind:
    router.register(f"sales/{_kind}", _viewset(_kind))
router.register("sales/affair", AffairViewSet)
router.register("sales/grant", GrantViewSet)
