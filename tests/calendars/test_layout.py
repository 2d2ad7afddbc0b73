"""Where entries stand on the calendar page."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp.calendars.layout import days_of, period, step
from erp.core.agenda import Entry

DATE = datetime.date(2026, 7, 8)  # a Wednesday
UTC = datetime.UTC


def at(hour: int, minute: int = 0, day: int = 8) -> datetime.datetime:
    return datetime.datetime(2026, 7, day, hour, minute, tzinfo=UTC)


def entry(begin: datetime.datetime, end: datetime.datetime, title: str = "Concrete") -> Entry:
    last = end.date() if end.time() != datetime.time() or end == begin else end.date() - datetime.timedelta(1)
    return Entry(title, begin.date(), last, "/", "#ffffff", "#000000", begin, end)


def whole(first: int, last: int, title: str = "Leave") -> Entry:
    days = (datetime.date(2026, 7, first), datetime.date(2026, 7, last))
    return Entry(title, *days, "/", "#ffffff", "#000000")


@pytest.mark.parametrize(
    ("view", "first", "last"),
    [
        ("day", "2026-07-08", "2026-07-08"),
        ("week", "2026-07-06", "2026-07-12"),
        ("month", "2026-06-29", "2026-08-02"),
        ("list", "2026-07-08", "2026-08-06"),
    ],
)
def test_the_days_of_a_view(view: str, first: str, last: str) -> None:
    assert [day.isoformat() for day in period(view, DATE)] == [first, last]


@pytest.mark.parametrize(
    ("view", "before", "after"),
    [
        ("day", "2026-07-07", "2026-07-09"),
        ("week", "2026-07-01", "2026-07-15"),
        ("month", "2026-06-01", "2026-08-01"),
        ("list", "2026-06-08", "2026-08-07"),
    ],
)
def test_pages_before_and_after(view: str, before: str, after: str) -> None:
    assert [step(view, DATE, way).isoformat() for way in (-1, 1)] == [before, after]


def test_months_of_31_days_are_not_skipped() -> None:
    assert step("month", datetime.date(2026, 1, 31), 1) == datetime.date(2026, 2, 1)
    assert step("month", datetime.date(2026, 12, 15), 1) == datetime.date(2027, 1, 1)


def test_an_hour_has_its_place_between_the_hours_shown() -> None:
    (day,) = days_of(DATE, DATE, [entry(at(9), at(10, 30))], (8, 18), today=DATE)
    (block,) = day.blocks
    assert (block.top, block.height, block.left, block.width) == (10, 15, 0, 100)
    assert day.is_today


def test_what_is_outside_the_hours_shown_stays_at_their_edge() -> None:
    (day,) = days_of(DATE, DATE, [entry(at(5), at(6)), entry(at(22), at(23))], (8, 18))
    assert [(block.top, block.height) for block in day.blocks] == [(0, 5), (95, 5)]


def test_a_moment_is_tall_enough_to_be_read() -> None:
    (day,) = days_of(DATE, DATE, [entry(at(9), at(9))], (8, 18))
    assert day.blocks[0].height == 5  # half an hour of ten


def test_an_evening_until_midnight_reaches_the_end_of_the_day() -> None:
    (day,) = days_of(DATE, DATE, [entry(at(20), at(0, day=9))], (0, 24))
    assert day.blocks[0].top + day.blocks[0].height == 100


def test_what_meets_stands_side_by_side() -> None:
    entries = [entry(at(9), at(11), "a"), entry(at(10), at(12), "b"), entry(at(11), at(13), "c")]
    (day,) = days_of(DATE, DATE, [*entries, entry(at(14), at(15), "d")], (8, 18))
    places = {block.entry.title: (block.left, block.width) for block in day.blocks}
    assert places == {"a": (0, 50), "b": (50, 50), "c": (0, 50), "d": (0, 100)}


def test_whole_days_and_what_goes_on_show_on_each_day() -> None:
    night = entry(at(20), at(6, day=9), "night")
    days = days_of(*period("week", DATE), [whole(4, 7), night])
    assert [[found.title for found in day.whole] for day in days] == [
        ["Leave"],
        ["Leave"],
        ["night"],
        ["night"],
        [],
        [],
        [],
    ]


def test_days_of_other_months_are_marked() -> None:
    days = days_of(*period("month", DATE), [], month=7)
    assert [day.date.day for day in days if day.is_outside] == [29, 30, 1, 2]


MINUTES = st.integers(0, 23 * 60 + 59)
SPANS = st.lists(st.tuples(MINUTES, MINUTES).map(sorted), max_size=12)


@given(SPANS, st.tuples(st.integers(0, 12), st.integers(13, 24)))
def test_blocks_stay_inside_the_day_and_never_cover_one_another(
    spans: list[list[int]], hours: tuple[int, int]
) -> None:
    entries = [entry(at(begin // 60, begin % 60), at(end // 60, end % 60)) for begin, end in spans]
    (day,) = days_of(DATE, DATE, entries, hours)
    assert len(day.entries) == len(entries)
    blocks = day.blocks
    for block in blocks:
        assert block.top >= 0
        assert block.left >= 0
        assert block.top + block.height <= 100 + 1e-9
        assert block.left + block.width <= 100 + 1e-9
    for number, one in enumerate(blocks):
        for other in blocks[number + 1 :]:
            above = one.top + one.height <= other.top + 1e-9 or other.top + other.height <= one.top + 1e-9
            beside = one.left + one.width <= other.left + 1e-9 or other.left + other.width <= one.left + 1e-9
            assert above or beside
