"""The examples of docs/api are run as they are printed, page by page, against a served team of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from erp.core.scope import team_scope
from tenants.models import TeamUser
from tenants.services import create_api_key
from tests.conftest import team_named

PAGES = sorted((settings.BASE_DIR / "docs" / "api").glob("*.md"))
PRINTED_ADDRESS = "http://127.0.0.1:8000"
#: curl says nothing but the answer, and fails on an error's status.
CURL = 'curl() { command curl --silent --show-error --fail-with-body --max-time 60 "$@"; }'


def blocks(page: Path) -> list[str]:
    """The shell examples of a page, in order."""
    return re.findall(r"^```sh\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def script(page: Path, address: str) -> str:
    """The page's examples after the variables and the function that the first page gives."""
    start, *first = blocks(PAGES[0].with_name("README.md"))
    examples = first if page.name == "README.md" else blocks(page)
    return "\n".join([CURL, start, *examples]).replace(PRINTED_ADDRESS, address)


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_examples_of_a_page_succeed(page: Path, live_server: Any) -> None:
    team = team_named("Acme")
    with team_scope(team):
        key = create_api_key(TeamUser.objects.get(is_owner=True))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script(page, live_server.url)],
        env={**os.environ, "KEY": key},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, f"{done.stdout[-600:]}\n{done.stderr[-2000:]}"
