"""The arithmetic of sales documents, from plain values to plain values: no ORM, no HTTP, no language.

Everything is computed in the document's input mode first (the "given" side: HT or TTC), then the other side
is derived once per VAT rate and spread over the lines by largest remainder. So lines sum to rates and rates
to the document, to the cent (EN 16931: BR-CO-10, BR-S-08, BR-CO-14, BR-CO-15):

- `ht` mode: VAT of a rate = round(base x rate), the base being net lines plus eco-participation (BR-CO-17);
- `ttc` mode: HT of a rate = round(TTC / (1 + rate)), VAT = TTC - HT.

Lines with fixed amounts (deposits to deduct, rests of partial conversions) are added to their rate's row
afterwards, as they are. Results carry the names of the reference's attributes, so that they can be copied.
"""

from __future__ import annotations

import decimal
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from erp.catalog.durations import HOURS_PER_DAY, hours_of, work_cost
from erp.core.money import (
    AMOUNT_PLACES,
    HUNDRED,
    NOTHING,
    UNIT_PLACES,
    ZERO,
    Amounts,
    allocate,
    percent_of,
    percentage,
    round_half_up,
    spread,
    sum_amounts,
)

__all__ = [
    "CalculationError",
    "DepositRow",
    "DocumentInput",
    "DocumentResult",
    "ErrorCode",
    "LineInput",
    "LineResult",
    "VatRow",
    "compute",
    "compute_deposit",
    "deposit_deductions",
]

# Wide enough to keep every product of three factors exact, and independent of the caller's own context.
_CONTEXT = decimal.Context(prec=50, rounding=decimal.ROUND_HALF_UP)
_TOO_LARGE = Decimal(10) ** 12
_UNIT_ZERO = Decimal("0.00000")
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


class ErrorCode(StrEnum):
    """Why a document cannot be computed; services turn each into a sentence."""

    NOT_A_NUMBER = "not_a_number"
    UNKNOWN_CHOICE = "unknown_choice"
    NEGATIVE = "negative"
    PERCENT_OUT_OF_RANGE = "percent_out_of_range"
    LINE_DISCOUNT_EXCEEDS_PRICE = "line_discount_exceeds_price"
    GLOBAL_DISCOUNT_EXCEEDS_CONTENT = "global_discount_exceeds_content"
    FIXED_AMOUNTS_UNBALANCED = "fixed_amounts_unbalanced"
    AMOUNT_TOO_LARGE = "amount_too_large"
    DEPOSIT_MISSING = "deposit_missing"
    DEPOSIT_NOT_POSITIVE = "deposit_not_positive"
    DEPOSIT_EXCEEDS_TOTAL = "deposit_exceeds_total"


class CalculationError(ValueError):
    """Impossible input. `code` says why, `path` where, in wire names (`contents.0.discount_value`)."""

    def __init__(self, code: ErrorCode, path: str) -> None:
        super().__init__(f"{path}: {code}")
        self.code = code
        self.path = path


