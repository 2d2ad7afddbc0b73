"""Worksites, planifications, equipment and technicians, as people see them."""

from erp.constructions.admin.constructions import ConstructionAdmin
from erp.constructions.admin.lists import MaterialAdmin, TechnicianAdmin
from erp.constructions.admin.planifications import PlanificationAdmin

__all__ = ["ConstructionAdmin", "MaterialAdmin", "PlanificationAdmin", "TechnicianAdmin"]
