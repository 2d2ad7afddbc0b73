"""Fields that name other rows by their ids; what the actor may not see does not exist."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.core.fields.columns import Column
from erp.core.named_rows import named_row

MAX_ID = 2**63 - 1


def as_id(data: Any) -> int | None:
    """The id that a value means, or None when it means none."""
    if isinstance(data, Mapping):
        data = data.get("id")
    if isinstance(data, bool):
        return None
    if isinstance(data, str) and data.isdecimal() and data.isascii():
        data = int(data) if len(data) < 20 else MAX_ID + 1
    return data if isinstance(data, int) and 0 <= data <= MAX_ID else None


class LinkField(serializers.Field):
    """Reads ids of `model` as rows of the current team; another team's row does not exist."""

    default_error_messages = {
        "not_an_id": _("Give the identifier (a whole number)."),
        "unknown": _("There is no such element: %(id)s."),
    }

    def __init__(self, *, model: type[models.Model] | None = None, **kwargs: Any) -> None:
        self.model = model
        super().__init__(**kwargs)

    def wanted(self, data: Any) -> list[tuple[type[models.Model], int]]:
        key = as_id(data)
        return [] if key is None or self.model is None else [(self.model, key)]

    def row(self, data: Any) -> Any:
        key = as_id(data)
        if key is None or self.model is None:
            self.fail("not_an_id")
        row = named_row(self.model, key)
        if row is None:
            raise serializers.ValidationError(
                str(self.error_messages["unknown"]) % {"id": key}, code="unknown"
            )
        return row


class Relation(LinkField):
    """A link to one row: read as an id; answered as `<name>_id`, and as an object when included."""

    def __init__(
        self, *, always: bool = False, with_id: bool = True, serializer: Any = None, **kwargs: Any
    ) -> None:
        self.always, self.with_id, self.serializer = always, with_id, serializer
        super().__init__(**kwargs)

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        return super().validate_empty_values(None if data == "" else data)

    def to_internal_value(self, data: Any) -> Any:
        return self.row(data)

    def columns(self, name: str) -> list[Column]:
        source = self.source or name
        nested = Column(
            name, attrgetter(source), nested=self.serializer or self.model, on_request=not self.always
        )
        return [Column(f"{name}_id", attrgetter(f"{source}_id")), nested] if self.with_id else [nested]


class Ids(LinkField):
    """A list of ids, read as rows in the order given, without repeats. Not answered by itself."""

    def wanted(self, data: Any) -> list[tuple[type[models.Model], int]]:
        return (
            [pair for item in data for pair in super(Ids, self).wanted(item)]
            if isinstance(data, list)
            else []
        )

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            data = [data]
        rows: dict[Any, Any] = {}
        errors: dict[int, Any] = {}
        for index, item in enumerate(data):
            try:
                row = self.row(item)
                rows[row.pk] = row
            except serializers.ValidationError as error:
                errors[index] = error.detail
        if errors:
            raise serializers.ValidationError({str(index): detail for index, detail in errors.items()})
        return list(rows.values())


class RelationList(Ids):
    """Several linked rows: read as ids (unless read-only), answered as objects when included (or always)."""

    def __init__(self, *, always: bool = False, serializer: Any = None, **kwargs: Any) -> None:
        self.always, self.serializer = always, serializer
        super().__init__(**kwargs)

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        return super().validate_empty_values([] if data == "" or data is None else data)

    def columns(self, name: str) -> list[Column]:
        source = self.source or name
        return [
            Column(
                name,
                lambda row: getattr(row, source).all(),
                nested=self.serializer or self.model,
                many=True,
                on_request=not self.always,
            )
        ]
