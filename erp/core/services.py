"""Saving any row by its attributes: what the API, the admin, imports and connectors all call.

Chapters with rules of their own have services beside these; plain resources need nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.core.errors import Conflict, Invalid
from erp.core.models import TenantModel, give_team

__all__ = ["create", "delete", "save", "update", "validated"]


def create(model: type[Any], values: Mapping[str, Any]) -> Any:
    """A new row of `model`. Raises Invalid (422) with errors by attribute."""
    return save(model(), values)


def update(row: Any, values: Mapping[str, Any]) -> Any:
    """Change some attributes of a row. Raises Invalid (422) with errors by attribute."""
    return save(row, values)


@transaction.atomic
def save(row: Any, values: Mapping[str, Any]) -> Any:
    """Set attributes (many-to-many ones included), check the model's rules, write."""
    many = {name for field in row._meta.many_to_many if (name := field.name) in values}
    for name, value in values.items():
        if name not in many:
            setattr(row, name, value)
    validated(row)
    row.save()
    for name in many:
        getattr(row, name).set(values[name])
    _keep_one_default(row)
    return row


def validated(row: Any, *, constraints: bool = True) -> Any:
    """Run the model's own rules (`clean`, constraints). Raises Invalid.

    Without `constraints` the database is not asked: for many rows whose service checks the same.
    """
    if isinstance(row, TenantModel):
        give_team(row)
    links = {field.name for field in row._meta.concrete_fields if field.is_relation}
    try:
        row.clean_fields(exclude=links)
        row.clean()
        if constraints:
            row.validate_constraints()
    except DjangoValidationError as error:
        raise Invalid(_by_attribute(error)) from error
    return row


def _by_attribute(error: DjangoValidationError) -> dict[str, list[str]]:
    if not hasattr(error, "error_dict"):
        return {"": error.messages}
    return {("" if name == "__all__" else name): list(texts) for name, texts in error.message_dict.items()}


def _keep_one_default(row: Any) -> None:
    """At most one row of a list is the one selected by default."""
    if getattr(row, "use_default", False):
        type(row).objects.filter(use_default=True).exclude(pk=row.pk).update(use_default=False)


@transaction.atomic
def delete(row: TenantModel) -> None:
    """Mark a row deleted. Raises Conflict (409) when the model says it cannot go (`why_kept`)."""
    why_kept = getattr(row, "why_kept", None)
    if why_kept is not None and (reason := why_kept()):
        raise Conflict(reason, code="kept")
    row.delete()


def touch(rows: models.QuerySet[Any]) -> None:
    """Mark rows as edited now, so that `edited_since` finds them."""
    rows.update(updated_at=timezone.now())


def missing(*names: str) -> Invalid:
    """The error of required attributes that were not given."""
    return Invalid({name: _("This field is required.") for name in names}, code="required")
