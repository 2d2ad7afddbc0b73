"""Settings of a team (reference: "The Team config parameters"), grouped as its page shows them."""

from __future__ import annotations

from itertools import chain

from django.utils.translation import gettext_lazy as _

from erp.core.parameters import ParameterSet
from tenants.parameters.kinds import (
    Group,
    choice,
    flag,
    link,
    links,
    needed_link,
    number,
    percent,
    text,
    whole,
)
from tenants.parameters.series import numbering

INPUT_LINES = (
    (0, _("No entry: the value comes from the product")),
    (1, _("Entry for empty lines")),
    (2, _("Entry for lines with a product")),
    (3, _("Entry for empty lines and lines with a product")),
    (4, _("Entry for all lines")),
)
INPUT_COSTS = (
    (0, _("No entry: the value comes from the catalog")),
    (1, _("Entry for empty lines")),
    (2, _("Entry for lines with a product")),
    (3, _("Entry for lines with an element of the catalog")),
    (4, _("Entry for empty lines and lines with a product")),
    (5, _("Entry for all lines")),
)
INPUT_WORKFORCE = (
    (0, _("No entry: the value comes from the service")),
    (1, _("Entry for empty lines")),
    (2, _("Entry for lines with a service")),
    (3, _("Entry for lines with an element of the catalog")),
    (4, _("Entry for empty lines and lines with a service")),
    (5, _("Entry for all lines")),
)
COLUMN = ((1, _("As in the document's entry settings")), (2, _("Show")), (3, _("Do not show")))
MENTION = ((1, _("When it is useful")), (2, _("Show")), (3, _("Do not show")))
STOCK_IN = ((1, _("When the supplier order is delivered")), (2, _("When the supplier order is created")))
STOCK_OUT = (
    (1, _("When the delivery is sent")),
    (2, _("When the delivery is to be sent")),
    (3, _("When the delivery is created, even as a draft")),
    (4, _("When a quotation is validated")),
    (5, _("When an order is validated")),
    (6, _("When a quotation or an order is validated")),
    (7, _("When an invoice is created")),
)


GENERAL = Group(
    "general",
    _("General"),
    (
        needed_link("currency", "various.Currency", _("Currency"), 51),
        needed_link("timezone", "various.Timezone", _("Timezone"), 76),
        choice(
            "currency_position",
            "after",
            _("Place of the currency"),
            ("after", _("After the amount")),
            ("before", _("Before the amount")),
            ("none", _("Not shown")),
        ),
        choice("number_format_decimals", ",", _("Decimal separator"), (".", _("Point")), (",", _("Comma"))),
        choice(
            "number_format_number_thousands",
            "space",
            _("Thousands separator"),
            ("space", _("Space")),
            ("none", _("None")),
        ),
        choice(
            "date_format",
            "DD/MM/YYYY",
            _("Dates"),
            ("DD-MM-YYYY", "31-12-2026"),
            ("YYYY-MM-DD", "2026-12-31"),
            ("DD/MM/YYYY", "31/12/2026"),
            ("YYYY/MM/DD", "2026/12/31"),
        ),
    ),
)

CUSTOMERS = Group(
    "customers",
    _("Customers and suppliers"),
    (
        flag("check_duplicates_for_person", False, _("Refuse a customer who already exists")),
        # Consent is asked, never presumed (GDPR, article 7).
        flag("automatic_newsletter_subscription", False, _("Subscribe new customers to the newsletter")),
        *numbering("customer", "prospect", "provider", "subcontractor"),
        flag("customer_account_custom", False, _("Each customer has an accounting account")),
        text("customer_account_prefix", "411", _("Customer accounts begin with"), 20),
        whole("customer_account_length", 5, _("Letters of the name in customer accounts"), 20),
        flag("provider_account_custom", False, _("Each supplier has an accounting account")),
        text("provider_account_prefix", "401", _("Supplier accounts begin with"), 20),
        whole("provider_account_length", 5, _("Letters of the name in supplier accounts"), 20),
        number("average_hourly_person_cost", "0", _("Average hourly cost of a technician"), 100_000),
    ),
)

CATALOG = Group(
    "catalog",
    _("Catalog"),
    (
        flag("product_reference_manual", False, _("Product references are typed by hand")),
        *numbering("product"),
        flag("service_reference_manual", False, _("Service references are typed by hand")),
        *numbering("service"),
    ),
)