@dataclass(frozen=True, slots=True, kw_only=True)
class LineInput:
    """One line as typed in. Prices are read on the document's input side: `*_ht` or `*_ttc`, never both.

    Unit prices and quantities have up to 5 decimals, percents run from 0 to 100, `weight_unit` is in any one
    unit, `hourly_person_cost` is per technician and hour, `duration` is per unit sold in `duration_type`.
    `vat_key` names the VAT rate (its id); `is_hidden` lines are not printed but count like any other.
    `fixed` (and `fixed_ecotax`) are signed totals of the line: they replace price, discount and VAT, and take
    no part in the global discount. `is_deposit` marks a line that deducts a deposit: it is no goods, so its
    quantity counts nowhere and no secondary quantity multiplies it.
    """

    is_comments: bool = False
    is_subtotal: bool = False
    is_pagebreak: bool = False
    is_option: bool = False
    is_hidden: bool = False
    unit_price_ht: Decimal = ZERO
    unit_price_ttc: Decimal = ZERO
    vat_rate: Decimal = ZERO
    vat_key: Hashable = None
    discount_type: str = "pourcent"
    discount_value: Decimal = ZERO
    quantity: Decimal = Decimal(1)
    secondary_quantity: Decimal | None = None
    ecotax_u_ht: Decimal = ZERO
    ecotax_u_ttc: Decimal = ZERO
    weight_unit: Decimal | None = None
    catalog_costs_u: Decimal = ZERO
    various_costs_u: Decimal = ZERO
    hourly_person_cost: Decimal = ZERO
    number_people_needed: int = 0
    duration: Decimal = ZERO
    duration_type: str = "hour"
    fixed: Amounts | None = None
    fixed_ecotax: Amounts = NOTHING
    is_deposit: bool = False

    @property
    def has_amounts(self) -> bool:
        """False for comments, subtotals and page breaks."""
        return not (self.is_comments or self.is_subtotal or self.is_pagebreak)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentInput:
    """A whole document as typed in.

    `vat_rate` and `vat_key` hold for every line when `use_global_vatrate` is set (save fixed lines, whose VAT
    is settled already). `secondary_quantity` is used in the mode `global`. A holdback percent, when not zero,
    wins over the holdback amount; its base is the setting `holdback_base` (law 71-584; TTC by default).
    """

    lines: Sequence[LineInput]
    input_mode: str = "ht"
    use_global_vatrate: bool = False
    vat_rate: Decimal = ZERO
    vat_key: Hashable = None
    secondary_quantity_mode: str = "disable"
    secondary_quantity: Decimal | None = None
    global_discount_type: str = "pourcent"
    global_discount_value: Decimal = ZERO
    global_discount_type_amount: str = "ht"
    escompte_rate: Decimal = ZERO
    grant_amount: Decimal = ZERO
    guarantee_holdback_pourcent: Decimal = ZERO
    guarantee_holdback_amount: Decimal = ZERO
    holdback_base: str = "ttc"
    advance_payment_type: str = "pourcent"
    advance_payment_value: Decimal = ZERO
    hours_per_day: Decimal = HOURS_PER_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class LineResult:
    """Every computed attribute of a line, by wire name. Lines that are not counted keep their own amounts.

    Unit amounts have 5 decimals (eco-participation 2), totals 2. `total_*` is before the global discount,
    `total_net_*` after it, both without eco-participation. `subtotal_*` is, on a subtotal line, the sum of
    the `total_*` above it up to the previous subtotal; on any other, its total before its own discount.
    """

    vat_key: Hashable = None
    vat_rate_value: Decimal = ZERO
    total_quantity: Decimal = _UNIT_ZERO
    total_weight: Decimal = ZERO
    unit_price_ht: Decimal = _UNIT_ZERO
    unit_price_tva: Decimal = _UNIT_ZERO
    unit_price_ttc: Decimal = _UNIT_ZERO
    ecotax_u_ht: Decimal = ZERO
    ecotax_u_tva: Decimal = ZERO
    ecotax_u_ttc: Decimal = ZERO
    discount_ht: Decimal = _UNIT_ZERO
    discount_tva: Decimal = _UNIT_ZERO
    discount_ttc: Decimal = _UNIT_ZERO
    unit_price_net_ht: Decimal = _UNIT_ZERO
    unit_price_net_tva: Decimal = _UNIT_ZERO
    unit_price_net_ttc: Decimal = _UNIT_ZERO
    subtotal_ht: Decimal = ZERO
    subtotal_tva: Decimal = ZERO
    subtotal_ttc: Decimal = ZERO
    total_ecotax_ht: Decimal = ZERO
    total_ecotax_tva: Decimal = ZERO
    total_ecotax_ttc: Decimal = ZERO
    total_ht: Decimal = ZERO
    total_tva: Decimal = ZERO
    total_ttc: Decimal = ZERO
    global_discount_ht: Decimal = ZERO
    global_discount_tva: Decimal = ZERO
    global_discount_ttc: Decimal = ZERO
    total_net_ht: Decimal = ZERO
    total_net_tva: Decimal = ZERO
    total_net_ttc: Decimal = ZERO
    catalog_costs_u: Decimal = _UNIT_ZERO
    various_costs_u: Decimal = _UNIT_ZERO
    total_costs_u: Decimal = _UNIT_ZERO
    workforce_costs_u: Decimal = _UNIT_ZERO
    total_charge_u: Decimal = _UNIT_ZERO
    gross_margin_amount_u: Decimal = _UNIT_ZERO
    total_catalog_costs: Decimal = ZERO
    total_various_costs: Decimal = ZERO
    total_costs: Decimal = ZERO
    total_duration_hour: Decimal = ZERO
    total_workforce: Decimal = ZERO
    total_charge: Decimal = ZERO
    gross_margin_amount: Decimal = ZERO
    gross_margin_rate: Decimal = ZERO
    markup_rate: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class VatRow:
    """The document's amounts at one VAT rate, eco-participation included."""

    rate: Decimal
    vat_key: Hashable
    ht: Decimal
    tva: Decimal
    ttc: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentResult:
    """Every computed attribute of a document, by wire name; `lines` match the input's lines one by one.

    `vatrates` has one row per rate, highest first; rates of 0 stay apart by `vat_key`, for each has its own
    legal ground. `amount_due` (not on the wire) is total_ttc less grant and holdback.
    """

    lines: tuple[LineResult, ...]
    vatrates: tuple[VatRow, ...]
    total_content_ht: Decimal
    total_content_tva: Decimal
    total_content_ttc: Decimal
    total_ecotaxe_ht: Decimal
    total_ecotaxe_tva: Decimal
    total_ecotaxe_ttc: Decimal
    global_discount_ht: Decimal
    global_discount_tva: Decimal
    global_discount_ttc: Decimal
    total_ht: Decimal
    total_tva: Decimal
    total_ttc: Decimal
    catalog_costs: Decimal
    various_costs: Decimal
    total_costs: Decimal
    workforce_costs: Decimal
    total_charge: Decimal
    gross_margin_amount: Decimal
    gross_margin_rate: Decimal
    markup_rate: Decimal
    total_duration_hour: Decimal
    nb_people_needed: int
    total_weight: Decimal
    total_quantity_1: Decimal
    total_quantity_2: Decimal
    total_quantity: Decimal
    escompte_amount_ht: Decimal
    escompte_amount_tva: Decimal
    escompte_amount_ttc: Decimal
    guarantee_holdback_amount: Decimal
    advance_payment_amount: Decimal
    amount_due: Decimal


