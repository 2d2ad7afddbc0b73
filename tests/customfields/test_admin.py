"""Custom fields in the admin: their own pages, and their values on the pages of what carries them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from erp.catalog.models import Product
from erp.customers.models import Contact, Customer
from erp.customfields.choices import FieldType
from erp.customfields.models import CustomField
from erp.customfields.services import update_field, write_values
from tests.admin.pages import signed_in
from tests.factories import make

FIELDS = "/admin/customfields/customfield/"
CONTACTS = "/admin/customers/contact/"


@pytest.fixture
def browser(scope: Any, owner: Any) -> Client:
    """The owner's browser, in English."""
    return signed_in(owner)


def saved(response: Any) -> Any:
    assert response.status_code == 302, response.context["adminform"].errors
    return response


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    return dict(response.context["adminform"].form.errors)


def lines(*values: Any, existing: int = 0) -> dict[str, Any]:
    """Options as the page sends them."""
    rows = {
        f"options-{index}-{name}": item for index, line in enumerate(values) for name, item in line.items()
    }
    return {"options-TOTAL_FORMS": len(values), "options-INITIAL_FORMS": existing, **rows}


def values_of(row: Any) -> dict[str, Any]:
    """{label: text, number, date, option, linked id} of a row's values, read anew."""
    found: dict[str, Any] = {}
    for value in type(row).objects.get(pk=row.pk).custom_values:
        shown = value.text or value.number or value.date or value.linked_id or value.option.value
        found[value.field.label] = [*found.get(value.field.label, []), shown]
    return found


# --- Fields -----------------------------------------------------------------------------------------


def test_a_field_is_made_and_changed_with_its_options(browser):
    body = {"label": "Colour", "type": "select", "usage": ["customer", "contact"]}
    saved(browser.post(f"{FIELDS}add/", body | lines({"value": "Red"}, {"value": "Green"})))
    field = CustomField.objects.get()
    red, green = field.options.all()
    assert (field.usage, red.value, green.value) == (["customer", "contact"], "Red", "Green")

    page = browser.get(f"{FIELDS}{field.pk}/change/").content.decode()
    assert 'value="Green"' in page
    change = lines(
        {"value": "Dark red", "id": red.pk},
        {"value": "Green", "id": green.pk, "DELETE": "on"},
        {"value": "Blue"},
        existing=2,
    )
    saved(browser.post(f"{FIELDS}{field.pk}/change/", body | change))
    assert [(item.pk == red.pk, item.value) for item in field.options.all()] == [
        (True, "Dark red"),
        (False, "Blue"),
    ]


def test_what_a_field_cannot_be_is_said_beside_it(browser):
    text = {"label": "Note", "type": "text", "usage": ["customer"]}
    response = browser.post(f"{FIELDS}add/", text | lines({"value": "Red"}))
    assert "Only fields of type checkbox, radio or select have options." in str(errors(response))
    assert "usage" in errors(browser.post(f"{FIELDS}add/", {"label": "Note", "type": "text"} | lines()))
    assert not CustomField.objects.exists()


def test_the_list_is_filtered_by_usage(browser, field):
    field("text", label="On customers")
    field("text", label="On products", usage=["product"])
    page = browser.get(FIELDS, {"usage": "product"}).content
    assert b"On products" in page
    assert b"On customers" not in page


# --- Values -----------------------------------------------------------------------------------------


def test_every_type_is_filled_in_on_a_form(browser, field, company):
    kinds = [kind for kind in FieldType.values if kind != "service"]
    own = {kind: field(kind, usage=["contact"]) for kind in kinds}
    customer, other, product = company(), make(Contact), make(Product)
    red, green, _blue = own["checkbox"].options.all()
    typed: dict[str, Any] = {
        "text": "Left", "textarea": "Two\nlines", "rich-editor": "<b>Bold</b>", "phone": "01 69",
        "amount": "12.50", "number": "-3", "quantity": "2.5", "date": "2024-02-29",
        "checkbox": [red.pk, green.pk], "radio": own["radio"].options.get(value="Blue").pk,
        "select": own["select"].options.get(value="Red").pk,
        "customer": customer.pk, "contact": other.pk, "product": product.pk,
    }  # fmt: skip
    body = {f"custom_field_{own[kind].pk}": value for kind, value in typed.items()}

    page = browser.get(f"{CONTACTS}add/").content.decode()
    assert all(name in page for name in body)
    saved(browser.post(f"{CONTACTS}add/", {"lastname": "Martin", **body}))

    contact = Contact.objects.get(lastname="Martin")
    shown = {label: [str(item) for item in values] for label, values in values_of(contact).items()}
    assert shown == {
        "Our text": ["Left"], "Our textarea": ["Two\nlines"], "Our rich-editor": ["<b>Bold</b>"],
        "Our phone": ["01 69"], "Our amount": ["12.50000"], "Our number": ["-3.00000"],
        "Our quantity": ["2.50000"], "Our date": ["2024-02-29"], "Our checkbox": ["Red", "Green"],
        "Our radio": ["Blue"], "Our select": ["Red"], "Our customer": [str(customer.pk)],
        "Our contact": [str(other.pk)], "Our product": [str(product.pk)],
    }  # fmt: skip
    again = browser.get(f"{CONTACTS}{contact.pk}/change/")
    initial = again.context["adminform"].form.initial
    assert initial[f"custom_field_{own['checkbox'].pk}"] == [red.pk, green.pk]


