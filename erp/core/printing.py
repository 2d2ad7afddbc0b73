"""Words of a printed page: numbers, amounts and dates as a team writes them, its name, its rich text.

No ORM and no clock: values come from a frozen snapshot or from rows already read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from erp.core.money import UNIT_PLACES, round_half_up

__all__ = [
    "SPACE",
    "Formats",
    "Pair",
    "accent",
    "iban",
    "identity",
    "joined",
    "pairs",
    "rich",
    "roads",
    "siret",
    "unique",
    "written_date",
]

Pair = dict[str, str]

NARROW_SPACE, SPACE = "\u202f", "\u00a0"
_DATE_FORMATS = {
    "DD-MM-YYYY": "%d-%m-%Y",
    "YYYY-MM-DD": "%Y-%m-%d",
    "DD/MM/YYYY": "%d/%m/%Y",
    "YYYY/MM/DD": "%Y/%m/%d",
}
_BLOCK_TAG = re.compile(r"<(p|br|ul|ol|div|h[1-6]|table|blockquote)\b", re.IGNORECASE)


# --- Numbers and dates ---


@dataclass(frozen=True, slots=True)
class Formats:
    """How a team writes numbers, amounts and dates; the values are those of its parameters."""

    symbol: str
    places: int = 2
    currency_position: str = "after"
    decimal_mark: str = ","
    thousands: str = "space"
    date_format: str = "DD/MM/YYYY"

    @classmethod
    def of(cls, parameters: dict[str, str], currency: dict[str, Any]) -> Formats:
        """From the team's parameters and a currency `{code, symbol, decimals}`."""
        return cls(
            symbol=currency.get("symbol") or currency["code"],
            places=int(currency.get("decimals", 2)),
            currency_position=parameters.get("currency_position", "after"),
            decimal_mark=parameters.get("number_format_decimals", ","),
            thousands=parameters.get("number_format_number_thousands", "space"),
            date_format=parameters.get("date_format", "DD/MM/YYYY"),
        )

    def number(self, value: str | Decimal, *, least: int = 0, most: int = UNIT_PLACES) -> str:
        """`value` with `least` to `most` decimals, rounded half up, without needless zeros."""
        rounded = round_half_up(Decimal(value), most)
        whole, _point, decimals = f"{abs(rounded):,f}".partition(".")
        whole = whole.replace(",", NARROW_SPACE if self.thousands == "space" else "")
        decimals = decimals.rstrip("0").ljust(least, "0")
        sign = "-" if rounded < 0 else ""
        return sign + self.decimal_mark.join(filter(None, (whole, decimals)))

    def amount(self, value: str | Decimal) -> str:
        """An amount with the decimals of the currency, without its symbol."""
        return self.number(value, least=self.places, most=self.places)

    def price(self, value: str | Decimal) -> str:
        """A unit price: at least the decimals of the currency, at most 5."""
        return self.number(value, least=self.places)

    def money(self, value: str | Decimal) -> str:
        """An amount with the symbol of the currency where the team wants it."""
        text = self.amount(value)
        if self.currency_position == "before":
            return f"-{self.symbol}{text[1:]}" if text.startswith("-") else f"{self.symbol}{text}"
        return f"{text}{SPACE}{self.symbol}" if self.currency_position == "after" else text

    def percent(self, value: str | Decimal) -> str:
        """`20.00` as `20 %`."""
        return f"{self.number(value)}{SPACE}%"

    def date(self, value: str | None) -> str:
        """A `YYYY-MM-DD` date as the team writes it; nothing for nothing. Raises ValueError."""
        return written_date(date.fromisoformat(value), self.date_format) if value else ""


def written_date(day: date, date_format: str) -> str:
    """A day in one of the team's formats of dates (`DD/MM/YYYY`)."""
    return day.strftime(_DATE_FORMATS[date_format])


# --- Texts ---


def rich(text: str | None) -> str:
    """Sanitised rich text; the line breaks of one typed without any block element are kept."""
    text = (text or "").strip()
    return text if _BLOCK_TAG.search(text) else text.replace("\n", "<br>")


def pairs(*pairs: tuple[str, str]) -> list[Pair]:
    """Labels with values, leaving out those that have none."""
    return [{"label": label, "value": value} for label, value in pairs if value]


def unique(texts: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(text.strip() for text in texts if text and text.strip()))


def siret(number: str | None) -> str:
    digits = (number or "").replace(" ", "")
    if len(digits) not in (9, 14):
        return number or ""
    parts = (digits[:3], digits[3:6], digits[6:9], digits[9:])
    return SPACE.join(part for part in parts if part)


def joined(*parts: str) -> str:
    return SPACE.join(part for part in parts if part)


def iban(number: str | None) -> str:
    text = re.sub(r"\s", "", number or "")
    return SPACE.join(text[start : start + 4] for start in range(0, len(text), 4))


def accent(colour: str | None) -> str:
    """The colour chosen for a page, or nothing for that of the style sheet."""
    return colour if colour and re.fullmatch(r"#[0-9a-fA-F]{6}", colour) else ""


# --- The company ---


def roads(team: dict[str, Any]) -> list[str]:
    """The lines of the company's own address."""
    town = " ".join(unique([team.get("postal_code"), team.get("town")]))
    return unique([team.get("road1"), team.get("road2"), team.get("road3"), town])


def identity(team: dict[str, Any], formats: Formats, currency: dict[str, Any]) -> list[str]:
    """The company as the foot of each page names it (code de commerce R123-237, L441-9).

    `team` has the attributes of the reference's Team; its capital is in `currency` {code, symbol}.
    """
    return unique(
        [
            _legal_form(team, formats, currency),
            ", ".join(roads(team)),
            _labelled("SIRET", siret(team.get("company_siret"))),
            _labelled("RCS", re.sub(r"^RCS\s+", "", team.get("company_rcs") or "", flags=re.IGNORECASE)),
            _labelled(_("APE code"), team.get("company_naf") or ""),
            _labelled(_("VAT number"), team.get("company_vatrate") or ""),
        ]
    )


def _labelled(label: str, text: str) -> str:
    return f"{label} {text}" if text else ""


def _legal_form(team: dict[str, Any], formats: Formats, currency: dict[str, Any]) -> str:
    form, capital = team.get("company_type"), _capital(team, formats, currency)
    name = ", ".join(unique([team["company_name"], form]))
    if not capital:
        return name
    return _("%(company)s with a capital of %(capital)s") % {"company": name, "capital": capital}


def _capital(team: dict[str, Any], formats: Formats, currency: dict[str, Any]) -> str:
    """The capital with its currency when it was typed as a bare number, otherwise as it was typed."""
    text = str(team.get("company_capital") or "").strip()
    if not re.fullmatch(r"\d+([.,]\d+)?", text):
        return text
    number = formats.number(text.replace(",", "."))
    return f"{number}{SPACE}{currency.get('symbol') or currency['code']}"
