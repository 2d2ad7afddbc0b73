"""Lists, as programs see them (reference: chapters Various, Payment terms, Sale terms)."""

from __future__ import annotations

from typing import Any

from django.db.models import F

from erp.core.access import Everyone, ListKey, SwitchKey
from erp.core.fields import Computed, NestedList, Relation, StatusFlag, datetime_of, number_of
from erp.core.filters import ExcludeFilter, FlagFilter, IdFilter, TextFilter
from erp.core.listing import same
from erp.core.resources import ReadOnlyResource, ResourceViewSet, router
from erp.core.wire import WireSerializer
from erp.various import services
from erp.various.models import (
    BankAccount,
    ChargeCategory,
    Civility,
    Country,
    Currency,
    PaymentMethod,
    PaymentTerm,
    PdfModel,
    SaleCategory,
    SaleCategoryAccount,
    SaleTerm,
    Tag,
    Timezone,
    Unit,
    VatRate,
)

DATES = ("created_at", "updated_at")


# --- Global lists ---------------------------------------------------------------------------------


class CountrySerializer(WireSerializer):
    class Meta:
        model = Country
        fields = ("id", "name", "code", "ue_member")


class CountryViewSet(ReadOnlyResource):
    """Countries: the same for every team."""

    serializer_class = CountrySerializer
    guard = Everyone()
    default_sort = ("name",)
    sorts = {"name": "name_fr", "code": "code"}
    searches = {"name": "name_fr", "name_en": "name_en", "code": "code"}
    filters = {
        "ue_member": FlagFilter("ue_member"),
        "name": TextFilter("name_fr,name_en"),
        "code": TextFilter("code"),
    }


class CurrencySerializer(WireSerializer):
    class Meta:
        model = Currency
        fields = ("id", "name", "code", "symbol", "country")


class CurrencyViewSet(ReadOnlyResource):
    """Currencies: the same for every team."""

    serializer_class = CurrencySerializer
    guard = Everyone()
    default_sort = ("name",)
    sorts = {"name": "name_fr", "code": "code", "country.name": "country__name_fr"}
    searches = {"name": "name_fr", "name_en": "name_en", "code": "code"}
    filters = {
        "name": TextFilter("name_fr,name_en"),
        "code": TextFilter("code"),
        "country.name": TextFilter("country__name_fr,country__name_en"),
        "country.code": TextFilter("country__code"),
    }
    list_includes = ("country",)


class TimezoneSerializer(WireSerializer):
    class Meta:
        model = Timezone
        fields = ("id", "name", "diff", "timezone")


class TimezoneViewSet(ReadOnlyResource):
    """Timezones: the same for every team."""

    serializer_class = TimezoneSerializer
    guard = Everyone()
    default_sort = ("name",)
    sorts = {"name": "name_fr", "diff": "diff", "timezone": "timezone"}
    searches = {"name": "name_fr", "name_en": "name_en", "diff": "diff", "timezone": "timezone"}
    filters = {"name": TextFilter("name_fr,name_en"), "diff": TextFilter("diff"), "timezone": TextFilter("timezone")}


# --- A team's lists -------------------------------------------------------------------------------


class UnitSerializer(WireSerializer):
    class Meta:
        model = Unit
        fields = ("id", "label", "use_default", *DATES)
        aliases = {"name": "label"}


class UnitViewSet(ResourceViewSet):
    """Units of quantities."""

    serializer_class = UnitSerializer
    guard = ListKey()
    default_sort = ("label",)
    sorts = same("label", "use_default", *DATES)
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


class ChargeCategorySerializer(WireSerializer):
    parent = Relation(model=ChargeCategory, with_id=False, required=False, allow_null=True)

    class Meta:
        model = ChargeCategory
        fields = ("id", "label", "account_number", "parent", "childs", *DATES)


CATEGORY_SORTS = {"label": "label", "parent": "parent__label", "created_at": "created_at"}


class ChargeCategoryViewSet(ResourceViewSet):
    """Categories of charges, as a tree."""

    serializer_class = ChargeCategorySerializer
    guard = ListKey()
    sorts = {"label": "label", "parent": "parent__label"}
    searches = same("label")
    filters = {
        "is_parent": FlagFilter("parent", lookup_expr="isnull"),
        "parent": IdFilter("parent", model=ChargeCategory),
        "exclude": ExcludeFilter("pk"),
    }
    list_includes = ("childs", "parent")


router.register("country", CountryViewSet)
router.register("currency", CurrencyViewSet)
router.register("timezone", TimezoneViewSet)
router.register("unit", UnitViewSet)
router.register("vat_rate", VatRateViewSet)
router.register("catalog/charge_category", ChargeCategoryViewSet)
