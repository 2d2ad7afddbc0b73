"""Number series, and the settings that show them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.utils.translation import gettext_lazy as _

from erp.core.models import NumberSeries
from erp.core.numbering import declare
from erp.core.parameters import Kind
from tenants.parameters.kinds import Setting


@dataclass(frozen=True)
class Series:
    """A number series and the settings that show it: {setting name: attribute of NumberSeries}."""

    key: str
    label: Any
    prefix: str
    has_mode: bool = True

    @property
    def attributes(self) -> Mapping[str, str]:
        names = {"prefix": "prefix", "number": "next_number", "length": "length"}
        if self.has_mode:
            names["mode"] = "mode"
        return {f"{self.key}_reference_{name}": attribute for name, attribute in names.items()}

    def settings(self) -> Iterator[Setting]:
        """The series' settings, in the reference's order."""
        start = f"{self.key}_reference"
        declare(self.key, self.prefix)
        yield external(f"{start}_prefix", "string", _("Prefix"), max_length=20)
        yield external(f"{start}_number", "integer", _("Next number"), minimum=1)
        yield external(f"{start}_length", "integer", _("Number of digits"), minimum=1, maximum=12)
        if self.has_mode:
            modes = tuple(NumberSeries.Mode.choices)
            values = tuple(value for value, _name in modes)
            yield external(f"{start}_mode", "integer", _("Restart"), choices=values, labels=modes)


def external(name: str, kind: Kind, label: Any, **limits: Any) -> Setting:
    """A setting kept by its number series."""
    return Setting(name, kind, external=True, label=label, **limits)


#: Every number series of a team, with the prefix that it has until somebody changes it.
SERIES = {
    series.key: series
    for series in (
        Series("customer", _("Customers"), "CL", has_mode=False),
        Series("prospect", _("Prospects"), "PR", has_mode=False),
        Series("provider", _("Suppliers"), "FO", has_mode=False),
        Series("subcontractor", _("Subcontractors"), "ST", has_mode=False),
        Series("product", _("Products"), "PROD", has_mode=False),
        Series("service", _("Services"), "SERV", has_mode=False),
        Series("provider_command", _("Supplier orders"), "BCF"),
        Series("manual_movement", _("Manual stock movements"), "MVT"),
        Series("sales_quotation", _("Quotations"), "DEV"),
        Series("sales_command", _("Orders"), "BC"),
        Series("sales_proforma", _("Proforma invoices"), "PRO"),
        Series("sales_delivery", _("Delivery notes"), "BL"),
        Series("sales_invoice", _("Invoices"), "FA"),
        Series("sales_credit", _("Credits"), "AV"),
        Series("sales_affair", _("Affairs"), "AF"),
        Series("charges", _("Charges"), "CH"),
    )
}


def numbering(*keys: str) -> tuple[Setting, ...]:
    """The settings of some series."""
    return tuple(chain.from_iterable(SERIES[key].settings() for key in keys))
