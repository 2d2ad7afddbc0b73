"""The arithmetic of sales documents: examples worked out by hand, then invariants over random documents."""

from dataclasses import fields, replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from erp.core.money import Amounts, sum_amounts
from erp.sales.calculation import (
    CalculationError,
    DepositRow,
    DocumentInput,
    DocumentResult,
    ErrorCode,
    LineInput,
    LineResult,
    compute,
    compute_deposit,
    deposit_deductions,
)

D = Decimal
CENT = D("0.01")
PLAIN = {field.name for field in fields(LineInput) if "Decimal" not in str(field.type)}


def line(price="100", rate="20", **values) -> LineInput:
    """A line of one unit at `price`, whichever side the document is typed in."""
    given = {"unit_price_ht": D(price), "unit_price_ttc": D(price), "vat_rate": D(rate)}
    typed = {
        name: value if name in PLAIN else D(value) for name, value in values.items() if value is not None
    }
    return LineInput(**given | typed)


def document(*lines: LineInput, **values) -> DocumentInput:
    return DocumentInput(lines=lines, **values)


def amounts(result: object, prefix: str) -> Amounts:
    return Amounts(*(getattr(result, f"{prefix}_{side}") for side in ("ht", "tva", "ttc")))


def of(ht: str, tva: str, ttc: str) -> Amounts:
    return Amounts(D(ht), D(tva), D(ttc))


def rows(result: DocumentResult) -> dict[tuple[object, D], Amounts]:
    return {(row.vat_key, row.rate): Amounts(row.ht, row.tva, row.ttc) for row in result.vatrates}


def refused(document: DocumentInput) -> tuple[str, str]:
    with pytest.raises(CalculationError) as error:
        compute(document)
    return error.value.code, error.value.path


# --- One line ---------------------------------------------------------------------------------------------


def test_a_line_in_ht_mode():
    result = compute(document(line("100", quantity=2, discount_value=10))).lines[0]
    assert amounts(result, "unit_price") == of("100", "20", "120")
    assert amounts(result, "discount") == of("10", "2", "12")
    assert amounts(result, "unit_price_net") == of("90", "18", "108")
    assert amounts(result, "total") == amounts(result, "total_net") == of("180", "36", "216")
    assert amounts(result, "subtotal") == of("200", "40", "240")  # before its discount
    assert str(result.unit_price_ht) == "100.00000"
    assert str(result.total_ht) == "180.00"


def test_a_line_in_ttc_mode():
    # 9.99 / 1.2 = 8.325 a piece; 3 x 9.99 = 29.97, / 1.2 = 24.975 -> 24.98, not 3 x 8.33 = 24.99
    result = compute(document(line("9.99", quantity=3), input_mode="ttc"))
    assert amounts(result.lines[0], "unit_price") == of("8.325", "1.665", "9.99")
    assert amounts(result.lines[0], "total") == amounts(result, "total") == of("24.98", "4.99", "29.97")


def test_a_discount_amount_is_taken_off_each_unit():
    result = compute(document(line("100", quantity=3, discount_type="amount", discount_value="2.5"))).lines[0]
    assert result.discount_ht == D("2.5")
    assert amounts(result, "total") == of("292.50", "58.50", "351.00")


def test_half_cents_of_returned_goods_are_rounded_away_from_zero():
    # -0.125 -> -0.13 and its VAT -0.026 -> -0.03
    result = compute(document(line("0.125", quantity=-1)))
    assert amounts(result, "total") == of("-0.13", "-0.03", "-0.16")


@pytest.mark.parametrize(
    ("mode", "own", "shared", "expected"),
    [
        ("disable", 3, 4, 2),
        ("line", 3, 4, 6),
        ("line", None, 4, 2),
        ("line", 0, 4, 0),
        ("global", 3, 4, 8),
        ("global", 3, None, 2),
    ],
)
def test_secondary_quantities(mode, own, shared, expected):
    shared = None if shared is None else D(shared)
    given = line("10", quantity=2, secondary_quantity=own)
    result = compute(document(given, secondary_quantity_mode=mode, secondary_quantity=shared))
    assert result.lines[0].total_quantity == result.total_quantity == expected
    assert result.total_ht == 10 * expected


