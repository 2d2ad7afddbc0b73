"""Equipment and technicians stay while they are needed."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from erp.constructions.models import Construction, Material, Planification, Technician
from erp.core import services as core
from erp.core.errors import Conflict

__all__ = ["delete_material", "delete_technician"]


@transaction.atomic
def delete_material(row: Material) -> None:
    """Delete equipment. Raises Conflict (409) while a worksite that has not ended needs it."""
    needing = Construction.objects.filter(materials__material=row, materials__deleted_at=None)
    if needing.exclude(status=Construction.Status.ENDED).exists():
        raise Conflict(_("Worksites need this equipment: take it off them first."), code="kept")
    core.delete(row)


@transaction.atomic
def delete_technician(row: Technician) -> None:
    """Delete a technician; ended planifications keep naming them. Raises Conflict (409) while they have to go
    somewhere."""
    waiting = Planification.objects.filter(
        technician_links__technician=row, status=Planification.Status.TO_DO
    )
    if waiting.exists():
        text = _("%(technician)s has planifications to do: give them to somebody else first.")
        raise Conflict(text % {"technician": row}, code="kept")
    core.delete(row)
