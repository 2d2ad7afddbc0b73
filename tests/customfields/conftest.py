"""Custom fields to work with, and customers to put their values on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import translation

from erp.customers.models import Customer, CustomerType
from erp.customfields import services
from erp.customfields.models import CustomField
from tenants.models import Team

OPTIONS = ["Red", "Green", "Blue"]


@pytest.fixture(autouse=True)
def english(settings: Any) -> Iterator[None]:
    """Sentences are asserted in their source language."""
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def field(scope: Team) -> Callable[..., CustomField]:
    """`field("date")`: a new custom field of customers."""

    def make_field(kind: str, **values: Any) -> CustomField:
        options = {"options": OPTIONS} if kind in ("checkbox", "radio", "select") else {}
        return services.create_field(
            {"label": f"Our {kind}", "type": kind, "usage": ["customer"], **options, **values}
        )

    return make_field


@pytest.fixture
def company(scope: Team) -> Callable[..., Customer]:
    """`company("Dupont")`: a new customer that is a company."""
    from erp.customers.services import create_customer

    kind = CustomerType.objects.create(label="Test company", is_company=True)

    def make_company(name: str = "Dupont", **values: Any) -> Customer:
        return create_customer({"type": kind, "company_name": name, **values})

    return make_company
