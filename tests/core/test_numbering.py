"""References: gapless, unique, restarting by month or year in their series."""

from __future__ import annotations

import datetime
import itertools
import threading
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from erp.core import numbering
from erp.core.errors import Invalid
from erp.core.models import NumberSeries
from erp.core.numbering import check_prefix, preview, reference_of, take_number, take_unused
from erp.core.scope import NoTeam, team_scope
from erp.various.models import Unit
from tenants.models import Team

Mode = NumberSeries.Mode
KEY = numbering.declare("test", "T", 4)
DAY = datetime.date(2026, 11, 30)
#: Forms of series that settings accept.
FORMS = [("FA-", Mode.NEVER), ("{YYYY}/", Mode.YEARLY), ("A{YY}-{MM}-", Mode.MONTHLY)]


def configured(prefix: str, mode: int = Mode.NEVER, length: int = 4) -> NumberSeries:
    """The test series, set up like that."""
    row = numbering.series(KEY)
    row.prefix, row.mode, row.length = prefix, mode, length
    row.save()
    return row


def take(date: datetime.date, *, ordered: bool = False) -> str:
    return take_number(KEY, date, ordered=ordered).reference


def test_numbers_follow_each_other(scope: Team) -> None:
    assert [take(DAY) for _ in range(3)] == ["T0001", "T0002", "T0003"]


def test_each_team_has_its_own_numbers(team: Team, other_team: Team) -> None:
    with team_scope(team):
        assert take(DAY) == "T0001"
    with team_scope(other_team):
        assert take(DAY) == "T0001"
    with pytest.raises(NoTeam):
        take(DAY)


def test_a_number_is_only_taken_if_its_transaction_ends_well(scope: Team) -> None:
    take(DAY)
    with transaction.atomic():
        assert take(DAY) == "T0002"
        transaction.set_rollback(True)
    assert take(DAY) == "T0002"


def test_a_yearly_series_restarts_with_the_year(scope: Team) -> None:
    configured("FA{YYYY}-", Mode.YEARLY)
    dates = [datetime.date(2026, 1, 1), DAY, datetime.date(2026, 12, 31), datetime.date(2027, 1, 1)]
    assert [take(date) for date in dates] == ["FA2026-0001", "FA2026-0002", "FA2026-0003", "FA2027-0001"]


def test_a_monthly_series_restarts_with_the_month(scope: Team) -> None:
    configured("{YY}{MM}/", Mode.MONTHLY, 2)
    dates = [DAY, DAY, datetime.date(2026, 12, 1), datetime.date(2027, 1, 1)]
    assert [take(date) for date in dates] == ["2611/01", "2611/02", "2612/01", "2701/01"]


def test_a_series_that_restarts_never_goes_back_to_a_period_it_forgot(scope: Team) -> None:
    """Its numbers there were given already, and going back would repeat them: what is entered late is
    numbered in the present period, unless its numbers have to follow its dates."""
    configured("{YYYY}-", Mode.YEARLY)
    take(datetime.date(2026, 12, 31))
    take(datetime.date(2027, 1, 1))
    with pytest.raises(Invalid) as refused:
        take(datetime.date(2026, 12, 31), ordered=True)
    assert (refused.value.code, list(refused.value.errors)) == ("date_goes_back", ["date"])
    assert take(datetime.date(2026, 12, 31)) == "2027-0002"
    assert take(datetime.date(2027, 1, 2)) == "2027-0003"


def test_references_in_use_are_passed_over(scope: Team, django_assert_max_num_queries: Any) -> None:
    """Somebody set the next number back in the settings."""
    configured("{YYYY}-", Mode.YEARLY, 3)
    Unit.objects.bulk_create(Unit(label=f"2026-{number:03d}") for number in [*range(1, 151), 153])

    def free(date: datetime.date = DAY) -> str:
        return take_unused(KEY, date, Unit.objects.all(), "label").reference

    with django_assert_max_num_queries(6):
        assert free() == "2026-151"
    assert [free(), free()] == ["2026-152", "2026-154"]
    assert free(datetime.date(2027, 1, 1)) == "2027-001"


