"""The catalog, as people see it."""

from erp.catalog.admin.products import ProductAdmin, StockMovementAdmin, shown

__all__ = ["ProductAdmin", "StockMovementAdmin", "shown"]
