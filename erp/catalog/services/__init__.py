"""What can happen in the catalog: the API, the admin, documents and connectors call these.

- `products`, `services`: what is sold; `elements`: what both share (references, prices)
- `needs`: the products that services use up
- `stock`: the ledger; `thresholds`: who is told of it, `audit`: whether sums are right
"""

from erp.catalog.services.audit import Drift, stock_drifts
from erp.catalog.services.elements import list_row
from erp.catalog.services.needs import needs_of
from erp.catalog.services.prices import CustomPrices
from erp.catalog.services.products import create_product, update_product
from erp.catalog.services.services import average_hourly_cost, create_service, update_service
from erp.catalog.services.stock import (
    SUMS,
    THRESHOLDS,
    Key,
    Move,
    adjust_stock,
    apply_movements,
    move_by_hand,
    reverse_movements,
    sees_stock,
    settle,
    stock_level,
)
from erp.catalog.services.variations import create_variation, update_variation

__all__ = [
    "SUMS",
    "THRESHOLDS",
    "CustomPrices",
    "Drift",
    "Key",
    "Move",
    "adjust_stock",
    "apply_movements",
    "average_hourly_cost",
    "create_product",
    "create_service",
    "create_variation",
    "list_row",
    "move_by_hand",
    "needs_of",
    "reverse_movements",
    "sees_stock",
    "settle",
    "stock_drifts",
    "stock_level",
    "update_product",
    "update_service",
    "update_variation",
]
