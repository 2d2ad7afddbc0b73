"""Prices that lines take from the catalog: custom ones, by what is sold, to whom, and how much of it."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, Sum

from erp.catalog.models import CatalogElement, PriceMode, Product, QuantityMode
from erp.catalog.pricing import period
from erp.catalog.services import CustomPrices
from erp.core.money import UNIT_PLACES, Amounts, round_half_up
from erp.sales.choices import Kind, SecondaryMode, Status
from erp.sales.models import Document, Line

__all__ = ["Counted", "PriceList", "counted"]

#: An element of the catalog, by its model and id.
Key = tuple[type[Any], int]
#: How much of each element a document has: of its goods, whose quantities add up.
Counted = Mapping[Key, Decimal]
#: From which day to which, both included; None has no end.
Period = tuple[datetime.date | None, datetime.date | None]
ZERO = Decimal(0)


def key_of(element: CatalogElement) -> Key:
    """What an element is known by."""
    return type(element), element.pk


def quantity_of(document: Document, line: Line) -> Decimal:
    """A line's quantity, times the second one where the document has it."""
    mode = document.secondary_quantity_mode
    second = document.secondary_quantity if mode == SecondaryMode.GLOBAL else line.secondary_quantity
    return line.quantity if mode == SecondaryMode.DISABLE or second is None else line.quantity * second


def counted(document: Document, lines: Iterable[Line]) -> Counted:
    """How much of each element the lines of a document sell, whatever its variations."""
    found: dict[Key, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.is_goods and (element := line.element) is not None:
            found[key_of(element)] += quantity_of(document, line)
    return found


class PriceList:
    """Catalog prices of a document's lines. Costs no query while no element has custom prices, and the same
    few for any number of lines."""

    def __init__(self, document: Document, lines: Sequence[Line]) -> None:
        self.document = document
        elements = {key_of(element): element for line in lines if (element := line.element) is not None}
        customer = document.customer if document.customer_id else None
        self.custom = CustomPrices(elements.values(), customer)
        self.counted = counted(document, lines)
        self.ordered = ordered(document, elements)

    def of(self, line: Line) -> Amounts:
        """The catalog's unit price of what a line sells."""
        element = line.element
        if element is None:
            raise ValueError("The line sells nothing of the catalog.")
        return self.custom.price(element, line.variation, self._quantity(line, element))

    def follows(self, line: Line, before: Counted | None) -> bool:
        """Whether the price depends on a quantity of the document that is not what it was; on who buys, when
        nothing is known of before."""
        element = line.element
        if before is None:
            return element is not None
        if element is None or not _counts_on_document(element):
            return False
        return self.counted.get(key_of(element), ZERO) != before.get(key_of(element), ZERO)

    def _quantity(self, line: Line, element: CatalogElement) -> Decimal:
        """The quantity that the element's price goes by. Options count for themselves only."""
        if not _counts_on_document(element):
            return self.ordered.get(key_of(element), ZERO)
        own = ZERO if line.is_goods else quantity_of(self.document, line)
        return self.counted.get(key_of(element), ZERO) + own


def _counts_on_document(element: CatalogElement) -> bool:
    mode = element.custom_price_quantity_mode
    return element.custom_price_mode == PriceMode.QUANTITY and mode in (None, QuantityMode.DOCUMENT)


# --- What was ordered before ----------------------------------------------------------------------


def ordered(document: Document, elements: Mapping[Key, CatalogElement]) -> dict[Key, Decimal]:
    """How much the document's customer ordered of each element in the period that its price goes by.

    On validated orders, and on invoices of what was not ordered first; what was cancelled does not count,
    nor the document's own affair.
    """
    periods = {
        key: span
        for key, element in elements.items()
        if element.custom_price_mode == PriceMode.QUANTITY
        and (span := _period(document, element)) is not None
    }
    if not periods or document.customer_id is None:
        return {}
    spans = {span: f"span_{number}" for number, span in enumerate(dict.fromkeys(periods.values()))}
    sums = {name: Sum("total_quantity", filter=_within(span)) for span, name in spans.items()}
    rows = _ordered_lines(document, list(periods)).values("product_id", "service_id").annotate(**sums)
    found: dict[Key, Decimal] = {}
    by_key = {(key[0] is Product, key[1]): key for key in periods}
    for row in rows.order_by():
        is_product = row["product_id"] is not None
        key = by_key[is_product, row["product_id"] if is_product else row["service_id"]]
        found[key] = round_half_up(row[spans[periods[key]]] or ZERO, UNIT_PLACES)
    return found


def _period(document: Document, element: CatalogElement) -> Period | None:
    return period(
        element.custom_price_quantity_mode, document.date, element.custom_price_quantity_month_length
    )


def _within(span: Period) -> Q:
    first, last = span
    within = Q(pk__isnull=False)
    if first is not None:
        within &= Q(document__date__gte=first)
    return within & Q(document__date__lte=last) if last is not None else within


def _ordered_lines(document: Document, keys: Sequence[Key]) -> Any:
    """The lines that say what a customer ordered of some elements, each thing once."""
    products = [key for model, key in keys if model is Product]
    services = [key for model, key in keys if model is not Product]
    orders = Line.objects.filter(_stands(Kind.COMMAND), affair_content_id=OuterRef("affair_content_id"))
    return Line.objects.filter(
        Q(product__in=products) | Q(service__in=services),
        _stands(Kind.COMMAND) | (_stands(Kind.INVOICE) & ~Exists(orders)),
        document__customer_id=document.customer_id,
        is_option=False,
        is_comments=False,
    ).exclude(document__affair_id=document.affair_id or 0)


def _stands(kind: str) -> Q:
    """Lines of documents of a kind that are validated and stand."""
    gone = Q(document__status__in=(Status.REFUSED, Status.CANCELLED))
    return Q(document__kind=kind, document__is_draft=False, document__deleted_at=None) & ~gone
