"""The mail of the agenda: who gets it, when, what it says, and that each comes once."""

from __future__ import annotations

import datetime
import io
import threading
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from erp.calendars import reminders
from erp.calendars.models import AgendaMail, Calendar, Event
from erp.calendars.services import save_calendar, save_event
from erp.core.scope import team_scope
from erp.tasks.services import create_task, end_task
from tenants.models import Team, TeamUser

#: A Monday, 07:30 in Paris (UTC+2).
MONDAY = datetime.datetime(2026, 7, 6, 5, 30, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def _english(english: None) -> None:
    """Sentences are asserted in their source language."""


@pytest.fixture
def monday(monkeypatch: pytest.MonkeyPatch) -> datetime.date:
    """Today is that Monday, whatever asks."""
    monkeypatch.setattr("erp.tasks.agenda.team_today", lambda: MONDAY.date())
    return MONDAY.date()


def wants(member: TeamUser, **settings: Any) -> TeamUser:
    with team_scope(member.team):
        member.configs = settings
        member.save()
    return member


@pytest.fixture
def reader(owner: TeamUser, monday: datetime.date) -> TeamUser:
    """The owner, who wants both lists every day at seven, and has one task and one event."""
    wants(owner, task_mail_notifications=1, calendar_mail_notifications=1)
    with team_scope(owner.team, owner):
        create_task({"title": "Call Dupont", "datetime": MONDAY - DAY})
        calendar = save_calendar(Calendar(), {"label": "Worksites"})
        period = {"begin": MONDAY + 3 * HOUR, "end": MONDAY + 4 * HOUR}
        save_event(Event(), {"title": "Concrete", "location": "Lyon", "calendar": calendar, **period})
    return owner


def test_the_mail_lists_tasks_and_events(reader: TeamUser, team: Team) -> None:
    assert reminders.send_agenda(team, MONDAY) == 1
    message = mail.outbox[0]
    assert message.to == ["owner@acme.example"]
    assert message.subject == "Acme: your agenda of 6 Jul 2026"
    assert "- 6 Jul 2026 10:30 a.m. Concrete (Lyon)" in message.body
    assert "- 5 Jul 2026 7:30 a.m. Call Dupont" in message.body
    assert "Late" in message.body
    html = str(message.alternatives[0][0])
    assert "Concrete" in html
    assert 'href="http://127.0.0.1:8000/admin/calendars/event/' in html


def test_each_mail_comes_once_a_day(reader: TeamUser, team: Team) -> None:
    sent = [reminders.send_agenda(team, MONDAY + hours * HOUR) for hours in (0, 0, 1, 12)]
    assert sent == [1, 0, 0, 0]
    assert reminders.send_agenda(team, MONDAY + DAY) == 1
    assert len(mail.outbox) == 2


@pytest.mark.parametrize(
    ("hour", "at", "sent"),
    [(7, 6, 0), (7, 7, 1), (7, 8, 1), (0, 6, 1), (23, 22, 0)],
)
def test_the_hour_is_that_of_the_teams_clock(
    reader: TeamUser, team: Team, hour: int, at: int, sent: int
) -> None:
    wants(reader, task_mail_notifications=1, task_mail_hour=hour)
    assert reminders.send_agenda(team, MONDAY.replace(hour=at - 2, minute=59)) == sent


@pytest.mark.parametrize(("days", "sent"), [(0, 1), (1, 0), (6, 0), (7, 1)])
def test_a_weekly_mail_comes_on_monday(reader: TeamUser, team: Team, days: int, sent: int) -> None:
    wants(reader, calendar_mail_notifications=2, calendar_header_limit=30, task_mail_notifications=0)
    with team_scope(team):
        Event.objects.update(begin=MONDAY + 10 * DAY, end=MONDAY + 10 * DAY + HOUR)
    assert reminders.send_agenda(team, MONDAY + days * DAY) == sent


def test_two_lists_at_different_hours_are_two_mails(reader: TeamUser, team: Team) -> None:
    wants(
        reader,
        task_mail_notifications=1,
        task_mail_hour=7,
        calendar_mail_notifications=1,
        calendar_mail_hour=9,
    )
    assert reminders.send_agenda(team, MONDAY) == 1
    assert reminders.send_agenda(team, MONDAY + 2 * HOUR) == 1
    assert "Call Dupont" in mail.outbox[0].body
    assert "Concrete" not in mail.outbox[0].body
    assert "Concrete" in mail.outbox[1].body


@pytest.mark.parametrize(("days", "told"), [(0, False), (2, False), (3, True), (30, True)])
def test_the_mail_goes_as_far_as_the_setting(reader: TeamUser, team: Team, days: int, told: bool) -> None:
    wants(reader, task_mail_notifications=1, task_header_limit=days)
    with team_scope(team, reader):
        create_task({"title": "Order tiles", "datetime": MONDAY + 3 * DAY})
    reminders.send_agenda(team, MONDAY)
    assert ("Order tiles" in mail.outbox[0].body) is told


def test_nothing_to_tell_is_no_mail(reader: TeamUser, team: Team) -> None:
    with team_scope(team, reader):
        end_task(reader.tasks.get())
        Event.objects.all().delete()
    assert reminders.send_agenda(team, MONDAY) == 0
    assert mail.outbox == []


def test_only_members_who_asked_and_are_there_get_it(reader: TeamUser, team: Team, make_member: Any) -> None:
    gone, blind, silent = make_member(), make_member(task=0, calendar=0), make_member()
    for member in (gone, blind):
        wants(member, task_mail_notifications=1, calendar_mail_notifications=1)
    with team_scope(team, reader):
        create_task({"title": "All of us", "datetime": MONDAY, "team_users": [gone, blind, silent]})
        TeamUser.objects.filter(pk=gone.pk).update(active=False)
    reminders.send_agenda(team, MONDAY)
    assert [message.to for message in mail.outbox] == [["owner@acme.example"]]


def test_a_mail_holds_only_ones_own_tasks_and_calendars(
    reader: TeamUser, team: Team, make_member: Any
) -> None:
    member = wants(make_member(), task_mail_notifications=1, calendar_mail_notifications=1)
    with team_scope(team, member):
        create_task({"title": "Mine", "datetime": MONDAY})
    reminders.send_agenda(team, MONDAY)
    theirs = next(message for message in mail.outbox if message.to == [member.user.email])
    assert "Mine" in theirs.body
    assert "Call Dupont" not in theirs.body
    assert "Concrete" not in theirs.body


def test_a_mail_that_the_server_refuses_is_sent_by_the_next_run(
    reader: TeamUser, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Any, messages: Any) -> int:
        raise OSError("no mail server")

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", refuse)
        assert reminders.send_agenda(team, MONDAY) == 0
    assert reminders.send_agenda(team, MONDAY + HOUR) == 1


def test_a_mail_whose_run_was_lost_is_sent_by_a_later_one(
    reader: TeamUser, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine stopped between the mark and the mail: nothing says that the mail left."""

    class Stopped(BaseException):
        pass

    def stop(self: Any, messages: Any) -> int:
        raise Stopped

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", stop)
        with pytest.raises(Stopped):
            reminders.send_agenda(team, MONDAY)
    assert reminders.send_agenda(team, MONDAY + HOUR) == 0, "another run may still be at it"
    with team_scope(team):
        AgendaMail.objects.update(claimed_at=timezone.now() - HOUR)
    assert [reminders.send_agenda(team, MONDAY + 2 * HOUR) for _run in range(2)] == [1, 0]
    with team_scope(team):
        assert not AgendaMail.objects.filter(sent_at=None).exists()


def test_marks_are_not_kept_for_ever(reader: TeamUser, team: Team) -> None:
    reminders.send_agenda(team, MONDAY)
    reminders.send_agenda(team, MONDAY + 90 * DAY)
    with team_scope(team):
        assert set(AgendaMail.objects.values_list("date", flat=True)) == {(MONDAY + 90 * DAY).date()}


# --- The command ------------------------------------------------------------------------------------


def run(*options: str) -> str:
    out = io.StringIO()
    call_command("send_agenda", *options, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_the_command_sends_for_every_team_or_one(reader: TeamUser, team: Team, other_team: Team) -> None:
    at = "--now=2026-07-06T05:30:00Z"
    assert run(f"--team={other_team.pk}", at) == "Mails sent: 0\n"
    assert run(at) == "Mails sent: 1\n"
    assert run(at) == "Mails sent: 0\n"


def test_nothing_leaves_a_sandbox(reader: TeamUser, team: Team) -> None:
    Team.objects.filter(pk=team.pk).update(sandbox_of=Team.objects.exclude(pk=team.pk).get())
    team.refresh_from_db()
    assert reminders.send_agenda(team, MONDAY) == 0
    with pytest.raises(CommandError):
        run(f"--team={team.pk}")


@pytest.mark.parametrize("option", ["--team=0", "--now=yesterday", "--now=2026-13-01T00:00:00Z"])
def test_what_makes_no_sense_is_refused(db: None, option: str) -> None:
    with pytest.raises(CommandError):
        run(option)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_send_once(reader: TeamUser, team: Team) -> None:
    gate = threading.Barrier(4)
    counts: list[int] = []

    def work() -> None:
        try:
            gate.wait()
            counts.append(reminders.send_agenda(team, MONDAY))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(counts) == [0, 0, 0, 1]
    assert len(mail.outbox) == 1
