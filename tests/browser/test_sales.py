"""A first sale in the browser: customer, quotation, invoice, PDF; and the grid of lines by itself."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from erp.catalog.services import create_product, create_service
from erp.core.scope import team_scope
from erp.customers.models import CustomerType
from erp.sales import services
from erp.various.models import Unit, VatRate
from tenants.models import TeamUser
from tests.factories import make
from tests.sales.conftest import new_customer

pytestmark = pytest.mark.browser

LINES = (
    ("Fenêtre en chêne 120 × 140", "2", "840"),
    ("Porte d’entrée en acier", "1", "1 290,50"),
    ("Pose et réglages", "7,5", "55.00"),
)
#: 2 × 840 + 1 290.50 + 7.5 × 55 = 3 383.00; 20 % VAT of it is 676.60.
TOTALS = ("3 383,00", "676,60", "4 059,60")


@pytest.fixture
def company_type(team: Any, owner: TeamUser) -> CustomerType:
    """A type of customer that has a company name."""
    with team_scope(team, owner):
        return CustomerType.objects.filter(is_company=True).first() or make(
            CustomerType, label="Société", is_company=True
        )


def plain(text: str) -> str:
    """A text with ordinary spaces."""
    return re.sub(r"[\s\u00a0\u202f]+", " ", text)


def make_customer(page: Page, company_type: CustomerType) -> None:
    page.goto("/admin/customers/customer/add/")
    page.select_option("[name=type]", str(company_type.pk))
    page.fill("[name=company_name]", "Mairie de Saint-Étienne")
    page.locator("a[href='#addresses']").first.click()
    page.locator("a.add-row").click()
    page.fill("[name=addresses-0-road1]", "1 place de l’Hôtel-de-Ville")
    page.fill("[name=addresses-0-postal_code]", "42000")
    page.fill("[name=addresses-0-town]", "Saint-Étienne")
    choose(page, "addresses-0-country", "France")
    page.check("[name=addresses-0-use_for_invoice]", force=True)
    page.click("[name=_save]")
    page.wait_for_url(re.compile(r"/customers/customer/(#.*)?$"))


def choose(page: Page, name: str, term: str) -> None:
    """Pick a row in an autocompleted list."""
    page.locator(f"select[name={name}] + .select2").click()
    page.keyboard.type(term)
    page.locator(".select2-results__option", has_text=term).first.click()


def cell(page: Page, number: int, name: str) -> Any:
    return page.locator(f"[name=contents-{number}-{name}]")


def type_line(page: Page, number: int, line: tuple[str, str, str]) -> None:
    """Fill in a line by keyboard, as a person would."""
    for name, text in zip(("designation", "quantity", "unit_price"), line, strict=True):
        cell(page, number, name).fill(text)


def wait_for_totals(page: Page, total: str) -> None:
    expect(page.locator("#sales-totals .sd-total").first).to_contain_text(
        re.compile(total.replace(" ", r"\s"))
    )


def test_a_first_sale(signed_in: Page, company_type: CustomerType, shot: Callable[[str], None]) -> None:
    page = signed_in
    make_customer(page, company_type)
    page.goto("/admin/sales/quotation/")
    shot("empty-list")
    page.goto("/admin/sales/quotation/add/")
    choose(page, "customer", "Mairie")
    expect(page.locator("[name=billing_address_city]")).to_have_value("Saint-Étienne")
    page.fill("[name=title]", "Menuiseries de l’école")
    for number, line in enumerate(LINES):
        type_line(page, number, line)
        if number < len(LINES) - 1:
            page.click("[data-add=item]")
    wait_for_totals(page, TOTALS[2])
    shown = plain(page.inner_text("#sales-totals"))
    assert all(total in shown for total in TOTALS)
    shot("form")
    page.click("[name=_validate]")
    page.wait_for_url("**/validate/")
    expect(page.locator("strong", has_text="DEV00001")).to_be_visible()
    shot("validate")
    page.click(".sd-once button[type=submit]")
    page.wait_for_url("**/change/")
    expect(page.locator("body")).to_contain_text("DEV00001")
    shot("quotation")
    page.click("a[href$='/make/bill/']")
    shot("make-invoice")
    page.click("[name=_make]")
    page.wait_for_url("**/sales/invoice/*/change/")
    page.click("a[href$='/validate/']")
    page.click(".sd-once button[type=submit]")
    page.wait_for_url("**/change/")
    expect(page.locator(".sd-banner")).to_contain_text("FA00001")
    shot("invoice")
    page.click("a[href$='/pdf/']")
    assert "4 059,60" in plain(page.inner_text("#sales-totals"))
    assert "4 059,60" in plain(pdf_text(page))
    shot("pdf")
    page.goto("/admin/sales/invoice/")
    assert "4 059,60" in plain(page.inner_text(".sd-sums"))
    shot("list")
    page.goto("/admin/")
    shot("dashboard")


def pdf_text(page: Page) -> str:
    """The text of the PDF in the page's frame."""
    address = page.get_attribute("iframe.sd-frame", "src")
    answer = page.request.get(address or "")
    assert answer.headers["content-type"] == "application/pdf"
    return "\n".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(answer.body())).pages)


