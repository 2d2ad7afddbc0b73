"""/user: the key's own account; /user/permission."""

from __future__ import annotations

import pytest

from tenants.models import User
from tests.conftest import PASSWORD

ATTRIBUTES = {
    "id",
    "firstname",
    "lastname",
    "fullname",
    "initials",
    "email",
    "phone",
    "mobile",
    "fax",
    "last_connexion",
    "created_at",
    "updated_at",
    "status",
    "active_team_user",
    "teamUsers",
    "email_validation",
    "newsletter_updates",
    "newsletter_offers",
    "avatar",
    "language",  # our own: of pages and mails
}
NEW_PASSWORD = "a long new phrase"


def test_the_user_has_the_attributes_of_the_reference(api, owner):
    user = api.get("/user").json()
    assert set(user) == ATTRIBUTES
    assert (user["id"], user["email"]) == (owner.user_id, "owner@acme.example")
    assert user["active_team_user"]["id"] == owner.pk
    assert [member["id"] for member in user["teamUsers"]] == [owner.pk]
    assert user["status"]["active"] is True
    assert (user["email_validation"], user["newsletter_updates"]) == (None, False)


def test_names_and_telephones_change_without_a_password(api):
    values = {
        "firstname": "Paul",
        "lastname": "Aubry",
        "phone": "1",
        "mobile": "2",
        "fax": "3",
        "newsletter_offers": True,
    }
    user = api.put("/user", values).json()
    assert {name: user[name] for name in values} == values
    assert (user["fullname"], user["initials"]) == ("Paul Aubry", "PA")
    assert user["active_team_user"]["fullname"] == "Paul Aubry"


def test_a_password_changes_with_the_current_one(api, owner):
    response = api.put("/user", {"password": NEW_PASSWORD, "current_password": PASSWORD})
    assert response.status_code == 200
    assert "password" not in response.json()
    assert User.objects.get(pk=owner.user_id).check_password(NEW_PASSWORD)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"password": NEW_PASSWORD}, "current_password"),
        ({"password": NEW_PASSWORD, "current_password": "wrong"}, "current_password"),
        ({"password": "short", "current_password": PASSWORD}, "password"),
        ({"password": "owner@acme.example", "current_password": PASSWORD}, "password"),
        ({"email": "new@acme.example"}, "current_password"),
        ({"email": "new@acme.example", "current_password": "wrong"}, "current_password"),
        ({"email": "nobody", "current_password": PASSWORD}, "email"),
        ({"firstname": "x" * 101}, "firstname"),
        ({"newsletter_offers": "maybe"}, "newsletter_offers"),
        ({"is_superuser": True}, "is_superuser"),
    ],
)
def test_impossible_changes_are_refused_by_name(api, owner, body, name):
    response = api.put("/user", body)
    assert response.status_code == 422
    assert list(response.json()["errors"]) == [name]
    user = User.objects.get(pk=owner.user_id)
    assert user.check_password(PASSWORD)
    assert user.email == "owner@acme.example"


def test_an_empty_password_changes_nothing(api, owner):
    assert (
        api.put("/user", {"firstname": "Paul", "password": "", "current_password": None}).status_code == 200
    )
    assert User.objects.get(pk=owner.user_id).check_password(PASSWORD)


def test_an_address_of_somebody_else_is_refused(api, other_team):
    response = api.put("/user", {"email": "OWNER@globex.example", "current_password": PASSWORD})
    assert list(response.json()["errors"]) == ["email"]


def test_after_ten_wrong_passwords_one_waits(api):
    guess = {"password": NEW_PASSWORD, "current_password": "wrong"}
    assert [api.put("/user", guess).status_code for _guess in range(10)] == [422] * 10
    locked = api.put("/user", {**guess, "current_password": PASSWORD})
    assert locked.status_code == 429
    assert int(locked["Retry-After"]) > 0
    assert api.put("/user", {"firstname": "Paul"}).status_code == 200


