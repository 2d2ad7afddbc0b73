"""What can happen to worksites and their planifications."""

from erp.constructions.services.constructions import (
    create_construction,
    delete_construction,
    update_construction,
    why_customer_stays,
)
from erp.constructions.services.lists import delete_material, delete_technician
from erp.constructions.services.pages import pdf_of_construction, pdf_of_planification
from erp.constructions.services.planifications import (
    create_planification,
    delete_planification,
    set_status,
    update_planification,
)

__all__ = [
    "create_construction",
    "create_planification",
    "delete_construction",
    "delete_material",
    "delete_planification",
    "delete_technician",
    "pdf_of_construction",
    "pdf_of_planification",
    "set_status",
    "update_construction",
    "update_planification",
    "why_customer_stays",
]
