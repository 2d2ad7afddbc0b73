"""Planifications: who works when on a worksite, and on what. Never more is planned than there is to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from erp.constructions.models import (
    Construction,
    ConstructionContent,
    Planification,
    PlanificationContent,
    PlanificationTechnician,
    Technician,
)
from erp.constructions.services.sharing import lock, planned, refresh, take_all
from erp.constructions.tasks import enqueue_planification_pdf
from erp.core import services as core
from erp.core.errors import Invalid
from erp.core.numbering import declare, take_unused
from erp.core.stored_pdf import PdfStatus
from erp.various.services import team_today
from tenants.models import TeamUser

__all__ = ["create_planification", "delete_planification", "set_status", "update_planification"]

SERIES = declare("planification", "INT")


@transaction.atomic
def create_planification(values: Mapping[str, Any]) -> Planification:
    """A new planification of `construction`, numbered, with `technicians`: team users whose role is
    technical, technicians of the list.

    `contents` are rows {"content", "quantity"}: without a quantity, what is left. They tell the worksite when
    `construction` does not. Without any, or with `all_contents`, all that is left of every content is
    planned. Raises Invalid (422), saying what is left.
    """
    values = dict(values)
    construction = values.pop("construction", None) or _worksite(values)
    if not values.get("technicians"):
        raise core.missing("technicians")
    locked = lock(construction)
    reference = take_unused(SERIES, team_today(), Planification.all_objects.all()).reference
    row = Planification(construction=locked, reference=reference)
    return _save(row, values)


def _worksite(values: Mapping[str, Any]) -> Construction:
    """The worksite of the contents to plan, which a body of the reference gives alone."""
    if contents := values.get("contents"):
        worksite: Construction = contents[0]["content"].construction
        return worksite
    raise core.missing("construction", *(() if values.get("all_contents") else ("contents",)))


@transaction.atomic
def update_planification(row: Planification, values: Mapping[str, Any]) -> Planification:
    """Change a planification, which stays on its worksite. Raises Invalid (422), saying what is left."""
    values = dict(values)
    construction = values.pop("construction", None)
    if construction is not None and construction.pk != row.construction_id:
        text = _("A planification stays on its worksite: delete it and plan on the other one.")
        raise Invalid({"construction": text})
    if "technicians" in values and not values["technicians"]:
        raise Invalid({"technicians": _("Somebody has to go: name at least one technician.")})
    row.construction = lock(row.construction)
    return _save(row, values)


@transaction.atomic
def set_status(row: Planification, status: int) -> Planification:
    """To do again, or ended."""
    return update_planification(row, {"status": status})


@transaction.atomic
def delete_planification(row: Planification) -> None:
    """Delete a planification: what it planned is left to plan again."""
    construction = lock(row.construction)
    PlanificationContent.objects.filter(planification=row).hard_delete()
    core.delete(row)
    refresh(construction)


def _save(row: Planification, values: dict[str, Any]) -> Planification:
    is_new, construction = row._state.adding, row.construction
    technicians, contents = values.pop("technicians", None), values.pop("contents", None)
    all_contents = values.pop("all_contents", None)
    if all_contents and contents:
        raise Invalid({"contents": _("Plan all contents, or name some: not both.")})
    for name, value in values.items():
        if value is not None:
            setattr(row, name, value)
    changes_share = is_new or contents is not None or all_contents is not None
    if changes_share:
        row.all_contents = bool(all_contents) or (all_contents is None and not contents)
        if not row.all_contents and not contents and (is_new or contents is not None):
            raise core.missing("contents")
    row.pdf_status, row.pdf_file = PdfStatus.WAIT, None
    core.save(row, {})
    if technicians is not None:
        _set_technicians(row, technicians)
    if changes_share and row.all_contents:
        _take_all(construction, row)
    elif contents is not None:
        _take(construction, row, contents)
    refresh(construction)
    enqueue_planification_pdf(row)
    row.__dict__.pop("_prefetched_objects_cache", None)
    Planification.figures.forget(row)
    Planification.conflicts.forget(row)
    return row


def _take_all(construction: Construction, row: Planification) -> None:
    is_empty = not ConstructionContent.objects.filter(construction=construction).exists()
    if not take_all(construction, row) and not is_empty:
        text = _("Nothing is left to plan on the worksite %(construction)s.")
        raise Invalid({"all_contents": text % {"construction": construction}}, code="nothing_left")


def _take(construction: Construction, row: Planification, contents: Sequence[Mapping[str, Any]]) -> None:
    """Plan quantities of some contents, instead of those planned before."""
    others = planned(construction, planification=row)
    # Read again under the worksite's lock: the rows of the body were read before it.
    known = ConstructionContent.objects.filter(construction=construction).in_bulk()
    rows: dict[int, PlanificationContent] = {}
    errors: dict[str, str] = {}
    for number, values in enumerate(contents):
        content = known.get(values["content"].pk)
        if content is None:
            text = _("This is no content of the worksite %(construction)s.")
            errors[f"contents.{number}.content"] = text % {"construction": construction}
            continue
        if content.pk in rows:
            errors[f"contents.{number}.content"] = _("This element is named twice.")
            continue
        left = content.quantity - others[content.pk]
        quantity = values.get("quantity")
        quantity = left if quantity is None else quantity
        if quantity > left or left <= 0:
            errors[f"contents.{number}.quantity"] = _left(content, max(left, Decimal(0)))
        rows[content.pk] = PlanificationContent(planification=row, content=content, quantity=quantity)
    if errors:
        raise Invalid(errors, code="beyond_rest")
    PlanificationContent.objects.filter(planification=row).hard_delete()
    PlanificationContent.objects.bulk_create(
        core.validated(item, constraints=False) for item in rows.values()
    )


def _left(content: ConstructionContent, left: Decimal) -> str:
    if not left:
        return _("Nothing is left to plan of “%(content)s”.") % {"content": content}
    words = {"left": f"{left.normalize():f}", "content": content}
    return _("Only %(left)s of “%(content)s” are left to plan.") % words


def _set_technicians(row: Planification, people: Sequence[TeamUser | Technician]) -> None:
    """Make the technicians those given. Raises Invalid (422) for users whose role is another."""
    present = {
        (link.team_user_id, link.technician_id): link
        for link in PlanificationTechnician.objects.filter(planification=row)
    }
    wanted: dict[tuple[int | None, int | None], PlanificationTechnician] = {}
    for number, person in enumerate(people):
        is_user = isinstance(person, TeamUser)
        key = (person.pk, None) if is_user else (None, person.pk)
        if isinstance(person, TeamUser) and key not in present and "technical" not in person.roles:
            text = _("%(user)s is no technician: give this user the technical role first.")
            raise Invalid({f"technicians.{number}.id": text % {"user": person}})
        link = PlanificationTechnician(planification=row, team_user_id=key[0], technician_id=key[1])
        wanted.setdefault(key, link)
    gone = [link.pk for key, link in present.items() if key not in wanted]
    PlanificationTechnician.objects.filter(pk__in=gone).hard_delete()
    PlanificationTechnician.objects.bulk_create(link for key, link in wanted.items() if key not in present)
