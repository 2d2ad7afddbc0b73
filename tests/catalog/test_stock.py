"""The stock ledger: each cause moves once, and the stock of a product is always the sum of its movements."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erp.catalog.models import Product, StockMovement
from erp.catalog.services import Move, adjust_stock, apply_movements, move_by_hand, settle
from erp.core import services as core
from erp.core.errors import Conflict, Invalid
from erp.core.scope import team_scope
from tenants.models import Team, TeamUser

DAY = datetime.date(2024, 5, 17)
COLUMNS = {"real": "stock_quantity", "theoretical": "stock_theoretical_quantity"}
Make = Callable[..., Product]


def sale(product: Product, quantity: str, *, line: int = 1, document: int = 12, kind: str = "real") -> Move:
    """What a line of an invoice takes out of stock."""
    return Move(product.pk, kind, -Decimal(quantity), "sales_document", "invoice", document, line)


def stocks(product: Product) -> tuple[Decimal, Decimal]:
    """Real and theoretical stock, as stored."""
    product.refresh_from_db()
    return product.stock_quantity, product.stock_theoretical_quantity


def ledger(product: Product) -> tuple[Decimal, Decimal]:
    """Real and theoretical stock, as the ledger says."""
    entries = list(StockMovement.objects.filter(product=product))
    real, theoretical = (sum(entry.quantity for entry in entries if entry.kind == kind) for kind in COLUMNS)
    return Decimal(real), Decimal(theoretical)


def test_a_document_moves_all_its_lines(scope: Team, product: Make, owner: TeamUser) -> None:
    apple, pear = product(with_stock=True), product(with_stock=True)
    made = apply_movements(
        [
            sale(apple, "2", line=1),
            sale(pear, "3.5", line=2),
            sale(apple, "1", line=3),
            sale(pear, "4", kind="theoretical"),
        ]
    )
    assert [entry.quantity for entry in made] == [-2, Decimal("-3.5"), -1, -4]
    assert {entry.author for entry in made} == {owner}
    assert (stocks(apple), stocks(pear)) == ((-3, 0), (Decimal("-3.5"), -4))


def test_a_cause_that_is_repeated_does_nothing(scope: Team, product: Make) -> None:
    apple = product(with_stock=True)
    assert len(apply_movements([sale(apple, "2", line=1)])) == 1
    assert apply_movements([sale(apple, "2", line=1)]) == []
    assert (
        len(apply_movements([sale(apple, "2", line=1), sale(apple, "5", line=2), sale(apple, "5", line=2)]))
        == 1
    )
    assert stocks(apple) == (-7, 0)


def test_other_documents_lines_and_kinds_are_other_causes(scope: Team, product: Make) -> None:
    apple = product(with_stock=True)
    apply_movements(
        [
            sale(apple, "1"),
            sale(apple, "1", line=2),
            sale(apple, "1", document=13),
            sale(apple, "1", kind="theoretical"),
        ]
    )
    assert stocks(apple) == (-3, -1)


def test_the_database_refuses_a_second_movement_of_one_cause(scope: Team, product: Make) -> None:
    [entry] = apply_movements([sale(product(with_stock=True), "1")])
    entry.pk = None
    entry._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save()


def test_products_without_stock_never_move(scope: Team, product: Make) -> None:
    book = product(with_stock=False)
    assert apply_movements([sale(book, "1")]) == []
    assert (stocks(book), StockMovement.objects.count()) == ((0, 0), 0)


def test_a_line_of_nothing_moves_nothing(scope: Team, product: Make) -> None:
    assert apply_movements([sale(product(with_stock=True), "0.000004")]) == []


def test_a_deleted_product_still_moves(scope: Team, product: Make) -> None:
    apple = product(with_stock=True)
    core.delete(apple)
    apply_movements([sale(apple, "1")])
    assert Product.all_objects.get(pk=apple.pk).stock_quantity == -1


def test_another_team_s_product_cannot_be_moved(scope: Team, other_product: Product) -> None:
    with pytest.raises(Product.DoesNotExist):
        apply_movements([sale(other_product, "1")])


def test_an_element_moves_what_it_still_has_to(scope: Team, product: Make) -> None:
    """Made, edited, cancelled, taken up again: each time the difference, and never twice."""
    apple, pear = product(with_stock=True, stock_quantity=Decimal(10)), product(with_stock=True)

    def settled(document: int, *wanted: tuple[Product, str, int]) -> int:
        moves = {(row.pk, None, "real", line): Decimal(quantity) for row, quantity, line in wanted}
        return len(settle("sales_document", "invoice", document, moves, date=DAY))

    assert settled(12, (apple, "-2", 1), (pear, "-3", 2)) == 2
    assert settled(99, (apple, "-4", 1)) == 1
    assert (stocks(apple), stocks(pear)) == ((4, 0), (-3, 0))
    assert settled(12, (apple, "-2", 1), (pear, "-3", 2)) == 0
    assert settled(12, (apple, "-5", 1)) == 2
    assert (stocks(apple), stocks(pear)) == ((1, 0), (0, 0))
    assert (settled(12), settled(12)) == (1, 0)
    assert settled(12, (apple, "-1", 1)) == 1
    assert (stocks(apple), stocks(pear)) == (ledger(apple), ledger(pear)) == ((5, 0), (0, 0))


def test_queries_do_not_grow_with_lines(scope: Team, product: Make) -> None:
    counts = []
    for size, document in ((1, 1), (20, 2)):
        moves = [
            sale(product(with_stock=True), "1", line=line, document=document) for line in range(1, size + 1)
        ]
        with CaptureQueriesContext(connection) as queries:
            apply_movements(moves)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_stock_too_large_is_refused(scope: Team, product: Make) -> None:
    apple = product(with_stock=True, stock_quantity=Decimal(9_999_999_999))
    with pytest.raises(Invalid):
        apply_movements([sale(apple, "-1")])
    assert stocks(apple) == (9_999_999_999, 0)


# --- By hand --------------------------------------------------------------------------------------


def test_a_manual_movement_is_numbered(scope: Team, product: Make) -> None:
    apple = product(with_stock=True)
    first = move_by_hand(apple, "real", Decimal(5), "Found behind the shelf")
    second = move_by_hand(apple, "real", Decimal(-2))
    assert (first.reference, second.reference) == ("MVT00001", "MVT00002")
    assert (first.comment, first.cause, first.cause_id) == ("Found behind the shelf", "manual", None)
    assert apple.stock_quantity == 3


def test_the_same_manual_movement_may_be_repeated(scope: Team, product: Make) -> None:
    apple = product(with_stock=True)
    for _step in range(2):
        move_by_hand(apple, "theoretical", Decimal(5), "Again")
    assert stocks(apple) == (0, 10)


def test_a_manual_movement_needs_a_quantity_and_a_managed_stock(scope: Team, product: Make) -> None:
    with pytest.raises(Invalid) as refusal:
        move_by_hand(product(with_stock=True), "real", Decimal(0))
    assert list(refusal.value.errors) == ["quantity"]
    with pytest.raises(Invalid):
        move_by_hand(product(with_stock=False), "real", Decimal(1))
    assert StockMovement.objects.count() == 0


def test_a_manual_movement_asks_to_manage_stock(
    team: Team, product: Make, make_member: Callable[..., TeamUser]
) -> None:
    apple = product(with_stock=True)
    with team_scope(team, make_member(manage_stock=0)), pytest.raises(PermissionDenied):
        move_by_hand(apple, "real", Decimal(1))
    with team_scope(team, make_member(manage_stock=1)):
        assert move_by_hand(apple, "real", Decimal(1)).quantity == 1


def test_an_inventory_enters_the_difference(scope: Team, product: Make) -> None:
    apple = product(with_stock=True, stock_quantity=Decimal(10))
    adjust_stock(apple, "real", Decimal("7.25"))
    assert apple.stock_quantity == Decimal("7.25")
    assert StockMovement.objects.get(cause="inventory").quantity == Decimal("-2.75")


def test_a_movement_is_never_deleted(scope: Team, product: Make) -> None:
    [entry] = apply_movements([sale(product(with_stock=True), "1")])
    with pytest.raises(Conflict):
        core.delete(entry)


# --- Invariant ------------------------------------------------------------------------------------

QUANTITIES = st.decimals(-50, 50, places=5)
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("move"),
            st.integers(0, 2),
            st.sampled_from(sorted(COLUMNS)),
            QUANTITIES,
            st.integers(1, 3),
        ),
        st.tuples(st.just("set"), st.integers(0, 1), st.sampled_from(sorted(COLUMNS)), QUANTITIES),
        st.tuples(
            st.just("hand"), st.integers(0, 1), st.sampled_from(sorted(COLUMNS)), QUANTITIES.filter(bool)
        ),
        st.tuples(
            st.just("settle"),
            st.integers(1, 3),
            st.dictionaries(st.tuples(st.integers(0, 2), st.sampled_from(sorted(COLUMNS))), QUANTITIES),
        ),
    ),
    max_size=8,
)


def play(products: list[Product], step: tuple[Any, ...]) -> None:
    """Do one step of a generated story."""
    if step[0] == "move":
        _name, index, kind, quantity, document = step
        apply_movements(
            [Move(products[index].pk, kind, quantity, "sales_document", "invoice", document, index)]
        )
    elif step[0] == "set":
        adjust_stock(products[step[1]], step[2], step[3])
    elif step[0] == "hand":
        move_by_hand(products[step[1]], step[2], step[3])
    else:
        wanted = {(products[index].pk, None, kind, 1): moved for (index, kind), moved in step[2].items()}
        settle("sales_document", "order", step[1], wanted, date=DAY)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(STEPS)
def test_the_stock_is_the_sum_of_the_movements(
    scope: Team, product: Make, steps: list[tuple[Any, ...]]
) -> None:
    with transaction.atomic():
        products = [product(with_stock=True), product(with_stock=True), product(with_stock=False)]
        for step in steps:
            play(products, step)
        assert [stocks(row) for row in products] == [ledger(row) for row in products]
        assert stocks(products[2]) == (0, 0)
        transaction.set_rollback(True)
