"""The demonstration company: made once, in all states of business, and safe to ask for again."""

from __future__ import annotations

import io
import re

import pytest
from django.core.management import call_command

from erp.catalog import demo as catalog_demo
from erp.catalog.models import CommandStatus, Product, ProviderCommand, Service
from erp.charges.choices import ChargeStatus, ChargeType
from erp.charges.models import Charge
from erp.core.scope import team_scope
from erp.customers.models import Customer
from erp.sales import demo
from erp.sales.choices import Kind
from erp.sales.management.commands import seed_demo
from erp.sales.models import Document
from tenants.authentication import hash_secret
from tenants.models import ApiKey, Team, TeamUser, User
from tests.conftest import ApiClient

DAYS, CUSTOMERS = 40, 12


@pytest.fixture(autouse=True)
def _small(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty days of business with twelve customers."""
    monkeypatch.setattr(demo, "DAYS", DAYS)
    for module in (demo, seed_demo):
        monkeypatch.setattr(module, "CUSTOMERS", CUSTOMERS)


def run() -> str:
    """What `manage.py seed_demo` prints."""
    out = io.StringIO()
    call_command("seed_demo", stdout=out, stderr=io.StringIO())
    return out.getvalue()


def key_in(text: str) -> str:
    """The API key that the command printed."""
    found = re.search(r"^API key: (\S+)$", text, re.MULTILINE)
    assert found
    return found[1]


def counts(team: Team) -> dict[str, int]:
    """How many rows of each kind the company has."""
    with team_scope(team):
        kinds = {kind.value: Document.objects.filter(kind=kind).count() for kind in Kind}
        return {
            "customers": Customer.objects.filter(is_provider=False).count(),
            "products": Product.objects.count(),
            "works": Service.objects.count(),
            "orders_delivered": ProviderCommand.objects.filter(status=CommandStatus.DELIVERED).count(),
            "orders_waiting": ProviderCommand.objects.exclude(status=CommandStatus.DELIVERED).count(),
            "charges": Charge.objects.filter(type=ChargeType.CHARGE).count(),
            "charges_paid": Charge.objects.filter(status=ChargeStatus.PAID).count(),
            **kinds,
        }


def demo_team() -> Team:
    """The company that the command made."""
    return Team.objects.get(company_name=demo.COMPANY["company_name"], sandbox_of=None)


def test_it_makes_a_company_with_business_in_all_stages() -> None:
    text = run()
    made = counts(demo_team())
    assert made["customers"] == CUSTOMERS
    assert made["products"] == len(demo.PRODUCTS) + len(catalog_demo.VARIED)
    assert made["works"] == len(demo.WORKS)
    with team_scope(demo_team()):
        polo = Product.objects.get(name="Polo de travail")
        assert polo.stock_quantity == sum(row.stock_quantity for row in polo.variations.all()) > 0
        assert Product.objects.exclude(custom_price_mode="").count() >= 3
    assert made[Kind.QUOTATION] > made[Kind.COMMAND] > 0
    assert made[Kind.INVOICE] > 0
    assert (made["orders_delivered"], made["orders_waiting"]) == (3, 3)
    assert made["charges"] > made["charges_paid"] > 0
    assert f"Login: {seed_demo.EMAIL}  password: {seed_demo.PASSWORD}" in text
    settings = ApiClient(key_in(text)).put("/team", {"fax": "+33 4 72 00 00 01"})
    assert settings.status_code == 200, settings.content


def test_a_second_run_changes_nothing_but_gives_a_new_key() -> None:
    first = key_in(run())
    team = demo_team()
    before = counts(team)
    second = key_in(run())
    assert counts(team) == before
    assert second != first
    with team_scope(team):
        assert ApiKey.objects.filter(hashed__in=[hash_secret(first), hash_secret(second)]).count() == 2


def test_a_company_that_was_renamed_is_found_again() -> None:
    key = key_in(run())
    team, before = demo_team(), Team.objects.count()
    assert ApiClient(key).put("/team", {"company_name": "Chez Dominique"}).status_code == 200
    with team_scope(team):
        member = TeamUser.objects.select_related("user").get()
        second = User.objects.create_user("second@example.org")
        TeamUser.objects.create(user=second, is_owner=True)
    member.user.set_password("another long phrase")
    member.user.save()
    text = run()
    assert Team.objects.count() == before
    assert ApiClient(key_in(text)).get("/user").json()["email"] == seed_demo.EMAIL
    assert seed_demo.PASSWORD not in text
