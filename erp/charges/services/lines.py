"""Lines of charges: from what is typed, and what they are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from erp.catalog.models import Product, Service
from erp.catalog.services.elements import list_row
from erp.charges import calculation
from erp.charges.models import Charge, ChargeContent
from erp.core.errors import BusinessError, Invalid, joined
from erp.various.models import Unit

__all__ = ["build_lines", "compute"]

ZERO = Decimal(0)
#: Amounts have fewer digits than this.
LIMIT = Decimal(10) ** 12
PRICES = ("unit_price_ht", "unit_price_ttc")
#: What a line takes from the product or the service that it names, when it is not given.
FROM_CATALOG = ("charge_category", "unit")


def build_lines(typed: Sequence[tuple[ChargeContent, Mapping[str, Any]]]) -> list[ChargeContent]:
    """Set what was typed on lines, new ones or those of before, in their order.

    Raises Invalid (422) with every error at once, by "contents.0.attribute".
    """
    refusals: dict[int, BusinessError] = {}
    for number, (line, row) in enumerate(typed):
        line.line_number = number + 1
        try:
            _build(line, row)
        except Invalid as error:
            refusals[number] = error
    if refusals:
        raise Invalid({f"contents.{path}": texts for path, texts in joined(refusals).errors.items()})
    return [line for line, _row in typed]


def _build(line: ChargeContent, row: Mapping[str, Any]) -> None:
    """Set what was typed on a line. Raises Invalid (422) by attribute."""
    is_new = line.pk is None
    errors: dict[str, str] = {}
    for name, value in _typed(line, row).items():
        setattr(line, name, value)
    if "vat_rate" in row or line.custom_vat_rate:
        line.vat_rate_value = line.vat_rate.rate if line.vat_rate else None
    if not line.designation:
        errors["designation"] = _("This field is required.")
    if line.vat_rate is None and not line.custom_vat_rate:
        errors["vat_rate"] = _("This field is required.")
    if is_new and all(row.get(name) is None for name in PRICES):
        errors |= dict.fromkeys(PRICES, _("Give the price excluding VAT, or the price including VAT."))
    if is_new and line.custom_vat_rate and row.get("unit_price_tva") is None:
        errors["unit_price_tva"] = _("This field is required.")
    if abs(_price(line) * line.quantity) >= LIMIT or abs(line.unit_price_tva * line.quantity) >= LIMIT:
        errors["quantity"] = _("The amount is too large.")
    if errors:
        raise Invalid(errors)


def _typed(line: ChargeContent, row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that a typed line sets."""
    values = {name: row[name] for name in ("designation", "charge_category", "vat_rate") if name in row}
    if row.get("quantity") is not None:
        values["quantity"] = row["quantity"]
    if "unit" in row:
        unit = row["unit"]
        values["unit"] = list_row(Unit, "unit", unit) if isinstance(unit, str) else unit
    if "catalog" in row:
        element = row["catalog"]
        values["product"] = element if isinstance(element, Product) else None
        values["service"] = element if isinstance(element, Service) else None
        for name in FROM_CATALOG:
            if values.get(name) is None and (own := getattr(element, name, None)) is not None:
                values[name] = own
    # The side typed is the one given; of both, that without VAT.
    for name in reversed(PRICES):
        if row.get(name) is not None:
            values |= {name: row[name], "includes_vat": name == "unit_price_ttc"}
    values["custom_vat_rate"] = _has_typed_vat(line, row)
    if values["custom_vat_rate"]:
        values["vat_rate"] = None
        if row.get("unit_price_tva") is not None:
            values["unit_price_tva"] = row["unit_price_tva"]
    return values


def _has_typed_vat(line: ChargeContent, row: Mapping[str, Any]) -> bool:
    """Whether the VAT of a line is typed: as it says, else when it has no rate but an amount."""
    if row.get("custom_vat_rate") is not None:
        return bool(row["custom_vat_rate"])
    if row.get("vat_rate") is not None:
        return False
    rate = row.get("vat_rate", line.vat_rate)
    return line.custom_vat_rate or (rate is None and row.get("unit_price_tva") is not None)


def _price(line: ChargeContent) -> Decimal:
    return line.unit_price_ttc if line.includes_vat else line.unit_price_ht


def compute(charge: Charge, lines: Sequence[ChargeContent]) -> None:
    """Set every amount, and the status that follows. Raises Invalid (422) when the total is negative."""
    result = calculation.compute([_input(line) for line in lines])
    for line, computed in zip(lines, result.lines, strict=True):
        unit, total = computed.unit, computed.total
        line.unit_price_ht, line.unit_price_tva, line.unit_price_ttc = unit.ht, unit.tva, unit.ttc
        line.total_ht, line.total_tva, line.total_ttc = total.ht, total.tva, total.ttc
    charge.total_ht, charge.total_tva = result.total.ht, result.total.tva
    charge.total_ttc = result.total.ttc
    if charge.total_ttc < 0:
        raise Invalid({"contents": _("The total is negative: enter a credit (type 2) instead.")})


def _input(line: ChargeContent) -> calculation.LineInput:
    return calculation.LineInput(
        price=_price(line),
        quantity=line.quantity,
        includes_vat=line.includes_vat,
        rate=line.vat_rate_value or ZERO,
        vat=line.unit_price_tva if line.custom_vat_rate else None,
    )
