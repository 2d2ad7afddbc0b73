"""What rows of the chapter need beyond their fields (see tests/recipes.py)."""

from typing import Any

from erp.customers.models import Customer


def a_customer() -> Any:
    from tests.factories import make

    return make(Customer)


RECIPES = {
    "catalog.ProductPrice": {"customer": a_customer},
    "catalog.ServicePrice": {"customer": a_customer},
}