def test_the_quantities_of_the_reference():
    # the reference's quotation shows 2, 4 and 4 for a global secondary quantity of 2
    given = document(line(), line(), secondary_quantity_mode="global", secondary_quantity=D(2))
    result = compute(given)
    assert (result.total_quantity_1, result.total_quantity_2, result.total_quantity) == (2, 4, 4)


def test_weights():
    result = compute(document(line(quantity=3, weight_unit="1.255"), line(), line(weight_unit="2")))
    assert [one.total_weight for one in result.lines] == [D("3.77"), 0, 2]  # 3.765
    assert result.total_weight == D("5.77")


# --- Spreading --------------------------------------------------------------------------------------------


def test_vat_is_rounded_once_per_rate_and_spread_over_the_lines():
    # 3 x 10.03 = 30.09, VAT 6.018 -> 6.02; by line 2.006 -> 2.01 would make 6.03: the last gives a cent
    result = compute(document(line("10.03"), line("10.03"), line("10.03")))
    assert amounts(result, "total") == of("30.09", "6.02", "36.11")
    assert [one.total_tva for one in result.lines] == [D("2.01"), D("2.01"), D("2.00")]
    assert [one.subtotal_tva for one in result.lines] == [D("2.01"), D("2.01"), D("2.00")]


def test_ht_is_derived_once_per_rate_in_ttc_mode():
    # 30.00 / 1.2 = 25.00; by line 8.333 -> 8.33 would make 24.99: the first takes a cent
    result = compute(document(line("10"), line("10"), line("10"), input_mode="ttc"))
    assert amounts(result, "total") == of("25.00", "5.00", "30.00")
    assert [one.total_ht for one in result.lines] == [D("8.34"), D("8.33"), D("8.33")]


def test_rates_are_compared_as_numbers():
    result = compute(document(line("10", "20", vat_key=7), line("10", "20.00", vat_key=8), line("10", "5.5")))
    assert rows(result) == {(7, D(20)): of("20", "4", "24"), (None, D("5.5")): of("10", "0.55", "10.55")}


def test_exemptions_on_different_grounds_stay_apart():
    result = compute(document(line("10", "0", vat_key="export"), line("5", "0", vat_key="reverse charge")))
    assert rows(result) == {
        ("export", D(0)): of("10", "0", "10"),
        ("reverse charge", D(0)): of("5", "0", "5"),
    }


def test_one_rate_for_the_whole_document():
    given = document(line("100", "5.5"), use_global_vatrate=True, vat_rate=D(10), vat_key=3)
    result = compute(given)
    assert rows(result) == {(3, D(10)): of("100", "10", "110")}
    assert (result.lines[0].vat_rate_value, result.lines[0].vat_key) == (10, 3)


def two_rates_with_discount_and_ecotax() -> DocumentInput:
    return document(
        line("100", "20", ecotax_u_ht="0.50", vat_key=1),
        line("50.05", "10", vat_key=2),
        global_discount_value=D(10),
    )


def test_discount_over_two_rates_with_eco_participation():
    # content 150.05, 10 % = 15.005 -> 15.01, of which 10.00 at 20 % and 5.005 -> 5.01 at 10 %
    # 20 %: 100.00 - 10.00 + 0.50 = 90.50, VAT 18.10; 10 %: 50.05 - 5.01 = 45.04, VAT 4.504 -> 4.50
    # content VAT 20.00 + 5.005 -> 5.01 = 25.01; discount VAT 25.01 - 18.00 - 4.50 = 2.51
    result = compute(two_rates_with_discount_and_ecotax())
    assert rows(result) == {
        (1, D(20)): of("90.50", "18.10", "108.60"),
        (2, D(10)): of("45.04", "4.50", "49.54"),
    }
    assert amounts(result, "total_content") == of("150.05", "25.01", "175.06")
    assert amounts(result, "global_discount") == of("15.01", "2.51", "17.52")
    assert amounts(result, "total_ecotaxe") == of("0.50", "0.10", "0.60")
    assert amounts(result, "total") == of("135.54", "22.60", "158.14")
    assert amounts(result.lines[1], "global_discount") == of("5.01", "0.51", "5.52")
    assert amounts(result.lines[1], "total_net") == of("45.04", "4.50", "49.54")


