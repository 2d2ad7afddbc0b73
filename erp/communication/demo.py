"""Demonstration data: who writes, what is kept at hand, the mails of the last documents."""

from __future__ import annotations

import datetime

from erp.communication import services
from erp.communication.choices import EventKind
from erp.communication.models import LibraryFile, Mail, MailEvent
from erp.communication.services.documents import default_model, document_element
from erp.core.files import store
from erp.core.scope import current_team
from erp.customers.models import Customer
from erp.sales.choices import Kind, Status
from erp.sales.models import Document
from tenants.models import TeamUser

__all__ = ["fill"]

#: Documents of each kind whose mail is shown.
MAILS = 12
PRICES = "Prestation;Prix HT\r\nDéplacement (zone 1);45,00\r\nHeure de main-d'œuvre;52,00\r\n"


def fill() -> None:
    """A sender, a file of the library, and a mail for each of the last quotations and invoices."""
    owner = TeamUser.objects.select_related("user").get(is_owner=True)
    services.create_sender({
        "address": owner.user.email, "use_default": True, "share": True, "track_open": True,
        "signature": f"<strong>{owner.user.fullname}</strong><br>{current_team()}<br>04 72 00 00 00",
    })  # fmt: skip
    file = store(PRICES.encode(), "tarifs.csv", kind="mail_library")
    LibraryFile.objects.create(name="Tarifs d'intervention", file=file)
    for kind in (Kind.QUOTATION, Kind.INVOICE):
        sent = Document.objects.filter(kind=kind, is_draft=False, status__gte=Status.SENT)
        for place, document in enumerate(sent.select_related("customer").order_by("-date", "-pk")[:MAILS]):
            mail = _mail(document)
            if place % 3:
                MailEvent.objects.create(mail=mail, kind=EventKind.OPEN)


def _mail(document: Document) -> Mail:
    """The mail that a document was sent with."""
    element = document_element(document)
    customer: Customer = document.customer
    sender = services.default_sender()
    texts = services.composed({"model": default_model(element), "elements": [element], "sender": sender})
    sent_at = datetime.datetime.combine(document.date, datetime.time(17, 30), tzinfo=current_team().timezone)
    recipients = [{"email": customer.email or "contact@client.example", "element": None}]
    return services.insert_mail({
        **texts, "to": recipients, "elements": [element], "date": sent_at, "sender": sender,
    })  # fmt: skip
