"""Custom fields, as programs see them (reference: chapter Custom fields)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.core.access import ListKey
from erp.core.fields import Column, WireReadOnly, as_id
from erp.core.filters import ChoiceFilter
from erp.core.listing import same
from erp.core.resources import ResourceViewSet, router
from erp.core.wire import WireSerializer
from erp.customfields import services
from erp.customfields.choices import FieldType, Usage
from erp.customfields.models import CustomField, CustomFieldOption

DATES = ("created_at", "updated_at")


class UsageList(serializers.ListField):
    """What a field appears on; one may be given alone."""

    child = serializers.ChoiceField(choices=Usage.choices)

    def to_internal_value(self, data: Any) -> list[str]:
        return list(super().to_internal_value([data] if isinstance(data, str) else data))

    def columns(self, name: str) -> list[Column]:
        return WireReadOnly().columns(name)


class OptionList(serializers.ListField):
    """Options: read as texts (or as the objects of an answer), answered as objects."""

    default_error_messages = {"not_an_option": _("Give texts, or options as they are answered.")}
    body_schema = {"type": "array", "items": {"type": ["string", "object"]}}

    def to_internal_value(self, data: Any) -> list[Any]:
        items = super().to_internal_value([data] if isinstance(data, str) else data)
        for item in items:
            text = item.get("value") if isinstance(item, Mapping) else item
            if not isinstance(text, (str, int, float)) or isinstance(text, bool) or "\x00" in str(text):
                self.fail("not_an_option")
        return [
            {"id": as_id(item.get("id")), "value": item["value"]} if isinstance(item, Mapping) else item
            for item in items
        ]

    def columns(self, name: str) -> list[Column]:
        return [Column(name, lambda row: row.options.all(), nested=CustomFieldOption, many=True)]


class CustomFieldOptionSerializer(WireSerializer):
    class Meta:
        model = CustomFieldOption
        fields = ("id", "value")


class CustomFieldSerializer(WireSerializer):
    usage = UsageList(allow_empty=False, max_length=len(Usage))
    options = OptionList(required=False, allow_null=True, max_length=500)
    add_options = OptionList(required=False, write_only=True, max_length=500)
    remove_options = OptionList(required=False, write_only=True, max_length=500)

    class Meta:
        model = CustomField
        fields = (
            "id", "label", "type", "is_required", "usage", "options", *DATES, "add_options", "remove_options",
        )  # fmt: skip

    @classmethod
    def finish(cls, row: CustomField, data: dict[str, Any]) -> dict[str, Any]:
        """Options are present only if the type has them."""
        if not row.has_options:
            del data["options"]
        return data


def used_on(usage: str) -> Q:
    """Fields of a usage, which is a word of a short list kept as JSON."""
    return Q(usage__icontains=f'"{usage}"')


class CustomFieldViewSet(ResourceViewSet):
    """Fields that the team added to its customers, documents and the rest."""

    serializer_class = CustomFieldSerializer
    guard = ListKey("app-configuration")
    default_sort = ("label",)
    sorts = same("label", *DATES)
    searches = same("label")
    filters = {
        "usage": ChoiceFilter(choices=Usage.values, condition=used_on),
        "type": ChoiceFilter("type", choices=FieldType.values),
    }
    list_includes = ("options",)

    def create_row(self, values: dict[str, Any]) -> CustomField:
        return services.create_field(values)

    def update_row(self, row: CustomField, values: dict[str, Any]) -> CustomField:
        return services.update_field(row, values)


router.register("config/custom_field", CustomFieldViewSet)