def test_a_ttc_discount_on_an_ht_document():
    # 120.00 - 20.00 = 100.00 TTC, / 1.2 = 83.33 HT, VAT 16.666 -> 16.67: exactly 100.00 again
    given = {"global_discount_type": "amount", "global_discount_type_amount": "ttc"}
    result = compute(document(line("100"), global_discount_value=D(20), **given))
    assert amounts(result, "global_discount") == of("16.67", "3.33", "20.00")
    assert amounts(result, "total") == of("83.33", "16.67", "100.00")


def test_an_ht_discount_on_a_ttc_document():
    # 120.00 TTC is 100.00 HT; less 10.00 is 90.00 HT, 108.00 TTC
    given = {"global_discount_type": "amount", "global_discount_value": D(10), "input_mode": "ttc"}
    result = compute(document(line("120"), **given))
    assert amounts(result, "global_discount") == of("10.00", "2.00", "12.00")


def discounted(value: str, side: str, *lines: LineInput, **values) -> DocumentResult:
    values |= {"global_discount_type": "amount", "global_discount_type_amount": side}
    return compute(document(*lines, global_discount_value=D(value), **values))


def test_what_one_rate_cannot_give_is_asked_from_the_next():
    # 0.34 of 1.37 + 0.06 + 0.04 TTC: 0.32 + 0.01 + 0.01
    # 20 %: 1.05 left / 1.2 = 0.875 -> 0.88 HT = 1.06 TTC gives 0.31 only; 10 %: 0.06 - 0.02 = 0.04 gives 0.02
    result = discounted("0.34", "ttc", line("0.05", "10"), line("1.14", "20"), line("0.04", "5.5"))
    assert [one.global_discount_ttc for one in result.lines] == [D("0.02"), D("0.31"), D("0.01")]


def test_a_rate_gives_no_more_than_it_has():
    # 0.20 of 0.34 + 0.01 TTC: 0.19 + 0.01; 20 %: 0.15 left / 1.2 = 0.125 -> 0.13 HT = 0.16 TTC gives 0.18
    # the cent that misses cannot come from the other line, of which 0.01 is all
    result = discounted("0.20", "ttc", line("0.28", "20"), line("0.01", "2.1"))
    assert amounts(result.lines[1], "total_net") == Amounts()
    assert amounts(result, "global_discount") == of("0.16", "0.03", "0.19")


def test_a_rate_without_a_share_gives_nothing():
    # 0.01 of 83.33 + 0.09 HT comes from the first; 0.09 HT alone could be 0.09 TTC as well as 0.10
    result = discounted("0.01", "ht", line("100", "20"), line("0.10", "5.5"), input_mode="ttc")
    assert amounts(result.lines[0], "global_discount") == of("0.01", "0.01", "0.02")
    assert amounts(result.lines[1], "total_net") == of("0.09", "0.01", "0.10")


def test_a_discount_amount_is_shared_by_weight():
    # 10.00 over 70.00 and 30.00 at 20 %: 7.00 and 3.00
    given = document(line("70"), line("30"), global_discount_type="amount", global_discount_value=D(10))
    assert [one.global_discount_ht for one in compute(given).lines] == [7, 3]


def test_no_discount_changes_nothing_whatever_its_type():
    # 0.10 TTC is 0.08 HT, which alone would lead back to 0.10; 0.09 TTC is 0.08 HT too
    given = document(line("0.09"), input_mode="ttc", global_discount_type="amount")
    result = compute(given)
    assert amounts(result, "global_discount") == Amounts()
    assert amounts(result, "total") == of("0.08", "0.01", "0.09")


# --- Lines that carry nothing -----------------------------------------------------------------------------


def test_options_comments_and_page_breaks_carry_nothing_to_the_totals():
    result = compute(
        document(
            line("10", catalog_costs_u=4),
            line("99", is_option=True, catalog_costs_u=50, number_people_needed=9, weight_unit=5),
            line("99", is_comments=True),
            line("99", is_pagebreak=True),
        )
    )
    assert amounts(result, "total") == of("10", "2", "12")
    assert (result.total_costs, result.nb_people_needed, result.total_weight) == (4, 0, 0)
    assert result.total_quantity == 1
    assert amounts(result.lines[1], "total") == of("99", "19.80", "118.80")  # what the option would cost
    assert result.lines[2] == result.lines[3] == LineResult()


