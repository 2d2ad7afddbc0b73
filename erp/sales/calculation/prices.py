"""A line by itself: its quantity, its prices, its own discount, its total."""

from __future__ import annotations

from decimal import Decimal

from erp.core.money import AMOUNT_PLACES, NOTHING, UNIT_PLACES, Amounts, percent_of, round_half_up
from erp.sales.calculation.rates import PricedLine, tax_at
from erp.sales.calculation.refusals import CalculationError, ErrorCode, check_line
from erp.sales.calculation.values import DocumentInput, LineInput


def priced(document: DocumentInput, number: int, source: LineInput) -> PricedLine | None:
    """The line with its unit prices and its own totals, VAT rounded by itself; None if it has no amounts."""
    if not source.has_amounts:
        return None
    is_fixed = source.fixed is not None
    check_line(source, number)
    rate, key = source.vat_rate, source.vat_key
    if document.use_global_vatrate and not is_fixed:
        rate, key = document.vat_rate, document.vat_key
    tax = tax_at(document.input_mode == "ht", rate)
    line = PricedLine(source, tax, rate, key, _total_quantity(document, source))
    if is_fixed:
        _price_fixed(line, number)
    else:
        _price(line, number)
    return line


def _total_quantity(document: DocumentInput, line: LineInput) -> Decimal:
    secondary = secondary_quantity_of(document, line)
    quantity = line.quantity if secondary is None else line.quantity * secondary
    return round_half_up(quantity, UNIT_PLACES)


def secondary_quantity_of(document: DocumentInput, line: LineInput) -> Decimal | None:
    """What the line's quantity is multiplied by; None where there is no secondary quantity."""
    if document.secondary_quantity_mode == "disable" or line.is_deposit:
        return None
    is_global = document.secondary_quantity_mode == "global"
    return document.secondary_quantity if is_global else line.secondary_quantity


def _price(line: PricedLine, number: int) -> None:
    source, tax, quantity = line.source, line.tax, line.total_quantity
    price = round_half_up(source.unit_price_ht if tax.is_ht else source.unit_price_ttc, UNIT_PLACES)
    net = price - _unit_discount(source, price, number)
    eco = round_half_up(source.ecotax_u_ht if tax.is_ht else source.ecotax_u_ttc)
    line.content = round_half_up(net * quantity)
    line.eco = round_half_up(eco * quantity)
    line.unit_price = line.unit_price_net = tax.both(price, UNIT_PLACES)
    line.total = line.total_net = tax.both(line.content)
    if net != price:
        line.unit_price_net = tax.both(net, UNIT_PLACES)
        line.undiscounted = tax.both(round_half_up(price * quantity))
    if eco:
        line.ecotax_u, line.total_ecotax = tax.both(eco), tax.both(line.eco)


def _unit_discount(source: LineInput, price: Decimal, number: int) -> Decimal:
    if source.discount_type == "pourcent":
        return percent_of(price, source.discount_value, UNIT_PLACES)
    discount = round_half_up(source.discount_value, UNIT_PLACES)
    if discount > price:
        raise CalculationError(ErrorCode.LINE_DISCOUNT_EXCEEDS_PRICE, f"contents.{number}.discount_value")
    return discount


def _price_fixed(line: PricedLine, number: int) -> None:
    """Totals as they are given; unit prices follow from them."""
    line.total = line.total_net = _exact_amounts(line.source.fixed or NOTHING, number)
    line.total_ecotax = _exact_amounts(line.source.fixed_ecotax, number)
    if line.total_quantity:
        line.unit_price = line.unit_price_net = _per_unit(line.total, line.total_quantity, UNIT_PLACES)
        line.ecotax_u = _per_unit(line.total_ecotax, line.total_quantity, AMOUNT_PLACES)


def _exact_amounts(fixed: Amounts, number: int) -> Amounts:
    """`fixed` with two decimals; refused if it has more, or if HT and VAT do not make TTC."""
    exact = Amounts(round_half_up(fixed.ht), round_half_up(fixed.tva), round_half_up(fixed.ttc))
    if exact != fixed or exact.ht + exact.tva != exact.ttc:
        raise CalculationError(ErrorCode.FIXED_AMOUNTS_UNBALANCED, f"contents.{number}.total_ttc")
    return exact


def _per_unit(total: Amounts, quantity: Decimal, places: int) -> Amounts:
    ht, ttc = round_half_up(total.ht / quantity, places), round_half_up(total.ttc / quantity, places)
    return Amounts(ht, ttc - ht, ttc)
