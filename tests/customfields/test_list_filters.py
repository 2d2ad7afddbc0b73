"""Lists of the admin, filtered by custom fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from erp.core.scope import team_scope
from erp.customers.models import Contact
from erp.customfields.choices import FieldType
from erp.customfields.services import create_field, write_values
from tenants.models import Team
from tests.admin.pages import signed_in
from tests.factories import make

CONTACTS = "/admin/customers/contact/"


@pytest.fixture
def browser(scope: Any, owner: Any) -> Client:
    """The owner's browser, in English."""
    return signed_in(owner)


@pytest.fixture
def contact(scope: Any) -> Callable[..., Contact]:
    """`contact("Ada", (field, value), …)`: a contact with values."""

    def make_contact(name: str, *values: tuple[Any, Any]) -> Contact:
        row = make(Contact, firstname="", lastname=name)
        write_values(row, [{"id": field.pk, "value": value} for field, value in values])
        return row

    return make_contact


def names(browser: Client, asked: dict[str, Any], path: str = CONTACTS) -> list[str]:
    """The rows that the list shows."""
    response = browser.get(path, asked)
    assert response.status_code == 200, response.get("location")
    return sorted(str(row) for row in response.context["cl"].result_list)


@pytest.mark.parametrize(
    ("kind", "values", "asked", "found"),
    [
        ("text", {"Ada": "Left bank", "Bob": "Right"}, {"": "left"}, ["Ada"]),
        ("textarea", {"Ada": "One\ntwo", "Bob": "Three"}, {"": "two"}, ["Ada"]),
        ("rich-editor", {"Ada": "<b>Bold</b>", "Bob": "Thin"}, {"": "bold"}, ["Ada"]),
        ("phone", {"Ada": "01 69 00", "Bob": "03"}, {"": "69"}, ["Ada"]),
        ("number", {"Ada": 2, "Bob": 5, "Cid": 9}, {"_from": "2", "_to": "5"}, ["Ada", "Bob"]),
        ("quantity", {"Ada": "2.5", "Bob": "2.51"}, {"_to": "2.5"}, ["Ada"]),
        ("amount", {"Ada": "0.10", "Bob": "0.11"}, {"_from": "0.11"}, ["Bob"]),
        (
            "date",
            {"Ada": "2024-02-29", "Bob": "2024-03-01"},
            {"_from": "2024-02-29", "_to": "2024-02-29"},
            ["Ada"],
        ),
    ],
)
def test_each_type_has_the_filter_that_suits_it(
    browser: Client, field: Any, contact: Any, kind: str, values: Any, asked: Any, found: Any
) -> None:
    own = field(kind, usage=["contact"])
    for name, value in values.items():
        contact(name, (own, value))
    contact("Zoe")
    parameters = {f"custom_field_{own.pk}{end}": text for end, text in asked.items()}
    assert names(browser, parameters) == found
    assert names(browser, dict.fromkeys(parameters, "")) == sorted([*values, "Zoe"])


@pytest.mark.parametrize("kind", ["select", "radio", "checkbox"])
def test_options_are_chosen_among_and_none_is_a_choice(
    browser: Client, field: Any, contact: Any, kind: str
) -> None:
    own = field(kind, usage=["contact"])
    red, green, _blue = own.options.all()
    contact("Ada", (own, red.pk))
    contact("Bob", (own, green.pk))
    contact("Zoe")
    name = f"custom_field_{own.pk}"
    assert names(browser, {name: red.pk}) == ["Ada"]
    assert names(browser, {name: [red.pk, green.pk]}) == ["Ada", "Bob"]
    assert names(browser, {name: [green.pk, "none"]}) == ["Bob", "Zoe"]


def test_linked_elements_are_searched_for(browser: Client, field: Any, contact: Any, company: Any) -> None:
    own, firm = field("customer", usage=["contact"]), company("Acier")
    contact("Ada", (own, firm.pk))
    contact("Bob", (own, company("Bois").pk))
    page = browser.get(CONTACTS, {f"custom_field_{own.pk}": firm.pk})
    assert "Acier" in page.content.decode()
    assert names(browser, {f"custom_field_{own.pk}": firm.pk}) == ["Ada"]
    assert names(browser, {f"custom_field_{own.pk}": 10**9}) == []


def test_what_cannot_be_read_finds_nothing_and_is_said(browser: Client, field: Any, contact: Any) -> None:
    size, day = field("number", usage=["contact"]), field("date", usage=["contact"])
    contact("Ada", (size, 3), (day, "2024-02-29"))
    for name in (f"custom_field_{size.pk}_from", f"custom_field_{day.pk}_to"):
        page = browser.get(CONTACTS, {name: "soon"})
        assert list(page.context["cl"].result_list) == []
        assert "Enter a" in page.content.decode()


def test_filters_of_several_fields_hold_together(browser: Client, field: Any, contact: Any) -> None:
    size, note = field("number", usage=["contact"]), field("text", usage=["contact"])
    contact("Ada", (size, 3), (note, "left"))
    contact("Bob", (size, 3), (note, "right"))
    contact("Cid", (size, 9), (note, "left"))
    asked = {f"custom_field_{size.pk}_to": "3", f"custom_field_{note.pk}": "left"}
    assert names(browser, asked) == ["Ada"]


def test_the_list_asks_the_same_queries_for_one_field_and_for_many(
    browser: Client, field: Any, contact: Any
) -> None:
    own = [field("select", label="First", usage=["contact"])]
    contact("Ada")
    browser.get(CONTACTS)  # what is read once per process
    counts = []
    for _more in range(2):
        with CaptureQueriesContext(connection) as queries:
            browser.get(CONTACTS)
        counts.append(len(queries))
        own += [field(kind, label=f"More {kind}", usage=["contact"]) for kind in FieldType.values]
    assert counts[0] == counts[1], own


def test_only_fields_of_the_list_are_offered(browser: Client, field: Any, other_team: Team) -> None:
    with team_scope(other_team):
        create_field({"label": "Elsewhere", "type": "text", "usage": ["service"]})
    field("text", label="Of services", usage=["service"])
    field("text", label="Of deals", usage=["opportunity"])
    page = browser.get("/admin/catalog/service/").content.decode()
    assert "Of services" in page
    assert "Of deals" not in page
    assert "Elsewhere" not in page
    page = browser.get("/admin/opportunities/opportunity/").content.decode()
    assert "Of deals" in page


def test_a_filter_that_is_emptied_is_not_kept_by_the_page(browser: Client, field: Any) -> None:
    """The form of the filters sends what they say once: not also as a hidden input, which would stay."""
    own = field("text", usage=["contact"])
    page = browser.get(CONTACTS, {f"custom_field_{own.pk}": "left"}).content.decode()
    form = next(part for part in page.split("<form") if 'id="filter-form"' in part.split(">")[0])
    inputs = [part.split(">")[0] for part in form.split("<input")[1:]]
    named = [tag for tag in inputs if f'name="custom_field_{own.pk}"' in tag]
    assert [('type="hidden"' in tag, 'value="left"' in tag) for tag in named] == [(False, True)]
