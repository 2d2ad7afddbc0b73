"""Demonstration data: the calendars of a small building company, around today."""

from __future__ import annotations

import datetime

from erp.calendars.models import Calendar, Event
from erp.calendars.services import save_calendar, save_event
from erp.core.elements import Element, element_type
from erp.core.scope import current_team
from erp.customers.models import Customer
from erp.various.services import team_today
from tenants.models import TeamUser

#: (name, colour)
CALENDARS = (("Chantiers", "#1d4ed8"), ("Rendez-vous", "#047857"), ("Absences", "#b45309"))
#: (calendar, days from today, begins, ends, title, place, whether it is about a customer)
EVENTS = (
    (0, -1, "08:00", "17:00", "Dépose de l'ancienne salle de bains", "Chez le client", True),
    (0, 0, "08:00", "12:00", "Pose du receveur de douche", "Chez le client", True),
    (0, 1, "08:00", "17:00", "Pose du carrelage", "Chez le client", True),
    (0, 2, "07:30", "16:00", "Montage de la charpente", "12 rue des Tilleuls, Villeurbanne", True),
    (0, 5, "08:00", "12:00", "Livraison de la benne à gravats", "Dépôt", False),
    (1, 0, "14:00", "15:00", "Visite avant devis", "Chez le client", True),
    (1, 0, "14:30", "15:30", "Point avec la comptable", "Bureau", False),
    (1, 1, "09:00", "10:00", "Réunion de chantier", "Sur place", True),
    (1, 3, "11:00", "12:00", "Réception des travaux", "Chez le client", True),
    (1, 7, "16:00", "17:00", "Rendez-vous à la banque", "Agence de la Part-Dieu", False),
)


def fill() -> None:
    """Calendars of the owner, events before and after today, one of several whole days."""
    owner = TeamUser.objects.get(is_owner=True)
    calendars = [
        save_calendar(Calendar(), {"team_user": owner, "label": label, "foreground_color": colour})
        for label, colour in CALENDARS
    ]
    customers = list(Customer.objects.filter(is_customer=True).order_by("pk")[: len(EVENTS)])
    zone, today = current_team().timezone, team_today()
    for number, (place, days, begin, end, title, location, is_about) in enumerate(EVENTS):
        day = today + datetime.timedelta(days=days)
        about = customers[number : number + 1] if is_about else []
        hours = [
            datetime.datetime.combine(day, datetime.time.fromisoformat(hour), zone) for hour in (begin, end)
        ]
        values = {"title": title, "location": location, "begin": hours[0], "end": hours[1]}
        elements = [Element(element_type("customer"), row) for row in about]
        save_event(Event(), {**values, "calendar": calendars[place], "elements": elements})
    first = datetime.datetime.combine(today + datetime.timedelta(days=8), datetime.time(), zone)
    leave = {"title": "Congés de l'équipe", "all_day": True, "begin": first}
    save_event(Event(), {**leave, "end": first + datetime.timedelta(days=5), "calendar": calendars[2]})
