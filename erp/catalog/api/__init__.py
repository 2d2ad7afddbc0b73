"""The catalog, as programs see it (reference: chapter Catalog)."""

from erp.catalog.api.products import ProductSerializer, ProductViewSet
from erp.catalog.api.services import ServiceSerializer, ServiceViewSet

__all__ = ["ProductSerializer", "ProductViewSet", "ServiceSerializer", "ServiceViewSet"]
