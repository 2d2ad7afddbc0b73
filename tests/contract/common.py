"""Values of parameters that several chapters have alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from erp.customers.models import Contact, Customer
from erp.customfields.choices import Usage
from erp.customfields.models import CustomField
from tests.contract.values import spread
from tests.factories import make

__all__ = ["COMMON", "FILTERS", "country_code", "variation", "varied_product"]


def element(stage: Any, n: int) -> list[dict[str, Any]]:
    """A row of any kind that something is about: a customer, or a contact."""
    kind, model = (("customer", Customer), ("contact", Contact))[n % 2]
    return [{"type": kind, "id": make(model).pk}]


def of_elements(stage: Any) -> list[tuple[Any, Callable[[Any], bool]]]:
    """The filter of what is about a row."""
    first = next(answer["elements"][0] for answer in stage.answers.values() if answer["elements"])
    pair = (first["type"], first["id"])
    query = {"[0][type]": pair[0], "[0][id]": pair[1]}
    return [(query, lambda answer: pair in [(item["type"], item["id"]) for item in answer["elements"]])]


def custom_field(stage: Any, n: int) -> list[dict[str, Any]]:
    """A value of a field of the team's own."""
    if "field" not in stage.kept:
        stage.kept["field"] = make(CustomField, label="Badge", type="text", usage=list(Usage.values)).pk
    return [{"id": stage.kept["field"], "value": f"Badge {n}"}]


def of_custom_field(stage: Any) -> list[tuple[Any, Callable[[Any], bool]]]:
    """The filter of a custom field's values."""
    held = [row for answer in stage.answers.values() for row in answer["custom_fields"]]
    first = (held[0]["id"], held[0]["value"])
    return [
        (
            {"[id]": first[0], "[value]": first[1]},
            lambda answer: first in [(row["id"], row["value"]) for row in answer["custom_fields"]],
        )
    ]


def country_code(stage: Any, n: int) -> str:
    return ("FR", "BE", "DE", "ES", "IT", "NL")[spread(n) % 6]


def varied_product(stage: Any, n: int) -> int:
    """A product that a supplier sells in a variation, which `variation` gives."""
    body = {
        "reference": f"VAR-{stage.next()}",
        "name": "Coat",
        "unit_price_ht": "50",
        "unit": "Piece",
        "sale_category": "Clothes",
        "variations_length": 1,
        "variation_level1": "Size",
        "variations": [{"level1": "S"}],
        "providers": [make(Customer, is_provider=True).pk],
    }
    product = stage.api.post("/catalog/product", body).json()["id"]
    answer = stage.api.get(f"/catalog/product/{product}", include="variations").json()
    stage.kept["variation"] = answer["variations"][0]["id"]
    return int(product)


def variation(stage: Any, n: int) -> int:
    """The variation of the product that was just made."""
    return int(stage.kept["variation"])


#: Values by parameter: functions of (stage, n).
COMMON: dict[str, Callable[[Any, int], Any]] = {"elements": element, "custom_fields": custom_field}
#: Filters by name: functions of the stage.
FILTERS = {"elements": of_elements, "custom_fields": of_custom_field}
