"""What the calendar page and its mails take from a person's settings, beside what its own tests show."""

from __future__ import annotations

import datetime

from erp.tasks.agenda import entry_of
from erp.tasks.services import create_task
from tenants.models import Team, TeamUser

NINE = datetime.datetime(2026, 7, 8, 9, tzinfo=datetime.UTC)


def test_tasks_have_the_colours_of_the_settings(scope: Team, owner: TeamUser) -> None:
    task = create_task({"title": "Call Dupont", "datetime": NINE})
    before = entry_of(task, owner, NINE.date())
    assert (before.color, before.background) == ("#ffffff", "#64748b")
    owner.configs = {"calendar_task_color": "#123456", "calendar_task_foreground_color": "#abcdef"}
    after = entry_of(task, owner, NINE.date())
    assert (after.color, after.background) == ("#123456", "#abcdef")
