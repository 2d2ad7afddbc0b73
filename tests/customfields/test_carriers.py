"""What carries values: contacts, products, services, sales documents and what is made from these."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from erp.catalog.models import Product, Service
from erp.core.stored_pdf import pdfs_on_demand
from erp.customers.models import Contact
from erp.customfields.models import CustomFieldValue
from erp.customfields.services import write_values
from erp.sales import services as sales
from erp.sales.choices import Kind
from erp.sales.models import Document
from erp.various.models import Country, PdfModel, VatRate
from tests.admin.pages import form_data, signed_in, url
from tests.factories import make


@pytest.fixture(autouse=True)
def _no_pdfs():
    with pdfs_on_demand():
        yield


@pytest.fixture
def quote(company):
    """A validated quotation of one line of 100.00, with these values of custom fields."""
    address = {
        "road1": "1 rue",
        "postal_code": "25000",
        "town": "Dole",
        "country": Country.objects.get(code="FR"),
    }
    customer = company(address_invoice=address)
    line = {
        "designation": "Work",
        "unit_price_ht": Decimal(100),
        "quantity": Decimal(1),
        "vat_rate": VatRate.objects.first(),
    }

    def make_quotation(*values: Any, **attributes: Any) -> Document:
        body = {"customer": customer, "contents": [dict(line)], "pdf_model": PdfModel.objects.first()}
        given = [{"id": field.pk, "value": value} for field, value in values]
        return sales.create_document(
            Kind.QUOTATION, {**body, "custom_fields": given, "is_draft": False, **attributes}
        )

    return make_quotation


def shown(api: Any, address: str) -> dict[str, Any]:
    """{label: value} of a row's custom fields."""
    answer = api.get(address, include="customFields").json()
    return {item["label"]: item["value"] for item in answer["custom_fields"]}


def found(api: Any, address: str, field: Any, value: str) -> list[int]:
    """The rows of a list that have a value."""
    answer = api.get(address, **{f"filter[custom_fields][{field.pk}]": value})
    return [row["id"] for row in answer.json()["datas"]]


def put(api: Any, address: str, field: Any, value: Any) -> Any:
    return api.put(address, {"custom_fields": [{"id": field.pk, "value": value}]})


@pytest.mark.parametrize(
    ("model", "address", "usage"),
    [
        (Contact, "/customer/contact", "contact"),
        (Product, "/catalog/product", "product"),
        (Service, "/catalog/service", "service"),
    ],
)
def test_rows_of_one_usage_have_its_fields(api, field, model, address, usage):
    own, other = field("text", usage=[usage]), field("number", usage=["customer"])
    row = make(model)
    path = f"{address}/{row.pk}"

    assert put(api, path, own, "Left").status_code == 200
    assert shown(api, path) == {"Our text": "Left"}
    make(model)
    assert found(api, address, own, "left") == [row.pk]
    assert put(api, path, other, 1).status_code == 422
    listed = api.get(address, include="custom_fields").json()["datas"]
    assert [len(item["custom_fields"]) for item in listed if item["id"] == row.pk] == [1]
    assert "custom_fields" not in api.get(path).json()


@pytest.mark.parametrize(
    ("address", "usage", "body"),
    [
        ("/customer/contact", "contact", {"lastname": "Martin"}),
        ("/catalog/product", "product", {"name": "Screw", "reference": "S1"}),
        ("/catalog/service", "service", {"name": "Fitting", "reference": "F1"}),
    ],
)
def test_rows_of_one_usage_need_its_required_fields(api, field, address, usage, body):
    own = field("text", usage=[usage], is_required=True)
    refused = api.post(address, body)
    assert refused.json()["errors"] == {"custom_fields": ["The custom field Our text is required."]}
    body["custom_fields"] = [{"id": own.pk, "value": "Left"}]
    assert api.post(address, body).status_code == 201


# --- Sales documents --------------------------------------------------------------------------------


def test_a_document_is_made_with_the_fields_of_its_kind(api, field, quote):
    own, other = field("text", usage=["quotation"]), field("number", usage=["invoice"])
    document = quote((own, "Left"))
    assert shown(api, f"/sales/quotation/{document.pk}") == {"Our text": "Left"}
    refused = put(api, f"/sales/quotation/{document.pk}", other, 1)
    assert refused.json()["errors"] == {
        "custom_fields.0.id": ["The custom field Our number is not meant for this element."]
    }


