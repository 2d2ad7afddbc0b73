"""What stands below the totals: payment, small print, signature, terms of sale, the company's identity."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from erp.core.printing import Pair, iban, identity, pairs, rich, unique
from erp.sales.pdf_layout.page import Context, Page

_PAYABLE = ("quotation", "command", "proforma", "invoice")
#: Terms of at most this many characters follow on the page, if it has room for them: others begin a new one.
_SHORT_TERMS = 2000


def payment(page: Page) -> list[Pair]:
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


def _early_payment(page: Page) -> str:
    """What an early payment would take off. It is offered, not deducted."""
    if not page.number("escompte_rate"):
        return ""
    amounts = {side: page.formats.money(page.number(f"escompte_amount_{side}")) for side in ("ht", "ttc")}
    values = {"rate": page.formats.percent(page.number("escompte_rate")), **amounts}
    return _("%(rate)s: %(ht)s excl. VAT, %(ttc)s incl. VAT") % values


def mentions(page: Page) -> list[str]:
    """The small print, each sentence once."""
    return unique(
        [
            *([*_price_mentions(page), *_vat_notices(page)] if page.priced else []),
            *(page.snapshot.get("legal_mentions") or []),
        ]
    )


def _price_mentions(page: Page) -> Iterator[str]:
    if any(line.get("is_option") for line in page.items):
        yield _("Lines marked as options are not included in the totals.")
    if page.formats.currency_position == "none":
        yield _("Amounts are in %(currency)s.") % {"currency": page.snapshot["currency"]["code"]}
    if page.kind == "proforma":
        yield _("This pro forma is not an invoice: it gives no right to deduct VAT.")
    if page.number("guarantee_holdback_amount"):
        yield _holdback(page)
    yield page.text("grant_pdf_mentions")


def _holdback(page: Page) -> str:
    amount = page.formats.money(page.number("guarantee_holdback_amount"))
    values = {"amount": amount, "months": page.formats.number(page.number("guarantee_holdback_duration"))}
    if page.number("guarantee_holdback_duration"):
        return _("Guarantee holdback: %(amount)s, released %(months)s months after acceptance.") % values
    return _("Guarantee holdback: %(amount)s, released after acceptance.") % values


def _vat_notices(page: Page) -> Iterator[str | None]:
    """The legal grounds of the VAT rates (CGI ann. II 242 nonies A)."""
    yield from (row.get("legal_notice") for row in page.snapshot["totals"].get("vatrates") or [])
    yield from (line.get("vat_legal_notice") for line in page.items)


def signature(page: Page) -> Context | None:
    """The box to sign: orders are agreed to, goods received."""
    if page.kind in ("quotation", "command"):
        return {
            "title": _("Agreed"),
            "hint": _("Date, name and capacity, signature and stamp, with the words “Agreed”."),
        }
    if page.kind == "delivery":
        return {"title": _("Goods received"), "hint": _("Date, name, signature and reservations, if any.")}
    return None


def sale_term(page: Page) -> Context | None:
    """Terms of sale; None when the document has none."""
    term = page.snapshot.get("sale_term") or {}
    content = rich(term.get("content"))
    if not content:
        return None
    label = term.get("label") or _("Terms of sale")
    return {"label": label, "content": content, "is_short": len(content) <= _SHORT_TERMS}


def company_identity(page: Page) -> list[str]:
    """The company as the foot of each page names it."""
    currency = page.snapshot.get("team_currency") or page.snapshot["currency"]
    return identity(page.snapshot["team"], page.formats, currency)
