"""Filters of customers and of contacts (reference: chapter Customers)."""

from __future__ import annotations

import datetime
import operator
from collections.abc import Iterable
from functools import reduce
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy

from erp.core.filters import (
    DateFilter,
    ExcludeFilter,
    FlagFilter,
    IdFilter,
    PresenceFilter,
    TextFilter,
    matching,
)
from erp.core.scope import current_team
from erp.customers.models import (
    NATURES,
    Contact,
    Customer,
    CustomerActivity,
    CustomerAddress,
    CustomerOrigin,
    CustomerType,
)
from erp.customfields.filters import CustomFieldsFilter
from erp.various.models import Civility
from tenants.models import TeamUser

__all__ = ["CONTACT_FILTERS", "CUSTOMER_FILTERS", "TagFilter", "created_since", "created_until"]


def day_start(date: datetime.date) -> datetime.datetime:
    """The moment a day begins in the team's timezone."""
    return datetime.datetime.combine(date, datetime.time(), current_team().timezone)


def created_since() -> DateFilter:
    """Created on this day of the team's timezone or later."""
    return DateFilter(
        condition=lambda date: Q(created_at__gte=day_start(date)),
        help_text=gettext_lazy("First day of creation, in the team's timezone."),
    )


def created_until() -> DateFilter:
    """Created on this day of the team's timezone or earlier."""
    return DateFilter(
        condition=lambda date: Q(created_at__lt=day_start(date + datetime.timedelta(days=1))),
        help_text=gettext_lazy("Last day of creation, in the team's timezone."),
    )


class TagFilter(TextFilter):
    """Names of tags of a row of `model`: any of them, or all with `every`."""

    def __init__(self, model: Any, *, every: bool = False, **kwargs: Any) -> None:
        self.model_name, self.links, self.every = model._meta.model_name, model.tags.through, every
        super().__init__("tags", **kwargs)

    def condition(self, value: str) -> Q:
        links = self.links.objects.filter(matching("tag__name", value), tag__deleted_at=None)
        return Q(pk__in=links.values(self.model_name))

    def combine(self, conditions: Iterable[Q]) -> Q:
        return reduce(operator.and_ if self.every else operator.or_, conditions)


def flag_on(condition: Q, help_text: Any = "") -> FlagFilter:
    """Rows for which a condition holds, or with false those for which it does not."""
    return FlagFilter(condition=lambda wanted: condition if wanted else ~condition, help_text=help_text)


def country(path: str) -> TextFilter:
    """A country by its French or English name or its ISO code."""
    return TextFilter(
        f"{path}__name_fr,{path}__name_en,{path}__code",
        help_text=gettext_lazy("Name of the country in French or English, or its ISO code."),
    )


def has_contact(wanted: bool) -> Q:
    """Customers with, or without, a living contact."""
    condition = Q(
        pk__in=Contact.customers.through.objects.filter(contact__deleted_at=None).values("customer")
    )
    return condition if wanted else ~condition


def has_customer(wanted: bool) -> Q:
    """Contacts attached, or not, to a living customer."""
    condition = Q(
        pk__in=Contact.customers.through.objects.filter(customer__deleted_at=None).values("contact")
    )
    return condition if wanted else ~condition


def company_address(attribute: str) -> TextFilter:
    """An attribute of any address of a customer that is a company."""

    def condition(value: str) -> Q:
        found = CustomerAddress.objects.filter(
            reduce(operator.or_, (matching(path, value) for path in paths))
        )
        return Q(type__is_company=True, pk__in=found.values("customer"))

    paths = (
        ["country__name_fr", "country__name_en", "country__code"] if attribute == "country" else [attribute]
    )
    return TextFilter(
        condition=condition,
        help_text=gettext_lazy("Among all the addresses of customers that are companies."),
    )


#: The filters that customers and contacts share, on their ways to be reached.
REACHED = {
    "have_email_address": PresenceFilter("email"),
    "email_address": TextFilter("email"),
    "website": TextFilter("website"),
    "have_phone_number": PresenceFilter("phone"),
    "phone_number": TextFilter("phone"),
    "have_mobile_number": PresenceFilter("mobile"),
    "mobile_number": TextFilter("mobile"),
    "all_phone_number": TextFilter("phone,mobile", help_text=gettext_lazy("Phone or mobile.")),
    "have_fax_number": PresenceFilter("fax"),
    "fax_number": TextFilter("fax"),
    "firstname": TextFilter("firstname"),
    "lastname": TextFilter("lastname"),
    "civility": IdFilter("civility", model=Civility),
}

CUSTOMER_FILTERS = {
    "origin": IdFilter("origin", model=CustomerOrigin),
    "activity": IdFilter("activity", model=CustomerActivity),
    "name": TextFilter("name"),
    "created_since": created_since(),
    "created_until": created_until(),
    "company_name": TextFilter("company_name"),
    "company_siret": TextFilter("company_siret"),
    "company_vatrate": TextFilter("company_vatrate"),
    **REACHED,
    **{f"is_{nature}": FlagFilter(f"is_{nature}") for nature in NATURES},
    "is_prospect_or_customer": flag_on(Q(is_prospect=True) | Q(is_customer=True)),
    **{f"{nature}_reference": TextFilter(f"{nature}_reference") for nature in NATURES},
    **{
        f"{use}_address_{attribute}": TextFilter(f"address_{use}__{attribute}")
        for use in CustomerAddress.USES
        for attribute in ("town", "postal_code")
    },
    **{f"{use}_address_country": country(f"address_{use}__country") for use in CustomerAddress.USES},
    **{f"company_address_{name}": company_address(name) for name in ("town", "postal_code", "country")},
    "any_tags": TagFilter(Customer),
    "all_tags": TagFilter(Customer, every=True),
    "custom_fields": CustomFieldsFilter(),
    "team_user": IdFilter("team_user", model=TeamUser),
    "archived": flag_on(Q(archived_at__isnull=False)),
    "exclude": ExcludeFilter("pk"),
    "hasContact": FlagFilter(condition=has_contact),
    "customerType": IdFilter("type", model=CustomerType),
}

CONTACT_FILTERS = {
    **REACHED,
    "address_country": country("country"),
    "address_country_code": TextFilter("country__code"),
    "address_country_name": TextFilter("country__name_fr,country__name_en"),
    "address_postal_code": TextFilter("postal_code"),
    "address_town": TextFilter("town"),
    "any_tags": TagFilter(Contact),
    "all_tags": TagFilter(Contact, every=True),
    "with_customer": FlagFilter(condition=has_customer),
    "custom_fields": CustomFieldsFilter(),
}
