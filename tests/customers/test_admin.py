"""The pages of customers and contacts."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from erp.customers.models import Contact, Customer
from erp.various.models import PaymentTerm, Tag

from .conftest import FRANCE

LIST = "/admin/customers/customer/"


@pytest.fixture
def browser(scope, owner) -> Client:
    """The owner's browser, signed in."""
    client = Client()
    client.force_login(owner.user, "django.contrib.auth.backends.ModelBackend")
    return client


def address(**values: Any) -> dict[str, Any]:
    return {"label": "", "road1": "", "road2": "", "road3": "", "postal_code": "39100", "town": "Dole",
            "country": FRANCE, **values}  # fmt: skip


def form(*addresses: dict[str, Any], existing: int = 0, **values: Any) -> dict[str, Any]:
    """The fields that the page of a customer sends."""
    lines = {f"addresses-{index}-{name}": value
             for index, line in enumerate(addresses) for name, value in line.items()}  # fmt: skip
    counts = {"addresses-TOTAL_FORMS": len(addresses), "addresses-INITIAL_FORMS": existing}
    return {"is_customer": "on", **counts, **lines, **values}


def test_the_list_shows_natures_references_and_town(browser, company):
    company("Acier", is_provider=True)
    page = browser.get(LIST).content.decode()
    for text in ("Acier", "FO00001", "supplier"):
        assert text in page


def test_archived_customers_show_when_asked_for(browser, company):
    company("Acier", archived=True)
    company("Bois")
    assert b"Acier" not in browser.get(LIST).content
    assert b"Acier" in browser.get(LIST, {"archived": "1"}).content
    page = browser.get(LIST, {"archived": "all"}).content
    assert b"Acier" in page
    assert b"Bois" in page


@pytest.mark.parametrize(("term", "found"), [("acier", True), ("CL00001", True), ("bois", False)])
def test_the_list_is_searched(browser, company, term, found):
    company("Acier")
    assert (b"Acier" in browser.get(LIST, {"q": term}).content) is found


def test_the_list_is_filtered_by_nature(browser, company):
    company("Acier", is_provider=True)
    assert b"Acier" in browser.get(LIST, {"nature": "provider"}).content
    assert b"Acier" not in browser.get(LIST, {"nature": "customer"}).content


def test_a_customer_is_made_with_addresses_tags_and_settings(browser, company_type):
    term, tag = PaymentTerm.objects.create(label="45 days"), Tag.objects.create(name="vip")
    data = form(
        address(use_for_invoice="on"), address(town="Lyon", postal_code="69002"), type=company_type.pk,
        company_name="Acier", tags=[tag.pk], sales_payment_term=term.pk, sales_amounts_type="ttc",
        sales_penalty_rate="3.5", sales_use_global_vatrate="False",
    )  # fmt: skip
    response = browser.post(f"{LIST}add/", data)

    assert response.status_code == 302, response.context["adminform"].form.errors
    customer = Customer.objects.get()
    assert customer.customer_reference == "CL00001"
    assert customer.address_invoice.town == "Dole"
    assert [row.town for row in customer.addresses.order_by("pk")] == ["Dole", "Lyon"]
    assert [row.name for row in customer.tags.all()] == ["vip"]
    assert customer.parameter("sales_payment_term") == term.pk
    assert customer.parameter("sales_amounts_type") == "ttc"
    assert customer.parameter("sales_penalty_rate") == 3.5
    assert customer.configs["sales_use_global_vatrate"] is False
    assert customer.configs["sales_pdf_amounts"] is None


def test_the_form_shows_what_was_saved(browser, company):
    customer = company(configs={"sales_amounts_type": "ttc", "sales_use_global_vatrate": False})
    shown = browser.get(f"{LIST}{customer.pk}/change/").context["adminform"].form
    assert shown["sales_amounts_type"].value() == "ttc"
    assert shown["sales_use_global_vatrate"].value() is False
    assert shown["sales_penalty_rate"].value() is None
    assert '<option value="False" selected>' in str(shown["sales_use_global_vatrate"])