def test_hidden_lines_count():
    assert compute(document(line("10"), line("5", is_hidden=True))).total_ht == 15


def test_subtotals_add_up_what_stands_above_since_the_last_one():
    subtotal = line(is_subtotal=True)
    result = compute(
        document(
            line("10"), line("7", is_option=True), line("5", "10"), subtotal, line("1"), subtotal, subtotal
        )
    )
    assert [amounts(result.lines[place], "subtotal") for place in (3, 5, 6)] == [
        of("15.00", "2.50", "17.50"),
        of("1.00", "0.20", "1.20"),
        Amounts(),
    ]
    assert result.lines[3].total_ht == 0
    assert result.total_ht == 16


def test_an_empty_document():
    result = compute(document(global_discount_value=D(10)))
    assert amounts(result, "total") == Amounts()
    assert (result.vatrates, result.nb_people_needed, result.gross_margin_rate) == ((), 0, 0)


# --- Costs and margins ------------------------------------------------------------------------------------


def test_the_margins_of_the_reference():
    # its service: price 30, various costs 5, one technician for an hour at 15: margin 10, 50 %, 33.33 %
    given = {"various_costs_u": "5", "hourly_person_cost": "15", "number_people_needed": 1, "duration": "1"}
    result = compute(document(line("30", quantity=2, **given)))
    one = result.lines[0]
    assert (one.workforce_costs_u, one.total_costs_u, one.total_charge_u) == (15, 5, 20)
    assert one.gross_margin_amount_u == 10
    assert (one.total_workforce, one.total_costs, one.total_charge) == (30, 10, 40)
    for totals in (one, result):
        assert totals.gross_margin_amount == 20
        assert (totals.gross_margin_rate, totals.markup_rate) == (50, D("33.33"))
    assert (result.workforce_costs, result.various_costs, result.total_duration_hour) == (30, 10, 2)


def test_a_margin_without_any_cost_is_all_of_the_price():
    # the reference's quotation of 280 without costs
    result = compute(document(line("280")))
    assert (result.gross_margin_amount, result.gross_margin_rate, result.markup_rate) == (280, 100, 100)


def test_the_global_discount_lowers_the_margin_and_eco_participation_does_not_raise_it():
    result = compute(document(line("100", catalog_costs_u=60, ecotax_u_ht=5), global_discount_value=D(10)))
    assert result.gross_margin_amount == result.lines[0].gross_margin_amount == 30
    assert (result.gross_margin_rate, result.markup_rate) == (50, D("33.33"))
    assert result.total_ht == 95


@pytest.mark.parametrize(("kind", "hours"), [("minute", "1.5"), ("hour", "90"), ("day", "720")])
def test_durations_in_hours(kind, hours):
    given = line(duration="90", duration_type=kind, hourly_person_cost="10", number_people_needed=2)
    result = compute(document(given, hours_per_day=D(8)))
    assert result.total_duration_hour == D(hours)
    assert result.workforce_costs == D(hours) * 20
    assert result.nb_people_needed == 2


# --- Terms of payment -------------------------------------------------------------------------------------


def test_escompte_is_shown_and_not_deducted():
    result = compute(document(line("99.99"), escompte_rate=D(2)))
    assert amounts(result, "total") == of("99.99", "20.00", "119.99")
    assert amounts(result, "escompte_amount") == of("2.00", "0.40", "2.40")  # 1.9998 and 2.3998


def test_grant_and_holdback_reduce_what_is_due():
    result = compute(document(line("1000"), grant_amount=D(100), guarantee_holdback_pourcent=D(5)))
    assert (result.guarantee_holdback_amount, result.amount_due, result.total_ttc) == (60, 1040, 1200)


def test_a_holdback_on_another_base_or_as_an_amount():
    percent = document(line("1000"), guarantee_holdback_pourcent=D(5), holdback_base="ht")
    assert compute(percent).guarantee_holdback_amount == 50
    amount = document(line("1000"), guarantee_holdback_amount=D(70))
    assert compute(amount).amount_due == 1130


