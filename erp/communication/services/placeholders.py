"""Placeholders of mails: `{customer.name}` becomes the customer's name.

Only the names below are replaced, by plain values: what a text says is never evaluated. A name of something
that the mail is not about (`{document.reference}` without a linked document) is an error, so that no customer
ever reads a placeholder. Other braces stay as they are.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from html import escape
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from erp.communication.services.documents import PRINTED, party_of
from erp.core.elements import Element
from erp.core.errors import Invalid
from erp.core.scope import current_team
from erp.customers.models import Contact, Customer
from erp.sales.choices import Kind
from erp.sales.models import Document
from erp.various.figures import money
from tenants.models import TeamUser

__all__ = ["PLACEHOLDERS", "Subjects", "fill", "subjects_of"]

#: What a placeholder speaks of: {"customer": the customer, …}; only what the mail is about.
Subjects = Mapping[str, Any]


def day(value: datetime.date | datetime.datetime | None) -> str:
    """A date as people of the present language write it, in the team's timezone."""
    if isinstance(value, datetime.datetime):
        value = timezone.localtime(value, current_team().timezone).date()
    return str(formats.date_format(value, "SHORT_DATE_FORMAT")) if value else ""


def amount(name: str) -> Callable[[Any], str]:
    """A total of a document, in its currency; all of it, when it has no such amount of its own."""
    return lambda document: money(getattr(document, name, document.total_ttc), document.currency)


def date_of(name: str) -> Callable[[Any], str]:
    """A date of a document, if it has such a date."""
    return lambda document: day(getattr(document, name, None))


def kind_of(document: Any) -> str:
    """What a document is, in words."""
    return str(Kind(document.kind).label if isinstance(document, Document) else document._meta.verbose_name)


def customer_reference(customer: Customer) -> str:
    """The reference of the customer's first nature."""
    return next((getattr(customer, f"{nature}_reference") or "" for nature in customer.natures), "")


#: {subject: {name: (what it is, value)}}
PLACEHOLDERS: Mapping[str, Mapping[str, tuple[Any, Callable[[Any], str]]]] = {
    "customer": {
        "name": (gettext_lazy("customer's name"), lambda row: row.name),
        "reference": (gettext_lazy("customer's reference"), customer_reference),
    },
    "contact": {
        "name": (gettext_lazy("contact's name, with the civility"), lambda row: row.fullname),
        "firstname": (gettext_lazy("contact's first name"), lambda row: row.firstname),
        "lastname": (gettext_lazy("contact's last name"), lambda row: row.lastname),
    },
    "document": {
        "kind": (gettext_lazy("kind of document"), kind_of),
        "reference": (gettext_lazy("document's reference"), str),
        "title": (gettext_lazy("document's title"), lambda row: row.title),
        "date": (gettext_lazy("document's date"), date_of("date")),
        "total_ht": (gettext_lazy("total excl. VAT"), amount("total_ht")),
        "total_ttc": (gettext_lazy("total incl. VAT"), amount("total_ttc")),
        "amount_due": (gettext_lazy("amount to pay"), amount("amount_due")),
        "due_date": (gettext_lazy("date when it is to be paid"), date_of("due_date")),
        "expiry": (gettext_lazy("end of validity"), date_of("expire_at")),
    },
    "user": {
        "name": (gettext_lazy("name of who writes"), str),
        "email": (gettext_lazy("e-mail of who writes"), lambda row: row.user.email),
        "phone": (gettext_lazy("phone of who writes"), lambda row: row.user.phone or row.user.mobile),
    },
    "team": {
        "name": (gettext_lazy("company's name"), str),
        "email": (gettext_lazy("company's e-mail"), lambda row: row.email),
        "phone": (gettext_lazy("company's phone"), lambda row: row.phone),
        "website": (gettext_lazy("company's website"), lambda row: row.website),
    },
}
PLACEHOLDER = re.compile(
    r"\{("
    + "|".join(f"{subject}\\.(?:{'|'.join(names)})" for subject, names in PLACEHOLDERS.items())
    + r")\}"
)


def subjects_of(
    elements: Iterable[Element], recipients: Iterable[Element | None], user: TeamUser | None
) -> dict[str, Any]:
    """What the placeholders of a mail speak of: what it is about, else whom it goes to, and who writes it."""
    subjects: dict[str, Any] = {"team": current_team()} | ({"user": user} if user else {})
    for row in [element.row for element in [*elements, *recipients] if element]:
        for name, models in (("document", tuple(PRINTED)), ("customer", Customer), ("contact", Contact)):
            if isinstance(row, models):
                subjects.setdefault(name, row)
    if document := subjects.get("document"):
        subjects.setdefault("customer", party_of(document))
        if document.contact:
            subjects.setdefault("contact", document.contact)
    return subjects


def fill(text: str, subjects: Subjects, *, field: str, html: bool = False) -> str:
    """A text with its placeholders replaced; values are escaped in HTML.

    Raises Invalid (422) at `field` when one speaks of what the mail is not about.
    """
    missing: list[str] = []

    def value(match: re.Match[str]) -> str:
        subject, _dot, name = match[1].partition(".")
        if subject not in subjects:
            missing.append(match[0])
            return ""
        found = PLACEHOLDERS[subject][name][1](subjects[subject])
        return escape(found) if html else found

    language = getattr(subjects.get("document"), "language", "")
    with override(language) if language else nullcontext():
        filled = PLACEHOLDER.sub(value, text)
    if missing:
        names = ", ".join(dict.fromkeys(missing))
        raise Invalid({field: _("Nothing linked to the mail tells %(names)s.") % {"names": names}})
    return filled