def test_a_right_password_forgets_the_wrong_ones(api):
    for _round in range(2):
        for _guess in range(6):
            api.put("/user", {"password": NEW_PASSWORD, "current_password": "wrong"})
        assert api.put("/user", {"password": PASSWORD, "current_password": PASSWORD}).status_code == 200


# --- Changing one's address ---------------------------------------------------------------------------


def ask(api):
    return api.put("/user", {"email": "new@acme.example", "current_password": PASSWORD})


def test_a_new_address_waits_for_its_confirmation(api, mailed_link, mailoutbox):
    mailed_link(lambda: ask(api))
    user = api.get("/user").json()
    assert user["email"] == "owner@acme.example"
    assert user["email_validation"]["email"] == "new@acme.example"
    [message] = mailoutbox
    assert message.to == ["new@acme.example"]


def test_the_link_can_be_sent_again_and_replaces_the_first(api, client, mailed_link):
    first = mailed_link(lambda: ask(api))
    second = mailed_link(lambda: api.post("/user/email-validation/resend"))
    assert client.get(first).status_code == 410
    assert client.post(second).status_code == 200


def test_a_change_of_address_can_be_cancelled(api, client, mailed_link):
    link = mailed_link(lambda: ask(api))
    response = api.post("/user/email-validation/cancel")
    assert (response.status_code, response.json()["email_validation"]) == (200, None)
    assert client.post(link).status_code == 410
    assert api.get("/user").json()["email"] == "owner@acme.example"


@pytest.mark.parametrize("what", ["resend", "cancel"])
def test_without_a_waiting_address_there_is_nothing_to_do(api, what):
    assert api.post(f"/user/email-validation/{what}").status_code == 409


# --- Permissions ------------------------------------------------------------------------------------


def test_permissions_are_answered_by_category(api):
    categories = api.get("/user/permission").json()
    assert [category["sort"] for category in categories] == list(range(1, len(categories) + 1))
    first = categories[0]
    assert set(first) == {"key", "name", "sort", "permissions"}
    assert first["key"] == "customers"
    limitation = first["permissions"][0]
    assert set(limitation) == {"key", "name", "description", "levels", "defaultLevel", "sort", "category"}
    assert limitation["key"] == "customer-limitation"
    assert [level["value"] for level in limitation["levels"]] == [0, 1]
    assert limitation["defaultLevel"] == limitation["levels"][1]


def test_the_keys_are_those_of_the_reference(api):
    found = {
        permission["key"]: permission["defaultLevel"]["value"]
        for category in api.get("/user/permission").json()
        for permission in category["permissions"]
    }
    assert found == {
        "datas-export": 1,
        "manage-stock": 1,
        "mail-access": 1,
        "send-mail": 1,
        "receive-mail": 1,
        "calendar": 1,
        "task-access": 2,
        "task": 1,
        "communication-reports": 1,
        "communication-letters": 1,
        "charges": 4,
        "datas-import": 1,
        "see-stock": 1,
        "catalog-groups": 4,
        "catalog-services": 4,
        "catalog-products": 4,
        "customer-limitation": 1,
        "contact": 4,
        "subcontractor": 4,
        "provider": 4,
        "prospect": 4,
        "customer": 4,
        "sales-quotation": 4,
        "support": 4,
        "app-configuration": 1,
        "sales-command": 4,
        "support-editmessage": 2,
        "manage-list": 1,
        "manage-users": 1,
        "support-delete-message": 2,
        "sales-delivery": 4,
        "manage-subscription": 1,
        "sales-proforma": 4,
        "sales-invoice": 4,
        "sales-credit": 4,
        "sales-limitation": 1,
    }


def test_everybody_may_read_permissions_and_nobody_writes_them(member_api):
    member = member_api(manage_users=0)
    assert member.get("/user/permission").status_code == 200
    assert member.post("/user/permission", {}).status_code in {403, 405}
