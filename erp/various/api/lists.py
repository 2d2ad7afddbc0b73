"""A team's plain lists (reference: Various, Payment terms, Task categories)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.core.access import ListKey
from erp.core.fields import PlainField, StatusFlag, as_id
from erp.core.filters import ExcludeFilter, TextFilter
from erp.core.listing import same
from erp.core.resources import ResourceViewSet, router
from erp.core.wire import WireSerializer
from erp.various import services
from erp.various.models import (
    BankAccount,
    Civility,
    PaymentMethod,
    PaymentTerm,
    Tag,
    TaskCategory,
    Unit,
    VatRate,
)

DATES = ("created_at", "updated_at")
#: Two lists sort by `name` by default although their attribute is `label`: both words are understood.
LABEL_SORTS = {"label": "label", "name": "label"}


class UnitSerializer(WireSerializer):
    class Meta:
        model = Unit
        fields = ("id", "label", "use_default", *DATES)
        aliases = {"name": "label"}


class UnitViewSet(ResourceViewSet):
    """Units of quantities."""

    serializer_class = UnitSerializer
    guard = ListKey()
    default_sort = ("name",)
    sorts = {**LABEL_SORTS, **same("use_default", *DATES)}
    searches = same("label")


class VatRateSerializer(WireSerializer):
    status = StatusFlag(required=False)

    class Meta:
        model = VatRate
        fields = ("id", "rate", "label", "legal_notice", "use_default", "status", *DATES)
        numbers = ("rate",)


class VatRateViewSet(ResourceViewSet):
    """VAT rates."""

    serializer_class = VatRateSerializer
    guard = ListKey()
    sorts = same("label", *DATES)
    searches = same("label")


class BankAccountSerializer(WireSerializer):
    class Meta:
        model = BankAccount
        fields = (
            "id",
            "name",
            "owner",
            "iban",
            "bic",
            "sepa_id",
            "account_number",
            "bank_code",
            "use_default",
            *DATES,
        )


class BankAccountViewSet(ResourceViewSet):
    """Bank accounts of the team."""

    serializer_class = BankAccountSerializer
    guard = ListKey()
    default_sort = ("name",)
    sorts = same("name", *DATES)
    searches = same("name")


class CivilitySerializer(WireSerializer):
    class Meta:
        model = Civility
        fields = ("id", "name", "short_name", "use_default", *DATES)


class CivilityViewSet(ResourceViewSet):
    """How people are addressed."""

    serializer_class = CivilitySerializer
    guard = ListKey()
    default_sort = ("name",)
    sorts = same("name", "short_name", "use_default", *DATES)
    searches = same("name", "short_name")
    filters = {"name": TextFilter("name"), "short_name": TextFilter("short_name")}


class PaymentTypeField(PlainField, serializers.Field):
    """Written as an integer (or the object answered), answered as {"id": 1, "label": "Bank card"}."""

    default_error_messages = {"invalid": _("Give one of: %(names)s.")}
    answer_schema = {
        "type": "object",
        "required": ["id", "label"],
        "properties": {"id": {"enum": PaymentMethod.Type.values}, "label": {"type": "string"}},
    }
    body_schema = {"type": "integer", "enum": PaymentMethod.Type.values}

    def to_internal_value(self, data: Any) -> int:
        key = as_id(data)
        if key not in PaymentMethod.Type.values:
            names = ", ".join(str(value) for value in PaymentMethod.Type.values)
            raise serializers.ValidationError(str(self.error_messages["invalid"]) % {"names": names})
        return int(key)

    def convert(self, value: int) -> dict[str, Any]:
        return {"id": value, "label": str(PaymentMethod.Type(value).label)}


class PaymentMethodSerializer(WireSerializer):
    type = PaymentTypeField()

    class Meta:
        model = PaymentMethod
        fields = ("id", "label", "type", "pdf_content", *DATES)


class PaymentMethodViewSet(ResourceViewSet):
    """Means of payment."""

    serializer_class = PaymentMethodSerializer
    guard = ListKey()
    default_sort = ("name",)
    sorts = {**LABEL_SORTS, **same(*DATES)}
    searches = same("label")
    filters = {"exclude": ExcludeFilter("pk")}


class PaymentTermSerializer(WireSerializer):
    class Meta:
        model = PaymentTerm
        fields = ("id", "label", "day_number", "end_month", "end_month_day", *DATES)
        extra_kwargs = {"day_number": {"required": True}}


class PaymentTermViewSet(ResourceViewSet):
    """When invoices are due."""

    serializer_class = PaymentTermSerializer
    guard = ListKey()
    sorts = same("label", *DATES)
    searches = same("label")


class TagSerializer(WireSerializer):
    class Meta:
        model = Tag
        fields = ("id", "name")


class TagViewSet(ResourceViewSet):
    """Words attached to rows."""

    serializer_class = TagSerializer
    guard = ListKey()
    default_sort = ("name",)
    sorts = same("name", *DATES)
    searches = same("name")

    def delete_row(self, row: Tag) -> None:
        services.delete_tag(row)


class TaskCategorySerializer(WireSerializer):
    class Meta:
        model = TaskCategory
        fields = ("id", "label", "use_default", *DATES)


class TaskCategoryViewSet(ResourceViewSet):
    """What tasks are about."""

    serializer_class = TaskCategorySerializer
    guard = ListKey()
    default_sort = ("label",)
    sorts = same("label", "use_default", *DATES)
    searches = same("label")


router.register("civility", CivilityViewSet)
router.register("payment_method", PaymentMethodViewSet)
router.register("payment_term", PaymentTermViewSet)
router.register("tag", TagViewSet)
router.register("unit", UnitViewSet)
router.register("vat_rate", VatRateViewSet)
router.register("task/category", TaskCategoryViewSet)
router.register("sales/account", BankAccountViewSet)
