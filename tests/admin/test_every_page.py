"""Every page of every registered admin: teams are apart, levels are obeyed, forms save what they show."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.forms import ModelChoiceField
from django.test import Client
from django.test.utils import CaptureQueriesContext

from erp.core.admin import TenantAdmin
from erp.core.admin.scoping import VERBS
from erp.core.models import TenantModel
from erp.core.scope import team_scope
from tenants.models import Team, TeamUser
from tenants.navigation import GROUPS
from tenants.permissions import PERMISSIONS
from tests.admin.pages import form_data, signed_in, url
from tests.factories import make
from tests.recipes import gathered

PAGES = sorted(
    (page for page in admin.site._registry.values() if isinstance(page, TenantAdmin)),
    key=lambda page: page.opts.label,
)
#: Rows that only some see: how a team user comes to see them, {"app.Model": function of the row and them}.
SHARES = gathered("SHARES")
TENANT_PAGES = [page for page in PAGES if issubclass(page.model, TenantModel)]

#: English that must not show on a French page: words of buttons, and the small words of any sentence.
ENGLISH = re.compile(
    r"\b(Add|Apply|Cancel|Change|Clear|Close|Company|Customer|Dashboard|Delete|Expand|Filters|History|Home|Invoice"
    r"|Leave|Loading|No results|Order|Quotation|Remove|Reset|Run|Save|Search|Select|Settings|Show|Supplier"
    r"|Test mode"
    r"|Type to|View|Welcome|and|are|by|created|for|from|is|not|of|the|this|to|updated|with|you|your)\b"
)


def every(pages: list[TenantAdmin]) -> Any:
    """Run the test once for each admin."""
    return pytest.mark.parametrize("page", pages, ids=lambda page: page.opts.label)


@pytest.fixture(autouse=True)
def no_dashboard(settings: Any) -> None:
    """The first page has tests of its own."""
    settings.UNFOLD = {**settings.UNFOLD, "DASHBOARD_CALLBACK": None}


@pytest.fixture
def mine(team: Team) -> Callable[[Any], Any]:
    """Makes a row in the active team."""

    def make_mine(model: Any) -> Any:
        with team_scope(team):
            return make(model)

    return make_mine


@pytest.fixture
def foreign(other_team: Team) -> Callable[[Any], Any]:
    """Makes a row of the other team."""

    def make_foreign(model: Any) -> Any:
        with team_scope(other_team):
            return make(model)

    return make_foreign


def stored(row: Any) -> dict[str, Any]:
    """All columns of a row as they are in the database now, without the date of its last change."""
    with team_scope(row.team):
        return type(row).all_objects.filter(pk=row.pk).values().get() | {"updated_at": None}


def everything(level: int) -> dict[str, int]:
    """All permission keys at a level, or at their highest below it."""
    limits = {"customer-limitation", "sales-limitation", "task-access"}
    return {
        key.replace("-", "_"): permission.highest if key in limits else min(level, permission.highest)
        for key, permission in PERMISSIONS.items()
    }


# --- Declarations ----------------------------------------------------------------------------------


def test_only_tenant_admins_are_registered() -> None:
    others = [page for page in admin.site._registry.values() if not isinstance(page, TenantAdmin)]
    assert others == []


@every(PAGES)
def test_a_page_states_its_guard_and_its_place_in_the_menu(page: TenantAdmin) -> None:
    assert page.guard is not None
    assert page.menu is None or (page.menu[0] in {key for key, _label, _folded in GROUPS} and page.icon)


# --- Teams are apart -------------------------------------------------------------------------------


@every(TENANT_PAGES)
def test_a_foreign_row_shows_nowhere(
    page: TenantAdmin, browser: Client, foreign: Callable[[Any], Any]
) -> None:
    row = foreign(page.model)
    listed = browser.get(page.list_url(), {"all": ""}).content.decode()
    assert f"{row.pk}/change/" not in listed
    for name in ("change", "delete", "history"):
        answer, unknown = (browser.get(url(page.model, name, key)) for key in (row.pk, 10**9))
        assert (answer.status_code, answer.headers.get("Location")) == (
            unknown.status_code,
            unknown.headers.get("Location"),
        )
        assert answer.status_code in (302, 403)


@every(TENANT_PAGES)
def test_a_foreign_row_cannot_be_touched(
    page: TenantAdmin, browser: Client, foreign: Callable[[Any], Any]
) -> None:
    row = foreign(page.model)
    before = stored(row)
    browser.post(
        url(page.model, "change", row.pk),
        {name: value for name, value in before.items() if value is not None},
    )
    browser.post(url(page.model, "delete", row.pk), {"post": "yes"})
    for action in [*page.actions_detail, *page.actions_row]:
        if isinstance(action, str):
            browser.post(f"{page.change_url(row).removesuffix('change/')}{action}/")
    for action in ("delete_selected", *(page.actions or ())):
        chosen = {"action": getattr(action, "__name__", action), "_selected_action": [row.pk], "post": "yes"}
        browser.post(page.list_url(), chosen)
    assert stored(row) == before


@every(TENANT_PAGES)
def test_forms_offer_and_take_no_foreign_row(
    page: TenantAdmin, browser: Client, mine: Callable[[Any], Any], foreign: Callable[[Any], Any]
) -> None:
    row = mine(page.model)
    response = browser.get(page.change_url(row))
    others = {
        name: foreign(field.queryset.model).pk
        for name, field in response.context["adminform"].form.fields.items()
        if isinstance(field, ModelChoiceField) and issubclass(field.queryset.model, TenantModel)
    }
    if others:
        answer = browser.post(page.change_url(row), {**form_data(response), **others})
        assert others.keys() <= answer.context["adminform"].form.errors.keys()


@every(TENANT_PAGES)
def test_autocompletion_offers_no_foreign_row(
    page: TenantAdmin, browser: Client, foreign: Callable[[Any], Any], mine: Callable[[Any], Any]
) -> None:
    own, other = mine(page.model), foreign(page.model)
    for query in references(page):
        results = browser.get("/admin/autocomplete/", {**query, "term": ""}).json()["results"]
        assert str(other.pk) not in {result["id"] for result in results} - {str(own.pk)}


def references(page: TenantAdmin) -> Iterator[dict[str, str]]:
    """Queries of the autocompletion for each foreign key to the page's model.

    Those to sales documents name no kind: they have no page, and nothing completes them.
    """
    for relation in page.opts.related_objects if page.search_fields else ():
        if relation.field.related_model is not page.model:
            continue
        source = relation.related_model._meta
        yield {
            "app_label": source.app_label,
            "model_name": source.model_name,
            "field_name": relation.field.name,
        }


# --- Permissions -----------------------------------------------------------------------------------


@every(TENANT_PAGES)
def test_levels_rule_every_page(
    page: TenantAdmin, mine: Callable[[Any], Any], make_member: Callable[..., TeamUser]
) -> None:
    row, opened = mine(page.model), False
    for level in range(5):
        member = make_member(**everything(level))
        if share := SHARES.get(page.opts.label):
            with team_scope(row.team):
                share(row, member)
        opened = obeys(page, row, member, opened=opened)
    assert stored(row)["deleted_at"] is None


def obeys(page: TenantAdmin, row: Any, member: TeamUser, *, opened: bool) -> bool:
    """Assert that a team user reaches exactly what the guard allows; whether pages open.

    Pages that `opened` at a lower level are not drawn again.
    """
    client, change, delete = signed_in(member), page.change_url(row), url(page.model, "delete", row.pk)
    may = {verb: verb in page.verbs and page.guard.allows(member, verb) for verb in VERBS}
    opens = may["read"] or may["update"]
    for address in () if opened and opens else (page.list_url(), change, url(page.model, "history", row.pk)):
        assert client.get(address).status_code in ((200,) if opens else (302, 403))
    if not may["create"]:
        assert client.get(page.add_url()).status_code == client.post(page.add_url(), {}).status_code == 403
    if not may["update"]:
        assert client.post(change, {}).status_code == 403
    if not may["delete"]:
        assert client.get(delete).status_code == client.post(delete, {"post": "yes"}).status_code == 403
    return opens


# --- Forms and lists work --------------------------------------------------------------------------


@every(TENANT_PAGES)
def test_saving_a_form_as_it_is_changes_nothing(
    page: TenantAdmin, browser: Client, mine: Callable[[Any], Any]
) -> None:
    row = mine(page.model)
    before = stored(row)
    response = browser.get(page.change_url(row))
    if not response.context["has_change_permission"]:
        pytest.skip("read-only")
    answer = browser.post(page.change_url(row), form_data(response))
    assert answer.status_code == 302, answer.context["errors"]
    assert stored(row) == before


@every(PAGES)
def test_the_add_page_opens(page: TenantAdmin, browser: Client) -> None:
    assert browser.get(page.add_url()).status_code == (200 if "create" in page.verbs else 403)


@every(TENANT_PAGES)
def test_a_list_costs_the_same_whatever_its_length(
    page: TenantAdmin, browser: Client, mine: Callable[[Any], Any]
) -> None:
    counts = []
    for rows in (2, 6):
        for _row in range(rows):
            mine(page.model)
        browser.get(page.list_url())
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(page.list_url()).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1], "\n".join(query["sql"] for query in queries)


# --- French ----------------------------------------------------------------------------------------


def words(html: bytes) -> str:
    """What a page shows or reads aloud: text, titles and labels, without scripts and rows' own values."""
    text = re.sub(r"(?s)<(script|style|svg|option|template)\b.*?</\1>", " ", html.decode())
    text = re.sub(r'<span class="[^"]*material-symbols-outlined[^"]*"[^>]*>\s*\w+\s*</span>', " ", text)
    spoken = re.findall(r'(?:title|aria-label|placeholder|data-label)="([^"]*)"', text)
    return " | ".join([*spoken, re.sub(r"(?s)<[^>]*>", " ", text)])


@every(TENANT_PAGES)
def test_no_english_is_left_on_french_pages(
    page: TenantAdmin, owner: TeamUser, mine: Callable[[Any], Any]
) -> None:
    row, client = mine(page.model), signed_in(owner, "fr")
    addresses = [page.list_url(), page.change_url(row), url(page.model, "history", row.pk)]
    addresses += [page.add_url()] if "create" in page.verbs else []
    addresses += [url(page.model, "delete", row.pk)] if "delete" in page.verbs else []
    for address in addresses:
        leaks = {match.group() for match in ENGLISH.finditer(words(client.get(address).content))}
        assert not leaks, (address, leaks)
