"""Attributes of lines and of the document, by wire name."""

from __future__ import annotations

from decimal import Decimal

from erp.catalog.durations import hours_of, work_cost
from erp.core.money import (
    NOTHING,
    UNIT_PLACES,
    ZERO,
    Amounts,
    percent_of,
    percentage,
    round_half_up,
    sum_amounts,
)
from erp.sales.calculation.prices import secondary_quantity_of
from erp.sales.calculation.rates import PricedLine, RateGroup
from erp.sales.calculation.refusals import refuse_overflow
from erp.sales.calculation.values import UNIT_ZERO, DocumentInput, DocumentResult, LineResult, VatRow

_BOUNDED = (
    "unit_price_ttc",
    "total_charge_u",
    "total_quantity",
    "subtotal_ttc",
    "total_ecotax_ttc",
    "total_catalog_costs",
    "total_various_costs",
    "total_workforce",
    "total_duration_hour",
    "total_weight",
)


def line_results(document: DocumentInput, prepared: list[PricedLine | None]) -> tuple[LineResult, ...]:
    """The lines in order; subtotals add up what stands above them and start anew."""
    results, subtotal = [], NOTHING
    for number, (source, line) in enumerate(zip(document.lines, prepared, strict=True)):
        if line:
            results.append(_line_result(document, line, number))
            subtotal = subtotal if source.is_option else subtotal + line.total
        elif source.is_subtotal:
            results.append(LineResult(**_named("subtotal", subtotal)))
            subtotal = NOTHING
        else:
            results.append(_BLANK)
    return tuple(results)


def _line_result(document: DocumentInput, line: PricedLine, number: int) -> LineResult:
    source, quantity = line.source, line.total_quantity
    result = LineResult(
        vat_key=line.vat_key,
        vat_rate_value=line.rate,
        total_quantity=quantity,
        total_weight=round_half_up((source.weight_unit or ZERO) * quantity),
        **_named("unit_price", line.unit_price),
        **_named("ecotax_u", line.ecotax_u),
        **_named("discount", line.unit_price - line.unit_price_net),
        **_named("unit_price_net", line.unit_price_net),
        **_named("subtotal", line.undiscounted or line.total),
        **_named("total_ecotax", line.total_ecotax),
        **_named("total", line.total),
        **_named("global_discount", line.total - line.total_net),
        **_named("total_net", line.total_net),
        **_costs(document, line),
    )
    refuse_overflow(f"contents.{number}.quantity", [getattr(result, name) for name in _BOUNDED])
    return result


def _costs(document: DocumentInput, line: PricedLine) -> dict[str, Decimal]:
    """Costs, workforce and margin of a line, per unit and in total; eco-participation is neither."""
    source, quantity = line.source, line.total_quantity
    hours = hours_of(source.duration, source.duration_type, document.hours_per_day)
    catalog, various = (
        round_half_up(cost, UNIT_PLACES) for cost in (source.catalog_costs_u, source.various_costs_u)
    )
    workforce = work_cost(source.hourly_person_cost, source.number_people_needed, hours, UNIT_PLACES)
    charge_u = catalog + various + workforce
    totals = [round_half_up(cost * quantity) for cost in (catalog, various, workforce)]
    charge = sum(totals, ZERO)
    return {
        "catalog_costs_u": catalog,
        "various_costs_u": various,
        "total_costs_u": catalog + various,
        "workforce_costs_u": workforce,
        "total_charge_u": charge_u,
        "gross_margin_amount_u": line.unit_price_net.ht - charge_u,
        "total_catalog_costs": totals[0],
        "total_various_costs": totals[1],
        "total_costs": totals[0] + totals[1],
        "total_workforce": totals[2],
        "total_duration_hour": round_half_up(hours * quantity),
        "total_charge": charge,
        **_margins(line.total_net.ht, charge),
    }


def _margins(revenue: Decimal, charge: Decimal) -> dict[str, Decimal]:
    """Margin, its rate on the charges and its part of the revenue, in per cent.

    As in the reference's service (price 30, costs 20: margin 10, 50 % and 33.33 %); a margin without any
    charge has the rate 100, as in its quotation.
    """
    margin = revenue - charge
    rate = percentage(margin, charge) if charge else percentage(margin, margin)
    markup = percentage(margin, revenue)
    return {"gross_margin_amount": margin, "gross_margin_rate": rate, "markup_rate": markup}


