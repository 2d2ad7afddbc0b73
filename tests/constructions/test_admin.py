"""Worksites and planifications in the admin."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from erp.catalog.models import Product, Service
from erp.constructions import services
from erp.constructions.models import Construction, ConstructionContent
from tests.admin.pages import form_data, signed_in
from tests.factories import make


@pytest.fixture
def browser(scope: Any, owner: Any) -> Client:
    return signed_in(owner)


@pytest.fixture
def site(scope: Any) -> Construction:
    return make(Construction, title="Toiture")


def path(row: Construction) -> str:
    return f"/admin/constructions/construction/{row.pk}/change/"


def line(**values: Any) -> dict[str, Any]:
    """One piece of work, as the page sends it."""
    return {"contents-TOTAL_FORMS": 1, **{f"contents-0-{name}": value for name, value in values.items()}}


@pytest.mark.parametrize("model", [Service, Product])
def test_work_takes_its_words_from_the_catalog(browser: Client, site: Construction, model: Any) -> None:
    element = make(model, name="Pose de tuiles", designation="")
    body = form_data(browser.get(path(site)))
    chosen = line(quantity="2", **{model._meta.model_name: element.pk})
    page = browser.post(path(site), body | chosen)
    assert page.status_code == 302, [item.formset.errors for item in page.context["inline_admin_formsets"]]
    content = ConstructionContent.objects.get(construction=site)
    assert (content.designation, content.quantity) == ("Pose de tuiles", 2)


def test_the_time_of_work_left_empty_is_the_services(browser: Client, site: Construction) -> None:
    service = make(Service, duration=Decimal(2), duration_type="day", number_people_needed=3)
    add = browser.get(path(site))
    [formset] = [
        item.formset for item in add.context["inline_admin_formsets"] if item.formset.prefix == "contents"
    ]
    # What a browser sends of a list when nothing is chosen: its first option.
    first = formset.empty_form.fields["duration_type"].choices[0][0]
    chosen = line(quantity="1", service=service.pk, designation="Roof", duration_type=first)
    assert browser.post(path(site), form_data(add) | chosen).status_code == 302
    content = ConstructionContent.objects.get(construction=site)
    assert (content.duration, content.duration_type, content.number_people_needed) == (2, "day", 3)


def test_work_without_words_is_refused_at_its_line(browser: Client, site: Construction) -> None:
    page = browser.post(path(site), form_data(browser.get(path(site))) | line(quantity="2"))
    assert page.status_code == 200
    [formset] = [
        item.formset for item in page.context["inline_admin_formsets"] if item.formset.prefix == "contents"
    ]
    assert "designation" in formset.forms[0].errors


def test_quantities_are_shown_without_useless_zeros(browser: Client, site: Construction) -> None:
    contents = [
        {"designation": "Roof", "quantity": Decimal(20), "duration": Decimal("2.5")},
    ]
    services.update_construction(site, {"contents": contents})
    body = form_data(browser.get(path(site)))
    assert (str(body["contents-0-quantity"]), str(body["contents-0-duration"])) == ("20", "2.5")
