"""Funnels and opportunities, as programs see them."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import Case, Q, Value, When

from erp.core.access import Key
from erp.core.fields import (
    Computed,
    Ids,
    NestedList,
    Relation,
    Rows,
    TextList,
    WireChar,
    WireDate,
    WireDecimal,
    WireInteger,
    number_of,
)
from erp.core.filters import ChoiceFilter, DateFilter, IdFilter
from erp.core.listing import same
from erp.core.resources import ResourceViewSet, router
from erp.core.wire import BodySerializer, WireSerializer
from erp.customers.filters import created_since, created_until, day_start
from erp.customers.models import Contact, Customer
from erp.customfields.filters import CustomFieldsFilter
from erp.customfields.wire import CustomFieldValues
from erp.opportunities import services
from erp.opportunities.figures import FIGURES, figure
from erp.opportunities.models import Funnel, FunnelCategory, FunnelStep, Opportunity
from erp.sales.linked_wire import LINKED, LinkedDocuments
from erp.sales.models import Affair
from tenants.models import TeamUser

DATES = ("created_at", "updated_at")
#: Deals come before offers: who may make offers works on opportunities.
GUARD = Key("sales-quotation")


# --- Funnels --------------------------------------------------------------------------------------


class FunnelCategorySerializer(WireSerializer):
    class Meta:
        model = FunnelCategory
        fields = ("id", "label", "color", *DATES)


class FunnelStepSerializer(WireSerializer):
    label = Computed(lambda row: row.name, schema={"type": "string"})  # type: ignore[assignment]

    class Meta:
        model = FunnelStep
        fields = ("id", "name", "label", "probability", "order", *DATES)


class CategoryBody(BodySerializer):
    id = WireInteger(required=False)
    label = WireChar(required=True, max_length=255)  # type: ignore[assignment]
    color = WireChar(required=False, max_length=7)

    class Meta:
        aliases = {"name": "label"}
        ignored = DATES


class StepBody(BodySerializer):
    id = WireInteger(required=False)
    name = WireChar(required=True, max_length=255)
    probability = WireInteger(required=False, min_value=0, max_value=100)
    order = WireInteger(required=False, min_value=1, max_value=32767)

    class Meta:
        aliases = {"label": "name"}
        ignored = DATES


class FunnelSerializer(WireSerializer):
    categories = Rows(CategoryBody, FunnelCategory)
    add_categories = NestedList(CategoryBody, required=False)
    remove_categories = TextList(required=False, write_only=True)
    steps = Rows(StepBody, FunnelStep)

    class Meta:
        model = Funnel
        fields = (
            "id",
            "name",
            "categories",
            "add_categories",
            "remove_categories",
            "steps",
            "restricted",
            "team_users",
            *DATES,
        )

    @classmethod
    def finish(cls, row: Funnel, data: dict[str, Any]) -> dict[str, Any]:
        """Only a restricted funnel names users."""
        if not row.restricted:
            data.pop("team_users", None)
        return data


class FunnelViewSet(ResourceViewSet):
    """Ways in which deals are won."""

    serializer_class = FunnelSerializer
    guard = GUARD
    sorts = same("name", *DATES)
    searches = same("name")
    list_includes = ("categories", "steps", "team_users", "teamUsers")
    include_aliases = {"teamUsers": "team_users"}

    def create_row(self, values: dict[str, Any]) -> Funnel:
        return services.create_funnel(values)

    def update_row(self, row: Funnel, values: dict[str, Any]) -> Funnel:
        return services.update_funnel(row, values)

    def delete_row(self, row: Funnel) -> None:
        services.delete_funnel(row)


# --- Opportunities --------------------------------------------------------------------------------


def amount_of(name: str) -> Computed:
    """One figure, a number."""
    return Computed(lambda row: number_of(row.figures[name]), needs=("figures",), schema={"type": "number"})


class OpportunitySerializer(WireSerializer):
    status_label = Computed(lambda row: row.status_label, schema={"type": "string"})
    funnel = Relation(model=Funnel, source="step.funnel", with_id=False, read_only=True)
    probability = WireInteger(required=False, min_value=0, max_value=100)
    amount = WireDecimal(max_digits=15, decimal_places=2, required=False, number=True)
    custom_fields = CustomFieldValues()
    winned_at = WireDate(source="won_at", read_only=True)
    losed_at = WireDate(source="lost_at", read_only=True)
    affairs = Ids(model=Affair, required=False, write_only=True)
    add_affairs = Ids(model=Affair, required=False, write_only=True)
    remove_affairs = Ids(model=Affair, required=False, write_only=True)
    #: The word of `include` that stands for documents of every kind.
    linked_documents = Computed(lambda row: None, on_request=True, schema={"type": "null"})
    locals().update({name: LinkedDocuments(kind) for name, kind in LINKED.items()})
    locals().update({name: amount_of(name) for name in FIGURES})

    class Meta:
        model = Opportunity
        fields = (
            "id",
            "reference",
            "title",
            "customer",
            "contact",
            "description",
            "amount",
            "expire_at",
            "probability",
            "status",
            "status_label",
            "step",
            "category",
            "funnel",
            "team_user",
            "custom_fields",
            *DATES,
            "winned_at",
            "losed_at",
            "cancelled_at",
            "linked_documents",
            *LINKED,
            *FIGURES,
            "affairs",
            "add_affairs",
            "remove_affairs",
        )
        read_only_fields = ("reference", "cancelled_at")

    @classmethod
    def finish(cls, row: Opportunity, data: dict[str, Any]) -> dict[str, Any]:
        """The word of the include is no attribute."""
        data.pop("linked_documents", None)
        return data


def by_label() -> Case:
    """Statuses in the order of their words."""
    return Case(*(When(status=value, then=Value(str(label))) for value, label in Opportunity.Status.choices))


def edited(lookup: str, days: int = 0) -> DateFilter:
    """Changed since, or until, a day of the team's timezone."""

    def condition(date: datetime.date) -> Q:
        return Q(**{f"updated_at__{lookup}": day_start(date + datetime.timedelta(days=days))})

    return DateFilter(condition=condition)


