"""`make(Unit)` saves a valid row of any model, with the rows it must point to, in the team in scope.

    unit = make(Unit)
    customer = make(Customer, name="Dupont")

Values come from the model's own fields. A model whose rules ask for more says it in RECIPES of the module
`recipes` of its chapter's tests (tests/<chapter>/recipes.py).
"""

from __future__ import annotations

import datetime
import itertools
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.core.files.base import ContentFile
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.fields import NOT_PROVIDED

from erp.core import services
from erp.core.models import TenantModel
from tests.recipes import gathered

__all__ = ["make", "tenant_models"]

#: What a model needs beyond its fields: {"app.Model": {attribute: value, or function without arguments}}.
RECIPES: dict[str, Mapping[str, Any]] = dict(gathered("RECIPES"))

_numbers = itertools.count(1)


def tenant_models() -> list[type[TenantModel]]:
    """Every concrete model whose rows belong to a team."""
    return [model for model in apps.get_models() if issubclass(model, TenantModel)]


def make(model: type[Any], **values: Any) -> Any:
    """A new, valid, saved row of `model`. Raises Invalid when its rules ask for a recipe."""
    values = {**_recipe(model, values), **values}
    row = model()
    for field in model._meta.concrete_fields:
        if field.name not in values and field.attname not in values and _is_needed(field):
            values[field.name] = _value(field)
    many = {field.name: values.pop(field.name) for field in model._meta.many_to_many if field.name in values}
    for name, value in values.items():
        setattr(row, name, value)
    services.validated(row)
    row.save()
    for name, rows in many.items():
        getattr(row, name).set(rows)
    return row


def _recipe(model: type[Any], given: Mapping[str, Any]) -> dict[str, Any]:
    recipe = RECIPES.get(model._meta.label, {})
    return {
        name: value() if callable(value) else value for name, value in recipe.items() if name not in given
    }


def _is_needed(field: Any) -> bool:
    """Whether a row is not valid, or not unique, with the field's default."""
    if field.primary_key:
        return not isinstance(field, models.AutoField)
    if field.name == "team" or field.null:
        return False
    return field.default is NOT_PROVIDED and (
        not field.blank or field.unique or not field.empty_strings_allowed
    )


def _value(field: Any) -> Any:
    """A valid value of a field, different each time where rows could clash."""
    if field.is_relation:
        return _linked(field)
    if field.choices:
        return next(value for value, _label in field.flatchoices)
    for kind, maker in MAKERS.items():
        if isinstance(field, kind):
            return maker(field)
    raise TypeError(f"No value is known for {field}: add its class to MAKERS.")


def _linked(field: Any) -> Any:
    """The row that a foreign key points to: a new one, or any of a global list."""
    target = field.related_model
    if issubclass(target, TenantModel) or field.one_to_one or hasattr(target, "restrict"):
        return make(target)
    return target._default_manager.first() or make(target)


def _whole(field: Any) -> int:
    """The least whole number that the field's validators take, or any when it must be unique."""
    least = max(
        [item.limit_value for item in field.validators if isinstance(item, MinValueValidator)], default=1
    )
    return next(_numbers) + 1000 if field.unique else max(int(least), 1)


def _text(field: Any) -> str:
    number = str(next(_numbers))
    length = field.max_length or 100
    return (
        f"{field.name} {number}" if len(field.name) + 1 + len(number) <= length else number.zfill(2)[-length:]
    )


#: How values are made, by class of field; the first class that matches counts.
MAKERS: dict[type[Any], Callable[[Any], Any]] = {
    models.EmailField: lambda field: f"person{next(_numbers)}@acme.example",
    models.URLField: lambda field: f"https://acme.example/{next(_numbers)}",
    models.SlugField: lambda field: f"{field.name}-{next(_numbers)}",
    models.GenericIPAddressField: lambda field: "192.0.2.1",
    models.FileField: lambda field: ContentFile(b"content", name="file.txt"),
    models.CharField: _text,
    models.TextField: _text,
    models.BooleanField: lambda field: False,
    models.IntegerField: _whole,
    models.DecimalField: lambda field: Decimal(_whole(field)),
    models.FloatField: lambda field: 1.0,
    models.DateTimeField: lambda field: datetime.datetime(2024, 5, 17, 9, 30, tzinfo=datetime.UTC),
    models.DateField: lambda field: datetime.date(2024, 5, 17),
    models.TimeField: lambda field: datetime.time(9, 30),
    models.DurationField: lambda field: datetime.timedelta(hours=1),
    models.UUIDField: lambda field: uuid.uuid4(),
    models.JSONField: lambda field: {"key": "value"},
    models.BinaryField: lambda field: b"content",
}
