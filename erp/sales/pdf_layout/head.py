"""The head of the page: title, sender, addressee, and the facts under them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from erp.core.printing import SPACE, Pair, joined, pairs, roads, siret, unique
from erp.sales.pdf_layout.page import Context, Page

_TAX_DOCUMENTS = ("invoice", "credit")


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


def heading(page: Page) -> Context:
    """The title, the reference, and who sends it."""
    title = _kind_title(page.kind, deposit=bool(page.snapshot.get("is_deposit")))
    reference = page.text("reference") or pgettext("document", "Draft")
    return {
        "title": title,
        "reference": reference,
        "subject": page.text("title"),
        "company": page.snapshot["team"]["company_name"],
        "logo": str(page.snapshot["team"].get("logo") or ""),
    }


def parties(page: Page) -> Context:
    """The sender, the addressee in the window of the envelope, and the other address where it differs."""
    billing = _address(page, page.snapshot["billing_address"])
    delivery = _address(page, page.snapshot.get("delivery_address") or {}) or billing
    invoiced = {"label": _("Billing address"), "lines": billing}
    delivered = {"label": _("Delivery address"), "lines": delivery}
    addressee, other = (delivered, invoiced) if page.kind == "delivery" else (invoiced, delivered)
    return {"sender": _sender(page), "addressee": addressee, "other": other if billing != delivery else None}


def _sender(page: Page) -> list[str]:
    team = page.snapshot["team"]
    abroad = page.snapshot["billing_address"].get("country_code") != team.get("country_code")
    lines = [*roads(team), team.get("country") if page.shows("country", abroad) else ""]
    return unique([*lines, team.get("phone"), team.get("email"), team.get("website")])


def _address(page: Page, address: dict[str, Any]) -> list[str]:
    """The lines of a postal address, the name first."""
    town = " ".join(unique([address.get("postal_code"), address.get("city")]))
    roads = [address.get(key) for key in ("road", "road2", "road3")]
    return unique([address.get("name"), _contact(page, address), *roads, town, _country(page, address)])


def _contact(page: Page, address: dict[str, Any]) -> str:
    """Automatic: the contact of a company, when the address does not already bear that name."""
    name = (address.get("contact") or page.text("contact")) if address.get("name") else ""
    automatic = page.snapshot["customer"].get("is_company") and name != address.get("name")
    if not name or not page.shows("contact", automatic):
        return ""
    return _("For the attention of %(name)s") % {"name": name}


def _country(page: Page, address: dict[str, Any]) -> str:
    """Automatic: only abroad, as the post asks for."""
    foreign = address.get("country_code") != page.snapshot["team"].get("country_code")
    return str(address.get("country") or "").upper() if page.shows("country", foreign) else ""


def facts(page: Page) -> list[Pair]:
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
        *currency_rows(page),
    )


def _sources(page: Page) -> list[tuple[str, str]]:
    """The documents this one comes from, by kind; a credit note names its invoice (EN 16931 BT-25, BT-26)."""
    found: dict[str, list[str]] = {}
    for source in page.snapshot.get("source_documents") or []:
        words = [source["reference"], page.formats.date(source.get("date"))]
        found.setdefault(source["kind"], []).append(_of_date(*words))
    return [(_source_label(page, kind), ", ".join(texts)) for kind, texts in found.items()]


def _source_label(page: Page, kind: str) -> str:
    return _("Invoice corrected") if (page.kind, kind) == ("credit", "invoice") else _kind_title(kind)


def _of_date(reference: str, day: str) -> str:
    return _("%(reference)s of %(date)s") % {"reference": reference, "date": day} if day else reference


def _customer_vat_number(page: Page) -> str:
    """Automatic: on invoices and credit notes (CGI ann. II 242 nonies A), and for every customer abroad."""
    home = page.snapshot["team"].get("country_code")
    foreign = page.snapshot["billing_address"].get("country_code") != home
    number = str(page.snapshot["customer"].get("vat_number") or "")
    return number if page.shows("vatrate_number", page.kind in _TAX_DOCUMENTS or foreign) else ""


def _transport(page: Page) -> list[tuple[str, str]]:
    return [
        (_("Delivery method"), page.text("delivery_mode")),
        (_("Tracking number"), page.text("delivery_tracking")),
        (_("Packages"), page.text("package_qty")),
    ]


def _global_quantity(page: Page) -> str:
    if page.text("secondary_quantity_mode") != "global":
        return ""
    return joined(
        "×", page.formats.number(page.number("secondary_quantity")), page.text("secondary_unit_label")
    )


def currency_rows(page: Page) -> list[tuple[str, str]]:
    """The currency and its rate, where it is not the team's."""
    own, team = page.snapshot["currency"], page.snapshot.get("team_currency") or page.snapshot["currency"]
    if own["code"] == team["code"] or not page.priced:
        return []
    rate = f"1{SPACE}{own['code']} = {page.formats.number(page.number('exchange_rate'))}{SPACE}{team['code']}"
    return [(_("Currency"), own["code"]), (_("Exchange rate"), rate)]
