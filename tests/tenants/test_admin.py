"""The settings of the company, its users and its keys in the admin."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from erp.core import numbering
from erp.core.scope import team_scope
from erp.various.models import PaymentTerm
from tenants.models import ApiKey, Team, TeamUser
from tenants.parameters import TEAM
from tests.admin.pages import form_data, messages_of, signed_in, url
from tests.conftest import ApiClient


@pytest.fixture
def browser(owner):
    """The owner's browser."""
    return signed_in(owner)


@pytest.fixture
def settings_page(team) -> str:
    return url(Team, "change", team.pk)


# --- Company settings -------------------------------------------------------------------------------


def test_the_list_of_teams_is_the_one_page_of_settings(browser, settings_page):
    assert browser.get(url(Team, "changelist"))["Location"] == settings_page


def test_every_setting_has_a_field(browser, settings_page):
    fields = browser.get(settings_page).context["adminform"].form.fields
    wanted = {parameter.name for parameter in TEAM}
    assert wanted - set(fields) == set()


def test_saving_without_typing_changes_nothing(api, browser, settings_page):
    before = api.get("/team").json()
    response = browser.post(settings_page, form_data(browser.get(settings_page)))
    assert response.status_code == 302
    assert {**api.get("/team").json(), "updated_at": None} == {**before, "updated_at": None}


def test_settings_are_written_by_the_same_rules(api, browser, settings_page):
    typed = {
        "town": "Metz",
        "sales_amounts_type": "ttc",
        "sales_penalty_rate": "9.5",
        "sales_col_number": "on",
    }
    browser.post(settings_page, {**form_data(browser.get(settings_page)), **typed})
    team = api.get("/team").json()
    configs = team["configs"]
    assert team["town"] == "Metz"
    assert (configs["sales_amounts_type"], configs["sales_penalty_rate"], configs["sales_col_number"]) == (
        "ttc",
        9.5,
        True,
    )


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"company_siret": "732 829 320 00075"}, "company_siret"),
        ({"sales_invoice_reference_prefix": "FA n°"}, "sales_invoice_reference_prefix"),
        ({"sales_invoice_reference_mode": "2"}, "sales_invoice_reference_prefix"),
        ({"sales_invoice_reference_number": "0"}, "sales_invoice_reference_number"),
        ({"currency": ""}, "currency"),
    ],
)
def test_what_is_refused_is_said_beside_its_field(browser, settings_page, typed, field):
    response = browser.post(settings_page, {**form_data(browser.get(settings_page)), **typed})
    assert response.status_code == 200
    assert list(response.context["adminform"].form.errors) == [field]


def test_only_rows_of_the_team_can_be_chosen(browser, settings_page, other_team):
    with team_scope(other_team):
        theirs = PaymentTerm.objects.first().pk
    page = browser.get(settings_page)
    assert theirs not in {
        row.pk for row in page.context["adminform"].form.fields["sales_payment_term"].queryset
    }
    response = browser.post(settings_page, {**form_data(page), "sales_payment_term": theirs})
    assert list(response.context["adminform"].form.errors) == ["sales_payment_term"]


def test_a_logo_is_sent_and_removed(browser, settings_page, team):
    logo = SimpleUploadedFile("logo.png", b"\x89PNG\r\n\x1a\n" + b"x" * 20)
    browser.post(settings_page, {**form_data(browser.get(settings_page)), "new_logo": logo})
    with team_scope(team):
        assert Team.objects.get(pk=team.pk).logo.filename == "logo.png"
    browser.post(settings_page, {**form_data(browser.get(settings_page)), "remove_logo": "on"})
    assert Team.objects.get(pk=team.pk).logo_id is None


def test_a_bad_logo_is_refused_beside_its_field(browser, settings_page):
    logo = SimpleUploadedFile("logo.svg", b"<svg/>")
    response = browser.post(settings_page, {**form_data(browser.get(settings_page)), "new_logo": logo})
    assert list(response.context["adminform"].form.errors) == ["new_logo"]


def test_the_next_references_are_shown_while_one_types(browser, settings_page, scope):
    page = browser.get(settings_page)
    assert "FA00001, FA00002, FA00003" in page.text
    address = reverse("admin:numbering_preview", args=["sales_invoice"])
    assert f'data-preview="{address}"' in page.text
    start = "sales_invoice_reference"
    typed = {f"{start}_prefix": "F-", f"{start}_number": "41", f"{start}_length": "3", f"{start}_mode": "0"}
    assert browser.get(address, typed).json()["text"].endswith("F-041, F-042, F-043")
    assert "prefix" in browser.get(address, {**typed, f"{start}_prefix": "F n°"}).json()["text"]
    assert browser.get(address, {**typed, f"{start}_length": "many"}).json()["text"]
    assert browser.get(reverse("admin:numbering_preview", args=["nothing"])).status_code == 404
    assert numbering.series("sales_invoice").prefix == "FA"


def test_who_may_not_change_settings_only_reads_them(make_member, settings_page):
    reader = signed_in(make_member(app_configuration=0))
    page = reader.get(settings_page)
    assert page.status_code == 200
    assert reader.post(settings_page, {"town": "Metz"}).status_code == 403


