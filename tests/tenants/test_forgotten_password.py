"""A forgotten password: a mailed link, for an hour, once; nothing tells strangers who has an account."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tenants import views
from tenants.models import PasswordReset, TeamUser, User
from tests.admin.pages import signed_in
from tests.conftest import PASSWORD, ApiClient

NEW = {"password": "a long new phrase", "confirmation": "a long new phrase"}


@pytest.fixture(autouse=True)
def _english(english: None) -> None:
    """Pages are asserted in English."""


@pytest.fixture
def ask(django_capture_on_commit_callbacks: Any) -> Callable[[str], Any]:
    """Ask for a link, as the page does; returns its answer."""

    def run(email: str) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return Client(headers={"Accept-Language": "en"}).post("/password/", {"email": email})

    return run


@pytest.fixture
def link(owner: TeamUser, ask: Callable[[str], Any], mailoutbox: Any) -> str:
    """The path of a link mailed to the owner."""
    ask("OWNER@acme.example")
    [message] = mailoutbox
    assert message.to == ["owner@acme.example"]
    found = re.search(r"http://127.0.0.1:8000(/\S+)", message.body)
    assert found
    return found[1]


def test_the_sign_in_page_leads_to_it(client: Client, db: None) -> None:
    assert 'href="/password/"' in client.get("/admin/login/").text
    assert 'name="email"' in client.get("/password/").text


def test_a_new_password_is_chosen_by_the_link_and_signs_others_out(
    client: Client, owner: TeamUser, link: str
) -> None:
    thief = signed_in(owner)
    assert thief.get("/admin/").status_code == 200
    assert "owner@acme.example" in client.get(link).text
    assert client.post(link, NEW).status_code == 200
    owner.user.refresh_from_db()
    assert owner.user.check_password(NEW["password"])
    assert thief.get("/admin/").status_code == 302
    assert client.post(link, NEW).status_code == 410


def test_strangers_cannot_tell_who_has_an_account(owner: TeamUser, ask: Any, mailoutbox: Any) -> None:
    User.objects.create_user("gone@acme.example", PASSWORD, is_active=False)
    pages = [ask(email) for email in ("owner@acme.example", "nobody@acme.example", "gone@acme.example")]
    assert {page.status_code for page in pages} == {200}
    assert len({re.sub(r'name="csrf\w+" value="\w+"', "", page.text) for page in pages}) == 1
    assert [message.to for message in mailoutbox] == [["owner@acme.example"]]


def test_a_mailbox_is_not_filled(owner: TeamUser, ask: Any, mailoutbox: Any) -> None:
    for _try in range(5):
        assert ask("owner@acme.example").status_code == 200
    assert len(mailoutbox) == 3


def test_one_place_does_not_ask_for_everybody(
    owner: TeamUser, ask: Any, mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "ASKED_PER_HOUR", 2)
    for email in ("a@b.example", "b@b.example"):
        ask(email)
    assert ask("owner@acme.example").status_code == 200
    assert mailoutbox == []


def test_the_link_is_to_the_installations_own_address(owner: TeamUser, mailoutbox: Any, settings: Any,
    django_capture_on_commit_callbacks: Any) -> None:  # fmt: skip
    """Whatever host the request names: a forged one would be given the secret."""
    settings.ALLOWED_HOSTS = ["*"]
    with django_capture_on_commit_callbacks(execute=True):
        Client(headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"}).post(
            "/password/", {"email": "owner@acme.example"}
        )
    assert "evil.example" not in mailoutbox[0].body + mailoutbox[0].alternatives[0][0]


def test_a_link_dies_with_time_and_with_what_happens_to_the_account(
    client: Client, api: ApiClient, owner: TeamUser, link: str
) -> None:
    PasswordReset.objects.update(expires_at=timezone.now())
    assert client.post(link, NEW).status_code == 410
    PasswordReset.objects.update(expires_at=timezone.now() + PasswordReset.lifetime)
    User.objects.update(is_active=False)
    assert client.post(link, NEW).status_code == 410
    User.objects.update(is_active=True)
    api.put("/user", {"password": "quite another phrase", "current_password": PASSWORD})
    assert client.post(link, NEW).status_code == 410


def test_a_thief_who_asked_for_another_address_does_not_get_it(
    client: Client, api: ApiClient, owner: TeamUser, mailoutbox: Any, ask: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    """The new password also stops what was asked for with the former."""
    with django_capture_on_commit_callbacks(execute=True):
        api.put("/user", {"email": "thief@evil.example", "current_password": PASSWORD})
    ask("owner@acme.example")
    theirs, own = (re.search(r"8000(/\S+)", message.body)[1] for message in mailoutbox)  # type: ignore[index]
    client.post(own, NEW)
    assert client.post(theirs).status_code == 410
    owner.user.refresh_from_db()
    assert owner.user.email == "owner@acme.example"


def test_bad_passwords_are_refused_beside_the_field(client: Client, link: str) -> None:
    page = client.post(link, {"password": "short", "confirmation": "short"})
    assert list(page.context["form"].errors) == ["password"]
    assert client.post(link, NEW).status_code == 200


def test_who_was_locked_out_may_enter_with_the_new_password(
    client: Client, owner: TeamUser, link: str, settings: Any
) -> None:
    settings.AXES_FAILURE_LIMIT = 2
    signs_in = {"username": "owner@acme.example", "password": "wrong"}
    for _try in range(3):
        locked = client.post("/admin/login/", signs_in)
    assert locked.status_code == 429
    client.post(link, NEW)
    entered = client.post("/admin/login/", signs_in | {"password": NEW["password"]})
    assert entered.status_code == 302