@dataclass(frozen=True, slots=True)
class DepositRow:
    """What a deposit asks for at one VAT rate, VAT included."""

    vat_key: Hashable
    rate: Decimal
    ttc: Decimal


@dataclass(frozen=True, slots=True)
class _Tax:
    """One rate seen from the input side: `exact` leads from a given amount to its other side."""

    is_ht: bool
    numerator: Decimal
    denominator: Decimal

    def exact(self, given: Decimal) -> Decimal:
        return given * self.numerator / self.denominator

    def other(self, given: Decimal, places: int = AMOUNT_PLACES) -> Decimal:
        return round_half_up(self.exact(given), places)

    def given(self, other: Decimal) -> Decimal:
        return round_half_up(other * self.denominator / self.numerator)

    def amounts(self, given: Decimal, other: Decimal) -> Amounts:
        ht, ttc = (given, other) if self.is_ht else (other, given)
        return Amounts(ht, ttc - ht, ttc)

    def both(self, given: Decimal, places: int = AMOUNT_PLACES) -> Amounts:
        return self.amounts(given, self.other(given, places))


@lru_cache(maxsize=512)
def _tax(is_ht: bool, rate: Decimal) -> _Tax:
    sides = (HUNDRED + rate, HUNDRED)
    return _Tax(is_ht, *(sides if is_ht else reversed(sides)))


