"""A customer's own settings (reference: "The customer config parameters"): null means "as the team's"."""

from django.utils.translation import gettext_lazy as _

from erp.core.parameters import Parameter, ParameterSet

__all__ = ["CUSTOMER", "TEAM_NAMES"]

CUSTOMER = ParameterSet(
    (
        Parameter("sales_payment_term", "link", model="various.PaymentTerm", label=_("payment term")),
        Parameter(
            "sales_payment_methods", "links", model="various.PaymentMethod", label=_("payment methods")
        ),
        Parameter("sales_sale_term", "link", model="various.SaleTerm", label=_("sale term")),
        Parameter(
            "sales_payment_advance_rate",
            "number",
            nullable=True,
            minimum=0,
            maximum=100,
            label=_("advance on quotations and orders (%)"),
        ),
        Parameter(
            "sales_escompte_rate",
            "number",
            nullable=True,
            minimum=0,
            maximum=100,
            label=_("discount for early payment (%)"),
        ),
        Parameter(
            "sales_penalty_rate",
            "number",
            nullable=True,
            minimum=0,
            maximum=100,
            label=_("late payment penalty (%)"),
        ),
        Parameter(
            "sales_use_global_vatrate",
            "boolean",
            nullable=True,
            label=_("one VAT rate for the whole document"),
        ),
        Parameter(
            "sales_amounts_type",
            "string",
            nullable=True,
            choices=("ht", "ttc"),
            label=_("amounts entered excl. (ht) or incl. (ttc) VAT"),
        ),
        Parameter(
            "sales_pdf_amounts",
            "integer",
            nullable=True,
            choices=(1, 2, 3),
            label=_("amounts printed (1 as entered, 2 excl. VAT, 3 incl. VAT)"),
        ),
        Parameter("sales_currency", "link", model="various.Currency", label=_("currency")),
        Parameter(
            "sales_global_discount",
            "integer",
            nullable=True,
            minimum=0,
            maximum=100,
            label=_("discount on documents (%)"),
        ),
        Parameter("sales_vat_rate", "link", model="various.VatRate", label=_("VAT rate")),
    )
)

#: The team's setting behind each of these, where its name differs; "" when the team has none.
TEAM_NAMES = {"sales_currency": "currency", "sales_global_discount": "", "sales_vat_rate": ""}