def test_advance_payments():
    result = compute(document(line("33.33"), advance_payment_value=D(30)))
    assert result.advance_payment_amount == D("12.00")  # 40.00 TTC
    amount = document(line(), advance_payment_type="amount", advance_payment_value=D("12.5"))
    assert compute(amount).advance_payment_amount == D("12.50")


# --- Deposits and rests -----------------------------------------------------------------------------------


def deposit_invoice(parts: list[DepositRow]) -> DocumentInput:
    lines = [
        line(str(part.ttc.copy_abs()), str(part.rate), quantity=D(1).copy_sign(part.ttc)) for part in parts
    ]
    pairs = zip(lines, parts, strict=True)
    return document(*(replace(one, vat_key=part.vat_key) for one, part in pairs), input_mode="ttc")


def final_bill(source: DocumentInput, deposits: list[DocumentResult]) -> DocumentResult:
    deductions = [one for deposit in deposits for one in deposit_deductions(deposit)]
    return compute(replace(source, lines=[*source.lines, *deductions]))


def test_a_deposit_and_its_final_bill():
    # 30 % of 158.14 = 47.442 -> 47.44: 32.5786 at 20 % (27.15 + 5.43), 14.8614 at 10 % (13.51 + 1.35)
    source = two_rates_with_discount_and_ecotax()
    parts = compute_deposit(compute(source), percentage=D(30))
    assert parts == [DepositRow(1, D(20), D("32.58")), DepositRow(2, D(10), D("14.86"))]
    deposit = compute(deposit_invoice(parts))
    assert rows(deposit) == {
        (1, D(20)): of("27.15", "5.43", "32.58"),
        (2, D(10)): of("13.51", "1.35", "14.86"),
    }
    bill = final_bill(source, [deposit])
    assert rows(bill) == {
        (1, D(20)): of("63.35", "12.67", "76.02"),
        (2, D(10)): of("31.53", "3.15", "34.68"),
    }
    assert bill.total_ttc == D("110.70")
    assert amounts(bill.lines[2], "unit_price") == of("27.15", "5.43", "32.58")
    assert amounts(bill.lines[2], "total_net") == of("-27.15", "-5.43", "-32.58")
    assert bill.total_quantity == 2


def test_a_deposit_without_vat_or_as_an_amount():
    source = compute(two_rates_with_discount_and_ecotax())
    bare = compute_deposit(source, percentage=D(30), with_vat=False)
    assert bare == [DepositRow(None, D(0), D("47.44"))]
    assert sum(row.ttc for row in compute_deposit(source, amount=D("99.99"), percentage=D(1))) == D("99.99")


def test_a_deposit_without_vat_keeps_its_rate_on_a_bill_with_one_rate():
    given = document(line("100"), use_global_vatrate=True, vat_rate=D(20), vat_key=1)
    given = replace(given, secondary_quantity_mode="global", secondary_quantity=D(3))
    parts = compute_deposit(compute(given), percentage=D(10), with_vat=False)
    bill = final_bill(given, [compute(deposit_invoice(parts))])
    assert rows(bill) == {(1, D(20)): of("300", "60", "360"), (None, D(0)): of("-36", "0", "-36")}
    assert bill.lines[1].total_quantity == -1


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, ErrorCode.DEPOSIT_MISSING),
        ({"percentage": D(0)}, ErrorCode.DEPOSIT_NOT_POSITIVE),
        ({"percentage": D("100.01")}, ErrorCode.PERCENT_OUT_OF_RANGE),
        ({"amount": D(-1)}, ErrorCode.DEPOSIT_NOT_POSITIVE),
        ({"amount": D("120.01")}, ErrorCode.DEPOSIT_EXCEEDS_TOTAL),
        ({"amount": D("1e60")}, ErrorCode.DEPOSIT_EXCEEDS_TOTAL),
        ({"amount": D("NaN")}, ErrorCode.NOT_A_NUMBER),
    ],
)
def test_impossible_deposits(asked, code):
    with pytest.raises(CalculationError) as error:
        compute_deposit(compute(document(line("100"))), **asked)
    assert error.value.code == code


