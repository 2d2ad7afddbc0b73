"""The printed page of a sales document, as a pure function of its frozen snapshot: no ORM, no clock.

`layout` turns the snapshot into what `templates/pdf/document.html` shows: every text and amount is already
written, in the document's language and in the team's formats of numbers and dates. The template places them.

The snapshot is a plain dictionary. Dates are `YYYY-MM-DD` in the team's timezone, numbers decimal strings,
amounts in the document's currency, pictures names of assets. Rich text, sanitised on the way in, is allowed
in `comments`, `contents[].designation` and `sale_term.content`; everything else is plain text, and escaped.
Keys marked * are obligatory, the others may be missing or null; names are those of the wire unless noted.

- kind* (quotation, command, proforma, delivery, invoice, credit), is_draft, is_deposit, reference, version,
  date*, expire_at, due_date, delivery_date, title, comments, customer_reference (the customer's own),
  input_mode*, secondary_quantity_mode, secondary_quantity, secondary_unit_label, contact (a name), affair
  (a reference), team_user (a name), source_documents [{kind, reference, date}];
- team* {company_name*, company_type, company_siret, company_rcs, company_vatrate, company_naf,
  company_capital, road1, road2, road3, postal_code, town, country, country_code, phone, email, website,
  logo (an asset)};
- formats* {currency_position, number_format_decimals, number_format_number_thousands, date_format};
- team_options {sales_pdf_delivery_prices, sales_pdf_delivery_remaining_quantity};
- customer* {reference, vat_number, siret, is_company}, billing_address* and delivery_address {name, contact,
  road, road2, road3, postal_code, city, country, country_code}: `country` is the name to print;
- currency* and team_currency {code*, symbol, decimals}; with two currencies exchange_rate (the value of one
  unit of the document's in the team's) and total_tva_team_currency;
- contents*: lines with the attributes of Quotation Content that are printed, is_hidden, and unit_label,
  secondary_unit_label, vat_legal_notice, picture (an asset);
- totals*: the totals of Quotation, global_discount_type and _value, amount_due*, vatrates
  [{rate, ht, tva, ttc, legal_notice}];
- pdf_options*, input_options*: as on the wire;
- payment_term (a label), payment_methods [texts], bank_account {iban, bic, owner}, escompte_rate,
  escompte_amount_ht, escompte_amount_ttc, grant_label, grant_amount, grant_pdf_mentions,
  guarantee_holdback_pourcent, guarantee_holdback_amount, guarantee_holdback_duration (months),
  advance_payment_type, advance_payment_value, advance_payment_amount;
- package_qty, delivery_mode, delivery_tracking (delivery notes);
- legal_mentions [texts] (category of operations, early and late payment, collection costs and the like, as
  the law words them on that date), sale_term {label, content};
- accent_color (`#rrggbb`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from erp.core.pdf_table import Column, dimensions, item_row
from erp.core.printing import (
    SPACE,
    Formats,
    Pair,
    accent,
    iban,
    identity,
    joined,
    pairs,
    rich,
    roads,
    siret,
    unique,
)

__all__ = ["Formats", "document_html", "layout"]

Snapshot = dict[str, Any]
Line = dict[str, Any]
Context = dict[str, Any]

_SHOW, _HIDE = 2, 3
_PAYABLE = ("quotation", "command", "proforma", "invoice")
_TAX_DOCUMENTS = ("invoice", "credit")


def document_html(snapshot: Snapshot, language: str) -> str:
    """The page as HTML for `erp.core.pdf.render_pdf`; pictures are named `asset:<name>`."""
    with override(language):
        return render_to_string("pdf/document.html", layout(snapshot, language))


def layout(snapshot: Snapshot, language: str) -> Context:
    """The template's context. `language` (`fr` or `en`) is that of the texts; formats are the team's.

    Raises KeyError for a snapshot without an obligatory key, ValueError for a bad date, ArithmeticError for
    a bad number.
    """
    with override(language):
        page = _Page.of(snapshot)
        return {
            "language": language,
            "accent": accent(page.text("accent_color")),
            "draft": bool(snapshot.get("is_draft")),
            **_heading(page),
            **_parties(page),
            "meta": _meta(page),
            **_table(page),
            "vat_rows": _vat_rows(page),
            "totals": _totals(page),
            "comments": rich(snapshot.get("comments")),
            "payment": _payment(page),
            "mentions": _mentions(page),
            "signature": _signature(page),
            "sale_term": _sale_term(page),
            "identity": _identity(page),
        }


# --- What every part of the page asks ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Page:
    """A snapshot with the choices every part depends on; `tax` is the side that lines show, ht or ttc."""

    snapshot: Snapshot
    formats: Formats
    tax: str
    priced: bool
    lines: tuple[Line, ...]

    @classmethod
    def of(cls, snapshot: Snapshot) -> _Page:
        amounts = snapshot["pdf_options"].get("amounts", 1)
        prices = (snapshot.get("team_options") or {}).get("sales_pdf_delivery_prices", True)
        return cls(
            snapshot=snapshot,
            formats=Formats.of(snapshot["formats"], snapshot["currency"]),
            tax={2: "ht", 3: "ttc"}.get(amounts, str(snapshot["input_mode"])),
            priced=snapshot["kind"] != "delivery" or bool(prices),
            lines=tuple(line for line in snapshot["contents"] if not line.get("is_hidden")),
        )

    @property
    def kind(self) -> str:
        return str(self.snapshot["kind"])

    @property
    def items(self) -> Iterator[Line]:
        return (line for line in self.lines if _is_item(line))

    def text(self, key: str) -> str:
        return str(self.snapshot.get(key) or "")

    def number(self, key: str) -> Decimal:
        return Decimal(self.snapshot.get(key) or 0)

    def total(self, key: str) -> Decimal:
        return Decimal(self.snapshot["totals"].get(key) or 0)

    def option(self, key: str) -> int:
        return int(self.snapshot["pdf_options"].get(key) or 1)

    def shows(self, key: str, automatic: object) -> bool:
        """A switch of `pdf_options`: 1 as `automatic` says, 2 show, 3 hide."""
        return {_SHOW: True, _HIDE: False}.get(self.option(key), bool(automatic))

    def is_input(self, key: str) -> bool:
        return bool(self.snapshot["input_options"].get(key))

    def of_tax(self, line: Line, name: str) -> Decimal:
        """The amount `name` of a line, on the side that lines show."""
        return Decimal(line.get(f"{name}_{self.tax}") or 0)


def _is_item(line: Line) -> bool:
    return not any(line.get(flag) for flag in ("is_comments", "is_subtotal", "is_pagebreak"))


# --- Heading, parties, facts ------------------------------------------------------------------------------


def _kind_title(kind: str, *, deposit: bool = False) -> str:
    if deposit and kind == "invoice":
        return pgettext("document title", "Deposit invoice")
    return {
        "quotation": pgettext("document title", "Quotation"),
        "command": pgettext("document title", "Order"),
        "proforma": pgettext("document title", "Pro forma invoice"),
        "delivery": pgettext("document title", "Delivery note"),
        "invoice": pgettext("document title", "Invoice"),
        "credit": pgettext("document title", "Credit note"),
    }[kind]


def _heading(page: _Page) -> Context:
    title = _kind_title(page.kind, deposit=bool(page.snapshot.get("is_deposit")))
    reference = page.text("reference") or pgettext("document", "Draft")
    return {
        "title": title,
        "reference": reference,
        "subject": page.text("title"),
        "company": page.snapshot["team"]["company_name"],
        "logo": str(page.snapshot["team"].get("logo") or ""),
    }


def _parties(page: _Page) -> Context:
    """The sender, the addressee in the window of the envelope, and the other address where it differs."""
    billing = _address(page, page.snapshot["billing_address"])
    delivery = _address(page, page.snapshot.get("delivery_address") or {}) or billing
    invoiced = {"label": _("Billing address"), "lines": billing}
    delivered = {"label": _("Delivery address"), "lines": delivery}
    addressee, other = (delivered, invoiced) if page.kind == "delivery" else (invoiced, delivered)
    return {"sender": _sender(page), "addressee": addressee, "other": other if billing != delivery else None}


def _sender(page: _Page) -> list[str]:
    team = page.snapshot["team"]
    abroad = page.snapshot["billing_address"].get("country_code") != team.get("country_code")
    lines = [*roads(team), team.get("country") if page.shows("country", abroad) else ""]
    return unique([*lines, team.get("phone"), team.get("email"), team.get("website")])


def _address(page: _Page, address: dict[str, Any]) -> list[str]:
    """The lines of a postal address, the name first."""
    town = " ".join(unique([address.get("postal_code"), address.get("city")]))
    roads = [address.get(key) for key in ("road", "road2", "road3")]
    return unique([address.get("name"), _contact(page, address), *roads, town, _country(page, address)])


def _contact(page: _Page, address: dict[str, Any]) -> str:
    """Automatic: the contact of a company, when the address does not already bear that name."""
    name = (address.get("contact") or page.text("contact")) if address.get("name") else ""
    automatic = page.snapshot["customer"].get("is_company") and name != address.get("name")
    if not name or not page.shows("contact", automatic):
        return ""
    return _("For the attention of %(name)s") % {"name": name}


def _country(page: _Page, address: dict[str, Any]) -> str:
    """Automatic: only abroad, as the post asks for."""
    foreign = address.get("country_code") != page.snapshot["team"].get("country_code")
    return str(address.get("country") or "").upper() if page.shows("country", foreign) else ""


def _meta(page: _Page) -> list[Pair]:
    """The facts under the addresses: dates, references, people, transport, currency."""
    customer, when = page.snapshot["customer"], page.formats.date
    version = int(page.snapshot.get("version") or 1)
    return pairs(
        (_("Date"), when(page.snapshot["date"])),
        (_("Version"), str(version) if version > 1 else ""),
        (_("Valid until"), when(page.snapshot.get("expire_at"))),
        (_("Due date"), when(page.snapshot.get("due_date"))),
        (_("Date of delivery"), when(page.snapshot.get("delivery_date"))),
        (_("Customer number"), str(customer.get("reference") or "")),
        (_("Your reference"), page.text("customer_reference")),
        *_sources(page),
        (pgettext("document", "Project"), page.text("affair")),
        (_("Your contact"), page.text("team_user")),
        (_("Customer SIRET"), siret(customer.get("siret"))),
        (_("Customer VAT number"), _customer_vat_number(page)),
        *_transport(page),
        (_("For all quantities"), _global_quantity(page)),
        *_currency(page),
    )


def _sources(page: _Page) -> list[tuple[str, str]]:
    """The documents this one comes from, by kind; a credit note names its invoice (EN 16931 BT-25, BT-26)."""
    found: dict[str, list[str]] = {}
    for source in page.snapshot.get("source_documents") or []:
        words = [source["reference"], page.formats.date(source.get("date"))]
        found.setdefault(source["kind"], []).append(_of_date(*words))
    return [(_source_label(page, kind), ", ".join(texts)) for kind, texts in found.items()]


def _source_label(page: _Page, kind: str) -> str:
    return _("Invoice corrected") if (page.kind, kind) == ("credit", "invoice") else _kind_title(kind)


def _of_date(reference: str, day: str) -> str:
    return _("%(reference)s of %(date)s") % {"reference": reference, "date": day} if day else reference


def _customer_vat_number(page: _Page) -> str:
    """Automatic: on invoices and credit notes (CGI ann. II 242 nonies A), and for every customer abroad."""
    home = page.snapshot["team"].get("country_code")
    foreign = page.snapshot["billing_address"].get("country_code") != home
    number = str(page.snapshot["customer"].get("vat_number") or "")
    return number if page.shows("vatrate_number", page.kind in _TAX_DOCUMENTS or foreign) else ""


def _transport(page: _Page) -> list[tuple[str, str]]:
    return [
        (_("Delivery method"), page.text("delivery_mode")),
        (_("Tracking number"), page.text("delivery_tracking")),
        (_("Packages"), page.text("package_qty")),
    ]


def _global_quantity(page: _Page) -> str:
    if page.text("secondary_quantity_mode") != "global":
        return ""
    return joined(
        "×", page.formats.number(page.number("secondary_quantity")), page.text("secondary_unit_label")
    )


def _currency(page: _Page) -> list[tuple[str, str]]:
    own, team = page.snapshot["currency"], page.snapshot.get("team_currency") or page.snapshot["currency"]
    if own["code"] == team["code"] or not page.priced:
        return []
    rate = f"1{SPACE}{own['code']} = {page.formats.number(page.number('exchange_rate'))}{SPACE}{team['code']}"
    return [(_("Currency"), own["code"]), (_("Exchange rate"), rate)]


# --- Lines ------------------------------------------------------------------------------------------------


def _table(page: _Page) -> Context:
    """Columns, and rows in groups: every group but the first begins a new page."""
    columns = [
        *_naming_columns(page),
        *_quantity_columns(page),
        *(_price_columns(page) if page.priced else []),
    ]
    groups: list[list[Context]] = [[]]
    for line in page.lines:
        if line.get("is_pagebreak"):
            groups.append([])
        else:
            groups[-1].extend(_rows(page, columns, line))
    groups = [rows for rows in groups if rows]
    return {"groups": groups, **dimensions(columns, [row for rows in groups for row in rows])}


def _rows(page: _Page, columns: list[Column], line: Line) -> list[Context]:
    if line.get("is_comments"):
        return [_comment_row(page, columns, line)]
    if line.get("is_subtotal"):
        return [_subtotal_row(page, columns, line)]
    rows = [item_row(columns, line)]
    if page.priced and page.option("discounts") == 1 and _line_discount(page, line):
        rows = [{**rows[0], "discounted": True}, _discount_row(page, columns, line)]
    return rows


def _comment_row(page: _Page, columns: list[Column], line: Line) -> Context:
    """A text among the lines: in the description column, or as wide as the table."""
    before = [column.key for column in columns].index("designation")
    wide = page.option("comments") == 2
    spans = (0, len(columns), 0) if wide else (before, 1, len(columns) - before - 1)
    html = rich(line.get("designation"))
    return {"type": "comment", "html": html, "before": spans[0], "span": spans[1], "after": spans[2]}


def _subtotal_row(page: _Page, columns: list[Column], line: Line) -> Context:
    amount = page.formats.amount(page.of_tax(line, "subtotal")) if page.priced else ""
    html = rich(line.get("designation")) or _("Subtotal")
    return {"type": "subtotal", "html": html, "span": len(columns) - bool(amount), "amount": amount}


def _discount_row(page: _Page, columns: list[Column], line: Line) -> Context:
    """The discount of the line above as a negative line of its own."""
    percent = line.get("discount_type") == "pourcent"
    rate = page.formats.percent(line["discount_value"]) if percent else ""
    texts = {
        "designation": joined(_("Discount"), rate),
        "total": page.formats.amount(-_line_discount(page, line)),
    }
    cells = [{"key": column.key, "css": column.css, "text": texts.get(column.key, "")} for column in columns]
    return {"type": "discount", "cells": cells, "is_option": bool(line.get("is_option"))}


def _gross(page: _Page, line: Line) -> Decimal:
    """A line's total before its own discount, which is what `subtotal_*` holds on a line with amounts."""
    return page.of_tax(line, "subtotal")


