"""The public pages of mailed links: used once, not too late, never more than they are for."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from erp.core.scope import team_scope
from tenants import services
from tenants.models import EmailChange, Invitation, TeamUser, User
from tests.conftest import PASSWORD

NEW = {
    "firstname": "Anne",
    "lastname": "Martin",
    "password": "a long new phrase",
    "confirmation": "a long new phrase",
}


@pytest.fixture
def invitation(api, mailed_link) -> str:
    """The link of a person who is new."""
    return mailed_link(lambda: api.post("/team/user", {"email": "anne@acme.example"}))


@pytest.fixture
def confirmation(api, mailed_link) -> str:
    """The link that confirms the owner's new address."""
    return mailed_link(lambda: api.put("/user", {"email": "new@acme.example", "current_password": PASSWORD}))


def test_the_page_of_an_invitation_asks_for_names_and_a_password(client, invitation):
    page = client.get(invitation)
    assert page.status_code == 200
    assert "Acme" in page.text
    assert "anne@acme.example" in page.text
    assert 'autocomplete="new-password"' in page.text
    assert "no-store" in page["Cache-Control"]


def test_reading_a_page_changes_nothing(client, invitation):
    client.get(invitation)
    client.head(invitation)
    assert client.get(invitation).status_code == 200
    assert not User.objects.get(email="anne@acme.example").has_usable_password()


def test_a_used_link_does_not_work_again(client, invitation):
    assert client.post(invitation, NEW).status_code == 200
    assert client.get(invitation).status_code == 410
    other = {**NEW, "password": "another long phrase", "confirmation": "another long phrase"}
    assert client.post(invitation, other).status_code == 410
    assert User.objects.get(email="anne@acme.example").check_password("a long new phrase")


@pytest.mark.parametrize("link", ["/invitation/nothing", "/email/nothing", "/invitation/" + "x" * 2000])
def test_unknown_links_do_not_work(client, db, link):
    assert client.get(link).status_code == 410


def test_an_old_invitation_does_not_work(client, invitation):
    link = Invitation.objects.get()
    assert link.expires_at - link.created_at > datetime.timedelta(days=6, hours=23)
    Invitation.objects.update(expires_at=timezone.now())
    assert client.post(invitation, NEW).status_code == 410


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"password": "short", "confirmation": "short"}, "password"),
        ({"password": "123456789012", "confirmation": "123456789012"}, "password"),
        ({"confirmation": "something else"}, "confirmation"),
        ({"firstname": ""}, "firstname"),
    ],
)
def test_the_form_refuses_bad_passwords_and_can_be_sent_again(client, invitation, values, name):
    page = client.post(invitation, {**NEW, **values})
    assert list(page.context["form"].errors) == [name]
    assert not User.objects.get(email="anne@acme.example").has_usable_password()
    assert client.post(invitation, NEW).status_code == 200


def test_a_page_cannot_be_sent_from_elsewhere(invitation):
    assert Client(enforce_csrf_checks=True).post(invitation, NEW).status_code == 403


def test_an_invitation_never_changes_an_account_that_works(other_team, api, client, mailed_link):
    link = mailed_link(lambda: api.post("/team/user", {"email": "owner@globex.example"}))
    assert "password" not in client.get(link).context["form"].fields
    assert client.post(link, NEW).status_code == 200
    user = User.objects.get(email="owner@globex.example")
    assert user.check_password(PASSWORD)
    assert user.firstname == ""
    assert api.get("/team/user", search="owner@globex.example").json()["datas"][0]["status"]["active"]


def test_who_was_deleted_meanwhile_cannot_accept(api, client, invitation):
    [invited] = api.get("/team/user", **{"filter[status]": "0"}).json()["datas"]
    api.delete(f"/team/user/{invited['id']}")
    assert client.post(invitation, NEW).status_code == 410


def test_who_was_blocked_by_the_operator_cannot_accept(client, invitation):
    User.objects.filter(email="anne@acme.example").update(is_active=False)
    assert client.get(invitation).status_code == 410


def test_a_member_deactivated_meanwhile_cannot_use_an_old_link(
    api, team, owner, client, mailed_link, invitation
):
    with team_scope(team, owner):
        member = TeamUser.objects.get(user__email="anne@acme.example")
        client.post(invitation, NEW)
        member.refresh_from_db()
        services.update_member(member, {"active": False})
        assert not services.is_invited(member)
    assert client.post(invitation, NEW).status_code == 410


def test_an_address_changes_when_it_is_confirmed(
    api, client, confirmation, django_capture_on_commit_callbacks, mailoutbox
):
    assert api.get("/user").json()["email"] == "owner@acme.example"
    assert "new@acme.example" in client.get(confirmation).text
    mailoutbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(confirmation).status_code == 200
    assert [message.to for message in mailoutbox] == [["owner@acme.example"]]
    user = api.get("/user").json()
    assert (user["email"], user["email_validation"]) == ("new@acme.example", None)
    assert client.post(confirmation).status_code == 410


def test_an_address_that_somebody_took_meanwhile_is_refused(client, confirmation):
    User.objects.create_user("NEW@acme.example", PASSWORD)
    page = client.post(confirmation)
    assert page.context["form"].non_field_errors()
    assert User.objects.filter(email="owner@acme.example").exists()


def test_an_old_confirmation_does_not_work(client, confirmation):
    link = EmailChange.objects.get()
    assert link.expires_at - link.created_at < datetime.timedelta(days=2, hours=1)
    EmailChange.objects.update(expires_at=timezone.now())
    assert client.post(confirmation).status_code == 410


def test_the_pages_speak_english_too(client, invitation):
    page = client.get(invitation, headers={"Accept-Language": "en"})
    assert '<html lang="en">' in page.text
    assert "Join Acme" in page.text
