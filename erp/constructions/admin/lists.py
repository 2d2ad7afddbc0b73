"""Equipment and technicians, as people see them."""

from __future__ import annotations

from django.contrib import admin

from erp.constructions import services
from erp.constructions.models import (
    Material,
    Technician,
)
from erp.core.access import ListKey
from erp.core.admin import TenantAdmin


@admin.register(Material)
class MaterialAdmin(TenantAdmin):
    """Equipment that worksites need."""

    guard = ListKey()
    menu = ("worksites", 30)
    icon = "construction"
    list_display = ("name", "reference")
    search_fields = ("name", "reference")
    ordering = ("name",)
    fields = (("name", "reference"),)

    def delete_row(self, row: Material) -> None:
        services.delete_material(row)


@admin.register(Technician)
class TechnicianAdmin(TenantAdmin):
    """People who work on site without being users of the team."""

    guard = ListKey()
    menu = ("worksites", 40)
    icon = "engineering"
    list_display = ("name", "email")
    search_fields = ("name", "email")
    ordering = ("name",)
    fields = (("name", "email"),)

    def delete_row(self, row: Technician) -> None:
        services.delete_technician(row)