def _line_discount(page: _Page, line: Line) -> Decimal:
    if not Decimal(line.get("discount_value") or 0):
        return Decimal(0)
    return _gross(page, line) - page.of_tax(line, "total")


def _naming_columns(page: _Page) -> list[Column]:
    """What a line is. Automatic columns appear when the form has them and a line fills them."""

    def used(key: str) -> bool:
        return any(line.get(key) for line in page.items)

    shown = {
        "number": page.shows("number_column", page.is_input("col_number")),
        "picture": page.shows("pictures", page.is_input("col_picture")) and used("picture"),
        "reference": page.shows("reference_column", page.is_input("col_reference") and used("reference")),
        "ean_code": page.shows("ean_column", page.is_input("ean") and used("ean_code")),
        "designation": True,
        "weight": page.shows("weight_column", page.is_input("weight")),
    }
    columns = [
        Column("number", pgettext("line number", "No."), lambda line: str(line.get("line_number") or "")),
        Column("picture", _("Picture"), lambda line: {"picture": _picture(line)}, css="picture"),
        Column("reference", _("Reference"), lambda line: line.get("reference") or "", css="code"),
        Column("ean_code", _("EAN code"), lambda line: line.get("ean_code") or "", css="code"),
        Column("designation", _("Description"), lambda line: _designation(page, line), css="designation"),
        Column("weight", _("Weight (kg)"), lambda line: _quantity(page, line.get("total_weight"))),
    ]
    return [column for column in columns if shown[column.key]]


