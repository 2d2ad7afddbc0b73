"""Custom fields themselves: types, usages, options (reference: chapter Custom fields)."""

from __future__ import annotations

from typing import Any

import pytest

from erp.customfields.choices import FieldType, Usage
from erp.customfields.models import CustomField, CustomFieldOption
from erp.customfields.services import write_values

ADDRESS = "/config/custom_field"


def texts(answer: dict[str, Any]) -> list[str]:
    return [option["value"] for option in answer["options"]]


def refused(response: Any) -> dict[str, str]:
    """The first sentence of each attribute of a 422."""
    assert response.status_code == 422, response.content
    return {path: found[0] for path, found in response.json()["errors"].items()}


def select(api: Any, **values: Any) -> dict[str, Any]:
    body = {"label": "Colour", "type": "select", "usage": ["customer"], "options": ["Red", "Green"], **values}
    response = api.post(ADDRESS, body)
    assert response.status_code == 201, response.content
    return response.json()


def test_a_field_of_the_reference(api):
    body = "label=Custom Field&type=select&usage[]=customer&options[]=Option 1&options[]=Option 2"
    response = api.post(ADDRESS, body, content_type="application/x-www-form-urlencoded")

    assert response.status_code == 201
    answer = response.json()
    assert list(answer) == [
        "id",
        "label",
        "type",
        "is_required",
        "usage",
        "options",
        "created_at",
        "updated_at",
    ]
    assert (answer["label"], answer["type"], answer["is_required"]) == ("Custom Field", "select", False)
    assert answer["usage"] == ["customer"]
    assert texts(answer) == ["Option 1", "Option 2"]
    assert api.get(f"{ADDRESS}/{answer['id']}", include="options").json() == answer
    assert api.get(ADDRESS).json()["datas"] == [answer]


def test_every_type_can_be_made(api):
    for kind in FieldType.values:
        response = api.post(ADDRESS, {"label": kind, "type": kind, "usage": ["contact"]})
        assert response.status_code == 201, kind
        assert ("options" in response.json()) == (kind in ("checkbox", "radio", "select"))


def test_usages_are_those_of_the_reference_and_two_more(api):
    answer = select(api, usage=Usage.values[::-1])
    assert answer["usage"] == [
        "customer", "prospect", "provider", "subcontractor", "contact", "product", "service", "quotation",
        "command", "delivery", "proforma", "invoice", "credit", "construction", "opportunity",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"usage": []}, "usage"),
        ({"usage": ["customer", "nobody"]}, "usage.1"),
        ({"type": "colour"}, "type"),
        ({"label": ""}, "label"),
        ({"options": ["Red", " "]}, "options.1"),
        ({"options": ["Red", "Green", "Red"]}, "options.2"),
        ({"options": [{"id": 1}]}, "options"),
        ({"options": [{"id": 999_999, "value": "Red"}]}, "options.0"),
        ({"options": ["x" * 256]}, "options.0"),
        ({"options": [], "is_required": True}, "options"),
        ({"type": "text", "options": ["Red"]}, "options"),
    ],
)
def test_what_a_field_cannot_be(api, body, path):
    complete = {"label": "Colour", "type": "select", "usage": ["customer"]} | body
    assert list(refused(api.post(ADDRESS, complete))) == [path]
    assert api.get(ADDRESS).json()["meta"]["total"] == 0


def test_fields_are_found_by_usage_type_and_label(api):
    select(api, label="Colour", usage=["customer", "contact"])
    api.post(ADDRESS, {"label": "Birthday", "type": "date", "usage": ["contact"]})

    def labels(**query: Any) -> list[str]:
        return [row["label"] for row in api.get(ADDRESS, **query).json()["datas"]]

    assert labels() == ["Birthday", "Colour"]
    assert labels(sort="label:desc") == ["Colour", "Birthday"]
    assert labels(**{"filter[usage]": "customer"}) == ["Colour"]
    assert labels(**{"filter[usage]": "contact"}) == ["Birthday", "Colour"]
    assert labels(**{"filter[usage]": "product"}) == []
    assert labels(**{"filter[type]": "date"}) == ["Birthday"]
    assert labels(search="%irth%") == ["Birthday"]
    assert list(refused(api.get(ADDRESS, **{"filter[usage]": "nobody"}))) == ["filter.usage"]


# --- Options ----------------------------------------------------------------------------------------


def test_options_are_added_and_removed_by_their_texts(api):
    made = select(api)
    added = api.put(f"{ADDRESS}/{made['id']}", {"add_options": ["Blue", "Red"]}).json()
    assert texts(added) == ["Red", "Green", "Blue"]
    removed = api.put(f"{ADDRESS}/{made['id']}", {"remove_options": ["Green"]}).json()
    assert texts(removed) == ["Red", "Blue"]
    assert [option["id"] for option in removed["options"]] == [
        added["options"][0]["id"],
        added["options"][2]["id"],
    ]
    wrong = api.put(f"{ADDRESS}/{made['id']}", {"remove_options": ["Green"]})
    assert refused(wrong) == {"remove_options.0": "There is no such option."}


def test_options_given_whole_are_kept_renamed_moved_or_removed(api):
    made = select(api, options=["Red", "Green", "Blue"])
    red, green, blue = made["options"]
    swapped = [{**red, "value": "Green"}, {**green, "value": "Red"}]
    options = ["Blue", *swapped, "Grey"]
    changed = api.put(f"{ADDRESS}/{made['id']}", {"options": options}).json()["options"]
    assert changed[:3] == [blue, *swapped]
    assert changed[3]["value"] == "Grey"
    assert api.put(f"{ADDRESS}/{made['id']}", {"options": changed}).json()["options"] == changed


def test_an_option_that_comes_back_is_the_same_as_before(api, scope):
    made = select(api)
    api.put(f"{ADDRESS}/{made['id']}", {"options": ["Green"]})
    again = api.put(f"{ADDRESS}/{made['id']}", {"add_options": ["Red"]}).json()
    assert again["options"] == made["options"][::-1]
    assert CustomFieldOption.all_objects.count() == 2


def test_a_field_of_another_type_has_no_options_any_more(api):
    made = select(api)
    changed = api.put(f"{ADDRESS}/{made['id']}", {"type": "text"})
    assert changed.status_code == 200
    assert "options" not in changed.json()
    assert texts(api.put(f"{ADDRESS}/{made['id']}", {"type": "radio", "options": ["Red"]}).json()) == ["Red"]


# --- Fields that are used ---------------------------------------------------------------------------


def test_the_type_of_a_field_that_has_values_changes_only_where_they_stay_valid(api, field, company):
    colour = field("select")
    write_values(company(), [{"id": colour.pk, "value": "Red"}])

    assert refused(api.put(f"{ADDRESS}/{colour.pk}", {"type": "date"})) == {
        "type": "Our select has values, which would not be valid: make a new field for another type."
    }
    assert api.put(f"{ADDRESS}/{colour.pk}", {"type": "checkbox"}).json()["type"] == "checkbox"


def test_a_deleted_field_is_answered_nowhere_and_its_values_are_kept(api, field, company):
    colour, customer = field("select"), company()
    write_values(customer, [{"id": colour.pk, "value": "Red"}])

    assert api.delete(f"{ADDRESS}/{colour.pk}").status_code == 204
    assert api.get(f"/customer/{customer.pk}", include="custom_fields").json()["custom_fields"] == []
    assert CustomField.all_objects.get(pk=colour.pk).values.get().option.value == "Red"
