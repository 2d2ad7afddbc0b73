"""A real browser on a real server: pages must work, and say nothing in the console."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import PASSWORD, TEAMS

SCREENSHOTS = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
WIDTHS = {1440: 900, 390: 844}
#: Pixels of height that a picture keeps.
LONGEST = 1800
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-default-apps", "--disable-sync", "--no-first-run",
)  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium, without a window."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.fail("Install Chromium, or say where it is in the variable CHROMIUM.")
    # Playwright runs an event loop in this thread, where Django would then refuse to use its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(chromium: Browser, live_server: Any, team: Any) -> Iterator[Page]:
    """A page of a French-speaking visitor. The test fails on any error in its console."""
    context = chromium.new_context(
        base_url=live_server.url,
        locale="fr-FR",
        timezone_id="Europe/Paris",
        viewport={"width": 1440, "height": 900},
    )
    page, errors = context.new_page(), []
    page.set_default_timeout(15_000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def signed_in(page: Page) -> Page:
    """The page of the team's owner, after signing in."""
    page.goto("/admin/")
    page.fill("[name=username]", TEAMS["Acme"])
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/admin/")
    return page


def keep(picture: bytes, path: Path) -> None:
    """Store the beginning of a picture in few colours: the repository carries a third of its size."""
    with Image.open(io.BytesIO(picture)) as whole:
        begun = whole.convert("RGB").crop((0, 0, whole.width, min(whole.height, LONGEST)))
        begun.quantize(192, dither=Image.Dither.NONE).save(path, optimize=True)


@pytest.fixture
def shot(page: Page) -> Callable[[str], None]:
    """shot("list") keeps a picture of the page at each width, when UPDATE_SCREENSHOTS is set."""

    def take(name: str) -> None:
        if os.environ.get("UPDATE_SCREENSHOTS"):
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            for width, height in WIDTHS.items():
                page.set_viewport_size({"width": width, "height": height})
                page.wait_for_timeout(400)
                # A window as high as the page: what sticks to its bottom then hides nothing.
                whole = page.evaluate("document.documentElement.scrollHeight")
                page.set_viewport_size({"width": width, "height": min(max(height, whole), 4000)})
                page.wait_for_timeout(200)
                keep(page.screenshot(), SCREENSHOTS / f"{name}-{width}.png")
            page.set_viewport_size({"width": 1440, "height": 900})

    return take
