"""Customers to work with: a company, a person, a sole trader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from erp.customers import services
from erp.customers.models import Contact, Customer, CustomerType
from tenants.models import Team

FRANCE, BELGIUM = 67, 20


@pytest.fixture(autouse=True)
def _english(english: None) -> None:
    """Sentences are asserted in their source language."""


@pytest.fixture
def company_type(scope: Team) -> CustomerType:
    return CustomerType.objects.create(label="Test company", is_company=True)


@pytest.fixture
def person_type(scope: Team) -> CustomerType:
    return CustomerType.objects.create(label="Test person", is_person=True)


@pytest.fixture
def trader_type(scope: Team) -> CustomerType:
    return CustomerType.objects.create(label="Test trader", is_company=True, is_person=True)


@pytest.fixture
def company(company_type: CustomerType) -> Callable[..., Customer]:
    """A factory: company("Acier SA", is_provider=True)."""

    def make(name: str = "Acier SA", **values: Any) -> Customer:
        return services.create_customer({"type": company_type, "company_name": name, **values})

    return make


@pytest.fixture
def person(person_type: CustomerType) -> Callable[..., Customer]:
    """A factory: person("Jean", "Martin")."""

    def make(firstname: str, lastname: str, **values: Any) -> Customer:
        names = {"firstname": firstname, "lastname": lastname}
        return services.create_customer({"type": person_type, **names, **values})

    return make


@pytest.fixture
def contact(scope: Team) -> Callable[..., Contact]:
    """A factory: contact("Martin", firstname="Jean")."""

    def make(lastname: str = "Martin", **values: Any) -> Contact:
        return services.create_contact({"lastname": lastname, **values})

    return make


@pytest.fixture
def parameters(scope: Team) -> Callable[..., None]:
    """Change the team's settings: parameters(check_duplicates_for_person=True)."""

    def change(**values: Any) -> None:
        scope.configs = {**scope.configs, **values}
        scope.save()

    return change