def test_the_sign_in_page(page: Page, shot: Callable[[str], None]) -> None:
    page.goto("/admin/")
    expect(page.locator("[name=username]")).to_be_visible()
    shot("login")


def designations(page: Page) -> list[str]:
    return [area.input_value() for area in page.locator(".sd-line [data-field=designation]").all()]


def test_lines_are_moved_by_keyboard(signed_in: Page) -> None:
    page = signed_in
    page.goto("/admin/sales/quotation/add/")
    for number, text in enumerate(("one", "two", "three")):
        cell(page, number, "designation").fill(text)
        if number < 2:
            cell(page, number, "vat_rate").press("Enter")
    assert designations(page) == ["one", "two", "three"]
    cell(page, 2, "designation").press("Alt+ArrowUp")
    assert designations(page) == ["one", "three", "two"]
    cell(page, 1, "designation").press("Control+d")
    assert designations(page) == ["one", "three", "three", "two"]
    page.locator(".sd-line").nth(0).locator("[data-do=remove]").click()
    assert designations(page) == ["three", "three", "two"]
    assert page.input_value("[name=contents-TOTAL]") == "3"


def test_rows_of_a_spreadsheet_are_pasted(signed_in: Page) -> None:
    page = signed_in
    page.goto("/admin/sales/quotation/add/")
    rows = "\n".join(f"Article {number}\t{number}\t\t10,50" for number in range(1, 41))
    cell(page, 0, "designation").evaluate(
        """(input, text) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            const options = { clipboardData: data, bubbles: true, cancelable: true };
            input.dispatchEvent(new ClipboardEvent("paste", options));
        }""",
        rows,
    )
    assert len(designations(page)) == 40
    assert cell(page, 39, "quantity").input_value() == "40"
    # (1 + … + 40) × 10.50 = 8 610.00, and 20 % VAT
    wait_for_totals(page, "10 332,00")


def test_a_product_fills_its_line(signed_in: Page, team: Any, owner: TeamUser) -> None:
    page = signed_in
    with team_scope(team, owner):
        rate, unit = VatRate.objects.get(use_default=True), Unit.objects.first()
        create_product(
            {
                "reference": "VIS-40",
                "name": "Vis à bois 4 × 40",
                "unit_price_ht": Decimal("0.12"),
                "vat_rate": rate,
                "unit": unit,
            }
        )
    page.goto("/admin/sales/quotation/add/")
    cell(page, 0, "reference").press_sequentially("vis")
    page.locator(".sd-proposals li").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(cell(page, 0, "designation")).to_have_value("Vis à bois 4 × 40")
    expect(cell(page, 0, "unit_price")).to_have_value("0,12")
    cell(page, 0, "quantity").fill("1000")
    wait_for_totals(page, "144,00")


def test_a_service_opens_the_inputs_of_its_work(signed_in: Page, team: Any, owner: TeamUser) -> None:
    page = signed_in
    team.configs = {**team.configs, "sales_workforce_entries": 2}  # only on lines with a service
    team.save()
    with team_scope(team, owner):
        values = {"unit_price_ht": Decimal(60), "duration": Decimal("1.5"), "hourly_person_cost": Decimal(20)}
        create_service({"reference": "POSE", "name": "Pose de lame", **values})
    page.goto("/admin/sales/quotation/add/")
    expect(cell(page, 0, "duration")).to_be_hidden()
    cell(page, 0, "reference").press_sequentially("pose")
    page.locator(".sd-proposals li").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(cell(page, 0, "designation")).to_have_value("Pose de lame")
    expect(cell(page, 0, "duration")).to_be_visible()
    expect(cell(page, 0, "duration")).to_have_value("1,5")
    cell(page, 0, "quantity").fill("10")
    wait_for_totals(page, "720,00")


def test_an_error_stands_beside_its_input(signed_in: Page) -> None:
    page = signed_in
    page.goto("/admin/sales/quotation/add/")
    cell(page, 0, "designation").fill("Pose")
    cell(page, 0, "quantity").fill("douze")
    expect(page.locator("[name=contents-0-quantity][aria-invalid]")).to_be_visible()
    page.click("[name=_continue]")
    expect(page.locator("td.sd-number .sd-error").first).to_be_visible()
    assert cell(page, 0, "quantity").input_value() == "douze"
    assert cell(page, 0, "designation").input_value() == "Pose"


def test_a_stored_document_keeps_its_own_address(signed_in: Page, team: Any, owner: TeamUser) -> None:
    page = signed_in
    with team_scope(team, owner):
        values = {"customer": new_customer(), "billing_address_city": "Ornans"}
        row = services.create_document("quotation", {**values, "contents": [{"designation": "Pose"}]})
    page.goto(f"/admin/sales/quotation/{row.pk}/change/")
    page.wait_for_load_state("networkidle")
    expect(page.locator("[name=billing_address_city]")).to_have_value("Ornans")


@pytest.mark.parametrize("address", ["quotation/", "quotation/add/", "invoice/"])
def test_a_phone_never_scrolls_the_page_sideways(signed_in: Page, address: str) -> None:
    page = signed_in
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/admin/sales/{address}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
