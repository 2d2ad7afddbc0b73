"""One's own account in the admin, and the language of pages and mails."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from erp.core.scope import team_scope
from tenants import services
from tenants.models import Team, TeamUser, User
from tests.admin.pages import form_data, messages_of, signed_in
from tests.conftest import PASSWORD, ApiClient


@pytest.fixture
def browser(owner: TeamUser) -> Client:
    return signed_in(owner)


def page(user: User) -> str:
    return reverse("admin:tenants_user_change", args=[user.pk])


def save(browser: Client, user: User, **changes: Any) -> Any:
    return browser.post(page(user), form_data(browser.get(page(user))) | changes)


def test_everybody_changes_their_own_names_and_settings(make_member: Any) -> None:
    """Whatever their permissions; those of others stay."""
    member = make_member(manage_users=0, app_configuration=0)
    browser = signed_in(member)
    assert page(member.user) in browser.get("/admin/tenants/user/").headers["Location"]
    answer = save(browser, member.user, firstname="Ada", task_mail_notifications="2", calendar_mail_hour="9")
    assert answer.status_code == 302
    with team_scope(member.team):
        member = TeamUser.objects.select_related("user").get(pk=member.pk)
    assert member.user.firstname == "Ada"
    assert (member.parameter("task_mail_notifications"), member.parameter("calendar_mail_hour")) == (2, 9)


def test_nobody_sees_or_changes_another_account(browser: Client, owner: TeamUser, make_member: Any) -> None:
    other = make_member()
    answer = browser.post(page(other.user), {"firstname": "Mallory", "email": "mallory@evil.example"})
    assert answer.status_code in (302, 403)
    assert browser.get(page(other.user)).status_code in (302, 403)
    other.user.refresh_from_db()
    assert (other.user.firstname, other.user.email) != ("Mallory", "mallory@evil.example")
    for address in ("add/", f"{owner.user.pk}/delete/"):
        assert browser.post(f"/admin/tenants/user/{address}", {"post": "yes"}).status_code == 403


def test_what_is_not_on_the_form_cannot_be_written(browser: Client, owner: TeamUser) -> None:
    before = User.objects.filter(pk=owner.user.pk).values("password", "is_superuser", "is_active").get()
    save(browser, owner.user, is_superuser="on", is_active="", password="x", permissions="{}")
    assert User.objects.filter(pk=owner.user.pk).values(*before).get() == before


def test_a_new_address_needs_the_password_and_its_link(
    browser: Client, owner: TeamUser, mailoutbox: Any, django_capture_on_commit_callbacks: Any
) -> None:
    refused = save(browser, owner.user, email="new@acme.example")
    assert "current_password" in refused.context["adminform"].form.errors
    with django_capture_on_commit_callbacks(execute=True):
        save(browser, owner.user, email="new@acme.example", current_password=PASSWORD)
    assert [mail.to for mail in mailoutbox] == [["new@acme.example"]]
    assert "new@acme.example" in messages_of(browser.get(page(owner.user)))[0]
    owner.user.refresh_from_db()
    assert owner.user.email == "owner@acme.example"


# --- Language -------------------------------------------------------------------------------------


def language_of_page(browser: Client) -> str:
    found = re.search(r'<html[^>]* lang="(\w+)', browser.get("/admin/").content.decode())
    assert found
    return found[1]


def test_pages_are_in_the_language_of_the_person_before_that_of_the_browser(owner: TeamUser) -> None:
    english = signed_in(owner, "en")
    assert language_of_page(english) == "en"
    save(english, owner.user, language="fr")
    assert language_of_page(english) == "fr"
    save(english, owner.user, language="")
    assert language_of_page(english) == "en"


def test_the_choice_in_the_header_is_the_persons(browser: Client, owner: TeamUser, client: Client) -> None:
    browser.post("/i18n/setlang/", {"language": "fr", "next": "/admin/"})
    owner.user.refresh_from_db()
    assert (owner.user.language, language_of_page(browser)) == ("fr", "fr")
    for wanted in ("de", "", "fr; x"):
        browser.post("/i18n/setlang/", {"language": wanted})
    owner.user.refresh_from_db()
    assert owner.user.language == "fr"
    assert (
        client.post("/i18n/setlang/", {"language": "en", "next": "//evil.example"}).headers["Location"] == "/"
    )


def test_programs_read_and_write_it(api: ApiClient) -> None:
    assert api.get("/user").json()["language"] is None
    for language in ("en", None):
        assert api.put("/user", {"language": language}).json()["language"] == language
    refused = api.put("/user", {"language": "de"})
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["language"])


@pytest.mark.parametrize(
    ("inviter", "invited", "subject"),
    [
        ("", "", "Rejoindre Acme"),
        ("en", "", "Join Acme"),
        ("fr", "en", "Join Acme"),
        ("en", "fr", "Rejoindre Acme"),
    ],
)
def test_an_invitation_speaks_the_language_of_who_reads_it(
    team: Team, owner: TeamUser, mailoutbox: Any, django_capture_on_commit_callbacks: Any,
    inviter: str, invited: str, subject: str,
) -> None:  # fmt: skip
    """What they chose; who chose none, what their colleague did; else the installation's (French here)."""
    User.objects.create_user("ada@acme.example", language=invited)
    owner.user.language = inviter
    with django_capture_on_commit_callbacks(execute=True), team_scope(team, owner):
        services.invite("ada@acme.example", {})
    assert mailoutbox[0].subject == subject
    assert f'lang="{"en" if subject.startswith("Join") else "fr"}"' in mailoutbox[0].alternatives[0][0]