def test_fixed_amounts_are_neither_recomputed_nor_discounted():
    fixed = line("1", quantity=4, fixed=of("10.00", "2.01", "12.01"), fixed_ecotax=of("1", "0.2", "1.2"))
    result = compute(document(line("10"), fixed, global_discount_value=D(50)))
    assert rows(result) == {(None, D(20)): of("16.00", "3.21", "19.21")}
    assert amounts(result.lines[1], "unit_price") == of("2.50", "0.5025", "3.0025")
    assert amounts(result.lines[1], "ecotax_u") == of("0.25", "0.05", "0.30")
    assert amounts(result, "global_discount") == of("5", "1", "6")


# --- Impossible input -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"unit_price_ht": "-1"}, ErrorCode.NEGATIVE, "unit_price_ht"),
        ({"ecotax_u_ht": "-1"}, ErrorCode.NEGATIVE, "ecotax_u_ht"),
        ({"vat_rate": "100.5"}, ErrorCode.PERCENT_OUT_OF_RANGE, "vat_rate"),
        ({"discount_value": "101"}, ErrorCode.PERCENT_OUT_OF_RANGE, "discount_value"),
        ({"discount_value": "-1"}, ErrorCode.PERCENT_OUT_OF_RANGE, "discount_value"),
        (
            {"discount_type": "amount", "discount_value": "100.01"},
            ErrorCode.LINE_DISCOUNT_EXCEEDS_PRICE,
            "discount_value",
        ),
        ({"discount_type": "half"}, ErrorCode.UNKNOWN_CHOICE, "discount_type"),
        ({"duration_type": "week"}, ErrorCode.UNKNOWN_CHOICE, "duration_type"),
        ({"quantity": "NaN"}, ErrorCode.NOT_A_NUMBER, "quantity"),
        ({"weight_unit": "Infinity"}, ErrorCode.NOT_A_NUMBER, "weight_unit"),
        ({"quantity": "99999999999"}, ErrorCode.AMOUNT_TOO_LARGE, "quantity"),
        ({"catalog_costs_u": "1e12"}, ErrorCode.AMOUNT_TOO_LARGE, "quantity"),
        ({"fixed": of("1", "0.2", "1.3")}, ErrorCode.FIXED_AMOUNTS_UNBALANCED, "total_ttc"),
        ({"fixed": of("1.001", "0", "1.001")}, ErrorCode.FIXED_AMOUNTS_UNBALANCED, "total_ttc"),
    ],
)
def test_impossible_lines(wrong, code, field):
    assert refused(document(line(), line(**wrong))) == (code, f"contents.1.{field}")


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"input_mode": "net"}, ErrorCode.UNKNOWN_CHOICE, "input_mode"),
        ({"secondary_quantity_mode": ""}, ErrorCode.UNKNOWN_CHOICE, "secondary_quantity_mode"),
        ({"global_discount_value": D(101)}, ErrorCode.PERCENT_OUT_OF_RANGE, "global_discount_value"),
        ({"escompte_rate": D(-1)}, ErrorCode.PERCENT_OUT_OF_RANGE, "escompte_rate"),
        ({"grant_amount": D(-1)}, ErrorCode.NEGATIVE, "grant_amount"),
        (
            {"advance_payment_type": "amount", "advance_payment_value": D(-1)},
            ErrorCode.NEGATIVE,
            "advance_payment_value",
        ),
        ({"guarantee_holdback_pourcent": D("NaN")}, ErrorCode.NOT_A_NUMBER, "guarantee_holdback_pourcent"),
    ],
)
def test_impossible_documents(wrong, code, field):
    assert refused(document(line(), **wrong)) == (code, field)


@pytest.mark.parametrize(("side", "most"), [("ht", "100"), ("ttc", "120")])
def test_a_global_discount_cannot_exceed_the_content(side, most):
    given = document(line(), global_discount_type="amount", global_discount_type_amount=side)
    assert compute(replace(given, global_discount_value=D(most))).total_ttc == 0
    over = replace(given, global_discount_value=D(most) + CENT)
    assert refused(over) == (ErrorCode.GLOBAL_DISCOUNT_EXCEEDS_CONTENT, "global_discount_value")


