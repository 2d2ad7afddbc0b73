"""The command that says what of the API reference is proven; its checks themselves are in tests/contract."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from erp.core.management.commands import contract_coverage


def row(chapter: str, sort: str, name: str, status: str = "proven") -> dict[str, Any]:
    return {
        "chapter": chapter,
        "sort": sort,
        "where": "GET /unit",
        "name": name,
        "status": status,
    }


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the checks found, instead of running them."""
    rows = [row("Various", "sort", "label"), row("Various", "filter", "name"), row("Tasks", "sort", "title")]
    monkeypatch.setattr(contract_coverage.Command, "checked", lambda self: rows)
    return rows


def table(capsys: pytest.CaptureFixture[str], **options: Any) -> dict[str, list[str]]:
    """The printed table, by chapter."""
    call_command("contract_coverage", **options)
    return cells(capsys)


def cells(capsys: pytest.CaptureFixture[str]) -> dict[str, list[str]]:
    lines = capsys.readouterr().out.partition("\n\n")[0].splitlines()[1:]
    return {line.split()[0]: line.split()[1:] for line in lines}


def test_a_chapter_shows_what_is_proven_of_what_is_promised(
    capsys: pytest.CaptureFixture[str], checked: list[dict[str, Any]]
) -> None:
    assert table(capsys) == {
        "Various": ["–", "–", "–", "–", "1/1", "1/1", "–", "–", "100"],
        "Tasks": ["–", "–", "–", "–", "–", "1/1", "–", "–", "100"],
        "Total": ["–", "–", "–", "–", "1/1", "2/2", "–", "–", "100"],
    }


@pytest.mark.parametrize("status", ["not checked", "AssertionError: every row has the same"])
def test_less_than_everything_fails_and_is_named(
    capsys: pytest.CaptureFixture[str], checked: list[dict[str, Any]], status: str
) -> None:
    checked.append(row("Various", "search", "label", status))
    with pytest.raises(SystemExit) as left:
        call_command("contract_coverage", missing=True)
    assert left.value.code == 1
    printed = capsys.readouterr().out
    assert f"Various · search · GET /unit · label: {status}" in printed
    assert "Where the reference contradicts itself" in printed


def test_one_chapter_alone(capsys: pytest.CaptureFixture[str], checked: list[dict[str, Any]]) -> None:
    checked.append(row("Various", "search", "label", "not checked"))
    assert list(table(capsys, chapter="task")) == ["Tasks", "Total"]
    with pytest.raises(CommandError):
        call_command("contract_coverage", chapter="Nothing")
