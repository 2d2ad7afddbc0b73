"""The printed pages of worksites and planifications, in the template of sales documents."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from erp.constructions.models import Construction, ConstructionContent, Planification
from erp.core.files import file_content
from erp.core.models import File
from erp.core.pdf import render_pdf
from erp.core.pdf_table import Column, dimensions, item_row
from erp.core.printing import Formats, identity, pairs, rich, roads, unique
from erp.core.scope import current_team
from erp.core.stored_pdf import PdfStatus, stored_pdf
from erp.various.models import Currency

__all__ = ["construction_layout", "pdf_of_construction", "pdf_of_planification", "planification_layout"]

Context = dict[str, Any]
Work = Sequence[tuple[ConstructionContent, Decimal]]
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


def pdf_of_construction(row: Construction) -> File:
    """The worksite's page: the stored one, else rendered now. Raises PdfFailed, having noted it."""
    same = {"revision": row.revision}
    return stored_pdf(
        row, lambda: _bytes(construction_layout(row)), name=row.reference, kind="construction", same=same
    )


def pdf_of_planification(row: Planification) -> File:
    """The planification's work order: the stored one, else rendered now; one that shows an older state of the
    worksite is made again. Raises PdfFailed, having noted it."""
    revision, row.pdf_status = row.construction.revision, row.document_status
    # An edit meanwhile changes `updated_at`: what is written here is then not noted on the row.
    same = {"updated_at": row.updated_at}
    file = stored_pdf(
        row, lambda: _bytes(planification_layout(row)), name=row.reference, kind="planification", same=same
    )
    if row.pdf_revision != revision and row.pdf_status == PdfStatus.DONE:
        row.pdf_revision = revision
        Planification.objects.filter(pk=row.pk, **same).update(
            pdf_revision=revision, updated_at=row.updated_at
        )
    return file


def _bytes(layout: Context) -> bytes:
    logo = current_team().logo
    html = layout["html"]
    return render_pdf(html, base_assets={str(logo.pk): file_content(logo)} if logo else {})


def construction_layout(row: Construction) -> Context:
    """The page of a worksite, as HTML under `html`."""
    work = [(content, content.quantity) for content in row.contents.all()]
    return _page(
        row,
        work,
        title=lambda: pgettext("document title", "Worksite"),
        reference=row.reference,
        facts=lambda formats: [
            (_("Hours of work"), formats.number(row.total_duration_hour)),
            (_("Technicians needed"), str(row.nb_people_needed)),
            (_("Status"), row.get_status_display()),
        ],
    )


def planification_layout(row: Planification) -> Context:
    """The work order of a planification, as HTML under `html`."""
    work = [(item.content, item.quantity) for item in row.contents.select_related("content")]
    people = ", ".join(str(link.person) for link in row.technician_links.all())
    return _page(
        row.construction,
        work,
        title=lambda: pgettext("document title", "Work order"),
        reference=row.reference,
        facts=lambda formats: [
            (_("Worksite number"), row.construction.reference),
            (capfirst(_("begin")), _moment(row.begin, formats)),
            (capfirst(_("end")), _moment(row.end, formats)),
            (_("Technicians"), people),
            (_("Hours of work"), formats.number(row.figures["hours"]) if row.figures["hours"] else ""),
        ],
        is_signed=True,
    )


def _moment(value: Any, formats: Formats) -> str:
    """A moment in the team's timezone."""
    local = localtime(value, current_team().timezone)
    return f"{formats.date(local.date().isoformat())} {local:%H:%M}"


def _page(
    row: Construction, work: Work, *, title: Any, reference: str, facts: Any, is_signed: bool = False
) -> Context:
    """A page about a worksite, in the language of the installation."""
    team, language = current_team(), settings.LANGUAGE_CODE[:2]
    with override(language):
        currency = _currency()
        formats = Formats.of({name: team.parameter(name) for name in FORMATS}, currency)
        company = {name: getattr(team, name) for name in TEAM}
        context: Context = {
            "language": language,
            "title": title(),
            "reference": reference,
            "subject": row.title,
            "company": team.company_name,
            "logo": str(team.logo_id or ""),
            "sender": unique([*roads(company), team.phone, team.email, team.website]),
            "addressee": {"label": _("Customer"), "lines": _customer(row)},
            "other": {"label": _("Worksite address"), "lines": unique(row.address_lines)},
            "meta": pairs(*facts(formats)),
            **_table(work, formats),
            "comments": _needs(row, formats),
            "identity": identity(company, formats, currency),
        }
        if is_signed:
            hint = _("Date, name and signature of the customer: the work was done.")
            context["signature"] = {"title": _("Acceptance of the work"), "hint": hint}
        return {**context, "html": render_to_string("pdf/document.html", context)}


def _currency() -> dict[str, Any]:
    currency = Currency.objects.get(pk=current_team().parameter("currency"))
    return {"code": currency.code, "symbol": currency.symbol, "decimals": currency.decimals}


def _customer(row: Construction) -> list[str]:
    """The customer, and whom to call on site."""
    contact, customer = row.contact, row.customer
    reachable = [str(contact), contact.phone or customer.phone] if contact else [customer.phone]
    return unique([str(customer), *reachable])


def _table(work: Work, formats: Formats) -> Context:
    lines = [
        {
            "reference": content.reference,
            "designation": content.designation,
            "quantity": quantity,
            "people": content.number_people_needed,
            "hours": content.hours(quantity),
        }
        for content, quantity in work
    ]
    columns = [
        Column("reference", _("Reference"), lambda line: line["reference"], css="code"),
        Column(
            "designation", _("Description"), lambda line: {"html": rich(line["designation"])}, "designation"
        ),
        Column("quantity", _("Quantity"), lambda line: formats.number(line["quantity"]), css="measure"),
        Column("people", _("Technicians"), lambda line: str(line["people"]), css="measure"),
        Column("hours", _("Hours"), lambda line: formats.number(line["hours"], most=2), css="measure"),
    ]
    if not any(line["reference"] for line in lines):
        columns = columns[1:]
    rows = [item_row(columns, line) for line in lines]
    return {"groups": [rows], **dimensions(columns, rows)}


def _needs(row: Construction, formats: Formats) -> str:
    """What to take along, as HTML."""
    parts = []
    for label, items, name in (
        (_("Products to take along"), row.products.select_related("product"), "product"),
        (_("Equipment to take along"), row.materials.select_related("material"), "material"),
    ):
        texts = [
            f"<li>{formats.number(Decimal(item.quantity))} × {escape(getattr(item, name))}</li>"
            for item in items
        ]
        if texts:
            parts.append(f"<p><strong>{escape(label)}</strong></p><ul>{''.join(texts)}</ul>")
    return "".join(parts)
