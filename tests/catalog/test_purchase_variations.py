"""Products that come in variations are ordered, received, counted and checked by variation."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from erp.catalog.models import Product, ProductVariation, ProviderReference
from erp.catalog.services import create_provider_command, receive, stock_drifts, update_provider_command
from erp.core import services as core
from erp.core.errors import Invalid
from erp.core.scope import team_scope
from tenants.models import Team, TeamUser
from tests.admin.pages import signed_in
from tests.catalog.recipes import rate, supplier
from tests.conftest import ApiClient


@pytest.fixture
def glove(team: Team, product: Callable[..., Product]) -> Product:
    """A glove in two sizes; the large one has a reference and a price of its own."""
    rows = [
        {"level1": "Small"},
        {"level1": "Large", "provider_reference": "GL-L", "buy_price_ht": Decimal("7.50")},
    ]
    return product(
        "GLOVE",
        with_stock=True,
        unit_buy_price_ht=Decimal(6),
        variation_level1="Size",
        variations=rows,
    )


def sizes(team: Team, glove: Product) -> tuple[ProductVariation, ProductVariation]:
    with team_scope(team):
        small, large = ProductVariation.objects.filter(product=glove).order_by("position")
    return small, large


def test_a_variation_is_ordered_and_received(scope: Team, glove: Product) -> None:
    small, large = sizes(scope, glove)
    line = {"product": glove, "quantity": Decimal(10), "vat_rate": rate()}
    command = create_provider_command(
        {"provider": supplier(), "contents": [{**line, "variation": small}, {**line, "variation": large}]}
    )
    rows = list(command.contents.all())
    assert [(row.reference, row.designation, row.unit_price_ht) for row in rows] == [
        ("GLOVE", "Glove – Small", 6),
        ("GL-L", "Glove – Large", Decimal("7.5")),
    ]
    receive(command, [{"id": rows[1], "delivered_quantity": Decimal(4)}])
    small, large = sizes(scope, glove)
    assert (small.stock_quantity, large.stock_quantity) == (0, 4)
    assert Product.objects.get(pk=glove.pk).stock_quantity == 4
    assert list(stock_drifts()) == []
    with pytest.raises(Invalid) as refusal:
        update_provider_command(
            command, {"contents": [{"id": rows[0].pk}, {"id": rows[1].pk, "variation": small}]}
        )
    assert list(refusal.value.errors) == ["contents.1.variation"]


def test_the_variation_must_be_said_and_be_one_of_the_product(
    scope: Team, glove: Product, product: Callable[..., Product]
) -> None:
    small, _large = sizes(scope, glove)
    for values in ({"product": glove}, {"product": product(), "variation": small}, {"variation": small}):
        row = {"designation": "Gloves", "quantity": Decimal(1), "vat_rate": rate(), **values}
        with pytest.raises(Invalid) as refusal:
            create_provider_command({"provider": supplier(), "contents": [row]})
        assert list(refusal.value.errors) == ["contents.0.variation"]


def test_the_supplier_s_own_reference_and_price_come_first(
    scope: Team, product: Callable[..., Product]
) -> None:
    provider, screw = supplier(), product("SCREW", unit_buy_price_ht=Decimal(6))
    values = {"product": screw, "customer": provider, "reference": "S-4471", "buy_price_ht": Decimal("5.40")}
    core.create(ProviderReference, values)
    line = {"product": screw, "quantity": Decimal(1), "vat_rate": rate()}
    for buyer, expected in ((provider, ("S-4471", Decimal("5.40"))), (supplier(), ("SCREW", 6))):
        row = create_provider_command({"provider": buyer, "contents": [line]}).contents.get()
        assert (row.reference, row.unit_price_ht) == expected


def test_the_api_answers_the_variation(api: ApiClient, team: Team, glove: Product) -> None:
    small, _large = sizes(team, glove)
    made = api.post("/catalog/movement", {"product": glove.pk, "variation": small.pk, "quantity": 3}).json()
    assert (made["variation_id"], made["product_id"]) == (small.pk, glove.pk)
    refused = api.post("/catalog/movement", {"product": glove.pk, "quantity": 3})
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["variation"])
    found = api.get("/catalog/movement", **{"filter[variation]": small.pk, "include": "variation"}).json()
    assert [row["variation"]["id"] for row in found["datas"]] == [small.pk]


def test_a_variation_that_drifted_is_found_and_set_right(team: Team, glove: Product) -> None:
    small, _large = sizes(team, glove)
    with team_scope(team):
        ProductVariation.objects.filter(pk=small.pk).update(stock_quantity=Decimal(9))
    output = StringIO()
    with pytest.raises(CommandError):
        call_command("check_stock", stdout=output, stderr=StringIO())
    assert f"productvariation {small.pk} (GLOVE – Glove – Small), real: shows 9.00000" in output.getvalue()
    call_command("check_stock", "--fix", stdout=output, stderr=StringIO())
    assert sizes(team, glove)[0].stock_quantity == 0


def test_stock_is_counted_by_variation_in_the_admin(team: Team, owner: TeamUser, glove: Product) -> None:
    _small, large = sizes(team, glove)
    browser, page = signed_in(owner), reverse("admin:catalog_product_adjust_stock", args=[glove.pk])
    typed = {"operation": "count", "kind": "real", "quantity": "7", "comment": ""}
    assert list(browser.post(page, typed).context["form"].errors) == ["variation"]
    browser.post(page, {**typed, "variation": large.pk})
    assert [row.stock_quantity for row in sizes(team, glove)] == [0, 7]
