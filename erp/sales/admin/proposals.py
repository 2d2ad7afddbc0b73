"""What the grid of lines proposes of the catalog while a person types."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.db.models import Q

from erp.catalog.models import CatalogElement, Product, ProductVariation, Service
from erp.core.access import visible
from erp.core.inputs import shown_input
from erp.sales.forms import SIDED, line_initial, stock_text
from erp.sales.grid import Sold, sells
from erp.various.figures import shown

__all__ = ["offered", "proposal"]

#: Elements proposed at once, and rows with what they come in.
PROPOSED = 12
PROPOSED_ROWS = 30


def offered(term: str) -> list[Sold]:
    """The first elements of the catalog that are for sale and have the term, by name; after a product, what
    it comes in."""
    named = Q(reference__icontains=term) | Q(name__icontains=term)
    coded = ProductVariation.objects.filter(Q(reference__icontains=term) | Q(ean_code__istartswith=term))
    goods = named | Q(ean_code__istartswith=term) | Q(pk__in=coded.values("product"))
    found: list[CatalogElement] = []
    for model, condition in ((Product, goods), (Service, named)):
        living = visible(model).filter(condition, status=True, not_for_sale=False)
        found += living.order_by("name", "pk")[:PROPOSED]
    found = sorted(found, key=lambda element: element.name.casefold())[:PROPOSED]
    varied = [element.pk for element in found if isinstance(element, Product) and element.variations_length]
    variations: dict[int, list[ProductVariation]] = defaultdict(list)
    for row in ProductVariation.objects.filter(product__in=varied) if varied else ():
        variations[row.product_id].append(row)
    rows: list[Sold] = []
    for element in found:
        rows.append((element, None))
        if isinstance(element, Product):
            rows += [(element, row) for row in variations[element.pk]]
    return rows[:PROPOSED_ROWS]


def proposal(line: Any, mode: str, options: dict[str, Any]) -> dict[str, Any]:
    """An element as the grid's search shows it, with the values of its line's inputs."""
    values = {
        name: shown_input(value, name in SIDED) if isinstance(value, Decimal) else value
        for name, value in line_initial(line, mode).items()
    }
    name = f"{line.element.name}, {line.variation.label}" if line.variation else line.element.name
    return {
        "sells": sells(values["catalog"]),
        "label": f"{line.reference} – {name}" if line.reference else name,
        "price": shown(getattr(line, f"unit_price_{mode}"), 2),
        "stock": stock_text(line.product, options, line.variation) if line.product else "",
        "values": {
            name: "" if value is None else value for name, value in values.items() if name != "affair_content"
        },
    }
