"""What documents have that no column says: addresses, amounts by rate, the rest of the affair."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from erp.core.access import visible
from erp.core.fields import Computed, WireDate, WireDateTime, number_of
from erp.sales.models import Document
from erp.sales.services.drafting import end_of_day

SIDES = ("ht", "tva", "ttc")
ADDRESS = ("name", "contact", "road", "road2", "road3", "city", "postal_code", "comments")


#: What an address answers, for OpenAPI; `country` is the object of the country, when it is included.
ADDRESS_SCHEMA = {
    "type": "object",
    "properties": {
        **{name: {"type": ["string", "null"]} for name in (*ADDRESS, "country_code")},
        "country": {"type": ["object", "null"]},
    },
    "required": [*ADDRESS, "country_code"],
}


def sides(*names: str) -> tuple[str, ...]:
    """`total` gives `total_ht`, `total_tva`, `total_ttc`."""
    return tuple(f"{name}_{side}" for name in names for side in SIDES)


class Moment(WireDateTime):
    """A moment; a date alone means its end, in the team's timezone."""

    def to_internal_value(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) == 10:
            return end_of_day(WireDate().run_validation(value))
        return super().to_internal_value(value)


def address(side: str) -> Computed:
    """The billing or delivery address as one object; its country is added when included."""
    names = [(f"{side}_address_{name}", name) for name in ADDRESS[:-1]]

    def get(row: Document) -> dict[str, Any]:
        data: dict[str, Any] = {short: getattr(row, long) or None for long, short in names}
        country = getattr(row, f"{side}_address_country")
        data["country_code"] = country.code if country else None
        data["comments"] = getattr(row, f"{side}_address_comments") or None
        return data

    return Computed(get, needs=(f"{side}_address_country",), schema=ADDRESS_SCHEMA)


def vat_rows(row: Document) -> list[dict[str, Any]]:
    """The amounts by VAT rate; the rate's object is filled in by `complete`."""
    return [
        {
            "rate": number_of(Decimal(item["rate"])),
            "vat_rate_id": item["vat_rate_id"],
            "vat_rate": None,
            **{side: number_of(Decimal(item[side])) for side in SIDES},
        }
        for item in row.vatrates
    ]


def linked_elements(row: Document) -> list[dict[str, Any]]:
    """The other documents of the affair."""
    others = visible(Document).filter(affair_id=row.affair_id).exclude(pk=row.pk).order_by("date", "pk")
    return [
        {
            "type": other.kind,
            "id": other.pk,
            "reference": other.reference or None,
            "date": other.date.isoformat(),
        }
        for other in others
    ]
