"""Values of custom fields on a row, read and written through the API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from erp.catalog.models import Product
from erp.core.scope import team_scope
from erp.customers.models import Contact, Customer
from erp.customfields import services
from erp.customfields.models import CustomFieldValue
from tenants.models import Team
from tests.conftest import team_named
from tests.factories import make


def body(*pairs: tuple[Any, Any]) -> dict[str, Any]:
    return {"custom_fields": [{"id": getattr(field, "pk", field), "value": value} for field, value in pairs]}


def shown(api: Any, customer: Customer) -> list[dict[str, Any]]:
    return api.get(f"/customer/{customer.pk}", include="custom_fields").json()["custom_fields"]


def written(api: Any, customer: Customer, *pairs: tuple[Any, Any]) -> list[Any]:
    """Values after a successful PUT, in the order of the labels."""
    response = api.put(f"/customer/{customer.pk}?include=custom_fields", body(*pairs))
    assert response.status_code == 200, response.content
    assert response.json()["custom_fields"] == shown(api, customer)
    return [item["value"] for item in response.json()["custom_fields"]]


def errors(response: Any) -> dict[str, str]:
    assert response.status_code == 422, response.content
    return {path: found[0] for path, found in response.json()["errors"].items()}


# --- One type after the other -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "given", "answer"),
    [
        ("text", "  On the\n left ", "On the left"),
        ("text", 12, "12"),
        ("textarea", "Two\nlines", "Two\nlines"),
        ("rich-editor", "<b>Safe</b><script>alert(1)</script>", "<b>Safe</b>"),
        ("phone", "+33 1 69 00 00 00", "+33 1 69 00 00 00"),
        ("amount", 12.345, 12.35),
        ("amount", "1000.00", 1000),
        ("number", -0.00001, -0.00001),
        ("quantity", 3, 3),
        ("date", "2024-02-29", "2024-02-29"),
        ("date", "2024-02-29T10:00:00Z", "2024-02-29"),
    ],
)
def test_a_value_is_answered_in_the_type_of_its_field(api, field, company, kind, given, answer):
    own, customer = field(kind), company()
    assert written(api, customer, (own, given)) == [answer]
    assert shown(api, customer) == [{"id": own.pk, "label": f"Our {kind}", "type": kind, "value": answer}]


@pytest.mark.parametrize(
    ("kind", "given", "sentence"),
    [
        ("text", "x" * 256, "Give a text of at most 255 characters."),
        ("text", ["x"], "Give a text."),
        ("text", "a\x00b", "Give a text."),
        ("phone", "call me", "Give a phone number: digits, spaces and + ( ) . - / only."),
        ("amount", "twelve", "Give a number."),
        ("amount", True, "Give a number."),
        ("number", "NaN", "Give a number."),
        ("number", {"a": 1}, "Give a number."),
        ("quantity", "1e10", "Give a number of at most 10 digits before the decimal point."),
        ("date", "2023-02-29", "Give a date that exists, as YYYY-MM-DD."),
        ("date", 20230301, "Give a date that exists, as YYYY-MM-DD."),
        ("radio", "Pink", "This option is not offered. Choose among: Red, Green, Blue."),
        ("select", ["Red", "Blue"], "Choose one option only."),
        ("checkbox", ["Red", "Pink"], "This option is not offered. Choose among: Red, Green, Blue."),
        ("checkbox", [["Red"]], "This option is not offered. Choose among: Red, Green, Blue."),
        ("customer", "Dupont", "Give the identifier (a whole number)."),
        ("contact", 999_999_999, "There is no such element: 999999999."),
    ],
)
def test_a_value_of_another_type_is_refused(api, field, company, kind, given, sentence):
    own, customer = field(kind), company()
    refused = errors(api.put(f"/customer/{customer.pk}", body((own, given))))
    assert refused == {"custom_fields.0.value": sentence}
    assert shown(api, customer) == []


def test_one_option_is_chosen_by_its_text_its_id_or_as_it_is_answered(api, field, company):
    own, customer = field("select"), company()
    green = {"id": own.options.get(value="Green").pk, "value": "Green"}
    for spelling in ("Green", green["id"], str(green["id"]), green, ["Green"]):
        assert written(api, customer, (own, spelling)) == [green]


def test_a_text_that_is_an_options_own_comes_before_an_id(api, field, company):
    own, customer = field("radio", options=["One", "Two"]), company()
    services.update_field(own, {"add_options": [str(own.options.get(value="One").pk)]})
    third = own.options.all()[2]
    assert written(api, customer, (own, third.value)) == [{"id": third.pk, "value": third.value}]


def test_checkboxes_are_a_list_in_the_order_of_the_options(api, field, company):
    own, customer = field("checkbox"), company()
    red, green, blue = own.options.all()
    [chosen] = written(api, customer, (own, ["Blue", red.pk, "Red"]))
    assert chosen == [{"id": red.pk, "value": "Red"}, {"id": blue.pk, "value": "Blue"}]
    assert written(api, customer, (own, "Green")) == [[{"id": green.pk, "value": "Green"}]]
    assert written(api, customer, (own, [])) == []


def test_a_link_takes_an_id_and_answers_the_object(api, field, company):
    customer, other = company(), company("Martin")
    contact, product = make(Contact), make(Product, name="Screw")
    fields = [(field("customer"), other.pk), (field("contact"), contact.pk), (field("product"), product.pk)]

    person, firm, thing = written(api, customer, *fields)
    assert person == api.get(f"/customer/contact/{contact.pk}").json()
    assert firm == api.get(f"/customer/{other.pk}").json()
    assert thing == api.get(f"/catalog/product/{product.pk}").json()
    assert written(api, customer, (fields[0][0], firm)) == [person, firm, thing]


def test_a_link_to_a_row_that_was_deleted_since_may_be_sent_back(api, field, company):
    own, customer, other = field("customer"), company(), company("Martin")
    written(api, customer, (own, other.pk))
    other.delete()

    [firm] = written(api, customer, (own, other.pk))
    assert firm["name"] == "Martin"
    assert errors(api.put(f"/customer/{company('Durand').pk}", body((own, other.pk)))) == {
        "custom_fields.0.value": f"There is no such element: {other.pk}."
    }


def test_a_link_does_not_show_what_the_reader_may_not_see(api, field, company, member_api):
    own, customer, supplier = field("customer"), company(), company("Martin", is_provider=True)
    written(api, customer, (own, supplier.pk))
    reader = member_api(provider=0)
    assert shown(reader, customer) == []
    refused = errors(reader.put(f"/customer/{company('Durand').pk}", body((own, supplier.pk))))
    assert refused == {"custom_fields.0.value": f"There is no such element: {supplier.pk}."}


# --- What is named, what is not ---------------------------------------------------------------------


def test_fields_that_are_not_named_keep_their_values_and_null_clears(api, field, company):
    note, size, customer = field("text"), field("number"), company()
    written(api, customer, (note, "Left"), (size, 5))
    assert written(api, customer, (size, 6)) == [6, "Left"]
    assert written(api, customer, (size, None)) == ["Left"]
    assert written(api, customer) == ["Left"]
    assert written(api, customer, (note, "  ")) == []
    assert CustomFieldValue.objects.count() == 0


def test_forms_write_values_too(api, field, company):
    own, customer = field("number"), company()
    form = f"custom_fields[0][id]={own.pk}&custom_fields[0][value]=2.5"
    response = api.put(f"/customer/{customer.pk}", form, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 200
    assert shown(api, customer)[0]["value"] == 2.5


def test_a_required_field_is_asked_of_new_rows_and_never_cleared(api, field, company):
    old = company()
    own = field("text", is_required=True)
    kind = {"type": old.type_id, "company_name": "New"}

    missing = errors(api.post("/customer", kind))
    assert missing == {"custom_fields": "The custom field Our text is required."}
    empty = errors(api.post("/customer", {**kind, **body((own, ""))}))
    assert empty == {"custom_fields.0.value": "This field is required."}
    assert api.post("/customer", {**kind, **body((own, "x"))}).status_code == 201
    assert api.post("/customer", {**kind, "is_provider": True}).status_code == 201
    assert api.put(f"/customer/{old.pk}", {"phone": "1"}).status_code == 200
    cleared = errors(api.put(f"/customer/{old.pk}", body((own, None))))
    assert cleared == {"custom_fields.0.value": "This field is required."}
    assert Customer.objects.filter(name="New").count() == 2


def test_fields_that_cannot_be_named(api, field, company):
    customer, own = company(), field("text")
    elsewhere = field("text", label="Size", usage=["product"])
    gone = field("text")
    gone.delete()

    refused = errors(api.put(f"/customer/{customer.pk}", body((own, 1), (elsewhere, 1), (gone, 1), (own, 2))))
    assert refused == {
        "custom_fields.1.id": "The custom field Size is not meant for this element.",
        "custom_fields.2.id": "There is no such custom field.",
        "custom_fields.3.id": "The custom field Our text is given twice.",
    }
    shapes = errors(api.put(f"/customer/{customer.pk}", {"custom_fields": [{"id": own.pk}, 5, {"value": 1}]}))
    assert shapes == {
        "custom_fields.0.value": "This field is required.",
        "custom_fields.1": "Give an object.",
        "custom_fields.2.id": "This field is required.",
    }
    assert list(errors(api.put(f"/customer/{customer.pk}", {"custom_fields": 5}))) == ["custom_fields"]


def test_a_field_of_another_team_does_not_exist(api, company, other_team: Team):
    with team_scope(other_team):
        theirs = services.create_field({"label": "Theirs", "type": "text", "usage": ["customer"]})
    refused = errors(api.put(f"/customer/{company().pk}", body((theirs, "x"))))
    assert refused == {"custom_fields.0.id": "There is no such custom field."}


def test_the_fields_of_a_customer_are_those_of_its_natures(api, field, company):
    own = field("text", usage=["prospect"])
    customer = company(is_customer=True)
    refused = errors(api.put(f"/customer/{customer.pk}", body((own, "x"))))
    assert refused == {"custom_fields.0.id": "The custom field Our text is not meant for this element."}

    api.put(f"/customer/{customer.pk}", {"is_prospect": True})
    assert written(api, customer, (own, "x")) == ["x"]
    api.put(f"/customer/{customer.pk}", {"is_prospect": False})
    assert shown(api, customer) == []


def test_a_removed_option_stays_where_it_was_chosen(api, field, company):
    own, customer = field("select"), company()
    written(api, customer, (own, "Red"))
    services.update_field(own, {"remove_options": ["Red"]})

    assert shown(api, customer)[0]["value"]["value"] == "Red"
    assert written(api, customer, (own, "Red"))[0]["value"] == "Red"
    refused = errors(api.put(f"/customer/{company('Martin').pk}", body((own, "Red"))))
    assert list(refused) == ["custom_fields.0.value"]


def test_changing_values_counts_as_editing_the_row(api, field, company):
    own, customer = field("text"), company()
    before = Customer.objects.get(pk=customer.pk).updated_at
    services.write_values(customer, [{"id": own.pk, "value": "x"}])
    assert Customer.objects.get(pk=customer.pk).updated_at > before


# --- Lists ------------------------------------------------------------------------------------------


def test_a_list_reads_all_values_and_links_at_once(api, field, company):
    fields = [field("text"), field("checkbox"), field("customer"), field("contact")]
    linked, contact = company("Linked"), make(Contact)

    def add(name: str) -> None:
        values = zip(fields, ["x", ["Red", "Blue"], linked.pk, contact.pk], strict=True)
        services.write_values(company(name), body(*values)["custom_fields"])

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            rows = api.get("/customer", include="custom_fields").json()["datas"]
        assert [len(row["custom_fields"]) for row in rows if row["name"] != "Linked"] == [4] * (len(rows) - 1)
        return len(captured)

    add("First")
    queries()
    few = queries()
    for number in range(8):
        add(f"More {number}")
    assert queries() == few


@pytest.mark.parametrize(
    ("kind", "value", "found", "missed"),
    [
        ("text", "On the left", "on the%", "left"),
        ("rich-editor", "<b>Left</b>", "%Left%", "Left"),
        ("amount", 12.5, "12,50", "12"),
        ("number", 3, "3.0", "4"),
        ("date", "2024-02-29", "2024-02-29", "2024-02-28"),
        ("checkbox", ["Red", "Blue"], "blue", "Green"),
        ("select", "Red", "R%", "Blue"),
    ],
)
def test_rows_are_found_by_a_value(api, field, company, kind, value, found, missed):
    own, customer = field(kind), company()
    company("Martin")
    services.write_values(customer, [{"id": own.pk, "value": value}])

    def names(**query: Any) -> list[str]:
        return [row["name"] for row in api.get("/customer", **query).json()["datas"]]

    pair = {"filter[custom_fields][id]": own.pk, "filter[custom_fields][value]": found}
    several = {"filter[custom_fields][0][id]": own.pk, "filter[custom_fields][0][value]": found}
    assert names(**pair) == names(**several) == ["Dupont"]
    assert names(**{f"filter[custom_fields][{own.pk}]": found}) == ["Dupont"]
    assert names(**{f"filter[custom_fields][{own.pk}][]": [missed, found]}) == ["Dupont"]
    assert names(**{f"filter[custom_fields][{own.pk}]": missed}) == []
    assert names(**{f"filter[custom_fields][{own.pk}]": ""}) == ["Martin"]


def test_several_fields_must_all_hold(api, field, company):
    note, size = field("text"), field("number")
    for name, values in {"A": ("x", 1), "B": ("x", 2), "C": ("y", 1)}.items():
        services.write_values(company(name), body(*zip((note, size), values, strict=True))["custom_fields"])
    asked = {f"filter[custom_fields][{note.pk}]": "x", f"filter[custom_fields][{size.pk}]": "1"}
    assert [row["name"] for row in api.get("/customer", **asked).json()["datas"]] == ["A"]


@pytest.mark.parametrize(
    "query", ["=5", "[id]=1", "[x]=1", "[0][value]=1", "[999999]=x", "[{date}]=soon", "[{date}][a][b]=1"]
)
def test_a_filter_that_means_nothing_is_refused(api, field, query):
    query = query.replace("{date}", str(field("date").pk))
    response = api.client.get(f"/api/v1/customer?filter[custom_fields]{query}")
    assert list(errors(response)) == ["filter.custom_fields"]


# --- Anything that can be written is read back ------------------------------------------------------


class RoundTrip(TestCase):
    """Whatever a number field takes is answered rounded, and may be sent back without a change."""

    @settings(max_examples=25, deadline=None)
    @given(st.decimals(min_value=-(10**10) + 1, max_value=10**10 - 1, places=7))
    def test_numbers(self, number: Any) -> None:
        with team_scope(team_named("Acme")):
            own = services.create_field({"label": "Size", "type": "number", "usage": ["contact"]})
            contact = make(Contact)
            services.write_values(contact, [{"id": own.pk, "value": number}])
            [stored] = contact.custom_values
            assert stored.number is not None
            assert abs(stored.number - number) <= Decimal("0.000005")
            before = stored.pk
            services.write_values(contact, [{"id": own.pk, "value": stored.number}])
            [again] = contact.custom_values
            assert again.pk == before
