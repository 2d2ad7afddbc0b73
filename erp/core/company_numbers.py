"""Identification numbers of companies: checked for typing mistakes, and written without spaces or dots."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from stdnum import get_cc_module
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError as NumberError
from stdnum.fr import siren as fr_siren
from stdnum.fr import siret as fr_siret

__all__ = ["siret", "vat_number"]

_SEPARATORS = re.compile(r"[\s.\-/]")


def compact(value: str) -> str:
    """A number without separators, in capitals."""
    return _SEPARATORS.sub("", value).upper()


def siret(value: str) -> str:
    """A French SIRET (14 digits) or SIREN (9), as digits; "" stays "". Raises ValueError with a sentence."""
    number = compact(value)
    if not number:
        return ""
    try:
        return fr_siren.validate(number) if len(number) == 9 else fr_siret.validate(number)
    except NumberError:
        text = _(
            "This SIRET is not valid: it has 14 digits, or 9 for a SIREN. Check it for a typing mistake."
        )
        raise ValueError(text) from None


def vat_number(value: str) -> str:
    """A VAT number with its country prefix ("FR83404833048"); "" stays "". Raises ValueError with a sentence.

    Numbers of the European Union are checked as VIES writes them, others where their check digits are known.
    """
    number = compact(value)
    if not number:
        return ""
    if not re.fullmatch(r"[A-Z]{2}[0-9A-Z+*]{2,18}", number):
        raise ValueError(_("A VAT number starts with the two letters of its country, as in FR83404833048."))
    try:
        return _checked(number)
    except NumberError:
        text = _("This VAT number is not valid for its country: check it for a typing mistake.")
        raise ValueError(text) from None


def _checked(number: str) -> str:
    """The number, if its country's rules accept it or are not known."""
    country = number[:2]
    if country in {"EL", "GR", "XI"} or country.lower() in eu_vat.MEMBER_STATES:
        return str(eu_vat.validate("EL" + number[2:] if country == "GR" else number))
    module = get_cc_module(country, "vat")
    if module is not None and not (module.is_valid(number) or module.is_valid(number[2:])):
        raise NumberError
    return number
