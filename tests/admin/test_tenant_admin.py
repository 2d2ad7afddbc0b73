"""The base of the admin: what TenantAdmin promises to every chapter."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from erp.core.scope import team_scope
from erp.various.models import BankAccount, SaleCategory, SaleCategoryAccount, Tag, Unit, VatRate
from tenants.models import Team, TeamUser
from tests.admin.pages import form_data, messages_of, signed_in, url
from tests.factories import make

pytestmark = pytest.mark.usefixtures("demo_site")


@pytest.fixture
def unit(team: Team) -> Unit:
    with team_scope(team):
        return make(Unit, label="Pallet")


@pytest.fixture
def foreign(other_team: Team) -> dict[str, Any]:
    """Rows of the other team."""
    with team_scope(other_team):
        return {
            "unit": make(Unit, label="Zorgblub"),
            "category": make(SaleCategory, label="Zorgblub"),
            "rate": make(VatRate, label="Zorgblub", rate=13),
        }


def fresh(row: Any) -> Any:
    """The row as it is in the database now."""
    with team_scope(row.team):
        return type(row).all_objects.get(pk=row.pk)


# --- Saving goes through the services --------------------------------------------------------------


def test_a_row_is_created_in_the_active_team(browser: Client, team: Team) -> None:
    response = browser.post(url(Unit, "add"), {"label": "Pallet"})
    assert response.status_code == 302
    with team_scope(team):
        assert Unit.objects.filter(label="Pallet").count() == 1


def test_only_what_was_edited_reaches_the_service(
    browser: Client, unit: Unit, monkeypatch: Any, demo_site: Any
) -> None:
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr(
        demo_site.get_model_admin(Unit), "update_row", lambda row, values: seen.append(values)
    )
    data = form_data(browser.get(url(Unit, "change", unit.pk)))
    browser.post(url(Unit, "change", unit.pk), data)
    browser.post(url(Unit, "change", unit.pk), {**data, "unece_code": "PF"})
    assert seen == [{"unece_code": "PF"}]


def test_a_refusal_shows_beside_its_field_and_writes_nothing(browser: Client, unit: Unit) -> None:
    response = browser.post(url(Unit, "change", unit.pk), {"label": "Refused"})
    assert response.status_code == 200
    assert response.context["adminform"].form.errors == {"label": ["Choose another label."]}
    assert fresh(unit).label == "Pallet"


def test_a_refusal_about_no_field_of_the_form_shows_on_top(browser: Client, team: Team) -> None:
    response = browser.post(url(Unit, "add"), {"label": "Refused", "unece_code": "PF"})
    form = response.context["adminform"].form
    assert form.errors == {"label": ["Choose another label."], "__all__": ["The price is missing."]}
    assert form["unece_code"].value() == "PF"
    with team_scope(team):
        assert not Unit.objects.filter(label="Refused").exists()


def test_two_people_do_not_overwrite_each_other(browser: Client, unit: Unit) -> None:
    page = browser.get(url(Unit, "change", unit.pk))
    seen = re.search(r'name="_seen" value="([^"]+)"', page.content.decode())
    assert seen is not None
    data = {**form_data(page), "_seen": seen[1]}
    browser.post(url(Unit, "change", unit.pk), {**data, "unece_code": "PF"})
    response = browser.post(url(Unit, "change", unit.pk), {**data, "label": "Mine"})
    assert "Somebody else changed this" in response.context["adminform"].form.errors["__all__"][0]
    assert response.context["adminform"].form["label"].value() == "Mine"
    assert (fresh(unit).label, fresh(unit).unece_code) == ("Pallet", "PF")


def test_lines_are_saved_in_the_active_team(browser: Client, team: Team) -> None:
    with team_scope(team):
        category, rate = make(SaleCategory), make(VatRate)
    data = form_data(browser.get(url(SaleCategory, "change", category.pk)))
    data |= {"accounts-TOTAL_FORMS": 1, "accounts-0-vatrate": rate.pk, "accounts-0-account_number": "707"}
    assert browser.post(url(SaleCategory, "change", category.pk), data).status_code == 302
    with team_scope(team):
        assert [line.account_number for line in category.accounts.all()] == ["707"]


def test_a_refused_line_shows_its_error_and_writes_nothing(browser: Client, team: Team) -> None:
    with team_scope(team):
        line = make(SaleCategoryAccount, account_number="701")
    data = form_data(browser.get(url(SaleCategory, "change", line.category_id)))
    data |= {
        "accounts-TOTAL_FORMS": 2,
        "accounts-1-vatrate": line.vatrate_id,
        "accounts-1-account_number": "702",
    }
    response = browser.post(url(SaleCategory, "change", line.category_id), {**data, "label": "Changed"})
    assert response.status_code == 200
    formset = response.context["inline_admin_formsets"][0].formset
    assert [bool(errors) for errors in formset.errors] == [False, True]
    assert fresh(line.category).label != "Changed"


def test_a_row_that_must_be_kept_says_why(browser: Client, team: Team) -> None:
    with team_scope(team):
        kept = make(Unit, label="Kept")
    response = browser.post(url(Unit, "delete", kept.pk), {"post": "yes"}, follow=True)
    assert messages_of(response) == ["This unit is used."]
    assert fresh(kept).deleted_at is None


def test_deleting_many_reports_row_by_row(browser: Client, team: Team, unit: Unit) -> None:
    with team_scope(team):
        kept = make(Unit, label="Kept")
    chosen = {"action": "delete_selected", "_selected_action": [kept.pk, unit.pk]}
    confirmation = browser.post(url(Unit, "changelist"), chosen)
    assert "Pallet" in confirmation.content.decode()
    response = browser.post(url(Unit, "changelist"), {**chosen, "post": "yes"}, follow=True)
    assert messages_of(response) == [
        "1 row was deleted.",
        "1 row was refused:<ul><li>Kept: This unit is used.</li></ul>",
    ]
    assert (fresh(unit).deleted_at is None, fresh(kept).deleted_at is None) == (False, True)


def test_a_link_made_earlier_stays_valid_when_its_row_was_deleted(browser: Client, team: Team) -> None:
    with team_scope(team):
        parent = make(SaleCategory, label="Old parent")
        child = make(SaleCategory, parent=parent)
        parent.delete()
    page = browser.get(url(SaleCategory, "change", child.pk))
    assert (
        browser.post(
            url(SaleCategory, "change", child.pk), {**form_data(page), "label": "Renamed"}
        ).status_code
        == 302
    )
    assert (fresh(child).label, fresh(child).parent_id) == ("Renamed", parent.pk)


# --- Buttons ---------------------------------------------------------------------------------------


def test_a_button_asks_on_get_and_acts_on_post(browser: Client, unit: Unit) -> None:
    address = f"/admin/various/unit/{unit.pk}/double/"
    assert b"Double it" in browser.get(address).content
    assert fresh(unit).label == "Pallet"
    assert messages_of(browser.post(address, follow=True)) == ["It was doubled."]
    assert fresh(unit).label == "PalletPallet"


def test_a_button_that_refuses_says_why(browser: Client, team: Team) -> None:
    with team_scope(team):
        kept = make(Unit, label="Kept")
    response = browser.post(f"/admin/various/unit/{kept.pk}/double/", follow=True)
    assert messages_of(response) == ["It cannot be doubled."]


def test_an_impossible_button_is_grey_and_says_why(browser: Client, unit: Unit) -> None:
    page = browser.get(url(Unit, "change", unit.pk)).content.decode()
    grey = re.findall(r'<a href="([^"]+)"[^>]*aria-disabled="true" title="([^"]+)"', page)
    assert grey == [(f"/admin/various/unit/{unit.pk}/halve/", "It is too short.")]
    assert messages_of(browser.post(grey[0][0], follow=True)) == ["It is too short."]
    assert fresh(unit).label == "Pallet"


def test_a_button_needs_its_level(make_member: Callable[..., TeamUser], unit: Unit) -> None:
    reader = signed_in(make_member(manage_list=0))
    assert reader.post(f"/admin/various/unit/{unit.pk}/double/").status_code == 403
    assert b"double/" not in reader.get(url(Unit, "change", unit.pk)).content


def test_a_button_does_not_reach_the_other_team(browser: Client, foreign: dict[str, Any]) -> None:
    address = f"/admin/various/unit/{foreign['unit'].pk}/double/"
    assert browser.post(address).headers["Location"] == "/admin/"
    assert fresh(foreign["unit"]).label == "Zorgblub"


# --- Teams are apart -------------------------------------------------------------------------------


def test_lists_filters_and_choices_name_no_foreign_row(browser: Client, foreign: dict[str, Any]) -> None:
    pages = [
        url(Unit, "changelist"),
        url(Unit, "changelist") + "?q=Zorg",
        url(SaleCategory, "changelist"),
        url(SaleCategory, "changelist") + f"?parent__id__exact={foreign['category'].pk}",
        url(SaleCategory, "changelist") + "?created_at__year=2026",
        url(SaleCategory, "add") + f"?parent={foreign['category'].pk}",
        url(VatRate, "changelist"),
    ]
    for page in pages:
        response = browser.get(page)
        assert (response.status_code, b"Zorgblub" in response.content.replace(b"q=Zorg", b"")) == (
            200,
            False,
        ), page


def test_autocompletion_finds_own_rows_only(browser: Client, foreign: dict[str, Any], team: Team) -> None:
    with team_scope(team):
        own = make(SaleCategory, label="Zorg of ours")
    query = {"app_label": "various", "model_name": "salecategory", "field_name": "parent", "term": "Zorg"}
    results = browser.get("/admin/autocomplete/", query).json()["results"]
    assert results == [{"id": str(own.pk), "text": "Zorg of ours"}]


def test_autocompletion_needs_the_right_to_see(make_member: Callable[..., TeamUser]) -> None:
    blind = signed_in(make_member(catalog_products=0))
    query = {"app_label": "various", "model_name": "salecategory", "field_name": "parent", "term": ""}
    assert blind.get("/admin/autocomplete/", query).status_code == 403


@pytest.mark.parametrize("page", ["change", "delete", "history"])
def test_a_foreign_row_is_unknown(browser: Client, foreign: dict[str, Any], page: str) -> None:
    unknown = browser.get(url(Unit, page, 10**9), follow=True)
    response = browser.get(url(Unit, page, foreign["unit"].pk), follow=True)
    expected = [text.replace(str(10**9), str(foreign["unit"].pk)) for text in messages_of(unknown)]
    assert (response.redirect_chain, messages_of(response)) == (unknown.redirect_chain, expected)
    assert b"Zorgblub" not in response.content


def test_a_foreign_row_cannot_be_written(browser: Client, foreign: dict[str, Any]) -> None:
    key = foreign["unit"].pk
    browser.post(url(Unit, "change", key), {"label": "Stolen"})
    browser.post(url(Unit, "delete", key), {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": [key], "post": "yes"}
    browser.post(url(Unit, "changelist"), chosen)
    browser.post(url(Unit, "changelist"), {**chosen, "select_across": "1"})
    assert (fresh(foreign["unit"]).label, fresh(foreign["unit"]).deleted_at) == ("Zorgblub", None)


def test_a_link_to_a_foreign_row_is_refused(browser: Client, foreign: dict[str, Any], team: Team) -> None:
    response = browser.post(
        url(SaleCategory, "add"),
        {
            "label": "Ours",
            "parent": foreign["category"].pk,
            "accounts-TOTAL_FORMS": 0,
            "accounts-INITIAL_FORMS": 0,
        },
    )
    assert response.context["adminform"].form.errors["parent"] == [
        "Select a valid choice. That choice is not one of the available choices."
    ]
    assert b"Zorgblub" not in response.content


def test_a_line_cannot_point_to_a_foreign_row(browser: Client, foreign: dict[str, Any]) -> None:
    response = browser.post(
        url(SaleCategory, "add"),
        {
            "label": "Ours",
            "accounts-TOTAL_FORMS": 1,
            "accounts-INITIAL_FORMS": 0,
            "accounts-0-vatrate": foreign["rate"].pk,
            "accounts-0-account_number": "707",
        },
    )
    assert "vatrate" in response.context["inline_admin_formsets"][0].formset.errors[0]


def test_a_foreign_line_cannot_be_edited_through_an_own_row(
    browser: Client, team: Team, other_team: Team
) -> None:
    with team_scope(other_team):
        line = make(SaleCategoryAccount, account_number="Zorgblub")
    with team_scope(team):
        category = make(SaleCategory)
    browser.post(
        url(SaleCategory, "change", category.pk),
        {
            "label": "Ours",
            "accounts-TOTAL_FORMS": 1,
            "accounts-INITIAL_FORMS": 1,
            "accounts-0-id": line.pk,
            "accounts-0-category": category.pk,
            "accounts-0-account_number": "stolen",
            "accounts-0-DELETE": "on",
        },
    )
    assert (fresh(line).account_number, fresh(line).deleted_at) == ("Zorgblub", None)


@pytest.mark.parametrize(
    "query",
    ["?team__id__exact=1", "?team_id=1", "?deleted_at__isnull=1", "?parent__account_number__startswith=7"],
)
def test_hidden_columns_cannot_be_probed_by_the_address(browser: Client, query: str) -> None:
    assert browser.get(url(SaleCategory, "changelist") + query).status_code == 400


def test_popups_and_their_keys_are_safe(browser: Client, foreign: dict[str, Any]) -> None:
    assert browser.get(url(Unit, "add") + "?_popup=1&_to_field=id").status_code == 200
    assert browser.get(url(Unit, "add") + "?_popup=1&_to_field=label").status_code == 400
    assert browser.get(url(Unit, "change", foreign["unit"].pk) + "?_popup=1&_to_field=id").status_code == 302


# --- Permissions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "see", "create", "edit", "delete"),
    [
        (0, 403, 403, 403, 403),
        (1, 200, 403, 403, 403),
        (2, 200, 200, 403, 403),
        (3, 200, 200, 302, 403),
        (4, 200, 200, 302, 200),
    ],
)
def test_levels_rule_pages(
    make_member: Callable[..., TeamUser],
    team: Team,
    level: int,
    see: int,
    create: int,
    edit: int,
    delete: int,
) -> None:
    client = signed_in(make_member(catalog_products=level))
    with team_scope(team):
        row = make(SaleCategory)
    data = {"label": "Edited", "accounts-TOTAL_FORMS": 0, "accounts-INITIAL_FORMS": 0}
    assert client.get(url(SaleCategory, "changelist")).status_code == see
    assert client.get(url(SaleCategory, "change", row.pk)).status_code == see
    assert client.get(url(SaleCategory, "history", row.pk)).status_code == see
    assert client.get(url(SaleCategory, "add")).status_code == create
    assert client.post(url(SaleCategory, "change", row.pk), data).status_code == edit
    assert client.get(url(SaleCategory, "delete", row.pk)).status_code == delete
    assert (fresh(row).label == "Edited") is (level >= 3)


def test_lines_are_edited_by_those_who_may_edit_the_row(
    make_member: Callable[..., TeamUser], team: Team
) -> None:
    with team_scope(team):
        line = make(SaleCategoryAccount, account_number="707")
    page = signed_in(make_member(catalog_products=2)).get(url(SaleCategory, "change", line.category_id))
    assert b"707" in page.content
    assert b"accounts-0-account_number" not in page.content


def test_a_page_offers_only_its_verbs(browser: Client, team: Team) -> None:
    with team_scope(team):
        tag = make(Tag)
    assert browser.get(url(Tag, "changelist")).status_code == 200
    assert browser.get(url(Tag, "add")).status_code == 403
    assert browser.post(url(Tag, "change", tag.pk), {"name": "Edited"}).status_code == 403


def test_a_page_without_a_guard_is_closed(browser: Client) -> None:
    assert browser.get(url(BankAccount, "changelist")).status_code == 403


def test_dates_are_shown_and_cannot_be_written(browser: Client, unit: Unit) -> None:
    assert b"Created at" in browser.get(url(Unit, "change", unit.pk)).content
    browser.post(
        url(Unit, "change", unit.pk),
        {"label": "Pallet", "created_at_0": "2001-01-01", "created_at": "2001-01-01"},
    )
    assert fresh(unit).created_at == unit.created_at


def test_inputs_of_a_grid_are_called_as_their_columns(browser: Client, team: Team) -> None:
    with team_scope(team):
        category = make(SaleCategory, label="Works")
    page = browser.get(url(SaleCategory, "change", category.pk)).content.decode()
    inputs = re.findall(r'<(?:input|select)[^>]*name="accounts-__prefix__-(?!id|category)[^"]*"[^>]*>', page)
    assert inputs
    assert all('aria-label="' in tag or 'type="checkbox"' in tag for tag in inputs)
