"""Worksites of the demonstration company, made of orders that were accepted."""

from __future__ import annotations

import datetime
from decimal import Decimal

from django.utils import timezone

from erp.constructions.models import Material, Planification, Technician
from erp.constructions.services import create_construction, create_planification
from erp.core import services as core
from erp.sales.choices import Kind, Status
from erp.sales.models import Affair
from erp.various.models import Country

__all__ = ["fill"]

COUNT = 8
WORK = (("Préparation du chantier", 2, 1), ("Pose", 8, 2), ("Finitions et nettoyage", 3, 1))
PLACES = (("12 rue de Dole", "25000", "Besançon"), ("4 place du Marché", "39100", "Dole"))


def fill() -> None:
    """Worksites to plan, in part planned, planned and ended."""
    people = [core.create(Technician, {"name": name}) for name in ("Karim Benali", "Lucie Moreau")]
    scaffold = core.create(Material, {"reference": "ECH-01", "name": "Échafaudage roulant"})
    france = Country.objects.get(code="FR")
    morning = timezone.now().replace(hour=7, minute=0, second=0, microsecond=0)
    accepted = Affair.objects.filter(
        documents__kind=Kind.QUOTATION, documents__status__in=range(Status.ACCEPTED, Status.REFUSED)
    )
    for number, affair in enumerate(accepted.distinct().order_by("-pk")[:COUNT]):
        road, postal_code, city = PLACES[number % len(PLACES)]
        site = create_construction(
            {
                "customer": affair.customer,
                "title": "Rénovation",
                "road1": road,
                "postal_code": postal_code,
                "city": city,
                "country": france,
                "affairs": [affair],
                "materials": [{"material": scaffold, "quantity": 1}],
                "contents": [
                    {
                        "designation": designation,
                        "quantity": Decimal(1),
                        "duration": Decimal(hours),
                        "number_people_needed": needed,
                    }
                    for designation, hours, needed in WORK
                ],
            }
        )
        if number % 4:
            begin = morning + datetime.timedelta(days=number - 4)
            first = site.contents.all()[:1]
            ended = Planification.Status.ENDED if number % 4 == 3 else Planification.Status.TO_DO
            create_planification(
                {
                    "construction": site,
                    "technicians": people[: 1 + number % 2],
                    "begin": begin,
                    "end": begin + datetime.timedelta(hours=8),
                    "status": ended,
                    "contents": [{"content": content} for content in first] if number % 4 == 1 else None,
                }
            )
