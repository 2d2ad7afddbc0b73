"""Writing a mail about an invoice, as somebody does it: from its page, with a look before it leaves."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from erp.communication.models import Mail, Sender
from erp.core.scope import team_scope
from erp.core.stored_pdf import pdfs_on_demand
from erp.sales import services
from tests.factories import make
from tests.sales.conftest import new_customer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def invoice(team: Any) -> Any:
    """A validated invoice of a customer who has an address, and a sender to write with."""
    with team_scope(team), pdfs_on_demand():
        make(Sender, name="Dominique Morel", address="bonjour@localhost", signature="<b>Dominique</b>")
        customer = new_customer(email="compta@acier.example")
        line = {"designation": "Pose", "quantity": Decimal(1), "unit_price_ht": Decimal(100)}
        return services.create_document(
            "invoice", {"customer": customer, "contents": [line], "is_draft": False, "language": "fr"}
        )


@pytest.mark.parametrize("width", [1440, 390])
def test_an_invoice_is_sent_from_its_page(
    signed_in: Page, invoice: Any, team: Any, tmp_path: Path, width: int
) -> None:
    page = signed_in
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"/admin/sales/invoice/{invoice.pk}/change/")
    page.locator("a[href*='communication/mail/add']").first.click()
    expect(page.locator("#id_subject")).to_have_value(f"Votre facture {invoice.reference}")
    editor = page.locator("trix-editor")
    expect(editor).to_contain_text("à régler au plus tard")
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Merci !")
    page.locator("[data-opens]").click()
    preview = page.frame_locator("iframe[name='mail-preview']")
    expect(preview.locator("body")).to_contain_text("Merci !")
    expect(preview.locator("body")).to_contain_text("Dominique")
    page.screenshot(path=str(tmp_path / "compose.png"), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("[name='_send']").click()
    page.wait_for_url(f"**/admin/sales/invoice/{invoice.pk}/change/")
    with team_scope(team):
        mail = Mail.objects.get()
        assert mail.text.startswith("Bonjour,\n\nVeuillez trouver ci-joint")
        assert "Merci !" in mail.text
        assert mail.attachments.get().filename == f"{invoice.reference}.pdf"
    page.goto(f"/admin/communication/mail/{mail.pk}/change/")
    expect(page.frame_locator("iframe").first.locator("body")).to_contain_text("Merci !")
    page.screenshot(path=str(tmp_path / "mail.png"), full_page=True)
