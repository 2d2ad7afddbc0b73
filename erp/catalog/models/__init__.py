"""What is sold and bought, and the ledger of its stock (reference: chapter Catalog)."""

from erp.catalog.models.elements import CatalogElement
from erp.catalog.models.products import Product
from erp.catalog.models.services import Service, ServiceProduct
from erp.catalog.models.stock import StockLevel, StockMovement

__all__ = ["CatalogElement", "Product", "Service", "ServiceProduct", "StockLevel", "StockMovement"]
