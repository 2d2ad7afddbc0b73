"""What the forms of settings and of permissions share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rest_framework import serializers

from erp.core.admin.parameters import taken
from erp.core.errors import BusinessError, Invalid, flatten
from erp.core.parameters import ParameterSet

TAB = {"classes": ("tab",)}


def settings_of(parameters: ParameterSet, values: dict[str, Any]) -> dict[str, Any]:
    """The settings among a form's values, taken out of them. Raises Invalid by field."""
    try:
        return taken(parameters, values)
    except serializers.ValidationError as error:
        raise Invalid(flatten(error.detail)) from error


@contextmanager
def beside_fields(names: Mapping[str, str]) -> Iterator[None]:
    """Refusals of a service, renamed to the fields of the form: {start of a path: start of a field}."""
    try:
        yield
    except BusinessError as error:
        renamed: dict[str, list[str]] = {}
        for place, texts in error.errors.items():
            start = next((start for start in names if place.startswith(start)), "")
            renamed[names.get(start, "") + place.removeprefix(start)] = texts
        raise type(error)(renamed, code=error.code) from error