def _picture(line: Line) -> str:
    return str(line.get("picture") or "")


def _designation(page: _Page, line: Line) -> Context:
    return {
        "html": rich(line.get("designation")),
        "option": line.get("is_option"),
        "note": _ecotax(page, line),
    }


def _ecotax(page: _Page, line: Line) -> str:
    """The eco-participation of a line, per unit and in all."""
    total = page.of_tax(line, "total_ecotax")
    if not total or not page.priced:
        return ""
    amounts = {"unit": page.formats.money(page.of_tax(line, "ecotax_u")), "total": page.formats.money(total)}
    if page.tax == "ht":
        return _("Eco-participation added: %(unit)s each, %(total)s in all, excl. VAT.") % amounts
    return _("Eco-participation added: %(unit)s each, %(total)s in all, incl. VAT.") % amounts


def _quantity(page: _Page, value: str | None) -> str:
    return page.formats.number(value) if value else ""


def _with_unit(page: _Page, value: str | None, unit: str | None) -> Context:
    """A quantity with its unit at its right or under it; nothing here when units have their own column."""
    number, mode = _quantity(page, value), page.option("units")
    if mode == 1:
        return {"text": " ".join(filter(None, (number, unit)))}
    return {"text": number, "under": unit or "" if mode == 2 else ""}


