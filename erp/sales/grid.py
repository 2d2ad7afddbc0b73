"""The grid of lines: which elements of the catalog its lines sell, and which columns it shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from erp.catalog.models import CatalogElement, Product, ProductVariation, Service
from erp.core.access import visible
from erp.sales.choices import SecondaryMode
from erp.sales.models import Document

__all__ = ["GridColumn", "Sold", "code_of", "columns_of", "elements_of", "sells"]

#: Lines by what they sell of the catalog.
WORDS = EMPTY, PRODUCT, SERVICE = ("empty", "product", "service")


# --- Elements of the catalog ------------------------------------------------------------------------

CODE = re.compile(r"(product|service)-(\d{1,18})(?:-(\d{1,18}))?", re.ASCII)
#: What a line sells: an element, and which variation of it.
Sold = tuple[CatalogElement, ProductVariation | None]
MODELS: Mapping[str, type[CatalogElement]] = {PRODUCT: Product, SERVICE: Service}


def code_of(element: CatalogElement | None, variation: ProductVariation | None = None) -> str:
    """What a line sells as an input holds it: "product-1", in a variation "product-1-5"; "" for nothing."""
    if element is None:
        return ""
    return f"{element._meta.model_name}-{element.pk}" + (f"-{variation.pk}" if variation else "")


def sells(code: str) -> str:
    """Which of `WORDS` a line with this element is."""
    found = CODE.fullmatch(code)
    return found[1] if found else EMPTY


def elements_of(codes: Iterable[str]) -> dict[str, Sold]:
    """What codes name and the actor may see, by code; one query per kind, and one for variations."""
    named = {code: found for code in codes if (found := CODE.fullmatch(code))}
    keys: dict[str, set[int]] = {}
    for found in named.values():
        keys.setdefault(found[1], set()).add(int(found[2]))
    rows = {
        (kind, row.pk): row
        for kind, wanted in keys.items()
        for row in visible(MODELS[kind]).filter(pk__in=wanted)
    }
    varied = {int(found[3]) for found in named.values() if found[3]}
    variations = visible(ProductVariation).in_bulk(varied) if varied else {}
    sold: dict[str, Sold] = {}
    for code, found in named.items():
        element, variation = rows.get((found[1], int(found[2]))), variations.get(int(found[3] or 0))
        if element is not None and bool(found[3]) == bool(variation):
            sold[code] = element, variation
    return sold


# --- Columns ----------------------------------------------------------------------------------------

WORK = ("number_people_needed", "duration", "duration_type", "hourly_person_cost")
#: On which lines an option opens its inputs (reference: "Entry only for lines with product", and so on).
GOODS_ENTRY = {1: (EMPTY,), 2: (PRODUCT,), 3: (EMPTY, PRODUCT)}
COSTS_ENTRY = {1: (EMPTY,), 2: (PRODUCT,), 3: (PRODUCT, SERVICE), 4: (EMPTY, PRODUCT)}
WORK_ENTRY = {1: (EMPTY,), 2: (SERVICE,), 3: (PRODUCT, SERVICE), 4: (EMPTY, SERVICE)}


@dataclass(frozen=True)
class GridColumn:
    """A column of the grid: its inputs, and on which lines they are open (among `WORDS`)."""

    names: tuple[str, ...]
    label: Any
    css: str = ""
    open_on: tuple[str, ...] = WORDS


def columns_of(document: Document, options: Mapping[str, Any]) -> list[GridColumn]:
    """The columns that a document's options show, in order."""
    ean, weight, ecotax = (options.get(name, 0) for name in ("ean", "weight", "eco_participation"))
    costs, work = options.get("costs_entries", 0), options.get("workforce_entries", 0)
    by_line = document.secondary_quantity_mode == SecondaryMode.LINE
    second = (
        ("secondary_quantity", "secondary_unit")
        if options.get("secondary_quantity_unit", True)
        else ("secondary_quantity",)
    )
    wanted = [
        (options.get("col_reference", True), GridColumn(("reference",), _("Reference"), "reference")),
        (True, GridColumn(("designation",), _("Designation"), "designation")),
        (ean, GridColumn(("ean_code",), _("EAN code"), "text", GOODS_ENTRY.get(ean, WORDS))),
        (weight, GridColumn(("weight_unit",), _("Weight"), "number", GOODS_ENTRY.get(weight, WORDS))),
        (True, GridColumn(("quantity",), _("Qty"), "number")),
        (options.get("col_unit", True), GridColumn(("unit",), _("Unit"), "unit")),
        (by_line, GridColumn(second, _("2nd qty"), "pair secondary")),
        (True, GridColumn(("unit_price",), _("Unit price"), "number price")),
        (True, GridColumn(("discount_value", "discount_type"), _("Discount"), "pair discount")),
        (ecotax, GridColumn(("ecotax_u",), _("Eco-part."), "number price", GOODS_ENTRY.get(ecotax, WORDS))),
        (True, GridColumn(("vat_rate",), _("VAT"), "vat")),
        (costs, GridColumn(("catalog_costs_u",), _("Unit cost"), "number", COSTS_ENTRY.get(costs, WORDS))),
        (options.get("various_costs"), GridColumn(("various_costs_u",), _("Various costs"), "number")),
        (work, GridColumn(WORK, _("Work"), "work", WORK_ENTRY.get(work, WORDS))),
    ]  # fmt: skip
    return [column for is_wanted, column in wanted if is_wanted]
