"""The PDF endpoint: a real PDF of what was validated, made once, made again when the document changes."""

import base64
import io

import pytest
from pypdf import PdfReader

from erp.core import stored_pdf
from erp.core.models import File
from erp.sales import services
from erp.sales.services import rendering
from erp.sales.tasks import render_pdf
from tests.sales.conftest import fresh


def text_of(content: bytes) -> str:
    """The words of a PDF, with plain spaces."""
    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.fixture
def read(api):
    """read(document): the answer of its pdf endpoint and the text of the PDF."""

    def read(document):
        response = api.get(f"/sales/{document.kind}/{document.pk}/pdf")
        assert response.status_code == 200, response.json()
        data = response.json()
        content = base64.b64decode(data["file"])
        assert content.startswith(b"%PDF-")
        assert data["size"] == len(content)
        return data, text_of(content)

    return read


def test_it_shows_reference_totals_and_mentions(read, make):
    invoice = make("invoice", comments="Merci de votre confiance")
    data, text = read(invoice)
    assert data["filename"].endswith(".pdf")
    for words in (
        "FA00001",
        "Acier SA",
        "Acme",
        "299,99",
        "50,00",
        "349,99",
        "40 €",
        "12,15",
        "Merci de votre confiance",
        "Besançon",
    ):
        assert words in text
    assert fresh(invoice).pdf_status == 2


def test_it_is_made_once(read, make):
    quotation = make("quotation")
    first, _text = read(quotation)
    second, _text = read(quotation)
    assert first["id"] == second["id"]


def test_a_changed_draft_is_made_anew(api, read, make):
    draft = make("quotation", is_draft=True)
    first, text = read(draft)
    assert "Cuisine" not in text
    api.put(f"/sales/quotation/{draft.pk}", {"title": "Cuisine"})
    assert fresh(draft).pdf_status == 0
    second, text = read(draft)
    assert "Cuisine" in text
    assert first["id"] != second["id"]
    api.put(f"/sales/quotation/{draft.pk}/lite", {"title": "Salle de bains"})
    assert "Salle de bains" in read(draft)[1]


def test_a_new_version_is_made_anew_and_the_former_kept(api, read, make):
    quotation = make("quotation")
    first, _text = read(quotation)
    api.put(f"/sales/quotation/{quotation.pk}", {"title": "Cuisine"})
    second, text = read(quotation)
    assert "Cuisine" in text
    assert fresh(quotation).versions.get().pdf_file_id == first["id"] != second["id"]


def test_a_sealed_pdf_does_not_follow_master_data(read, make, customer, team):
    invoice = make("invoice")
    customer.company_name = "Renamed"
    customer.save()
    team.company_name = "Another"
    team.save()
    text = read(invoice)[1]
    assert "Acier SA" in text
    assert "Renamed" not in text
    assert "Another" not in text


def test_a_failure_is_noted_and_tried_again(api, read, make, monkeypatch):
    invoice = make("invoice")
    monkeypatch.setattr(rendering, "document_html", lambda *_args: 1 / 0)
    response = api.get(f"/sales/invoice/{invoice.pk}/pdf")
    assert response.status_code == 503
    assert set(response.json()) == {"message"}
    assert (fresh(invoice).pdf_status, fresh(invoice).pdf_file) == (3, None)
    monkeypatch.undo()
    assert "FA00001" in read(invoice)[1]
    assert fresh(invoice).pdf_status == 2


def test_the_task_renders_once(make, team, monkeypatch):
    invoice = make("invoice")
    calls = []
    monkeypatch.setattr(rendering, "document_html", lambda *args: calls.append(args) or "<p>Page</p>")
    for _time in range(2):
        render_pdf.enqueue(team.pk, invoice.pk, invoice.version)
    assert len(calls) == 1
    assert File.objects.filter(element_id=invoice.pk).count() == 1


def test_a_failed_task_leaves_the_error_to_see(make, team, monkeypatch):
    invoice = make("invoice")
    monkeypatch.setattr(rendering, "document_html", lambda *_args: 1 / 0)
    render_pdf.enqueue(team.pk, invoice.pk, invoice.version)
    assert fresh(invoice).pdf_status == 3


def test_a_task_of_a_former_version_does_nothing(make, team):
    quotation = make("quotation")
    services.update_document(quotation, {"title": "Cuisine"})
    render_pdf.enqueue(team.pk, quotation.pk, 1)
    assert fresh(quotation).pdf_status == 0


def test_validation_renders_after_the_commit(make, django_capture_on_commit_callbacks):
    token = stored_pdf._on_demand.set(False)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            invoice = make("invoice")
            assert fresh(invoice).pdf_status == 0
    finally:
        stored_pdf._on_demand.reset(token)
    assert fresh(invoice).pdf_status == 2


def test_reading_a_pdf_is_no_edit(read, make):
    invoice = make("invoice")
    before = fresh(invoice).updated_at
    read(invoice)
    assert fresh(invoice).updated_at == before
