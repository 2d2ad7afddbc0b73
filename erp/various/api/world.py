"""Lists of the world, the same for every team (reference: Various / Countries, Currencies, Timezones)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from erp.core.access import Everyone
from erp.core.fields import LinkField
from erp.core.filters import FlagFilter, TextFilter
from erp.core.listing import same
from erp.core.resources import ReadOnlyResource, router
from erp.core.wire import WireSerializer
from erp.various.models import Country, Currency, Timezone, name_column


class LocalName(F):
    """Sorts by a name in the language in force; `prefix` leads to the row that has it ("country__")."""

    def __init__(self, prefix: str = "") -> None:
        super().__init__(prefix)
        self.prefix = prefix

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        return F(f"{self.prefix}{name_column()}").resolve_expression(*args, **kwargs)


class CountryCode(LinkField):
    """A country: its two-letter code, or its id."""

    default_error_messages = {"no_country": _("Give a country's two-letter code, for instance FR.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(model=Country, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            data = data.get("code") or data.get("id")
        if isinstance(data, str) and not data.isdecimal():
            code = data.strip().upper()
            country = Country.objects.filter(code=code).first() if code.isalpha() and len(code) == 2 else None
            if country is None:
                self.fail("no_country")
            return country
        return self.row(data)


class CountrySerializer(WireSerializer):
    class Meta:
        model = Country
        fields = ("id", "name", "code", "ue_member")


class CountryViewSet(ReadOnlyResource):
    """Countries: the same for every team."""

    serializer_class = CountrySerializer
    guard = Everyone()
    default_sort = ("name",)
    sorts = {"name": LocalName(), "code": "code"}
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
    sorts = {"name": LocalName(), "code": "code", "country.name": LocalName("country__")}
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
    sorts = {"name": LocalName(), **same("diff", "timezone")}
    searches = {"name": "name_fr", "name_en": "name_en", "diff": "diff", "timezone": "timezone"}
    filters = {
        "name": TextFilter("name_fr,name_en"),
        "diff": TextFilter("diff"),
        "timezone": TextFilter("timezone"),
    }


router.register("country", CountryViewSet)
router.register("currency", CurrencyViewSet)
router.register("timezone", TimezoneViewSet)