def test_only_what_was_changed_is_written(browser, field):
    note, size, colour = (field(kind, usage=["contact"]) for kind in ("text", "number", "select"))
    contact = make(Contact)
    path = f"{CONTACTS}{contact.pk}/change/"
    names = [f"custom_field_{item.pk}" for item in (note, size, colour)]
    red = colour.options.get(value="Red").pk
    saved(browser.post(path, {"lastname": "Martin", **dict(zip(names, ["Left", "5", red], strict=True))}))
    assert values_of(contact) == {"Our number": [5], "Our select": ["Red"], "Our text": ["Left"]}

    saved(browser.post(path, {"lastname": "Martin", **dict(zip(names, ["", "6", red], strict=True))}))
    assert values_of(contact) == {"Our number": [6], "Our select": ["Red"]}


def test_refusals_are_shown_at_the_field(browser, field):
    note, size = field("phone", usage=["contact"]), field("text", usage=["contact"], is_required=True)
    body = {"lastname": "Martin", f"custom_field_{note.pk}": "call me", f"custom_field_{size.pk}": ""}
    found = errors(browser.post(f"{CONTACTS}add/", body))
    assert found == {
        f"custom_field_{note.pk}": ["Give a phone number: digits, spaces and + ( ) . - / only."],
        f"custom_field_{size.pk}": ["This field is required."],
    }
    assert not Contact.objects.filter(lastname="Martin").exists()


def test_the_fields_of_a_customer_follow_its_natures(browser, field, company):
    lead, firm = field("text", label="Lead", usage=["prospect"], is_required=True), field("text")
    kind = company().type_id
    page = browser.get("/admin/customers/customer/add/").content.decode()
    assert 'data-while="is_prospect"' in page

    body = {"type": kind, "company_name": "Acier", "addresses-TOTAL_FORMS": 0, "addresses-INITIAL_FORMS": 0}
    names = {f"custom_field_{lead.pk}": "", f"custom_field_{firm.pk}": "Left"}
    saved(browser.post("/admin/customers/customer/add/", {"is_customer": "on", **body, **names}))
    assert values_of(Customer.objects.get(name="Acier")) == {"Our text": ["Left"]}

    refused = browser.post("/admin/customers/customer/add/", {"is_prospect": "on", **body})
    assert errors(refused) == {f"custom_field_{lead.pk}": ["This field is required."]}


def test_who_may_only_read_sees_the_values(field, make_member, browser):
    note, contact = field("text", usage=["contact"]), make(Contact)
    write_values(contact, [{"id": note.pk, "value": "<Left>"}])
    reader = signed_in(make_member(contact=1))
    page = reader.get(f"{CONTACTS}{contact.pk}/change/").content.decode()
    assert "&lt;Left&gt;" in page
    assert f"custom_field_{note.pk}" not in page


def test_a_removed_option_stays_on_the_form_of_a_row_that_has_it(browser, field):
    colour, contact = field("select", usage=["contact"]), make(Contact)
    write_values(contact, [{"id": colour.pk, "value": "Red"}])
    red = colour.options.get(value="Red").pk
    update_field(colour, {"remove_options": ["Red"]})

    name = f"custom_field_{colour.pk}"
    saved(browser.post(f"{CONTACTS}{contact.pk}/change/", {"lastname": "Martin", name: red}))
    assert values_of(contact) == {"Our select": ["Red"]}
    assert name in errors(browser.post(f"{CONTACTS}add/", {"lastname": "Durand", name: red}))
