"""The catalog, as people see it."""

from erp.catalog.admin.figures import shown
from erp.catalog.admin.products import ProductAdmin
from erp.catalog.admin.purchases import ProviderCommandAdmin
from erp.catalog.admin.services import ServiceAdmin
from erp.catalog.admin.stock import StockMovementAdmin
from erp.catalog.admin.variations import VariationAdmin

__all__ = [
    "ProductAdmin",
    "ProviderCommandAdmin",
    "ServiceAdmin",
    "StockMovementAdmin",
    "VariationAdmin",
    "shown",
]
