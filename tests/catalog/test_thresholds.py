"""Stocks that reach a threshold are told: once, by one mail for each movement, to those the team names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from erp.catalog.models import Product
from erp.catalog.services import Move, apply_movements, move_by_hand
from erp.catalog.services.thresholds import Crossing
from erp.catalog.signals import stock_alert
from erp.core.scope import team_scope
from tenants.models import Team, TeamUser
from tenants.services.sandbox import sandbox_member

LEVELS = {
    "stock_minimum": Decimal(5),
    "stock_alert": Decimal(10),
    "stock_maximum": Decimal(50),
    "with_stock": True,
}
ALL = [
    f"stock_notifications_{stock}_{threshold}"
    for stock in ("real", "theorical")
    for threshold in ("alert", "min", "max", "no")
]


@pytest.fixture
def screw(scope: Team, product: Callable[..., Product]) -> Product:
    """20 screws in both stocks: minimum 5, alert 10, maximum 50."""
    twenty = Decimal(20)
    return product("SCREW", stock_quantity=twenty, stock_theoretical_quantity=twenty, **LEVELS)


@pytest.fixture
def crossings() -> Iterator[list[Crossing]]:
    """What the signal tells."""
    found: list[Crossing] = []

    def listen(sender: Any, crossings: list[Crossing], **kwargs: Any) -> None:
        found.extend(crossings)

    stock_alert.connect(listen)
    yield found
    stock_alert.disconnect(listen)


def tell(team: Team, *people: TeamUser, only: str = "") -> None:
    """Name who is told, and of what (everything, unless `only` one setting is given)."""
    wanted = {name: name == only or not only for name in ALL}
    team.configs = {**team.configs, **wanted, "stock_notifications_users": [person.pk for person in people]}
    team.save()


@pytest.mark.parametrize("stock", ["real", "theoretical"])
@pytest.mark.parametrize(
    ("start", "change", "reached"),
    [
        (20, -9, []),
        (20, -10, ["alert"]),
        (10, -1, []),  # below already: told before
        (20, -15, ["alert", "min"]),
        (6, -1, ["min"]),
        (20, -20, ["alert", "min", "no"]),
        (1, -3, ["no"]),
        (0, -1, []),
        (20, 29, []),
        (20, 30, ["max"]),
        (50, 5, []),
        (-1, 30, []),
    ],
)
def test_only_the_movement_that_reaches_a_threshold_counts(
    screw: Product, crossings: list[Crossing], stock: str, start: int, change: int, reached: list[str]
) -> None:
    if start != 20:
        apply_movements([Move(screw.pk, stock, Decimal(start - 20), "inventory")])
    crossings.clear()
    apply_movements([Move(screw.pk, stock, Decimal(change), "manual")])
    assert sorted(crossing.threshold for crossing in crossings) == reached
    assert {(crossing.kind, crossing.quantity) for crossing in crossings} <= {(stock, start + change)}


def test_a_product_without_levels_only_runs_out(
    scope: Team, product: Callable[..., Product], crossings: list[Crossing]
) -> None:
    plain = product(with_stock=True, stock_quantity=Decimal(3))
    move_by_hand(plain, "real", Decimal(-3))
    assert [(item.threshold, item.limit) for item in crossings] == [("no", 0)]


def test_lines_of_one_batch_count_together(screw: Product, crossings: list[Crossing]) -> None:
    """Out and in again at once is no alert."""
    apply_movements(
        [
            Move(screw.pk, "real", Decimal(-18), "sales_document", "invoice", 1, 1),
            Move(screw.pk, "real", Decimal(18), "sales_document", "invoice", 1, 2),
        ]
    )
    assert crossings == []


@pytest.mark.parametrize(
    ("setting", "kind", "change", "words"),
    [
        ("stock_notifications_real_alert", "real", -10, "At the alert level (Real stock: 10)"),
        ("stock_notifications_real_min", "real", -15, "At or below the minimum (Real stock: 5)"),
        ("stock_notifications_real_max", "real", 30, "At or above the maximum (Real stock: 50)"),
        ("stock_notifications_real_no", "real", -20, "Out of stock (Real stock: 0)"),
        (
            "stock_notifications_theorical_alert",
            "theoretical",
            -10,
            "At the alert level (Theoretical stock: 10)",
        ),
        (
            "stock_notifications_theorical_min",
            "theoretical",
            -15,
            "At or below the minimum (Theoretical stock: 5)",
        ),
        (
            "stock_notifications_theorical_max",
            "theoretical",
            30,
            "At or above the maximum (Theoretical stock: 50)",
        ),
        ("stock_notifications_theorical_no", "theoretical", -20, "Out of stock (Theoretical stock: 0)"),
    ],
)
def test_each_setting_asks_for_its_own_mail(
    screw: Product,
    team: Team,
    owner: TeamUser,
    mailoutbox: list[Any],
    settings: Any,
    django_capture_on_commit_callbacks: Any,
    setting: str,
    kind: str,
    change: int,
    words: str,
) -> None:
    settings.LANGUAGE_CODE = "en"
    tell(team, owner, only=setting)
    other = "real" if kind == "theoretical" else "theoretical"
    with team_scope(team), django_capture_on_commit_callbacks(execute=True):
        apply_movements([Move(screw.pk, item, Decimal(change), "manual") for item in (kind, other)])
    [mail] = mailoutbox
    assert mail.to == [owner.user.email]
    assert f"- SCREW – Screw: {words}" in mail.body
    assert mail.body.count("SCREW") == 1


def test_one_mail_lists_every_product_with_its_most_serious_threshold(
    screw: Product,
    product: Callable[..., Product],
    team: Team,
    owner: TeamUser,
    make_member: Callable[..., TeamUser],
    mailoutbox: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:
    nail = product("NAIL", stock_quantity=Decimal(20), **LEVELS)
    clerk, blind = make_member(see_stock=1), make_member(see_stock=0)
    tell(team, owner, clerk, blind)
    with team_scope(team), django_capture_on_commit_callbacks(execute=True):
        apply_movements([Move(row.pk, "real", Decimal(-20), "manual") for row in (screw, nail)])
        assert mailoutbox == []
    assert [mail.to for mail in mailoutbox] == [[owner.user.email], [clerk.user.email]]
    assert [line[:8] for line in mailoutbox[0].body.splitlines() if line.startswith("- ")] == [
        "- SCREW ",
        "- NAIL –",
    ]


def test_nobody_named_or_nothing_asked_for_means_no_mail(
    screw: Product,
    team: Team,
    owner: TeamUser,
    mailoutbox: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:
    for people, only in (((), ""), ((owner,), "nothing")):
        tell(team, *people, only=only)
        with team_scope(team), django_capture_on_commit_callbacks(execute=True):
            move_by_hand(screw, "real", Decimal(-20))
            move_by_hand(screw, "real", Decimal(20))
    assert mailoutbox == []


def test_a_sandbox_sends_nothing(
    scope: Team, owner: TeamUser, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    member = sandbox_member(owner)
    with team_scope(member.team, member), django_capture_on_commit_callbacks(execute=True):
        tell(member.team, member)
        row = Product.objects.create(reference="T", name="Test", with_stock=True)
        move_by_hand(row, "real", Decimal(1))
        move_by_hand(row, "real", Decimal(-1))
    assert mailoutbox == []
