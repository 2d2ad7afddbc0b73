"""What can happen to variations and their values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.catalog.models import Product, ProductVariation, Variation, VariationValue
from erp.catalog.services.elements import merged
from erp.core import services as core
from erp.core.errors import Invalid

__all__ = [
    "add_value",
    "counted_variations",
    "create_variation",
    "update_variation",
    "value_label",
    "variation_named",
]

LABEL_LENGTH = 100
LISTS: tuple[str, ...] = ("values", "add_values", "remove_values")


def create_variation(values: Mapping[str, Any]) -> Variation:
    """A new variation with its values. Raises Invalid (422) by attribute.

    `values`: texts in order, or rows {"id", "label"} that rename; also `add_values` and `remove_values`.
    """
    return _save_variation(Variation(), dict(values))


def update_variation(variation: Variation, values: Mapping[str, Any]) -> Variation:
    """Change a variation (locked); a value that products come in cannot go."""
    return _save_variation(variation, dict(values))


@transaction.atomic
def _save_variation(variation: Variation, values: dict[str, Any]) -> Variation:
    lists = {name: values.pop(name) for name in LISTS if name in values}
    values["label"] = " ".join(str(values.get("label", variation.label)).split())
    try:
        with transaction.atomic():
            core.save(variation, values)
    except IntegrityError as error:
        raise Invalid({"label": _("Another variation has this name.")}, code="unique") from error
    if lists:
        _set_values(variation, lists)
    return variation


def _set_values(variation: Variation, lists: dict[str, Any]) -> None:
    """Make the values of a variation those that are typed; those that stay keep their rows."""
    rows, path = list(variation.values.all()), "values" if "values" in lists else "remove_values"
    _rename(rows, lists)
    for name, texts in lists.items():
        lists[name] = [value_label(f"{name}.{number}", text) for number, text in enumerate(texts or ())]
    present = {row.label.lower(): row for row in rows}
    wanted = merged(lists, "values", present, str.lower) or {}
    gone = [row for key, row in present.items() if key not in wanted]
    _check_unused(gone, path)
    VariationValue.objects.filter(pk__in=[row.pk for row in gone]).delete()
    _place(variation, [(present.get(key), str(item)) for key, item in wanted.items()])


def _rename(rows: Sequence[VariationValue], lists: dict[str, Any]) -> None:
    """Rows {"id", "label"} give known values other names; leaves only texts in `lists`."""
    known = {row.pk: row for row in rows}
    for name, items in lists.items():
        for item in items or ():
            if isinstance(item, Mapping) and item.get("id") in known:
                known[item["id"]].label = str(item["label"])
        lists[name] = [item["label"] if isinstance(item, Mapping) else item for item in items or ()]


def _place(variation: Variation, wanted: Iterable[tuple[VariationValue | None, str]]) -> None:
    """Write values in their order: those that are new, those that got another name or place."""
    new: list[VariationValue] = []
    known: list[VariationValue] = []
    for position, (row, label) in enumerate(wanted):
        (known if row else new).append(row or VariationValue(variation=variation))
        target = row or new[-1]
        target.label, target.position = label, position
    VariationValue.objects.bulk_create(new)
    VariationValue.objects.bulk_update(known, ["label", "position"])


def value_label(path: str, text: Any) -> str:
    """The name of a value. Raises Invalid (422) on `path` when it is none."""
    label = " ".join(str(text or "").split())
    if not label:
        raise Invalid({path: _("This field is required.")})
    if len(label) > LABEL_LENGTH:
        raise Invalid({path: _("Give a text of at most %(count)s characters.") % {"count": LABEL_LENGTH}})
    return label


def _check_unused(values: Sequence[VariationValue], path: str) -> None:
    """Values that living products come in stay. Raises Invalid (422) on `path`."""
    keys = [value.pk for value in values]
    if not keys:
        return
    named = Q(level1__in=keys) | Q(level2__in=keys) | Q(level3__in=keys)
    used = ProductVariation.objects.filter(named, product__deleted_at=None).values_list(
        "level1", "level2", "level3"
    )
    taken = {key for row in used for key in row}
    if labels := [value.label for value in values if value.pk in taken]:
        text = _("Products come in these values, which cannot go: %(names)s.")
        raise Invalid({path: text % {"names": ", ".join(labels)}}, code="kept")


def counted_variations(queryset: QuerySet[Any]) -> QuerySet[Any]:
    """Variations with how many values each has, and how many products vary by it."""
    key = OuterRef("pk")
    used = Q(variation_level1=key) | Q(variation_level2=key) | Q(variation_level3=key)
    return queryset.annotate(
        counted_values=_number(VariationValue.objects.filter(variation=key)),
        counted_products=_number(Product.objects.filter(used)),
    )


def _number(rows: QuerySet[Any]) -> Coalesce:
    """How many rows a subquery finds."""
    number = rows.order_by().values("team").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(number), 0)


def variation_named(path: str, text: str) -> Variation | None:
    """The variation of this name, a new one when there is none; None for an empty text."""
    label = " ".join(text.split())
    if not label:
        return None
    named = Variation.objects.filter(label__iexact=label).order_by("pk")
    try:
        return named.first() or create_variation({"label": label})
    except Invalid as error:
        if (found := named.first()) is not None:
            return found  # somebody else made it meanwhile
        raise Invalid({path: [text for texts in error.errors.values() for text in texts]}) from error


def add_value(variation: Variation, label: str) -> VariationValue:
    """A new value at the end of a locked variation."""
    last = variation.values.aggregate(last=Max("position"))["last"]
    Variation.objects.filter(pk=variation.pk).update(updated_at=timezone.now())
    return VariationValue.objects.create(
        variation=variation, label=label, position=0 if last is None else last + 1
    )
