"""What the tests that walk everything cannot guess of charges (see tests/recipes.py)."""

from __future__ import annotations

from typing import Any

from erp.customers.models import Customer
from erp.various.models import PaymentMethod, VatRate


def make(model: Any, **values: Any) -> Any:
    """A row of the factories, which read this module first."""
    from tests import factories

    return factories.make(model, **values)


def charge_body() -> dict[str, Any]:
    """A charge of a supplier."""
    line = {"designation": "Printer cartridge", "unit_price_ht": 100, "quantity": 1}
    return {
        "date": "2024-05-17",
        "customer": make(Customer, is_provider=True).pk,
        "contents": [{**line, "vat_rate": make(VatRate, rate=20).pk}],
    }


def payment_body(name: str) -> dict[str, Any]:
    """Money that pays nothing yet."""
    return {
        "date": "2024-05-17",
        "customer": make(Customer, is_provider=True).pk,
        "payment_method": make(PaymentMethod).pk,
        name: [{"amount": 50}],
    }


RECIPES = {
    "charges.Charge": {"customer": lambda: make(Customer, is_provider=True)},
}
BODIES = {
    "/charge": charge_body,
    "/charge/payment": lambda: payment_body("charges"),
    "/sales/payment": lambda: payment_body("invoices"),
}
