"""Options kept on each document: how its form shows (`input_options`) and how it prints (`pdf_options`).

A new document takes them from the team parameters named here, which its body may override.
"""

from __future__ import annotations

from typing import Any

from erp.core.parameters import Parameter, ParameterSet

__all__ = ["INPUT_OPTIONS", "PDF_OPTIONS", "options_of"]

ENTRY = (0, 1, 2, 3, 4)
COST_ENTRY = (0, 1, 2, 3, 4, 5)
SHOWN = (1, 2, 3)


def _flag(name: str, default: bool = False) -> Parameter:
    return Parameter(name, "boolean", default)


def _choice(name: str, default: int, choices: tuple[int, ...] = SHOWN) -> Parameter:
    return Parameter(name, "integer", default, choices=choices)


INPUT_OPTIONS = ParameterSet(
    (
        _flag("allow_delivery_address", True),
        _flag("allow_options"),
        _choice("ean", 0, ENTRY),
        _choice("weight", 0, ENTRY),
        _choice("eco_participation", 0, ENTRY),
        _flag("col_number"),
        _flag("col_reference", True),
        _flag("col_picture"),
        _flag("col_unit", True),
        _choice("stock_display", 1, SHOWN),
        _flag("stock_tracabilities"),
        _choice("costs_entries", 0, COST_ENTRY),
        _flag("various_costs"),
        _choice("workforce_entries", 0, COST_ENTRY),
        _flag("gross_margin_amount"),
        _flag("gross_margin_rate"),
        _flag("markup_rate"),
        _flag("secondary_quantity_unit", True),
    )
)

PDF_OPTIONS = ParameterSet(
    (
        _choice("amounts", 1),
        _choice("discounts", 1),
        _choice("comments", 2, (1, 2)),
        _choice("units", 1),
        _choice("pictures", 1),
        _choice("number_column", 1),
        _choice("reference_column", 1),
        _choice("ean_column", 1),
        _choice("weight_column", 1),
        _flag("vatrate_column"),
        _flag("total_quantity"),
        _choice("contact", 1),
        _choice("country", 1),
        _choice("vatrate_number", 1),
    )
)


def options_of(team: Any, options: ParameterSet, prefix: str, given: dict[str, Any]) -> dict[str, Any]:
    """A new document's options: given ones, else the team parameter `prefix + name`, else the default."""
    from tenants.parameters import TEAM

    values = {}
    for parameter in options:
        name = prefix + parameter.name
        values[parameter.name] = TEAM.value(team.configs, name) if name in TEAM.by_name else parameter.default
    return values | given
