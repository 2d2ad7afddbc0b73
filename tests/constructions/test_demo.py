"""Demonstration data: worksites in all states."""

from __future__ import annotations

from typing import Any

from erp.constructions import demo
from erp.constructions.models import Construction
from erp.customers.models import Customer
from erp.sales.choices import Status
from erp.sales.models import Affair
from tests.constructions.test_constructions import document
from tests.factories import make


def test_the_demonstration_has_worksites_in_all_states(scope: Any) -> None:
    for _number in range(4):
        document(make(Affair, customer=make(Customer)), "quotation", Status.ACCEPTED)
    demo.fill()
    assert sorted(Construction.objects.values_list("status", flat=True)) == [1, 2, 3, 4]