def test_enormous_numbers_are_refused_and_do_not_crash():
    assert refused(document(line("1e400000"), line("1e400000")))[0] == ErrorCode.AMOUNT_TOO_LARGE
    assert refused(document(*[line("9e11", "0")] * 2)) == (ErrorCode.AMOUNT_TOO_LARGE, "contents")


# --- Invariants -------------------------------------------------------------------------------------------

RATES = ("20", "20.00", "10", "5.5", "2.1", "0")
prices = st.decimals(min_value=0, max_value=2_000, places=5) | st.decimals(0, 20, places=2)
percents = st.decimals(min_value=0, max_value=100, places=2)
quantities = st.decimals(min_value=-50, max_value=200, places=3) | st.integers(-3, 20).map(D)


@st.composite
def lines_of_documents(draw) -> LineInput:
    price, ecotax = draw(prices), draw(st.just(D(0)) | st.decimals(0, 5, places=2))
    by_amount = draw(st.booleans())
    discount = draw(st.just(D(0)) | (st.decimals(0, price, places=5) if by_amount else percents))
    rate = draw(st.sampled_from(RATES))
    return LineInput(
        unit_price_ht=price,
        unit_price_ttc=price,
        ecotax_u_ht=ecotax,
        ecotax_u_ttc=ecotax,
        vat_rate=D(rate),
        vat_key=float(rate),
        discount_type="amount" if by_amount else "pourcent",
        discount_value=discount,
        quantity=draw(quantities),
        catalog_costs_u=draw(st.decimals(0, 500, places=5)),
        is_option=draw(st.sampled_from((False, False, False, True))),
        is_comments=draw(st.sampled_from((False, False, False, True))),
    )


@st.composite
def documents(draw) -> DocumentInput:
    """Any document; a discount amount goes from nothing to the whole content."""
    lines = draw(st.lists(lines_of_documents(), min_size=1, max_size=6))
    plain = DocumentInput(lines=lines, input_mode=draw(st.sampled_from(("ht", "ttc"))))
    if draw(st.booleans()):
        return replace(plain, global_discount_value=draw(percents))
    side = draw(st.sampled_from(("ht", "ttc")))
    content = max(getattr(compute(plain), f"total_content_{side}"), D(0))
    value = draw(st.just(content) | st.decimals(0, content, places=2))
    return replace(
        plain, global_discount_type="amount", global_discount_value=value, global_discount_type_amount=side
    )


def counted(given: DocumentInput, result: DocumentResult) -> list[LineResult]:
    pairs = zip(given.lines, result.lines, strict=True)
    return [one for source, one in pairs if source.has_amounts and not source.is_option]


def half_up(value: D) -> D:
    return value.quantize(CENT, ROUND_HALF_UP)


@settings(max_examples=100)
@given(documents())
def test_lines_make_rates_and_rates_make_the_document(given):
    result = compute(given)
    lines = counted(given, result)
    for (_, rate), row in rows(result).items():
        own = [one for one in lines if one.vat_rate_value == rate]
        assert row == sum_amounts(amounts(one, "total_net") + amounts(one, "total_ecotax") for one in own)
    assert sum_amounts(rows(result).values()) == amounts(result, "total")
    for whole, part in (
        ("total_content", "total"),
        ("total_ecotaxe", "total_ecotax"),
        ("global_discount", "global_discount"),
    ):
        assert amounts(result, whole) == sum_amounts(amounts(one, part) for one in lines)
    content, ecotax = amounts(result, "total_content"), amounts(result, "total_ecotaxe")
    assert content - amounts(result, "global_discount") + ecotax == amounts(result, "total")
    assert result.gross_margin_amount == sum(one.gross_margin_amount for one in lines)


@settings(max_examples=100)
@given(documents())
def test_vat_is_the_law_of_the_input_mode(given):
    for row in compute(given).vatrates:
        if given.input_mode == "ht":
            assert row.tva == half_up(row.ht * row.rate / 100)
        else:
            assert row.ht == half_up(row.ttc * 100 / (100 + row.rate))


