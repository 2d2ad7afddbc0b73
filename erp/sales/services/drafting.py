"""What a new document starts from: the customer's settings, then the team's, then what is typed."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from erp.core.access import visible
from erp.core.errors import Invalid
from erp.core.scope import current_actor, current_team
from erp.customers.models import Customer
from erp.customers.parameters import CUSTOMER
from erp.sales.choices import Kind, SecondaryMode
from erp.sales.models import Document
from erp.sales.parameters import INPUT_OPTIONS, PDF_OPTIONS, options_of
from erp.various import services as various
from erp.various.models import Currency, PaymentMethod, PaymentTerm, SaleTerm, VatRate

__all__ = ["check_addresses", "check_date", "default_payment_methods", "defaults_for", "set_values", "start"]

#: Attributes of a body that are not simply set on the document.
APART = (
    "contents",
    "tags",
    "attach_tags",
    "detach_tags",
    "payment_methods",
    "custom_fields",
    "status",
    "is_draft",
    "input_options",
    "pdf_options",
)

#: Years of dates (BR-FR-03), and of what follows from them by some days.
FIRST, LAST, FAR = 2000, 2099, 2199


# --- Defaults -------------------------------------------------------------------------------------


def linked(model: Any, key: int | None) -> Any:
    """The row of a setting that is a link; None when it was deleted since."""
    if key is None:
        return None
    return visible(model).in_bulk([key]).get(key)


#: Links that a new document takes from settings of these names.
LINKS: tuple[tuple[str, Any, str], ...] = (
    ("currency", Currency, "sales_currency"),
    ("payment_term", PaymentTerm, "sales_payment_term"),
    ("sale_term", SaleTerm, "sales_sale_term"),
)


def defaults_for(
    kind: str, customer: Customer, date: datetime.date, given: Mapping[str, Any] = MappingProxyType({})
) -> dict[str, Any]:
    """Attributes of a new document of `kind` for a customer, save those that are `given`."""
    team = current_team()
    customer.team = team  # known already: not to be fetched for each setting
    values: dict[str, Any] = {
        "customer_vatrate": customer.company_vatrate,
        "input_mode": customer.parameter("sales_amounts_type"),
        "use_global_vatrate": customer.parameter("sales_use_global_vatrate"),
        "secondary_quantity_mode": team.parameter("sales_secondary_quantity"),
        "penalty_rate": customer.parameter("sales_penalty_rate"),
        "penalty_rate_law": team.parameter("sales_penalty_rate_law"),
        "collection_costs_law": team.parameter("sales_collection_costs_law"),
        "escompte_rate": customer.parameter("sales_escompte_rate"),
        "language": settings.LANGUAGE_CODE[:2],
        **_addresses(customer),
        **_terms_of(kind, customer, date),
    }
    if "global_discount_type" not in given:
        values["global_discount_value"] = Decimal(
            CUSTOMER.value(customer.configs, "sales_global_discount") or 0
        )
    for name, model, setting in LINKS:
        if name not in given:
            values[name] = linked(model, customer.parameter(setting))
    if "team_user" not in given:
        values["team_user"] = _salesperson(customer)
    if (values | dict(given))["use_global_vatrate"] and "vat_rate" not in given:
        values["vat_rate"] = linked(VatRate, CUSTOMER.value(customer.configs, "sales_vat_rate"))
    return {name: value for name, value in values.items() if name not in given}


def start(document: Document, customer: Customer, values: Mapping[str, Any]) -> None:
    """Set a new document's defaults, then what was typed in."""
    for name, value in defaults_for(document.kind, customer, document.date, values).items():
        setattr(document, name, value)
    set_values(document, values)


def _terms_of(kind: str, customer: Customer, date: datetime.date) -> dict[str, Any]:
    """What only some kinds have: validity and advance of offers, holdback of what is paid."""
    team = current_team()
    values: dict[str, Any] = {}
    if kind in (Kind.QUOTATION, Kind.COMMAND):
        days = team.parameter("sales_quotation_default_validity")
        if days:
            values["expire_at"] = end_of_day(date + datetime.timedelta(days=days))
        rate = customer.parameter("sales_payment_advance_rate")
        values["advance_payment_value"] = rate or Decimal(0)
    if kind != Kind.DELIVERY:
        values["guarantee_holdback_percent"] = Decimal(
            team.parameter("sales_guarantee_holdback_pourcent") or 0
        )
        values["guarantee_holdback_duration"] = team.parameter("sales_guarantee_holdback_duration")
    return values


def check_date(name: str, value: datetime.date | None, last: int = LAST) -> None:
    """Refuse what is no date of an invoice (BR-FR-03), by years. Raises Invalid (422) on `name`."""
    if value is not None and not FIRST <= value.year <= last:
        raise Invalid(
            {name: _("Give a date between %(first)s and %(last)s.") % {"first": FIRST, "last": last}}
        )


def end_of_day(date: datetime.date) -> datetime.datetime:
    """The last second of a day in the team's timezone."""
    return datetime.datetime.combine(date, datetime.time(23, 59, 59), tzinfo=current_team().timezone)


def _salesperson(customer: Customer) -> Any:
    if current_team().parameter("sales_use_customer_commercial") and customer.team_user_id:
        return customer.team_user
    return current_actor()


