"""Making and changing custom fields and their options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from erp.core import services as core
from erp.core.elements import element_types
from erp.core.errors import Invalid
from erp.customfields.choices import LINK_TYPES, WIDENED
from erp.customfields.models import CustomField, CustomFieldOption, CustomFieldValue

__all__ = ["create_field", "update_field"]

#: How options are given: all of them, more of them, fewer of them.
OPTIONS = ("options", "add_options", "remove_options")
MAX_LENGTH = 255


def create_field(values: Mapping[str, Any]) -> CustomField:
    """A new custom field.

    `values`: label, type, usage, is_required, and `options`: texts, or {"id", "value"} as they are answered.
    Raises Invalid (422) with errors by attribute ("options.1").
    """
    return _save(CustomField(), dict(values))


@transaction.atomic
def update_field(row: CustomField, values: Mapping[str, Any]) -> CustomField:
    """Change some attributes of a field, and its options.

    `options` is the whole list, in order: an option given with its id keeps it, and may be renamed;
    `add_options` adds texts that are not there yet, `remove_options` takes away. What is removed stays where
    it was chosen. Raises Invalid (422), on `type` when values of the field would not be valid any more.
    """
    row = CustomField.objects.select_for_update().get(pk=row.pk)  # two who change options take turns
    return _save(row, dict(values))


@transaction.atomic
def _save(row: CustomField, values: dict[str, Any]) -> CustomField:
    changes = {name: values.pop(name) or [] for name in OPTIONS if name in values}
    if "type" in values and values["type"] != row.type:
        _check_type(row, values["type"])
    core.save(row, values)
    if not row.has_options:
        if any(changes.values()):
            text = _("Only fields of type checkbox, radio or select have options.")
            raise Invalid({name: text for name, items in changes.items() if items}, code="no_options")
        row.options.all().delete()
        return row
    if changes:
        _change_options(row, changes)
    if row.is_required and not row.options.exists():
        raise Invalid({"options": _("A required field needs an option to choose.")}, code="required")
    return row


def _check_type(row: CustomField, wanted: str) -> None:
    """Raise Invalid when there is nothing of this type to link to, or when values would become wrong."""
    if wanted in LINK_TYPES and not element_types([wanted]):
        raise Invalid({"type": _("Fields of this type are not available.")}, code="unavailable")
    if row._state.adding or wanted in WIDENED.get(row.type, ()):
        return
    if CustomFieldValue.objects.filter(field=row).exists():
        text = _("%(field)s has values, which would not be valid: make a new field for another type.")
        raise Invalid({"type": text % {"field": row}}, code="used")


# --- Options --------------------------------------------------------------------------------------


def _change_options(row: CustomField, changes: Mapping[str, Sequence[Any]]) -> None:
    """Write the options that a field has once the whole list, the additions and the removals are applied."""
    present = {option.pk: option for option in row.options.all()}
    wanted: list[tuple[int | None, str]] = [(option.pk, option.value) for option in present.values()]
    if "options" in changes:
        wanted = [_option("options", number, item, present) for number, item in enumerate(changes["options"])]
    for number, item in enumerate(changes.get("remove_options", ())):
        wanted.remove(_named("remove_options", number, item, wanted))
    for number, item in enumerate(changes.get("add_options", ())):
        key, text = _option("add_options", number, item, {})
        if text not in {value for _key, value in wanted}:
            wanted.append((key, text))
    _check_once(wanted)
    _write_options(row, present, wanted)


def _option(
    name: str, number: int, item: Any, present: Mapping[int, CustomFieldOption]
) -> tuple[int | None, str]:
    """The id (of an option that the field has) and the text of an item of a list. Raises Invalid."""
    key = item.get("id") if isinstance(item, Mapping) else None
    text = str(item.get("value", "") if isinstance(item, Mapping) else item).strip()
    if not text:
        raise Invalid({f"{name}.{number}": _("This field is required.")}, code="required")
    if len(text) > MAX_LENGTH:
        limit = _("Give a text of at most %(count)s characters.") % {"count": MAX_LENGTH}
        raise Invalid({f"{name}.{number}": limit}, code="too_long")
    if key is None:
        key = next((pk for pk, option in present.items() if option.value == text), None)
    elif key not in present:
        raise Invalid({f"{name}.{number}": _("There is no such option.")}, code="unknown")
    return key, text


def _named(name: str, number: int, item: Any, wanted: Sequence[tuple[int | None, str]]) -> Any:
    """The option that a text or an answered option names. Raises Invalid."""
    key = item.get("id") if isinstance(item, Mapping) else None
    text = str(item.get("value", "") if isinstance(item, Mapping) else item).strip()
    for pair in wanted:
        if pair[0] == key if key is not None else pair[1] == text:
            return pair
    raise Invalid({f"{name}.{number}": _("There is no such option.")}, code="unknown")


def _check_once(wanted: Sequence[tuple[int | None, str]]) -> None:
    """Raise Invalid on the second option of a text."""
    seen: set[str] = set()
    for number, (_key, text) in enumerate(wanted):
        if text in seen:
            raise Invalid({f"options.{number}": _("This option is there already.")}, code="twice")
        seen.add(text)


def _write_options(
    row: CustomField, present: dict[int, CustomFieldOption], wanted: Sequence[tuple[int | None, str]]
) -> None:
    """Write options in order. One that was removed earlier comes back as it was, with its values."""
    removed = {
        option.value: option
        for option in CustomFieldOption.all_objects.filter(field=row, deleted_at__isnull=False)
    }
    for position, (key, text) in enumerate(wanted):
        option = present.pop(key) if key is not None and key in present else removed.pop(text, None)
        option = option or CustomFieldOption(field=row)
        if option.pk is None or (option.value, option.position, option.deleted_at) != (text, position, None):
            option.value, option.position, option.deleted_at = text, position, None
            core.save(option, {})
    for option in present.values():
        option.delete()
