"""Worksites, what is done on them, by whom and when (reference: chapter Constructions)."""

from erp.constructions.models.constructions import (
    Construction,
    ConstructionContent,
    ConstructionMaterial,
    ConstructionProduct,
)
from erp.constructions.models.lists import Material, Technician
from erp.constructions.models.planifications import (
    Planification,
    PlanificationContent,
    PlanificationTechnician,
)

__all__ = [
    "Construction",
    "ConstructionContent",
    "ConstructionMaterial",
    "ConstructionProduct",
    "Material",
    "Planification",
    "PlanificationContent",
    "PlanificationTechnician",
    "Technician",
]
