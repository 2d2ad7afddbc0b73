"""The pages of services: what people see and do."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from erp.catalog.models import Product, Service, ServiceProduct
from erp.catalog.services import create_service
from erp.core.scope import team_scope
from tenants.models import Team, TeamUser
from tests.admin.pages import form_data, signed_in, url

Make = Callable[..., Product]


@pytest.fixture
def browser(owner: TeamUser) -> Client:
    return signed_in(owner)


def service_of(team: Team, **values: Any) -> Service:
    with team_scope(team):
        return create_service({"reference": "S1", "name": "Fitting", **values})


def fresh(team: Team, **values: Any) -> Service:
    """A service as it is in the database now."""
    with team_scope(team):
        return Service.objects.get(**values)


def add(browser: Client, **values: Any) -> Any:
    """Fill in the form for a new service as a browser would, and send it."""
    page = browser.get(url(Service, "add"))
    return browser.post(url(Service, "add"), {**form_data(page), **values}, follow=True)


def change(browser: Client, service: Service, **values: Any) -> Any:
    """Change the form of a service as a browser would, and send it."""
    address = url(Service, "change", service.pk)
    return browser.post(address, {**form_data(browser.get(address)), **values}, follow=True)


def rows(*needs: tuple[Product, str]) -> dict[str, Any]:
    """What the grid of needed products sends for new rows."""
    data: dict[str, Any] = {"needs-TOTAL_FORMS": len(needs), "needs-INITIAL_FORMS": 0}
    for number, (product, quantity) in enumerate(needs):
        data |= {f"needs-{number}-product": product.pk, f"needs-{number}-quantity": quantity}
    return data


def test_a_service_is_created_with_what_it_needs(browser: Client, team: Team, product: Make) -> None:
    with team_scope(team):
        team.configs = {**team.configs, "average_hourly_person_cost": "25"}
        team.save()
    screw, plate = product("SCREW", unit_buy_price_ht=Decimal(1)), product("PLATE")
    add(
        browser,
        name="Fitting",
        unit_price_ttc="240",
        duration="2",
        number_people_needed="2",
        **rows((screw, "10"), (plate, "0.5")),
    )
    fitting = fresh(team, name="Fitting")
    assert (fitting.reference, fitting.unit_price_ht) == ("SERV00001", 200)
    assert (fitting.hourly_person_cost, fitting.workforce_costs, fitting.products_costs) == (25, 100, 10)
    assert (fitting.workforce_costs_typed, fitting.products_costs_typed) == (False, False)
    with team_scope(team):
        needs = ServiceProduct.objects.filter(service=fitting)
        assert [(need.product, need.quantity) for need in needs] == [(screw, 10), (plate, Decimal("0.5"))]


def test_needed_products_are_changed_on_the_page(browser: Client, team: Team, product: Make) -> None:
    screw, plate = product("SCREW", unit_buy_price_ht=Decimal(1)), product("PLATE")
    fitting = service_of(team, products=[{"product": screw}, {"product": plate}])
    change(browser, fitting, **{"needs-0-quantity": "7", "needs-1-DELETE": "on"})
    assert fresh(team, pk=fitting.pk).products_costs == 7
    with team_scope(team):
        assert ServiceProduct.objects.get(service=fitting).product == screw


def test_a_product_named_twice_is_refused(browser: Client, team: Team, product: Make) -> None:
    screw = product("SCREW")
    add(browser, name="Fitting", **rows((screw, "1"), (screw, "2")))
    with team_scope(team):
        assert not Service.objects.exists()


def test_an_empty_cost_is_computed_and_shown_as_a_hint(browser: Client, team: Team) -> None:
    fitting = service_of(team, duration=Decimal(2), hourly_person_cost=Decimal("12.5"))
    page = browser.get(url(Service, "change", fitting.pk)).content.decode()
    assert 'placeholder="25.00"' in page
    change(browser, fitting, workforce_costs="99")
    assert fresh(team, pk=fitting.pk).workforce_costs == 99
    change(browser, fitting, duration="3")
    assert fresh(team, pk=fitting.pk).workforce_costs == 99
    change(browser, fitting, workforce_costs="")
    assert fresh(team, pk=fitting.pk).workforce_costs == Decimal("37.5")


def test_choosing_technicians_unticks_everyone(browser: Client, team: Team, owner: TeamUser) -> None:
    add(browser, name="Fitting", technicians=[owner.pk], allowed_all_technicians="on")
    fitting = fresh(team, name="Fitting")
    with team_scope(team):
        assert (fitting.allowed_all_technicians, list(fitting.technicians.all())) == (False, [owner])
    change(browser, fitting, allowed_all_technicians="on")
    with team_scope(team):
        assert fresh(team, pk=fitting.pk).technicians.count() == 0


def test_the_list_shows_work_price_and_margin(browser: Client, team: Team) -> None:
    service_of(
        team,
        unit_price_ht=Decimal(1500),
        duration=Decimal("1.5"),
        duration_type="day",
        number_people_needed=2,
        hourly_person_cost=Decimal(50),
    )
    content = browser.get(url(Service, "changelist")).content.decode()
    assert "2 × 1.5 days" in content
    assert "1,500.00" in content
    assert "450.00 (30 %)" in content


def test_queries_of_the_list_do_not_grow(browser: Client, team: Team) -> None:
    browser.get(url(Service, "changelist"))
    counts = []
    for size in (2, 8):
        for number in range(size):
            service_of(team, reference=f"{size}-{number}", unit="Box", sale_category="Works")
        with CaptureQueriesContext(connection) as queries:
            browser.get(url(Service, "changelist"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_another_team_s_product_is_not_offered(browser: Client, team: Team, other_product: Product) -> None:
    response = add(browser, name="Fitting", **rows((other_product, "1")))
    assert response.context["inline_admin_formsets"][0].formset.forms[0].errors.keys() == {"product"}
    with team_scope(team):
        assert not Service.objects.exists()


def test_levels_are_obeyed(team: Team, make_member: Callable[..., TeamUser]) -> None:
    fitting = service_of(team)
    reader = signed_in(make_member(catalog_services=1))
    assert reader.get(url(Service, "change", fitting.pk)).status_code == 200
    assert reader.get(url(Service, "add")).status_code == 403
    assert reader.post(url(Service, "change", fitting.pk), {"name": "Mine"}).status_code == 403
    stranger = signed_in(make_member(catalog_services=0))
    assert stranger.get(url(Service, "changelist")).status_code == 403
