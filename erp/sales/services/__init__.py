"""What can happen to sales documents: the only way the API, the admin, commands and connectors change them.

- `documents`: create, edit, delete; `drafting`: what a new one starts from; `amounts`: its arithmetic
- `workflow`: validation and statuses; `snapshot`: what is frozen; `rendering`: its PDF
- `conversions`: turning it into the next one; `deposits` and `credits`: two of these; `progress`: what is
  delivered, billed and credited; `stock`: what leaves it; `locking`: who may do all this at a time
- `payments`: what customers paid of invoices, with money or with credits
"""

from erp.sales.services.conversions import CONVERSIONS, convert, preview
from erp.sales.services.documents import (
    create_affair,
    create_document,
    delete_affair,
    delete_document,
    update_document,
    update_lite,
)
from erp.sales.services.payments import SETTLEMENT
from erp.sales.services.rendering import PdfFailed, pdf_of
from erp.sales.services.workflow import set_status, validate

__all__ = [
    "CONVERSIONS",
    "SETTLEMENT",
    "PdfFailed",
    "convert",
    "create_affair",
    "create_document",
    "delete_affair",
    "delete_document",
    "pdf_of",
    "preview",
    "set_status",
    "update_document",
    "update_lite",
    "validate",
]
