"""What a conversion is told."""

from __future__ import annotations

from erp.core.fields import NestedList, WireBoolean, WireDate, WireDecimal, WireInteger
from erp.core.wire import BodySerializer


class ConversionBody(BodySerializer):
    """What every conversion may be told."""

    date = WireDate(required=False)
    is_draft = WireBoolean(required=False)


class QuantityBody(BodySerializer):
    """A line, by its affair content, and how much of it."""

    id = WireInteger(min_value=1)
    quantity = WireDecimal(max_digits=18, decimal_places=5, required=False, allow_null=True)


class DeliverBody(ConversionBody):
    """What to deliver: everything that remains unless lines are named."""

    contents = NestedList(QuantityBody, required=False)


class DepositBody(ConversionBody):
    """How large a deposit, VAT included."""

    with_vatrate = WireBoolean(required=False)
    amount = WireDecimal(max_digits=15, decimal_places=2, required=False, allow_null=True)
    percentage = WireDecimal(max_digits=5, decimal_places=2, required=False, allow_null=True)


class CancelBody(DeliverBody):
    """What to credit: lines, or an amount VAT included, or everything that remains."""

    amount = WireDecimal(max_digits=15, decimal_places=2, required=False, allow_null=True)
