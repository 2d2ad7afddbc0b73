"""Worksites, planifications, equipment and technicians, as programs see them (reference: Constructions)."""

from erp.constructions.api.constructions import ConstructionSerializer, ConstructionViewSet
from erp.constructions.api.lists import (
    MaterialSerializer,
    MaterialViewSet,
    TechnicianSerializer,
    TechnicianViewSet,
)
from erp.constructions.api.planifications import PlanificationSerializer, PlanificationViewSet
from erp.core.resources import router

__all__ = [
    "ConstructionSerializer",
    "ConstructionViewSet",
    "MaterialSerializer",
    "MaterialViewSet",
    "PlanificationSerializer",
    "PlanificationViewSet",
    "TechnicianSerializer",
    "TechnicianViewSet",
]

router.register("construction/material", MaterialViewSet)
router.register("construction/technician", TechnicianViewSet)
router.register("construction/technicians", TechnicianViewSet, basename="construction-technicians")
router.register("construction/planification", PlanificationViewSet)
# Last: its paths would take the words above for ids.
router.register("construction", ConstructionViewSet)
