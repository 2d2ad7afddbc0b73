"""The variations that a product comes in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from erp.catalog import pricing
from erp.catalog.models import LEVELS, Product, ProductVariation, StockMovement, Variation, VariationValue
from erp.catalog.services.elements import merged
from erp.catalog.services.ledger import SUMS
from erp.catalog.services.stock import Unmanaged, empty_stocks, set_stocks
from erp.catalog.services.variations import add_value, value_label, variation_named
from erp.core.errors import Invalid
from erp.core.models import check_rows
from erp.core.money import Amounts

__all__ = ["plan_levels", "reprice_variations", "save_variations"]

CODES = ("reference", "ean_code", "provider_reference")
OWN_PRICES = ("own_buy_price_ht", "own_unit_price_ht", "own_unit_price_tva", "own_unit_price_ttc")
#: The ids of the values of a product's variation, level by level.
Key = tuple[int | None, int | None, int | None]


# --- The levels of a product ----------------------------------------------------------------------


def plan_levels(product: Product, values: dict[str, Any]) -> bool:
    """Settle in `values` by how many variations a product varies, and by which: rows, or names of new ones.

    Without `variations_length` there are as many levels as are named. Answers whether the levels change, in
    which case the product's variations have to be given anew. Raises Invalid (422).
    """
    names = [f"variation_level{level}" for level in LEVELS]
    if not {"variations_length", *names} & values.keys():
        return False
    length = values.get("variations_length")
    if length is None:
        given = [level for level, name in zip(LEVELS, names, strict=True) if values.get(name)]
        length = max([product.variations_length, *given])
    before = [getattr(product, f"{name}_id") for name in names]
    for level, name in zip(LEVELS, names, strict=True):
        chosen = values.get(name, getattr(product, name)) if level <= length else None
        if level <= length and not chosen:
            raise Invalid({name: _("Say what the product varies by on this level.")}, code="required")
        values[name] = variation_named(name, chosen) if isinstance(chosen, str) else chosen
    chosen_rows = [values[name].pk if values[name] else None for name in names]
    _check_different(names, chosen_rows[:length])
    values["variations_length"] = length
    return product.variations_length != length or before != chosen_rows


def _check_different(names: Sequence[str], keys: Sequence[int | None]) -> None:
    for number, key in enumerate(keys):
        if key in keys[:number]:
            raise Invalid({names[number]: _("The product varies by this already.")}, code="twice")


Cause = StockMovement.Cause

# --- What a product comes in ----------------------------------------------------------------------


@dataclass
class _Wish:
    """A variation of a product as typed, and where ("variations.2")."""

    path: str
    given: Mapping[str, Any]
    key: Key


def save_variations(product: Product, values: dict[str, Any], *, is_new: bool, changed: bool) -> None:
    """Write the variations of a saved product: `variations` is the whole list, `add_variations` adds or
    changes some, `remove_variations` takes some away; all three are taken out of `values`.

    A row names its values (`level1`, `level2`, `level3`: texts, new ones are added to the variation; or
    VariationValue). What it does not say stays; prices that are null are the product's. Stock is entered in
    the ledger. `changed`: the product's levels are not those of before. Raises Invalid (422).
    """
    names = ("variations", "add_variations", "remove_variations")
    typed = {name: values.pop(name) for name in names if values.get(name) is not None}
    if not typed and not changed:
        return
    present = {row.values: row for row in product.variations.all()} if not is_new else {}
    if product.variations_length == 0:
        if any(typed.values()):
            text = _("Say first by how many variations the product varies (variations_length).")
            raise Invalid({next(name for name in typed if typed[name]): text})
    elif changed and present and "variations" not in typed:
        raise Invalid({"variations": _("Give the variations anew: the product varies by something else.")})
    wishes = _wishes(product, typed)
    whole = dict.fromkeys(present, None) if "variations" not in typed and not changed else {}
    wanted = merged(wishes, "variations", whole, lambda wish: wish.key) or {}
    _remove(product, [row for key, row in present.items() if key not in wanted])
    written = _write(product, present, [wish for wish in wanted.values() if wish is not None])
    _count(product, written, is_new=is_new)


def _wishes(product: Product, typed: Mapping[str, Any]) -> dict[str, Any]:
    """The typed rows, by what they name; values that are new are added to the product's variations."""
    levels = LEVELS[: product.variations_length]
    found = _Values(product, levels)
    wishes: dict[str, Any] = {}
    for name, rows in typed.items():
        wishes[name] = [
            found.wish(f"{name}.{number}", row, add=name != "remove_variations")
            for number, row in enumerate(rows)
        ]
    return wishes


