"""Numbers as people read and type them: amounts and telephone numbers, in any usual way of writing."""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.formats import number_format

__all__ = ["amount_typed", "phone_typed", "plain_number", "shown"]

SPACE = r"\s\u00a0\u202f"
SPACES = re.compile(f"[{SPACE}]")
#: "1 234,50", "1234.5", "1.234,56": digits in groups or not, with cents or not.
AMOUNT = re.compile(rf"-?(?:\d{{1,3}}(?:[{SPACE}.,]\d{{3}})+|\d{{1,13}})(?:[.,]\d{{1,2}})?")
#: "06 12 34 56 78", "06.12.34", "+33 (0)6 12…".
PHONE = re.compile(rf"\+?[\d{SPACE}.\-()/]+")
#: Fewer digits are as likely those of anything else.
PHONE_DIGITS = 6
#: What French people leave out, or begin with a zero, when they call from France.
FRENCH_PREFIX = re.compile(r"^(?:\+|00)33")


def shown(value: Decimal | None, places: int | None = None) -> str:
    """A number for people, in their language: with `places` decimals, or as many as it has."""
    if value is None:
        return ""
    if places is None:
        places = max(0, -int(value.normalize().as_tuple().exponent))
    return str(number_format(value, places, use_l10n=True, force_grouping=True))


def plain_number(text: str) -> str:
    """A typed number as Python reads it: "1 234,56", "1234.56" and "1.234,56" are the same."""
    text = SPACES.sub("", text)
    if "," in text and "." in text:
        thousands = "," if text.rindex(",") < text.rindex(".") else "."
        text = text.replace(thousands, "")
    return text.replace(",", ".")


def amount_typed(text: str) -> Decimal | None:
    """The amount that a text is, None when it is none. "1,234" is one and a bit: a comma begins decimals."""
    text = text.strip().removesuffix("€").strip()
    if not AMOUNT.fullmatch(text) or (number := plain_number(text)).count(".") > 1:
        return None
    return Decimal(number)


def phone_typed(text: str) -> str:
    """The digits of a typed telephone number without 0 or +33 before them, "" when the text is none."""
    if not PHONE.fullmatch(text.strip()):
        return ""
    digits = FRENCH_PREFIX.sub("", re.sub(r"[^\d+]", "", text)).lstrip("+0")
    return digits if len(digits) >= PHONE_DIGITS else ""
