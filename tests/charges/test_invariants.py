"""What stays true whatever is entered, changed and deleted, in any order."""

from __future__ import annotations

import contextlib
import datetime
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from erp.charges.choices import ChargeStatus
from erp.charges.models import Charge, ChargeContent, CreditUse, Payment, PaymentUse
from erp.charges.services import SETTLEMENT, delete_charge, update_charge
from erp.core.errors import BusinessError

CENTS = st.integers(1, 20_000).map(lambda cents: Decimal(cents) / 100)
PLACE = st.integers(0, 3)
ROWS = st.lists(st.tuples(PLACE, CENTS), max_size=3)
STEPS = st.one_of(
    st.tuples(st.just("pay"), ROWS, CENTS | st.none()),
    st.tuples(st.just("change"), PLACE, ROWS, CENTS | st.none()),
    st.tuples(st.just("delete"), PLACE),
    st.tuples(st.just("credit"), PLACE, st.sampled_from(["credits", "add_credits", "remove_credits"]), PLACE),
    st.tuples(st.just("price"), PLACE, CENTS),
    st.tuples(st.just("drop"), PLACE),
)


def check() -> None:
    """Everything adds up, from the uses to what rows say of themselves."""
    for payment in Payment.objects.all():
        used = sum((use.amount for use in payment.uses.all()), Decimal(0))
        assert payment.amount_used == used <= payment.amount
        assert payment.stay_to_use + used == payment.amount
    for charge in Charge.objects.all():
        uses = PaymentUse.objects.filter(target=charge)
        own = charge.uses if charge.is_credit else charge.credits
        paid = sum((use.amount for use in [*uses, *own.all()]), Decimal(0))
        assert charge.already_paid == paid <= charge.total_ttc
        assert charge.already_paid + charge.stay_to_pay == charge.total_ttc
        for use in uses:
            assert use.ht + use.tva == use.amount
        if paid == charge.total_ttc and not own.exists():
            assert sum((use.ht for use in uses), Decimal(0)) == charge.total_ht
        expected = ChargeStatus.PARTLY_PAID if paid else ChargeStatus.TO_PAY
        assert charge.status == (ChargeStatus.PAID if paid == charge.total_ttc else expected)
    assert not CreditUse.objects.exclude(target__deleted_at=None).exists()


class World:
    """Two charges and two credits of a supplier, and what happens to them."""

    def __init__(self, charge, method) -> None:
        self.charges = [charge("100"), charge("33.33"), charge("50", type=2), charge("12.49", type=2)]
        self.method = method

    def rows(self, rows):
        return [{"id": self.charges[place], "amount": amount} for place, amount in rows]

    def payment(self, place):
        payments = list(Payment.objects.order_by("pk"))
        return payments[place % len(payments)] if payments else None

    def pay(self, rows, amount):
        values = {"date": datetime.date(2024, 5, 17), "payment_method": self.method, "amount": amount}
        SETTLEMENT.create({**values, "charges": self.rows(rows)})

    def change(self, place, rows, amount):
        if payment := self.payment(place):
            SETTLEMENT.update(payment, {"charges": self.rows(rows), **({"amount": amount} if amount else {})})

    def delete(self, place):
        if payment := self.payment(place):
            SETTLEMENT.delete(payment)

    def credit(self, place, name, credit):
        SETTLEMENT.use_credits(self.charges[place], {name: [self.charges[credit]]})

    def price(self, place, price):
        line = ChargeContent.all_objects.get(charge=self.charges[place])
        update_charge(self.charges[place], {"contents": [{"id": line.pk, "unit_price_ht": price}]})

    def drop(self, place):
        delete_charge(self.charges[place])


#: Sequences are short enough to be read: making them shorter takes minutes of database work.
WITHOUT_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(
    max_examples=60,
    deadline=None,
    phases=WITHOUT_SHRINKING,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEPS, min_size=4, max_size=14))
def test_payments_credits_and_charges_always_add_up(steps, charge, method):
    with transaction.atomic():
        world = World(charge, method)
        for name, *arguments in steps:
            with contextlib.suppress(BusinessError):
                getattr(world, name)(*arguments)
            check()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _in_a_team(scope):
    """Every step is one of the team in scope."""
