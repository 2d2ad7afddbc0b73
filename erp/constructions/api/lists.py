"""Equipment and technicians, as programs see them."""

from __future__ import annotations

from erp.constructions import services
from erp.constructions.models import (
    Material,
    Technician,
)
from erp.core.access import ListKey
from erp.core.listing import same
from erp.core.resources import ResourceViewSet
from erp.core.wire import WireSerializer

DATES = ("created_at", "updated_at")


class MaterialSerializer(WireSerializer):
    class Meta:
        model = Material
        fields = ("id", "reference", "name", *DATES)


class TechnicianSerializer(WireSerializer):
    class Meta:
        model = Technician
        fields = ("id", "name", "email", *DATES)


class MaterialViewSet(ResourceViewSet):
    """Equipment that worksites need."""

    serializer_class = MaterialSerializer
    guard = ListKey()
    sorts = same("reference", "name", *DATES)
    searches = same("reference", "name")

    def delete_row(self, row: Material) -> None:
        services.delete_material(row)


class TechnicianViewSet(ResourceViewSet):
    """People who work on site without being users of the team."""

    serializer_class = TechnicianSerializer
    guard = ListKey()
    sorts = same("email", "name", *DATES)
    searches = same("email", "name")

    def delete_row(self, row: Technician) -> None:
        services.delete_technician(row)