def _quantity_columns(page: _Page) -> list[Column]:
    secondary = page.text("secondary_quantity_mode")
    remaining = (page.snapshot.get("team_options") or {}).get("sales_pdf_delivery_remaining_quantity")
    shown = {
        "quantity": True,
        "unit": page.option("units") == 3 and any(line.get("unit_label") for line in page.items),
        "secondary_quantity": secondary == "line",
        "secondary_unit": page.option("units") == 3
        and secondary == "line"
        and any(line.get("secondary_unit_label") for line in page.items),
        "total_quantity": secondary in ("line", "global")
        and page.snapshot["pdf_options"].get("total_quantity"),
        "remaining": page.kind == "delivery" and remaining,
    }
    return [column for column in _all_quantity_columns(page) if shown[column.key]]


def _all_quantity_columns(page: _Page) -> list[Column]:
    def quantity(line: Line) -> Context:
        return _with_unit(page, line.get("quantity"), line.get("unit_label"))

    def secondary(line: Line) -> Context:
        return _with_unit(page, line.get("secondary_quantity"), line.get("secondary_unit_label"))

    return [
        Column("quantity", _("Quantity"), quantity, css="measure"),
        Column("unit", _("Unit"), lambda line: line.get("unit_label") or "", css="unit"),
        Column("secondary_quantity", _("Quantity 2"), secondary, css="measure"),
        Column(
            "secondary_unit", _("Unit 2"), lambda line: line.get("secondary_unit_label") or "", css="unit"
        ),
        Column(
            "total_quantity", _("Total quantity"), lambda line: _quantity(page, line.get("total_quantity"))
        ),
        Column(
            "remaining", _("Still to deliver"), lambda line: _quantity(page, line.get("quantity_to_deliver"))
        ),
    ]


