"""The site: who may enter, turning to another team, the menu, the command palette."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from erp.core.scope import team_scope
from erp.various.models import SaleCategory, Unit
from tenants import services
from tenants.models import Team, TeamUser, User
from tenants.navigation import sidebar
from tests.admin.pages import messages_of, signed_in, url
from tests.factories import make

pytestmark = pytest.mark.usefixtures("demo_site")

PASSWORD = "correct horse battery staple"


@pytest.fixture
def second_team(team: Team) -> Team:
    """Another team of the same owner."""
    return services.create_team("Hooli", "owner@acme.example")


def menu(member: TeamUser, rf: Any) -> dict[str, list[str]]:
    """Titles of the menu by group, as a team user sees them."""
    request = rf.get("/admin/")
    request.actor, request.user = member, member.user
    with team_scope(member.team, member):
        return {
            str(group.get("title", "")): [item["title"] for item in group["items"]]
            for group in sidebar(request)
        }


# --- Entering --------------------------------------------------------------------------------------


def test_any_active_member_may_enter(make_member: Callable[..., TeamUser]) -> None:
    response = Client().post(
        "/admin/login/", {"username": make_member().user.email, "password": PASSWORD}, follow=True
    )
    assert (response.redirect_chain, response.status_code) == ([("/admin/", 302)], 200)


@pytest.mark.parametrize("change", [{"active": False}, {"deleted_at": "2024-01-01T00:00Z"}])
def test_former_members_are_told_to_ask_for_an_invitation(
    make_member: Callable[..., TeamUser], change: dict[str, Any]
) -> None:
    member = make_member()
    client = signed_in(member)
    with team_scope(member.team):
        TeamUser.objects.filter(pk=member.pk).update(**change)
    response = client.get("/admin/", follow=True)
    assert response.status_code == 403
    assert b"Ask a manager of your company to invite you" in response.content
    assert b"Acme" not in response.content


def test_people_without_a_team_can_sign_out(db: None) -> None:
    client = Client()
    client.force_login(
        User.objects.create_user("lonely@acme.example", PASSWORD),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    client.post("/admin/logout/")
    assert "_auth_user_id" not in client.session


def test_a_closed_account_stays_out(owner: TeamUser) -> None:
    User.objects.filter(pk=owner.user_id).update(is_active=False)
    response = Client().post("/admin/login/", {"username": owner.user.email, "password": PASSWORD})
    assert response.status_code == 200
    assert Client().get("/admin/").status_code == 302


def test_guessing_a_password_is_stopped(owner: TeamUser, settings: Any) -> None:
    client = Client(headers={"Accept-Language": "en"})
    spellings = itertools.cycle([owner.user.email, owner.user.email.upper()])
    for email in itertools.islice(spellings, settings.AXES_FAILURE_LIMIT):
        response = client.post("/admin/login/", {"username": email, "password": "wrong"})
    assert response.status_code == 429
    assert b"Signing in failed too many times" in response.content
    assert (
        client.post("/admin/login/", {"username": owner.user.email, "password": PASSWORD}).status_code == 429
    )


# --- Turning to another team -----------------------------------------------------------------------


def test_the_switch_changes_team_and_session_key(browser: Client, second_team: Team) -> None:
    key = browser.session.session_key
    response = browser.post("/admin/team/", {"team": second_team.pk}, follow=True)
    assert messages_of(response) == ["You now work for Hooli."]
    assert browser.session.session_key != key
    browser.post(url(Unit, "add"), {"label": "Pallet"})
    with team_scope(second_team):
        assert Unit.objects.filter(label="Pallet").exists()


def test_the_switch_offers_only_own_teams(browser: Client, second_team: Team, other_team: Team) -> None:
    page = browser.get("/admin/").content.decode()
    assert ("Hooli" in page, "Globex" in page) == (True, False)
    assert browser.post("/admin/team/", {"team": other_team.pk}).status_code == 404
    assert browser.get("/where/").content == b"owner@acme.example"


def test_the_switch_is_a_protected_post(owner: TeamUser, second_team: Team) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner.user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/admin/team/", {"team": second_team.pk}).status_code == 405
    assert client.post("/admin/team/", {"team": second_team.pk}).status_code == 403


def test_the_sandbox_is_entered_and_left(
    browser: Client, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    def twin(member: TeamUser) -> TeamUser:
        sandbox = Team.objects.create(company_name="Acme", sandbox_of=member.team)
        with team_scope(sandbox):
            return TeamUser.objects.create(user=member.user, is_owner=True)

    monkeypatch.setattr(services, "sandbox_member", twin)
    inside = browser.post("/admin/sandbox/", {"sandbox": "1"}, follow=True)
    assert b"Test mode: these data are not real" in inside.content
    outside = browser.post("/admin/sandbox/", {"sandbox": ""}, follow=True)
    assert b"Test mode: these data are not real" not in outside.content
    assert browser.session["team"] == team.pk


# --- The menu --------------------------------------------------------------------------------------


def test_the_menu_is_grouped_by_job(owner: TeamUser, rf: Any) -> None:
    assert menu(owner, rf) == {
        "": ["Dashboard"],
        "Catalog and stock": ["Sale categories"],
        "Settings": ["Units"],
    }


def test_the_menu_leaves_out_what_may_not_be_seen(make_member: Callable[..., TeamUser], rf: Any) -> None:
    assert "Catalog and stock" not in menu(make_member(catalog_products=0), rf)


def test_the_first_page_names_no_row_of_another_team(browser: Client, team: Team, second_team: Team) -> None:
    browser.post("/admin/team/", {"team": second_team.pk})
    browser.post(url(Unit, "add"), {"label": "Zorgblub"})
    browser.post("/admin/team/", {"team": team.pk}, follow=True)
    assert b"Zorgblub" not in browser.get("/admin/").content


# --- The command palette ---------------------------------------------------------------------------


def found(client: Client, term: str) -> list[str]:
    """Titles that the palette shows."""
    response = client.get("/admin/search/", {"s": term, "extended": "1"})
    return [result.title for result in response.context["results"]] if response.content else []


def test_the_palette_finds_pages_and_rows(browser: Client, team: Team) -> None:
    with team_scope(team):
        make(Unit, label="Unit of ours")
    assert {"Units", "Add unit", "Unit of ours"} <= set(found(browser, "unit"))


def test_the_palette_forgets_the_former_team(browser: Client, team: Team, second_team: Team) -> None:
    cache.clear()
    with team_scope(team):
        make(Unit, label="Zorgblub")
    assert found(browser, "zorg") == ["Zorgblub"]
    browser.post("/admin/team/", {"team": second_team.pk})
    assert found(browser, "zorg") == []


def test_the_palette_shows_few_rows_of_each_model(browser: Client, team: Team) -> None:
    with team_scope(team):
        for number in range(12):
            make(Unit, label=f"Zorgblub {number}")
    assert len(found(browser, "zorg")) == 8


def test_the_palette_obeys_permissions(
    make_member: Callable[..., TeamUser], demo_site: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(demo_site.get_model_admin(SaleCategory), "in_palette", True, raising=False)
    member = make_member(catalog_products=0)
    with team_scope(member.team):
        make(SaleCategory, label="Zorgblub")
    assert found(signed_in(member), "zorgblub") == []
    assert found(signed_in(member), "sale categories") == []
