"""Where entries stand on the calendar page: plain arithmetic on days and hours."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from erp.calendars.choices import View
from erp.core.agenda import Entry

__all__ = ["Block", "Day", "days_of", "period", "step"]

#: Days that the list shows.
LIST_DAYS = 30
#: Height of what is shorter, in minutes, so that it can be read.
SHORTEST = 30
DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Block:
    """An entry between two hours of one day; places in percent of the day's column."""

    entry: Entry
    top: float
    height: float
    left: float
    width: float


@dataclass
class Day:
    """One day of the page."""

    date: datetime.date
    is_today: bool = False
    #: Only there to fill up the first or the last week of a month.
    is_outside: bool = False
    #: What fills the whole day, or goes on on another.
    whole: list[Entry] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    @property
    def entries(self) -> list[Entry]:
        """Everything, whole days first, then by the hour."""
        return [*self.whole, *(block.entry for block in self.blocks)]


def period(view: str, date: datetime.date) -> tuple[datetime.date, datetime.date]:
    """First and last day that a view of a date shows. Weeks begin on Monday."""
    if view == View.DAY:
        return date, date
    if view == View.LIST:
        return date, date + (LIST_DAYS - 1) * DAY
    if view == View.WEEK:
        return _monday(date), _monday(date) + 6 * DAY
    last = date.replace(day=calendar.monthrange(date.year, date.month)[1])
    return _monday(date.replace(day=1)), _monday(last) + 6 * DAY


def _monday(date: datetime.date) -> datetime.date:
    return date - date.weekday() * DAY


def step(view: str, date: datetime.date, direction: int) -> datetime.date:
    """The date of the page before (-1) or after (1)."""
    if view == View.MONTH:
        first = date.replace(day=1)
        return (first - DAY).replace(day=1) if direction < 0 else (first + 31 * DAY).replace(day=1)
    return date + direction * {View.DAY: 1, View.WEEK: 7, View.LIST: LIST_DAYS}[View(view)] * DAY


def days_of(
    first: datetime.date,
    last: datetime.date,
    entries: Iterable[Entry],
    hours: tuple[int, int] = (0, 24),
    *,
    today: datetime.date | None = None,
    month: int | None = None,
) -> list[Day]:
    """The days of a period with their entries; blocks stand between the first and the last of `hours`.

    What begins before or ends after these hours is shown at their edge.
    """
    count = (last - first).days + 1
    dates = [first + number * DAY for number in range(count)]
    days = {
        date: Day(date, is_today=date == today, is_outside=month is not None and date.month != month)
        for date in dates
    }
    timed: dict[datetime.date, list[Entry]] = {}
    for entry in entries:
        if entry.begin is not None and entry.first == entry.last:
            timed.setdefault(entry.first, []).append(entry)
            continue
        date = max(entry.first, first)
        while date <= min(entry.last, last):
            days[date].whole.append(entry)
            date += DAY
    for date, found in timed.items():
        if date in days:
            days[date].blocks = _blocks(found, hours)
    return list(days.values())


def _blocks(entries: Sequence[Entry], hours: tuple[int, int]) -> list[Block]:
    """Entries of one day side by side where their hours meet."""
    low, high = hours[0] * 60, max(hours[1], hours[0] + 1) * 60
    spans = sorted((*_span(entry, low, high), number) for number, entry in enumerate(entries))
    blocks: list[Block] = []
    for group in _meeting(spans):
        lanes = _lanes(group)
        width = 100 / (max(lanes) + 1)
        for lane, (begin, end, number) in zip(lanes, group, strict=True):
            top = (begin - low) / (high - low) * 100
            height = (end - begin) / (high - low) * 100
            blocks.append(Block(entries[number], top, height, lane * width, width))
    return blocks


Span = tuple[int, int, int]


def _span(entry: Entry, low: int, high: int) -> tuple[int, int]:
    """Minutes of the day at which an entry is drawn, at least SHORTEST long, inside the hours shown."""
    begin = _minutes(entry.begin)
    end = (
        24 * 60
        if entry.end and entry.begin and entry.end.date() > entry.begin.date()
        else _minutes(entry.end)
    )
    begin = min(max(begin, low), high - SHORTEST)
    return begin, min(max(end, begin + SHORTEST), high)


def _minutes(moment: datetime.datetime | None) -> int:
    return moment.hour * 60 + moment.minute if moment else 0


def _meeting(spans: Iterable[Span]) -> list[list[Span]]:
    """Spans, in order, in groups that have no minute in common."""
    groups: list[list[Span]] = []
    end = -1
    for span in spans:
        if not groups or span[0] >= end:
            groups.append([])
        groups[-1].append(span)
        end = max(end, span[1]) if len(groups[-1]) > 1 else span[1]
    return groups


def _lanes(group: Sequence[Span]) -> list[int]:
    """For each span of a group, the first lane that is free when it begins."""
    ends: list[int] = []
    lanes: list[int] = []
    for begin, end, _number in group:
        lane = next((number for number, free in enumerate(ends) if free <= begin), len(ends))
        ends[lane:] = [end, *ends[lane + 1 :]]
        lanes.append(lane)
    return lanes
