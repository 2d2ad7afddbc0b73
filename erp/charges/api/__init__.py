"""Charges and their payments, as programs see them (reference: chapter Charges)."""

from erp.charges.api.charges import ChargeSerializer, ChargeViewSet
from erp.charges.api.payments import PaymentViewSet

__all__ = ["ChargeSerializer", "ChargeViewSet", "PaymentViewSet"]
