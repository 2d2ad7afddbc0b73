"""Filters of the lists of mails and senders."""

from __future__ import annotations

import datetime

from django.db.models import Q

from erp.communication.choices import SenderType
from erp.communication.models import Mail, MailElement, MailRecipient, Sender
from erp.communication.services.documents import ELEMENTS
from erp.communication.wire import MailElementFilter
from erp.core.filters import ChoiceFilter, DateFilter, FlagFilter, IdFilter, TextFilter, matching
from erp.core.scope import current_team

__all__ = ["MAIL_FILTERS", "SENDER_FILTERS"]


def midnight(date: datetime.date) -> datetime.datetime:
    """The beginning of a day in the team's timezone."""
    return datetime.datetime.combine(date, datetime.time(), tzinfo=current_team().timezone)


def since(date: datetime.date) -> Q:
    """Mails of a day of the team's calendar, or later."""
    return Q(datetime__gte=midnight(date))


def until(date: datetime.date) -> Q:
    """Mails of a day of the team's calendar, or before."""
    return Q(datetime__lt=midnight(date + datetime.timedelta(days=1)))


def sent_to(term: str) -> Q:
    """Mails one of whose recipients, copies included, has an address like this."""
    return Q(pk__in=MailRecipient.objects.filter(matching("email", term)).values("mail"))


def with_files(value: bool) -> Q:
    """Mails with attachments, or without."""
    attached = Q(pk__in=Mail.attachments.through.objects.values("mail"))
    return attached if value else ~attached


def validated(value: bool) -> Q:
    """Senders that were validated, or not."""
    return Q(validated_at__isnull=not value)


def in_order(value: bool) -> Q:
    """Senders that are validated and whose server took the last mail, or the others."""
    works = Q(validated_at__isnull=False, last_error="")
    return works if value else ~works


MAIL_FILTERS = {
    "senderId": IdFilter("sender", model=Sender),
    "sinceDate": DateFilter(condition=since),
    "untilDate": DateFilter(condition=until),
    "subject": TextFilter("subject"),
    "from_mail": TextFilter("from_address"),
    "to_mail": TextFilter(condition=sent_to),
    "with_attachment": FlagFilter(condition=with_files),
    "elements": MailElementFilter(MailElement, accepts=ELEMENTS),
}

SENDER_FILTERS = {
    "address": TextFilter("address"),
    "type": ChoiceFilter("type", choices=SenderType.values),
    "status": FlagFilter(condition=in_order),
    "isValidate": FlagFilter(condition=validated),
}
