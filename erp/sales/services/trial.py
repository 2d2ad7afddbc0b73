"""What saving typed values would compute, without writing anything: live totals of the form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from erp.catalog.models import CatalogElement, ProductVariation
from erp.core.scope import current_team
from erp.customers.models import Customer
from erp.sales.models import PROXIES, Document, Line
from erp.sales.services import drafting
from erp.sales.services.amounts import recompute
from erp.sales.services.lines import build_lines, edited_lines
from erp.sales.services.workflow import printed_lines
from erp.various.services import team_today

__all__ = ["lines_of_elements", "start_values", "trial"]


def start_values(kind: str, customer: Customer | None = None, date: Any = None) -> dict[str, Any]:
    """Attributes of a new document before anything is typed in; while no customer is known, the team's."""
    date = date or team_today()
    values = drafting.defaults_for(kind, customer or Customer(team=current_team()), date) | {"date": date}
    if customer is not None:
        values["payment_methods"] = drafting.default_payment_methods(customer)
    return values


def trial(
    kind: str, values: Mapping[str, Any], document: Document | None = None
) -> tuple[Document, list[Line]]:
    """The document and its lines as these values would make them, unsaved. Raises Invalid with paths.

    `values` as for `create_document` (the customer may be missing) or, with a document, `update_document`.
    """
    known: dict[int, Line] = {}
    customer = None if document is None else document.customer_id
    if document is None:
        document = PROXIES[kind](kind=kind, date=values.get("date") or team_today())
        drafting.start(document, values.get("customer") or Customer(team=current_team()), values)
    else:
        known = {line.affair_content_id: line for line in printed_lines(document)}
        drafting.set_values(document, values)
    lines = edited_lines(document, values.get("contents"), known, customer)
    recompute(document, lines)
    return document, lines


def lines_of_elements(
    document: Document, elements: Sequence[tuple[CatalogElement, ProductVariation | None]]
) -> list[Line]:
    """A line (unsaved) for each element of the catalog, or variation, as the document would take it.

    Each by itself: options do not count for the price of another's quantity.
    """
    rows = [
        {"catalog": element, "variation": variation, "is_option": True} for element, variation in elements
    ]
    return build_lines(document, rows, {})
