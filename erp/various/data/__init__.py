"""Reference data shipped with the product: global lists, legal mentions and the lists seeded in a new team.

Each ``<name>.json`` beside this module is a list of flat rows. Labels come in French and English
(``label_fr``/``label_en``, ``name_fr``/``name_en``, ``text_fr``/``text_en``). The ids of ``countries``,
``currencies`` and ``timezones`` are part of the API and never change: new rows are added at the end.
"""

import copy
import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["GLOBAL_LISTS", "TEAM_LISTS", "legal_mention", "load"]

Row = dict[str, Any]

GLOBAL_LISTS = ("countries", "currencies", "timezones")
TEAM_LISTS = (
    "vat_rates",
    "payment_terms",
    "payment_methods",
    "civilities",
    "units",
    "customer_types",
    "customer_origins",
    "customer_activities",
    "contact_functions",
    "charge_categories",
    "sale_categories",
    "task_categories",
    "sale_terms",
    "pdf_models",
    "mail_models",
)
_NAMES = frozenset((*GLOBAL_LISTS, *TEAM_LISTS, "legal_mentions"))


@cache
def _read(name: str) -> list[Row]:
    if name not in _NAMES:
        raise KeyError(name)
    text = (Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8")
    rows: list[Row] = json.loads(text)
    return rows


def load(name: str) -> list[Row]:
    """Return a list of shipped rows, read once from disk; the caller owns the copy. KeyError if unknown."""
    return copy.deepcopy(_read(name))


def legal_mention(key: str, on: date) -> Row:
    """Return the wording of a mention in force on a day (the document's date, both bounds included).

    ``text_fr`` and ``text_en`` may hold named placeholders, to fill with ``str.format``.
    KeyError when the key is unknown or no wording was in force on that day.
    """
    day = on.isoformat()
    for row in _read("legal_mentions"):
        if row["key"] == key and row["valid_from"] <= day <= (row["valid_until"] or day):
            return dict(row)
    raise KeyError((key, day))
