"""Sales, as programs see them: documents of six kinds, affairs, grants, payments of customers."""

from erp.sales.api.documents import SEARCHES, can_be_billed
from erp.sales.api.payments import PaymentViewSet

__all__ = ["SEARCHES", "PaymentViewSet", "can_be_billed"]