@dataclass(slots=True)
class _Line:
    """A line with amounts, on its way: `content` and `eco` are its given side before the global discount."""

    source: LineInput
    tax: _Tax
    rate: Decimal
    vat_key: Hashable
    total_quantity: Decimal
    content: Decimal = ZERO
    eco: Decimal = ZERO
    unit_price: Amounts = NOTHING
    unit_price_net: Amounts = NOTHING
    ecotax_u: Amounts = NOTHING
    undiscounted: Amounts | None = None
    total: Amounts = NOTHING
    total_net: Amounts = NOTHING
    total_ecotax: Amounts = NOTHING

    @property
    def group(self) -> tuple[Decimal, Hashable]:
        return self.rate, None if self.rate else self.vat_key


@dataclass(slots=True)
class _Group:
    """The counted lines of one rate: `lines` to compute, and all of them for the row of the rate."""

    tax: _Tax
    rate: Decimal
    vat_key: Hashable
    everything: list[_Line] = field(default_factory=list)
    lines: list[_Line] = field(default_factory=list)
    discount: Decimal = ZERO

    @property
    def content(self) -> Decimal:
        return sum((line.content for line in self.lines), ZERO)


def compute(document: DocumentInput) -> DocumentResult:
    """Compute a whole document. Raises `CalculationError` for what cannot be."""
    with decimal.localcontext(_CONTEXT):
        try:
            _check_document(document)
            return _compute(document)
        except decimal.DecimalException as error:
            raise CalculationError(ErrorCode.AMOUNT_TOO_LARGE, "contents") from error


def compute_deposit(
    source: DocumentResult,
    *,
    percentage: Decimal | None = None,
    amount: Decimal | None = None,
    with_vat: bool = True,
) -> list[DepositRow]:
    """Split a deposit on `source` over its VAT rates; its invoice is then computed in `ttc` mode.

    The deposit is `amount` (TTC) or else round(`percentage` x total_ttc), and at most the total; without VAT
    it is a single row at rate 0. Rates that get nothing are left out.
    """
    total = _deposit_total(source, percentage, amount)
    if not with_vat:
        return [DepositRow(None, ZERO, total)]
    parts = allocate(total, [row.ttc for row in source.vatrates])
    pairs = zip(source.vatrates, parts, strict=True)
    return [DepositRow(row.vat_key, row.rate, part) for row, part in pairs if part]


def deposit_deductions(deposit: DocumentResult) -> list[LineInput]:
    """The lines that deduct an invoiced deposit from the final bill: one per rate, quantity -1.

    Their price is never negative, and they carry the deposit's own amounts, so that bill = total - deposits
    to the cent, per rate and in all.
    """
    return [_deduction(row) for row in deposit.vatrates]


def _deduction(row: VatRow) -> LineInput:
    quantity = Decimal(1) if row.ttc < 0 else Decimal(-1)
    fixed = Amounts(-row.ht, -row.tva, -row.ttc)
    return LineInput(is_deposit=True, quantity=quantity, vat_rate=row.rate, vat_key=row.vat_key, fixed=fixed)


def _deposit_total(source: DocumentResult, percent: Decimal | None, amount: Decimal | None) -> Decimal:
    """The deposit asked for, VAT included; an amount wins over a percentage, as in the reference."""
    if amount is not None:
        path, asked = "amount", _finite(amount, "amount")
    elif percent is not None:
        _check_percent(percent, "percentage")
        path, asked = "percentage", source.total_ttc * percent / HUNDRED
    else:
        raise CalculationError(ErrorCode.DEPOSIT_MISSING, "percentage")
    if asked > source.total_ttc:
        raise CalculationError(ErrorCode.DEPOSIT_EXCEEDS_TOTAL, path)
    if (total := round_half_up(asked)) <= 0:
        raise CalculationError(ErrorCode.DEPOSIT_NOT_POSITIVE, path)
    return total


