"""What the inputs of a line hold, and what they stand for."""

from __future__ import annotations

import html
import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from erp.core.inputs import shown_input
from erp.sales.grid import code_of
from erp.sales.models import Line

ZERO = Decimal(0)
TAG = re.compile(r"</?[a-z][a-z0-9]*\b[^>]*>", re.IGNORECASE)
HEADING = re.compile(r"^<strong>(.*)</strong>$", re.DOTALL)


ITEM, OPTION, TEXT, HEADING_KIND, SUBTOTAL, PAGE_BREAK = (
    "item",
    "option",
    "text",
    "heading",
    "subtotal",
    "pagebreak",
)
KINDS = (
    (ITEM, _("Article")),
    (OPTION, _("Option")),
    (TEXT, _("Text")),
    (HEADING_KIND, _("Heading")),
    (SUBTOTAL, _("Subtotal")),
    (PAGE_BREAK, _("Page break")),
)
FLAGS = {
    "is_option": (OPTION,),
    "is_comments": (TEXT, HEADING_KIND),
    "is_subtotal": (SUBTOTAL,),
    "is_pagebreak": (PAGE_BREAK,),
}
#: Columns of a line that are set as typed, and those that may be emptied.
AS_TYPED = (
    "reference", "ean_code", "weight_unit", "quantity", "unit", "secondary_quantity", "secondary_unit",
    "vat_rate", "discount_type", "discount_value", "catalog_costs_u", "various_costs_u", "hourly_person_cost",
    "number_people_needed", "duration", "duration_type",
)  # fmt: skip
MAY_BE_EMPTY = {"weight_unit", "unit", "secondary_quantity", "secondary_unit", "vat_rate"}
#: Prices are typed on one side, that of the document's input mode.
SIDED = ("unit_price", "ecotax_u")
#: What may change on a line whose amounts were given (a deposit).
TEXTS = ("reference", "designation")


def kind_of(line: Line) -> str:
    """Which of KINDS a line is."""
    if line.is_comments:
        return HEADING_KIND if HEADING.match(line.designation) else TEXT
    flags = ((line.is_subtotal, SUBTOTAL), (line.is_pagebreak, PAGE_BREAK), (line.is_option, OPTION))
    return next((kind for flag, kind in flags if flag), ITEM)


def text_of(line: Line) -> str:
    """A designation to edit: text when it has no layout, else its HTML."""
    found = HEADING.match(line.designation) if line.is_comments else None
    text = found.group(1) if found else line.designation
    return text if TAG.search(text) else html.unescape(text)


def html_of(text: str, kind: str) -> str:
    """The designation that a typed text stands for."""
    text = text.strip() if TAG.search(text) else html.escape(text.strip(), quote=False)
    return f"<strong>{text}</strong>" if kind == HEADING_KIND and text else text


def line_initial(line: Line, mode: str) -> dict[str, Any]:
    """What the inputs of a line hold."""
    values: dict[str, Any] = {
        name: getattr(line, f"{name}_id" if name in ("unit", "secondary_unit", "vat_rate") else name)
        for name in AS_TYPED
    }
    values |= {name: getattr(line, f"{name}_{mode}") for name in SIDED}
    values["discount_value"] = line.discount_value or None
    return values | {
        "affair_content": line.affair_content_id,
        "catalog": code_of(line.element, line.variation),
        "catalog_price": shown_input(values["unit_price"], True) if line.is_price_automatic else "",
        "kind": kind_of(line),
        "designation": text_of(line),
    }