def _price_columns(page: _Page) -> list[Column]:
    discounts = page.option("discounts") > 1 and any(_line_discount(page, line) for line in page.items)
    rates = {Decimal(line.get("vat_rate_value") or 0) for line in page.items}
    shown = {
        "discount": discounts,
        "vat": page.snapshot["pdf_options"].get("vatrate_column") or len(rates) > 1,
    }
    return [column for column in _all_price_columns(page) if shown.get(column.key, True)]


def _all_price_columns(page: _Page) -> list[Column]:
    net, before = page.option("discounts") == 2, page.option("discounts") == 1
    unit_price = "unit_price_net" if net else "unit_price"

    def total(line: Line) -> str:
        return page.formats.amount(_gross(page, line) if before else page.of_tax(line, "total"))

    return [
        Column(
            "unit_price",
            _unit_price_label(page),
            lambda line: page.formats.price(page.of_tax(line, unit_price)),
        ),
        Column("discount", _("Discount"), lambda line: _discount_text(page, line)),
        Column("vat", _("VAT"), lambda line: page.formats.percent(line.get("vat_rate_value") or "0")),
        Column("total", _total_label(page.tax), total, css="number"),
    ]


def _unit_price_label(page: _Page) -> str:
    if page.option("discounts") == 2 and any(_line_discount(page, line) for line in page.items):
        return _("Net unit price excl. VAT") if page.tax == "ht" else _("Net unit price incl. VAT")
    return _("Unit price excl. VAT") if page.tax == "ht" else _("Unit price incl. VAT")