def _addresses(customer: Customer) -> dict[str, Any]:
    """Both addresses from the customer's, the delivery one falling back on the billing one."""
    billing = customer.address_invoice
    delivery = customer.address_delivery or billing
    return _address("billing", customer, billing) | _address("delivery", customer, delivery)


def _address(side: str, customer: Customer, address: Any) -> dict[str, Any]:
    if address is None:
        return {f"{side}_address_name": customer.name}
    return {
        f"{side}_address_name": customer.name,
        f"{side}_address_road": address.road1,
        f"{side}_address_road2": address.road2,
        f"{side}_address_road3": address.road3,
        f"{side}_address_city": address.town,
        f"{side}_address_postal_code": address.postal_code,
        f"{side}_address_country": address.country,
    }


def default_payment_methods(customer: Customer) -> list[PaymentMethod]:
    """The payment methods of the customer's settings, or the team's."""
    keys = customer.parameter("sales_payment_methods") or []
    return list(PaymentMethod.objects.filter(pk__in=keys)) if keys else []


# --- Setting values -------------------------------------------------------------------------------


def set_values(document: Document, values: Mapping[str, Any]) -> None:
    """Set what was typed in; derive what follows from it (due date, terms in words, grant, options).

    Raises Invalid (422) with the path of what is wrong.
    """
    check_date("date", values.get("date"))
    check_date("expire_at", values.get("expire_at"), FAR)
    if "customer" in values:
        _set_customer(document, values["customer"], values)
    for name, value in values.items():
        if name not in APART:
            setattr(document, name, value)
    _set_options(document, values)
    if "comments" in values:
        document.comments = various.clean_html(document.comments)
    _check_contact(document, values)
    _set_grant(document, values)
    _set_currency(document)
    _set_holdback(document, values)
    if document.use_global_vatrate and document.vat_rate_id is None:
        document.vat_rate = various.default_vat_rate()
    if document.secondary_quantity_mode == SecondaryMode.GLOBAL and document.secondary_quantity is None:
        document.secondary_quantity = Decimal(1)
    document.payment_term_value = document.payment_term.label if document.payment_term else ""
    document.due_date = various.due_date(document.payment_term, document.date)


def _set_customer(document: Document, customer: Customer, values: Mapping[str, Any]) -> None:
    """Give an existing document another customer: addresses and VAT number follow. Raises Invalid (422)."""
    if document._state.adding or customer.pk == document.customer_id:
        return
    if Document.objects.filter(affair_id=document.affair_id).exclude(pk=document.pk).exists():
        raise Invalid(
            {"customer": _("The affair has other documents of its customer: make a new document instead.")}
        )
    own = {"customer_vatrate": customer.company_vatrate, "contact": None, **_addresses(customer)}
    for name, value in own.items():
        if name not in values:
            setattr(document, name, value)


def _check_contact(document: Document, values: Mapping[str, Any]) -> None:
    contact = values.get("contact")
    if contact is not None and not contact.customers.filter(pk=document.customer_id).exists():
        text = _("%(contact)s is no contact of %(customer)s.")
        raise Invalid({"contact": text % {"contact": contact, "customer": document.customer}})


def _set_options(document: Document, values: Mapping[str, Any]) -> None:
    """Options typed in; those of a new document start from the customer's settings, then the team's."""
    given = {name: values.get(name) or {} for name in ("input_options", "pdf_options")}
    if not document._state.adding:
        document.input_options = document.input_options | given["input_options"]
        document.pdf_options = document.pdf_options | given["pdf_options"]
        return
    team = current_team()
    own = {"amounts": document.customer.parameter("sales_pdf_amounts")} if document.customer_id else {}
    document.input_options = options_of(team, INPUT_OPTIONS, "sales_", given["input_options"])
    document.pdf_options = options_of(team, PDF_OPTIONS, "sales_pdf_", own | given["pdf_options"])


def _set_holdback(document: Document, values: Mapping[str, Any]) -> None:
    """A holdback is a percentage or an amount, whichever was typed in; that of a percentage is computed."""
    if "guarantee_holdback_percent" not in values and "guarantee_holdback_amount" in values:
        document.guarantee_holdback_percent = Decimal(0)
    elif "guarantee_holdback_percent" in values and "guarantee_holdback_amount" not in values:
        document.guarantee_holdback_amount = Decimal(0)


def _set_grant(document: Document, values: Mapping[str, Any]) -> None:
    if "grant" not in values:
        return
    grant = document.grant
    document.grant_label = grant.label if grant else ""
    document.grant_pdf_mentions = grant.pdf_mentions if grant else ""
    if "grant_amount" not in values:
        document.grant_amount = grant.amount if grant else Decimal(0)


def _set_currency(document: Document) -> None:
    if document.currency_id == current_team().parameter("currency"):
        document.exchange_rate = Decimal(1)
    elif document.exchange_rate <= 0:
        raise Invalid({"exchange_rate": _("The exchange rate must be larger than zero.")})


def check_addresses(document: Document) -> None:
    """A billing address is needed: typed in, or the customer's. Raises Invalid on each missing part."""
    missing = [name for name in ("city", "postal_code") if not getattr(document, f"billing_address_{name}")]
    if document.billing_address_country_id is None:
        missing.append("country")
    if missing:
        text = _("This field is required: the customer has no invoice address to take it from.")
        raise Invalid({f"billing_address_{name}": text for name in missing})
