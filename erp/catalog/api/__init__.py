"""The catalog, as programs see it (reference: chapter Catalog)."""

from erp.catalog.api.links import CatalogElementOf, CatalogLink, with_catalog
from erp.catalog.api.products import ProductSerializer, ProductViewSet
from erp.catalog.api.services import ServiceSerializer, ServiceViewSet

__all__ = [
    "CatalogElementOf",
    "CatalogLink",
    "ProductSerializer",
    "ProductViewSet",
    "ServiceSerializer",
    "ServiceViewSet",
    "with_catalog",
]
