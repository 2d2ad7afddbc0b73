"""What holds whatever is sold: lines make rates, rates make documents, parts make the whole, to the cent."""

import contextlib
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erp.core.errors import Invalid
from erp.core.money import round_half_up
from erp.sales import services
from erp.sales.choices import Kind, Status
from erp.sales.models import Document, Line
from tests.sales.conftest import by_rate, fresh

SIDES = ("ht", "tva", "ttc")
RATES = ("20", "10", "5.5", "2.1")
#: Everything is made in the transaction of one test; each example has documents of its own.
orm = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

prices = st.decimals("1", "9999", places=3)
quantities = st.decimals("0.1", "50", places=2)
lines = st.lists(
    st.tuples(st.just("Article"), prices, quantities, st.sampled_from(RATES)), min_size=1, max_size=4
)
discounts = st.sampled_from(
    [
        {},
        {"global_discount_value": Decimal("7.5")},
        {"global_discount_type": "amount", "global_discount_value": Decimal("0.01")},
    ]
)
modes = st.sampled_from(["ht", "ttc"])


def check_sums(document):
    """Lines sum to rates, rates to the document (EN 16931: BR-CO-10, BR-CO-14, BR-CO-15)."""
    counted = Line.objects.filter(document_id=document.pk, is_option=False)
    for side in SIDES:
        total = getattr(document, f"total_{side}")
        assert sum((Decimal(row[side]) for row in document.vatrates), Decimal(0)) == total
        assert (
            sum(
                (
                    getattr(line, f"total_net_{side}") + getattr(line, f"total_ecotax_{side}")
                    for line in counted
                ),
                Decimal(0),
            )
            == total
        )
    assert document.total_ht + document.total_tva == document.total_ttc
    for row in document.vatrates:
        of_rate = [line for line in counted if line.vat_rate_value == Decimal(row["rate"])]
        worth = sum((line.total_net_ttc + line.total_ecotax_ttc for line in of_rate), Decimal(0))
        assert worth == Decimal(row["ttc"])


@orm
@given(lines=lines, mode=modes, discount=discounts)
def test_lines_make_rates_and_rates_make_documents(make, lines, mode, discount):
    document = make("quotation", *lines, input_mode=mode, is_draft=True, **discount)
    check_sums(document)
    content = document.contents.first().affair_content_id
    edited = services.update_document(
        document, {"contents": [{"affair_content": content, "quantity": Decimal("3.7")}]}
    )
    check_sums(edited)
    assert edited.contents.count() == 1


@orm
@given(
    lines=lines,
    mode=modes,
    discount=discounts,
    percentages=st.lists(st.decimals("0.5", "45", places=2), max_size=2),
    with_vat=st.booleans(),
)
def test_deposits_and_bill_make_the_order(make, lines, mode, discount, percentages, with_vat):
    order = make("command", *lines, input_mode=mode, **discount)
    deposits = []
    for percentage in percentages:
        wanted = round_half_up(order.total_ttc * percentage / 100)
        if wanted > 0:
            deposits.append(
                services.convert(
                    order,
                    "deposit-invoice",
                    {"is_draft": False, "percentage": percentage, "with_vatrate": with_vat},
                )
            )
            assert deposits[-1].total_ttc == wanted
            check_sums(deposits[-1])
    bill = services.convert(order, "bill", {"is_draft": False})
    check_sums(bill)
    assert sum((one.total_ttc for one in deposits), bill.total_ttc) == order.total_ttc
    assert by_rate(bill, *deposits) == by_rate(order)
    assert (fresh(order).status, fresh(order).to_bill) == (Status.BILLED, Decimal(0))
    for line in bill.contents.filter(is_deposit=True):
        assert line.unit_price_ht >= 0 <= line.unit_price_ttc


@orm
@given(lines=lines, mode=modes, discount=discounts, data=st.data())
def test_deliveries_and_their_bills_make_the_order(make, lines, mode, discount, data):
    """In parts, billed in any order, with the rest billed from the order or from a last delivery."""
    order = make("command", *lines, input_mode=mode, **discount)
    contents = [line.affair_content_id for line in order.contents.all()]
    deposit = data.draw(st.sampled_from([None, Decimal("12.34")]))
    bills = []
    if deposit and round_half_up(order.total_ttc * deposit / 100) > 0:
        bills.append(services.convert(order, "deposit-invoice", {"is_draft": False, "percentage": deposit}))
    deliveries = []
    for _time in range(data.draw(st.integers(1, 2))):
        rests = {
            line.affair_content_id: line.quantity_to_deliver for line in Line.objects.filter(document=order)
        }
        parts = [
            {"id": content, "quantity": data.draw(st.decimals("0.01", rests[content], places=2))}
            for content in contents
            if rests[content] >= Decimal("0.01") and data.draw(st.booleans())
        ]
        if parts:
            deliveries.append(services.convert(order, "deliver", {"is_draft": False, "contents": parts}))
    billed_apart = [one for one in data.draw(st.permutations(deliveries)) if data.draw(st.booleans())]
    bills.extend(services.convert(delivery, "bill", {"is_draft": False}) for delivery in billed_apart)
    if any(line.quantity_to_deliver for line in Line.objects.filter(document=order)) and data.draw(
        st.booleans()
    ):
        deliveries.append(services.convert(order, "deliver", {"is_draft": False}))
    assert sum((one.total_ttc for one in deliveries), Decimal(0)) <= order.total_ttc
    if fresh(order).status != Status.BILLED:
        bills.append(services.convert(order, "bill", {"is_draft": False}))
    with pytest.raises(Invalid):
        services.convert(order, "bill")
    for bill in bills:
        check_sums(bill)
    assert sum((bill.total_ttc for bill in bills), Decimal(0)) == order.total_ttc
    assert by_rate(*bills) == by_rate(order)
    assert fresh(order).status == Status.BILLED
    billed = Line.objects.filter(document__in=bills, is_deposit=False)
    for line in order.contents.all():
        parts = [part.quantity for part in billed if part.affair_content_id == line.affair_content_id]
        assert sum(parts, Decimal(0)) == line.quantity