def document_result(
    document: DocumentInput, groups: list[RateGroup], counted: list[PricedLine], lines: tuple[LineResult, ...]
) -> DocumentResult:
    """The document: `groups` by rate of the `counted` lines, and the results of all `lines` in order."""
    content = sum_amounts(line.total for line in counted)
    net = sum_amounts(line.total_net for line in counted)
    ecotax = sum_amounts(line.total_ecotax for line in counted)
    results = [result for source, result in zip(document.lines, lines, strict=True) if not source.is_option]
    total = net + ecotax
    refuse_overflow("contents", (content.ttc, total.ttc, sum((r.total_charge for r in results), ZERO)))
    return DocumentResult(
        lines=lines,
        vatrates=tuple(_vat_row(group) for group in groups),
        nb_people_needed=max((line.source.number_people_needed for line in counted), default=0),
        **_named("total_content", content),
        **_named("total_ecotaxe", ecotax),
        **_named("global_discount", content - net),
        **_named("total", total),
        **_document_costs(results, net.ht),
        **_quantities(document, counted),
        **_terms(document, total),
    )


def _vat_row(group: RateGroup) -> VatRow:
    amounts = sum_amounts(line.total_net + line.total_ecotax for line in group.everything)
    return VatRow(rate=group.rate, vat_key=group.vat_key, ht=amounts.ht, tva=amounts.tva, ttc=amounts.ttc)


def _document_costs(lines: list[LineResult], revenue: Decimal) -> dict[str, Decimal]:
    charge = sum((line.total_charge for line in lines), ZERO)
    return {
        "catalog_costs": sum((line.total_catalog_costs for line in lines), ZERO),
        "various_costs": sum((line.total_various_costs for line in lines), ZERO),
        "total_costs": sum((line.total_costs for line in lines), ZERO),
        "workforce_costs": sum((line.total_workforce for line in lines), ZERO),
        "total_charge": charge,
        "total_duration_hour": sum((line.total_duration_hour for line in lines), ZERO),
        "total_weight": sum((line.total_weight for line in lines), ZERO),
        **_margins(revenue, charge),
    }


def _quantities(document: DocumentInput, counted: list[PricedLine]) -> dict[str, Decimal]:
    """Sums of the first, the second and the multiplied quantities of the goods."""
    goods = [line for line in counted if not line.source.is_deposit]
    seconds = (secondary_quantity_of(document, line.source) or ZERO for line in goods)
    return {
        "total_quantity_1": round_half_up(sum((line.source.quantity for line in goods), ZERO), UNIT_PLACES),
        "total_quantity_2": round_half_up(sum(seconds, ZERO), UNIT_PLACES),
        "total_quantity": sum((line.total_quantity for line in goods), UNIT_ZERO),
    }


def _terms(document: DocumentInput, total: Amounts) -> dict[str, Decimal]:
    """What terms of payment make of the total, without changing it."""
    base = total.ttc if document.holdback_base == "ttc" else total.ht
    holdback = round_half_up(document.guarantee_holdback_amount)
    if document.guarantee_holdback_pourcent:
        holdback = percent_of(base, document.guarantee_holdback_pourcent)
    advance = round_half_up(document.advance_payment_value)
    if document.advance_payment_type == "pourcent":
        advance = percent_of(total.ttc, document.advance_payment_value)
    return {
        **_named("escompte_amount", _percent_of_both(total, document.escompte_rate)),
        "guarantee_holdback_amount": holdback,
        "advance_payment_amount": advance,
        "amount_due": total.ttc - round_half_up(document.grant_amount) - holdback,
    }


def _percent_of_both(total: Amounts, percent: Decimal) -> Amounts:
    ht, ttc = percent_of(total.ht, percent), percent_of(total.ttc, percent)
    return Amounts(ht, ttc - ht, ttc)


def _named(prefix: str, amounts: Amounts) -> dict[str, Decimal]:
    return {f"{prefix}_ht": amounts.ht, f"{prefix}_tva": amounts.tva, f"{prefix}_ttc": amounts.ttc}


_BLANK = LineResult()
