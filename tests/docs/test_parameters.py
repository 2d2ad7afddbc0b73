"""docs/parameters.md names every setting and permission once, and tests that exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from erp.customers.parameters import CUSTOMER
from tenants.parameters import TEAM, TEAM_GROUPS, TEAM_USER
from tenants.permissions import PERMISSIONS

PAGE = settings.BASE_DIR / "docs" / "parameters.md"
ROW = re.compile(r"\| `([^`]+)` \| (.+) \| (.+) \|")


def rows(title: str) -> list[tuple[str, str, list[str]]]:
    """Rows of the tables of a chapter: (name, effect, tests)."""
    text = PAGE.read_text(encoding="utf-8")
    chapter = text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    lines = [line for line in chapter.splitlines() if line.startswith("| `")]
    found = [ROW.fullmatch(line) for line in lines]
    assert all(found), "A row has a name, an effect and tests."
    return [(row[1], row[2], re.findall(r"`([^`]+)`", row[3])) for row in found if row]


CHAPTERS = {
    "The team": [setting.name for group in TEAM_GROUPS for setting in group.settings],
    "A member": [parameter.name for parameter in TEAM_USER],
    "A customer": [parameter.name for parameter in CUSTOMER],
    "Permissions": list(PERMISSIONS),
}


@cache
def names_in(path: Path) -> set[str]:
    """Names of the tests of a file, read and not run; a file that is not there has none."""
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.is_file() else ast.Module([], [])
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("title", CHAPTERS)
def test_the_page_names_each_once_in_its_order(title: str) -> None:
    assert [name for name, _effect, _tests in rows(title)] == CHAPTERS[title]


@pytest.mark.parametrize("title", CHAPTERS)
def test_the_tests_that_the_page_names_exist(title: str) -> None:
    missing = [
        (name, named)
        for name, _effect, tests in rows(title)
        for named in tests or ["none"]
        for path, _, test in [named.partition("::")]
        if not test.startswith("test_") or test not in names_in(settings.BASE_DIR / path)
    ]
    assert missing == []


def test_groups_hold_every_setting_of_the_team() -> None:
    assert CHAPTERS["The team"] == [parameter.name for parameter in TEAM]
