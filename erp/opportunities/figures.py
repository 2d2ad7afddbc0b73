"""What an opportunity is worth by its documents: turnovers, costs and margins, worked out for many at once.

Amounts are without VAT, in the team's currency. Costs are those that the margin is left by: goods, various
costs and work. Documents count unless they were cancelled; an invoice that a
credit cancelled still counts, as its credit does. Drafts of invoices and credits do not: they may still
change. `quotation_valid_*` are of quotations that were validated and not refused; `sales_*` are invoices less
credits. Only documents that the actor may see count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Case, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from erp.core.access import visible
from erp.core.money import round_half_up
from erp.sales.choices import SEALED_KINDS, Kind, Status
from erp.sales.models import Document

__all__ = ["FIGURES", "KINDS", "figure", "figures_of"]

AMOUNTS = {"ca": "total_ht", "margin": "gross_margin_amount", "costs": "total_charge"}
KINDS = ("quotation", "quotation_valid", "command", "proforma", "delivery", "invoice", "credit", "sales")
#: Every figure, in the reference's order.
FIGURES = tuple(f"{kind}_{amount}" for kind in KINDS for amount in AMOUNTS)

COUNTED = ~Q(status=Status.CANCELLED) | Q(kind__in=SEALED_KINDS)
FINAL = Q(kind__in=SEALED_KINDS, is_draft=False) | ~Q(kind__in=SEALED_KINDS)
VALID = Q(kind=Kind.QUOTATION, is_draft=False) & ~Q(status__in=(Status.REFUSED, Status.CANCELLED))
#: Which documents a figure is about.
CONDITIONS: dict[str, Q] = {
    **{kind: Q(kind=kind) for kind in ("quotation", "command", "proforma", "delivery", "invoice", "credit")},
    "quotation_valid": VALID,
    "sales": Q(kind__in=(Kind.INVOICE, Kind.CREDIT)),
}
MONEY: DecimalField[Any, Any] = DecimalField(max_digits=20, decimal_places=7)
ZERO = Value(Decimal(0), output_field=MONEY)


def counted() -> QuerySet[Any]:
    """The documents that figures are made of."""
    return visible(Document).filter(COUNTED & FINAL)


def figure_sum(name: str) -> Any:
    """The aggregate of documents that is one figure."""
    kind, _underscore, amount = name.rpartition("_")
    own: Any = F(AMOUNTS[amount]) * F("exchange_rate")
    if kind == "sales":
        own = Case(When(kind=Kind.CREDIT, then=-own), default=own, output_field=MONEY)
    total = Sum(own, filter=CONDITIONS[kind], output_field=MONEY)
    return Coalesce(total, ZERO, output_field=MONEY)


def figure(name: str) -> Any:
    """A figure as an expression of opportunities, to sort by."""
    rows = counted().filter(affair__opportunities=OuterRef("pk")).order_by()
    value = rows.values("affair__opportunities").annotate(value=figure_sum(name)).values("value")
    return Coalesce(Subquery(value, output_field=MONEY), ZERO, output_field=MONEY)


def figures_of(rows: Sequence[Any]) -> Mapping[int, Mapping[str, Decimal]]:
    """The figures of opportunities by their ids; one query."""
    keys = [row.pk for row in rows]
    sums = {name: figure_sum(name) for name in FIGURES}
    found = counted().filter(affair__opportunities__in=keys).order_by()
    grouped = found.values("affair__opportunities").annotate(**sums)
    none = dict.fromkeys(FIGURES, Decimal(0))
    found_of = {row.pop("affair__opportunities"): row for row in grouped}
    return dict.fromkeys(keys, none) | {
        key: {name: round_half_up(value, 2) for name, value in row.items()} for key, row in found_of.items()
    }
