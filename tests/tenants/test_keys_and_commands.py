"""API keys; the commands that operators run."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from erp.core.scope import team_scope
from tenants import services
from tenants.models import ApiKey, Team, TeamUser, User, hash_secret
from tests.conftest import PASSWORD, ApiClient, key_of


def last_word(*command: str) -> str:
    """What a command prints last."""
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue().split()[-1]


# --- Keys -------------------------------------------------------------------------------------------


def test_a_key_is_stored_hashed_and_notes_its_last_use(team):
    secret = key_of(team)
    with team_scope(team):
        key = ApiKey.objects.get()
        assert (key.hashed, key.last_used_at) == (hash_secret(secret), None)
        assert secret.startswith(key.prefix)
        assert len(key.prefix) == 8
        assert ApiClient(secret).get("/team").status_code == 200
        key.refresh_from_db()
        assert key.last_used_at is not None


def test_a_revoked_key_does_not_work(team, owner):
    secret = key_of(team)
    with team_scope(team, owner):
        services.revoke_api_key(ApiKey.objects.get())
        with pytest.raises(services.teams.Conflict):
            services.revoke_api_key(ApiKey.objects.get())
    response = ApiClient(secret).get("/team")
    assert response.status_code == 401
    assert response.json()["message"]
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nothing", "Bearer a b", "Basic abc", "Bearer é"])
def test_without_a_key_that_works_there_is_nothing(db, header):
    response = Client(headers={"Authorization": header}).get("/api/v1/team")
    assert response.status_code == 401
    assert response["Content-Type"] == "application/json"


def test_the_key_of_a_member_who_left_or_was_blocked_does_not_work(api, team, owner, make_member):
    member = make_member()
    with team_scope(team, owner):
        client = ApiClient(services.create_api_key(member))
        services.update_member(member, {"active": False})
        assert client.get("/team").status_code == 401
        services.update_member(member, {"active": True})
        assert client.get("/team").status_code == 200
    User.objects.filter(pk=member.user_id).update(is_active=False)
    assert client.get("/team").status_code == 401


def test_signing_in_is_noted(client, owner):
    client.force_login(owner.user, backend="django.contrib.auth.backends.ModelBackend")
    with team_scope(owner.team):
        assert TeamUser.objects.get(pk=owner.pk).last_connexion is not None


# --- Commands ---------------------------------------------------------------------------------------


def test_a_team_is_made_with_its_owner(db):
    team = Team.objects.get(
        pk=int(last_word("create_team", "Acme", "--owner", "paul@acme.example", "--password", PASSWORD))
    )
    assert team.company_name == "Acme"
    with team_scope(team):
        owner = TeamUser.objects.get()
        assert (owner.is_owner, owner.active, owner.user.email) == (True, True, "paul@acme.example")
    assert owner.user.check_password(PASSWORD)


def test_without_a_password_the_owner_chooses_one_by_a_link(
    db, client, django_capture_on_commit_callbacks, mailoutbox
):
    out = StringIO()
    with django_capture_on_commit_callbacks(execute=True):
        call_command("create_team", "Acme", "--owner", "paul@acme.example", stdout=out)
    [message] = mailoutbox
    assert message.to == ["paul@acme.example"]
    link = re.search(r"/invitation/\S+", out.getvalue())[0]
    assert link in message.body
    names = {"firstname": "Paul", "lastname": "Aubry", "password": PASSWORD, "confirmation": PASSWORD}
    assert client.post(link, names).status_code == 200
    assert User.objects.get(email="paul@acme.example").check_password(PASSWORD)


def test_an_owner_who_has_an_account_keeps_their_password(team, mailoutbox):
    made = last_word("create_team", "Second", "--owner", "OWNER@acme.example")
    with team_scope(Team.objects.get(pk=int(made))):
        assert TeamUser.objects.get().user.check_password(PASSWORD)
    assert mailoutbox == []


def test_a_person_may_own_several_teams_with_one_password(team):
    made = last_word("create_team", "Second", "--owner", "owner@acme.example", "--password", PASSWORD)
    with team_scope(Team.objects.get(pk=int(made))):
        assert TeamUser.objects.get().user.check_password(PASSWORD)
    with pytest.raises(CommandError, match="another password"):
        call_command(
            "create_team", "Third", "--owner", "owner@acme.example", "--password", "another long one"
        )
    assert not Team.objects.filter(company_name="Third").exists()


@pytest.mark.parametrize(
    "command",
    [
        ("create_team", "Acme", "--owner", "nobody"),
        ("create_team", "Acme", "--owner", "paul@acme.example", "--password", "short"),
        ("create_team", "", "--owner", "paul@acme.example", "--password", PASSWORD),
        ("create_team", "Acme"),
        ("create_api_key", "--team", "999999", "--user", "owner@acme.example"),
        ("create_api_key", "--team", "x", "--user", "owner@acme.example"),
        ("create_api_key", "--user", "owner@acme.example"),
    ],
)
def test_commands_say_what_is_wrong_and_make_nothing(team, command):
    before = Team.objects.count()
    with pytest.raises(CommandError) as error:
        call_command(*command)
    assert str(error.value)
    assert Team.objects.count() == before


def test_a_key_is_printed_alone_and_works(team):
    secret = last_word(
        "create_api_key", "--team", str(team.pk), "--user", "owner@acme.example", "--name", "Shop"
    )
    assert ApiClient(secret).get("/team").json()["company_name"] == "Acme"
    with team_scope(team):
        assert ApiKey.objects.get().name == "Shop"


def test_a_key_is_for_an_active_user_of_the_team(team, other_team):
    with pytest.raises(CommandError, match="not an active user"):
        call_command("create_api_key", "--team", str(team.pk), "--user", "owner@globex.example")
