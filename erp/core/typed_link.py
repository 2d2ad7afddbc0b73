"""A link to a row of one of several models, on the wire: {"type": "product", "id": 1}."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.core.fields import LinkField, Relation, as_id

__all__ = ["TypedLink"]


class TypedLink(LinkField):
    """Reads {"type": a word of `targets`, "id": 1} as a row. Subclasses say `targets` and the two errors."""

    targets: ClassVar[Mapping[str, type[models.Model]]] = {}

    #: What bodies hold, for the schema.
    body_schema: ClassVar[Mapping[str, Any]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        kind = {"type": "string", "enum": list(cls.targets)}
        cls.body_schema = {
            "type": "object",
            "required": ["type", "id"],
            "properties": {"type": kind, "id": {"type": "integer"}},
        }

    def wanted(self, data: Any) -> list[tuple[type[models.Model], int]]:
        model, key = self._model(data), as_id(data)
        return [] if model is None or key is None else [(model, key)]

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            self.fail("not_an_object")
        missing = {
            name: [_("This field is required.")] for name in ("type", "id") if data.get(name) in (None, "")
        }
        if missing:
            raise serializers.ValidationError(missing)
        model = self._model(data)
        if model is None:
            raise serializers.ValidationError({"type": [self.error_messages["no_type"]]})
        try:
            return Relation(model=model).row(data["id"])
        except serializers.ValidationError as error:
            raise serializers.ValidationError({"id": error.detail}) from error

    def _model(self, data: Any) -> type[models.Model] | None:
        word = data.get("type") if isinstance(data, Mapping) else None
        return self.targets.get(word) if isinstance(word, str) else None
