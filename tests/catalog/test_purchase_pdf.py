"""The page of an order to a supplier: rendered in the background, stored, made anew when it changes."""

from __future__ import annotations

import io
from base64 import b64decode
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader

from erp.catalog.models import Product, ProviderCommand
from erp.catalog.services import create_provider_command, receive, update_provider_command
from erp.catalog.services.command_pdf import command_layout, pdf_of_command
from erp.core.files import file_content
from erp.core.stored_pdf import PdfFailed, PdfStatus
from erp.customers.models import Contact, Customer
from erp.various.models import Unit
from tenants.models import Team
from tests.catalog.recipes import rate
from tests.conftest import ApiClient
from tests.factories import make


@pytest.fixture
def command(scope: Team, product: Callable[..., Product]) -> ProviderCommand:
    """An order of screws by the box, for the attention of Ms Martin."""
    supplier = make(Customer, company_name="Vis & Cie", is_provider=True)
    contact = make(Contact, lastname="Martin", firstname="Léa", customers=[supplier])
    screw = product("SCREW-4", name="Vis 4 × 40", unit=make(Unit, label="Boîte"))
    line = {"product": screw, "quantity": Decimal("12.5"), "unit_price_ht": Decimal(1234), "vat_rate": rate()}
    return create_provider_command(
        {"provider": supplier, "contact": contact, "contents": [line], "status": 2, "town": "Lyon"}
    )


def words(command: ProviderCommand, **options: bool) -> str:
    """Everything that the page of an order says, on one line."""
    for name, value in options.items():
        setattr(command, name, value)
    context = command_layout(command, list(command.contents.all()))
    cells = [
        cell.get("text") or cell.get("html", "")
        for rows in context["groups"]
        for row in rows
        for cell in row["cells"]
    ]
    heads = [column["key"] for column in context["columns"]]
    totals = [row["value"] for row in context["totals"]]
    return " | ".join([*context["addressee"]["lines"], *heads, *cells, *totals]).replace("\u202f", " ")


def test_the_page_says_everything_unless_told_otherwise(command: ProviderCommand) -> None:
    page = words(command)
    for text in ("Vis & Cie", "Léa Martin", "SCREW-4", "12,5", "Boîte", "1 234,00", "15 425,00", "18 510,00"):
        assert text in page


@pytest.mark.parametrize(
    ("option", "value", "gone"),
    [
        ("show_contact", False, ["Martin"]),
        ("show_reference_column", False, ["SCREW-4", "reference"]),
        ("show_units", False, ["Boîte", "unit |"]),
        ("not_show_price", True, ["1 234", "15 425", "18 510", "unit_price", "total"]),
    ],
)
def test_each_option_takes_its_part_off_the_page(
    command: ProviderCommand, option: str, value: bool, gone: list[str]
) -> None:
    before, after = words(command), words(command, **{option: value})
    for text in gone:
        assert text in before
        assert text not in after
    assert "Vis 4 × 40" in after


def test_the_delivery_address_is_the_company_s_own_when_none_is_given(
    command: ProviderCommand, team: Team
) -> None:
    team.road1, team.postal_code, team.town = "14 quai des Artisans", "69007", "Lyon"
    assert command_layout(command, [])["other"]["lines"] == ["Acme", "Lyon"]
    command.town = ""
    command.country = None
    assert command_layout(command, [])["other"]["lines"] == ["Acme", "14 quai des Artisans", "69007 Lyon"]


def test_the_pdf_is_answered_as_a_file(api: ApiClient, command: ProviderCommand) -> None:
    answer = api.get(f"/catalog/command/{command.pk}/pdf").json()
    assert (answer["filename"], answer["element_type"], answer["element_id"]) == (
        "BCF00001.pdf",
        "provider_command",
        command.pk,
    )
    text = PdfReader(io.BytesIO(b64decode(answer["file"]))).pages[0].extract_text()
    assert "BCF00001" in text
    assert "Vis 4 × 40" in text
    again = api.get(f"/catalog/command/{command.pk}/pdf").json()
    assert again["id"] == answer["id"]


def test_the_page_is_rendered_after_the_commit_and_anew_after_a_change(
    command: ProviderCommand, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        update_provider_command(command, {"title": "Atelier"})
    command.refresh_from_db()
    first = command.pdf_file_id
    assert (command.pdf_status, first is not None) == (PdfStatus.DONE, True)
    with django_capture_on_commit_callbacks(execute=True):
        receive(command, [{"id": command.contents.get().pk, "delivered_quantity": Decimal(1)}])
    command.refresh_from_db()
    assert command.pdf_file_id == first  # what arrived is not printed
    update_provider_command(command, {"title": "Chantier"})
    command.refresh_from_db()
    assert command.pdf_status == PdfStatus.WAIT
    file = pdf_of_command(command)
    assert "Chantier" in PdfReader(io.BytesIO(file_content(file))).pages[0].extract_text()


def test_a_page_of_an_order_changed_meanwhile_is_not_noted_on_it(
    command: ProviderCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*args: Any, **kwargs: Any) -> bytes:
        update_provider_command(command, {"title": "Newer"})
        return b"%PDF-older"

    monkeypatch.setattr("erp.catalog.services.command_pdf.render_pdf", slow)
    pdf_of_command(ProviderCommand.objects.get(pk=command.pk))
    command.refresh_from_db()
    assert (command.pdf_status, command.pdf_file_id) == (PdfStatus.WAIT, None)


def test_a_failure_is_noted_and_answered(
    api: ApiClient, command: ProviderCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> bytes:
        raise MemoryError

    monkeypatch.setattr("erp.catalog.services.command_pdf.render_pdf", fail)
    assert api.get(f"/catalog/command/{command.pk}/pdf").status_code == 503
    command.refresh_from_db()
    assert command.pdf_status == PdfStatus.ERROR
    with pytest.raises(PdfFailed):
        pdf_of_command(command)
