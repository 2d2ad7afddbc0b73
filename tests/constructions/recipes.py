"""What rows of the chapter need beyond their fields (see tests/recipes.py)."""

from __future__ import annotations

import datetime
from typing import Any

BEGIN = datetime.datetime(2024, 5, 17, 8, tzinfo=datetime.UTC)
END = datetime.datetime(2024, 5, 17, 12, tzinfo=datetime.UTC)


def construction_body() -> dict[str, Any]:
    """A body that creates a worksite with something to do."""
    from erp.customers.models import Customer
    from tests.factories import make

    place = {"postal_code": "25000", "city": "Besançon", "country": "FR"}
    return {"customer": make(Customer).pk, "contents": [{"designation": "Roof", "quantity": 4}], **place}


def planification_body() -> dict[str, Any]:
    """A body that plans all of a worksite."""
    from erp.constructions.models import Construction, Technician
    from tests.factories import make

    return {
        "construction": make(Construction).pk,
        "technicians": [{"type": "technician", "id": make(Technician).pk}],
        "begin": BEGIN.isoformat(),
        "end": END.isoformat(),
    }


def country() -> Any:
    from erp.various.models import Country

    return Country.objects.get(code="FR")


def a_technician() -> Any:
    from erp.constructions.models import Technician
    from tests.factories import make

    return make(Technician)


RECIPES = {
    "constructions.Construction": {"country": country},
    "constructions.ConstructionContent": {"quantity": 4},
    "constructions.Planification": {"begin": BEGIN, "end": END},
    "constructions.PlanificationTechnician": {"technician": a_technician},
}
BODIES = {"/construction": construction_body, "/construction/planification": planification_body}
