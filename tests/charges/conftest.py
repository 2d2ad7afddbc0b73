"""What tests of charges start from: a supplier, VAT rates, short ways to make charges and payments."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from erp.charges.models import Charge
from erp.charges.services import SETTLEMENT, create_charge
from erp.customers.models import Customer
from erp.various.models import PaymentMethod, VatRate
from tests.factories import make

DAY = datetime.date(2024, 5, 17)


@pytest.fixture
def supplier(scope) -> Customer:
    return make(Customer, is_provider=True, company_name="Point P")


@pytest.fixture
def rates(scope) -> dict[str, VatRate]:
    """The team's VAT rates by their value: rates["20"], rates["5.5"]."""
    return {f"{rate.rate.normalize():f}": rate for rate in VatRate.objects.order_by("-pk")}


@pytest.fixture
def method(scope) -> PaymentMethod:
    return PaymentMethod.objects.first()


@pytest.fixture
def charge(supplier, rates):
    """charge("100"), charge("100", type=2): a charge, or a credit, of that much without VAT, at 20 %."""

    def charge(price: str = "100", **values: Any) -> Charge:
        line = {
            "designation": "Placo",
            "unit_price_ht": Decimal(price),
            "quantity": Decimal(1),
            "vat_rate": rates["20"],
        }
        return create_charge({"date": DAY, "customer": supplier, "contents": [line], **values})

    return charge


@pytest.fixture
def pay(method):
    """pay((charge, "50"), …, amount="80"): a payment of charges."""

    def pay(*rows: Any, **values: Any) -> Any:
        given = [{"id": charge, "amount": Decimal(amount)} for charge, amount in rows]
        return SETTLEMENT.create({"date": DAY, "payment_method": method, "charges": given, **values})

    return pay


def fresh(row: Any) -> Any:
    """The row as it is in the database now."""
    return type(row).all_objects.get(pk=row.pk)


def state(charge: Charge) -> tuple[Decimal, Decimal, int]:
    """(already paid, stay to pay, status) of a charge now."""
    now = fresh(charge)
    return now.already_paid, now.stay_to_pay, now.status
