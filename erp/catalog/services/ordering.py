"""Lines of orders to suppliers: from what is typed, and what they are worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from erp.catalog import pricing
from erp.catalog.models import Product, ProviderCommand, ProviderCommandLine, ProviderReference
from erp.catalog.services.elements import check_size
from erp.core.errors import BusinessError, Invalid
from erp.core.money import Amounts, round_half_up, sum_amounts, taxed
from erp.core.services import validated
from erp.customers.models import Customer
from erp.various.services import clean_html

__all__ = ["build_lines", "recompute"]

Row = Mapping[str, Any]
#: What a line takes from its product when it is not given: {attribute: attribute of the product}.
FROM_PRODUCT = {
    "reference": "reference",
    "designation": "designation",
    "unit_price_ht": "unit_buy_price_ht",
    "unit": "unit",
    "vat_rate": "vat_rate",
}
PLAIN = (
    "reference",
    "designation",
    "unit_price_ht",
    "quantity",
    "unit",
    "vat_rate",
    "product",
    "variation",
    "delivered_quantity",
)
#: Those that null empties.
NULLABLE = ("unit", "product", "variation")


def build_lines(
    rows: Sequence[Row],
    known: Mapping[int, ProviderCommandLine],
    provider: Customer,
    *,
    deliver: bool = False,
) -> list[ProviderCommandLine]:
    """The lines that rows describe, in their order: a row with `id` changes a known line, others are new.

    What a new line does not say comes from its product, as `provider` offers it.

    With `deliver`, lines that do not say how much of them arrived are delivered whole.
    Raises Invalid (422) with every error at once, by "contents.0.attribute".
    """
    if not rows:
        raise Invalid({"contents": _("Add at least one line.")})
    offers = _offers(rows, provider)
    errors: dict[str, list[str]] = {}
    lines: list[ProviderCommandLine] = []
    for place, row in enumerate(rows):
        try:
            line = _line(row, known, offers, taken=lines, deliver=deliver)
        except BusinessError as error:
            errors |= {f"contents.{place}.{path}".rstrip("."): texts for path, texts in error.errors.items()}
        else:
            line.place = place
            lines.append(line)
    named = {line.pk for line in lines}
    if any(line.delivered_quantity for key, line in known.items() if key not in named) and not errors:
        errors["contents"] = [_("A line of which goods have arrived cannot be taken away.")]
    if errors:
        raise Invalid(errors)
    return lines


def _offers(rows: Sequence[Row], provider: Customer) -> dict[int, ProviderReference]:
    """What the supplier calls and asks for the products of rows, by the product's id; the first of each."""
    products = [row["product"] for row in rows if row.get("product") is not None]
    found = ProviderReference.objects.filter(customer=provider, product__in=products) if products else ()
    return {offer.product_id: offer for offer in reversed(list(found))}


def _line(
    row: Row,
    known: Mapping[int, ProviderCommandLine],
    offers: Mapping[int, ProviderReference],
    *,
    taken: Sequence[ProviderCommandLine],
    deliver: bool,
) -> ProviderCommandLine:
    line = _known(row, known, taken) if row.get("id") is not None else ProviderCommandLine()
    product = row.get("product")
    for name, own in (("product", line.product_id), ("variation", line.variation_id)):
        if line.delivered_quantity and name in row and getattr(row[name], "pk", None) != own:
            text = _("Goods of this line have arrived: its product cannot change any more.")
            raise Invalid({name: text})
    values = dict(row)
    if product is not None and line._state.adding:
        values = _with_product(row, product, offers.get(product.pk))
    for name in PLAIN:
        if name in values and (values[name] is not None or name in NULLABLE):
            setattr(line, name, values[name])
    if line._state.adding or "product" in row or "variation" in row:
        _check_variation(line)
    line.designation = clean_html(line.designation)
    if line.vat_rate_id is None:
        raise Invalid({"vat_rate": _("This field is required.")}, code="required")
    if deliver and row.get("delivered_quantity") is None:
        line.delivered_quantity = line.quantity
    if line.delivered_quantity > line.quantity:
        raise Invalid(_beyond(row, line))
    _price(line)
    return validated(line, constraints=False)