def test_another_teams_settings_do_not_open(browser, other_team):
    assert browser.get(url(Team, "change", other_team.pk)).status_code in {302, 404}


# --- Users ------------------------------------------------------------------------------------------


def test_people_are_invited_with_their_permissions(
    browser, django_capture_on_commit_callbacks, mailoutbox, team
):
    page = browser.get(url(TeamUser, "add"))
    typed = {"email": "anne@acme.example", "roles": ["commercial"], "permission-customer": "1"}
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post(url(TeamUser, "add"), {**form_data(page), **typed}).status_code == 302
    assert [message.to for message in mailoutbox] == [["anne@acme.example"]]
    with team_scope(team):
        member = TeamUser.objects.get(user__email="anne@acme.example")
        assert (member.active, member.roles, member.level("customer")) == (False, ["commercial"], 1)


def test_an_invitation_can_be_sent_again(
    browser, django_capture_on_commit_callbacks, mailoutbox, api, make_member
):
    invited = api.post("/team/user", {"email": "anne@acme.example"}).json()["id"]
    page = browser.get(url(TeamUser, "change", invited))
    action = re.search(r'href="([^"]*resend[^"]*)"', page.text)[1]
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(action)
    assert len(mailoutbox) == 1
    assert "resend" not in browser.get(url(TeamUser, "change", make_member().pk)).text


def test_members_are_changed_by_the_same_rules(browser, make_member, team):
    member, other = make_member(customer=1), make_member()
    address = url(TeamUser, "change", member.pk)
    typed = {
        "permission-customer": "3",
        "roles": ["manager"],
        "team_users": [other.pk],
        "calendar_first_hour": "9",
    }
    assert browser.post(address, {**form_data(browser.get(address)), **typed}).status_code == 302
    with team_scope(team):
        member.refresh_from_db()
        assert (member.level("customer"), member.roles, member.active) == (3, ["manager"], True)
        assert list(member.team_users.all()) == [other]
        assert member.parameter("calendar_first_hour") == 9


def test_the_last_owner_cannot_step_down(browser, owner):
    address = url(TeamUser, "change", owner.pk)
    data = form_data(browser.get(address))
    del data["is_owner"]
    response = browser.post(address, data)
    assert response.status_code == 200
    assert response.context["adminform"].form.non_field_errors()


def test_a_bad_colour_is_refused_beside_its_field(browser, make_member):
    address = url(TeamUser, "change", make_member().pk)
    response = browser.post(address, {**form_data(browser.get(address)), "calendar_task_color": "red"})
    assert list(response.context["adminform"].form.errors) == ["calendar_task_color"]


def test_levels_above_ones_own_are_not_offered(make_member):
    manager = signed_in(make_member(customer=2))
    address = url(TeamUser, "change", make_member(customer=1).pk)
    page = manager.get(address)
    field = page.context["adminform"].form.fields["permission-customer"]
    assert [level for level, _label in field.choices] == [0, 1, 2]
    refused = manager.post(address, {**form_data(page), "permission-customer": "4"})
    assert list(refused.context["adminform"].form.errors) == ["permission-customer"]


def test_who_may_not_manage_users_only_sees_them(make_member, owner):
    reader = signed_in(make_member(manage_users=0))
    assert "owner@acme.example" in reader.get(url(TeamUser, "changelist")).text
    assert reader.get(url(TeamUser, "change", owner.pk)).status_code == 200
    assert reader.get(url(TeamUser, "add")).status_code == 403


def test_nobody_deletes_themselves(browser, owner):
    response = browser.post(url(TeamUser, "delete", owner.pk), {"post": "yes"}, follow=True)
    assert messages_of(response)
    with team_scope(owner.team):
        assert TeamUser.objects.filter(pk=owner.pk).exists()


# --- Keys -------------------------------------------------------------------------------------------


def test_a_key_is_shown_once_and_works_until_it_is_revoked(browser, owner, team):
    page = browser.post(url(ApiKey, "add"), {"name": "Shop", "team_user": owner.pk})
    assert "no-store" in page["Cache-Control"]
    secret = re.search(r'value="(erp_[^"]+)"', page.text)[1]
    assert ApiClient(secret).get("/team").status_code == 200
    with team_scope(team):
        key = ApiKey.objects.get()
    for address in (url(ApiKey, "changelist"), url(ApiKey, "change", key.pk)):
        text = browser.get(address).text
        assert secret not in text
        assert key.hashed not in text
    action = re.search(r'href="([^"]*revoke[^"]*)"', browser.get(url(ApiKey, "change", key.pk)).text)[1]
    browser.post(action)
    assert ApiClient(secret).get("/team").status_code == 401


def test_only_owners_make_keys_of_others(make_member, owner, team):
    member = make_member()
    response = signed_in(member).post(url(ApiKey, "add"), {"name": "", "team_user": owner.pk})
    assert list(response.context["adminform"].form.errors) == ["team_user"]
    with team_scope(team):
        assert not ApiKey.objects.exists()


def test_keys_are_not_shown_without_the_permission(make_member):
    assert signed_in(make_member(app_configuration=0)).get(url(ApiKey, "changelist")).status_code == 403
