"""Demonstration data: what the owner of a small building company has to do, late and to come."""

from __future__ import annotations

import datetime

from erp.core.elements import Element, element_type
from erp.core.moments import day_start
from erp.core.scope import current_team
from erp.customers.models import Customer
from erp.sales.models import Quotation
from erp.tasks.choices import Priority, Status
from erp.tasks.services import create_task
from erp.various.models import TaskCategory
from erp.various.services import team_today
from tenants.models import TeamUser

#: (title, days from today, priority, status, what it is about, notes)
TASKS = (
    ("Relancer le devis de la véranda", -3, Priority.HIGH, Status.TO_DO, "quotation", ""),
    ("Rappeler pour le choix du carrelage", 0, Priority.NORMAL, Status.TO_DO, "customer", ""),
    ("Commander les fenêtres", 0, Priority.HIGH, Status.RUNNING, "quotation",
     "<p>Cotes prises sur place.<br>Délai du fournisseur : trois semaines.</p>"),
    ("Réserver la benne à gravats", 2, Priority.NORMAL, Status.TO_DO, "", ""),
    ("Envoyer l'attestation de TVA à taux réduit", 4, Priority.NORMAL, Status.WAITING, "customer", ""),
    ("Préparer la réception des travaux", 12, Priority.NORMAL, Status.TO_DO, "customer", ""),
    ("Renouveler l'assurance décennale", 25, Priority.HIGH, Status.TO_DO, "", ""),
    ("Contrôle technique du fourgon", 60, Priority.LOW, Status.TO_DO, "", ""),
    ("Ranger le dépôt", None, Priority.LOW, Status.TO_DO, "", ""),
    ("Déclarer l'ouverture du chantier en mairie", -8, Priority.NORMAL, Status.ENDED, "customer", ""),
)  # fmt: skip


def fill() -> None:
    """Tasks of the owner in every group, some about a customer or a quotation."""
    owner = TeamUser.objects.get(is_owner=True)
    rows = {
        "customer": list(Customer.objects.filter(is_customer=True).order_by("pk")[: len(TASKS)]),
        "quotation": list(Quotation.objects.filter(is_draft=False).order_by("-date")[: len(TASKS)]),
    }
    categories = list(TaskCategory.objects.order_by("pk"))
    zone, today = current_team().timezone, team_today()
    for number, (title, days, priority, status, about, notes) in enumerate(TASKS):
        due = None if days is None else day_start(today + datetime.timedelta(days=days), zone)
        linked = rows.get(about, [])[number : number + 1]
        values = {"title": title, "datetime": due, "priority": priority, "status": status, "notes": notes}
        category = categories[number % len(categories)] if categories else None
        elements = [Element(element_type(about), row) for row in linked]
        create_task({**values, "team_users": [owner], "category": category, "elements": elements})
