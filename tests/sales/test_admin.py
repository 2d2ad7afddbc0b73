"""Sales documents as people see them: lists, the form and its lines, conversions, PDF, the first page.

Nothing here enters a team's scope around a request: pages have it from the signed-in user alone.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from erp.catalog.models import Product
from erp.catalog.services import create_product, create_service
from erp.core.scope import team_scope
from erp.customers.models import Customer
from erp.customers.services import create_contact
from erp.sales import services
from erp.sales.choices import Kind, Status
from erp.sales.grid import columns_of
from erp.sales.models import PROXIES, Document, Quotation
from erp.various.models import PdfModel, VatRate
from tenants.models import Team, TeamUser
from tests.admin.pages import form_data, messages_of, signed_in, url
from tests.sales.conftest import new_customer

ITEMS = (("Window", "100", "2", "20"), ("Fitting", "33.33", "3", "10"))
#: 200.00 + 99.99 without VAT; VAT 40.00 + 10.00.
HT, TTC = Decimal("299.99"), Decimal("349.99")


@pytest.fixture
def browser(owner: TeamUser) -> Client:
    return signed_in(owner)


@pytest.fixture
def stranger(other_team: Team) -> TeamUser:
    """The owner of the other team."""
    with team_scope(other_team):
        return TeamUser.objects.select_related("team", "user").get(is_owner=True)


def document(member: TeamUser, kind: str = "quotation", *items: Any, **values: Any) -> Document:
    """A document of a member's team, made by the services; validated unless `is_draft`."""
    with team_scope(member.team, member):
        rates = {f"{rate.rate.normalize():f}": rate for rate in VatRate.objects.order_by("-pk")}
        contents = [
            {
                "designation": name,
                "unit_price_ht": Decimal(price),
                "quantity": Decimal(quantity),
                "vat_rate": rates[rate],
            }
            for name, price, quantity, rate in items or ITEMS
        ]
        values = {"is_draft": False, "pdf_model": PdfModel.objects.first(), **values}
        customer = values.pop("customer", None) or new_customer()
        return services.create_document(kind, {"customer": customer, "contents": contents, **values})


def page(row: Document, name: str = "change", *args: Any) -> str:
    return url(PROXIES[row.kind], name, row.pk, *args)


def now(row: Document) -> Document:
    """The document as it is stored now."""
    with team_scope(row.team):
        return Document.objects.get(pk=row.pk)


def documents(team: Team, kind: str) -> list[Document]:
    with team_scope(team):
        return list(PROXIES[kind].objects.order_by("pk"))


def line_data(*lines: dict[str, Any]) -> dict[str, Any]:
    """What the grid sends for lines."""
    data: dict[str, Any] = {"contents-TOTAL": len(lines)}
    for number, line in enumerate(lines):
        typed = {
            "kind": "item",
            "designation": "",
            "quantity": "1",
            "unit_price": "",
            "vat_rate": "",
            "catalog": "",
            "affair_content": "",
        } | line
        data |= {f"contents-{number}-{name}": value for name, value in typed.items()}
    return data


def stored_lines(response: Any) -> list[dict[str, Any]]:
    """What the grid of a page sends when nothing was typed."""
    return [
        {bound.name: "" if bound.value() is None else bound.value() for bound in form}
        for form in response.context["form"].lines.forms
    ]


def new_form(
    browser: Client, customer: Customer, *lines: dict[str, Any], kind: str = "quotation", **typed: Any
) -> dict[str, Any]:
    """The form of a new document, filled in."""
    response = browser.get(url(PROXIES[kind], "add"), {"customer": customer.pk})
    return {**form_data(response), **typed, **line_data(*lines)}


@pytest.fixture
def customer(owner: TeamUser) -> Customer:
    with team_scope(owner.team, owner):
        return new_customer()


# --- Lists -----------------------------------------------------------------------------------------


def test_a_list_shows_documents_and_what_they_are_worth(browser: Client, owner: TeamUser) -> None:
    document(owner), document(owner)
    text = browser.get(url(Quotation, "changelist")).content.decode().replace("\u00a0", " ")
    assert "DEV00001" in text
    assert "DEV00002" in text
    assert "599.98 €" in text
    assert "699.98 €" in text


