"""What documents are printed with (reference: Various / PDF models, Sale terms)."""

from __future__ import annotations

from typing import Any

from erp.core.access import Everyone, ListKey
from erp.core.filters import FlagFilter
from erp.core.listing import same
from erp.core.resources import ReadOnlyResource, ResourceViewSet, router
from erp.core.wire import WireSerializer
from erp.various import services
from erp.various.models import PdfModel, SaleTerm

DATES = ("created_at", "updated_at")


class PdfModelSerializer(WireSerializer):
    class Meta:
        model = PdfModel
        fields = (
            "id",
            "label",
            *(f"use_{kind}" for kind in PdfModel.kinds),
            *(f"use_{kind}_default" for kind in PdfModel.kinds),
            *DATES,
        )


class PdfModelViewSet(ReadOnlyResource):
    """Layouts of printed documents; people change them in the admin."""

    serializer_class = PdfModelSerializer
    guard = Everyone()
    sorts = same("label", *DATES)
    searches = same("label")
    filters = {f"use_{kind}": FlagFilter(f"use_{kind}") for kind in PdfModel.kinds}


class SaleTermSerializer(WireSerializer):
    class Meta:
        model = SaleTerm
        fields = ("id", "label", "content", *DATES)


class SaleTermViewSet(ResourceViewSet):
    """General terms of sale."""

    serializer_class = SaleTermSerializer
    guard = ListKey()
    sorts = same("label", *DATES)
    searches = same("label")

    def create_row(self, values: dict[str, Any]) -> SaleTerm:
        return services.save_sale_term(SaleTerm(), values)

    def update_row(self, row: SaleTerm, values: dict[str, Any]) -> SaleTerm:
        return services.save_sale_term(row, values)


router.register("sales/pdf_model", PdfModelViewSet)
router.register("sales/pdf_models", PdfModelViewSet)
router.register("sales/sale_term", SaleTermViewSet)
