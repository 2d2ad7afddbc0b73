"""Lists are taken away as spreadsheets: what is shown, in numbers and dates that can be computed with."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from erp.charges.choices import ChargeType
from erp.charges.models import Charge
from erp.core.admin import TenantAdmin, export
from erp.core.models import TenantModel
from erp.core.scope import team_scope
from erp.sales.models import Quotation
from erp.various.models import Currency, Unit
from tenants.models import Team, TeamUser
from tests.admin.pages import messages_of, signed_in, url
from tests.factories import make

PAGES = [
    page
    for page in admin.site._registry.values()
    if isinstance(page, TenantAdmin) and issubclass(page.model, TenantModel)
]
NAMESPACE = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def exported(browser: Client, model: Any, **query: str) -> list[list[str]]:
    """Rows of the spreadsheet, each cell as the file holds it."""
    response = browser.get(url(model, "export"), query)
    assert response.status_code == 200, response.headers.get("Location")
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert "xl/calcChain.xml" not in book.namelist()
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert not list(sheet.iter(f"{{{NAMESPACE['s']}}}f")), "a formula"
    rows = sheet.findall(".//s:row", NAMESPACE)
    return [["".join(cell.itertext()) for cell in row.findall("s:c", NAMESPACE)] for row in rows]


def serial(date: datetime.date) -> str:
    """A date as spreadsheets count it."""
    return str((date - datetime.date(1899, 12, 30)).days)


def test_amounts_and_dates_can_be_computed_with(browser: Client, scope: Team) -> None:
    euro = Currency.objects.get(code="EUR")
    quotation = make(Quotation, date=datetime.date(2026, 3, 9), total_ht=Decimal("1234.5"), currency=euro)
    heads, row = exported(browser, Quotation)
    cells = dict(zip(heads, row, strict=True))
    assert cells["Total excl. VAT"] == "1234.50"
    assert cells["Date"] == serial(datetime.date(2026, 3, 9))
    assert cells["Status"] == "Draft"
    assert str(quotation.customer) in cells["Customer"]
    assert cells["Currency"] == "EUR"


def test_credits_of_suppliers_are_less_than_nothing(browser: Client, scope: Team) -> None:
    make(Charge, type=ChargeType.CREDIT, total_ttc=Decimal(120))
    heads, row = exported(browser, Charge)
    assert dict(zip(heads, row, strict=True))["Total incl. VAT"] == "-120.00"


def test_filters_search_and_order_are_those_of_the_list(browser: Client, scope: Team) -> None:
    for label in ("Crate A", "Crate B", "Bottle"):
        make(Unit, label=label)
    labels = [row[0] for row in exported(browser, Unit, q="Crate", o="-1")]
    assert labels == ["Label", "Crate B", "Crate A"]


@pytest.mark.parametrize("text", ["=1+1", "+33 4 72", "-2", "@SUM(A1)", "https://a.example", "<b>x</b>"])
def test_texts_are_texts_whatever_they_begin_with(browser: Client, scope: Team, text: str) -> None:
    make(Unit, label=text)
    assert text.replace("<b>", "").replace("</b>", "") in [row[0] for row in exported(browser, Unit)]


def test_a_list_has_the_button_with_its_filters(browser: Client, scope: Team) -> None:
    page = browser.get(url(Unit, "changelist"), {"q": "Crate"})
    assert f'href="{url(Unit, "export")}?q=Crate"' in page.content.decode()


def test_those_who_may_not_take_data_away_have_no_button(
    make_member: Callable[..., TeamUser],
) -> None:
    browser = signed_in(make_member(datas_export=0))
    assert url(Unit, "export") not in browser.get(url(Unit, "changelist")).content.decode()
    assert browser.get(url(Unit, "export")).status_code == 403


def test_a_list_too_long_asks_for_filters(
    browser: Client, scope: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(Unit, label="Crate")
    monkeypatch.setattr(export, "MAX_ROWS", 0)
    response = browser.get(url(Unit, "export"), {"q": "Crate"}, follow=True)
    assert response.redirect_chain == [(f"{url(Unit, 'changelist')}?q=Crate", 302)]
    assert messages_of(response) == ["This list has 1 rows: narrow it by filters to 0 at most."]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.opts.label)
def test_every_list_is_exported_as_it_shows(
    page: TenantAdmin, browser: Client, team: Team, other_team: Team
) -> None:
    with team_scope(other_team):
        make(page.model)
    counts = []
    for rows in (2, 4):
        with team_scope(team):
            for _row in range(rows):
                make(page.model)
        shown = browser.get(page.list_url(), {"all": ""}).context["cl"].result_count
        with CaptureQueriesContext(connection) as queries:
            heads, *lines = exported(browser, page.model, all="")
        assert (len(lines), {len(line) for line in lines}) == (shown, {len(heads)})
        counts.append(len(queries))
    assert counts[0] == counts[1], "\n".join(query["sql"] for query in queries)
