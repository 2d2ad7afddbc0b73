"""Values of custom fields: writing them on a row, copying them to another. Reading them: carriers.py."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from erp.core.errors import Invalid
from erp.customfields.carriers import CustomFieldCarrier, carrier_of, values_on
from erp.customfields.kinds import KINDS
from erp.customfields.models import CustomField, CustomFieldValue

__all__ = ["copy_values", "write_values"]

EMPTY: tuple[Any, ...] = (None, "", [], ())
COLUMNS = ("text", "number", "date", "option_id", "linked_id")


def write_values(
    row: CustomFieldCarrier, given: Sequence[Mapping[str, Any]] | None, *, is_new: bool = False
) -> None:
    """Write values on a saved row; fields that are not named keep theirs, null and empty values clear.

    `given`: [{"id": field, "value": …}] as in the reference's bodies. `is_new`: a row just made, which needs
    every required field of its usages. Raises Invalid (422) with paths such as "custom_fields.0.value".
    """
    given = list(given or ())
    if is_new:
        _check_required(row, {item["id"] for item in given})
    if given:
        _write(row, given, is_new=is_new)


def _check_required(row: CustomFieldCarrier, named: Collection[int]) -> None:
    """Raise Invalid naming the required fields that a new row is not given at all."""
    fields = CustomField.objects.filter(is_required=True).exclude(pk__in=named)
    if missing := [field for field in fields if field.is_for(row.custom_field_usages)]:
        texts = [_("The custom field %(field)s is required.") % {"field": field} for field in missing]
        raise Invalid({"custom_fields": texts}, code="required")


@transaction.atomic
def _write(row: CustomFieldCarrier, given: Sequence[Mapping[str, Any]], *, is_new: bool) -> None:
    """Put values in place of those that a row has.

    The row is locked, so that of two who write its values one waits for the other, and then the fields, so
    that their types stay what the values are.
    """
    if not is_new:
        row.save(update_fields=["updated_at"])  # type: ignore[misc]
    named = CustomField.objects.filter(pk__in={item["id"] for item in given})
    fields = {field.pk: field for field in named.order_by("pk").select_for_update(of=("self",))}
    _check_named(row, given, fields)
    held = {} if is_new else _held(row, fields)
    _replace(held, _read(row, given, fields, held))
    type(row).custom_values.forget(row)


def _check_named(
    row: CustomFieldCarrier, given: Sequence[Mapping[str, Any]], fields: Mapping[int, CustomField]
) -> None:
    """Raise Invalid on fields that do not exist, that are not meant for the row, or that are named twice."""
    errors: dict[str, str] = {}
    seen: set[int] = set()
    for number, item in enumerate(given):
        field = fields.get(item["id"])
        path = f"custom_fields.{number}.id"
        if field is None:
            errors[path] = _("There is no such custom field.")
        elif not field.is_for(row.custom_field_usages):
            errors[path] = _("The custom field %(field)s is not meant for this element.") % {"field": field}
        elif field.pk in seen:
            errors[path] = _("The custom field %(field)s is given twice.") % {"field": field}
        seen.add(item["id"])
    if errors:
        raise Invalid(errors, code="unknown")


def _held(row: CustomFieldCarrier, fields: Iterable[int]) -> dict[int, list[CustomFieldValue]]:
    """Present values of a row, by field."""
    held: dict[int, list[CustomFieldValue]] = {}
    rows = values_on(type(row)).filter(row_id=row.pk, field__in=list(fields))
    for value in rows.select_related("option").order_by("pk"):
        held.setdefault(value.field_id, []).append(value)
    return held


def _read(
    row: CustomFieldCarrier,
    given: Sequence[Mapping[str, Any]],
    fields: Mapping[int, CustomField],
    held: Mapping[int, Sequence[CustomFieldValue]],
) -> dict[int, list[CustomFieldValue]]:
    """New values, by field, unsaved. Raises Invalid with every wrong one."""
    values: dict[int, list[CustomFieldValue]] = {}
    errors: dict[str, list[str]] = {}
    for number, item in enumerate(given):
        field, raw = fields[item["id"]], item["value"]
        try:
            columns = [] if raw in EMPTY else KINDS[field.type].read(field, raw, held.get(field.pk, ()))
            if not columns and field.is_required:
                raise Invalid({"value": _("This field is required.")}, code="required")
        except Invalid as error:
            errors[f"custom_fields.{number}.value"] = error.errors["value"]
            continue
        place = {"field": field, "carrier": carrier_of(type(row)), "row_id": row.pk}
        values[field.pk] = [CustomFieldValue(**place, **column) for column in columns]
    if errors:
        raise Invalid(errors, code="wrong_value")
    return values


def _replace(
    held: Mapping[int, Sequence[CustomFieldValue]], values: Mapping[int, Sequence[CustomFieldValue]]
) -> None:
    """Put the values that differ in place of those held."""
    changed = [field for field, rows in values.items() if _content(rows) != _content(held.get(field, ()))]
    if gone := [value.pk for field in changed for value in held.get(field, ())]:
        CustomFieldValue.objects.filter(pk__in=gone).hard_delete()
    if rows := [value for field in changed for value in values[field]]:
        CustomFieldValue.objects.bulk_create(rows)


def _content(values: Iterable[CustomFieldValue]) -> set[tuple[Any, ...]]:
    """What values say."""
    return {tuple(getattr(value, name) for name in COLUMNS) for value in values}


def copy_values(source: CustomFieldCarrier, target: CustomFieldCarrier) -> None:
    """Give a new row the values of another, of those fields that are meant for both."""
    values = [
        CustomFieldValue(
            field=value.field,
            carrier=carrier_of(type(target)),
            row_id=target.pk,
            **{name: getattr(value, name) for name in COLUMNS},
        )
        for value in source.custom_values
        if value.field.is_for(target.custom_field_usages)
    ]
    if values:
        CustomFieldValue.objects.bulk_create(values)