@orm
@given(lines=lines, mode=modes, discount=discounts, data=st.data())
def test_credits_never_exceed_and_can_always_be_finished(make, lines, mode, discount, data):
    """By quantities, by amounts and mixed: refused beyond the rest, and the last one takes it to the cent."""
    invoice = make("invoice", *lines, input_mode=mode, **discount)
    contents = [line.affair_content_id for line in invoice.contents.all()]
    for _time in range(data.draw(st.integers(0, 3))):
        asked = data.draw(
            st.one_of(
                st.builds(lambda amount: {"amount": amount}, st.decimals("0.01", "300", places=2)),
                st.builds(
                    lambda key, quantity: {"contents": [{"id": key, "quantity": quantity}]},
                    st.sampled_from(contents),
                    quantities,
                ),
            )
        )
        with contextlib.suppress(Invalid):
            check_sums(services.convert(fresh(invoice), "cancel", {"is_draft": False, **asked}))
        if fresh(invoice).status == Status.CANCELLED:
            break
        made = Document.objects.filter(kind=Kind.CREDIT, source=invoice)
        assert sum((credit.total_ttc for credit in made), Decimal(0)) < invoice.total_ttc
        for rate, (_ht, _tva, ttc) in by_rate(*made).items():
            assert ttc <= by_rate(invoice)[rate][2]
    if fresh(invoice).status != Status.CANCELLED and invoice.total_ttc:
        services.convert(fresh(invoice), "cancel", {"is_draft": False})
    made = list(Document.objects.filter(kind=Kind.CREDIT, source=invoice))
    assert fresh(invoice).status == Status.CANCELLED
    assert by_rate(*made) == by_rate(invoice)


def test_parts_of_a_cancelled_delivery_leave_no_cent_behind(make):
    """Three parts of a line of 10.00 / 3 pieces, the first of them cancelled and delivered again."""
    order = make("command", ("Article", "3.3333", "3", "20"))
    content = order.contents.get().affair_content_id
    one = {"is_draft": False, "contents": [{"id": content, "quantity": Decimal(1)}]}
    first, second = services.convert(order, "deliver", one), services.convert(order, "deliver", one)
    services.set_status(first, Status.CANCELLED)
    rest = services.convert(order, "deliver", {"is_draft": False})
    assert second.total_ttc + rest.total_ttc == order.total_ttc
    bills = [services.convert(delivery, "bill", {"is_draft": False}) for delivery in (rest, second)]
    assert by_rate(*bills) == by_rate(order)


def test_lines_share_their_rounding_wherever_they_are_billed(make):
    """4.89 and 0.11 at 2.1 % are 5.11 together, but 4.99 and 0.11 each by itself."""
    order = make("command", ("Article", "1", "4.89", "2.1"), ("Article", "1", "0.11", "2.1"))
    small = order.contents.last().affair_content_id
    delivery = services.convert(
        order, "deliver", {"is_draft": False, "contents": [{"id": small, "quantity": Decimal("0.01")}]}
    )
    bills = [services.convert(source, "bill", {"is_draft": False}) for source in (delivery, order)]
    assert by_rate(*bills) == by_rate(order)


@pytest.mark.parametrize("mode", ["ht", "ttc"])
def test_a_changed_vat_rate_changes_no_bill(make, rates, mode):
    """An order of 20 % is billed at 20 %, deposit and rest, whatever the list says since."""
    order = make("command", ("Pose", "99.99", "3", "20"), input_mode=mode)
    whole = make(
        "command",
        ("Pose", "99.99", "3", "20"),
        input_mode=mode,
        use_global_vatrate=True,
        vat_rate=rates["20"],
    )
    rates["20"].rate = Decimal(21)
    rates["20"].save()
    for source in (order, whole):
        source = fresh(source)
        deposit = services.convert(source, "deposit-invoice", {"is_draft": False, "percentage": Decimal(30)})
        bill = services.convert(source, "bill", {"is_draft": False})
        assert by_rate(deposit, bill) == by_rate(source)