def test_the_totals_are_those_of_the_filtered_set(browser: Client, owner: TeamUser) -> None:
    document(owner)
    document(owner, "quotation", ("Nail", "1", "1", "20"), is_draft=True)
    response = browser.get(url(Quotation, "changelist"), {"is_draft__exact": "1"})
    assert dict(response.context["sums"])["Total excl. VAT"] == "1.00\u00a0€"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"status": "2"}, 1),
        ({"status": "1"}, 1),
        ({"status": "x"}, 2),
        ({"work": "to_bill"}, 1),
        ({"work": "to_chase"}, 0),
        ({"delivery_status": "1"}, 2),
        ({"date_from": "2001-01-01", "date_to": "2001-12-31"}, 0),
        ({"q": "DEV00001"}, 1),
    ],
)
def test_lists_are_filtered(browser: Client, owner: TeamUser, query: dict[str, str], count: int) -> None:
    document(owner), document(owner, is_draft=True)
    assert browser.get(url(Quotation, "changelist"), query).context["cl"].result_count == count


def test_an_empty_list_says_what_to_do(browser: Client) -> None:
    text = browser.get(url(Quotation, "changelist")).content.decode()
    assert "A quotation is where a sale begins" in text
    assert "New quotation" in text


# --- The form --------------------------------------------------------------------------------------


def test_a_quotation_is_made_from_the_form(browser: Client, customer: Customer, team: Team) -> None:
    window = {"designation": "Window < 1 m", "quantity": "2", "unit_price": "1 234,56"}
    data = new_form(browser, customer, {"kind": "heading", "designation": "Ground floor"}, window, {})
    response = browser.post(url(Quotation, "add"), data)
    (made,) = documents(team, "quotation")
    assert response.headers["Location"] == page(made)
    with team_scope(team):
        lines = [(line.is_comments, line.designation, line.total_ht) for line in made.contents.all()]
    assert lines == [
        (True, "<strong>Ground floor</strong>", 0),
        (False, "Window &lt; 1 m", Decimal("2469.12")),
    ]
    assert (made.billing_address_city, made.is_draft) == ("Besançon", True)


def test_errors_stand_beside_their_line(browser: Client, customer: Customer, team: Team) -> None:
    wrong = {"designation": "Fitting", "quantity": "twelve"}
    nameless = {"unit_price": "5"}
    response = browser.post(
        url(Quotation, "add"), new_form(browser, customer, {"designation": "Window"}, wrong, nameless)
    )
    lines = response.context["form"].lines.forms
    assert lines[0].errors == {}
    assert lines[1].errors == {"quantity": ["Enter a number."]}
    assert lines[1]["designation"].value() == "Fitting"
    assert documents(team, "quotation") == []


def test_a_services_refusal_stands_beside_its_line(browser: Client, customer: Customer) -> None:
    """The blank line before does not shift the errors."""
    data = new_form(browser, customer, {}, {"designation": "Window"}, {"unit_price": "5"})
    response = browser.post(url(Quotation, "add"), data)
    assert [list(form.errors) for form in response.context["form"].lines.forms] == [[], [], ["designation"]]


def test_a_product_fills_in_what_was_left_empty(browser: Client, customer: Customer, owner: TeamUser) -> None:
    with team_scope(owner.team, owner):
        rate = VatRate.objects.get(use_default=True)
        product = create_product(
            {"reference": "W-1", "name": "Window", "unit_price_ht": Decimal(80), "vat_rate": rate}
        )
    browser.post(
        url(Quotation, "add"),
        new_form(browser, customer, {"catalog": f"product-{product.pk}", "quantity": "3"}),
    )
    (made,) = documents(owner.team, "quotation")
    assert made.total_ht == 240


def test_lines_are_moved_changed_and_removed(browser: Client, owner: TeamUser) -> None:
    row = document(owner, is_draft=True)
    response = browser.get(page(row))
    first, second = stored_lines(response)
    browser.post(
        page(row),
        {**form_data(response), **line_data({**second, "quantity": "4"}, {**first, "designation": "Door"})},
    )
    with team_scope(row.team):
        assert list(row.contents.values_list("designation", "quantity")) == [("Fitting", 4), ("Door", 2)]
        content = list(row.contents.values_list("affair_content", flat=True))
    assert content == [second["affair_content"], first["affair_content"]]


def test_a_part_of_an_order_keeps_its_share_unless_changed(browser: Client, owner: TeamUser) -> None:
    order = document(owner, "command", ("Window", "10", "3", "20"), global_discount_value=Decimal(10))
    with team_scope(owner.team, owner):
        content = order.contents.get().affair_content_id
        row = services.convert(order, "deliver", {"contents": [{"id": content, "quantity": Decimal(1)}]})
    response = browser.get(page(row))
    (line,) = stored_lines(response)
    browser.post(page(row), {**form_data(response), **line_data(line)})
    assert now(row).total_ht == 9
    browser.post(page(row), {**form_data(response), **line_data({**line, "quantity": "2"})})
    assert now(row).total_ht == 18


