"""Sales: documents of six kinds with their lines and affairs; what customers paid of them."""

from erp.sales.models.documents import (
    PROXIES,
    Affair,
    AffairContent,
    Command,
    Credit,
    Delivery,
    Document,
    DocumentVersion,
    Grant,
    Invoice,
    Line,
    Proforma,
    Quotation,
)
from erp.sales.models.payments import CreditUse, Payment, PaymentUse

__all__ = [
    "PROXIES",
    "Affair",
    "AffairContent",
    "Command",
    "Credit",
    "CreditUse",
    "Delivery",
    "Document",
    "DocumentVersion",
    "Grant",
    "Invoice",
    "Line",
    "Payment",
    "PaymentUse",
    "Proforma",
    "Quotation",
]
