"""What lines take over from the catalog: the sheet of a product or of a service, as it is at that moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.html import escape
from django.utils.translation import gettext as _

from erp.catalog.durations import DurationType, hours_of
from erp.catalog.models import CatalogElement, Product, ProductVariation, Service, ServiceProduct
from erp.catalog.services import needs_of
from erp.core.errors import Invalid
from erp.core.money import UNIT_PLACES, round_half_up
from erp.sales.models import Line
from erp.various.models import VatRate

__all__ = ["Needs", "check_price", "load", "load_variations", "take"]

#: What services need, by their ids.
Needs = Mapping[int, Sequence[ServiceProduct]]

#: Links of an element that its lines take over.
LINKS = ("unit", "vat_rate", "sale_category", "default_picture")
ZERO = Decimal(0)
#: What a line holds of what its element does not have.
NOTHING: Mapping[str, Any] = {
    "ean_code": "",
    "weight_unit": None,
    "ecotax_u_ht": ZERO,
    "ecotax_u_ttc": ZERO,
    "hourly_person_cost": ZERO,
    "number_people_needed": 0,
    "duration": ZERO,
    "duration_type": DurationType.HOUR,
    "needed_products": {},
}


def load(elements: Iterable[CatalogElement | None], rates: Iterable[VatRate | None] = ()) -> Needs:
    """Fetch at once what lines copy from these elements' links, and what the services among them need.

    `rates` are VAT rates that were fetched already.
    """
    found = {(type(element), element.pk): element for element in elements if element is not None}
    known = {rate.pk: rate for rate in rates if rate is not None}
    for element in found.values():
        if element.vat_rate_id in known:
            element.vat_rate = known[element.vat_rate_id]
    for model in (Product, Service):
        prefetch_related_objects([row for (kind, _key), row in found.items() if kind is model], *LINKS)
    services = [row for row in found.values() if isinstance(row, Service) and row.products_stock_management]
    return needs_of(services) if services else {}


def load_variations(variations: Iterable[ProductVariation]) -> None:
    """Fetch at once what lines copy from these variations."""
    prefetch_related_objects(list(variations), "level1", "level2", "level3")


def take(line: Line, element: CatalogElement, needs: Needs) -> None:
    """Start a line, or start it again, from the sheet of its element, in its variation if it has one."""
    values = {
        **NOTHING,
        "reference": element.reference,
        "designation": element.designation or element.name,
        "unit": element.unit,
        "sale_category": element.sale_category,
        "vat_rate": element.vat_rate,
        "quantity": element.default_quantity or Decimal(1),
        "picture": element.default_picture,
        "various_costs_u": element.various_costs,
        **(_work(element, needs) if isinstance(element, Service) else {}),
        **(_goods(element) if isinstance(element, Product) else {}),
        **(_varied(element, line.variation) if line.variation else {}),
    }
    for name, value in values.items():
        setattr(line, name, value)


def _goods(product: Product) -> dict[str, Any]:
    """What only a product's sheet says."""
    return {
        "ean_code": product.ean_code,
        "weight_unit": product.unit_weight or None,
        "ecotax_u_ht": product.eco_tax_ht,
        "ecotax_u_ttc": product.eco_tax_ttc,
        "catalog_costs_u": product.unit_buy_price_ht,
        "various_costs_u": product.total_costs - product.unit_buy_price_ht,
    }


def _varied(product: CatalogElement, variation: ProductVariation) -> dict[str, Any]:
    """What a variation says otherwise than its product."""
    words = escape(variation.label)
    return {
        "reference": variation.reference or product.reference,
        "designation": f"{product.designation or product.name} – {words}",
        "ean_code": variation.ean_code,
        "catalog_costs_u": variation.buy_price_ht,
    }


def _work(service: Service, needs: Needs) -> dict[str, Any]:
    """What only a service's sheet says. Its description of the work becomes the line's internal comment."""
    values = {
        "catalog_costs_u": service.products_costs,
        "hourly_person_cost": service.hourly_person_cost,
        "number_people_needed": service.number_people_needed,
        "duration": service.duration,
        "duration_type": service.duration_type,
        "needed_products": {str(need.product_id): str(need.quantity) for need in needs.get(service.pk, ())},
    }
    if service.work_description:
        values["comments"] = service.work_description
    return values | (_typed_work_cost(service) if service.workforce_costs_typed else {})


def _typed_work_cost(service: Service) -> dict[str, Any]:
    """A line computes its cost of work: one that was typed becomes an hourly cost, or a cost like others when
    the service takes no time."""
    hours = hours_of(service.duration, service.duration_type) * service.number_people_needed
    if hours * 60 >= 1:
        return {"hourly_person_cost": round_half_up(service.workforce_costs / hours, UNIT_PLACES)}
    return {
        "hourly_person_cost": ZERO,
        "various_costs_u": service.various_costs + service.workforce_costs,
    }


def check_price(
    line: Line, element: CatalogElement, name: str, price: Decimal, allowed: set[Decimal]
) -> None:
    """Refuse another price than those `allowed` where the catalog's is fixed. Raises Invalid (422)."""
    if not element.cant_change_price or getattr(line, name) in allowed:
        return
    words = {"price": price}
    if isinstance(element, Service):
        text = _("The price of this service cannot be changed: it is %(price)s.") % words
    else:
        text = _("The price of this product cannot be changed: it is %(price)s.") % words
    raise Invalid({name: text})