def test_dates_may_go_back_inside_a_period_unless_they_are_ordered(scope: Team) -> None:
    configured("{YYYY}-", Mode.YEARLY)
    take(DAY)
    assert take(datetime.date(2026, 1, 1)) == "2026-0002"
    with pytest.raises(Invalid):
        take(datetime.date(2026, 1, 1), ordered=True)
    assert take(DAY, ordered=True) == "2026-0003"


def test_changing_the_mode_goes_on_without_repeating(scope: Team) -> None:
    configured("{YYYY}{MM}-", Mode.MONTHLY)
    taken = [take(DAY), take(DAY)]
    configured("{YYYY}-", Mode.YEARLY)
    taken += [take(DAY), take(DAY)]
    configured("{YYYY}-", Mode.NEVER)
    taken.append(take(DAY))
    assert taken == ["202611-0001", "202611-0002", "2026-0003", "2026-0004", "2026-0005"]


@settings(max_examples=60, deadline=None)
@given(
    form=st.sampled_from(FORMS),
    dates=st.lists(st.dates(datetime.date(2025, 11, 1), datetime.date(2027, 2, 1)), max_size=25),
)
def test_references_never_repeat_nor_skip(form: tuple[str, int], dates: list[datetime.date]) -> None:
    row = NumberSeries(prefix=form[0], mode=form[1], length=3)
    given_out: list[tuple[str, int]] = []
    for date in sorted(dates):
        number = numbering.next_number_of(row, date)
        given_out.append((reference_of(row, number, date), number))
        row.next_number, row.period = number + 1, numbering.period_of(row.mode, date)
    references = [reference for reference, _number in given_out]
    assert len(set(references)) == len(references)
    for (_before, low), (_after, high) in itertools.pairwise(given_out):
        assert high in (low + 1, 1)


def test_the_next_references_can_be_seen_without_taking_them(scope: Team) -> None:
    row = configured("{YYYY}-", Mode.YEARLY)
    assert preview(row, DAY) == preview(row, DAY) == ["2026-0001", "2026-0002", "2026-0003"]
    assert take(DAY) == "2026-0001"


@pytest.mark.parametrize(
    ("prefix", "mode", "length"),
    [
        ("FA ", Mode.NEVER, 5),
        ("FA#", Mode.NEVER, 5),
        ("É", Mode.NEVER, 5),
        ("{YYY}", Mode.NEVER, 5),
        ("{DD}", Mode.NEVER, 5),
        ("FA", Mode.YEARLY, 5),
        ("{MM}", Mode.YEARLY, 5),
        ("{YYYY}", Mode.MONTHLY, 5),
        ("{MM}", Mode.MONTHLY, 5),
        ("", Mode.NEVER, 0),
        ("", Mode.NEVER, 13),
        ("FA\n", Mode.NEVER, 5),
    ],
)
def test_prefixes_that_would_repeat_or_be_refused_are_not_accepted(
    prefix: str, mode: int, length: int
) -> None:
    with pytest.raises(Invalid):
        check_prefix(prefix, mode, length)


@pytest.mark.parametrize(("prefix", "mode"), [*FORMS, ("", Mode.NEVER), ("F+A_/", Mode.NEVER)])
def test_other_prefixes_are(prefix: str, mode: int) -> None:
    check_prefix(prefix, mode, 5)


def test_a_reference_has_at_most_35_characters(scope: Team) -> None:
    row = NumberSeries(prefix="{YYYY}" * 8, length=3, mode=Mode.NEVER)
    assert len(reference_of(row, 1, DAY)) == 35
    row.length = 4
    with pytest.raises(Invalid):
        reference_of(row, 1, DAY)


@pytest.mark.django_db(transaction=True)
def test_a_number_needs_a_transaction(team: Team) -> None:
    if connection.vendor == "postgresql":
        pytest.skip("there a team's scope is itself a transaction")
    with team_scope(team), pytest.raises(RuntimeError):
        take(DAY)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_writers_never_get_the_same_number(team: Team) -> None:
    taken: list[str] = []

    def work() -> None:
        try:
            for _ in range(10):
                with team_scope(team), transaction.atomic():
                    taken.append(take(DAY))
        finally:
            connection.close()

    threads: list[Any] = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [f"T{number:04d}" for number in range(1, 31)]
