"""Settings of the team that new documents, their form and their page start from."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from erp.core.files import store
from erp.core.scope import team_scope
from erp.sales import services
from erp.sales.models import Document, Quotation
from erp.sales.pdf_layout import document_html
from erp.sales.services.rendering import draft_content
from erp.various.models import Currency
from tenants.models import Team, TeamUser
from tests.admin.pages import signed_in, url
from tests.sales.conftest import new_customer

Configure = Callable[..., None]


@pytest.fixture
def configure(team: Team) -> Configure:
    """configure(sales_col_number=True): the team's settings."""

    def configure(**settings: Any) -> None:
        team.configs = {**team.configs, **settings}
        team.save()

    return configure


@pytest.fixture
def start(api: Any, body: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """A new document as it is answered."""

    def start(kind: str = "quotation", **values: Any) -> dict[str, Any]:
        response = api.post(f"/sales/{kind}", body(**values))
        assert response.status_code == 201, response.json()
        return dict(response.json())

    return start


# --- Options of new documents ----------------------------------------------------------------------

INPUT = {
    "allow_delivery_address": (True, False),
    "allow_options": (False, True),
    "ean": (0, 4),
    "weight": (0, 3),
    "eco_participation": (0, 2),
    "col_number": (False, True),
    "col_reference": (True, False),
    "col_picture": (False, True),
    "col_unit": (True, False),
    "stock_display": (1, 3),
    "costs_entries": (0, 5),
    "various_costs": (False, True),
    "workforce_entries": (0, 2),
    "gross_margin_amount": (False, True),
    "gross_margin_rate": (False, True),
    "markup_rate": (False, True),
    "secondary_quantity_unit": (True, False),
}
PRINTED = {
    "amounts": (1, 2),
    "discounts": (1, 3),
    "comments": (2, 1),
    "units": (2, 3),
    "number_column": (1, 2),
    "reference_column": (1, 3),
    "ean_column": (1, 2),
    "weight_column": (1, 2),
    "vatrate_column": (False, True),
    "total_quantity": (False, True),
    "contact": (1, 2),
    "country": (1, 2),
    "vatrate_number": (1, 3),
}


@pytest.mark.parametrize(
    ("options", "prefix", "values"),
    [("input_options", "sales_", INPUT), ("pdf_options", "sales_pdf_", PRINTED)],
)
def test_options_of_a_new_document_are_the_teams(
    start: Any, configure: Configure, options: str, prefix: str, values: dict[str, tuple[Any, Any]]
) -> None:
    before = start()[options]
    assert {name: before[name] for name in values} == {name: first for name, (first, _) in values.items()}
    configure(**{f"{prefix}{name}": other for name, (_, other) in values.items()})
    after = start()[options]
    assert {name: after[name] for name in values} == {name: other for name, (_, other) in values.items()}
    name, (first, _other) = next(iter(values.items()))
    assert start(**{options: {name: first}})[options][name] == first


def test_the_currency_of_new_documents_is_the_teams(start: Any, configure: Configure, scope: Team) -> None:
    assert start()["currency_code"] == "EUR"
    configure(currency=Currency.objects.get(code="CHF").pk)
    data = start()
    assert (data["currency_code"], data["exchange_rate"]) == ("CHF", "1.00000")


def test_a_subtotal_without_words_has_the_teams(start: Any, configure: Configure) -> None:
    configure(sales_subtotal_designation="Total du lot")
    lines = [{"designation": "Pose", "unit_price_ht": 10}, {"is_subtotal": True}]
    typed = {"is_subtotal": True, "designation": "Lot 1"}
    data = start(contents=[*lines, typed])
    assert [line["designation"] for line in data["contents"]] == ["Pose", "Total du lot", "Lot 1"]


def test_amounts_and_dates_are_printed_as_the_team_writes_them(
    make: Callable[..., Document], configure: Configure
) -> None:
    def printed() -> str:
        row = make("quotation", ("Pose", "1234.5", "1", "20"), is_draft=True, date=datetime.date(2026, 7, 5))
        text = document_html(draft_content(Document.objects.get(pk=row.pk)), "fr")
        return text.replace("\u202f", " ").replace("\u00a0", " ")

    assert "1 234,50 €" in printed()
    assert "05/07/2026" in printed()
    configure(
        currency_position="before",
        number_format_decimals=".",
        number_format_number_thousands="none",
        date_format="YYYY-MM-DD",
    )
    assert "€1234.50" in printed()
    assert "2026-07-05" in printed()


def test_delivery_notes_are_printed_as_the_team_wants(
    make: Callable[..., Document], configure: Configure
) -> None:
    row = make("delivery", is_draft=True)

    def printed() -> str:
        return document_html(draft_content(Document.objects.get(pk=row.pk)), "en")

    assert "Still to deliver" in printed()
    assert "Unit price" not in printed()
    configure(sales_pdf_delivery_remaining_quantity=False, sales_pdf_delivery_prices=True)
    assert "Still to deliver" not in printed()
    assert "Unit price" in printed()


@pytest.mark.parametrize("kind", ["quotation", "command", "proforma", "delivery", "invoice"])
def test_settings_number_documents(api: Any, start: Any, kind: str) -> None:
    form = {"prefix": "X{YYYY}-", "number": 41, "length": 3, "mode": 2}
    settings = {f"sales_{kind}_reference_{name}": value for name, value in form.items()}
    affairs = {"sales_affair_reference_prefix": "CH-", "sales_affair_reference_length": 4}
    assert api.put("/team", {"configs": settings | affairs}).status_code == 200
    made = start(kind, is_draft=False)
    assert made["reference"] == f"X{made['date'][:4]}-041"
    affair = api.get(f"/sales/{kind}/{made['id']}", include="affair").json()["affair"]
    assert affair["reference"] == "CH-0001"


def test_settings_number_credits(api: Any, start: Any) -> None:
    form = {"prefix": "NC", "number": 7, "length": 2, "mode": 0}
    settings = {f"sales_credit_reference_{name}": value for name, value in form.items()}
    assert api.put("/team", {"configs": settings}).status_code == 200
    invoice = start("invoice", is_draft=False)
    credit = api.put(f"/sales/invoice/{invoice['id']}/cancel", {"is_draft": False}).json()
    assert credit["reference"] == "NC07"


# --- The form --------------------------------------------------------------------------------------


@pytest.fixture
def form(owner: TeamUser) -> Callable[[], Any]:
    """The form of a new quotation, as the owner is shown it."""

    def form() -> Any:
        return signed_in(owner).get(url(Quotation, "add"))

    return form


def inputs(response: Any) -> set[str]:
    """Inputs of a line of the form."""
    return {name for column in response.context["columns"] for name in column.names}


@pytest.mark.parametrize(
    ("settings", "name", "is_shown"),
    [
        ({"sales_ean": 4}, "ean_code", True),
        ({"sales_weight": 4}, "weight_unit", True),
        ({"sales_eco_participation": 4}, "ecotax_u", True),
        ({"sales_col_reference": False}, "reference", False),
        ({"sales_col_unit": False}, "unit", False),
        ({"sales_costs_entries": 5}, "catalog_costs_u", True),
        ({"sales_various_costs": True}, "various_costs_u", True),
        ({"sales_workforce_entries": 5}, "duration", True),
        ({"sales_secondary_quantity": "line"}, "secondary_quantity", True),
    ],
)
def test_settings_show_and_hide_columns_of_the_form(
    form: Any, configure: Configure, settings: dict[str, Any], name: str, is_shown: bool
) -> None:
    assert (name in inputs(form())) is not is_shown
    configure(**settings)
    assert (name in inputs(form())) is is_shown


def test_the_second_quantity_has_a_unit_if_the_team_wants(form: Any, configure: Configure) -> None:
    configure(sales_secondary_quantity="line")
    assert "secondary_unit" in inputs(form())
    configure(sales_secondary_quantity_unit=False)
    assert inputs(form()) >= {"secondary_quantity"}
    assert "secondary_unit" not in inputs(form())


@pytest.mark.parametrize(
    ("setting", "value", "mark", "is_shown"),
    [
        ("sales_allow_options", True, 'data-add="option"', True),
        ("sales_col_number", True, "sd-numbered", True),
        ("sales_allow_delivery_address", False, "delivery_address_road", False),
    ],
)
def test_settings_show_and_hide_parts_of_the_form(
    form: Any, configure: Configure, setting: str, value: bool, mark: str, is_shown: bool
) -> None:
    assert (mark in form().content.decode()) is not is_shown
    configure(**{setting: value})
    assert (mark in form().content.decode()) is is_shown


@pytest.fixture
def stored(team: Team, owner: TeamUser) -> Callable[..., Document]:
    """A stored quotation of one line."""

    def stored(**line: Any) -> Document:
        with team_scope(team, owner):
            contents = [{"designation": "Fenêtre", "unit_price_ht": Decimal(100), **line}]
            return services.create_document("quotation", {"customer": new_customer(), "contents": contents})

    return stored


@pytest.mark.parametrize(
    ("setting", "label"),
    [
        ("sales_gross_margin_amount", "Margin"),
        ("sales_gross_margin_rate", "Margin rate"),
        ("sales_markup_rate", "Markup rate"),
    ],
)
def test_settings_show_margins(
    owner: TeamUser, stored: Any, configure: Configure, setting: str, label: str
) -> None:
    def margins() -> list[str]:
        page = signed_in(owner).get(url(Quotation, "change", stored().pk))
        return [str(name) for name, _text in page.context["totals"]["margins"]]

    assert margins() == []
    configure(**{setting: True})
    assert margins() == [label]


def pixel() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (1, 1)).save(file, "PNG")
    return file.getvalue()


def test_pictures_show_in_the_form_if_the_team_wants(
    team: Team, owner: TeamUser, stored: Any, configure: Configure, make_member: Callable[..., TeamUser]
) -> None:
    with team_scope(team, owner):
        picture, other = store(pixel(), "window.png"), store(pixel(), "secret.png")
    browser = signed_in(owner)
    row = stored(picture=picture)
    page = url(Quotation, "change", row.pk)
    assert b"sd-picture" not in browser.get(page).content
    configure(sales_col_picture=True)
    row = stored(picture=picture)
    page = url(Quotation, "change", row.pk)
    assert f'src="../pictures/{picture.pk}/"' in browser.get(page).content.decode()
    address = url(Quotation, "picture", row.pk, picture.pk)
    assert address == page.replace("change/", f"pictures/{picture.pk}/")
    answer = browser.get(address)
    assert (answer.headers["Content-Type"], answer.content) == ("image/png", pixel())
    assert browser.get(url(Quotation, "picture", row.pk, other.pk)).status_code == 404
    blind: Client = signed_in(make_member(sales_quotation=0))
    assert blind.get(address).status_code == 403
