"""The table of lines: its columns and its rows."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from erp.core.money import round_half_up
from erp.core.pdf_table import Column, dimensions, item_row
from erp.core.printing import joined, rich
from erp.sales.pdf_layout.page import Context, Line, Page


def table(page: Page) -> Context:
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


def _rows(page: Page, columns: list[Column], line: Line) -> list[Context]:
    if line.get("is_comments"):
        return [_comment_row(page, columns, line)]
    if line.get("is_subtotal"):
        return [_subtotal_row(page, columns, line)] if page.priced else []
    rows = [item_row(columns, line)]
    if page.priced and page.option("discounts") == 1 and _line_discount(page, line):
        rows = [{**rows[0], "discounted": True}, _discount_row(page, columns, line)]
    return rows


def _comment_row(page: Page, columns: list[Column], line: Line) -> Context:
    """A text among the lines: in the description column, or as wide as the table."""
    before = [column.key for column in columns].index("designation")
    wide = page.option("comments") == 2
    spans = (0, len(columns), 0) if wide else (before, 1, len(columns) - before - 1)
    html = rich(line.get("designation"))
    return {"type": "comment", "html": html, "before": spans[0], "span": spans[1], "after": spans[2]}


def _subtotal_row(page: Page, columns: list[Column], line: Line) -> Context:
    amount = page.formats.amount(page.of_tax(line, "subtotal"))
    html = rich(line.get("designation")) or _("Subtotal")
    return {"type": "subtotal", "html": html, "span": len(columns) - 1, "amount": amount}


def _discount_row(page: Page, columns: list[Column], line: Line) -> Context:
    """The discount of the line above as a negative line of its own."""
    percent = line.get("discount_type") == "pourcent"
    rate = page.formats.percent(line["discount_value"]) if percent else ""
    texts = {
        "designation": joined(_("Discount"), rate),
        "total": page.formats.amount(-_line_discount(page, line)),
    }
    cells = [{"key": column.key, "css": column.css, "text": texts.get(column.key, "")} for column in columns]
    return {"type": "discount", "cells": cells, "is_option": bool(line.get("is_option"))}


def _gross(page: Page, line: Line) -> Decimal:
    """A line's total before its own discount, which is what `subtotal_*` holds on a line with amounts."""
    return page.of_tax(line, "subtotal")


def _line_discount(page: Page, line: Line) -> Decimal:
    if not Decimal(line.get("discount_value") or 0):
        return Decimal(0)
    return _gross(page, line) - page.of_tax(line, "total")


def _naming_columns(page: Page) -> list[Column]:
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
        Column(
            "ean_code", pgettext("document", "EAN code"), lambda line: line.get("ean_code") or "", css="code"
        ),
        Column("designation", _("Description"), lambda line: _designation(page, line), css="designation"),
        Column("weight", _("Weight (kg)"), lambda line: _weight(page, line)),
    ]
    return [column for column in columns if shown[column.key]]


def _weight(page: Page, line: Line) -> str:
    return _quantity(page, line.get("total_weight")) if Decimal(line.get("total_weight") or 0) else ""


def _picture(line: Line) -> str:
    return str(line.get("picture") or "")


def _designation(page: Page, line: Line) -> Context:
    return {
        "html": rich(line.get("designation")),
        "option": line.get("is_option"),
        "note": _ecotax(page, line),
    }


def _ecotax(page: Page, line: Line) -> str:
    """The eco-participation of a line, per unit and in all."""
    total = page.of_tax(line, "total_ecotax")
    if not total or not page.priced:
        return ""
    amounts = {"unit": page.formats.money(page.of_tax(line, "ecotax_u")), "total": page.formats.money(total)}
    if page.tax == "ht":
        return _("Eco-participation added: %(unit)s each, %(total)s in all, excl. VAT.") % amounts
    return _("Eco-participation added: %(unit)s each, %(total)s in all, incl. VAT.") % amounts


def _quantity(page: Page, value: str | None) -> str:
    return page.formats.number(value) if value else ""


def _with_unit(page: Page, value: str | None, unit: str | None) -> Context:
    """A quantity with its unit at its right or under it; nothing here when units have their own column."""
    number, mode = _quantity(page, value), page.option("units")
    if mode == 1:
        return {"text": " ".join(filter(None, (number, unit)))}
    return {"text": number, "under": unit or "" if mode == 2 else ""}


def _quantity_columns(page: Page) -> list[Column]:
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


def _all_quantity_columns(page: Page) -> list[Column]:
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


def _price_columns(page: Page) -> list[Column]:
    discounts = page.option("discounts") > 1 and any(_line_discount(page, line) for line in page.items)
    rates = {Decimal(line.get("vat_rate_value") or 0) for line in page.items}
    shown = {
        "discount": discounts,
        "vat": page.snapshot["pdf_options"].get("vatrate_column") or len(rates) > 1,
    }
    return [column for column in _all_price_columns(page) if shown.get(column.key, True)]


def _all_price_columns(page: Page) -> list[Column]:
    net, before = page.option("discounts") == 2, page.option("discounts") == 1
    unit_price = "unit_price_net" if net else "unit_price"

    def total(line: Line) -> str:
        return page.formats.amount(_gross(page, line) if before else page.of_tax(line, "total"))

    return [
        Column(
            "unit_price",
            _unit_price_label(page),
            lambda line: _unit_price(page, line, unit_price),
        ),
        Column("discount", _("Discount"), lambda line: _discount_text(page, line)),
        Column("vat", _("VAT"), lambda line: page.formats.percent(line.get("vat_rate_value") or "0")),
        Column("total", total_label(page.tax), total, css="number"),
    ]


def _unit_price(page: Page, line: Line, name: str) -> str:
    """A unit price as typed; on the other side, in cents where these make the total just as well."""
    price, quantity = page.of_tax(line, name), Decimal(line.get("total_quantity") or 0)
    total = _gross(page, line) if name == "unit_price" else page.of_tax(line, "total")
    cents = round_half_up(price, page.formats.places)
    is_enough = page.tax != page.snapshot["input_mode"] and round_half_up(cents * quantity) == total
    return page.formats.price(cents if is_enough and quantity else price)


def _unit_price_label(page: Page) -> str:
    if page.option("discounts") == 2 and any(_line_discount(page, line) for line in page.items):
        return _("Net unit price excl. VAT") if page.tax == "ht" else _("Net unit price incl. VAT")
    return _("Unit price excl. VAT") if page.tax == "ht" else _("Unit price incl. VAT")


def _discount_text(page: Page, line: Line) -> str:
    if not _line_discount(page, line):
        return ""
    if line.get("discount_type") == "pourcent":
        return page.formats.percent(line["discount_value"])
    return page.formats.price(page.of_tax(line, "discount"))


def total_label(tax: str) -> str:
    """The label of a total on a side, ht or ttc."""
    return _("Total excl. VAT") if tax == "ht" else _("Total incl. VAT")