FIGURE_SORTS: dict[str, Callable[[], Any]] = {name: partial(figure, name) for name in FIGURES}


class OpportunityViewSet(ResourceViewSet):
    """Deals that may be won."""

    serializer_class = OpportunitySerializer
    guard = GUARD
    sorts = {
        **same("title", "amount", "expire_at", "probability", "reference", "status", *DATES, "cancelled_at"),
        "customer.name": "customer__name",
        "contact.fullname": ("contact__firstname", "contact__lastname"),
        "status_label": by_label,
        "step.name": "step__name",
        "category.label": "category__label",
        "funnel.name": "step__funnel__name",
        "team_user.fullname": ("team_user__user__firstname", "team_user__user__lastname"),
        "winned_at": "won_at",
        "losed_at": "lost_at",
        **FIGURE_SORTS,
    }
    searches = same("title")
    filters = {
        "created_since": created_since(),
        "created_until": created_until(),
        "edited_since": edited("gte"),
        "edited_until": edited("lt", days=1),
        "customer": IdFilter("customer", model=Customer),
        "contact": IdFilter("contact", model=Contact),
        "custom_fields": CustomFieldsFilter(),
        "team_user": IdFilter("team_user", model=TeamUser),
        "expire_since": DateFilter("expire_at", lookup_expr="gte"),
        "expire_until": DateFilter("expire_at", lookup_expr="lte"),
        "status": ChoiceFilter("status", choices=Opportunity.Status.values),
        "step": IdFilter("step", model=FunnelStep),
        "funnel": IdFilter("step__funnel", model=Funnel),
        "category": IdFilter("category", model=FunnelCategory),
    }
    list_includes = (
        "step",
        "category",
        "funnel",
        "teamUser",
        "team_user",
        "customer",
        "contact",
        "customFields",
        "custom_fields",
        "linked_documents",
    )
    include_aliases = {"teamUser": "team_user", "customFields": "custom_fields"}

    def create_row(self, values: dict[str, Any]) -> Opportunity:
        return services.create_opportunity(values)

    def update_row(self, row: Opportunity, values: dict[str, Any]) -> Opportunity:
        return services.update_opportunity(row, values)


router.register("opportunity/funnel", FunnelViewSet)
router.register("opportunity", OpportunityViewSet)
