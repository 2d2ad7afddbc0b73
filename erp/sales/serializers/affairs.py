"""Affairs and grants on the wire."""

from __future__ import annotations

from erp.core.wire import WireSerializer
from erp.sales.models import Affair, Grant


class AffairSerializer(WireSerializer):
    class Meta:
        model = Affair
        fields = ("id", "number", "reference", "title", "customer", "created_at", "updated_at")
        read_only_fields = ("number", "reference")


class GrantSerializer(WireSerializer):
    class Meta:
        model = Grant
        fields = ("id", "label", "amount", "pdf_mentions", "created_at", "updated_at")
