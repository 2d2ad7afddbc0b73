"""Particulars of the chapters Calendars and Tasks (see case.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from erp.calendars.models import Calendar, CalendarShare
from tenants.models import TeamUser
from tests.contract.case import case
from tests.contract.stage import Stage
from tests.contract.values import day, linked
from tests.factories import make

#: The status of tasks that have ended, which alone have a date of end.
ENDED = 4
Checks = list[tuple[Any, Callable[[Any], bool]]]


def shared_calendar(stage: Stage, made: list[int]) -> None:
    """Somebody else lets the user read their calendar."""
    calendar = make(Calendar, label="Golf", team_user_id=linked(TeamUser, 3))
    make(CalendarShare, calendar=calendar, team_user=stage.owner, readonly=True)
    made.insert(1, calendar.pk)


def period(limit: str, other: str, *, after: bool) -> Callable[[Stage], Checks]:
    """Events that are not over when the period begins, or have begun when it ends."""

    def checks(stage: Stage) -> Checks:
        moments = sorted(answer[limit] for answer in stage.answers.values())
        moment = moments[2]
        if after:
            return [(moment, lambda answer: answer[other] >= moment)]
        return [(moment, lambda answer: answer[other] <= moment)]

    return checks


def deadline(stage: Stage, holds: Callable[[str, str], bool]) -> Checks:
    """Tasks due before, on or after a day of the team's calendar."""
    days = {
        pk: stage.local_day(answer["datetime"]) for pk, answer in stage.answers.items() if answer["datetime"]
    }
    limit = sorted(days.values())[1]
    return [(limit, lambda answer: answer["id"] in days and holds(days[answer["id"]], limit))]


case(
    "/calendar",
    values={"hidden": lambda stage, n: n % 2 == 1},
    prepare=shared_calendar,
)
case(
    "/calendar/event",
    reads={"foregroundColor": "foreground_color"},
    paths={"customer": "customers.id"},
    filters={
        "begin": period("begin", "end", after=True),
        "end": period("end", "begin", after=False),
    },
)
case(
    "/task",
    values={
        "status": lambda stage, n: ENDED if n >= 12 or n % 2 == 0 else 1 + n % 3,
        "completed_at": lambda stage, n: day("completed_at", n) if n >= 12 or n % 2 == 0 else None,
    },
    paths={
        "status": "status.value",
        "priority": "priority.value",
        "with_team_users": "team_users.id",
        "priority.label": "priority.value",
        "status.label": "status.value",
        "category": "category.label",
    },
    filters={
        "deadline_since": lambda stage: deadline(stage, lambda day, limit: day >= limit),
        "deadline_until": lambda stage: deadline(stage, lambda day, limit: day <= limit),
        "deadline": lambda stage: deadline(stage, lambda day, limit: day == limit),
    },
)