PURCHASES = Group(
    "purchases",
    _("Supplier orders"),
    (
        *numbering("provider_command", "manual_movement"),
        flag("provider_command_not_show_price", False, _("Hide prices")),
        flag("provider_command_contact", False, _("Hide the contact")),
        flag("provider_command_reference_column", False, _("Hide references")),
        flag("provider_command_units", False, _("Hide units")),
        text("provider_command_delivery_address_road1", "", _("Delivery address: road")),
        text("provider_command_delivery_address_road2", "", _("Delivery address: road (2)")),
        text("provider_command_delivery_address_road3", "", _("Delivery address: road (3)")),
        text("provider_command_delivery_address_town", "", _("Delivery address: town"), 100),
        text("provider_command_delivery_address_postal_code", "", _("Delivery address: postal code"), 20),
        link(
            "provider_command_delivery_address_country", "various.Country", _("Delivery address: country"), 67
        ),
        choice(
            "provider_command_default_status",
            0,
            _("Status of a new supplier order"),
            (0, _("Draft")),
            (1, _("Waiting for delivery")),
            (3, _("Delivered")),
        ),
    ),
)

STOCK = Group(
    "stock",
    _("Stock"),
    (
        choice("stock_theorical_entry", 2, _("Products enter the theoretical stock"), *STOCK_IN),
        choice("stock_real_entry", 1, _("Products enter the real stock"), *STOCK_IN),
        choice("stock_theorical_out", 5, _("Products leave the theoretical stock"), *STOCK_OUT),
        choice("stock_real_out", 1, _("Products leave the real stock"), *STOCK_OUT),
        links("stock_notifications_users", "tenants.TeamUser", _("Who is told about stocks")),
        flag(
            "stock_notifications_theorical_alert",
            False,
            _("Tell when the theoretical stock reaches its alert level"),
        ),
        flag(
            "stock_notifications_theorical_min",
            False,
            _("Tell when the theoretical stock reaches its minimum"),
        ),
        flag(
            "stock_notifications_theorical_max",
            False,
            _("Tell when the theoretical stock reaches its maximum"),
        ),
        flag("stock_notifications_theorical_no", False, _("Tell when no theoretical stock is left")),
        flag("stock_notifications_real_alert", True, _("Tell when the real stock reaches its alert level")),
        flag("stock_notifications_real_min", False, _("Tell when the real stock reaches its minimum")),
        flag("stock_notifications_real_max", False, _("Tell when the real stock reaches its maximum")),
        flag("stock_notifications_real_no", True, _("Tell when no real stock is left")),
    ),
)

SALES = Group(
    "sales",
    _("Sales documents"),
    (
        flag("sales_update_date_for_draft", False, _("A draft takes the date of its validation")),
        whole("sales_quotation_default_validity", 30, _("Quotations and orders are valid for (days)"), 3650),
        text("sales_subtotal_designation", "Sous-total", _("Text of subtotal lines")),
        link("sales_payment_term", "various.PaymentTerm", _("Payment term")),
        links("sales_payment_methods", "various.PaymentMethod", _("Payment methods")),
        link("sales_sale_term", "various.SaleTerm", _("Terms of sale")),
        percent("sales_payment_advance_rate", "0", _("Deposit asked on quotations and orders (%)")),
        percent("sales_escompte_rate", "0", _("Discount for early payment (%)")),
        # The ECB's main refinancing rate (2.15 %) and 10 points: Code de commerce, article L441-10, II.
        percent("sales_penalty_rate", "12.15", _("Yearly rate of late penalties (%)")),
        flag("sales_penalty_rate_law", True, _("Print the mention of late penalties")),
        flag("sales_collection_costs_law", True, _("Print the mention of collection costs")),
        flag("sales_use_customer_commercial", False, _("The salesperson is the customer's, not the author")),
    ),
)

SALES_ENTRY = Group(
    "sales_entry",
    _("Entry of sales documents"),
    (
        flag("sales_allow_delivery_address", True, _("Enter a delivery address")),
        flag("sales_use_global_vatrate", False, _("One VAT rate for the whole document")),
        choice(
            "sales_amounts_type",
            "ht",
            _("Amounts are entered"),
            ("ht", _("Without VAT")),
            ("ttc", _("VAT included")),
        ),
        flag("sales_allow_options", False, _("Offer options")),
        choice("sales_ean", 0, _("Enter EAN codes"), *INPUT_LINES),
        choice("sales_weight", 0, _("Enter weights"), *INPUT_LINES),
        choice("sales_eco_participation", 0, _("Enter eco-participations"), *INPUT_LINES),
        flag("sales_col_number", False, _("Show line numbers")),
        flag("sales_col_reference", True, _("Show references")),
        flag("sales_col_picture", False, _("Show pictures")),
        flag("sales_col_unit", True, _("Show units")),
        choice(
            "sales_stock_display",
            1,
            _("Show stocks"),
            (1, _("Theoretical stock")),
            (2, _("Real stock")),
            (3, _("Theoretical and real stock")),
        ),
        choice("sales_costs_entries", 0, _("Enter costs"), *INPUT_COSTS),
        flag("sales_various_costs", False, _("Enter various costs")),
        choice("sales_workforce_entries", 0, _("Enter working time"), *INPUT_WORKFORCE),
        flag("sales_gross_margin_amount", False, _("Show the gross margin")),
        flag("sales_gross_margin_rate", False, _("Show the gross margin rate")),
        flag("sales_markup_rate", False, _("Show the markup rate")),
        choice(
            "sales_secondary_quantity",
            "disable",
            _("Second quantity"),
            ("line", _("One for each line")),
            ("global", _("One for the whole document")),
            ("disable", _("None")),
        ),
        flag("sales_secondary_quantity_unit", True, _("The second quantity has a unit")),
    ),
)

