"""Orders to suppliers in the browser: made with their lines, marked as ordered, received, printed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from erp.catalog.models import CommandStatus, Product, ProviderCommand, StockMovement
from erp.catalog.services import create_provider_command
from erp.core.scope import team_scope
from erp.customers.models import Customer
from tenants.models import Team, TeamUser
from tests.admin.pages import form_data, messages_of, signed_in, url
from tests.catalog.recipes import rate, supplier
from tests.factories import make


@pytest.fixture
def browser(owner: TeamUser) -> Client:
    return signed_in(owner)


@pytest.fixture
def screw(team: Team, product: Callable[..., Product]) -> Product:
    with team_scope(team):
        return product("SCREW", with_stock=True, unit_buy_price_ht=Decimal("1.50"), vat_rate=rate())


@pytest.fixture
def command(team: Team, screw: Product) -> ProviderCommand:
    """A draft of ten screws and five nails."""
    with team_scope(team):
        lines = [
            {"product": screw, "quantity": Decimal(10)},
            {"designation": "<p>Nails</p>", "reference": "N1", "quantity": Decimal(5), "vat_rate": rate()},
        ]
        return create_provider_command({"provider": supplier(), "contents": lines})


def now(command: ProviderCommand, team: Team) -> ProviderCommand:
    with team_scope(team):
        return ProviderCommand.objects.get(pk=command.pk)


def button(command: ProviderCommand, name: str) -> str:
    return reverse(f"admin:catalog_providercommand_{name}", args=[command.pk])


def test_a_new_order_starts_as_the_team_wants_and_takes_lines_from_products(
    browser: Client, team: Team, screw: Product
) -> None:
    team.configs = {
        **team.configs,
        "provider_command_default_status": 1,
        "provider_command_delivery_address_town": "Lyon",
        "provider_command_units": True,
    }
    team.save()
    with team_scope(team):
        provider = supplier()
    form = browser.get(url(ProviderCommand, "add"))
    data = form_data(form)
    assert (data["status"], data["town"]) == (["2"], "Lyon")
    assert "show_units" not in data
    line = {"contents-0-product": screw.pk, "contents-0-quantity": "4"}
    answer = browser.post(url(ProviderCommand, "add"), data | {"provider": provider.pk} | line, follow=True)
    assert answer.status_code == 200
    with team_scope(team):
        made = ProviderCommand.objects.get()
        [row] = made.contents.all()
    assert (made.reference, made.status, made.town) == ("BCF00001", CommandStatus.WAITING, "Lyon")
    assert (row.designation, row.reference, row.unit_price_ht, row.total_ht) == (
        "Screw",
        "SCREW",
        Decimal("1.50"),
        Decimal("6.00"),
    )


def test_a_refusal_shows_on_its_line(browser: Client, team: Team, command: ProviderCommand) -> None:
    data = form_data(browser.get(url(ProviderCommand, "change", command.pk)))
    answer = browser.post(
        url(ProviderCommand, "change", command.pk), data | {"contents-0-delivered_quantity": "11"}
    )
    [formset] = [inline.formset for inline in answer.context["inline_admin_formsets"]]
    assert list(formset.forms[0].errors) == ["delivered_quantity"]
    assert now(command, team).status == CommandStatus.DRAFT


def test_lines_are_edited_with_the_order(browser: Client, team: Team, command: ProviderCommand) -> None:
    data = form_data(browser.get(url(ProviderCommand, "change", command.pk)))
    changes = {"title": "For the workshop", "contents-0-quantity": "12", "contents-1-DELETE": "on"}
    browser.post(url(ProviderCommand, "change", command.pk), data | changes)
    with team_scope(team):
        after = ProviderCommand.objects.get(pk=command.pk)
        assert [row.quantity for row in after.contents.all()] == [12]
    assert (after.title, after.total_ht) == ("For the workshop", Decimal("18.00"))


def test_goods_are_received_line_by_line(browser: Client, team: Team, command: ProviderCommand) -> None:
    with team_scope(team):
        first, second = command.contents.all()
    page = browser.get(button(command, "receive"))
    fields = page.context["form"].fields
    assert [field.label for field in fields.values()] == [
        "SCREW Screw – 10 of 10 remain",
        "N1 Nails – 5 of 5 remain",
    ]
    answer = browser.post(
        button(command, "receive"), {f"line_{first.pk}": "4", f"line_{second.pk}": ""}, follow=True
    )
    assert messages_of(answer) == ["What arrived was entered."]
    assert now(command, team).status == CommandStatus.PARTLY
    with team_scope(team):
        assert StockMovement.objects.get(kind="real").quantity == 4
    refused = browser.post(button(command, "receive"), {f"line_{first.pk}": "7"})
    assert refused.context["form"].errors == {f"line_{first.pk}": ["Only 6 remain to be delivered."]}
    browser.post(button(command, "receive"), {f"line_{first.pk}": "6", f"line_{second.pk}": "5"})
    assert now(command, team).status == CommandStatus.DELIVERED


def test_receiving_nothing_says_so(browser: Client, command: ProviderCommand) -> None:
    answer = browser.post(button(command, "receive"), {"something": "else"})
    assert answer.context["form"].non_field_errors() == ["Say what arrived."]


def test_a_draft_is_marked_as_ordered(browser: Client, team: Team, command: ProviderCommand) -> None:
    assert "The order waits" in browser.get(button(command, "mark_ordered")).content.decode()
    browser.post(button(command, "mark_ordered"))
    assert now(command, team).status == CommandStatus.WAITING
    again = browser.post(button(command, "mark_ordered"), follow=True)
    assert messages_of(again)[-1] == "This order is no draft any more."


def test_the_page_is_shown_as_a_pdf(browser: Client, command: ProviderCommand) -> None:
    answer = browser.get(button(command, "see_pdf"))
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert 'filename="BCF00001.pdf"' in answer["Content-Disposition"]


def test_the_list_says_how_much_arrived(browser: Client, team: Team, command: ProviderCommand) -> None:
    with team_scope(team):
        first = command.contents.all()[0]
    browser.post(button(command, "receive"), {f"line_{first.pk}": "3"})
    page = browser.get(url(ProviderCommand, "changelist")).content.decode()
    assert "20 %" in page
    assert "Partially delivered" in page


def test_only_suppliers_are_offered(browser: Client, team: Team) -> None:
    with team_scope(team):
        make(Customer, company_name="Buyer", is_customer=True)
        make(Customer, company_name="Builder", is_provider=True)
    query = {"app_label": "catalog", "model_name": "providercommand", "field_name": "provider", "term": "Bu"}
    answer = browser.get(reverse("admin:autocomplete"), query).json()
    assert [item["text"] for item in answer["results"]] == ["Builder"]


def test_levels_rule_the_buttons(make_member: Callable[..., TeamUser], command: ProviderCommand) -> None:
    reader = signed_in(make_member(provider=1))
    page: Any = reader.get(url(ProviderCommand, "change", command.pk))
    assert page.status_code == 200
    assert button(command, "receive") not in page.content.decode()
    assert reader.get(button(command, "see_pdf")).status_code == 200
    assert reader.post(button(command, "receive"), {}).status_code == 403
    assert reader.post(button(command, "mark_ordered")).status_code == 403