class _Values:
    """The values of a product's variations by their name, locked against being removed meanwhile."""

    def __init__(self, product: Product, levels: Sequence[int]) -> None:
        self.variations: list[Variation] = [getattr(product, f"variation_level{level}") for level in levels]
        keys = [variation.pk for variation in self.variations]
        list(Variation.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))
        rows = VariationValue.objects.filter(variation__in=keys)
        self.known = {(row.variation_id, row.label.lower()): row.pk for row in rows}

    def wish(self, path: str, row: Mapping[str, Any], *, add: bool) -> _Wish:
        """A row by the ids of the values that it names. Raises Invalid (422) for too few or too many."""
        key: list[int | None] = [None, None, None]
        for level in LEVELS:
            given = row.get(f"level{level}")
            if level > len(self.variations):
                if given:
                    raise Invalid({f"{path}.level{level}": _("The product does not vary on this level.")})
                continue
            key[level - 1] = self._value(f"{path}.level{level}", self.variations[level - 1], given, add=add)
        return _Wish(path, row, (key[0], key[1], key[2]))

    def _value(self, path: str, variation: Variation, given: Any, *, add: bool) -> int:
        if isinstance(given, VariationValue):
            if given.variation_id != variation.pk:
                text = _("This is no value of %(variation)s.")
                raise Invalid({path: text % {"variation": variation}}, code="unknown")
            return int(given.pk)
        label = value_label(path, given)
        known = self.known.get((variation.pk, label.lower()))
        if known is None and not add:
            raise Invalid({path: _("There is no such value: %(value)s.") % {"value": label}}, code="unknown")
        if known is None:
            known = self.known[variation.pk, label.lower()] = add_value(variation, label).pk
        return known


def _remove(product: Product, rows: Sequence[ProductVariation]) -> None:
    """Take variations away, and what is left of them out of stock."""
    if rows:
        empty_stocks(product, rows, _("Variation removed"))
        ProductVariation.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _write(
    product: Product, present: Mapping[Key, ProductVariation], wishes: Sequence[_Wish]
) -> list[tuple[_Wish, ProductVariation]]:
    """Save typed variations: new ones, those that come back and those that change."""
    removed = {
        row.values: row
        for row in ProductVariation.all_objects.filter(product=product, deleted_at__isnull=False)
    }
    position = max([row.position for row in present.values()], default=-1)
    new: list[ProductVariation] = []
    known: list[ProductVariation] = []
    written: list[tuple[_Wish, ProductVariation]] = []
    for number, wish in enumerate(wishes):
        row = present.get(wish.key) or removed.get(wish.key)
        if row is None:
            row = ProductVariation()
            row.level1_id, row.level2_id, row.level3_id = wish.key  # type: ignore[assignment]
        (known if row.pk else new).append(row)
        if row.pk is None or row.deleted_at:
            row.position = position + 1 + number
        row.deleted_at, row.product = None, product
        _fill(row, wish)
        written.append((wish, row))
    ProductVariation.all_objects.bulk_create(new)
    fields = ("deleted_at", "position", *CODES, *OWN_PRICES)
    ProductVariation.all_objects.bulk_update(known, fields)
    return written


def _fill(row: ProductVariation, wish: _Wish) -> None:
    """Set what was typed. Raises Invalid (422) under the row's path."""
    given = wish.given
    for name in CODES:
        if name in given:
            setattr(row, name, given[name] or "")
    if "buy_price_ht" in given and (row.pk is None or given["buy_price_ht"] != row.buy_price_ht):
        row.own_buy_price_ht = given["buy_price_ht"]
    _price(row, given)
    check_rows([row])
    try:
        row.clean_fields(exclude=[field.name for field in row._meta.concrete_fields if field.is_relation])
    except ValidationError as error:
        texts = {
            f"{wish.path}.{name.removeprefix('own_')}": list(found)
            for name, found in error.message_dict.items()
        }
        raise Invalid(texts) from error


def _price(row: ProductVariation, given: Mapping[str, Any]) -> None:
    """The row's own price: as typed without VAT, else with VAT; null takes it away. A known row's answer
    that is sent back changes nothing."""
    rate = row.product.vat_rate.rate if row.product.vat_rate else Decimal(0)
    now = row.price if row.pk else None
    ht, ttc = given.get("unit_price_ht"), given.get("unit_price_ttc")
    price = None
    if ht is not None:
        if now and ht == now.ht:
            return
        price = pricing.with_vat(ht, rate)
    elif ttc is not None:
        if now and ttc == now.ttc:
            return
        price = pricing.without_vat(ttc, rate)
    elif not {"unit_price_ht", "unit_price_ttc"} & given.keys():
        return
    _own(row, price)


def _own(row: ProductVariation, price: Amounts | None) -> None:
    own = (price.ht, price.tva, price.ttc) if price else (None, None, None)
    row.own_unit_price_ht, row.own_unit_price_tva, row.own_unit_price_ttc = own


def reprice_variations(product: Product) -> None:
    """Give the own prices of a product's variations, without VAT as they are, its present VAT rate."""
    rate = product.vat_rate.rate if product.vat_rate else Decimal(0)
    rows = list(product.variations.exclude(own_unit_price_ht=None))
    for row in rows:
        _own(row, pricing.with_vat(row.price.ht, rate))
    ProductVariation.objects.bulk_update(rows, OWN_PRICES)


def _count(product: Product, written: Iterable[tuple[_Wish, ProductVariation]], *, is_new: bool) -> None:
    """Enter the typed stocks of variations in the ledger. Raises Invalid (422), PermissionDenied (403)."""
    counted = {
        (row.pk, kind): (wish.given[name], f"{wish.path}.{name}")
        for wish, row in written
        for kind, name in SUMS.items()
        if wish.given.get(name) is not None
    }
    if not counted:
        return
    try:
        set_stocks(
            product,
            {key: quantity for key, (quantity, _path) in counted.items()},
            Cause.INITIAL if is_new else Cause.INVENTORY,
        )
    except Unmanaged as error:
        raise Invalid({path: str(error) for _quantity, path in counted.values()}) from error
    product.refresh_from_db(fields=[*Product.STOCKS, "updated_at"])
