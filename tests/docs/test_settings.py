"""docs/settings.md names every setting once, with its default; production settings refuse to be unsafe."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

SETTINGS = settings.BASE_DIR / "erp" / "settings.py"
PAGE = settings.BASE_DIR / "docs" / "settings.md"
EXAMPLE = settings.BASE_DIR / ".env.example"
ROW = re.compile(r"^\| ((?:`[A-Z_]+`(?:, )?)+) \| (.+?) \|", re.MULTILINE)


def declared() -> dict[str, str | None]:
    """What erp/settings.py reads of the environment: {name: its default, None when it is computed}."""
    tree = ast.parse(SETTINGS.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and reads_environment(node)]
    return {call.args[0].value: default_of(call) for call in calls}  # type: ignore[attr-defined]


def reads_environment(call: ast.Call) -> bool:
    """Whether a call is `env.str("NAME", …)` or its like."""
    of_env = isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)
    return of_env and call.func.value.id == "env" and bool(call.keywords)  # type: ignore[attr-defined]


def default_of(call: ast.Call) -> str | None:
    """A default as the page writes it: 1 and 0, words with commas, `none`."""
    value = next(word.value for word in call.keywords if word.arg == "default")
    try:
        default = ast.literal_eval(value)
    except ValueError:
        return None
    if isinstance(default, list):
        default = ",".join(default)
    return str(int(default) if isinstance(default, bool) else default) or "none"


def documented() -> dict[str, str]:
    """The tables of the page, without what is for developers: {name: default}."""
    text = PAGE.read_text(encoding="utf-8").partition("\n## For developers\n")[0]
    return {row[1].strip("`"): row[2].strip("`") for row in ROW.finditer(text)}


def test_the_page_names_every_setting_and_no_other() -> None:
    assert set(documented()) == set(declared())
    assert len(declared()) > 20


def test_the_page_states_the_defaults() -> None:
    shown = documented()
    stated = {name: default for name, default in declared().items() if default is not None}
    assert {name: shown[name] for name in stated} == stated


def test_the_example_names_settings_that_exist() -> None:
    names = re.findall(r"^#? ?([A-Z_]+)=", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    assert names
    assert set(names) <= set(declared())


@pytest.mark.parametrize("command", ["check", "migrate"])
def test_production_without_a_secret_key_refuses_to_start_and_says_why(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DEBUG": "0", "SECRET_KEY": "", "DATABASE_URL": "sqlite:///:memory:"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode != 0
    assert "SECRET_KEY is not set" in done.stderr
