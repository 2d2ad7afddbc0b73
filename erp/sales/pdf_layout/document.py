"""The whole page."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.translation import override

from erp.core.printing import accent, rich
from erp.sales.pdf_layout.foot import company_identity, mentions, payment, sale_term, signature
from erp.sales.pdf_layout.head import facts, heading, parties
from erp.sales.pdf_layout.lines import table
from erp.sales.pdf_layout.page import Context, Page, Snapshot
from erp.sales.pdf_layout.totals import totals, vat_rows


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
        page = Page.of(snapshot)
        return {
            "language": language,
            "accent": accent(page.text("accent_color")),
            "draft": bool(snapshot.get("is_draft")),
            **heading(page),
            **parties(page),
            "meta": facts(page),
            **table(page),
            "vat_rows": vat_rows(page),
            "totals": totals(page),
            "comments": rich(snapshot.get("comments")),
            "payment": payment(page),
            "mentions": mentions(page),
            "signature": signature(page),
            "sale_term": sale_term(page),
            "identity": company_identity(page),
        }