def test_an_emptied_input_stands_for_nothing(browser: Client, owner: TeamUser) -> None:
    row = document(owner, "quotation", ("Window", "100", "1", "20"), is_draft=True)
    response = browser.get(page(row))
    (line,) = stored_lines(response)
    browser.post(page(row), {**form_data(response), **line_data({**line, "discount_value": "10"})})
    assert now(row).total_ht == 90
    browser.post(page(row), {**form_data(response), **line_data({**line, "discount_value": ""})})
    assert now(row).total_ht == 100


def test_saving_a_validated_quotation_unchanged_makes_no_version(browser: Client, owner: TeamUser) -> None:
    row = document(owner)
    response = browser.get(page(row))
    browser.post(page(row), {**form_data(response), **line_data(*stored_lines(response))})
    assert now(row).version == 1


def test_changing_a_validated_quotation_makes_a_version(browser: Client, owner: TeamUser) -> None:
    row = document(owner)
    response = browser.get(page(row))
    assert "saving changes makes version 2" in response.content.decode()
    answer = browser.post(page(row), {**form_data(response), "title": "Two windows"}, follow=True)
    assert messages_of(answer) == ["DEV00001 was saved as version 2."]
    former = browser.get(page(row, "version", 1))
    assert (former.status_code, former.content[:5]) == (200, b"%PDF-")


@pytest.mark.parametrize("kind", ["invoice", "credit"])
def test_what_the_law_seals_is_shown_not_edited(browser: Client, owner: TeamUser, kind: str) -> None:
    row = document(owner, "invoice")
    if kind == "credit":
        with team_scope(owner.team, owner):
            row = services.convert(row, "cancel", {"is_draft": False})
    response = browser.get(page(row))
    text = response.content.decode()
    assert "it cannot be changed any more" in text
    assert "contents-TOTAL" not in text
    assert browser.post(page(row), {"title": "x", **line_data()}).status_code == 403
    assert browser.post(page(row, "delete"), {"post": "yes"}).status_code == 403


def test_a_contact_is_one_of_the_customers(
    browser: Client, customer: Customer, owner: TeamUser, team: Team
) -> None:
    with team_scope(team, owner):
        own = create_contact({"lastname": "Martin", "customers": [customer]})
        other = create_contact({"lastname": "Durand", "customers": [new_customer(company_name="Bois SA")]})
    line = {"designation": "Window"}
    refused = browser.post(url(Quotation, "add"), new_form(browser, customer, line, contact=other.pk))
    assert "contact" in refused.context["form"].errors
    browser.post(url(Quotation, "add"), new_form(browser, customer, line, contact=own.pk))
    assert documents(team, "quotation")[0].contact_id == own.pk


def test_the_add_page_costs_the_same_whatever_is_in_the_lists(browser: Client, owner: TeamUser) -> None:
    counts = []
    for lines in (1, 20):
        row = document(owner, "quotation", *[("Nail", "1", "1", "20")] * lines, is_draft=True)
        browser.get(page(row))
        with CaptureQueriesContext(connection) as queries:
            browser.get(page(row))
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- Live totals -----------------------------------------------------------------------------------


def test_totals_follow_what_is_typed_and_write_nothing(
    browser: Client, customer: Customer, team: Team
) -> None:
    typed = {"designation": "Window", "quantity": "2", "unit_price": "100"}
    answer = browser.post(
        url(Quotation, "new_totals"), new_form(browser, customer, typed, {"kind": "subtotal"})
    ).json()
    assert answer["errors"] == {}
    assert "240.00" in answer["totals"]
    assert answer["lines"] == {"contents-0": "200.00", "contents-1": "200.00"}
    assert documents(team, "quotation") == []


def test_totals_come_before_a_customer_is_chosen(browser: Client) -> None:
    data = line_data({"designation": "Window", "unit_price": "100"})
    assert "120.00" in browser.post(url(Quotation, "new_totals"), data).json()["totals"]


def test_totals_of_a_stored_document_are_those_of_its_form(browser: Client, owner: TeamUser) -> None:
    row = document(owner)
    response = browser.get(page(row))
    data = {**form_data(response), **line_data(*stored_lines(response))}
    assert "349.99" in browser.post(page(row, "totals"), data).json()["totals"]
    data["contents-0-quantity"] = "3"
    assert "469.99" in browser.post(page(row, "totals"), data).json()["totals"]
    assert now(row).total_ttc == TTC


def test_totals_count_a_line_before_it_has_a_name(browser: Client) -> None:
    answer = browser.post(url(Quotation, "new_totals"), line_data({"unit_price": "100"})).json()
    assert (answer["errors"], answer["lines"]) == ({}, {"contents-0": "100.00"})