def _discount_text(page: _Page, line: Line) -> str:
    if not _line_discount(page, line):
        return ""
    if line.get("discount_type") == "pourcent":
        return page.formats.percent(line["discount_value"])
    return page.formats.price(page.of_tax(line, "discount"))


# --- Totals -----------------------------------------------------------------------------------------------


def _total_label(tax: str) -> str:
    return _("Total excl. VAT") if tax == "ht" else _("Total incl. VAT")


def _vat_rows(page: _Page) -> list[Context]:
    """Base and VAT of each rate (EN 16931 BG-23), with the legal ground of the rates that have one."""
    if not page.priced:
        return []
    rows = page.snapshot["totals"].get("vatrates") or []
    return [
        {
            "rate": page.formats.percent(row["rate"]),
            **{side: page.formats.amount(row[side]) for side in ("ht", "tva", "ttc")},
        }
        for row in rows
    ]


def _totals(page: _Page) -> list[Context]:
    """The rows of the totals; `css` tells the principal ones."""
    rows = [*_content_rows(page), *_tax_rows(page), *_due_rows(page)] if page.priced else []
    return [{"css": css, "label": label, "value": value} for css, label, value in [*_measures(page), *rows]]


def _measures(page: _Page) -> Iterator[tuple[str, str, str]]:
    """What the shown columns add up to besides money."""
    if page.shows("weight_column", page.is_input("weight")) and page.total("total_weight"):
        yield "", _("Total weight"), joined(page.formats.number(page.total("total_weight")), "kg")
    if page.snapshot["pdf_options"].get("total_quantity") and page.total("total_quantity"):
        yield "", _("Total quantity"), page.formats.number(page.total("total_quantity"))


def _content_rows(page: _Page) -> Iterator[tuple[str, str, str]]:
    """How the lines become the total, where something stands between them; on the side that lines show."""
    eco, discount = page.total(f"total_ecotaxe_{page.tax}"), page.total(f"global_discount_{page.tax}")
    if not eco and not discount:
        return
    excluding = page.tax == "ht"
    content = page.formats.money(page.total(f"total_content_{page.tax}"))
    yield "", _("Lines excl. VAT") if excluding else _("Lines incl. VAT"), content
    if discount:
        yield "", _global_discount_label(page), page.formats.money(-discount)
    if eco:
        label = _("Eco-participation excl. VAT") if excluding else _("Eco-participation incl. VAT")
        yield "", label, page.formats.money(eco)


def _global_discount_label(page: _Page) -> str:
    totals = page.snapshot["totals"]
    if totals.get("global_discount_type") != "pourcent":
        return _("Discount")
    return joined(_("Discount"), page.formats.percent(totals.get("global_discount_value") or "0"))


def _tax_rows(page: _Page) -> Iterator[tuple[str, str, str]]:
    money = page.formats.money
    yield "", _("Total excl. VAT"), money(page.total("total_ht"))
    yield "", _("VAT"), money(page.total("total_tva"))
    if page.number("total_tva_team_currency") and _currency(page):
        team = page.snapshot["team_currency"]
        label = _("VAT in %(currency)s") % {"currency": team["code"]}
        formats = Formats.of(page.snapshot["formats"], team)
        yield "detail", label, formats.money(page.number("total_tva_team_currency"))
    label = _("Total credited incl. VAT") if page.kind == "credit" else _("Total incl. VAT")
    yield "strong" if _is_reduced(page) else "grand", label, money(page.total("total_ttc"))


def _is_reduced(page: _Page) -> bool:
    """Whether less than the total is to be paid now."""
    return Decimal(page.snapshot["totals"]["amount_due"]) != page.total("total_ttc")