@settings(max_examples=60)
@given(documents())
def test_ht_and_vat_make_ttc_everywhere(given):
    result = compute(given)
    for part in (result, *result.lines, *result.vatrates):
        names = {field.name for field in fields(part)}
        for stem in {name[:-3] for name in names if name.endswith("_ht") or name == "ht"}:
            triple = Amounts(*(getattr(part, (stem + side).lstrip("_")) for side in ("_ht", "_tva", "_ttc")))
            assert triple.ht + triple.tva == triple.ttc, stem


@settings(max_examples=60)
@given(documents())
def test_lines_follow_their_unit_prices(given):
    result, mode = compute(given), given.input_mode
    for one in result.lines:
        net = getattr(one, f"unit_price_net_{mode}")
        assert getattr(one, f"total_{mode}") == half_up(net * one.total_quantity)
        assert amounts(one, "unit_price") - amounts(one, "discount") == amounts(one, "unit_price_net")
        assert amounts(one, "total") - amounts(one, "global_discount") == amounts(one, "total_net")


@settings(max_examples=60)
@given(documents())
def test_the_global_discount_is_what_was_asked(given):
    result = compute(given)
    value, side = given.global_discount_value, given.global_discount_type_amount
    if given.global_discount_type == "pourcent":
        content = getattr(result, f"total_content_{given.input_mode}")
        assert getattr(result, f"global_discount_{given.input_mode}") == half_up(content * value / 100)
    else:
        # not every TTC amount can be reached from HT amounts in cents
        tolerance = CENT if (given.input_mode, side) == ("ht", "ttc") else 0
        assert abs(getattr(result, f"global_discount_{side}") - value) <= tolerance


@settings(max_examples=60)
@given(documents())
def test_a_full_discount_leaves_eco_participation_alone(given):
    full = replace(given, global_discount_type="pourcent", global_discount_value=D(100))
    result = compute(full)
    assert amounts(result, "total") == amounts(result, "total_ecotaxe")
    assert all(amounts(one, "total_net") == Amounts() for one in counted(full, result))


@settings(max_examples=60)
@given(documents())
def test_returning_everything_mirrors_the_sale(given):
    sale = replace(given, global_discount_type="pourcent", global_discount_value=D("7.5"))
    back = replace(sale, lines=[replace(one, quantity=-one.quantity) for one in sale.lines])
    assert rows(compute(back)) == {key: -row for key, row in rows(compute(sale)).items()}


@settings(max_examples=100)
@given(documents(), st.lists(st.tuples(percents, st.booleans()), min_size=1, max_size=3))
def test_bill_and_deposits_make_the_source(source, asked):
    whole = compute(source)
    deposits = []
    for percent, with_vat in asked:
        assume(whole.total_ttc * percent >= 1)
        parts = compute_deposit(whole, percentage=percent, with_vat=with_vat)
        deposits.append(compute(deposit_invoice(parts)))
        assert deposits[-1].total_ttc == half_up(whole.total_ttc * percent / 100)
    bill = final_bill(source, deposits)
    assert sum_amounts(amounts(one, "total") for one in (bill, *deposits)) == amounts(whole, "total")
    for key, row in rows(whole).items():
        assert sum_amounts(rows(one).get(key, Amounts()) for one in (bill, *deposits)) == row or not all(
            with_vat for _, with_vat in asked
        )


@settings(max_examples=60)
@given(documents(), st.lists(st.integers(1, 9), min_size=1, max_size=4))
def test_partial_bills_make_the_source(source, steps):
    whole = compute(source)
    bounds = [D(sum(steps[:count])) for count in range(len(steps) + 1)]
    bills = [partial_bill(source, whole, start, stop, bounds[-1]) for start, stop in pairwise(bounds)]
    assert sum_amounts(amounts(bill, "total") for bill in bills) == amounts(whole, "total")
    for key, row in rows(whole).items():
        assert sum_amounts(rows(bill)[key] for bill in bills) == row


def partial_bill(source: DocumentInput, whole: DocumentResult, *span: D) -> DocumentResult:
    """The bill of the quantities `start` to `stop` when the source's lines stand for `of` each."""
    lines = [
        replace(
            one,
            fixed=amounts(result, "total_net").part(*span),
            fixed_ecotax=amounts(result, "total_ecotax").part(*span),
        )
        for one, result in zip(source.lines, whole.lines, strict=True)
    ]
    return compute(replace(source, lines=lines, global_discount_value=D(0)))