def test_totals_name_the_input_that_is_wrong(browser: Client, customer: Customer) -> None:
    data = new_form(browser, customer, {"designation": "Window", "quantity": "x"}, {"unit_price": "1"})
    answer = browser.post(url(Quotation, "new_totals"), data).json()
    assert answer["errors"] == {"contents-0-quantity": "Enter a number."}


def test_margins_show_only_when_asked_for(browser: Client, owner: TeamUser) -> None:
    shown = document(owner, input_options={"gross_margin_amount": True})
    assert [label for label, _text in browser.get(page(shown)).context["totals"]["margins"]] == ["Margin"]
    assert browser.get(page(document(owner))).context["totals"]["margins"] == []


def test_totals_are_a_protected_post(owner: TeamUser) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner.user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(url(Quotation, "new_totals"), line_data()).status_code == 403
    assert client.get(url(Quotation, "new_totals")).status_code == 405


# --- Validation ------------------------------------------------------------------------------------


def test_validation_says_the_number_first(browser: Client, owner: TeamUser) -> None:
    row = document(owner, "invoice", is_draft=True)
    text = browser.get(page(row, "validate")).content.decode()
    assert "FA00001" in text
    assert "only a credit corrects it" in text
    assert now(row).is_draft
    browser.post(page(row, "validate"))
    assert now(row).reference == "FA00001"


def test_validating_twice_takes_one_number(browser: Client, owner: TeamUser) -> None:
    row = document(owner, "invoice", is_draft=True)
    browser.post(page(row, "validate"))
    answer = browser.post(page(row, "validate"), follow=True)
    assert messages_of(answer)[-1] == "FA00001 is validated already."
    assert now(document(owner, "invoice")).reference == "FA00002"


def test_a_draft_that_cannot_be_validated_says_why(browser: Client, owner: TeamUser) -> None:
    with team_scope(owner.team, owner):
        row = services.create_document("invoice", {"customer": new_customer()})
    answer = browser.post(page(row, "validate"), follow=True)
    assert messages_of(answer) == ["Add at least one line before validating."]


def test_a_status_is_chosen_among_those_that_may_follow(browser: Client, owner: TeamUser) -> None:
    row = document(owner)
    offered = [value for value, _label in browser.get(page(row)).context["moves"]]
    assert offered == [Status.SENT, Status.ACCEPTED, Status.REFUSED, Status.CANCELLED]
    browser.post(page(row, "status"), {"status": Status.SENT.value})
    assert now(row).status == Status.SENT
    assert browser.post(page(row, "status"), {"status": "99"}).status_code == 404


# --- Conversions -----------------------------------------------------------------------------------


def buttons(browser: Client, row: Document) -> dict[str, str]:
    """Reason (empty when possible) by name of the conversion."""
    return {
        item["url"].rstrip("/").split("/")[-1]: item["reason"]
        for item in browser.get(page(row)).context["makings"]
    }


def making(browser: Client, row: Document, name: str, **typed: Any) -> dict[str, Any]:
    """The form of a conversion, filled in."""
    response = browser.get(page(row, "make", name))
    form = response.context["form"]
    data = {bound.html_name: bound.value() for bound in form if bound.value() not in (None, False)}
    return {**data, "state_of_affair": response.context["state_of_affair"], "_make": "1", **typed}


def test_a_quotation_becomes_an_invoice_once(browser: Client, owner: TeamUser) -> None:
    row = document(owner)
    data = making(browser, row, "bill")
    first = browser.post(page(row, "make", "bill"), data)
    (made,) = documents(owner.team, "invoice")
    assert first.headers["Location"] == page(made)
    assert (made.total_ttc, made.is_draft) == (TTC, True)
    browser.post(page(row, "make", "bill"), data)
    assert len(documents(owner.team, "invoice")) == 1


def test_a_page_sent_twice_makes_one_deposit(browser: Client, owner: TeamUser) -> None:
    row = document(owner)
    data = making(browser, row, "deposit-invoice", percentage="10")
    browser.post(page(row, "make", "deposit-invoice"), data)
    answer = browser.post(page(row, "make", "deposit-invoice"), data, follow=True)
    assert [made.total_ttc for made in documents(owner.team, "invoice")] == [Decimal("35.00")]
    assert messages_of(answer)[-1].startswith("Something was made from this document meanwhile")
    assert "314.99" in answer.content.decode()


