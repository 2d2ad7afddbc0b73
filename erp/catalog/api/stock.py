"""The stock ledger, as programs see it. The reference names it only in settings: the protocol is its own."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from erp.catalog import services
from erp.catalog.models import Product, ProductVariation, StockMovement
from erp.core.access import SwitchKey
from erp.core.fields import Computed, Relation, WireChar, WireDate, WireDecimal
from erp.core.filters import ChoiceFilter, DateFilter, IdFilter
from erp.core.listing import same
from erp.core.resources import CreatableResource, router
from erp.core.wire import BodySerializer, WireSerializer
from tenants.models import TeamUser

TEXT = {"type": "string"}


class StockMovementSerializer(WireSerializer):
    product = Relation(model=Product, read_only=True)
    variation = Relation(model=ProductVariation, read_only=True)
    kind_label = Computed(lambda row: str(row.get_kind_display()), schema=TEXT)
    cause_label = Computed(lambda row: str(row.get_cause_display()), schema=TEXT)
    element_type = Computed(
        lambda row: row.cause_type.partition(":")[0] or None, schema={"type": ["string", "null"]}
    )
    element_id = Computed(lambda row: row.cause_id, schema={"type": ["integer", "null"]})
    team_user = Relation(model=TeamUser, source="author", read_only=True)

    class Meta:
        model = StockMovement
        fields = (
            "id",
            "reference",
            "date",
            "product",
            "variation",
            "kind",
            "kind_label",
            "quantity",
            "cause",
            "cause_label",
            "element_type",
            "element_id",
            "comment",
            "team_user",
            "created_at",
            "updated_at",
        )


class StockMovementBody(BodySerializer):
    """A movement that a person enters: positive in, negative out."""

    product = Relation(model=Product)
    variation = Relation(model=ProductVariation, required=False, allow_null=True)
    kind = serializers.ChoiceField(
        choices=StockMovement.Kind.choices, required=False, default=StockMovement.Kind.REAL
    )
    quantity = WireDecimal(max_digits=15, decimal_places=5)
    date = WireDate(required=False, allow_null=True)
    comment = WireChar(max_length=255, required=False, allow_blank=True)


class ReversalBody(BodySerializer):
    """Why a movement is reversed."""

    comment = WireChar(max_length=255)


class StockMovementViewSet(CreatableResource):
    """Movements of stock: entered, never changed nor deleted."""

    serializer_class = StockMovementSerializer
    input_class = StockMovementBody
    guard = SwitchKey("see-stock")
    action_keys = {"create": (("manage-stock", 1),), "reverse": (("manage-stock", 1),)}
    sorts = same(
        "reference",
        "date",
        "quantity",
        "kind",
        "cause",
        "product.reference",
        "product.name",
        "created_at",
        "updated_at",
    )
    searches = same("reference", "comment", "product.reference", "product.name")
    filters = {
        "product": IdFilter("product", model=Product),
        "variation": IdFilter("variation", model=ProductVariation),
        "kind": ChoiceFilter("kind", choices=StockMovement.Kind.values),
        "cause": ChoiceFilter("cause", choices=StockMovement.Cause.values),
        "date_since": DateFilter("date", lookup_expr="gte"),
        "date_until": DateFilter("date", lookup_expr="lte"),
        "team_user": IdFilter("author", model=TeamUser),
    }
    list_includes = ("product", "variation", "team_user")

    def create_row(self, values: dict[str, Any]) -> StockMovement:
        return services.move_by_hand(**values)

    @extend_schema(request=ReversalBody)
    @action(detail=True, methods=["put"])
    def reverse(self, request: Any, pk: str) -> Response:
        """Enter the opposite of a movement that a person entered; answers the new one."""
        include = self.single_include()
        movement = self.get_object(lock=True)
        comment = ReversalBody.parse(request.data)["comment"]
        return Response(self.written(services.reverse_movement(movement, comment), include))


router.register("catalog/movement", StockMovementViewSet)
