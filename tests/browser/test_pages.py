"""Every list and form in a browser: it stays inside the page at each width, and its inputs have names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from playwright.sync_api import Page, expect

from erp.core.admin import TenantAdmin
from erp.core.models import TenantModel
from erp.core.scope import team_scope
from tenants.models import TeamUser
from tests.factories import make

pytestmark = pytest.mark.browser

WIDTHS = (1440, 768, 390)
PAGES = [
    page
    for page in admin.site._registry.values()
    if isinstance(page, TenantAdmin) and issubclass(page.model, TenantModel)
]
CHAPTERS = sorted({page.opts.app_label for page in PAGES})
#: What of a page is wider than the window, and inputs that say nothing to those who do not see them.
FAULTS = """() => {
    const shown = (each) => each.offsetParent !== null && getComputedStyle(each).visibility !== "hidden";
    const named = (input) =>
        [...(input.labels || [])].some((label) => label.textContent.trim()) ||
        ["aria-label", "aria-labelledby", "title", "placeholder"].some((name) => input.getAttribute(name));
    const inputs = "input:not([type=hidden], [type=submit], .select2-search__field), select, textarea";
    const nameless = [...document.querySelectorAll(inputs)].filter((input) => shown(input) && !named(input));
    const pictures = [...document.querySelectorAll("img:not([alt])")];
    return [...nameless.map((input) => input.name || input.id), ...pictures.map((picture) => picture.src)];
}"""


def addresses(page: TenantAdmin, row: Any) -> Iterator[str]:
    """The pages of a model that its admin has."""
    yield page.list_url()
    yield page.change_url(row)
    if "create" in page.verbs:
        yield page.add_url()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_pages_fit_and_inputs_are_named(signed_in: Page, team: Any, owner: TeamUser, chapter: str) -> None:
    browser, faults = signed_in, []
    for page in (page for page in PAGES if page.opts.app_label == chapter):
        with team_scope(team, owner):
            row = make(page.model)
        for address in addresses(page, row):
            answer = browser.goto(address)
            assert answer is not None
            assert answer.status == 200, address
            faults += [(address, name) for name in browser.evaluate(FAULTS)]
            for width in WIDTHS:
                browser.set_viewport_size({"width": width, "height": 900})
                widest = browser.evaluate("document.documentElement.scrollWidth")
                faults += [(address, f"{widest} px at {width}")] if widest > width else []
            browser.set_viewport_size({"width": WIDTHS[0], "height": 900})
    assert faults == []


def test_tabs_of_a_form_are_opened_by_keyboard(signed_in: Page) -> None:
    signed_in.goto("/admin/customers/customer/add/")
    tab = signed_in.locator("nav a[role=button]", has_text="Comptabilité")
    tab.focus()
    signed_in.keyboard.press("Enter")
    expect(signed_in.locator("[name=customer_account]")).to_be_visible()