def test_impossible_conversions_say_why(browser: Client, owner: TeamUser) -> None:
    row = document(owner)
    assert set(buttons(browser, row).values()) == {""}
    browser.post(page(row, "make", "bill"), making(browser, row, "bill"))
    assert buttons(browser, row)["bill"] == "Everything was billed already: nothing remains to bill."
    answer = browser.get(page(row, "make", "bill"))
    assert answer.status_code in (200, 302)


def test_what_may_not_be_made_is_greyed(owner: TeamUser, make_member: Callable[..., TeamUser]) -> None:
    row = document(owner)
    client = signed_in(make_member(**{"sales-quotation": 3, "sales-limitation": 1, "sales-invoice": 1}))
    assert buttons(client, row)["bill"] == "Your permissions do not allow this."
    assert client.get(page(row, "make", "bill")).status_code == 403
    assert client.post(page(row, "make", "bill"), {"_make": "1"}).status_code == 403


def test_a_part_is_delivered(browser: Client, owner: TeamUser) -> None:
    row = document(owner, "command")
    with team_scope(row.team):
        first, second = (line.affair_content_id for line in row.contents.all())
    data = making(browser, row, "deliver", **{f"quantity-{first}": "1", f"quantity-{second}": ""})
    browser.post(page(row, "make", "deliver"), data)
    (made,) = documents(owner.team, "delivery")
    with team_scope(row.team):
        assert [line.quantity for line in made.contents.all()] == [1]
    rest = browser.get(page(row, "make", "deliver")).context["form"].rests
    assert rest == {first: 1, second: 3}


def test_more_than_remains_is_refused_beside_the_line(browser: Client, owner: TeamUser) -> None:
    row = document(owner, "command")
    with team_scope(row.team):
        first = row.contents.first().affair_content_id
    answer = browser.post(
        page(row, "make", "deliver"), making(browser, row, "deliver", **{f"quantity-{first}": "5"})
    )
    assert answer.context["form"].errors[f"quantity-{first}"] == [
        "Give a quantity above 0 and at most 2, which is what remains."
    ]
    assert documents(owner.team, "delivery") == []


def test_the_preview_shows_what_would_be_made(browser: Client, owner: TeamUser) -> None:
    row = document(owner)
    data = making(browser, row, "deposit-invoice", percentage="50")
    del data["_make"]
    answer = browser.post(page(row, "make", "deposit-invoice"), {**data, "_preview": "1"})
    assert answer.context["made"].total_ttc == Decimal("175.00")
    assert documents(owner.team, "invoice") == []


def test_an_invoice_is_credited_by_an_amount(browser: Client, owner: TeamUser) -> None:
    row = document(owner, "invoice")
    browser.post(page(row, "make", "cancel"), making(browser, row, "cancel", amount="100", state="validated"))
    (credit,) = documents(owner.team, "credit")
    assert (credit.total_ttc, credit.reference) == (100, "AV00001")


def test_the_affair_shows_all_its_documents(browser: Client, owner: TeamUser) -> None:
    row = document(owner)
    browser.post(page(row, "make", "bill"), making(browser, row, "bill"))
    (made,) = documents(owner.team, "invoice")
    family = browser.get(page(row)).context["family"]
    assert [(item["url"], item["is_here"]) for item in family] == [(page(row), True), (page(made), False)]


# --- PDF -------------------------------------------------------------------------------------------


def test_a_drafts_pdf_is_made_on_demand(browser: Client, owner: TeamUser) -> None:
    row = document(owner, is_draft=True)
    assert page(row, "pdf_file") in browser.get(page(row, "pdf")).content.decode()
    file = browser.get(page(row, "pdf_file"))
    assert file.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert (file.headers["Content-Type"], file.content[:5]) == ("application/pdf", b"%PDF-")
    assert file.headers["Content-Disposition"].startswith("inline")
    assert (
        browser.get(page(row, "pdf_file"), {"download": "1"})
        .headers["Content-Disposition"]
        .startswith("attachment")
    )


# --- Filling in ------------------------------------------------------------------------------------


def test_a_customer_brings_address_terms_and_contacts(
    browser: Client, customer: Customer, owner: TeamUser
) -> None:
    with team_scope(owner.team, owner):
        contact = create_contact({"lastname": "Martin", "customers": [customer]})
    answer = browser.get(url(Quotation, "defaults"), {"customer": customer.pk}).json()
    assert answer["values"]["billing_address_postal_code"] == "25000"
    assert answer["contacts"] == [{"id": contact.pk, "label": str(contact)}]


