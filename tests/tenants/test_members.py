"""/team/user: who is in the team, with which permissions; invitations."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from erp.core.scope import team_scope
from tenants import services
from tenants.models import ApiKey, Invitation, TeamUser, User
from tenants.permissions import PERMISSIONS
from tests.admin.pages import signed_in
from tests.conftest import ApiClient

ATTRIBUTES = {
    "id",
    "firstname",
    "lastname",
    "fullname",
    "email",
    "created_at",
    "updated_at",
    "last_connexion",
    "status",
    "configs",
    "permissions",
    "roles",
    "team_users",
    "user_id",
    "avatar",
    "initials",
}


def named(member: TeamUser, firstname: str, lastname: str) -> TeamUser:
    """Give a member a name."""
    member.user.firstname, member.user.lastname = firstname, lastname
    member.user.save()
    return member


def emails(response: Any) -> list[str]:
    """Whom a list answers."""
    return [member["email"] for member in response.json()["datas"]]


# --- Reading ----------------------------------------------------------------------------------------


def test_a_member_has_the_attributes_of_the_reference(api, make_member):
    member = named(make_member(sales_invoice=1), "Anne", "Martin")
    answer = api.get(f"/team/user/{member.pk}").json()
    assert set(answer) == ATTRIBUTES
    assert (answer["fullname"], answer["initials"]) == ("Anne Martin", "AM")
    assert answer["status"]["active"] is True
    assert answer["user_id"] == member.user_id
    assert answer["roles"] == ["commercial"]
    assert answer["team_users"] == []
    assert answer["avatar"] is None


def test_every_permission_is_answered_with_its_level(api, make_member):
    permissions = api.get(f"/team/user/{make_member(sales_invoice=1).pk}").json()["permissions"]
    assert set(permissions) == set(PERMISSIONS)
    assert len(permissions) == 36
    assert (permissions["sales-invoice"], permissions["customer"], permissions["task-access"]) == (1, 4, 2)


def test_every_setting_of_a_member_is_answered(api, owner):
    configs = api.get(f"/team/user/{owner.pk}").json()["configs"]
    assert len(configs) == 18
    assert configs["calendar_default_view"] == "week"
    assert configs["task_defaut_team_user"] == []


def test_the_list_is_sorted_by_name_and_can_be_sorted_otherwise(api, make_member, owner):
    named(make_member(), "Zoé", "Bernard")
    named(make_member(), "Anne", "Bernard")
    named(owner, "Paul", "Aubry")
    assert emails(api.get("/team/user")) == [
        "owner@acme.example",
        "member2@acme.example",
        "member1@acme.example",
    ]
    assert emails(api.get("/team/user", sort="firstname:desc"))[0] == "member1@acme.example"
    assert emails(api.get("/team/user", sort="fullname"))[0] == "member2@acme.example"
    assert emails(api.get("/team/user", sort="email"))[0] == "member1@acme.example"
    assert api.get("/team/user", sort="last_connexion").status_code == 200
    assert api.get("/team/user", sort="roles").status_code == 422


def test_members_are_found_by_name_and_address(api, make_member):
    named(make_member(), "Zoé", "Bernard")
    named(make_member(), "Anne", "Petit")
    assert emails(api.get("/team/user", search="bern%")) == ["member1@acme.example"]
    assert emails(api.get("/team/user", search="anne")) == ["member2@acme.example"]
    assert len(emails(api.get("/team/user", search="%acme.example"))) == 3


def test_members_are_filtered_by_role_and_status(api, make_member):
    make_member()
    assert emails(api.get("/team/user", **{"filter[roles]": "manager"})) == ["owner@acme.example"]
    assert emails(api.get("/team/user", **{"filter[roles]": "comm%"})) == ["member1@acme.example"]
    assert emails(api.get("/team/user", **{"filter[roles]": "nobody"})) == []
    assert emails(api.get("/team/user", **{"filter[status]": "0"})) == []
    assert len(emails(api.get("/team/user", **{"filter[status]": "true"}))) == 2
    assert api.get("/team/user", **{"filter[active]": "1"}).status_code == 422


def test_includes_of_the_reference_are_accepted_and_the_user_is_added(api, owner):
    include = "permissions,configurations,roles,user,team_users"
    [answer] = api.get("/team/user", include=include).json()["datas"]
    assert answer["user"]["email"] == "owner@acme.example"
    assert "user" not in api.get(f"/team/user/{owner.pk}").json()
    assert api.get("/team/user", include="password").status_code == 422


def test_the_number_of_queries_does_not_grow_with_members(api, team, make_member, django_assert_num_queries):
    def fill() -> None:
        with team_scope(team):
            member, other = make_member(), make_member()
            member.team_users.add(other)
            member.configs = {"task_defaut_team_user": [other.pk]}
            member.save()

    fill()
    api.get("/team")
    with CaptureQueriesContext(connection) as few:
        api.get("/team/user", include="user")
    fill()
    fill()
    with django_assert_num_queries(len(few)):
        datas = api.get("/team/user", include="user").json()["datas"]
    assert len([member for member in datas if member["configs"]["task_defaut_team_user"]]) == 3


def test_another_teams_members_do_not_exist(api, other_team):
    with team_scope(other_team):
        stranger = TeamUser.objects.get().pk
    assert len(emails(api.get("/team/user"))) == 1
    for response in (
        api.get(f"/team/user/{stranger}"),
        api.put(f"/team/user/{stranger}", {"roles": []}),
        api.delete(f"/team/user/{stranger}"),
        api.post(f"/team/user/{stranger}/resend_invitation"),
    ):
        assert response.status_code == 404
    body = {"configs": {"task_defaut_team_user": [stranger]}}
    assert api.put(f"/team/user/{api.get('/user').json()['active_team_user']['id']}", body).status_code == 422


# --- Changing ---------------------------------------------------------------------------------------


def test_settings_permissions_and_roles_change_by_name(api, make_member):
    member = make_member(customer=2).pk
    body = {
        "configs": {"calendar_default_view": "day"},
        "permissions": {"contact": 3},
        "roles": ["technical", "manager"],
    }
    answer = api.put(f"/team/user/{member}", body).json()
    assert answer["configs"]["calendar_default_view"] == "day"
    assert (answer["permissions"]["contact"], answer["permissions"]["customer"]) == (3, 2)
    assert answer["roles"] == ["technical", "manager"]


def test_permissions_rule_at_once(api, team, make_member):
    member = make_member(app_configuration=1)
    with team_scope(team):
        client = ApiClient(services.create_api_key(member))
    assert client.put("/team", {"town": "Metz"}).status_code == 200
    api.put(f"/team/user/{member.pk}", {"permissions": {"app-configuration": 0}})
    assert client.put("/team", {"town": "Nancy"}).status_code == 403


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"permissions": {"everything": 1}}, "permissions.everything"),
        ({"permissions": {"customer": 5}}, "permissions.customer"),
        ({"permissions": {"customer": "all"}}, "permissions.customer"),
        ({"permissions": {"see-stock": 2}}, "permissions.see-stock"),
        ({"roles": ["boss"]}, "roles"),
        ({"configs": {"task_mail_hour": 24}}, "configs.task_mail_hour"),
        ({"configs": {"calendar_task_color": "red"}}, "configs.calendar_task_color"),
        ({"configs": {"calendar_default_calendar": 1}}, "configs.calendar_default_calendar"),
        ({"is_owner": True}, "is_owner"),
    ],
)
def test_impossible_changes_are_refused_by_name(api, make_member, body, name):
    response = api.put(f"/team/user/{make_member().pk}", body)
    assert response.status_code == 422
    assert list(response.json()["errors"]) == [name]


def test_a_member_as_read_can_be_sent_back_whole(api, make_member):
    address = f"/team/user/{make_member(customer=1).pk}"
    before = api.get(address).json()
    after = api.put(address, before).json()
    assert after == {**before, "updated_at": after["updated_at"]}


def test_writing_needs_the_permission_to_manage_users(member_api, owner):
    member = member_api(manage_users=0)
    assert member.get("/team/user").status_code == 200
    assert member.get(f"/team/user/{owner.pk}").status_code == 200
    assert member.post("/team/user", {"email": "new@acme.example"}).status_code == 403
    assert member.put(f"/team/user/{owner.pk}", {"roles": []}).status_code == 403
    assert member.delete(f"/team/user/{owner.pk}").status_code == 403
    assert member.post(f"/team/user/{owner.pk}/resend_invitation").status_code == 403


def test_nobody_gives_more_than_they_have(member_api, make_member):
    manager = member_api(customer=2)
    address = f"/team/user/{make_member(customer=1).pk}"
    assert manager.put(address, {"permissions": {"customer": 2}}).status_code == 200
    response = manager.put(address, {"permissions": {"customer": 3}})
    assert list(response.json()["errors"]) == ["permissions.customer"]


def test_nobody_raises_themselves(member_api):
    manager = member_api(customer=2)
    own = manager.get("/user").json()["active_team_user"]["id"]
    assert manager.put(f"/team/user/{own}", {"permissions": {"customer": 4}}).status_code == 422
    assert manager.put(f"/team/user/{own}", {"permissions": {"customer": 1}}).status_code == 200


def test_who_one_invites_does_not_have_more_than_oneself(member_api):
    manager = member_api(customer=2, sales_limitation=0)
    permissions = manager.post("/team/user", {"email": "new@acme.example"}).json()["permissions"]
    assert (permissions["customer"], permissions["sales-limitation"], permissions["prospect"]) == (2, 0, 4)
    body = {"email": "newer@acme.example", "permissions": {"customer": 4}}
    assert manager.post("/team/user", body).status_code == 422


@pytest.mark.parametrize("key", ["customer_limitation", "sales_limitation", "task_access"])
def test_who_sees_only_their_own_gives_nobody_more_people_to_manage(team, make_member, key):
    limited, stranger, own = make_member(**{key: 0}), make_member(), make_member()
    with team_scope(team):
        limited.team_users.add(own)
    with team_scope(team, limited):
        for member in (limited, own):
            with pytest.raises(services.members.Invalid) as refusal:
                services.update_member(member, {"team_users": [stranger]})
            assert list(refusal.value.errors) == ["team_users"]
        services.update_member(limited, {"team_users": [own, limited]})
        services.update_member(own, {"team_users": [limited]})
        assert list(own.team_users.all()) == [limited]


def test_who_sees_everything_says_who_manages_whom(team, make_member):
    manager, member = make_member(), make_member()
    with team_scope(team, manager):
        services.update_member(manager, {"team_users": [member]})
        assert list(manager.team_users.all()) == [member]


def test_an_owner_is_changed_by_owners_only_and_keeps_every_permission(api, member_api, owner):
    manager = member_api()
    address = f"/team/user/{owner.pk}"
    assert manager.put(address, {"roles": ["technical"]}).status_code == 403
    assert manager.delete(address).status_code == 403
    assert api.put(address, {"roles": ["technical"]}).json()["roles"] == ["technical"]
    assert api.put(address, {"permissions": {"customer": 0}}).status_code == 422


# --- Leaving ----------------------------------------------------------------------------------------


def test_a_deleted_member_is_out_with_their_keys(api, team, make_member):
    member = make_member()
    with team_scope(team):
        client = ApiClient(services.create_api_key(member))
    assert client.get("/team").status_code == 200
    response = api.delete(f"/team/user/{member.pk}")
    assert (response.status_code, response.content) == (204, b"")
    assert client.get("/team").status_code == 401
    assert api.get(f"/team/user/{member.pk}").status_code == 404
    deleted = api.get("/team/user", with_deleted="1").json()["datas"]
    assert [set(row) for row in deleted if row["id"] == member.pk] == [{"id", "deleted_at"}]
    with team_scope(team):
        assert ApiKey.objects.get(team_user=member).revoked_at is not None


def test_nobody_deletes_themselves(api, member_api, owner):
    assert api.delete(f"/team/user/{owner.pk}").status_code == 409
    manager = member_api()
    own = manager.get("/user").json()["active_team_user"]["id"]
    assert manager.delete(f"/team/user/{own}").status_code == 409


def test_a_team_keeps_one_active_owner(team, owner, make_member):
    second = make_member()
    with team_scope(team, owner):
        services.update_member(second, {"is_owner": True})
    with team_scope(team, second):
        services.update_member(owner, {"is_owner": False})
        with pytest.raises(services.members.Conflict):
            services.update_member(second, {"is_owner": False})
    with team_scope(team), pytest.raises(services.members.Conflict):
        services.update_member(second, {"active": False})
    with team_scope(team), pytest.raises(services.members.Conflict):
        services.delete_member(second)


def test_who_leaves_can_be_invited_again(api, make_member):
    member = make_member()
    api.delete(f"/team/user/{member.pk}")
    again = api.post("/team/user", {"email": member.user.email})
    assert again.status_code == 201
    assert again.json()["user_id"] == member.user_id


# --- Invitations ------------------------------------------------------------------------------------


def test_an_invited_person_is_inactive_until_they_accept(api, client, mailed_link):
    body = {"email": "Anne@Acme.example", "roles": ["commercial"], "permissions": {"customer": 1}}
    link = mailed_link(lambda: api.post("/team/user", body))
    [invited] = api.get("/team/user", **{"filter[status]": "0"}).json()["datas"]
    assert invited["email"] == "anne@acme.example"
    assert invited["status"]["active"] is False
    assert (invited["permissions"]["customer"], invited["roles"]) == (1, ["commercial"])
    names = {
        "firstname": "Anne",
        "lastname": "Martin",
        "password": "a long new phrase",
        "confirmation": "a long new phrase",
    }
    assert client.post(link, names).status_code == 200
    accepted = api.get(f"/team/user/{invited['id']}").json()
    assert (accepted["fullname"], accepted["status"]["active"]) == ("Anne Martin", True)
    assert User.objects.get(email="anne@acme.example").check_password("a long new phrase")


def test_the_mail_says_who_invites_and_comes_as_text_and_html(api, owner, mailed_link):
    named(owner, "Paul", "Aubry")
    link = mailed_link(lambda: api.post("/team/user", {"email": "anne@acme.example"}))
    [message] = mail.outbox
    assert message.to == ["anne@acme.example"]
    assert "Acme" in message.subject
    assert "Paul Aubry" in message.body
    [(html, kind)] = message.alternatives
    assert kind == "text/html"
    assert link in html


def test_names_in_mails_are_escaped_in_html_only(api, owner, mailed_link):
    named(owner, "<b>Paul</b>", "")
    mailed_link(lambda: api.post("/team/user", {"email": "anne@acme.example"}))
    [message] = mail.outbox
    assert "<b>Paul</b>" in message.body
    assert "&lt;b&gt;Paul&lt;/b&gt;" in message.alternatives[0][0]


@pytest.mark.parametrize(
    "body", [{}, {"email": ""}, {"email": "nobody"}, {"email": None}, {"email": "OWNER@acme.example"}]
)
def test_an_invitation_needs_the_address_of_somebody_new(api, body, mailoutbox):
    response = api.post("/team/user", body)
    assert response.status_code == 422
    assert list(response.json()["errors"]) == ["email"]
    assert mailoutbox == []


def test_an_invitation_sent_again_replaces_the_first(api, client, mailed_link):
    first = mailed_link(lambda: api.post("/team/user", {"email": "anne@acme.example"}))
    [invited] = api.get("/team/user", **{"filter[status]": "0"}).json()["datas"]
    answers: list[Any] = []
    second = mailed_link(lambda: answers.append(api.post(f"/team/user/{invited['id']}/resend_invitation")))
    assert (answers[0].status_code, answers[0].json()["id"]) == (200, invited["id"])
    assert client.get(first).status_code == 410
    assert client.get(second).status_code == 200


def test_who_has_joined_needs_no_other_invitation(api, make_member, mailoutbox):
    assert api.post(f"/team/user/{make_member().pk}/resend_invitation").status_code == 409
    assert mailoutbox == []


def test_a_member_who_has_not_accepted_cannot_be_activated_by_others(api, team, owner):
    invited = api.post("/team/user", {"email": "anne@acme.example"}).json()["id"]
    with team_scope(team, owner):
        member = TeamUser.objects.get(pk=invited)
        with pytest.raises(services.members.Conflict):
            services.update_member(member, {"active": True})


def test_links_are_stored_hashed(api, mailed_link):
    link = mailed_link(lambda: api.post("/team/user", {"email": "anne@acme.example"}))
    token = link.rsplit("/", 1)[1]
    assert len(token) >= 43
    assert token not in Invitation.objects.get().hashed


def test_of_who_is_invited_nothing_shows_before_they_join(
    api: ApiClient, other_team: Any, client: Any, mailed_link: Any, owner: TeamUser
) -> None:
    """Else an invitation would tell any stranger's name and telephone, and whether they have an account."""
    stranger = User.objects.get(email="owner@globex.example")
    stranger.firstname, stranger.lastname, stranger.phone = "Zoé", "Zidane", "0472000000"
    stranger.save()
    link = mailed_link(lambda: api.post("/team/user", {"email": "owner@globex.example"}))
    [row] = api.get("/team/user", **{"filter[status]": 0, "include": "user"}).json()["datas"]
    assert row["email"] == "owner@globex.example"
    hidden = ("firstname", "lastname", "fullname", "initials", "user", "last_connexion")
    assert {row[name] for name in hidden} == {None}
    page = signed_in(owner).get("/admin/tenants/teamuser/").text
    assert "owner@globex.example" in page
    assert "Zidane" not in page
    client.post(link)
    joined = api.get(f"/team/user/{row['id']}", include="user").json()
    assert (joined["fullname"], joined["user"]["phone"]) == ("Zoé Zidane", "0472000000")
