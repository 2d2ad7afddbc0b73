"""Charges and suppliers' credits, as programs see them (reference: Charge)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import F, Q
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from erp.charges import services
from erp.charges.api.contents import SIDES, ChargeContentBody, ChargeContentSerializer, ContentChange
from erp.charges.choices import ChargeStatus, ChargeType
from erp.charges.models import Charge, ChargeContent, CreditUse
from erp.core.access import Key
from erp.core.fields import (
    Computed,
    NestedList,
    Relation,
    RelationList,
)
from erp.core.filters import ChoiceFilter, DateFilter, ExcludeFilter, FlagFilter, IdFilter, TextFilter
from erp.core.listing import same
from erp.core.resources import ResourceViewSet, router
from erp.core.scope import current_team
from erp.core.wire import WireSerializer
from erp.customers.filters import created_since, created_until
from erp.customers.models import Contact, Customer
from erp.customers.settlement.api import (
    DATES,
    credits_body,
    money_number,
    with_credits,
)

__all__ = ["ChargeSerializer", "ChargeViewSet"]


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
        found = self.get_object(lock="If-Match" in request.headers)  # the service takes its own turn
        charge = services.SETTLEMENT.use_credits(found, CreditsBody.parse(request.data))
        return Response(self.written(charge, include))


router.register("charge", ChargeViewSet)
