"""How values of each type are read, kept, answered and looked for.

A `Kind` serves one or several types: `read` turns what a body or a form gives into columns of
`CustomFieldValue`, `answer` gives the reference's JSON back, `condition` finds values by a filter's text.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from erp.core.access import visible
from erp.core.elements import element_type
from erp.core.errors import Invalid
from erp.core.fields import as_id, date_of, number_of
from erp.core.filters import calendar_date, matching
from erp.core.money import round_half_up
from erp.customfields.choices import FieldType
from erp.customfields.models import CustomField, CustomFieldOption, CustomFieldValue
from erp.various.services import clean_html

__all__ = ["KINDS", "Kind"]

Columns = dict[str, Any]


def refused(text: str) -> Invalid:
    """The refusal of a value."""
    return Invalid({"value": text}, code="wrong_value")


class Kind(Protocol):
    """What is done with values of a type."""

    def read(self, field: CustomField, raw: Any, held: Sequence[CustomFieldValue]) -> list[Columns]:
        """Columns of the values that `raw` means; none when it is empty. `held` are the present values, which
        may be given again though they could not be chosen anew. Raises Invalid on `value`."""

    def answer(self, values: Sequence[CustomFieldValue]) -> Any:
        """The value as the wire shows it; that of a link is its id, of which `wire.py` makes an object."""

    def condition(self, text: str) -> Q:
        """Values that a filter's text finds. Raises Invalid on `value`."""


@dataclass(frozen=True)
class Text:
    """Texts, cleaned by a function that raises Invalid."""

    max_length: int
    clean: Callable[[str], str] = str.strip

    def read(self, field: CustomField, raw: Any, held: Sequence[CustomFieldValue]) -> list[Columns]:
        if isinstance(raw, (int, float, Decimal)) and not isinstance(raw, bool):
            raw = str(raw)
        if not isinstance(raw, str) or "\x00" in raw:
            raise refused(_("Give a text."))
        if len(raw) > self.max_length:
            raise refused(_("Give a text of at most %(count)s characters.") % {"count": self.max_length})
        text = self.clean(raw)
        return [{"text": text}] if text else []

    def answer(self, values: Sequence[CustomFieldValue]) -> str:
        return values[0].text

    def condition(self, text: str) -> Q:
        return matching("text", text)


def one_line(text: str) -> str:
    """A text on one line."""
    return " ".join(text.split())


def phone(text: str) -> str:
    """A phone number as people write it: digits and the usual marks. Raises Invalid."""
    text = one_line(text)
    if text and not (set(text) <= set("0123456789+().-/ ") and any(mark.isdigit() for mark in text)):
        raise refused(_("Give a phone number: digits, spaces and + ( ) . - / only."))
    return text


def rich_text(text: str) -> str:
    """Safe HTML; markup around nothing is nothing."""
    html = clean_html(text).strip()
    return html if strip_tags(html).strip() else ""


@dataclass(frozen=True)
class Number:
    """Numbers rounded to `places` decimals, half away from zero."""

    places: int
    #: Digits before the decimal point that the column holds, exactly also in SQLite.
    WHOLE_DIGITS = 10

    def read(self, field: CustomField, raw: Any, held: Sequence[CustomFieldValue]) -> list[Columns]:
        return [{"number": self.number(raw)}]

    def number(self, raw: Any) -> Decimal:
        """A finite number of reasonable size. Raises Invalid."""
        try:
            number = Decimal("NaN" if isinstance(raw, bool) else str(raw).strip())
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise refused(_("Give a number."))
        if number and number.adjusted() >= self.WHOLE_DIGITS:
            text = _("Give a number of at most %(count)s digits before the decimal point.")
            raise refused(text % {"count": self.WHOLE_DIGITS})
        return round_half_up(number, self.places)

    def answer(self, values: Sequence[CustomFieldValue]) -> int | float | None:
        return number_of(values[0].number)

    def condition(self, text: str) -> Q:
        return Q(number=self.number(text.replace(",", ".")))


