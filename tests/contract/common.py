"""Values of parameters that several chapters have alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from erp.customers.models import Contact, Customer
from tests.factories import make

__all__ = ["COMMON", "of_elements"]


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


#: Values by parameter: functions of (stage, n).
COMMON: dict[str, Callable[[Any, int], Any]] = {"elements": element}