def test_values_make_no_new_version_and_lite_writes_them_too(api, field, quote):
    own, document = field("text", usage=["quotation"]), quote()
    path = f"/sales/quotation/{document.pk}"
    assert put(api, path, own, "Left").json()["version"] == 1
    assert put(api, f"{path}/lite", own, "Right").status_code == 200
    assert shown(api, path) == {"Our text": "Right"}


def test_what_is_made_from_a_document_takes_the_values_of_the_fields_it_has(api, field, quote):
    both = field("text", label="Both", usage=["quotation", "command", "invoice"])
    many = field("checkbox", label="Many", usage=["quotation", "invoice"])
    alone = field("text", label="Alone", usage=["quotation"])
    needed = field("text", label="Needed", usage=["invoice"], is_required=True)
    quotation = quote((both, "B"), (many, ["Red", "Blue"]), (alone, "A"))

    order = sales.convert(quotation, "command", {"is_draft": False})
    assert shown(api, f"/sales/command/{order.pk}") == {"Both": "B"}
    bill = sales.convert(quotation, "bill", {"is_draft": False})
    found = shown(api, f"/sales/invoice/{bill.pk}")
    assert found["Both"] == "B"
    assert [option["value"] for option in found["Many"]] == ["Red", "Blue"]
    assert needed.label not in found
    assert CustomFieldValue.objects.filter(row_id=quotation.pk).count() == 4


def test_a_sealed_invoice_keeps_its_content_and_takes_values_by_lite(api, field, quote):
    own = field("text", usage=["invoice"])
    bill = sales.convert(quote(), "bill", {"is_draft": False})
    path = f"/sales/invoice/{bill.pk}"
    assert put(api, path, own, "Left").status_code == 409
    assert put(api, f"{path}/lite", own, "Left").status_code == 200
    assert shown(api, path) == {"Our text": "Left"}


def test_the_form_of_a_document_has_the_fields_of_its_kind(field, quote, owner):
    own, other = field("text", usage=["quotation"]), field("text", label="Other", usage=["invoice"])
    document = quote((own, "Left"))
    browser, path = signed_in(owner), url(type(document), "change", document.pk)
    page = browser.get(path)
    data = form_data(page)
    assert data[f"custom_field_{own.pk}"] == "Left"
    assert f"custom_field_{other.pk}" not in data

    response = browser.post(path, {**data, f"custom_field_{own.pk}": "Right"})
    assert response.status_code == 302, response.context["adminform"].errors
    stored = Document.objects.get(pk=document.pk)
    assert [(value.text) for value in stored.custom_values] == ["Right"]
    assert stored.version == 1


def test_a_validated_delivery_keeps_its_custom_fields_open(field, quote, owner):
    own = field("text", usage=["delivery"])
    order = sales.convert(quote(), "command", {"is_draft": False})
    delivery = sales.convert(order, "deliver", {"is_draft": False})
    browser, path = signed_in(owner), url(type(delivery), "change", delivery.pk)
    data = form_data(browser.get(path))
    assert browser.post(path, {**data, f"custom_field_{own.pk}": "Left"}).status_code == 302
    assert [value.text for value in Document.objects.get(pk=delivery.pk).custom_values] == ["Left"]


def test_a_sealed_invoice_shows_its_values(field, quote, owner):
    own = field("text", usage=["invoice"])
    bill = sales.convert(quote(), "bill", {"is_draft": False})
    write_values(bill, [{"id": own.pk, "value": "On the left"}])
    page = signed_in(owner).get(url(type(bill), "change", bill.pk)).content.decode()
    assert "On the left" in page
    assert f"custom_field_{own.pk}" not in page


def test_documents_are_found_by_their_fields(api, field, quote):
    own = field("select", usage=["quotation", "invoice"])
    red, green = quote((own, "Red")), quote((own, "Green"))
    assert found(api, "/sales/quotation", own, "Red") == [red.pk]
    assert found(api, "/sales/quotation", own, "Green") == [green.pk]
    assert found(api, "/sales/invoice", own, "Red") == []
    bill = sales.convert(red, "bill")
    assert found(api, "/sales/invoice", own, "Red") == [bill.pk]