class Date:
    """Days of the calendar."""

    def read(self, field: CustomField, raw: Any, held: Sequence[CustomFieldValue]) -> list[Columns]:
        return [{"date": self.date(raw)}]

    def date(self, raw: Any) -> datetime.date:
        """A date; a moment is read as its day. Raises Invalid."""
        if not isinstance(raw, (str, datetime.date)):
            raise refused(_("Give a date that exists, as YYYY-MM-DD."))
        try:
            return calendar_date(raw)
        except ValidationError as error:
            raise refused(error.messages[0]) from error

    def answer(self, values: Sequence[CustomFieldValue]) -> str | None:
        return date_of(values[0].date)

    def condition(self, text: str) -> Q:
        return Q(date=self.date(text))


@dataclass(frozen=True)
class Choice:
    """Options of the field: one, or several."""

    many: bool = False

    def read(self, field: CustomField, raw: Any, held: Sequence[CustomFieldValue]) -> list[Columns]:
        items = list(raw) if isinstance(raw, (list, tuple, models.QuerySet)) else [raw]
        if len(items) > 1 and not self.many:
            raise refused(_("Choose one option only."))
        offered = {option.pk: option for option in field.options.all()}
        offered |= {value.option.pk: value.option for value in held if value.option is not None}
        chosen = dict.fromkeys(self.option(item, offered) for item in items)
        return [{"option": option} for option in chosen]

    def option(self, raw: Any, offered: Mapping[int, CustomFieldOption]) -> CustomFieldOption:
        """The option that an id, an answered object or a text means: of texts, an option's own words come
        before its id. Raises Invalid."""
        if isinstance(raw, CustomFieldOption):
            raw = raw.pk
        by_text = {option.value: option for option in offered.values()}
        key = as_id(raw)
        option = by_text.get(raw) if isinstance(raw, str) else None
        option = option or (None if key is None else offered.get(key))
        if option is None:
            names = ", ".join(option.value for option in offered.values()) or "–"
            raise refused(_("This option is not offered. Choose among: %(names)s.") % {"names": names})
        return option

    def answer(self, values: Sequence[CustomFieldValue]) -> Any:
        options = [value.option for value in values if value.option is not None]
        chosen = [{"id": option.pk, "value": option.value} for option in options]
        return chosen if self.many else chosen[0]

    def condition(self, text: str) -> Q:
        key = as_id(text)
        by_text = matching("option__value", text)
        return by_text if key is None else by_text | Q(option=key)


class Link:
    """A row of another chapter, which registers its kind (see erp/core/elements.py)."""

    def read(self, field: CustomField, raw: Any, held: Sequence[CustomFieldValue]) -> list[Columns]:
        key = raw.pk if isinstance(raw, models.Model) else as_id(raw)
        if key is None:
            raise refused(_("Give the identifier (a whole number)."))
        known = any(value.linked_id == key for value in held)
        if not known and not visible(element_type(field.type).model).filter(pk=key).exists():
            raise refused(_("There is no such element: %(id)s.") % {"id": key})
        return [{"linked_id": key}]

    def answer(self, values: Sequence[CustomFieldValue]) -> int | None:
        return values[0].linked_id

    def condition(self, text: str) -> Q:
        key = as_id(text)
        if key is None:
            raise refused(_("Give the identifier (a whole number)."))
        return Q(linked_id=key)


KINDS: dict[str, Kind] = {
    FieldType.TEXT: Text(255, one_line),
    FieldType.TEXTAREA: Text(10_000),
    FieldType.RICH_EDITOR: Text(50_000, rich_text),
    FieldType.PHONE: Text(50, phone),
    FieldType.AMOUNT: Number(2),
    FieldType.NUMBER: Number(5),
    FieldType.QUANTITY: Number(5),
    FieldType.DATE: Date(),
    FieldType.CHECKBOX: Choice(many=True),
    FieldType.RADIO: Choice(),
    FieldType.SELECT: Choice(),
    FieldType.CUSTOMER: Link(),
    FieldType.CONTACT: Link(),
    FieldType.PRODUCT: Link(),
    FieldType.SERVICE: Link(),
}
