"""A customer's own settings (reference: "The customer config parameters"): null means "as the team's"."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from erp.core.parameters import Kind, Parameter, ParameterSet
from tenants.parameters import TEAM, Setting

__all__ = ["CUSTOMER", "TEAM_NAMES"]


def as_team(name: str) -> Parameter:
    """The team's setting of the same name, which a customer may leave unset."""
    return replace(TEAM.by_name[name], default=None, nullable=True)


def own(name: str, kind: Kind, label: Any, **limits: Any) -> Parameter:
    """A setting that the team has not, or not by this name."""
    return Setting(name, kind, nullable=True, label=label, **limits)


CUSTOMER = ParameterSet(
    (
        as_team("sales_payment_term"),
        as_team("sales_payment_methods"),
        as_team("sales_sale_term"),
        as_team("sales_payment_advance_rate"),
        as_team("sales_escompte_rate"),
        as_team("sales_penalty_rate"),
        as_team("sales_use_global_vatrate"),
        as_team("sales_amounts_type"),
        as_team("sales_pdf_amounts"),
        own("sales_currency", "link", _("Currency"), model="various.Currency"),
        own("sales_global_discount", "integer", _("Discount on documents (%)"), minimum=0, maximum=100),
        own("sales_vat_rate", "link", _("VAT rate"), model="various.VatRate"),
    )
)

#: The team's setting behind each of these, where its name differs; "" when the team has none.
TEAM_NAMES = {"sales_currency": "currency", "sales_global_discount": "", "sales_vat_rate": ""}
