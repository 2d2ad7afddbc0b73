"""The printed page of an order to a supplier, in the template of sales documents and the team's formats.

It is made of the order as it stands, and made again when the order changes. Prices, references, units and
the contact are printed as the order's options say.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from erp.catalog.models import ProviderCommand, ProviderCommandLine
from erp.core.files import file_content
from erp.core.models import File
from erp.core.pdf import render_pdf
from erp.core.pdf_table import Column, dimensions, item_row
from erp.core.printing import Formats, accent, identity, pairs, rich, roads, unique
from erp.core.scope import current_team
from erp.core.stored_pdf import stored_pdf
from erp.customers.models import CustomerAddress
from erp.various.models import Country

__all__ = ["command_layout", "pdf_of_command"]

Context = dict[str, Any]
Row = dict[str, Any]
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
)
FORMATS = ("currency_position", "number_format_decimals", "number_format_number_thousands", "date_format")
ADDRESS = ("road1", "road2", "road3", "postal_code", "town")


def pdf_of_command(command: ProviderCommand) -> File:
    """The order's PDF: the stored one, else rendered now. Raises PdfFailed, having noted it on the order."""
    same = {"revision": command.revision}
    name, kind = command.reference, "provider_command"
    return stored_pdf(command, lambda: _pdf_bytes(command), name=name, kind=kind, same=same)


def _pdf_bytes(command: ProviderCommand) -> bytes:
    language = settings.LANGUAGE_CODE[:2]
    lines = list(command.contents.select_related("unit", "vat_rate"))
    with override(language):
        html = render_to_string("pdf/document.html", command_layout(command, lines) | {"language": language})
    logo = current_team().logo
    return render_pdf(html, base_assets={str(logo.pk): file_content(logo)} if logo else {})


def command_layout(command: ProviderCommand, lines: Sequence[ProviderCommandLine]) -> Context:
    """What `templates/pdf/document.html` shows of an order, written in the language in force."""
    team = current_team()
    formats = Formats.of({name: team.parameter(name) for name in FORMATS}, _currency(command))
    company = {name: getattr(team, name) for name in TEAM}
    addressee = {"label": _("Supplier"), "lines": _provider(command)}
    return {
        "accent": accent(command.pdf_model.accent_color),
        "draft": command.is_draft,
        "title": pgettext("document title", "Purchase order"),
        "reference": command.reference,
        "subject": command.title,
        "company": team.company_name,
        "logo": str(team.logo_id or ""),
        "sender": unique([*roads(company), team.phone, team.email, team.website]),
        "addressee": addressee,
        "other": {"label": _("Delivery address"), "lines": _destination(command)},
        "meta": _meta(command, formats),
        **_table(command, lines, formats),
        **_amounts(command, formats),
        "comments": rich(command.comments),
        "identity": identity(company, formats, _currency(command)),
    }


def _currency(command: ProviderCommand) -> dict[str, Any]:
    currency = command.currency
    return {"code": currency.code, "symbol": currency.symbol, "decimals": currency.decimals}


# --- Parties --------------------------------------------------------------------------------------


def _provider(command: ProviderCommand) -> list[str]:
    """The supplier's name and its address for invoices."""
    provider = command.provider
    contact = ""
    if command.show_contact and command.contact is not None:
        contact = _("For the attention of %(name)s") % {"name": command.contact}
    address = provider.address_invoice
    return unique([str(provider), contact, *(_lines_of(address) if address else [])])


def _lines_of(address: CustomerAddress | ProviderCommand) -> list[str]:
    return [*roads({name: getattr(address, name) for name in ADDRESS}), _abroad(address.country)]


def _abroad(country: Country | None) -> str:
    """The country as an address names it: only when it is not the team's own."""
    return country.name.upper() if country is not None and country != current_team().country else ""


def _destination(command: ProviderCommand) -> list[str]:
    """Where to deliver: the order's address, else the company's own."""
    team = current_team()
    own = unique(_lines_of(command))
    return unique([team.company_name, *(own if command.town or command.road1 else roads(vars(team)))])


def _meta(command: ProviderCommand, formats: Formats) -> list[dict[str, str]]:
    """The facts under the addresses."""
    provider, currency = command.provider, command.currency
    is_foreign = currency.pk != current_team().parameter("currency")
    return pairs(
        (_("Date"), formats.date(command.date.isoformat())),
        (_("Supplier number"), provider.provider_reference or provider.subcontractor_reference or ""),
        (_("Currency"), currency.code if is_foreign or formats.currency_position == "none" else ""),
    )


# --- Lines and amounts ----------------------------------------------------------------------------


def _table(command: ProviderCommand, lines: Sequence[ProviderCommandLine], formats: Formats) -> Context:
    rows = [item_row(_columns(command, lines, formats), _written(line)) for line in lines]
    return {"groups": [rows], **dimensions(_columns(command, lines, formats), rows)}


def _written(line: ProviderCommandLine) -> Row:
    """A line as the columns read it."""
    return {
        "reference": line.reference,
        "designation": line.designation,
        "quantity": line.quantity,
        "unit": line.unit.label if line.unit else "",
        "unit_price_ht": line.unit_price_ht,
        "rate": line.vat_rate.rate,
        "total_ht": line.total_ht,
    }


def _columns(
    command: ProviderCommand, lines: Sequence[ProviderCommandLine], formats: Formats
) -> list[Column]:
    """The columns that the order's options leave; the VAT rate only where there are several."""
    priced = not command.not_show_price
    shown = {
        "reference": command.show_reference_column and any(line.reference for line in lines),
        "unit": command.show_units and any(line.unit_id for line in lines),
        "unit_price": priced,
        "vat": priced and len({line.vat_rate.rate for line in lines}) > 1,
        "total": priced,
    }
    columns = [
        Column("reference", _("Reference"), lambda line: line["reference"], css="code"),
        Column(
            "designation", _("Description"), lambda line: {"html": rich(line["designation"])}, "designation"
        ),
        Column("quantity", _("Quantity"), lambda line: formats.number(line["quantity"]), css="measure"),
        Column("unit", _("Unit"), lambda line: line["unit"], css="unit"),
        Column("unit_price", _("Unit price excl. VAT"), lambda line: formats.price(line["unit_price_ht"])),
        Column("vat", _("VAT"), lambda line: formats.percent(line["rate"])),
        Column("total", _("Total excl. VAT"), lambda line: formats.amount(line["total_ht"])),
    ]
    return [column for column in columns if shown.get(column.key, True)]


def _amounts(command: ProviderCommand, formats: Formats) -> Context:
    """Totals, and the VAT of each rate; nothing when prices are hidden."""
    if command.not_show_price:
        return {"totals": [], "vat_rows": []}
    totals = (
        ("", _("Total excl. VAT"), command.total_ht),
        ("", _("VAT"), command.total_tva),
        ("grand", _("Total incl. VAT"), command.total_ttc),
    )
    return {
        "totals": [
            {"css": css, "label": label, "value": formats.money(value)} for css, label, value in totals
        ],
        "vat_rows": [
            {"rate": formats.percent(row["rate"])}
            | {side: formats.amount(Decimal(row[side])) for side in ("ht", "tva", "ttc")}
            for row in command.vatrates
        ],
    }
