"""Fields whose value is read by another serializer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.core.fields.columns import Column


class NestedList(serializers.Field):
    """A list of objects read by another serializer. Not answered by itself. At most `limit` rows."""

    default_error_messages = {
        "not_a_list": _("Give a list of objects."),
        "not_an_object": _("Give an object."),
        "too_many": _("Give at most %(limit)s rows."),
    }

    def __init__(self, serializer: Any, *, limit: int = 1000, **kwargs: Any) -> None:
        self.serializer_class, self.limit = serializer, limit
        kwargs.setdefault("write_only", True)
        super().__init__(**kwargs)

    def wanted(self, data: Any) -> list[tuple[type[models.Model], int]]:
        if isinstance(data, Mapping):
            data = list(data.values())
        if not isinstance(data, list):
            return []
        reader = self.serializer_class.reader(partial=False)
        return [pair for row in data[: self.limit] if isinstance(row, Mapping) for pair in reader.wanted(row)]

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        if isinstance(data, Mapping):  # {"0": {...}, "1": {...}}: numeric keys of a form
            data = list(data.values())
        if not isinstance(data, list):
            self.fail("not_a_list")
        if len(data) > self.limit:
            raise serializers.ValidationError(str(self.error_messages["too_many"]) % {"limit": self.limit})
        return self._rows(data)

    def _rows(self, data: list[Any]) -> list[dict[str, Any]]:
        reader = self.serializer_class.reader(partial=False)
        rows: list[dict[str, Any]] = []
        errors: dict[str, Any] = {}
        for index, item in enumerate(data):
            try:
                if not isinstance(item, Mapping):
                    self.fail("not_an_object")
                rows.append(reader.run_validation(item))
            except serializers.ValidationError as error:
                errors[str(index)] = error.detail
        if errors:
            raise serializers.ValidationError(errors)
        return rows


class Rows(NestedList):
    """Rows that belong to this one: read as objects, answered as objects on request."""

    def __init__(self, serializer: Any, model: type[models.Model], **kwargs: Any) -> None:
        self.model = model
        super().__init__(serializer, required=False, write_only=False, **kwargs)

    def columns(self, name: str) -> list[Column]:
        return [
            Column(name, lambda row: getattr(row, name).all(), nested=self.model, many=True, on_request=True)
        ]


class NestedObject(serializers.Field):
    """One object read by another serializer, all optional when `partial`. Not answered by itself."""

    default_error_messages = {"not_an_object": _("Give an object.")}

    def __init__(self, serializer: Any, *, partial: bool = False, **kwargs: Any) -> None:
        self.serializer_class, self.partial = serializer, partial
        kwargs.setdefault("write_only", True)
        super().__init__(**kwargs)

    def wanted(self, data: Any) -> list[tuple[type[models.Model], int]]:
        return (
            self.serializer_class.reader(partial=self.partial).wanted(data)
            if isinstance(data, Mapping)
            else []
        )

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            self.fail("not_an_object")
        return self.serializer_class.reader(partial=self.partial).run_validation(data)
