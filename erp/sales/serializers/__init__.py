"""Sales documents on the wire: what is answered, and the bodies that are read.

Import from here. Inside: `fields` (those of documents), `affairs` (and grants), `lines`, `uses` (credits that
pay invoices), `documents` (what each kind answers), `bodies` (what each kind is told), `conversions` (what a
conversion is told).
"""

from erp.sales.serializers.affairs import AffairSerializer, GrantSerializer
from erp.sales.serializers.bodies import LiteBody, body_for
from erp.sales.serializers.conversions import CancelBody, ConversionBody, DeliverBody, DepositBody
from erp.sales.serializers.documents import SERIALIZERS, PaidDocumentSerializer

__all__ = [
    "SERIALIZERS",
    "AffairSerializer",
    "CancelBody",
    "ConversionBody",
    "DeliverBody",
    "DepositBody",
    "GrantSerializer",
    "LiteBody",
    "PaidDocumentSerializer",
    "body_for",
]