# --- Steps ------------------------------------------------------------------------------------------------


def _compute(document: DocumentInput) -> DocumentResult:
    prepared = [_prepare(document, number, line) for number, line in enumerate(document.lines)]
    counted = [line for line in prepared if line and not line.source.is_option]
    groups = _group(counted)
    ratio = _discount(document, groups)
    for group in groups:
        _settle(group, ratio)
    lines = _line_results(document, prepared)
    return _document_result(document, groups, counted, lines)


def _prepare(document: DocumentInput, number: int, source: LineInput) -> _Line | None:
    """The line with its unit prices and its own totals, VAT rounded by itself; None if it has no amounts."""
    if not source.has_amounts:
        return None
    is_fixed = source.fixed is not None
    _check_line(source, number)
    rate, key = source.vat_rate, source.vat_key
    if document.use_global_vatrate and not is_fixed:
        rate, key = document.vat_rate, document.vat_key
    tax = _tax(document.input_mode == "ht", rate)
    line = _Line(source, tax, rate, key, _total_quantity(document, source))
    if is_fixed:
        _price_fixed(line, number)
    else:
        _price(line, number)
    return line


def _total_quantity(document: DocumentInput, line: LineInput) -> Decimal:
    secondary = _secondary_quantity(document, line)
    quantity = line.quantity if secondary is None else line.quantity * secondary
    return round_half_up(quantity, UNIT_PLACES)


def _secondary_quantity(document: DocumentInput, line: LineInput) -> Decimal | None:
    """What the line's quantity is multiplied by; None where there is no secondary quantity."""
    if document.secondary_quantity_mode == "disable" or line.is_deposit:
        return None
    is_global = document.secondary_quantity_mode == "global"
    return document.secondary_quantity if is_global else line.secondary_quantity


def _price(line: _Line, number: int) -> None:
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


def _price_fixed(line: _Line, number: int) -> None:
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


def _group(counted: Iterable[_Line]) -> list[_Group]:
    """One group per rate, compared as numbers (20 and 20.00 are one: BR-S-08), highest rate first."""
    groups: dict[tuple[Decimal, Hashable], _Group] = {}
    for line in counted:
        group = groups.setdefault(line.group, _Group(line.tax, line.rate, line.vat_key))
        group.everything.append(line)
        if line.source.fixed is None:
            group.lines.append(line)
    return sorted(groups.values(), key=lambda group: -group.rate)


# --- Global discount --------------------------------------------------------------------------------------


def _discount(document: DocumentInput, groups: list[_Group]) -> Decimal:
    """Give each rate its share of the global discount (BG-20 needs one VAT category each).

    Answers the part of its content (0 to 1) that each line gives up.
    """
    contents = [group.content for group in groups]
    if document.global_discount_type == "pourcent":
        ratio = document.global_discount_value / HUNDRED
        shares = spread([content * ratio for content in contents], round_half_up(sum(contents, ZERO) * ratio))
    elif document.global_discount_type_amount == document.input_mode:
        ratio = _ratio(document, contents)
        shares = spread([content * ratio for content in contents], _discount_amount(document))
    else:
        ratio, shares = _cross_shares(document, groups, contents)
    for group, share in zip(groups, shares, strict=True):
        group.discount = share
    return ratio


def _discount_amount(document: DocumentInput) -> Decimal:
    return round_half_up(document.global_discount_value)


def _ratio(document: DocumentInput, contents: Sequence[Decimal]) -> Decimal:
    """The discount amount as a part of the contents, refused if they are worth less."""
    discount, whole = _discount_amount(document), sum(contents, ZERO)
    if discount > max(whole, ZERO):
        raise CalculationError(ErrorCode.GLOBAL_DISCOUNT_EXCEEDS_CONTENT, "global_discount_value")
    return discount / whole if discount else ZERO


