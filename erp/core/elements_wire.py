"""Linked elements on the wire: the attribute `elements` and the filters of lists.

In: `[{"type": "customer", "id": 1}]`, or `elements[0][type]=customer&elements[0][id]=1`.
Out, when included: `[{"type": "customer", "id": 1, "title": "Dupont", "data": {…}}]`, where `data` is the
object as its own page answers it, null once it is deleted; what the actor may not see is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from erp.core.access import visible
from erp.core.elements import Element, ElementLink, ElementType, element_types, linked_to
from erp.core.fields import Column, LinkField, NestedList, WireChar, WireInteger, as_id
from erp.core.filters import IdFilter, WireFilter
from erp.core.wire import BodySerializer, compiled, serializer_for

__all__ = ["ElementFilter", "ElementsField", "LinkedRowFilter", "element_of"]

OBJECT = {"type": ["object", "null"]}
ELEMENT = {
    "type": "object",
    "required": ["type", "id", "title", "data"],
    "properties": {
        "type": {"type": "string"},
        "id": {"type": "integer"},
        "title": {"type": "string"},
        "data": OBJECT,
    },
}


class ElementBody(BodySerializer):
    """One element of a body."""

    type = WireChar(required=True)
    id = WireInteger(required=True)


class ElementsField(NestedList):
    """The elements that a row is linked to, of the kinds in `accepts` (those that the product has).

    Read as `{type, id}` objects, as a list of Element; answered when `elements` is included. With `split`,
    `customers`, `contacts` and `other_elements` come along, as events and tasks have them.
    """

    def __init__(self, *, accepts: Iterable[str], split: bool = False, **kwargs: Any) -> None:
        self.accepts, self.split = tuple(accepts), split
        kwargs.setdefault("required", False)
        kwargs.setdefault("write_only", False)
        super().__init__(ElementBody, limit=kwargs.pop("limit", 200), **kwargs)

    @property
    def kinds(self) -> dict[str, ElementType]:
        """Accepted kinds by their word."""
        return {kind.name: kind for kind in element_types(self.accepts)}

    @property
    def body_schema(self) -> dict[str, Any]:
        kind = {"type": "string", "enum": list(self.kinds)}
        properties = {"type": kind, "id": {"type": "integer"}}
        row = {"type": "object", "required": ["type", "id"], "properties": properties}
        return {"type": "array", "items": row, "maxItems": self.limit}

    # --- Reading ----------------------------------------------------------------------------------

    def wanted(self, data: Any) -> list[tuple[type[models.Model], int]]:
        kinds = self.kinds
        pairs: list[tuple[type[models.Model], int]] = []
        for item in _items(data)[: self.limit]:
            kind, key = kinds.get(_word(item)), as_id(item)
            if kind and key is not None:
                pairs.append((kind.model, key))
        return pairs

    def to_internal_value(self, data: Any) -> list[Any]:
        return super().to_internal_value([] if data is None or data == "" else data)

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        return super().validate_empty_values([] if data is None else data)

    def _rows(self, data: list[Any]) -> list[Any]:
        read = super()._rows(data)
        kinds, errors = self.kinds, {}
        found: dict[tuple[str, int], Element] = {}
        for index, item in enumerate(read):
            try:
                element = element_of(kinds, item)
                found[element.key] = element
            except serializers.ValidationError as error:
                errors[str(index)] = error.detail
        if errors:
            raise serializers.ValidationError(errors)
        return list(found.values())

    # --- Answering --------------------------------------------------------------------------------

    def columns(self, name: str) -> list[Column]:
        many = {"type": "array", "items": ELEMENT}
        every = Column(name, answers, on_request=True, needs=NEEDS, schema=many)
        if not self.split:
            return [every]
        objects = {"type": "array", "items": {"type": "object"}}
        parts = (
            ("customers", lambda row: objects_of(row, "customer"), objects),
            ("contacts", lambda row: objects_of(row, "contact"), objects),
            ("other_elements", lambda row: answers(row, but=("customer", "contact")), many),
        )
        return [
            every,
            *(
                Column(part, get, on_request=True, shown_with=name, needs=NEEDS, schema=schema)
                for part, get, schema in parts
            ),
        ]


NEEDS = ("element_links__element",)


def _items(data: Any) -> list[Any]:
    return list(data.values()) if isinstance(data, Mapping) else data if isinstance(data, list) else []


def _word(item: Any) -> str:
    word = item.get("type") if isinstance(item, Mapping) else None
    return word if isinstance(word, str) else ""


def element_of(kinds: Mapping[str, ElementType], item: Mapping[str, Any]) -> Element:
    """The element that {type, id} names. Raises ValidationError at `type` or `id`."""
    kind = kinds.get(item["type"])
    if kind is None:
        raise serializers.ValidationError(
            {"type": [_("Give one of: %(names)s.") % {"names": ", ".join(kinds)}]}
        )
    link = LinkField(model=kind.model)
    try:
        return Element(kind, link.row(item["id"]))
    except serializers.ValidationError as error:
        raise serializers.ValidationError({"id": error.detail}) from None


def elements_of(row: Any) -> list[Element]:
    """The elements of a row that the actor may see."""
    return [link.element for link in row.element_links.all() if link.element]


def data_of(element: Element) -> dict[str, Any] | None:
    """The element's own answer; of a deleted one, nothing."""
    if element.row.deleted_at:
        return None
    return compiled(serializer_for(element.type.model), ())(element.row)


