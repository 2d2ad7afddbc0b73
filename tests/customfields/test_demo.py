"""The demonstration team has custom fields, with values on what is sold and to whom."""

from __future__ import annotations

from typing import Any

from erp.catalog.models import Product
from erp.customers.models import Contact
from erp.customfields import demo
from erp.customfields.models import CustomField
from tests.factories import make


def test_fields_and_values_of_the_demonstration(company: Any) -> None:
    customer, contact, product = company(), make(Contact), make(Product)
    demo.fill()
    assert CustomField.objects.count() == len(demo.FIELDS)
    sector, agent = customer.custom_values[1], customer.custom_values[0]
    assert (sector.option.value, agent.linked) == ("Lyon", contact)
    assert [value.number for value in product.custom_values] == [12]