def test_products_are_found_with_what_their_line_would_hold(browser: Client, owner: TeamUser) -> None:
    with team_scope(owner.team, owner):
        rate = VatRate.objects.get(use_default=True)
        values = {"vat_rate": rate, "unit_price_ht": Decimal("12.5")}
        create_product({"reference": "W-1", "name": "Window", **values})
        create_product({"reference": "W-2", "name": "Window, old", "not_for_sale": True, **values})
    (found,) = browser.get(url(Quotation, "catalog"), {"q": "window"}).json()["elements"]
    assert (found["label"], found["values"]["unit_price"], found["values"]["vat_rate"]) == (
        "W-1 – Window",
        "12.50",
        rate.pk,
    )


def test_services_are_found_and_sold(browser: Client, owner: TeamUser, customer: Customer) -> None:
    with team_scope(owner.team, owner):
        create_product({"reference": "W-1", "name": "Window"})
        values = {"name": "Window fitting", "unit_price_ht": Decimal(60), "hourly_person_cost": Decimal(20)}
        fitting = create_service({**values, "duration": Decimal(2), "duration_type": "day"})
        create_service({"name": "Window cleaning", "status": False})
    found = browser.get(url(Quotation, "catalog"), {"q": "window"}).json()["elements"]
    assert [(element["sells"], element["values"]["catalog"][:8]) for element in found] == [
        ("product", "product-"),
        ("service", "service-"),
    ]
    assert (found[1]["price"], found[1]["values"]["duration"], found[1]["stock"]) == ("60.00", "2", "")
    # A line without the columns of work still takes them from the sheet; its unit of time is not typed.
    line = {"catalog": f"service-{fitting.pk}", "quantity": "3", "duration_type": "hour"}
    browser.post(url(Quotation, "add"), new_form(browser, customer, line))
    (made,) = documents(owner.team, "quotation")
    assert (made.total_ht, made.total_duration_hour, made.workforce_costs) == (180, 42, 840)
    page = browser.get(url(Quotation, "change", made.pk)).content.decode()
    assert 'data-sells="service"' in page
    assert f'value="service-{fitting.pk}"' in page


@pytest.fixture
def window(owner: TeamUser, customer: Customer) -> Product:
    """A window in two sizes, cheaper for the customer and by quantity."""
    with team_scope(owner.team, owner):
        rows = [
            {"level1": "Small", "reference": "W-S", "stock_theoretical_quantity": Decimal(5)},
            {"level1": "Large", "unit_price_ht": Decimal(20)},
        ]
        tiers = [{"minimum": 10, "maximum": None, "price": Decimal(7)}]
        return create_product(
            {
                "reference": "W",
                "name": "Window",
                "unit_price_ht": Decimal(12),
                "with_stock": True,
                "variation_level1": "Size",
                "variations": rows,
                "custom_price_mode": "quantity",
                "custom_quantity_prices": tiers,
            }
        )


def test_what_a_product_comes_in_is_found_and_sold(browser: Client, owner: TeamUser, window: Product) -> None:
    found = browser.get(url(Quotation, "catalog"), {"q": "window"}).json()["elements"]
    assert [(row["label"], row["price"], row["stock"]) for row in found] == [
        ("W – Window", "12.00", "theoretical stock 5"),
        ("W-S – Window, Small", "12.00", "theoretical stock 5"),
        ("W – Window, Large", "20.00", "theoretical stock 0"),
    ]
    assert browser.get(url(Quotation, "catalog"), {"q": "w-s"}).json()["elements"] == found
    values = {**found[2]["values"], "quantity": "2", "kind": "item"}
    with team_scope(owner.team):
        customer = new_customer()
    browser.post(url(Quotation, "add"), new_form(browser, customer, values))
    (made,) = documents(owner.team, "quotation")
    with team_scope(owner.team):
        (line,) = made.contents.select_related("variation__level1")
        assert (line.variation.label, line.total_ht, line.designation) == ("Large", 40, "Window – Large")
    page = browser.get(url(Quotation, "change", made.pk)).content.decode()
    assert f'value="product-{window.pk}-{line.variation_id}"' in page


def test_a_price_of_the_catalog_follows_the_quantity_until_it_is_typed(
    browser: Client, owner: TeamUser, window: Product, customer: Customer
) -> None:
    (found, *_rows) = browser.get(url(Quotation, "catalog"), {"q": "window"}).json()["elements"]
    line = {**found["values"], "kind": "item", "quantity": "10"}
    answer = browser.post(url(Quotation, "new_totals"), line_data(line)).json()
    assert (answer["prices"], answer["lines"]) == ({"contents-0": "7.00"}, {"contents-0": "70.00"})
    answer = browser.post(url(Quotation, "new_totals"), line_data({**line, "unit_price": "13"})).json()
    assert (answer["prices"], answer["lines"]) == ({}, {"contents-0": "130.00"})

    browser.post(url(Quotation, "add"), new_form(browser, customer, line))
    (made,) = documents(owner.team, "quotation")
    address = url(Quotation, "change", made.pk)

    def save(**typed: Any) -> Decimal:
        response = browser.get(address)
        [stored] = stored_lines(response)
        data = {**form_data(response), **line_data({**stored, **typed})}
        assert browser.post(address, data).status_code == 302
        with team_scope(owner.team):
            return made.contents.get().unit_price_ht

    assert save(quantity="2") == 12
    assert save(unit_price="11", quantity="3") == 11
    assert save(quantity="30") == 11


