"""Pictures of the chapters for docs/screenshots, of the demonstration company. Made on request only:

UPDATE_SCREENSHOTS=1 scripts/test -m browser tests/browser/test_screenshots.py
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Page

from erp.sales.management.commands.seed_demo import EMAIL, PASSWORD

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not os.environ.get("UPDATE_SCREENSHOTS"), reason="UPDATE_SCREENSHOTS is not set"),
]

#: Name of a picture -> address, and whether it is of the first row of that list.
PICTURES = {
    "home": ("/admin/", False),
    "invoices": ("/admin/sales/invoice/", False),
    "customer": ("/admin/customers/customer/?nature=customer", True),
    "payments": ("/admin/sales/payment/", False),
    "charges": ("/admin/charges/charge/", False),
    "charge": ("/admin/charges/charge/", True),
    "product-variations": ("/admin/catalog/product/?q=polo", True),
    "supplier-order": ("/admin/catalog/providercommand/", True),
    "worksite": ("/admin/constructions/construction/", True),
    "planification": ("/admin/constructions/planification/", True),
    "opportunities": ("/admin/opportunities/opportunity/", False),
    "agenda": ("/admin/calendars/event/", False),
    "tasks": ("/admin/tasks/task/", False),
    "mails": ("/admin/communication/mail/", False),
    "custom-fields": ("/admin/customfields/customfield/", False),
    "webhook": ("/admin/webhooks/subscription/add/", False),
}


def test_chapters(page: Page, shot: Callable[[str], None], capsys: Any) -> None:
    call_command("seed_demo")
    capsys.readouterr()
    page.goto("/admin/")
    page.fill("[name=username]", EMAIL)
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/admin/")
    for name, (address, is_row) in PICTURES.items():
        page.goto(address)
        if is_row:
            page.locator("#result_list a[href*='/change/']").first.click()
            page.wait_for_url("**/change/**")
        page.wait_for_load_state("networkidle")
        shot(name)
