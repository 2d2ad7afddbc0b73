"""What is sold and bought, and the ledger of its stock (reference: chapter Catalog)."""

from erp.catalog.models.elements import CatalogElement, PriceMode, QuantityMode
from erp.catalog.models.prices import (
    ProductPrice,
    ProductQuantityPrice,
    ProviderReference,
    QuantityPrice,
    ServicePrice,
    ServiceQuantityPrice,
    TypePrice,
)
from erp.catalog.models.products import Product
from erp.catalog.models.purchases import CommandStatus, ProviderCommand, ProviderCommandLine
from erp.catalog.models.services import Service, ServiceProduct
from erp.catalog.models.stock import StockLevel, StockMovement
from erp.catalog.models.variations import LEVELS, ProductVariation, Variation, VariationValue

__all__ = [
    "LEVELS",
    "CatalogElement",
    "CommandStatus",
    "PriceMode",
    "Product",
    "ProductPrice",
    "ProductQuantityPrice",
    "ProductVariation",
    "ProviderCommand",
    "ProviderCommandLine",
    "ProviderReference",
    "QuantityMode",
    "QuantityPrice",
    "Service",
    "ServicePrice",
    "ServiceProduct",
    "ServiceQuantityPrice",
    "StockLevel",
    "StockMovement",
    "TypePrice",
    "Variation",
    "VariationValue",
]