def answers(row: Any, but: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Elements as answered, without those of some kinds."""
    return [
        {
            "type": element.type.name,
            "id": element.row.pk,
            "title": element.title,
            "data": data_of(element),
        }
        for element in elements_of(row)
        if element.type.name not in but
    ]


def objects_of(row: Any, name: str) -> list[dict[str, Any]]:
    """The living elements of one kind, as their own answers."""
    found = [element for element in elements_of(row) if element.type.name == name]
    return [data for element in found if (data := data_of(element)) is not None]


# --- Filters --------------------------------------------------------------------------------------


class ElementFilter(WireFilter):
    """Rows linked to an element: `filter[elements][type]=customer&filter[elements][id]=1`.

    Several of them, as `filter[elements][0][type]=…`, mean one of them. What the actor cannot see is refused.
    """

    wire_type = "element"

    def __init__(self, links: type[ElementLink], *, accepts: Iterable[str], **kwargs: Any) -> None:
        self.links, self.accepts = links, tuple(accepts)
        super().__init__("pk", **kwargs)

    def values_of(self, value: Any) -> list[Any]:
        """One object, or several."""
        return [value] if isinstance(value, Mapping) and "type" in value else super().values_of(value)

    def convert(self, value: Any) -> tuple[str, int]:
        kinds = {kind.name: kind for kind in element_types(self.accepts)}
        if _word(value) not in kinds or as_id(value) is None:
            text = _("Give filter[elements][type] (one of: %(names)s) and filter[elements][id].")
            raise forms.ValidationError(text % {"names": ", ".join(kinds)})
        return _word(value), int(as_id(value) or 0)

    def filter(self, queryset: Any, values: list[tuple[str, int]]) -> Any:
        for kind in element_types({name for name, _pk in values}):
            keys = [pk for name, pk in values if name == kind.name]
            known = set(visible(kind.model).filter(pk__in=keys).values_list("pk", flat=True))
            if missing := [pk for pk in keys if pk not in known]:
                text = _("There is no such element: %(id)s.") % {"id": missing[0]}
                raise ValidationError({"filter.elements": [text]})
        return super().filter(queryset, values)

    def condition(self, value: tuple[str, int]) -> models.Q:
        return linked_to(self.links, *value)


class LinkedRowFilter(IdFilter):
    """Rows linked to a row of one kind, by its id: `filter[customer]=1`."""

    def __init__(self, links: type[ElementLink], name: str, *, model: Any, **kwargs: Any) -> None:
        super().__init__(model=model, condition=lambda pk: linked_to(links, name, pk), **kwargs)
