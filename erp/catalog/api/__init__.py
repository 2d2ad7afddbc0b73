"""The catalog, as programs see it (reference: chapter Catalog)."""

from erp.catalog.api.links import CatalogElementOf, CatalogLink, ProvidersOf, with_catalog
from erp.catalog.api.products import ProductSerializer, ProductViewSet
from erp.catalog.api.purchases import ProviderCommandSerializer, ProviderCommandViewSet
from erp.catalog.api.services import ServiceSerializer, ServiceViewSet
from erp.catalog.api.stock import StockMovementSerializer, StockMovementViewSet
from erp.catalog.api.variations import ProductVariationSerializer, VariationSerializer, VariationViewSet

__all__ = [
    "CatalogElementOf",
    "CatalogLink",
    "ProductSerializer",
    "ProductVariationSerializer",
    "ProductViewSet",
    "ProviderCommandSerializer",
    "ProviderCommandViewSet",
    "ProvidersOf",
    "ServiceSerializer",
    "ServiceViewSet",
    "StockMovementSerializer",
    "StockMovementViewSet",
    "VariationSerializer",
    "VariationViewSet",
    "with_catalog",
]