def test_a_code_of_the_catalog_that_means_nothing_is_refused(
    browser: Client, customer: Customer, window: Product
) -> None:
    for code in ("service-987654321", "service-", "user-1", "7", f"product-{window.pk}-987654321"):
        answer = browser.post(url(Quotation, "new_totals"), line_data({"catalog": code})).json()
        assert answer["errors"] == {"contents-0-catalog": "This element of the catalog does not exist."}


@pytest.mark.parametrize(
    ("option", "open_on"),
    [
        ({"workforce_entries": 0}, None),
        ({"workforce_entries": 1}, ("empty",)),
        ({"workforce_entries": 2}, ("service",)),
        ({"workforce_entries": 3}, ("product", "service")),
        ({"workforce_entries": 4}, ("empty", "service")),
        ({"workforce_entries": 5}, ("empty", "product", "service")),
        ({"costs_entries": 2}, ("product",)),
        ({"costs_entries": 3}, ("product", "service")),
        ({"costs_entries": 4}, ("empty", "product")),
        ({"costs_entries": 5}, ("empty", "product", "service")),
    ],
)
def test_options_open_inputs_on_some_lines(option: dict[str, int], open_on: tuple[str, ...] | None) -> None:
    name = "duration" if "workforce_entries" in option else "catalog_costs_u"
    columns = columns_of(Document(secondary_quantity_mode="disable"), option)
    found = [column.open_on for column in columns if name in column.names]
    assert found == ([] if open_on is None else [open_on])


# --- Teams are apart, levels are obeyed ------------------------------------------------------------

#: Every page about one document: (name, arguments, method).
PAGES = (
    ("change", (), "get"),
    ("totals", (), "post"),
    ("validate", (), "get"),
    ("validate", (), "post"),
    ("status", (), "post"),
    ("make", ("bill",), "get"),
    ("make", ("bill",), "post"),
    ("pdf", (), "get"),
    ("pdf_file", (), "get"),
    ("version", (1,), "get"),
    ("picture", (1,), "get"),
)


@pytest.mark.parametrize(("name", "args", "method"), PAGES)
@pytest.mark.parametrize("is_draft", [True, False])
def test_another_teams_document_does_not_exist(
    browser: Client, stranger: TeamUser, name: str, args: tuple[Any, ...], method: str, is_draft: bool
) -> None:
    row = now(document(stranger, is_draft=is_draft))
    sent = {"status": "3", "_make": "1", "state_of_affair": "1-1", "state": "draft", "date": "2026-01-01"}
    answer = getattr(browser, method)(page(row, name, *args), sent)
    assert answer.status_code == (302 if name == "change" else 404)
    assert answer.headers.get("Location", "/admin/") == "/admin/"
    after = now(row)
    assert (after.is_draft, after.status, after.updated_at) == (row.is_draft, row.status, row.updated_at)
    assert documents(stranger.team, "invoice") == []


def test_another_teams_customer_and_products_are_not_offered(browser: Client, stranger: TeamUser) -> None:
    with team_scope(stranger.team, stranger):
        rate = VatRate.objects.get(use_default=True)
        product = create_product(
            {"reference": "W-1", "name": "Window", "unit_price_ht": Decimal(1), "vat_rate": rate}
        )
        foreign = new_customer()
    assert browser.get(url(Quotation, "defaults"), {"customer": foreign.pk}).status_code == 404
    assert browser.get(url(Quotation, "catalog"), {"q": "window"}).json() == {"elements": []}
    answer = browser.post(
        url(Quotation, "new_totals"), line_data({"catalog": f"product-{product.pk}"})
    ).json()
    assert answer["errors"] == {"contents-0-catalog": "This element of the catalog does not exist."}
    answer = browser.post(
        url(Quotation, "new_totals"), {"customer": foreign.pk, **line_data({"designation": "x"})}
    ).json()
    assert "Acier" not in str(answer)


