"""The catalog, as programs see it (reference: chapter Catalog)."""

from erp.catalog.api.products import ProductSerializer, ProductViewSet

__all__ = ["ProductSerializer", "ProductViewSet"]