def _cross_shares(
    document: DocumentInput, groups: list[_Group], contents: list[Decimal]
) -> tuple[Decimal, list[Decimal]]:
    """Ratio and shares of a discount stated on the other side (TTC on an HT document, or the reverse).

    Each rate's net is the given amount whose other side comes nearest to what is wanted; what a rate misses
    (in `ht` mode not every TTC amount can be reached) is asked from the next. The whole misses
    a cent at most.
    """
    others = [group.tax.other(content) for group, content in zip(groups, contents, strict=True)]
    ratio = _ratio(document, others)
    wanted = spread([other * ratio for other in others], _discount_amount(document))
    shares, missed = [], ZERO
    for group, content, other, share in zip(groups, contents, others, wanted, strict=True):
        net = _nearest_net(group.tax, content, other, share + missed)
        missed += share - (other - group.tax.other(net))
        shares.append(content - net)
    return ratio, shares


def _nearest_net(tax: _Tax, content: Decimal, other: Decimal, discount: Decimal) -> Decimal:
    """What is left of `content` when its `other` side loses `discount`: between nothing and all of it."""
    if not discount:
        return content
    net = tax.given(other - discount)
    return min(max(net, min(content, ZERO)), max(content, ZERO))


# --- VAT --------------------------------------------------------------------------------------------------


def _settle(group: _Group, ratio: Decimal) -> None:
    """Derive the other side of one rate and spread it over its lines: content, its net, eco on top.

    Each step rounds the running sum, so that the last one is the law of the module's head.
    """
    tax, lines = group.tax, group.lines
    contents, ecos = [line.content for line in lines], [line.eco for line in lines]
    content, eco = sum(contents, ZERO), sum(ecos, ZERO)
    net = content - group.discount
    net_other = tax.other(net)
    totals = total_nets = _both_sides(tax, contents, tax.other(content))
    if ratio:
        total_nets = _both_sides(tax, _net_contents(contents, group.discount, ratio), net_other)
    ecotaxes = _both_sides(tax, ecos, tax.other(net + eco) - net_other)
    for line, total, total_net, ecotax in zip(lines, totals, total_nets, ecotaxes, strict=True):
        line.total, line.total_net, line.total_ecotax = total, total_net, ecotax


def _net_contents(contents: list[Decimal], discount: Decimal, ratio: Decimal) -> list[Decimal]:
    shares = spread([content * ratio for content in contents], discount)
    return [content - share for content, share in zip(contents, shares, strict=True)]


def _both_sides(tax: _Tax, given: list[Decimal], other: Decimal) -> list[Amounts]:
    others = spread([tax.exact(amount) for amount in given], other)
    return [tax.amounts(*sides) for sides in zip(given, others, strict=True)]


# --- Results ----------------------------------------------------------------------------------------------


def _line_results(document: DocumentInput, prepared: list[_Line | None]) -> tuple[LineResult, ...]:
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


def _line_result(document: DocumentInput, line: _Line, number: int) -> LineResult:
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
    _refuse_overflow(f"contents.{number}.quantity", [getattr(result, name) for name in _BOUNDED])
    return result


def _costs(document: DocumentInput, line: _Line) -> dict[str, Decimal]:
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


def _document_result(
    document: DocumentInput, groups: list[_Group], counted: list[_Line], lines: tuple[LineResult, ...]
) -> DocumentResult:
    content = sum_amounts(line.total for line in counted)
    net = sum_amounts(line.total_net for line in counted)
    ecotax = sum_amounts(line.total_ecotax for line in counted)
    results = [result for source, result in zip(document.lines, lines, strict=True) if not source.is_option]
    total = net + ecotax
    _refuse_overflow("contents", (content.ttc, total.ttc, sum((r.total_charge for r in results), ZERO)))
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


def _vat_row(group: _Group) -> VatRow:
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


