"""The catalog element of a line, on the wire: {"type": "product", "id": 1}, and its object when included.

For lines of documents, purchases, construction sites: models with a link `product` and a link `service`.

    class LineSerializer(WireSerializer):
        catalog = CatalogElementOf()

        @classmethod
        def finish(cls, row, data):
            return with_catalog(row, data)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import models
from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.catalog.models import Product, Service
from erp.core.access import visible
from erp.core.fields import Column
from erp.core.typed_link import TypedLink
from erp.core.wire import compiled, loaded, serializer_for
from erp.customers.models import Customer

__all__ = ["CatalogElementOf", "CatalogLink", "ProvidersOf", "with_catalog"]

MODELS: Mapping[str, type[models.Model]] = {"product": Product, "service": Service}
KIND = {"type": "string", "enum": list(MODELS)}
SCHEMA = {
    "type": "object",
    "required": ["type", "id"],
    "properties": {"type": KIND, "id": {"type": "integer"}, "element": {"type": "object"}},
}


class CatalogLink(TypedLink):
    """Reads {"type": "product" or "service", "id": 1} as a row of the catalog."""

    targets = MODELS
    default_error_messages = {
        "not_an_object": _("Give an object with a type (product or service) and an id."),
        "no_type": _("The type is product or service."),
    }


class CatalogElementOf(serializers.Field):
    """Answers the catalog element of a line; `with_catalog` completes it. With `always`, its object too."""

    def __init__(self, *, always: bool = False, **kwargs: Any) -> None:
        self.on_request = not always
        super().__init__(read_only=True, source="*", **kwargs)

    def columns(self, name: str) -> list[Column]:
        needs, on_request = what_elements_need, self.on_request
        return [Column(name, linked_element, needs=needs, on_request=on_request, schema=SCHEMA)]


def what_elements_need() -> Iterator[Prefetch]:
    """What to load so that the element of a line is answered; of deleted ones too, as documents name them."""
    for kind, model in MODELS.items():
        yield Prefetch(kind, loaded(serializer_for(model), visible(model, with_deleted=True), ()))


def linked_element(row: Any) -> dict[str, Any] | None:
    """The type, the id and the object of a line's catalog element; None without one."""
    for kind, model in MODELS.items():
        if (element := getattr(row, kind)) is not None:
            answer = compiled(serializer_for(model), ())(element)
            return {"type": kind, "id": element.pk, "element": answer}
    return None


class ProvidersOf(serializers.Field):
    """Answers who sells the product of a line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, source="*", **kwargs)

    def columns(self, name: str) -> list[Column]:
        schema = {"type": "array", "items": {"type": "object"}}
        return [Column(name, providers_of, needs=what_providers_need, on_request=True, schema=schema)]


def what_providers_need() -> Iterator[Prefetch]:
    """What to load so that the suppliers of a line's product are answered."""
    yield Prefetch("product__providers", loaded(serializer_for(Customer), visible(Customer), ()))


def providers_of(row: Any) -> list[dict[str, Any]]:
    """The suppliers of a line's product, those that the actor may see."""
    if row.product is None:
        return []
    answer = compiled(serializer_for(Customer), ())
    return [answer(provider) for provider in row.product.providers.all()]


def with_catalog(row: Any, data: dict[str, Any]) -> dict[str, Any]:
    """The answer of a line with `catalog` as the reference has it: absent without an element, with the object
    itself when it is included."""
    if data.get("catalog") is None:
        data.pop("catalog", None)
        for kind in MODELS:
            if (key := getattr(row, f"{kind}_id")) is not None:
                data["catalog"] = {"type": kind, "id": key}
    return data
