"""What rows of the chapter need beyond their fields, and bodies that have rules (see tests/recipes.py)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from erp.catalog.models import Product, ProviderCommand, StockMovement
from erp.catalog.services import create_provider_command, move_by_hand
from erp.customers.models import Customer
from erp.various.models import PdfModel, VatRate


def supplier() -> Customer:
    from tests.factories import make

    row: Customer = make(Customer, is_provider=True)
    return row


def command_body() -> dict[str, Any]:
    line = {"designation": "Screws", "unit_price_ht": "2.00", "quantity": 10, "vat_rate": rate().pk}
    return {"date": "2024-05-17", "customer": supplier().pk, "pdf_model": layout().pk, "contents": [line]}


def make_command(**values: Any) -> ProviderCommand:
    """An order of ten screws."""
    line = {"designation": "Screws", "unit_price_ht": Decimal(2), "quantity": Decimal(10), "vat_rate": rate()}
    return create_provider_command({"provider": supplier(), "contents": [line], **values})


def rate() -> VatRate:
    return VatRate.objects.order_by("-rate").first() or VatRate()


def layout() -> PdfModel:
    return PdfModel.objects.first() or PdfModel()


def a_customer() -> Any:
    from tests.factories import make

    return make(Customer)


RECIPES = {
    "catalog.ProviderCommand": {"provider": supplier},
    "catalog.ProductPrice": {"customer": a_customer},
    "catalog.ServicePrice": {"customer": a_customer},
}


def stocked() -> Product:
    """A product whose stock is managed."""
    from tests.factories import make

    row: Product = make(Product, with_stock=True)
    return row


def make_movement(**values: Any) -> StockMovement:
    """Three more of a product."""
    return move_by_hand(values.pop("product", None) or stocked(), "real", Decimal(3), **values)


BODIES = {
    "/catalog/command": command_body,
    "/catalog/movement": lambda: {"product": stocked().pk, "quantity": "3"},
}
ROWS = {"/catalog/command": make_command, "/catalog/movement": make_movement}
