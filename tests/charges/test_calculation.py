"""The arithmetic of charges: lines sum to the charge, VAT is that of each rate."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from erp.charges.calculation import LineInput, compute
from erp.core.money import Amounts, round_half_up

D = Decimal


def test_the_reference_s_example():
    line = compute([LineInput(price=D(100), rate=D(20))]).lines[0]
    assert line.unit == Amounts(D("100.00000"), D("20.00000"), D("120.00000"))
    assert line.total == Amounts(D("100.00"), D("20.00"), D("120.00"))


def test_a_price_with_vat_stays_what_was_typed():
    result = compute([LineInput(price=D("9.99"), quantity=D(3), includes_vat=True, rate=D(20))])
    assert result.total == Amounts(D("24.98"), D("4.99"), D("29.97"))
    assert result.lines[0].unit.ttc == D("9.99000")


def test_vat_is_that_of_the_sum_not_of_the_lines():
    """Three lines of 0.33 at 20 %: 0.99 x 20 % = 0.20, where the lines alone would make 0.21."""
    result = compute([LineInput(price=D("0.33"), rate=D(20))] * 3)
    assert result.total.tva == D("0.20")
    assert sorted(line.total.tva for line in result.lines) == [D("0.06"), D("0.07"), D("0.07")]


def test_vat_that_was_typed_is_taken_as_it_is():
    result = compute([LineInput(price=D(100), quantity=D(2), vat=D("19.99"))])
    assert result.total == Amounts(D("200.00"), D("39.98"), D("239.98"))
    with_vat = compute([LineInput(price=D(120), quantity=D(2), includes_vat=True, vat=D("19.99"))])
    assert with_vat.total == Amounts(D("200.02"), D("39.98"), D("240.00"))


def test_a_charge_without_lines_is_worth_nothing():
    assert compute([]).total == Amounts()


prices = st.decimals("-9999.99999", "9999.99999", places=5)
lines = st.builds(
    LineInput,
    price=prices,
    quantity=st.decimals("-99.999", "99.999", places=3),
    includes_vat=st.booleans(),
    rate=st.sampled_from([D(0), D("2.1"), D("5.5"), D(10), D(20)]),
    vat=st.none() | st.decimals("-99.99", "99.99", places=2),
)


@given(st.lists(lines, max_size=8))
def test_everything_adds_up(given_lines):
    result = compute(given_lines)
    for amounts in (
        *(line.total for line in result.lines),
        *(line.unit for line in result.lines),
        result.total,
    ):
        assert amounts.ht + amounts.tva == amounts.ttc
    for side in ("ht", "tva", "ttc"):
        assert getattr(result.total, side) == sum((getattr(line.total, side) for line in result.lines), D(0))


@given(st.lists(st.builds(LineInput, price=prices, rate=st.just(D(20))), min_size=1, max_size=8))
def test_vat_is_the_rate_of_the_base(given_lines):
    total = compute(given_lines).total
    assert total.tva == round_half_up(total.ht * D("0.2"))
