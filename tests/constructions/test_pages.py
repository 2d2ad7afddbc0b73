"""Printed pages: kept, made again when what they show changes, and what they say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from erp.constructions import services
from erp.constructions.models import Construction, Planification, Technician
from erp.constructions.services import pages
from erp.customers.models import Contact
from tests.conftest import ApiClient
from tests.constructions.recipes import BEGIN, END
from tests.factories import make


@pytest.fixture
def row(scope: Any) -> Planification:
    site = make(Construction, title="Toiture")
    contents = [{"designation": "Couvrir <b>tout</b>", "quantity": Decimal(2), "duration": Decimal("1.5")}]
    site = services.update_construction(site, {"contents": contents})
    people = [make(Technician, name="Jim Bolt")]
    values = {"construction": site, "technicians": people, "begin": BEGIN, "end": END}
    return services.create_planification(values)


def test_a_work_order_says_who_goes_where_and_when(row: Planification) -> None:
    html = pages.planification_layout(row)["html"]
    for text in (row.reference, row.construction.reference, "Jim Bolt", "Couvrir <b>tout</b>", "10:00"):
        assert text in html
    assert str(row.construction.customer) in html


def test_technicians_know_whom_to_call(row: Planification) -> None:
    site = row.construction
    site.customer.phone = "01 02"
    assert "01 02" in pages.planification_layout(row)["html"]
    site.contact = Contact(firstname="Ada", lastname="Martin", phone="03 04")
    html = pages.planification_layout(row)["html"]
    assert ("Martin" in html, "03 04" in html, "01 02" in html) == (True, True, False)


def test_a_page_is_kept_until_what_it_shows_changes(
    api: ApiClient, row: Planification, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    monkeypatch.setattr(pages, "render_pdf", lambda html, **kwargs: made.append(html) or b"%PDF-1.7 page")
    path = f"/construction/planification/{row.pk}"

    def status() -> int:
        return int(api.get(path).json()["document_status"])

    assert status() == 0
    answer = api.get(f"{path}/pdf").json()
    assert (answer["filename"], status()) == (f"{row.reference}.pdf", 2)
    api.get(f"{path}/pdf")
    assert len(made) == 1
    api.put(f"/construction/{row.construction_id}", {"city": "Dole"})
    assert status() == 0
    api.get(f"{path}/pdf")
    assert (len(made), status(), "Dole" in made[1]) == (2, 2, True)
    api.put(path, {"end": "2024-05-17T18:00:00Z"})
    assert status() == 0
    site = f"/construction/{row.construction_id}"
    assert api.get(f"{site}/pdf").json()["filename"].endswith(".pdf")
    assert api.get(site).json()["document_status"] == 2


def test_a_failure_is_noted(api: ApiClient, row: Planification, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> bytes:
        raise ValueError("no fonts")

    monkeypatch.setattr(pages, "render_pdf", fail)
    path = f"/construction/planification/{row.pk}"
    assert api.get(f"{path}/pdf").status_code == 503
    assert api.get(path).json()["document_status"] == 3


def test_pages_are_made_in_the_background(
    api: ApiClient,
    row: Planification,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    made: list[str] = []
    monkeypatch.setattr(pages, "render_pdf", lambda html, **kwargs: made.append(html) or b"%PDF-1.7 page")
    order, site = f"/construction/planification/{row.pk}", f"/construction/{row.construction_id}"
    api.get(f"{site}/pdf")
    made.clear()
    with django_capture_on_commit_callbacks(execute=True):
        api.put(order, {"end": "2024-05-17T18:00:00Z"})
    assert (len(made), api.get(order).json()["document_status"]) == (1, 2)
    with django_capture_on_commit_callbacks(execute=True):
        api.put(site, {"city": "Dole"})
    assert (len(made), api.get(site).json()["document_status"]) == (2, 2)
    assert api.get(f"{order}/pdf").status_code == 200
    assert (len(made), "Dole" in made[1], "Dole" in made[2]) == (3, True, True)


def test_the_page_of_a_worksite_says_its_present_status(
    api: ApiClient, row: Planification, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    monkeypatch.setattr(pages, "render_pdf", lambda html, **kwargs: made.append(html) or b"%PDF-1.7 page")
    site = f"/construction/{row.construction_id}"
    api.get(f"{site}/pdf")
    assert ("Planned" in made[0], api.get(site).json()["document_status"]) == (True, 2)
    api.put(f"/construction/planification/{row.pk}", {"status": 2})
    assert api.get(site).json()["document_status"] == 0
    api.get(f"{site}/pdf")
    assert "Ended" in made[1]
