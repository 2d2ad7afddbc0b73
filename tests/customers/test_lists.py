"""Finding customers and contacts: every filter, sort, search and include of the reference."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from erp.core.scope import team_scope
from erp.customers import services
from erp.customers.models import (
    NATURES,
    Contact,
    ContactFunction,
    Customer,
    CustomerActivity,
    CustomerOrigin,
    CustomerType,
)
from erp.various.models import Civility, Country, PaymentTerm
from tenants.models import TeamUser

from .conftest import BELGIUM, FRANCE

ANDORRA = 1


def names(response: Any) -> list[str]:
    """The customers of a list, in its order."""
    assert response.status_code == 200, response.content
    return [row["name"] for row in response.json()["datas"]]


def address(town: str, postal_code: str, country: int) -> dict[str, Any]:
    return {"town": town, "postal_code": postal_code, "country": Country.objects.get(pk=country)}


@pytest.fixture
def two(company, person, contact, owner, make_member) -> tuple[Customer, Customer]:
    """Acier and Martin Jean: each has what the other lacks, so that a filter keeps exactly one."""
    acier = company(
        "Acier",
        company_siret="73282932000074",
        company_vatrate="FR40303265045",
        is_customer=True,
        activity=CustomerActivity.objects.create(label="Steel"),
        phone="0381000001",
        email="info@acier.example",
        website="www.acier.example",
        tags=["steel", "vip"],
        team_user=owner,
        address_invoice=address("Dole", "39100", FRANCE),
        address_delivery=address("Lyon", "69002", FRANCE),
    )
    jean = person(
        "Jean",
        "Martin",
        is_prospect=True,
        is_provider=True,
        is_subcontractor=True,
        civility=Civility.objects.first(),
        origin=CustomerOrigin.objects.create(label="Fair"),
        mobile="0680000002",
        fax="0381000003",
        archived=True,
        tags=["vip"],
        address_invoice=address("Namur", "5000", BELGIUM),
        address_delivery=address("Liège", "4000", BELGIUM),
    )
    Customer.objects.filter(pk=acier.pk).update(
        created_at=datetime.datetime(2026, 3, 1, 22, 59, tzinfo=datetime.UTC)
    )
    Customer.objects.filter(pk=jean.pk).update(
        created_at=datetime.datetime(2026, 3, 1, 23, 1, tzinfo=datetime.UTC)
    )
    contact("Durand", customers=[jean])
    return acier, jean


BOTH, ACIER, JEAN, NOBODY = {"Acier", "Martin Jean"}, {"Acier"}, {"Martin Jean"}, set()


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("name", "acier", ACIER),
        ("name", "%martin%", JEAN),
        ("name", "martin", NOBODY),
        ("name", ["Acier", "Martin%"], BOTH),
        ("company_name", "aci%", ACIER),
        ("company_siret", "732829320%", ACIER),
        ("company_vatrate", "FR%", ACIER),
        ("have_email_address", "true", ACIER),
        ("have_email_address", "0", JEAN),
        ("email_address", "INFO@%", ACIER),
        ("website", "%acier%", ACIER),
        ("have_phone_number", "1", ACIER),
        ("have_phone_number", "false", JEAN),
        ("phone_number", "%0001", ACIER),
        ("have_mobile_number", "1", JEAN),
        ("have_mobile_number", "0", ACIER),
        ("mobile_number", "06%", JEAN),
        ("all_phone_number", "0381%", ACIER),
        ("all_phone_number", "0%", BOTH),
        ("have_fax_number", "1", JEAN),
        ("have_fax_number", "0", ACIER),
        ("fax_number", "%0003", JEAN),
        ("firstname", "jean", JEAN),
        ("lastname", "martin", JEAN),
        ("is_customer", "1", ACIER),
        ("is_customer", "0", JEAN),
        ("is_prospect", "1", JEAN),
        ("is_prospect", "0", ACIER),
        ("is_provider", "1", JEAN),
        ("is_provider", "0", ACIER),
        ("is_subcontractor", "1", JEAN),
        ("is_subcontractor", "0", ACIER),
        ("is_prospect_or_customer", "1", BOTH),
        ("is_prospect_or_customer", "0", NOBODY),
        ("customer_reference", "CL00001", ACIER),
        ("prospect_reference", "PR%", JEAN),
        ("provider_reference", "FO%", JEAN),
        ("subcontractor_reference", "ST%", JEAN),
        ("invoice_address_town", "dole", ACIER),
        ("invoice_address_town", "lyon", NOBODY),
        ("invoice_address_postal_code", "39%", ACIER),
        ("invoice_address_country", "Belgi%", JEAN),
        ("invoice_address_country", "FR", ACIER),
        ("delivery_address_town", "li_ge", NOBODY),
        ("delivery_address_town", "Lyon", ACIER),
        ("delivery_address_postal_code", "4000", JEAN),
        ("delivery_address_country", "be", JEAN),
        ("company_address_town", "lyon", ACIER),
        ("company_address_town", "dole", ACIER),
        ("company_address_town", "namur", NOBODY),
        ("company_address_postal_code", "%0%", ACIER),
        ("company_address_country", "france", ACIER),
        ("company_address_country", "BE", NOBODY),
        ("any_tags", ["vip", "steel"], BOTH),
        ("any_tags", "ste%", ACIER),
        ("all_tags", ["vip", "steel"], ACIER),
        ("all_tags", "vip", BOTH),
        ("all_tags", ["steel", "none"], NOBODY),
        ("archived", "1", JEAN),
        ("archived", "0", ACIER),
        ("hasContact", "1", JEAN),
        ("hasContact", "0", ACIER),
        # 22:59 and 23:01 in Greenwich are on both sides of midnight in Paris.
        ("created_since", "2026-03-01", BOTH),
        ("created_since", "2026-03-02", JEAN),
        ("created_until", "2026-03-01", ACIER),
        ("created_until", "2026-02-28", NOBODY),
    ],
)
def test_a_filter_keeps_the_customers_it_names(api, two, name, value, kept):
    key = f"filter[{name}][]" if isinstance(value, list) else f"filter[{name}]"
    found = names(api.get("/customer", **{key: value}))
    assert set(found) == kept
    assert len(found) == len(kept)


@pytest.mark.parametrize("name", ["origin", "activity", "civility", "team_user", "customerType"])
def test_a_filter_by_id_keeps_the_customers_of_that_row(api, two, other_team, name):
    acier, jean = two
    attribute = "type" if name == "customerType" else name
    owner = jean if getattr(acier, f"{attribute}_id") is None else acier
    key = f"filter[{name}]"

    assert names(api.get("/customer", **{key: getattr(owner, f"{attribute}_id")})) == [owner.name]
    with team_scope(other_team):
        model = {
            "origin": CustomerOrigin,
            "activity": CustomerActivity,
            "civility": Civility,
            "customerType": CustomerType,
        }.get(name)
        theirs = (
            model.objects.create(**{"name" if name == "civility" else "label": "x"})
            if model
            else (TeamUser.objects.get(is_owner=True))
        )
    refused = api.get("/customer", **{key: theirs.pk})
    assert refused.status_code == 422
    assert list(refused.json()["errors"]) == [f"filter.{name}"]


def test_customers_can_be_left_out(api, two):
    acier, jean = two
    assert names(api.get("/customer", **{"filter[exclude]": acier.pk})) == [jean.name]
    assert names(api.get("/customer", **{"filter[exclude][]": [acier.pk, jean.pk]})) == []


def test_a_custom_field_that_does_not_exist_cannot_be_filtered(api, two):
    refused = api.get("/customer", **{"filter[custom_fields][7]": "x"})
    assert refused.status_code == 422
    assert refused.json()["errors"] == {"filter.custom_fields": ["There is no such custom field."]}


def test_a_deleted_tag_or_contact_no_longer_filters(api, two):
    _acier, jean = two
    api.delete(f"/customer/contact/{Contact.objects.get().pk}")
    assert names(api.get("/customer", **{"filter[hasContact]": "1"})) == []
    assert jean.contacts.count() == 0


def test_filters_add_up(api, two):
    assert names(api.get("/customer", **{"filter[any_tags]": "vip", "filter[archived]": "1"})) == [
        "Martin Jean"
    ]


def test_an_unknown_filter_names_those_there_are(api, two):
    response = api.get("/customer", **{"filter[town]": "Dole"})
    assert response.status_code == 422
    assert "invoice_address_town" in response.json()["errors"]["filter.town"][0]


# --- Sorts, searches --------------------------------------------------------------------------------


@pytest.fixture
def three(trader_type, make_member) -> list[str]:
    """Customers "b", "a" and "c", made in this order, whose every attribute starts with their letter."""
    letters = ["b", "a", "c"]
    for letter, country in zip(letters, (BELGIUM, ANDORRA, FRANCE), strict=True):
        member = make_member()
        type(member.user).objects.filter(pk=member.user_id).update(firstname=letter)
        customer = services.create_customer(
            {
                "type": CustomerType.objects.create(label=f"{letter} type", is_company=True, is_person=True),
                "company_name": letter,
                "firstname": letter,
                "lastname": letter,
                "email": f"{letter}@acier.example",
                "activity": CustomerActivity.objects.create(label=f"{letter} activity"),
                "origin": CustomerOrigin.objects.create(label=f"{letter} origin"),
                "team_user": member,
                "address_invoice": {
                    **address(f"{letter} town", f"{letter}1", country),
                    "road1": f"{letter} road",
                },
                **{name: f"{letter} {name}" for name in ("website", "phone", "mobile", "fax")},
                **{f"is_{nature}": True for nature in NATURES},
            }
        )
        Customer.objects.filter(pk=customer.pk).update(company_siret=letter, company_vatrate=letter)
    return letters


BY_LETTER = [
    "company_name",
    "firstname",
    "name",
    "address_invoice.road1",
    "address_invoice.town",
    "address_invoice.postal_code",
    "address_invoice.country.name",
    "email",
    "website",
    "phone",
    "mobile",
    "fax",
    "type.label",
    "activity.label",
    "origin.label",
    "company_siret",
    "company_vatrate",
    "team_user.fullname",
]
BY_CREATION = ["created_at", "updated_at", *(f"reference.{nature}" for nature in NATURES)]


@pytest.mark.parametrize(
    ("sort", "order"), [(sort, "abc") for sort in BY_LETTER] + [(sort, "bac") for sort in BY_CREATION]
)
def test_customers_sort_both_ways(api, three, sort, order):
    assert names(api.get("/customer", sort=sort)) == list(order)
    assert names(api.get("/customer", sort=f"{sort}:desc")) == list(order[::-1])


def test_the_newest_customer_comes_first(api, three):
    assert names(api.get("/customer")) == ["c", "a", "b"]


@pytest.mark.parametrize(
    "term",
    [
        "a",
        "a@acier.example",
        "a website",
        "a phone",
        "a mobile",
        "a fax",
        "A FAX",
        "a t%",
        "%a town",
        "a1",
        "CL00002",
        "PR00002",
        "FO00002",
        "ST00002",
    ],
)
def test_customers_are_searched_everywhere(api, three, term):
    assert names(api.get("/customer", search=term)) == ["a"]


def test_every_term_must_be_found(api, three):
    assert names(api.get("/customer", **{"search[]": ["a", "b website"]})) == []
    assert names(api.get("/customer", **{"search[]": ["%website", "b%"]})) == ["b"]


@pytest.mark.parametrize(("parameter", "value"), [("sort", "town"), ("include", "sales"), ("page", "0")])
def test_what_does_not_exist_is_refused(api, company, parameter, value):
    response = api.get("/customer", **{parameter: value})
    assert response.status_code == 422
    assert list(response.json()["errors"]) == [parameter]


def test_a_customer_edited_through_its_address_counts_as_edited(api, company):
    customer = company()
    Customer.objects.filter(pk=customer.pk).update(
        updated_at=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    )
    assert names(api.get("/customer", edited_since="2026-02-01")) == []
    api.post(f"/customer/{customer.pk}/address", {"postal_code": "25000", "town": "Dole", "country": FRANCE})
    assert names(api.get("/customer", edited_since="2026-02-01")) == ["Acier SA"]


# --- Cost -------------------------------------------------------------------------------------------

EVERYTHING = (
    "activity,origin,tags,contacts,configurations,addresses,address_invoice,address_delivery,custom_fields,"
)
EVERYTHING += "team_user"


def test_the_queries_of_a_list_do_not_grow_with_its_rows(api, company, contact, make_member):
    def grow(count: int) -> None:
        for number in range(count):
            term = PaymentTerm.objects.create(label=f"term {number}")
            customer = company(
                f"Acier {number}",
                tags=[f"tag {number}"],
                address_invoice=address("Dole", "39100", FRANCE),
                address_delivery=address("Lyon", "69002", FRANCE),
                configs={"sales_payment_term": term.pk},
                activity=CustomerActivity.objects.create(label="x"),
                team_user=make_member(),
            )
            contact("Durand", customers=[customer], civility=Civility.objects.first())

    def queries(**parameters: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert api.get("/customer", **parameters).status_code == 200
        return len(captured)

    grow(2)
    queries()  # the key's first use is written down
    plain, full = queries(), queries(include=EVERYTHING)
    grow(6)
    assert queries() == plain
    assert queries(include=EVERYTHING) == full
    # The key and its team, the count, the customers, their types; no civility among companies.
    assert plain <= 7


# --- Contacts ---------------------------------------------------------------------------------------


def lastnames(response: Any) -> list[str]:
    """The contacts of a list, in its order."""
    assert response.status_code == 200, response.content
    return [row["lastname"] for row in response.json()["datas"]]


@pytest.fixture
def two_contacts(contact, company) -> tuple[Contact, Contact]:
    """Durand and Petit: each has what the other lacks."""
    durand = contact(
        "Durand",
        firstname="Anne",
        email="anne@acier.example",
        phone="0381000001",
        website="www.anne.example",
        postal_code="39100",
        town="Dole",
        country=Country.objects.get(pk=FRANCE),
        tags=["vip", "steel"],
        customers=[company()],
    )
    petit = contact(
        "Petit", civility=Civility.objects.first(), mobile="0680000002", fax="0381000003", tags=["vip"]
    )
    return durand, petit


ANNE, PETIT, EVERYONE = {"Durand"}, {"Petit"}, {"Durand", "Petit"}


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("firstname", "anne", ANNE),
        ("lastname", "pet%", PETIT),
        ("have_email_address", "1", ANNE),
        ("have_email_address", "0", PETIT),
        ("email_address", "anne@%", ANNE),
        ("website", "%anne%", ANNE),
        ("have_phone_number", "1", ANNE),
        ("phone_number", "0381%", ANNE),
        ("have_mobile_number", "1", PETIT),
        ("mobile_number", "06%", PETIT),
        ("all_phone_number", "0%", EVERYONE),
        ("have_fax_number", "1", PETIT),
        ("fax_number", "0381000003", PETIT),
        ("address_country", "France", ANNE),
        ("address_country", "fr", ANNE),
        ("address_country_code", "FR", ANNE),
        ("address_country_code", "BE", NOBODY),
        ("address_country_name", "fran%", ANNE),
        ("address_country_name", "FR", NOBODY),
        ("address_postal_code", "39%", ANNE),
        ("address_town", "dole", ANNE),
        ("any_tags", "vip", EVERYONE),
        ("any_tags", ["steel", "x"], ANNE),
        ("all_tags", ["steel", "vip"], ANNE),
        ("with_customer", "1", ANNE),
        ("with_customer", "0", PETIT),
    ],
)
def test_a_filter_keeps_the_contacts_it_names(api, two_contacts, name, value, kept):
    key = f"filter[{name}][]" if isinstance(value, list) else f"filter[{name}]"
    found = lastnames(api.get("/customer/contact", **{key: value}))
    assert set(found) == kept
    assert len(found) == len(kept)


def test_contacts_are_filtered_by_civility(api, two_contacts):
    _durand, petit = two_contacts
    assert lastnames(api.get("/customer/contact", **{"filter[civility]": petit.civility_id})) == ["Petit"]


@pytest.fixture
def three_contacts(contact, company) -> None:
    """Contacts "b", "a" and "c", made in this order, whose every attribute starts with their letter."""
    for letter, country in zip(["b", "a", "c"], (BELGIUM, ANDORRA, FRANCE), strict=True):
        contact(
            letter,
            firstname=letter,
            email=f"{letter}@acier.example",
            country=Country.objects.get(pk=country),
            civility=Civility.objects.create(name=f"{letter} civility", short_name=letter),
            function=ContactFunction.objects.create(label=f"{letter} function"),
            customers=[company(f"{letter} company"), company(f"{letter} company too")],
            **{
                name: f"{letter} {name}"
                for name in (
                    "website",
                    "phone",
                    "mobile",
                    "fax",
                    "comments",
                    "road1",
                    "postal_code",
                    "town",
                )
            },
        )


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        (sort, "abc")
        for sort in (
            "fullname",
            "civility.name",
            "firstname",
            "lastname",
            "postal_code",
            "town",
            "country.name",
            "email",
            "website",
            "phone",
            "mobile",
            "fax",
            "comments",
            "function.label",
        )
    ]
    + [("created_at", "bac"), ("updated_at", "bac")],
)
def test_contacts_sort_both_ways(api, three_contacts, sort, order):
    assert lastnames(api.get("/customer/contact", sort=sort)) == list(order)
    assert lastnames(api.get("/customer/contact", sort=f"{sort}:desc")) == list(order[::-1])


@pytest.mark.parametrize(
    "term",
    [
        "a company%",
        "a",
        "a road1",
        "a postal_code",
        "a town",
        "Andorre",
        "a phone",
        "a mobile",
        "a fax",
        "a@acier.example",
        "a website",
        "a function",
    ],
)
def test_contacts_are_searched_everywhere(api, three_contacts, term):
    assert lastnames(api.get("/customer/contact", search=term)) == ["a"]


def test_contacts_are_searched_by_the_last_name_of_their_customers(api, person, contact):
    contact("Durand", customers=[person("Jean", "Martin")])
    assert lastnames(api.get("/customer/contact", search="martin")) == ["Durand"]
