"""Sales: documents of six kinds with their lines and affairs; what customers paid of them."""

from erp.sales.models.affairs import Affair, AffairContent, Grant
from erp.sales.models.documents import Document, DocumentVersion
from erp.sales.models.kinds import PROXIES, Command, Credit, Delivery, Invoice, Proforma, Quotation
from erp.sales.models.lines import Line
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