def _due_rows(page: _Page) -> Iterator[tuple[str, str, str]]:
    """From the total to what is to be paid now: grant, guarantee holdback, deposit on order."""
    money = page.formats.money
    if grant := page.number("grant_amount"):
        yield "", page.text("grant_label") or _("Grant"), money(-grant)
    if holdback := page.number("guarantee_holdback_amount"):
        yield "", _rated(page, _("Guarantee holdback"), "guarantee_holdback_pourcent"), money(-holdback)
    if _is_reduced(page):
        yield "grand", _("To pay"), money(page.total("amount_due"))
    if page.kind in ("quotation", "command") and (advance := page.number("advance_payment_amount")):
        percent = page.text("advance_payment_type") == "pourcent"
        label = _("Deposit on order")
        yield "strong", _rated(page, label, "advance_payment_value") if percent else label, money(advance)


def _rated(page: _Page, label: str, key: str) -> str:
    rate = page.number(key)
    return f"{label} ({page.formats.percent(rate)})" if rate else label


# --- Payment, mentions, signature, terms ------------------------------------------------------------------


def _payment(page: _Page) -> list[Pair]:
    """How and when to pay, on the documents that ask for money."""
    if page.kind not in _PAYABLE:
        return []
    bank = page.snapshot.get("bank_account") or {}
    return pairs(
        (_("Payment term"), page.text("payment_term")),
        (_("Payment methods"), ", ".join(unique(page.snapshot.get("payment_methods") or []))),
        (_("Early payment discount"), _early_payment(page)),
        (_("Account holder"), str(bank.get("owner") or "")),
        ("IBAN", iban(bank.get("iban"))),
        ("BIC", str(bank.get("bic") or "")),
    )


def _early_payment(page: _Page) -> str:
    """What an early payment would take off. It is offered, not deducted."""
    if not page.number("escompte_rate"):
        return ""
    amounts = {side: page.formats.money(page.number(f"escompte_amount_{side}")) for side in ("ht", "ttc")}
    values = {"rate": page.formats.percent(page.number("escompte_rate")), **amounts}
    return _("%(rate)s: %(ht)s excl. VAT, %(ttc)s incl. VAT") % values


def _mentions(page: _Page) -> list[str]:
    """The small print, each sentence once."""
    return unique(
        [
            *([*_price_mentions(page), *_vat_notices(page)] if page.priced else []),
            *(page.snapshot.get("legal_mentions") or []),
        ]
    )


def _price_mentions(page: _Page) -> Iterator[str]:
    if any(line.get("is_option") for line in page.items):
        yield _("Lines marked as options are not included in the totals.")
    if page.formats.currency_position == "none":
        yield _("Amounts are in %(currency)s.") % {"currency": page.snapshot["currency"]["code"]}
    if page.kind == "proforma":
        yield _("This pro forma is not an invoice: it gives no right to deduct VAT.")
    if page.number("guarantee_holdback_amount"):
        yield _holdback(page)
    yield page.text("grant_pdf_mentions")


def _holdback(page: _Page) -> str:
    amount = page.formats.money(page.number("guarantee_holdback_amount"))
    values = {"amount": amount, "months": page.formats.number(page.number("guarantee_holdback_duration"))}
    if page.number("guarantee_holdback_duration"):
        return _("Guarantee holdback: %(amount)s, released %(months)s months after acceptance.") % values
    return _("Guarantee holdback: %(amount)s, released after acceptance.") % values


def _vat_notices(page: _Page) -> Iterator[str | None]:
    """The legal grounds of the VAT rates (CGI ann. II 242 nonies A)."""
    yield from (row.get("legal_notice") for row in page.snapshot["totals"].get("vatrates") or [])
    yield from (line.get("vat_legal_notice") for line in page.items)


def _signature(page: _Page) -> Context | None:
    if page.kind in ("quotation", "command"):
        return {
            "title": _("Agreed"),
            "hint": _("Date, name and capacity, signature and stamp, with the words “Agreed”."),
        }
    if page.kind == "delivery":
        return {"title": _("Goods received"), "hint": _("Date, name, signature and reservations, if any.")}
    return None


def _sale_term(page: _Page) -> Context | None:
    term = page.snapshot.get("sale_term") or {}
    content = rich(term.get("content"))
    return {"label": term.get("label") or _("Terms of sale"), "content": content} if content else None


def _identity(page: _Page) -> list[str]:
    """The company as the foot of each page names it."""
    currency = page.snapshot.get("team_currency") or page.snapshot["currency"]
    return identity(page.snapshot["team"], page.formats, currency)
