"""What follows from a worksite's documents and planifications, worked out for many rows at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q

from erp.core.access import visible
from erp.core.money import round_half_up
from erp.sales.choices import BILLING_STATUSES, ORDER_KINDS, Kind, Status

__all__ = ["conflicts_of", "figures_of", "invoicing_of"]

TO_INVOICE, PARTLY, INVOICED = 1, 2, 3


def invoicing_of(rows: Sequence[Any]) -> Mapping[int, int]:
    """How far the affairs of worksites are billed: 1 not, 2 in part, 3 wholly.

    An affair is billed as its quotations, orders and proforma invoices say; one without any is billed when it
    has an invoice. Cancelled and refused documents do not count. Whoever asks, all documents count.
    """
    from erp.constructions.models import Construction
    from erp.sales.models import Document

    keys = [row.pk for row in rows]
    links = Construction.affairs.through.objects.filter(construction__in=keys)
    affairs_of: dict[int, set[int]] = defaultdict(set)
    for construction, affair in links.values_list("construction", "affair"):
        affairs_of[construction].add(affair)
    counted = Document.objects.filter(
        affair__in=set().union(*affairs_of.values()), kind__in=(*ORDER_KINDS, Kind.INVOICE)
    ).exclude(status__in=(Status.REFUSED, Status.CANCELLED))
    seen: dict[int, set[int]] = defaultdict(set)
    for affair, kind, status in counted.order_by().values_list("affair", "kind", "status").distinct():
        seen[affair].add(_mark(kind, status))
    states = {affair: _state(marks) for affair, marks in seen.items()}
    return {
        key: _together([states.get(affair, TO_INVOICE) for affair in affairs_of.get(key, ())]) for key in keys
    }


#: What a document says of its affair: an offer that is billed, in part, or not, or just an invoice.
_BILLED, _PARTLY, _OPEN, _INVOICE = range(4)


def _mark(kind: str, status: int) -> int:
    if kind == Kind.INVOICE:
        return _INVOICE
    return _BILLED if status == Status.BILLED else _PARTLY if status in BILLING_STATUSES else _OPEN


def _state(marks: set[int]) -> int:
    if _BILLED in marks or marks == {_INVOICE}:
        return INVOICED
    return PARTLY if marks & {_PARTLY, _INVOICE} else TO_INVOICE


def _together(states: Sequence[int]) -> int:
    if not states or set(states) == {TO_INVOICE}:
        return TO_INVOICE
    return INVOICED if set(states) == {INVOICED} else PARTLY


def figures_of(rows: Sequence[Any]) -> Mapping[int, Mapping[str, Any]]:
    """Hours of work and technicians needed of planifications, and the revision of their worksite."""
    from erp.constructions.models import Construction, PlanificationContent

    constructions = {row.construction_id for row in rows}
    known = Construction.all_objects.filter(pk__in=constructions).order_by()
    revisions = dict(known.values_list("pk", "revision"))
    hours: dict[int, Decimal] = defaultdict(Decimal)
    people: dict[int, int] = defaultdict(int)
    planned = PlanificationContent.objects.filter(planification__in=[row.pk for row in rows])
    for item in planned.select_related("content").order_by():
        hours[item.planification_id] += item.content.hours(item.quantity)
        needed = item.content.number_people_needed
        people[item.planification_id] = max(people[item.planification_id], needed)
    return {
        row.pk: {
            "hours": round_half_up(hours[row.pk], 2),
            "people": people[row.pk],
            "revision": revisions.get(row.construction_id, 0),
        }
        for row in rows
    }


def conflicts_of(rows: Sequence[Any]) -> Mapping[int, list[dict[str, Any]]]:
    """Where technicians of planifications are elsewhere at the same time, by the planifications' ids.

    Each conflict has `link` (the other planification's link to the person), `other` (that planification) and
    `is_seen` (whether the actor may see it).
    """
    from erp.constructions.models import Planification, PlanificationTechnician

    keys = [row.pk for row in rows]
    mine = PlanificationTechnician.objects.filter(planification__in=keys, planification__deleted_at=None)
    same = Q(team_user=OuterRef("team_user")) | Q(technician=OuterRef("technician"))
    overlapping = mine.filter(
        same,
        planification__begin__lt=OuterRef("planification__end"),
        planification__end__gt=OuterRef("planification__begin"),
    ).exclude(planification=OuterRef("planification"))
    links = list(mine)
    others = list(
        PlanificationTechnician.objects.filter(Exists(overlapping), planification__deleted_at=None)
        .select_related("planification", "team_user__user", "technician")
        .order_by("planification__begin", "pk")
    )
    there = {link.planification_id for link in others}
    seen = set(visible(Planification).filter(pk__in=there).values_list("pk", flat=True))
    by_person: dict[tuple[Any, Any], list[Any]] = defaultdict(list)
    for link in others:
        by_person[link.team_user_id, link.technician_id].append(link)
    spans = {row.pk: (row.begin, row.end) for row in rows}
    found: dict[int, list[dict[str, Any]]] = {key: [] for key in keys}
    for link in links:
        begin, end = spans[link.planification_id]
        for other in by_person.get((link.team_user_id, link.technician_id), ()):
            elsewhere = other.planification
            if elsewhere.pk != link.planification_id and elsewhere.begin < end and elsewhere.end > begin:
                item = {"link": other, "other": elsewhere, "is_seen": elsewhere.pk in seen}
                found[link.planification_id].append(item)
    return found
