"""Custom prices of products and services: how they are kept, and which one a customer gets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from erp.catalog import pricing
from erp.catalog.models import CatalogElement, PriceMode, ProductVariation, QuantityMode
from erp.catalog.services.elements import merged
from erp.core.errors import Invalid
from erp.core.money import Amounts
from erp.customers.models import Customer

__all__ = ["CustomPrices", "plan_prices", "save_prices"]

TYPE_LISTS = ("custom_type_prices", "add_custom_type_prices", "remove_custom_type_prices")
ZERO = Decimal(0)


# --- Keeping --------------------------------------------------------------------------------------


def plan_prices(element: CatalogElement, values: dict[str, Any]) -> dict[str, Any]:
    """Settle the mode of custom prices in `values`; takes the price lists out of them for `save_prices`.

    `custom_quantity_prices` is the whole list of rows {"minimum", "maximum", "price"};
    `custom_type_prices`, `add_…` and `remove_…` are rows {"customer" or "customer_type", "price"}.
    Lists of another mode than the element's are kept, and count again when it comes back.
    Raises Invalid (422) for a list that the mode does not use, or quantities that overlap.
    """
    mode = values.get("custom_price_mode", element.custom_price_mode) or ""
    values["custom_price_mode"] = mode
    _settle_quantity_mode(element, values, mode)
    lists = {name: values.pop(name) for name in ("custom_quantity_prices", *TYPE_LISTS) if name in values}
    for name in list(lists):
        is_used = mode == PriceMode.QUANTITY if name == "custom_quantity_prices" else mode in CUSTOMER_MODES
        if is_used:
            continue
        if lists.pop(name):
            text = _("Set custom_price_mode first: these prices do not count in the present mode.")
            raise Invalid({name: text}, code="mode")
    for name, rows in lists.items():
        for number, row in enumerate(rows or ()) if name in TYPE_LISTS else ():
            if bool(row.get("customer")) == bool(row.get("customer_type")):
                text = _("Choose either a customer or a type of customers.")
                raise Invalid({f"{name}.{number}.element": text}, code="required")
    if "custom_quantity_prices" in lists:
        _check_tiers(lists["custom_quantity_prices"] or ())
    return lists


CUSTOMER_MODES = (PriceMode.TYPE, PriceMode.CUSTOMER)


def _settle_quantity_mode(element: CatalogElement, values: dict[str, Any], mode: str) -> None:
    """Prices by quantity say which quantity counts: that of the document unless another is chosen."""
    if mode != PriceMode.QUANTITY:
        return
    name, months = "custom_price_quantity_mode", "custom_price_quantity_month_length"
    chosen = values.get(name, getattr(element, name)) or QuantityMode.DOCUMENT
    values[name] = chosen
    if chosen == QuantityMode.MONTHS and not values.get(months, getattr(element, months)):
        raise Invalid({months: _("Say over how many months the quantity counts.")}, code="required")


def _check_tiers(rows: Sequence[Mapping[str, Any]]) -> None:
    """Quantities of prices must not overlap. Raises Invalid (422) on the row."""
    ordered = sorted(enumerate(rows), key=lambda item: item[1]["minimum"])
    reached: int | None = -1
    for number, row in ordered:
        path, top = f"custom_quantity_prices.{number}", row.get("maximum")
        if top is not None and top < row["minimum"]:
            raise Invalid({f"{path}.maximum": _("This must not be less than the minimum.")})
        if reached is None or row["minimum"] <= reached:
            raise Invalid({f"{path}.minimum": _("Another price counts for this quantity.")})
        reached = top


def save_prices(element: CatalogElement, lists: dict[str, Any]) -> None:
    """Write the price lists of a saved element, as `plan_prices` left them."""
    if "custom_quantity_prices" in lists:
        tiers = {row["minimum"]: row for row in lists["custom_quantity_prices"] or ()}
        _replace(element, "custom_quantity_prices", lambda row: row.minimum, tiers, ("maximum", "price"))
    present = {_customer_key(row): row for row in element.custom_type_prices.all()} if lists else {}  # type: ignore[attr-defined]
    if (wanted := merged(lists, "custom_type_prices", present, _customer_key)) is not None:
        _replace(element, "custom_type_prices", _customer_key, wanted, ("price",))


def _customer_key(row: Any) -> tuple[str, int]:
    """What a price by customer is for: a row of the table, or one as typed."""
    if not isinstance(row, Mapping):
        return row.type, row.customer_id or row.customer_type_id
    if customer := row.get("customer"):
        return "customer", customer.pk
    return "type", row["customer_type"].pk


def _replace(
    element: CatalogElement, name: str, key_of: Any, wanted: Mapping[Any, Any], changing: Sequence[str]
) -> None:
    """Make the rows of a list those that are wanted: typed ones, or rows that stay as they are."""
    manager: Any = getattr(element, name)
    present = {key_of(row): row for row in manager.all()}
    manager.filter(pk__in=[row.pk for key, row in present.items() if key not in wanted]).hard_delete()
    rows = []
    for key, values in wanted.items():
        if not isinstance(values, Mapping):
            continue
        rows.append(row := present.get(key) or manager.model(**{manager.field.name: element}))
        for attribute in ("minimum", "maximum", "customer", "customer_type", "price"):
            if attribute in values:
                setattr(row, attribute, values[attribute])
    new, known = [row for row in rows if row.pk is None], [row for row in rows if row.pk]
    manager.model.objects.bulk_create(new)
    manager.model.objects.bulk_update(known, changing)


# --- Choosing -------------------------------------------------------------------------------------


class CustomPrices:
    """The custom prices of some elements for one customer, read at once: no query without any, at most two
    for products and two for services.
    """

    def __init__(self, elements: Iterable[CatalogElement], customer: Customer | None) -> None:
        self.tiers: dict[tuple[type, int], list[pricing.Tier]] = defaultdict(list)
        self.for_customer: dict[tuple[type, int], Decimal] = {}
        self.for_type: dict[tuple[type, int], Decimal] = {}
        by_model: dict[type[Any], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for element in elements:
            by_quantity = element.custom_price_mode == PriceMode.QUANTITY
            if element.custom_price_mode:
                by_model[type(element)]["quantity" if by_quantity else "customer"].append(element.pk)
        for model, keys in by_model.items():
            self._read_tiers(model, keys["quantity"])
            if customer is not None and customer.pk is not None:
                self._read_customers(model, keys["customer"], customer)

    def _read_tiers(self, model: Any, keys: list[int]) -> None:
        related = model._meta.get_field("custom_quantity_prices")
        name = related.field.attname
        rows = related.related_model.objects.filter(**{f"{name}__in": keys}) if keys else ()
        for row in rows:
            self.tiers[model, getattr(row, name)].append(pricing.Tier(row.minimum, row.maximum, row.price))

    def _read_customers(self, model: Any, keys: list[int], customer: Customer) -> None:
        related = model._meta.get_field("custom_type_prices")
        name = related.field.attname
        mine = Q(customer=customer.pk) | Q(customer_type=customer.type_id)
        rows = related.related_model.objects.filter(mine, **{f"{name}__in": keys}) if keys else ()
        for row in rows:
            prices = self.for_customer if row.customer_id is not None else self.for_type
            prices[model, getattr(row, name)] = row.price

    def price(
        self, element: CatalogElement, variation: ProductVariation | None, quantity: Decimal
    ) -> Amounts:
        """The unit price of an element, or of its variation, when `quantity` is what counts."""
        key = type(element), element.pk
        custom = pricing.custom_price(
            element.custom_price_mode,
            for_customer=self.for_customer.get(key),
            for_type=self.for_type.get(key),
            tiers=self.tiers.get(key, ()),
            quantity=quantity,
        )
        if custom is None:
            return variation.price if variation is not None else element.price
        return pricing.with_vat(custom, element.vat_rate.rate if element.vat_rate else ZERO)
