"""Trees of categories for accounting (reference: Various / Charge categories, Sale categories)."""

from __future__ import annotations

from typing import Any

from erp.core.access import ListKey
from erp.core.fields import NestedList, Relation
from erp.core.filters import ExcludeFilter, FlagFilter, IdFilter, WireFilter
from erp.core.listing import same
from erp.core.resources import ResourceViewSet, router
from erp.core.wire import WireSerializer
from erp.various import services
from erp.various.models import Category, ChargeCategory, SaleCategory, SaleCategoryAccount

DATES = ("created_at", "updated_at")


class CategoryViewSet(ResourceViewSet):
    """What both trees of categories share."""

    guard = ListKey()
    sorts = {"label": "label", "parent": "parent__label"}
    searches = same("label")

    def delete_row(self, row: Category) -> None:
        services.delete_category(row)


def category_filters(model: type[Category]) -> dict[str, WireFilter]:
    """The filters of a tree."""
    return {
        "is_parent": FlagFilter("parent", lookup_expr="isnull"),
        "parent": IdFilter("parent", model=model),
        "exclude": ExcludeFilter("pk"),
    }


class ChargeCategorySerializer(WireSerializer):
    parent = Relation(model=ChargeCategory, with_id=False, required=False, allow_null=True)  # type: ignore[assignment]

    class Meta:
        model = ChargeCategory
        fields = ("id", "label", "account_number", "parent", "childs", *DATES)


class ChargeCategoryViewSet(CategoryViewSet):
    """Categories of charges."""

    serializer_class = ChargeCategorySerializer
    filters = category_filters(ChargeCategory)
    list_includes = ("childs", "parent")


class SaleCategoryAccountSerializer(WireSerializer):
    class Meta:
        model = SaleCategoryAccount
        fields = ("vatrate", "account_number")
        always = ("vatrate",)
        objects_only = ("vatrate",)


class SaleCategorySerializer(WireSerializer):
    parent = Relation(model=SaleCategory, with_id=False, required=False, allow_null=True)  # type: ignore[assignment]

    class Meta:
        model = SaleCategory
        fields = (
            "id",
            "label",
            "account_by_vatrate",
            "account_number",
            "accounts",
            "parent",
            "childs",
            *DATES,
        )

    @classmethod
    def finish(cls, row: SaleCategory, data: dict[str, Any]) -> dict[str, Any]:
        """One account, or one per VAT rate: only the kind that is used is answered."""
        data.pop("account_number" if row.account_by_vatrate else "accounts", None)
        return data


class SaleCategoryInput(SaleCategorySerializer):
    """The body also reads the accounts."""

    accounts = NestedList(SaleCategoryAccountSerializer, required=False, limit=100)

    class Meta(SaleCategorySerializer.Meta):
        register = False


class SaleCategoryViewSet(CategoryViewSet):
    """Categories of sales."""

    serializer_class = SaleCategorySerializer
    input_class = SaleCategoryInput
    filters = category_filters(SaleCategory)
    list_includes = ("childs", "parent", "accounts")

    def create_row(self, values: dict[str, Any]) -> SaleCategory:
        return services.save_sale_category(SaleCategory(), values)

    def update_row(self, row: SaleCategory, values: dict[str, Any]) -> SaleCategory:
        return services.save_sale_category(row, values)


router.register("catalog/charge_category", ChargeCategoryViewSet)
router.register("catalog/sale_category", SaleCategoryViewSet)