def _known(
    row: Row, known: Mapping[int, ProviderCommandLine], taken: Sequence[ProviderCommandLine]
) -> ProviderCommandLine:
    named: Any = row["id"]
    key = int(getattr(named, "pk", named))
    if key not in known or any(line.pk == key for line in taken):
        raise Invalid({"id": _("The order has no such line, or it is named twice.")})
    return known[key]


def _check_variation(line: ProviderCommandLine) -> None:
    """A product that has variations is ordered in one of them."""
    product, variation = line.product, line.variation
    if variation is not None and (product is None or variation.product_id != product.pk):
        raise Invalid({"variation": _("This is no variation of the product.")})
    if line._state.adding and variation is None and product is not None and product.variations_length:
        raise Invalid({"variation": _("Say which variation of the product is ordered.")})


def _with_product(row: Row, product: Product, offer: ProviderReference | None) -> dict[str, Any]:
    """The values of a new line; what is not given comes from its product, as the supplier offers it."""
    own = {name: getattr(product, source) for name, source in FROM_PRODUCT.items()}
    own["designation"] = product.designation or product.name
    if offer is not None:
        own["reference"], own["unit_price_ht"] = offer.reference or product.reference, offer.buy_price_ht
    if variation := row.get("variation"):
        own["reference"] = variation.provider_reference or variation.reference or own["reference"]
        own["designation"] = f"{own['designation']} – {variation.label}"
        if variation.own_buy_price_ht is not None:
            own["unit_price_ht"] = variation.own_buy_price_ht
    return {**row, **{name: value for name, value in own.items() if row.get(name) in (None, "")}}


def _beyond(row: Row, line: ProviderCommandLine) -> dict[str, str]:
    """Why more cannot have arrived than is ordered, on what was typed."""
    if row.get("delivered_quantity") is not None:
        text = _("No more can be delivered than was ordered (%(quantity)s).")
        return {"delivered_quantity": text % {"quantity": f"{line.quantity.normalize():f}"}}
    text = _("%(quantity)s have arrived already: order at least as much.")
    return {"quantity": text % {"quantity": f"{line.delivered_quantity.normalize():f}"}}


def _price(line: ProviderCommandLine) -> None:
    """The VAT of the unit price, and the total without VAT. Raises Invalid (422) for too large ones."""
    price = pricing.with_vat(line.unit_price_ht, line.vat_rate.rate)
    check_size(price, line.quantity, "quantity")
    line.unit_price_ht, line.unit_price_tva, line.unit_price_ttc = price.ht, price.tva, price.ttc
    line.total_ht = round_half_up(price.ht * line.quantity)


def recompute(command: ProviderCommand, lines: Sequence[ProviderCommandLine]) -> None:
    """The amounts of an order and of its lines: VAT once per rate, lines sum to rates, rates to the order."""
    by_rate: dict[Decimal, list[ProviderCommandLine]] = defaultdict(list)
    for line in lines:
        by_rate[line.vat_rate.rate].append(line)
    totals: dict[Decimal, Amounts] = {}
    for rate, group in by_rate.items():
        amounts = taxed([line.total_ht for line in group], rate)
        totals[rate] = sum_amounts(amounts)
        for line, amount in zip(group, amounts, strict=True):
            line.total_tva, line.total_ttc = amount.tva, amount.ttc
    whole = sum_amounts(totals.values())
    command.total_ht, command.total_tva, command.total_ttc = whole.ht, whole.tva, whole.ttc
    command.vatrates = [
        {"rate": str(rate), "ht": str(amount.ht), "tva": str(amount.tva), "ttc": str(amount.ttc)}
        for rate, amount in sorted(totals.items(), reverse=True)
    ]
