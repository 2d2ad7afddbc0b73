"""What happens to products and services alike: references, names of lists, prices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _

from erp.catalog import pricing
from erp.catalog.models import CatalogElement
from erp.core import numbering
from erp.core import services as core
from erp.core.access import visible
from erp.core.errors import Invalid
from erp.core.fields import as_id
from erp.core.files import IMAGES, store_upload
from erp.core.money import UNIT_PLACES, Amounts
from erp.core.scope import current_actor, current_team
from erp.various.models import VatRate
from erp.various.services import clean_html, default_vat_rate, team_today
from tenants.parameters import SERIES

__all__ = [
    "check_size",
    "chosen_rate",
    "given_price",
    "list_row",
    "merged",
    "named_price",
    "resolve",
    "sale_amounts",
    "write",
]


#: What columns of prices and of totals hold stays below these.
PRICE_LIMIT, TOTAL_LIMIT = Decimal(10) ** 10, Decimal(10) ** 13


# --- Writing --------------------------------------------------------------------------------------


def resolve(element: CatalogElement, values: dict[str, Any], lists: tuple[str, ...]) -> None:
    """Turn names of `lists` into rows, rich text into safe text, an upload into a file; give a new one its
    reference."""
    for name in lists:
        if isinstance(values.get(name), str):
            values[name] = list_row(element._meta.get_field(name).related_model, name, values[name])
    if values.get("designation"):
        values["designation"] = clean_html(values["designation"])
    for name in ("picture", "default_picture"):
        if hasattr(values.get(name), "chunks"):
            values["default_picture"] = store_upload(values.pop(name), allowed=IMAGES, field=name)
    values.pop("picture", None)
    if element._state.adding and not values.get("reference"):
        values["reference"] = _automatic_reference(type(element))


def write(element: CatalogElement, values: Mapping[str, Any]) -> None:
    """Save; of two programs that give the same reference at once, the second is told so."""
    try:
        core.save(element, values)
    except IntegrityError as error:
        if "reference" not in str(error):
            raise
        unique: Any = next(rule for rule in element._meta.constraints if "reference" in rule.name)
        raise Invalid({"reference": str(unique.violation_error_message)}, code="unique") from error


def _automatic_reference(model: type[CatalogElement]) -> str:
    """The next reference of the model's series that no row has; Invalid when the team types its own."""
    kind = str(model._meta.model_name)
    if current_team().parameter(f"{kind}_reference_manual"):
        raise core.missing("reference")
    return numbering.take_unused(SERIES[kind].key, team_today(), model._default_manager.all()).reference


def list_row(model: Any, attribute: str, text: str) -> Any:
    """The team's row of a list that a text names (or whose id it is); None for an empty text.

    A new name is added to the list by those who may manage lists; others get Invalid (422) on `attribute`.
    """
    label = text.strip()
    if not label:
        return None
    row = visible(model).filter(label__iexact=label).order_by("pk").first()
    key = as_id(label)
    if row is None and key is not None:
        row = visible(model).filter(pk=key).first()
    if row is None and (key is not None or not _may_extend_lists()):
        raise Invalid({attribute: _("There is no such element: %(id)s.") % {"id": label}}, code="unknown")
    return row or core.create(model, {"label": label})


def merged(
    values: dict[str, Any], name: str, present: Mapping[Any, Any], key_of: Callable[[Any], Any]
) -> dict[Any, Any] | None:
    """What a list becomes by `name` (the whole list), `add_<name>` and `remove_<name>`, which are taken out
    of `values`: items by their key, `present` being those of now. None when none of the three is given.

    What is added again takes the place of what was there; what is removed may be absent.
    Raises Invalid (422) when one of the three names an item twice.
    """
    whole, added, removed = (values.pop(f"{prefix}{name}", None) for prefix in ("", "add_", "remove_"))
    if whole is None and added is None and removed is None:
        return None
    items = dict(present) if whole is None else _by_key(name, whole, key_of)
    items |= _by_key(f"add_{name}", added or (), key_of)
    gone = {key_of(item) for item in removed or ()}
    return {key: item for key, item in items.items() if key not in gone}


def _by_key(name: str, items: Iterable[Any], key_of: Callable[[Any], Any]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for number, item in enumerate(items):
        if (key := key_of(item)) in found:
            raise Invalid({f"{name}.{number}": _("This element is named twice.")}, code="twice")
        found[key] = item
    return found


def _may_extend_lists() -> bool:
    actor = current_actor()
    return actor is None or actor.level("manage-list") >= 1


# --- Amounts --------------------------------------------------------------------------------------


def chosen_rate(element: CatalogElement, values: Mapping[str, Any]) -> VatRate | None:
    """The VAT rate once `values` are set; the team's default one where there is none."""
    if "vat_rate" in values:
        return values["vat_rate"] or default_vat_rate()
    return element.vat_rate or default_vat_rate()


def sale_amounts(
    element: CatalogElement, values: Mapping[str, Any], vat_rate: VatRate | None, costs: Decimal
) -> dict[str, Any]:
    """What follows from the price once `values` are set: VAT, totals and, less `costs`, the margin.

    Raises Invalid (422) for amounts beyond what is kept.
    """
    price = given_price(element, values, "unit_price", vat_rate)
    quantity = Decimal(values.get("default_quantity", element.default_quantity))
    check_size(price, quantity, "default_quantity")
    return {
        "vat_rate": vat_rate,
        **named_price(price, "unit_price"),
        **named_price(pricing.times(price, quantity), "total"),
        "total_costs": costs,
        **pricing.margins(price.ht, costs),
    }


def check_size(price: Amounts, quantity: Decimal, counted_by: str) -> None:
    """Refuse what columns cannot hold. Raises Invalid (422) on the price or the quantity, `counted_by`."""
    for name, amount, limit in (
        ("unit_price_ht", price.ttc, PRICE_LIMIT),
        (counted_by, price.ttc * quantity, TOTAL_LIMIT),
    ):
        if abs(amount) >= limit:
            raise Invalid({name: _("The amount is too large.")})


def given_price(
    element: CatalogElement,
    values: Mapping[str, Any],
    name: str,
    vat_rate: VatRate | None,
    places: int = UNIT_PLACES,
) -> Amounts:
    """A price as given without VAT, else with VAT; else as it was, at the rate that it has now."""
    rate = vat_rate.rate if vat_rate else Decimal(0)
    ht, tva, ttc = (f"{name}_{part}" for part in ("ht", "tva", "ttc"))
    if ht not in values and ttc in values:
        return pricing.without_vat(values[ttc], rate, places)
    if ht in values or vat_rate != element.vat_rate:
        return pricing.with_vat(values.get(ht, getattr(element, ht)), rate, places)
    return Amounts(getattr(element, ht), getattr(element, tva), getattr(element, ttc))


def named_price(amounts: Amounts, name: str) -> dict[str, Decimal]:
    """The amounts as columns `<name>_ht`, `_tva`, `_ttc`."""
    return {f"{name}_ht": amounts.ht, f"{name}_tva": amounts.tva, f"{name}_ttc": amounts.ttc}
