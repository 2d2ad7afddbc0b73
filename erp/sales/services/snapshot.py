"""The frozen copy of everything a document prints: after it, no change of master data changes the document.

The shape is that of `pdf_layout.py`. Legal mentions are taken from data with dates of validity, as they
stand on the document's date.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils.translation import override

from erp.core.money import round_half_up
from erp.core.scope import current_team
from erp.sales.calculation import DocumentResult, LineResult
from erp.sales.choices import SEALED_KINDS, DeliveryStatus, Kind, Status
from erp.sales.models import Document, Line
from erp.various.data import legal_mention
from erp.various.models import BankAccount, Currency, PaymentMethod

__all__ = ["build"]

TEAM = (
    "company_name",
    "company_type",
    "company_siret",
    "company_rcs",
    "company_vatrate",
    "company_naf",
    "company_capital",
    "road1",
    "road2",
    "road3",
    "postal_code",
    "town",
    "phone",
    "email",
    "website",
)
FORMATS = ("currency_position", "number_format_decimals", "number_format_number_thousands", "date_format")
TEAM_OPTIONS = ("sales_pdf_delivery_prices", "sales_pdf_delivery_remaining_quantity")
PLAIN = (
    "kind",
    "is_draft",
    "is_deposit",
    "reference",
    "version",
    "title",
    "comments",
    "input_mode",
    "secondary_quantity_mode",
    "language",
    "penalty_rate_law",
    "collection_costs_law",
    "grant_label",
    "grant_pdf_mentions",
    "guarantee_holdback_duration",
    "advance_payment_type",
    "package_qty",
    "delivery_mode",
    "delivery_tracking",
)
AMOUNTS = (
    "secondary_quantity",
    "penalty_rate",
    "escompte_rate",
    "escompte_amount_ht",
    "escompte_amount_tva",
    "escompte_amount_ttc",
    "grant_amount",
    "guarantee_holdback_amount",
    "advance_payment_value",
    "advance_payment_amount",
    "exchange_rate",
)
LINE_PLAIN = (
    "is_comments",
    "is_subtotal",
    "is_pagebreak",
    "is_option",
    "is_hidden",
    "is_deposit",
    "line_number",
    "reference",
    "designation",
    "ean_code",
    "discount_type",
)
LINE_AMOUNTS = (
    "quantity",
    "secondary_quantity",
    "weight_unit",
    "discount_value",
    "quantity_to_deliver",
    *(field.name for field in fields(LineResult) if field.name != "vat_key"),
)
DISCOUNT = ("global_discount_type", "global_discount_type_amount")
TOTALS = tuple(
    field.name
    for field in fields(DocumentResult)
    if field.name not in ("lines", "vatrates", "nb_people_needed")
)


def text(value: Decimal | None) -> str | None:
    """A decimal as JSON keeps it exactly."""
    return None if value is None else str(value)


def build(
    document: Document, lines: Sequence[Line], methods: Sequence[PaymentMethod] | None = None
) -> dict[str, Any]:
    """Everything printed, as plain JSON values. `lines` are the document's, with their units and VAT rates;
    `methods` its payment methods, fetched unless known."""
    methods = list(document.payment_methods.all()) if methods is None else methods
    with override(document.language):  # names of countries
        return _content(document, lines, methods)


def _content(document: Document, lines: Sequence[Line], methods: Sequence[PaymentMethod]) -> dict[str, Any]:
    team = current_team()
    return {
        **{name: getattr(document, name) for name in PLAIN},
        **{name: text(getattr(document, name)) for name in AMOUNTS},
        "guarantee_holdback_pourcent": text(document.guarantee_holdback_percent),
        "date": document.date.isoformat(),
        "expire_at": document.expire_at.astimezone(team.timezone).date().isoformat()
        if document.expire_at
        else None,
        "due_date": document.due_date.isoformat()
        if document.due_date and document.kind == Kind.INVOICE
        else None,
        "secondary_unit_label": document.secondary_unit.label if document.secondary_unit else None,
        "delivery_date": _delivery_date(document),
        "customer_reference": document.customer_command_reference or document.customer_proforma_reference,
        **_parties(document, team),
        **_money(document, team),
        "contents": [_line(document, line) for line in lines],
        "totals": _totals(document, lines),
        "pdf_options": document.pdf_options,
        "input_options": document.input_options,
        "team_options": {name: team.parameter(name) for name in TEAM_OPTIONS},
        "formats": {name: team.parameter(name) for name in FORMATS},
        **_terms(document, methods),
        "legal_mentions": legal_mentions(document, lines),
        "affair": document.affair.reference,
        "source_documents": _sources(document),
        "accent_color": document.pdf_model.accent_color if document.pdf_model else None,
    }


def _delivery_date(document: Document) -> str | None:
    """The date of supply where it is another day (CGI annex II, 242 nonies A): that of the delivery billed,
    or of the last delivery before the bill of an order."""
    source = document.source
    if source is None or document.kind != Kind.INVOICE or document.is_deposit:
        return None
    date = source.date if source.kind == Kind.DELIVERY else _last_delivery(document, source)
    return date.isoformat() if date is not None and date != document.date else None


def _last_delivery(document: Document, order: Document) -> datetime.date | None:
    if order.delivery_status == DeliveryStatus.TO_DELIVER:
        return None
    deliveries = Document.objects.filter(
        affair_id=document.affair_id, kind=Kind.DELIVERY, is_draft=False, date__lte=document.date
    )
    last: datetime.date | None = deliveries.exclude(status=Status.CANCELLED).aggregate(last=Max("date"))[
        "last"
    ]
    return last


def _parties(document: Document, team: Any) -> dict[str, Any]:
    customer = document.customer
    member = document.team_user
    return {
        "team": {
            **{name: getattr(team, name) for name in TEAM},
            "country": team.country.name,
            "country_code": team.country.code,
            "logo": team.logo_id,
        },
        "customer": {
            "reference": customer.customer_reference or customer.prospect_reference,
            "vat_number": document.customer_vatrate or customer.company_vatrate,
            "siret": customer.company_siret,
            "is_company": customer.type.is_company,
        },
        "contact": str(document.contact) if document.contact else None,
        "team_user": str(member) if member else None,
        "billing_address": _address(document, "billing"),
        "delivery_address": _address(document, "delivery"),
    }


def _address(document: Document, side: str) -> dict[str, Any]:
    country = getattr(document, f"{side}_address_country")
    names = ("name", "contact", "road", "road2", "road3", "postal_code", "city", "comments")
    return {
        **{name: getattr(document, f"{side}_address_{name}") for name in names},
        "country": country.name if country else None,
        "country_code": country.code if country else None,
    }


def _money(document: Document, team: Any) -> dict[str, Any]:
    key = team.parameter("currency")
    own = document.currency if document.currency_id == key else Currency.objects.known(key)
    return {
        "currency": _currency(document.currency),
        "team_currency": _currency(own),
        "total_tva_team_currency": text(round_half_up(document.total_tva * document.exchange_rate)),
    }


def _currency(currency: Any) -> dict[str, Any]:
    return {"code": currency.code, "symbol": currency.symbol, "decimals": currency.decimals}


def _line(document: Document, line: Line) -> dict[str, Any]:
    has_own_rate = line.is_goods and not (document.use_global_vatrate and not line.is_fixed)
    return {
        **{name: getattr(line, name) for name in LINE_PLAIN},
        **{name: text(getattr(line, name)) for name in LINE_AMOUNTS},
        "unit_label": line.unit.label if line.unit else None,
        "secondary_unit_label": line.secondary_unit.label if line.secondary_unit else None,
        "vat_legal_notice": line.vat_rate.legal_notice if line.vat_rate and has_own_rate else None,
        "picture": line.picture_id,
    }


def _totals(document: Document, lines: Sequence[Line]) -> dict[str, Any]:
    notices = {line.vat_rate_id: line.vat_rate.legal_notice for line in lines if line.vat_rate is not None}
    if document.vat_rate is not None:
        notices[document.vat_rate_id] = document.vat_rate.legal_notice
    return {
        **{name: text(getattr(document, name)) for name in (*TOTALS, "global_discount_value")},
        **{name: getattr(document, name) for name in DISCOUNT},
        "vatrates": [{**row, "legal_notice": notices.get(row["vat_rate_id"])} for row in document.vatrates],
    }


def _terms(document: Document, methods: Sequence[PaymentMethod]) -> dict[str, Any]:
    account = BankAccount.objects.order_by("-use_default", "pk").first()
    term = document.sale_term
    return {
        "payment_term": document.payment_term_value,
        "payment_methods": [method.pdf_content or method.label for method in methods],
        "bank_account": {"iban": account.iban, "bic": account.bic, "owner": account.owner}
        if account
        else None,
        "sale_term": {"label": term.label, "content": term.content} if term else None,
    }


def legal_mentions(document: Document, lines: Sequence[Line]) -> list[str]:
    """The mentions that the law asks for on this document, worded as in force on its date."""
    return [_worded(key, document, values) for key, values in _mention_keys(document, lines)]


def _worded(key: str, document: Document, values: dict[str, str]) -> str:
    return str(legal_mention(key, document.date)[f"text_{document.language}"].format(**values))


def _mention_keys(document: Document, lines: Sequence[Line]) -> Iterable[tuple[str, dict[str, str]]]:
    """Category of operations on invoices and credits; early payment, penalties and collection costs on what
    asks for money, the last to professionals."""
    if document.kind in SEALED_KINDS:
        yield f"operation_{_operation(document, lines)}", {}
        if current_team().vat_on_debits:
            yield "vat_on_debits", {}
    if document.kind in (Kind.DELIVERY, Kind.CREDIT):
        return
    professional = document.customer.type.is_company
    if document.escompte_rate:
        yield "escompte", {"rate": _percent(document, document.escompte_rate)}
    elif professional:
        yield "escompte_none", {}
    if document.penalty_rate:
        yield "late_penalty", {"rate": _percent(document, document.penalty_rate)}
    elif professional and document.penalty_rate_law:
        yield "late_penalty_default", {}
    if professional and document.collection_costs_law:
        yield "collection_costs", {}


def _operation(document: Document, lines: Sequence[Line]) -> str:
    """Goods, services or both (decree 2022-1299): products of the catalog are goods, other lines services.
    What has no goods of its own (a deposit, a credit of an amount) is about those of its source."""
    source = document.source
    goods = {line.product_id is not None for line in lines if line.is_goods}
    if not goods and source is not None:
        goods = {line.product_id is not None for line in source.contents.all() if line.is_goods}
    return "mixed" if len(goods) == 2 else "goods" if goods == {True} else "services"


def _percent(document: Document, rate: Decimal) -> str:
    text = f"{rate.normalize():f}"
    return text if document.language == "en" else text.replace(".", ",")


def _sources(document: Document) -> list[dict[str, Any]]:
    source = document.source
    if source is None:
        return []
    return [{"kind": source.kind, "reference": source.reference, "date": source.date.isoformat()}]
