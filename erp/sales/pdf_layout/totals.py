"""VAT of each rate, and the way from the lines to what is to be paid."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from erp.core.printing import Formats, joined
from erp.sales.pdf_layout.head import currency_rows
from erp.sales.pdf_layout.page import Context, Page


def vat_rows(page: Page) -> list[Context]:
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


def totals(page: Page) -> list[Context]:
    """The rows of the totals; `css` tells the principal ones."""
    rows = [*_content_rows(page), *_tax_rows(page), *_due_rows(page)] if page.priced else []
    return [{"css": css, "label": label, "value": value} for css, label, value in [*_measures(page), *rows]]


def _measures(page: Page) -> Iterator[tuple[str, str, str]]:
    """What the shown columns add up to besides money."""
    if page.shows("weight_column", page.is_input("weight")) and page.total("total_weight"):
        yield "", _("Total weight"), joined(page.formats.number(page.total("total_weight")), "kg")
    if page.snapshot["pdf_options"].get("total_quantity") and page.total("total_quantity"):
        yield "", _("Total quantity"), page.formats.number(page.total("total_quantity"))


def _content_rows(page: Page) -> Iterator[tuple[str, str, str]]:
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


def _global_discount_label(page: Page) -> str:
    totals = page.snapshot["totals"]
    if totals.get("global_discount_type") != "pourcent":
        return _("Discount")
    return joined(_("Discount"), page.formats.percent(totals.get("global_discount_value") or "0"))


def _tax_rows(page: Page) -> Iterator[tuple[str, str, str]]:
    money = page.formats.money
    yield "", _("Total excl. VAT"), money(page.total("total_ht"))
    yield "", _("VAT"), money(page.total("total_tva"))
    if page.number("total_tva_team_currency") and currency_rows(page):
        team = page.snapshot["team_currency"]
        label = _("VAT in %(currency)s") % {"currency": team["code"]}
        formats = Formats.of(page.snapshot["formats"], team)
        yield "detail", label, formats.money(page.number("total_tva_team_currency"))
    label = _("Total credited incl. VAT") if page.kind == "credit" else _("Total incl. VAT")
    yield "strong" if _is_reduced(page) else "grand", label, money(page.total("total_ttc"))


def _is_reduced(page: Page) -> bool:
    """Whether less than the total is to be paid now."""
    return Decimal(page.snapshot["totals"]["amount_due"]) != page.total("total_ttc")


def _due_rows(page: Page) -> Iterator[tuple[str, str, str]]:
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


def _rated(page: Page, label: str, key: str) -> str:
    rate = page.number(key)
    return f"{label} ({page.formats.percent(rate)})" if rate else label
