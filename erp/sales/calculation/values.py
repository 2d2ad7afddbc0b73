"""What a computation takes and what it answers, by the names of the wire."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from erp.catalog.durations import HOURS_PER_DAY
from erp.core.money import NOTHING, ZERO, Amounts

UNIT_ZERO = Decimal("0.00000")


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
    total_quantity: Decimal = UNIT_ZERO
    total_weight: Decimal = ZERO
    unit_price_ht: Decimal = UNIT_ZERO
    unit_price_tva: Decimal = UNIT_ZERO
    unit_price_ttc: Decimal = UNIT_ZERO
    ecotax_u_ht: Decimal = ZERO
    ecotax_u_tva: Decimal = ZERO
    ecotax_u_ttc: Decimal = ZERO
    discount_ht: Decimal = UNIT_ZERO
    discount_tva: Decimal = UNIT_ZERO
    discount_ttc: Decimal = UNIT_ZERO
    unit_price_net_ht: Decimal = UNIT_ZERO
    unit_price_net_tva: Decimal = UNIT_ZERO
    unit_price_net_ttc: Decimal = UNIT_ZERO
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
    catalog_costs_u: Decimal = UNIT_ZERO
    various_costs_u: Decimal = UNIT_ZERO
    total_costs_u: Decimal = UNIT_ZERO
    workforce_costs_u: Decimal = UNIT_ZERO
    total_charge_u: Decimal = UNIT_ZERO
    gross_margin_amount_u: Decimal = UNIT_ZERO
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
