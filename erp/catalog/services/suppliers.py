"""Who sells a product to the company: suppliers' references or, with variations, suppliers alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from erp.catalog.models import Product, ProviderReference
from erp.catalog.services.elements import merged
from erp.core.errors import Invalid
from erp.customers.models import Customer

__all__ = ["planned_references", "save_suppliers"]

LISTS = ("providers_references", "add_providers_references", "remove_providers_references")
COSTS = ("buy_price_ht", "various_costs")


def planned_references(product: Product, values: dict[str, Any]) -> list[ProviderReference]:
    """The references of suppliers that a product will have, the first being its main one, out of `values`:
    `providers_references` is the whole list of rows {"customer", "reference", "buy_price_ht",
    "various_costs"}, `add_…` adds or changes some, `remove_…` takes some away (all of a supplier's without
    a reference). A product with variations has none. Raises Invalid (422).
    """
    has_variations = bool(values.get("variations_length", product.variations_length))
    if not has_variations and values.get("providers"):
        text = _(
            "Only a product with variations names its suppliers here: give suppliers' references instead."
        )
        raise Invalid({"providers": text})
    for name in LISTS if has_variations else ():
        if values.pop(name, None):
            raise Invalid({name: _("A product with variations has no references of its own.")})
    if has_variations:
        _check_suppliers("providers", values.get("providers") or ())
        return []
    values.pop("providers", None)
    for name in LISTS[:2]:
        _check_suppliers(name, [row["customer"] for row in values.get(name) or ()], ".customer")
    rows = [] if product._state.adding else list(product.providers_references.select_related("customer"))
    present = {_key(row): row for row in rows}
    _name_all(values, present)
    wanted = merged(values, "providers_references", present, _key)
    return rows if wanted is None else [_row(present.get(key), item) for key, item in wanted.items()]


def _check_suppliers(path: str, customers: Sequence[Customer], end: str = "") -> None:
    """Only suppliers and subcontractors sell to the company. Raises Invalid (422)."""
    for number, customer in enumerate(customers):
        if not (customer.is_provider or customer.is_subcontractor):
            text = _("%(customer)s is no supplier: mark it as one first.") % {"customer": customer}
            raise Invalid({f"{path}.{number}{end}": text})


def _key(row: Any) -> tuple[int, str]:
    if isinstance(row, Mapping):
        return row["customer"].pk, row.get("reference") or ""
    return row.customer_id, row.reference


def _name_all(values: dict[str, Any], present: Mapping[tuple[int, str], ProviderReference]) -> None:
    """To remove a supplier without saying which reference is to remove all of its references."""
    removed = values.get("remove_providers_references")
    if removed:
        wide = {row["customer"].pk for row in removed if not row.get("reference")}
        values["remove_providers_references"] = [
            *(row for row in removed if row.get("reference")),
            *(row for (customer, _reference), row in present.items() if customer in wide),
        ]


def _row(known: ProviderReference | None, item: Any) -> ProviderReference:
    """The row of what is wanted: one that stays, or one as typed (unsaved)."""
    if isinstance(item, ProviderReference):
        return item
    row = known or ProviderReference(customer=item["customer"], reference=item.get("reference") or "")
    for name in COSTS:
        if item.get(name) is not None:
            setattr(row, name, item[name])
    return row


def save_suppliers(product: Product, references: Sequence[ProviderReference]) -> None:
    """Write the planned references of a saved product; without variations they say who its suppliers are."""
    kept = [row.pk for row in references if row.pk]
    ProviderReference.objects.filter(product=product).exclude(pk__in=kept).hard_delete()
    for row in references:
        row.product = product
    new, known = [row for row in references if row.pk is None], [row for row in references if row.pk]
    ProviderReference.objects.bulk_create(new)
    ProviderReference.objects.bulk_update(known, COSTS)
    if not product.variations_length:
        product.providers.set({row.customer_id for row in references})