def test_another_teams_line_cannot_be_taken_over(
    browser: Client, customer: Customer, stranger: TeamUser, team: Team
) -> None:
    row = document(stranger)
    with team_scope(stranger.team):
        content = row.contents.first().affair_content_id
    answer = browser.post(
        url(Quotation, "add"), new_form(browser, customer, {"designation": "x", "affair_content": content})
    )
    assert answer.status_code == 200
    assert answer.context["form"].lines.forms[0].row_errors == [
        f"This document has no such line, or the line is named twice: {content}."
    ]
    assert documents(team, "quotation") == []


@pytest.mark.parametrize(
    ("name", "args", "method", "least"),
    [
        ("totals", (), "post", 3),
        ("validate", (), "get", 3),
        ("validate", (), "post", 3),
        ("status", (), "post", 3),
        ("make", ("command",), "get", 1),
        ("pdf", (), "get", 1),
        ("pdf_file", (), "get", 1),
        ("version", (1,), "get", 1),
    ],
)
@pytest.mark.parametrize("level", range(5))
def test_levels_rule_every_page(
    owner: TeamUser,
    make_member: Callable[..., TeamUser],
    name: str,
    args: Any,
    method: str,
    least: int,
    level: int,
) -> None:
    row = document(owner, is_draft=name == "validate")
    member = make_member(**{"sales-quotation": level, "sales-command": 2, "sales-limitation": 1})
    answer = getattr(signed_in(member), method)(page(row, name, *args), {"status": "3"})
    assert (answer.status_code == 403) is (level < least)


@pytest.mark.parametrize(
    ("name", "method"), [("new_totals", "post"), ("defaults", "get"), ("catalog", "get")]
)
@pytest.mark.parametrize("level", [0, 1, 2])
def test_helping_pages_are_for_those_who_write(
    make_member: Callable[..., TeamUser], name: str, method: str, level: int
) -> None:
    client = signed_in(make_member(**{"sales-quotation": level}))
    assert (getattr(client, method)(url(Quotation, name)).status_code == 403) is (level < 2)


def test_own_documents_only_under_the_limitation(
    owner: TeamUser, make_member: Callable[..., TeamUser]
) -> None:
    row = document(owner)
    client = signed_in(make_member(**{"sales-quotation": 4, "sales-limitation": 0}))
    assert client.get(page(row, "pdf_file")).status_code == 404
    assert client.get(url(Quotation, "changelist")).context["cl"].result_count == 0


# --- The first page --------------------------------------------------------------------------------


def tiles(client: Client) -> dict[str, dict[str, Any]]:
    return {tile["label"]: tile for tile in client.get("/admin/").context["tiles"]}


def test_the_first_page_counts_what_waits(browser: Client, owner: TeamUser) -> None:
    document(owner, "invoice", is_draft=True)
    document(owner, "command")
    document(owner, expire_at=datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=2))
    found = tiles(browser)
    assert found["Draft invoices"]["value"] == "299.99\u00a0€"
    assert found["Orders to bill"]["value"] == "349.99\u00a0€"
    assert found["Orders to deliver"]["value"] == 1
    assert found["Quotations to chase"]["note"] == "1 document"
    for label in ("Draft invoices", "Orders to bill", "Orders to deliver", "Quotations to chase"):
        assert browser.get(found[label]["link"]).context["cl"].result_count == 1


def test_turnover_is_what_was_billed_less_credits(browser: Client, owner: TeamUser) -> None:
    row = document(owner, "invoice")
    with team_scope(owner.team, owner):
        credit = services.convert(row, "cancel", {"amount": Decimal("11.99"), "is_draft": False})
    assert credit.total_ht > 10
    assert tiles(browser)["Turnover of the month"]["value"] == f"{row.total_ht - credit.total_ht}\u00a0€"


def test_the_first_page_is_about_one_team(browser: Client, stranger: TeamUser) -> None:
    document(stranger, "invoice", is_draft=True)
    assert tiles(browser)["Draft invoices"]["value"] == "0.00\u00a0€"


def test_the_first_page_shows_only_what_may_be_read(make_member: Callable[..., TeamUser]) -> None:
    levels = {f"sales-{kind}": 0 for kind in Kind} | {"sales-quotation": 1, "charges": 0}
    assert list(tiles(signed_in(make_member(**levels)))) == ["Quotations to chase"]


def test_the_first_page_costs_the_same_whatever_there_is(browser: Client, owner: TeamUser) -> None:
    counts = []
    for _round in range(2):
        document(owner, "invoice"), document(owner, "command"), document(owner)
        browser.get("/admin/")
        with CaptureQueriesContext(connection) as queries:
            browser.get("/admin/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