def _quantities(document: DocumentInput, counted: list[_Line]) -> dict[str, Decimal]:
    """Sums of the first, the second and the multiplied quantities of the goods."""
    goods = [line for line in counted if not line.source.is_deposit]
    seconds = (_secondary_quantity(document, line.source) or ZERO for line in goods)
    return {
        "total_quantity_1": round_half_up(sum((line.source.quantity for line in goods), ZERO), UNIT_PLACES),
        "total_quantity_2": round_half_up(sum(seconds, ZERO), UNIT_PLACES),
        "total_quantity": sum((line.total_quantity for line in goods), _UNIT_ZERO),
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


# --- Refusals ---------------------------------------------------------------------------------------------


def _check_document(document: DocumentInput) -> None:
    _check_choice(document.input_mode, ("ht", "ttc"), "input_mode")
    _check_choice(document.secondary_quantity_mode, ("line", "global", "disable"), "secondary_quantity_mode")
    _check_choice(document.global_discount_type_amount, ("ht", "ttc"), "global_discount_type_amount")
    _check_choice(document.holdback_base, ("ht", "ttc"), "holdback_base")
    _check_value(document.global_discount_type, document.global_discount_value, "global_discount")
    _check_value(document.advance_payment_type, document.advance_payment_value, "advance_payment")
    _check_percent(document.vat_rate, "vat_rate")
    _check_percent(document.escompte_rate, "escompte_rate")
    _check_percent(document.guarantee_holdback_pourcent, "guarantee_holdback_pourcent")
    for name in ("grant_amount", "guarantee_holdback_amount", "hours_per_day"):
        _check_positive(getattr(document, name), name)
    _finite(document.secondary_quantity or ZERO, "secondary_quantity")


def _check_line(line: LineInput, number: int) -> None:
    prefix = f"contents.{number}."
    _check_choice(line.duration_type, ("minute", "hour", "day"), prefix + "duration_type")
    _check_value(line.discount_type, line.discount_value, prefix + "discount")
    _check_percent(line.vat_rate, prefix + "vat_rate")
    for name in ("unit_price_ht", "unit_price_ttc", "ecotax_u_ht", "ecotax_u_ttc"):
        _check_positive(getattr(line, name), prefix + name)
    for name in ("quantity", "secondary_quantity", "weight_unit", "catalog_costs_u", "various_costs_u"):
        _finite(getattr(line, name) or ZERO, prefix + name)
    for name in ("hourly_person_cost", "number_people_needed", "duration"):
        _check_positive(Decimal(getattr(line, name)), prefix + name)


def _check_value(kind: str, value: Decimal, name: str) -> None:
    """A pair `<name>_type` and `<name>_value`: a percent, or an amount not below zero."""
    _check_choice(kind, ("pourcent", "amount"), f"{name}_type")
    check = _check_percent if kind == "pourcent" else _check_positive
    check(value, f"{name}_value")


def _check_choice(value: str, allowed: tuple[str, ...], path: str) -> None:
    if value not in allowed:
        raise CalculationError(ErrorCode.UNKNOWN_CHOICE, path)


def _check_percent(value: Decimal, path: str) -> None:
    if not 0 <= _finite(value, path) <= 100:
        raise CalculationError(ErrorCode.PERCENT_OUT_OF_RANGE, path)


def _check_positive(value: Decimal, path: str) -> None:
    if _finite(value, path) < 0:
        raise CalculationError(ErrorCode.NEGATIVE, path)


def _finite(value: Decimal, path: str) -> Decimal:
    if not value.is_finite():
        raise CalculationError(ErrorCode.NOT_A_NUMBER, path)
    return value


def _refuse_overflow(path: str, values: Iterable[Decimal]) -> None:
    """Refuse what no column and no reader could hold."""
    if any(abs(value) >= _TOO_LARGE for value in values):
        raise CalculationError(ErrorCode.AMOUNT_TOO_LARGE, path)
