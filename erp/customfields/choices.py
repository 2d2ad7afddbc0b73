"""Types of custom fields, and what they may be used for (reference: chapter Custom fields)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

__all__ = ["CHOICE_TYPES", "LINK_TYPES", "WIDENED", "FieldType", "Usage"]


class FieldType(models.TextChoices):
    """What a custom field holds. Values are the reference's words."""

    AMOUNT = "amount", _("Amount")
    CHECKBOX = "checkbox", _("Checkboxes (several options)")
    DATE = "date", _("Date")
    NUMBER = "number", _("Number")
    PHONE = "phone", _("Phone number")
    QUANTITY = "quantity", _("Quantity")
    RADIO = "radio", _("Radio buttons (one option)")
    RICH_EDITOR = "rich-editor", _("Formatted text")
    SELECT = "select", _("List (one option)")
    TEXT = "text", _("Text")
    TEXTAREA = "textarea", _("Text of several lines")
    CUSTOMER = "customer", _("Customer")
    CONTACT = "contact", _("Contact")
    PRODUCT = "product", _("Product")
    SERVICE = "service", _("Service")


#: Types that offer options.
CHOICE_TYPES = (FieldType.CHECKBOX, FieldType.RADIO, FieldType.SELECT)
#: Types whose values name a row of another chapter.
LINK_TYPES = (FieldType.CUSTOMER, FieldType.CONTACT, FieldType.PRODUCT, FieldType.SERVICE)
#: What the type of a field that has values may become, because every value it can have stays valid.
WIDENED: dict[str, tuple[str, ...]] = {
    FieldType.RADIO: (FieldType.SELECT, FieldType.CHECKBOX),
    FieldType.SELECT: (FieldType.RADIO, FieldType.CHECKBOX),
    FieldType.PHONE: (FieldType.TEXT, FieldType.TEXTAREA),
    FieldType.TEXT: (FieldType.TEXTAREA,),
    FieldType.AMOUNT: (FieldType.NUMBER, FieldType.QUANTITY),
    FieldType.NUMBER: (FieldType.QUANTITY,),
    FieldType.QUANTITY: (FieldType.NUMBER,),
}


class Usage(models.TextChoices):
    """What a custom field appears on. The reference's list lacks the last two, which carry values in it."""

    CUSTOMER = "customer", _("Customers")
    PROSPECT = "prospect", _("Prospects")
    PROVIDER = "provider", _("Suppliers")
    SUBCONTRACTOR = "subcontractor", _("Subcontractors")
    CONTACT = "contact", _("Contacts")
    PRODUCT = "product", _("Products")
    SERVICE = "service", _("Services")
    QUOTATION = "quotation", _("Quotations")
    COMMAND = "command", _("Orders")
    DELIVERY = "delivery", _("Delivery notes")
    PROFORMA = "proforma", _("Proforma invoices")
    INVOICE = "invoice", _("Invoices")
    CREDIT = "credit", _("Credits")
    CONSTRUCTION = "construction", _("Worksites")
    OPPORTUNITY = "opportunity", _("Opportunities")
