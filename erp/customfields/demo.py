"""Custom fields of the demonstration team, with values where people would have typed some."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from erp.core.elements import element_type
from erp.customfields.models import CustomField
from erp.customfields.services import create_field, write_values
from erp.various.services import team_today

__all__ = ["fill"]

FIELDS: tuple[dict[str, Any], ...] = (
    {
        "label": "Secteur",
        "type": "select",
        "usage": ["customer", "prospect"],
        "options": ["Lyon", "Villeurbanne", "Ouest lyonnais", "Hors secteur"],
    },
    {"label": "Apporteur d’affaires", "type": "contact", "usage": ["customer", "prospect"]},
    {
        "label": "Moyens d’accès",
        "type": "checkbox",
        "usage": ["quotation", "command", "delivery", "construction"],
        "options": ["Échafaudage", "Nacelle", "Badge d’accès", "Stationnement réservé"],
    },
    {
        "label": "Date de pose souhaitée",
        "type": "date",
        "usage": ["quotation", "command", "opportunity"],
    },
    {"label": "Garantie (mois)", "type": "number", "usage": ["product"]},
)
#: How many rows of each kind have values.
ROWS = 6


def fill() -> None:
    """Make the fields, and give values to some rows of each kind."""
    fields = {data["label"]: create_field(data) for data in FIELDS}
    sectors = fields["Secteur"].options.values_list("value", flat=True)
    accesses = fields["Moyens d’accès"].options.values_list("value", flat=True)
    agent = element_type("contact").model.objects.order_by("pk").first()
    for number, customer in enumerate(_some("customer")):
        sector = sectors[number % len(sectors)]
        _write(fields, customer, {"Secteur": sector, "Apporteur d’affaires": agent})
    for number, product in enumerate(_some("product")):
        _write(fields, product, {"Garantie (mois)": 12 * (1 + number % 3)})
    for number, quotation in enumerate(_some("quotation")):
        day = team_today() + datetime.timedelta(weeks=2 + number)
        access = accesses[: 1 + number % 3]
        _write(fields, quotation, {"Moyens d’accès": access, "Date de pose souhaitée": day})


def _some(name: str) -> Any:
    """The newest rows of a kind."""
    return element_type(name).model.objects.order_by("-pk")[:ROWS]


def _write(fields: Mapping[str, CustomField], row: Any, values: Mapping[str, Any]) -> None:
    """Give a row the values of those fields that are meant for it."""
    meant = {label for label in values if fields[label].is_for(row.custom_field_usages)}
    write_values(row, [{"id": fields[label].pk, "value": values[label]} for label in sorted(meant)])
