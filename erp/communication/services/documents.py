"""What mails have to do with sales documents: their PDFs, their status, their model, their recipients."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from erp.catalog import services as catalog
from erp.catalog.models import ProviderCommand
from erp.communication.models import Mail, MailModel
from erp.core.access import visible
from erp.core.elements import Element, element_type
from erp.core.errors import BusinessError, Invalid
from erp.core.models import File
from erp.core.scope import current_team
from erp.customers.models import Contact, Customer
from erp.sales import services as sales
from erp.sales.choices import Kind, Status, moves
from erp.sales.models import Document

__all__ = [
    "ELEMENTS",
    "PRINTED",
    "RECIPIENTS",
    "default_model",
    "document_element",
    "mark_sent",
    "party_of",
    "pdfs",
    "proposed",
]

logger = logging.getLogger(__name__)

#: What is printed, and how its PDF is come by.
PRINTED: Mapping[type[Any], Callable[[Any], File]] = {
    Document: sales.pdf_of,
    ProviderCommand: catalog.pdf_of_command,
}

#: What a mail may be about, and whom it may go to, by the words of the reference.
ELEMENTS = (
    "customer", "contact", "providerCommand", *Kind.values, "opportunity", "charge", "construction",
    "planification",
)  # fmt: skip
RECIPIENTS = ("teamUser", "customer", "contact")


def document_element(document: Document) -> Element:
    """A sales document as what a mail is linked to."""
    return Element(element_type(document.kind), document)


def pdfs(elements: Iterable[Element]) -> list[File]:
    """The PDFs of the sales documents and supplier orders among linked elements.

    Raises Invalid (422) when one is a draft, PdfFailed (503) when one cannot be made.
    """
    files, errors = [], {}
    for place, element in enumerate(elements):
        make = next((make for model, make in PRINTED.items() if isinstance(element.row, model)), None)
        if make is None:
            continue
        if element.row.is_draft:
            text = _("%(document)s is a draft: validate it first, or send the mail without its PDF.")
            errors[f"elements.{place}"] = text % {"document": element.row}
        else:
            files.append(make(element.row))
    if errors:
        raise Invalid(errors)
    return files


def mark_sent(mail: Mail) -> None:
    """The validated documents that left with a mail are sent; one that refuses stays as it is."""
    if not mail.sends_documents:
        return
    ids = [link.element_id for link in mail.element_links.all() if link.element_type in Kind.values]
    for document in Document.objects.filter(pk__in=ids, status=Status.VALIDATED).order_by("pk"):
        if Status.SENT in moves(document.kind, document.status):
            try:
                with transaction.atomic():
                    sales.update_lite(document, {"status": Status.SENT})
            except BusinessError:
                logger.warning("%s could not be marked as sent.", document, exc_info=True)


#: Settings of the team that name a model, by what the mail is about. A customer's depends on its nature.
MODELS = {kind: f"communication_model_{kind}" for kind in Kind.values} | {
    "providerCommand": "communication_model_provider_command"
}


def default_model(element: Element) -> MailModel | None:
    """The team's model for mails about an element, if it chose one."""
    if isinstance(element.row, Customer):
        names = [f"communication_model_{nature}" for nature in element.row.natures]
    else:
        names = [MODELS[element.type.name]] if element.type.name in MODELS else []
    keys = [key for name in names if (key := current_team().parameter(name))]
    return visible(MailModel).filter(pk__in=keys[:1]).first()


def party_of(row: Any) -> Customer | None:
    """The customer or the supplier that a row is about."""
    party: Customer | None = getattr(row, "customer", None) or getattr(row, "provider", None)
    return party


def proposed(element: Element) -> list[tuple[str, Element]]:
    """(address, whose) of those to whom a mail about an element may go, the likeliest first."""
    row: Any = element.row
    customer = row if isinstance(row, Customer) else party_of(row)
    contact = row if isinstance(row, Contact) else getattr(row, "contact", None)
    people: list[Element] = [Element(element_type("contact"), contact)] if contact else []
    if customer is not None:
        people.append(Element(element_type("customer"), customer))
        contacts = visible(Contact).filter(customers=customer).select_related("civility")
        people += [Element(element_type("contact"), other) for other in contacts]
    found: dict[str, Element] = {}
    for person in people:
        if address := person.row.email.lower():
            found.setdefault(address, person)
    return list(found.items())