def test_addresses_are_changed_and_deleted_on_the_page(browser, api, company):
    customer = company()
    path = f"/customer/{customer.pk}/address"
    first = api.post(path, {**address(), "use_for_invoice": True}).json()["id"]
    second = api.post(path, address(town="Lyon")).json()["id"]
    data = form(
        address(id=first, use_for_invoice="on", DELETE="on"),
        address(id=second, town="Lyon 2e", use_for_invoice="on"),
        existing=2, type=customer.type_id, company_name=customer.company_name,
    )  # fmt: skip
    response = browser.post(f"{LIST}{customer.pk}/change/", data)

    assert response.status_code == 302, response.context["adminform"].form.errors
    customer.refresh_from_db()
    assert [row.town for row in customer.addresses.all()] == ["Lyon 2e"]
    assert customer.address_invoice_id == second


def test_two_addresses_cannot_serve_one_use(browser, company_type):
    data = form(address(use_for_delivery="on"), address(use_for_delivery="on"), type=company_type.pk,
                company_name="Acier")  # fmt: skip
    page = browser.post(f"{LIST}add/", data)
    assert "Another address already serves this use" in page.content.decode()
    assert Customer.objects.count() == 0


def test_rules_show_beside_their_fields(browser, company_type):
    data = form(type=company_type.pk, company_name="Acier", company_siret="123")
    errors = browser.post(f"{LIST}add/", data).context["adminform"].form.errors
    assert list(errors) == ["company_siret"]


def test_archiving_asks_first(browser, company):
    customer = company()
    path = reverse("admin:customers_customer_archive", args=[customer.pk])
    assert b"Their documents stay." in browser.get(path).content
    customer.refresh_from_db()
    assert customer.archived_at is None
    browser.post(path)
    customer.refresh_from_db()
    assert customer.archived_at is not None
    browser.post(reverse("admin:customers_customer_unarchive", args=[customer.pk]))
    customer.refresh_from_db()
    assert customer.archived_at is None


def test_chosen_customers_are_archived_together(browser, company):
    rows = [company("Acier"), company("Bois")]
    browser.post(LIST, {"action": "archive_rows", "_selected_action": [row.pk for row in rows]})
    assert Customer.objects.filter(archived_at=None).count() == 0


def test_members_see_but_do_not_edit_natures_of_level_one(team, make_member, company):
    customer = company(is_provider=True)
    client = Client()
    client.force_login(make_member(provider=1).user, "django.contrib.auth.backends.ModelBackend")
    page = client.get(f"{LIST}{customer.pk}/change/")
    assert page.status_code == 200
    assert "company_name" not in page.context["adminform"].form.fields
    data = form(type=customer.type_id, company_name="Other")
    assert client.post(f"{LIST}{customer.pk}/change/", data).status_code == 403


def test_a_contact_is_added_from_its_customer(browser, company):
    customer = company()
    page = browser.get(f"{LIST}{customer.pk}/change/").content.decode()
    link = f"/admin/customers/contact/add/?customers={customer.pk}"
    assert link in page
    shown = browser.get(link).context["adminform"].form
    assert str(customer.pk) in map(str, shown["customers"].value())
    browser.post(link, {"lastname": "Martin", "customers": [customer.pk]})
    assert [row.lastname for row in customer.contacts.all()] == ["Martin"]


@pytest.mark.parametrize(
    "name", ["contact", "contactfunction", "customertype", "customeractivity", "customerorigin"]
)
def test_every_list_has_its_pages(browser, contact, name):
    contact()
    assert browser.get(f"/admin/customers/{name}/").status_code == 200
    assert browser.get(f"/admin/customers/{name}/", {"q": "x"}).status_code == 200
    assert browser.get(f"/admin/customers/{name}/add/").status_code == 200
    assert Contact.objects.count() == 1


def test_another_teams_customer_has_no_page(other_team, company):
    from erp.core.scope import team_scope
    from tenants.models import TeamUser

    customer = company()
    with team_scope(other_team):
        stranger = TeamUser.objects.get(is_owner=True).user
    client = Client()
    client.force_login(stranger, "django.contrib.auth.backends.ModelBackend")
    assert client.get(f"{LIST}{customer.pk}/change/").status_code == 302
    assert b"Acier" not in client.get(LIST).content
