"""How the contents of a worksite are shared among its planifications.

Whoever changes either locks the worksite first (`lock`). Planifications of all contents that are still to do
take what the others leave, and give way when there is less to do; the others keep what was planned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from erp.constructions.models import Construction, ConstructionContent, Planification, PlanificationContent
from erp.constructions.tasks import enqueue_construction_pdf
from erp.core.errors import Conflict
from erp.core.money import round_half_up
from erp.core.stored_pdf import PdfStatus

__all__ = ["flexible", "lock", "planned", "refresh", "share_again"]

Status = Construction.Status
ZERO = Decimal(0)


def lock(construction: Construction) -> Construction:
    """Lock a worksite until the end of the transaction; answers it as it is now.

    Raises Conflict (409) when it was deleted meanwhile.
    """
    fresh = Construction.objects.select_for_update(of=("self",)).filter(pk=construction.pk).order_by().first()
    if fresh is None:
        raise Conflict(_("This worksite was deleted meanwhile."), code="deleted")
    return fresh


def planned(construction: Construction, **but: Any) -> Mapping[int, Decimal]:
    """What planifications plan of each content, by its id; `but` excludes some of what is planned."""
    rows = PlanificationContent.objects.filter(
        content__construction=construction, planification__deleted_at=None
    ).exclude(**but)
    sums = rows.order_by().values_list("content").annotate(total=Sum("quantity"))
    return defaultdict(Decimal, {key: round_half_up(total, 5) for key, total in sums})


def flexible(construction: Construction) -> list[Planification]:
    """Its planifications that take what others leave, the oldest first."""
    rows = Planification.objects.filter(
        construction=construction, all_contents=True, status=Planification.Status.TO_DO
    )
    return list(rows.order_by("pk"))


def share_again(construction: Construction) -> None:
    """Give the planifications of all contents what others leave of the contents as they are now."""
    takers = flexible(construction)
    PlanificationContent.objects.filter(planification__in=takers).hard_delete()
    if takers:
        take_all(construction, takers[0])


def take_all(construction: Construction, planification: Planification) -> int:
    """Plan what is left of every content in this planification; answers of how many contents."""
    others = planned(construction, planification=planification)
    contents = ConstructionContent.objects.filter(construction=construction)
    rows = [
        PlanificationContent(planification=planification, content=content, quantity=left)
        for content in contents
        if (left := content.quantity - others[content.pk]) > 0
    ]
    PlanificationContent.objects.filter(planification=planification).hard_delete()
    PlanificationContent.objects.bulk_create(rows)
    return len(rows)


def refresh(construction: Construction) -> None:
    """Write what follows from contents and planifications: planned quantities, totals, status, revision."""
    contents = list(ConstructionContent.objects.filter(construction=construction))
    sums = planned(construction)
    changed = [row for row in contents if row.planified_quantity != sums[row.pk]]
    for row in changed:
        row.planified_quantity = sums[row.pk]
    ConstructionContent.objects.bulk_update(changed, ["planified_quantity"])
    construction.total_duration_hour = sum((row.total_duration_hour for row in contents), ZERO)
    construction.nb_people_needed = max((row.number_people_needed for row in contents), default=0)
    before, construction.status = construction.status, _status(construction, contents)
    construction.revision += 1
    if construction.status != before:  # its page says so
        construction.pdf_status, construction.pdf_file = PdfStatus.WAIT, None
    construction.save()
    if construction.pdf_status == PdfStatus.WAIT:
        enqueue_construction_pdf(construction)
    construction.__dict__.pop("_prefetched_objects_cache", None)


def _status(construction: Construction, contents: list[ConstructionContent]) -> int:
    rows = Planification.objects.filter(construction=construction)
    statuses = set(rows.order_by().values_list("status", flat=True))
    if not statuses:
        return Status.TO_PLAN
    if any(row.stay_to_planify for row in contents):
        return Status.PARTLY
    return Status.ENDED if statuses == {Planification.Status.ENDED} else Status.PLANNED