SALES_PDF = Group(
    "sales_pdf",
    _("PDF of sales documents"),
    (
        # Between professionals, unit prices are shown without VAT (CGI, annexe II, article 242 nonies A).
        choice(
            "sales_pdf_amounts",
            1,
            _("Amounts of lines"),
            (1, _("As entered")),
            (2, _("Without VAT")),
            (3, _("VAT included")),
        ),
        choice(
            "sales_pdf_discounts",
            1,
            _("Discounts"),
            (1, _("On a line of their own")),
            (2, _("In a column, with the discounted price")),
            (3, _("In a column, with the full price")),
        ),
        choice(
            "sales_pdf_comments",
            2,
            _("Comments"),
            (1, _("As wide as designations")),
            (2, _("As wide as the table")),
        ),
        choice(
            "sales_pdf_units",
            2,
            _("Units"),
            (1, _("Beside the quantity")),
            (2, _("Under the quantity")),
            (3, _("In a column")),
        ),
        choice("sales_pdf_number_column", 1, _("Line numbers"), *COLUMN),
        choice("sales_pdf_reference_column", 1, _("References"), *COLUMN),
        choice("sales_pdf_ean_column", 1, _("EAN codes"), *COLUMN),
        choice("sales_pdf_weight_column", 1, _("Weights"), *COLUMN),
        flag("sales_pdf_vatrate_column", False, _("Always show the VAT rate of lines")),
        flag("sales_pdf_total_quantity", False, _("Show the total quantity beside the second one")),
        choice("sales_pdf_contact", 1, _("Contact"), *MENTION),
        choice("sales_pdf_country", 1, _("Country"), *MENTION),
        choice("sales_pdf_vatrate_number", 1, _("Customer's VAT number"), *MENTION),
        flag(
            "sales_pdf_delivery_remaining_quantity",
            True,
            _("Delivery notes show what remains to be delivered"),
        ),
        flag("sales_pdf_delivery_prices", False, _("Delivery notes show prices")),
    ),
)

SALES_NUMBERS = Group(
    "sales_numbers",
    _("Numbers of sales documents"),
    (
        *numbering(
            "sales_quotation",
            "sales_command",
            "sales_proforma",
            "sales_delivery",
            "sales_invoice",
            "sales_credit",
            "sales_affair",
        ),
        # At most 5 % for one year: law 71-584 of 16 July 1971, article 1.
        whole("sales_guarantee_holdback_pourcent", 0, _("Guarantee holdback (%)"), 100),
        whole("sales_guarantee_holdback_duration", 12, _("Duration of the guarantee holdback (months)"), 120),
    ),
)

CHARGES = Group(
    "charges",
    _("Charges"),
    (
        choice(
            "charges_default_status", 2, _("Status of a new charge"), (1, _("Draft")), (2, _("To be paid"))
        ),
        *numbering("charges"),
    ),
)

COMMUNICATION = Group(
    "communication",
    _("Mail models"),
    (
        link("communication_model_prospect", "communication.MailModel", _("For prospects")),
        link("communication_model_customer", "communication.MailModel", _("For customers")),
        link("communication_model_provider", "communication.MailModel", _("For suppliers")),
        link("communication_model_subcontractor", "communication.MailModel", _("For subcontractors")),
        link("communication_model_quotation", "communication.MailModel", _("For quotations")),
        link("communication_model_command", "communication.MailModel", _("For orders")),
        link("communication_model_proforma", "communication.MailModel", _("For proforma invoices")),
        link("communication_model_delivery", "communication.MailModel", _("For delivery notes")),
        link("communication_model_invoice", "communication.MailModel", _("For invoices")),
        link("communication_model_credit", "communication.MailModel", _("For credits")),
        link("communication_model_provider_command", "communication.MailModel", _("For supplier orders")),
    ),
)

TEAM_GROUPS = (
    GENERAL,
    CUSTOMERS,
    CATALOG,
    PURCHASES,
    STOCK,
    SALES,
    SALES_ENTRY,
    SALES_PDF,
    SALES_NUMBERS,
    CHARGES,
    COMMUNICATION,
)
TEAM = ParameterSet(tuple(chain.from_iterable(group.settings for group in TEAM_GROUPS)))
