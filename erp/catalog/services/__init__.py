"""What can happen in the catalog: the API, the admin, documents and connectors call these.

- `products`, `services`: what is sold; `elements`: what both share (references, prices)
- `needs`: the products that services use up
- `purchases`: orders to suppliers; `ordering`: their lines, `arrivals`: what arrived, `command_pdf`: the page
- `ledger`: movements of stock and their sums; `thresholds`: who is told of them, `audit`: whether sums are
  right; `stock`: counting and moving by hand, `corrections`: undoing what was entered by mistake
"""

from erp.catalog.services.audit import Drift, stock_drifts
from erp.catalog.services.command_pdf import pdf_of_command
from erp.catalog.services.corrections import REVERSIBLE, reverse_movement, why_not_reversed
from erp.catalog.services.elements import list_row
from erp.catalog.services.ledger import SUMS, Key, Move, apply_movements, settle
from erp.catalog.services.needs import needs_of
from erp.catalog.services.prices import CustomPrices
from erp.catalog.services.products import create_product, update_product
from erp.catalog.services.purchases import (
    create_provider_command,
    delete_provider_command,
    receive,
    starting_values,
    update_provider_command,
    why_provider_stays,
)
from erp.catalog.services.services import average_hourly_cost, create_service, update_service
from erp.catalog.services.stock import (
    THRESHOLDS,
    adjust_stock,
    move_by_hand,
    sees_stock,
    stock_level,
)
from erp.catalog.services.variations import counted_variations, create_variation, update_variation

__all__ = [
    "REVERSIBLE",
    "SUMS",
    "THRESHOLDS",
    "CustomPrices",
    "Drift",
    "Key",
    "Move",
    "adjust_stock",
    "apply_movements",
    "average_hourly_cost",
    "counted_variations",
    "create_product",
    "create_provider_command",
    "create_service",
    "create_variation",
    "delete_provider_command",
    "list_row",
    "move_by_hand",
    "needs_of",
    "pdf_of_command",
    "receive",
    "reverse_movement",
    "sees_stock",
    "settle",
    "starting_values",
    "stock_drifts",
    "stock_level",
    "update_product",
    "update_provider_command",
    "update_service",
    "update_variation",
    "why_not_reversed",
    "why_provider_stays",
]
