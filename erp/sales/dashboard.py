"""The first page: what waits for somebody, each number leading to the list behind it."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from erp.core.access import visible
from erp.core.admin.panels import shown_panels, shown_tiles
from erp.core.money import round_half_up
from erp.sales.admin.lists import SELECTIONS
from erp.sales.admin.payments import OPEN, to_pay
from erp.sales.choices import Kind, PaymentStatus
from erp.sales.models import PROXIES, Document
from erp.sales.services.payments import having
from erp.various.figures import in_team_currency, money
from erp.various.services import team_today

__all__ = ["context"]


def context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's DASHBOARD_CALLBACK: adds `tiles`, those of the kinds that the team user may read, and the
    panels of the other chapters.
    """
    actor = getattr(request, "actor", None)
    if actor is not None:
        tiles = _tiles({kind for kind in Kind if actor.level(f"sales-{kind}") >= 1})
        tiles += shown_tiles(request)
        panels = shown_panels(request)
        context |= {"tiles": tiles, "first_steps": _first_steps(request), "panels": panels}
    return context


def _first_steps(request: HttpRequest) -> list[dict[str, Any]]:
    """Buttons for what is done most."""
    steps = (
        (Kind.QUOTATION, _("New quotation"), "request_quote"),
        (Kind.INVOICE, _("New invoice"), "receipt_long"),
    )
    pages = [(_page(kind), label, icon) for kind, label, icon in steps]
    return [
        {"link": page.add_url(), "label": label, "icon": icon}
        for page, label, icon in pages
        if page.has_add_permission(request)
    ]


def _page(kind: Kind) -> Any:
    return admin.site.get_model_admin(PROXIES[kind])


def _tiles(kinds: set[Kind]) -> list[dict[str, Any]]:
    """All tiles, from one query."""
    today = team_today()
    month = today.replace(day=1)
    wanted: dict[str, Q] = {
        "delivered": Q(kind=Kind.DELIVERY) & SELECTIONS["to_bill"][1](),
        "ordered": Q(kind=Kind.COMMAND) & SELECTIONS["to_bill"][1](),
        "chase": Q(kind=Kind.QUOTATION) & SELECTIONS["to_chase"][1](),
        "deliver": Q(kind=Kind.COMMAND) & SELECTIONS["to_deliver"][1](),
        "drafts": Q(kind=Kind.INVOICE, is_draft=True),
        "owed": Q(kind=Kind.INVOICE) & to_pay(),
        "overdue": Q(kind=Kind.INVOICE) & having(PaymentStatus.OVERDUE, today),
    }
    for name, kind in (("sold", Kind.INVOICE), ("credited", Kind.CREDIT)):
        wanted[name] = Q(kind=kind, is_draft=False, date__range=(month, today))
        wanted[f"{name}_before"] = Q(kind=kind, is_draft=False, date__range=_year_before(month, today))
    found = _aggregate(wanted)
    tiles = [*_work_tiles(found), _turnover_tile(found, month, today)]
    return [tile for tile in tiles if tile.pop("kind") in kinds]


def _year_before(first: datetime.date, last: datetime.date) -> tuple[datetime.date, datetime.date]:
    """The same days of the year before; 29 February becomes the 28th."""
    day = 28 if (last.month, last.day) == (2, 29) else last.day
    return first.replace(year=first.year - 1), last.replace(year=last.year - 1, day=day)


#: Which amount a selection sums; the total excluding VAT otherwise.
AMOUNTS = {
    "delivered": "to_bill",
    "ordered": "to_bill",
    "owed": "stay_to_pay",
    "overdue": "stay_to_pay",
}


def _aggregate(wanted: dict[str, Q]) -> dict[str, tuple[int, Decimal]]:
    """Count and amount (in the team's currency) of each selection."""
    queries: dict[str, Any] = {}
    for name, condition in wanted.items():
        total = in_team_currency(AMOUNTS.get(name, "total_ht"), condition)
        queries |= {f"{name}_count": Count("pk", filter=condition), f"{name}_sum": total}
    row = visible(Document).order_by().aggregate(**queries)
    return {name: (row[f"{name}_count"], round_half_up(row[f"{name}_sum"] or Decimal(0))) for name in wanted}


def _work_tiles(found: dict[str, tuple[int, Decimal]]) -> list[dict[str, Any]]:
    rows = (
        ("delivered", Kind.DELIVERY, _("Delivered, not billed"), {"work": "to_bill"}, "local_shipping", True),
        ("ordered", Kind.COMMAND, _("Orders to bill"), {"work": "to_bill"}, "shopping_cart", True),
        ("chase", Kind.QUOTATION, _("Quotations to chase"), {"work": "to_chase"}, "phone_in_talk", True),
        ("deliver", Kind.COMMAND, _("Orders to deliver"), {"work": "to_deliver"}, "inventory", False),
        ("owed", Kind.INVOICE, _("Customers owe"), {"payment": OPEN}, "payments", True),
        ("overdue", Kind.INVOICE, _("Overdue"), {"payment": str(PaymentStatus.OVERDUE.value)}, "alarm", True),
        ("drafts", Kind.INVOICE, _("Draft invoices"), {"is_draft__exact": "1"}, "edit_note", True),
    )
    return [
        _tile(kind, label, query, icon, found[name], is_amount)
        for name, kind, label, query, icon, is_amount in rows
    ]


def _tile(
    kind: Kind, label: str, query: dict[str, str], icon: str, found: tuple[int, Decimal], is_amount: bool
) -> dict[str, Any]:
    count, total = found
    counted = ngettext("%(count)d document", "%(count)d documents", count) % {"count": count}
    return {
        "kind": kind,
        "label": label,
        "icon": icon,
        "value": money(total) if is_amount else count,
        "note": counted,
        "link": f"{_page(kind).list_url()}?{urlencode(query)}",
    }


def _turnover_tile(
    found: dict[str, tuple[int, Decimal]], first: datetime.date, last: datetime.date
) -> dict[str, Any]:
    """What was billed this month less credits, without VAT, beside the same days of last year."""
    now = found["sold"][1] - found["credited"][1]
    before = found["sold_before"][1] - found["credited_before"][1]
    query = {"is_draft__exact": "0", "date_from": first.isoformat(), "date_to": last.isoformat()}
    tile = _tile(Kind.INVOICE, _("Turnover of the month"), query, "trending_up", (0, now), True)
    tile["note"] = _("Same days last year: %(amount)s") % {"amount": money(before)}
    return tile
