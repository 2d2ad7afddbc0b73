"""What has a place in time: each chapter that has such rows registers a source of them.

The calendar page, the first page and the mails of the agenda show the entries of every source, without
knowing the chapters. Settings of a source are the team user's and begin with its name, or that of another
source whose settings it shares: `task_header_limit`, `task_mail_notifications`, `task_mail_hour`; those of
events begin with "calendar".
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

__all__ = ["Entry", "Source", "register", "sources"]


@dataclass(frozen=True)
class Entry:
    """One line of an agenda. Days are those of whoever reads; `begin` and `end` are moments."""

    title: str
    first: datetime.date
    last: datetime.date
    #: Path of its page in the admin.
    address: str
    #: Colour of the text and behind it, as #rrggbb.
    color: str
    background: str
    #: None: the whole days.
    begin: datetime.datetime | None = None
    end: datetime.datetime | None = None
    note: str = ""
    #: Path that ends it when it is sent by POST; empty when there is nothing to end.
    end_address: str = ""
    is_late: bool = False
    is_done: bool = False
    is_pressing: bool = False


#: (team user, first day, last day) -> entries of these days that the team user wants to see.
Find = Callable[[Any, datetime.date, datetime.date], Iterable[Entry]]


@dataclass(frozen=True)
class Source:
    """Rows with a place in time."""

    #: First word of the settings ("calendar", "task"), unless `settings` says another.
    name: str
    label: Any
    icon: str
    #: Permission key that shows them.
    key: str
    #: Everything of the days, for the calendar page.
    on_days: Find
    #: What waits to be done or attended, from what is late to the last day: for the first page and mails.
    waiting: Find
    #: Path of the page that lists all of them.
    list_path: Callable[[], str]
    #: The button that adds one, and the path of its page.
    add_label: Any
    add_path: Callable[[], str]
    #: Whether the calendar page shows them to a team user, and whether it does at first.
    on_calendar: Callable[[Any], tuple[bool, bool]] = lambda member: (True, True)
    #: Whether a team user may add one, and has a card of them on the first page.
    may_add: Callable[[Any], bool] = lambda member: True
    on_first_page: Callable[[Any], bool] = lambda member: True
    settings: str = ""

    def is_for(self, member: Any) -> bool:
        """Whether a team user may see them."""
        return bool(member.level(self.key) >= 1)

    def setting(self, member: Any, name: str) -> Any:
        """A setting of this source: `header_limit`, `mail_notifications`, `mail_hour`."""
        return member.parameter(f"{self.settings or self.name}_{name}")

    def until(self, member: Any, today: datetime.date) -> datetime.date:
        """The last day of what the first page and the mails show."""
        return today + datetime.timedelta(days=self.setting(member, "header_limit"))


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    """Add a source; called by the chapter's AppConfig.ready."""
    _sources[source.name] = source


def sources(member: Any) -> list[Source]:
    """The sources that a team user may see, in the order of the chapters."""
    return [source for source in _sources.values() if source.is_for(member)]
