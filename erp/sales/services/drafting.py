"""What a new document starts from (the customer's settings, then the team's), and its lines as typed."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from erp.catalog.models import CatalogElement
from erp.core.access import visible
from erp.core.errors import Invalid
from erp.core.money import round_half_up
from erp.core.scope import current_actor, current_team
from erp.customers.models import Customer
from erp.customers.parameters import CUSTOMER
from erp.sales.choices import InputMode, Kind, SecondaryMode
from erp.sales.models import Document, Line
from erp.sales.parameters import INPUT_OPTIONS, PDF_OPTIONS, options_of
from erp.sales.services import sheets
from erp.sales.services.amounts import ecotax_of, fix, net_of
from erp.various import services as various
from erp.various.models import Currency, PaymentMethod, PaymentTerm, SaleTerm, VatRate

__all__ = ["build_lines", "check_addresses", "default_payment_methods", "defaults_for", "set_values", "start"]

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


# --- Defaults -------------------------------------------------------------------------------------


def linked(model: Any, key: int | None) -> Any:
    """The row of a setting that is a link; None when it was deleted since."""
    if key is None:
        return None
    return Currency.objects.known(key) if model is Currency else visible(model).in_bulk([key]).get(key)


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


# --- Lines ----------------------------------------------------------------------------------------

#: Attributes of a typed line that are set as they are.
PLAIN = (
    "is_comments",
    "is_subtotal",
    "is_pagebreak",
    "is_option",
    "is_hidden",
    "picture",
    "reference",
    "designation",
    "comments",
    "ean_code",
    "weight_unit",
    "discount_type",
    "discount_value",
    "unit",
    "quantity",
    "secondary_quantity",
    "secondary_unit",
    "vat_rate",
    "catalog_costs_u",
    "various_costs_u",
    "hourly_person_cost",
    "number_people_needed",
    "duration",
    "duration_type",
    "sale_category",
)


def build_lines(
    document: Document, contents: Sequence[Mapping[str, Any]], known: Mapping[int, Line]
) -> list[Line]:
    """Lines (unsaved) from typed rows. `known` are the document's present lines by affair content: a row that
    names one changes it. Raises Invalid with the path of each wrong row."""
    lines: list[Line] = []
    errors: dict[str, list[str]] = {}
    free = dict(known)
    prefetch_related_objects(list(known.values()), "product", "service")
    needs = sheets.load(row.get("catalog") for row in contents)
    standard_rate = cache(various.default_vat_rate)
    for number, row in enumerate(contents):
        try:
            lines.append(_build_line(document, row, free, needs, standard_rate))
            lines[-1].line_number = number + 1
        except Invalid as error:
            errors |= {f"contents.{number}.{path}": texts for path, texts in error.errors.items()}
    if errors:
        raise Invalid(errors)
    return lines


def _build_line(
    document: Document,
    row: Mapping[str, Any],
    free: dict[int, Line],
    needs: sheets.Needs,
    standard_rate: Callable[[], VatRate | None],
) -> Line:
    line = _line_to_change(row, free)
    before = {name: getattr(line, name) for name in PRICED}
    is_new, former = line.pk is None, line.element
    element = row.get("catalog", former)
    is_other = element is not None and element != former
    if element != former:
        line.element, line.needed_products = element, {}
    if is_other:
        sheets.take(line, element, needs)
    for name in PLAIN:
        if name in row:
            setattr(line, name, row[name])
    line.designation = various.clean_html(line.designation)
    _check_designation(line)
    if line.vat_rate is None and is_new:
        line.vat_rate = standard_rate()
    if is_new or is_other or "vat_rate" in row:
        line.vat_rate_value = line.vat_rate.rate if line.vat_rate else Decimal(0)
    _set_prices(document, line, row)
    if element is not None:
        _take_price(document, line, row, element, before, is_other=is_other)
    _set_quantity(document, line, row)
    _keep_amounts(line, before)
    return line


def _line_to_change(row: Mapping[str, Any], free: dict[int, Line]) -> Line:
    """The line that a row names, each once; else a new one."""
    key = row.get("affair_content")
    if key is None:
        return Line()
    if key not in free:
        raise Invalid(
            {
                "affair_content": _("This document has no such line, or the line is named twice: %(id)s.")
                % {"id": key}
            }
        )
    return free.pop(key)


#: What a line is worth depends on these.
PRICED = (
    "quantity",
    "unit_price_ht",
    "unit_price_ttc",
    "discount_value",
    "vat_rate_value",
    "ecotax_u_ht",
    "ecotax_u_ttc",
)


def _keep_amounts(line: Line, before: Mapping[str, Any]) -> None:
    """A part of an order's line keeps its share of it; another quantity takes another share, another price a
    price of its own. A deduction of a deposit stays as it is. Raises Invalid."""
    if not line.is_fixed or all(getattr(line, name) == value for name, value in before.items()):
        return
    if line.is_deposit:
        raise Invalid({"unit_price_ht": _("This line deducts a deposit: leave it as it is, or delete it.")})
    if (
        any(getattr(line, name) != value for name, value in before.items() if name != "quantity")
        or not before["quantity"]
    ):
        line.is_fixed = False
    else:
        shares = (
            amounts.part(Decimal(0), line.quantity, before["quantity"])
            for amounts in (net_of(line), ecotax_of(line))
        )
        fix(line, *shares)


def _check_designation(line: Line) -> None:
    if line.designation or line.is_pagebreak:
        return
    if line.is_subtotal:
        line.designation = current_team().parameter("sales_subtotal_designation")
        return
    raise Invalid({"designation": _("This field is required.")})


def _set_prices(document: Document, line: Line, row: Mapping[str, Any]) -> None:
    """Prices on the document's side: as typed, or converted from the other side."""
    rate = document.vat_rate if document.use_global_vatrate else line.vat_rate
    percent: Decimal = rate.rate if rate is not None else Decimal(0)
    factor = 1 + percent / 100
    for name in ("unit_price", "ecotax_u"):
        side, other = ("ht", "ttc") if document.input_mode == InputMode.HT else ("ttc", "ht")
        given, converted = row.get(f"{name}_{side}"), row.get(f"{name}_{other}")
        if given is None and converted is not None:
            given = round_half_up(converted / factor if side == "ht" else converted * factor, 5)
        if given is not None:
            setattr(line, f"{name}_{side}", given)


def _take_price(
    document: Document,
    line: Line,
    row: Mapping[str, Any],
    element: CatalogElement,
    before: Mapping[str, Any],
    *,
    is_other: bool,
) -> None:
    """The catalog's price unless one is typed in, which some elements do not allow."""
    name = f"unit_price_{document.input_mode}"
    price = getattr(element, name)
    typed = row.get("unit_price_ht") is not None or row.get("unit_price_ttc") is not None
    if is_other and not typed:
        setattr(line, name, price)
    sheets.check_price(line, element, name, {price} if is_other else {price, before[name]})


def _set_quantity(document: Document, line: Line, row: Mapping[str, Any]) -> None:
    """A total quantity typed without a first quantity gives the first one."""
    total = row.get("total_quantity")
    if total is None or row.get("quantity") is not None:
        return
    by_document = document.secondary_quantity_mode == "global"
    second = document.secondary_quantity if by_document else line.secondary_quantity
    if document.secondary_quantity_mode == "disable" or not second:
        line.quantity = total
    else:
        line.quantity = round_half_up(total / second, 5)
