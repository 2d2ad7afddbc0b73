"""Rounding and exact spreading."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from erp.core.money import Amounts, allocate, percent_of, percentage, round_half_up, spread, sum_amounts

D = Decimal
cents = st.decimals(min_value=-100_000, max_value=100_000, places=2)
weights = st.lists(st.decimals(min_value=0, max_value=10_000, places=3), min_size=1, max_size=8)
CENT = D("0.01")


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        ("2.345", 2, "2.35"),
        ("2.3449", 2, "2.34"),
        ("-2.345", 2, "-2.35"),  # halves go away from zero on credits too
        ("0.5", 0, "1"),
        ("2.5", 0, "3"),  # where Python's round() answers 2
        ("1.000005", 5, "1.00001"),
        ("7", 2, "7.00"),
    ],
)
def test_halves_are_rounded_away_from_zero(value, places, expected):
    assert str(round_half_up(D(value), places)) == expected


def test_there_is_no_minus_zero():
    assert str(round_half_up(D("-0.004"))) == "0.00"


def test_percents():
    assert percent_of(D("49.90"), D("5.5")) == D("2.74")  # 2.7445
    assert percentage(D(10), D(30)) == D("33.33")
    assert percentage(D(10), D(0)) == 0


def test_allocation_by_largest_remainder():
    # 33.333 each: one cent is left, the first of equals takes it
    assert allocate(D(100), [D(1), D(1), D(1)]) == [D("33.34"), D("33.33"), D("33.33")]
    # 1.428, 2.857, 5.714 of 10: 1.43 + 2.86 + 5.71
    assert allocate(D(10), [D(1), D(2), D(4)]) == [D("1.43"), D("2.86"), D("5.71")]
    assert allocate(D(10), [D(0), D(3), D(0)]) == [0, 10, 0]
    assert allocate(D(7), [D(1), D(1)], places=0) == [4, 3]


def test_negative_weights_take_their_part():
    assert allocate(D(50), [D(150), D(-50)]) == [75, -25]


def test_nothing_to_carry_an_amount_is_refused():
    assert allocate(D(0), [D(0), D(0)]) == [0, 0]
    with pytest.raises(ValueError):
        allocate(D(1), [D(0), D(0)])
    with pytest.raises(ValueError):
        allocate(D(1), [D(5), D(-5)])
    with pytest.raises(ValueError):
        allocate(D("0.005"), [D(1)])


@given(cents, weights)
def test_an_allocation_is_exact_fair_and_mirrored(total, weights):
    assume(sum(weights))
    parts = allocate(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * weight / sum(weights)) < CENT
        assert weight or not part
    assert allocate(-total, weights) == [-part for part in parts]


@given(st.lists(st.decimals(min_value=-999, max_value=999, places=6), min_size=1, max_size=8))
def test_values_are_spread_to_their_rounded_sum(values):
    total = round_half_up(sum(values))
    parts = spread(values, total)
    assert sum(parts) == total
    assert all(abs(part - value) < CENT for part, value in zip(parts, values, strict=True))


def test_amounts_add_up():
    deposit, rest = Amounts(D(10), D(2), D(12)), Amounts(D(5), D(1), D(6))
    assert deposit + rest == Amounts(D(15), D(3), D(18))
    assert deposit - rest == rest
    assert sum_amounts([deposit, -deposit]) == sum_amounts([]) == Amounts()


def test_billing_three_then_seven_of_ten():
    whole = Amounts(D("99.99"), D("20.00"), D("119.99"))
    first, rest = whole.part(D(0), D(3), D(10)), whole.part(D(3), D(10), D(10))
    assert first == Amounts(D("30.00"), D("6.00"), D("36.00"))  # 29.997 and 35.997
    assert rest == Amounts(D("69.99"), D("14.00"), D("83.99"))
    with pytest.raises(ValueError):
        whole.part(D(0), D(1), D(0))


@given(cents, cents, st.lists(st.integers(1, 50), min_size=1, max_size=6))
def test_consecutive_parts_make_the_whole(ht, tva, quantities):
    whole = Amounts(ht, tva, ht + tva)
    bounds = [D(sum(quantities[:count])) for count in range(len(quantities) + 1)]
    parts = [whole.part(*pair, bounds[-1]) for pair in pairwise(bounds)]
    assert sum_amounts(parts) == whole
    assert all(part.ht + part.tva == part.ttc for part in parts)
