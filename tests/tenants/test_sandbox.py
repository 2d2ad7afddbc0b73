"""testMode: a twin of the team, with its lists and settings, from which nothing leaves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from erp.constructions.models import Material, Technician
from erp.core import numbering
from erp.core.scope import team_scope
from erp.customfields.models import CustomField, CustomFieldOption
from erp.customfields.services import create_field
from erp.opportunities.models import Funnel, FunnelCategory, FunnelStep
from erp.opportunities.services import create_funnel
from erp.various.models import PaymentMethod, PaymentTerm, SaleCategory, SaleCategoryAccount, Unit, VatRate
from erp.various.services import team_today
from tenants import services
from tenants.models import Team, TeamUser
from tenants.services.sandbox import _make
from tests.admin.pages import signed_in
from tests.conftest import PASSWORD, ApiClient, key_of


@pytest.fixture
def twin(team, sandbox_api) -> Team:
    """The sandbox of the team."""
    sandbox_api.get("/team")
    return Team.objects.get(sandbox_of=team)


def labels(team: Team, model) -> list[str]:
    with team_scope(team):
        return [str(row) for row in model.objects.order_by("pk")]


def test_the_sandbox_is_made_on_first_use_and_once(team, api, sandbox_api):
    api.get("/team")
    assert not Team.objects.filter(sandbox_of=team).exists()
    for _time in range(3):
        assert sandbox_api.get("/team").status_code == 200
    assert Team.objects.filter(sandbox_of=team).count() == 1


@pytest.mark.parametrize(
    ("value", "inside"), [("1", True), ("true", True), ("TRUE", True), ("0", False), ("", False)]
)
def test_the_header_turns_to_the_sandbox(team, value, inside):
    ApiClient(key_of(team), testMode=value).get("/team")
    assert Team.objects.filter(sandbox_of=team).exists() == inside


@pytest.mark.parametrize("value", ["yes", "on", "2", "1, 1"])
def test_a_word_that_is_neither_yes_nor_no_never_works_on_the_real_company(team, value):
    response = ApiClient(key_of(team), testMode=value).post("/unit", {"label": "Chevron"})
    assert response.status_code == 422
    assert list(response.json()["errors"]) == ["testMode"]
    assert "Chevron" not in labels(team, Unit)


def test_it_has_the_teams_description_and_settings(api, team, sandbox_api):
    with team_scope(team):
        term = PaymentTerm.objects.create(label="90 jours", day_number=90)
        methods = list(PaymentMethod.objects.order_by("pk")[:2].values_list("pk", flat=True))
    configs = {
        "sales_amounts_type": "ttc",
        "sales_payment_term": term.pk,
        "sales_payment_methods": methods,
        "sales_invoice_reference_prefix": "INV-",
        "sales_invoice_reference_number": 77,
    }
    api.put("/team", {"town": "Metz", "configs": configs})
    answer = sandbox_api.get("/team").json()
    assert (answer["company_name"], answer["town"]) == ("Acme", "Metz")
    assert answer["configs"]["sales_amounts_type"] == "ttc"
    assert answer["configs"]["sales_payment_term"]["label"] == "90 jours"
    assert answer["configs"]["sales_payment_term"]["id"] != term.pk
    assert len(answer["configs"]["sales_payment_methods"]) == 2
    assert not {method["id"] for method in answer["configs"]["sales_payment_methods"]} & set(methods)
    assert answer["configs"]["sales_invoice_reference_prefix"] == "INV-"
    assert answer["configs"]["sales_invoice_reference_number"] == 1


def test_it_has_copies_of_the_teams_lists(team, sandbox_api):
    with team_scope(team):
        Unit.objects.create(label="palette")
        category = SaleCategory.objects.create(label="Ventes en ligne", parent=SaleCategory.objects.first())
        SaleCategoryAccount.objects.create(
            category=category, vatrate=VatRate.objects.first(), account_number="701"
        )
        gone = VatRate.objects.create(rate=1)
        SaleCategoryAccount.objects.create(category=category, vatrate=gone, account_number="702")
        gone.delete()
    sandbox_api.get("/team")
    twin = Team.objects.get(sandbox_of=team)
    for model in (Unit, PaymentTerm, PaymentMethod, VatRate, SaleCategory):
        assert labels(twin, model) == labels(team, model)
    with team_scope(twin):
        copy = SaleCategory.objects.get(label="Ventes en ligne")
        assert copy.parent.team_id == twin.pk
        assert [account.account_number for account in copy.accounts.all()] == ["701"]


def test_it_has_copies_of_custom_fields_funnels_and_technicians(team, sandbox_api):
    with team_scope(team):
        body = {"label": "Colour", "type": "select", "usage": ["customer"], "options": ["Red", "Green"]}
        create_field(body)
        create_funnel({"name": "Works", "steps": [{"name": "Visit"}], "categories": [{"label": "Roof"}]})
        Technician.objects.create(name="Jim Bolt")
        Material.objects.create(name="Scaffold")
    sandbox_api.get("/team")
    twin = Team.objects.get(sandbox_of=team)
    for model in (CustomField, CustomFieldOption, Funnel, FunnelStep, FunnelCategory, Technician, Material):
        assert labels(twin, model) == labels(team, model) != []
    with team_scope(twin):
        [field] = CustomField.objects.all()
        assert [option.value for option in field.options.all()] == ["Red", "Green"]
        step = FunnelStep.objects.get(name="Visit")
        assert (step.funnel.name, step.funnel.team_id) == ("Works", twin.pk)


def test_what_is_written_in_one_does_not_show_in_the_other(api, sandbox_api, twin, team):
    sandbox_api.put("/team", {"town": "Test"})
    assert api.get("/team").json()["town"] is None
    api.put("/team", {"town": "Metz"})
    assert sandbox_api.get("/team").json()["town"] == "Test"
    with team_scope(twin):
        Unit.objects.create(label="only a test")
    assert "only a test" not in labels(team, Unit)


def test_numbers_of_the_sandbox_are_its_own(team, twin):
    for place in (twin, team):
        with team_scope(place), transaction.atomic():
            assert numbering.take_number("sales_invoice", team_today()).number == 1


def test_members_are_copied_with_whom_they_manage(team, make_member, sandbox_api):
    manager, seller = make_member(), make_member(customer=1)
    with team_scope(team):
        manager.team_users.add(seller)
        manager.configs = {"task_defaut_team_user": [seller.pk]}
        manager.save()
    sandbox_api.get("/team")
    with team_scope(Team.objects.get(sandbox_of=team)):
        twin = TeamUser.objects.get(user=manager.user)
        [managed] = twin.team_users.all()
        assert managed.user_id == seller.user_id
        assert managed.level("customer") == 1
        assert twin.configs == {"task_defaut_team_user": [managed.pk]}


def test_permissions_follow_those_of_the_live_team(api, team, make_member):
    member = make_member(app_configuration=1)
    with team_scope(team):
        client = ApiClient(services.create_api_key(member), testMode="1")
    assert client.put("/team", {"town": "Test"}).status_code == 200
    api.put(f"/team/user/{member.pk}", {"permissions": {"app-configuration": 0}, "roles": ["technical"]})
    assert client.put("/team", {"town": "Again"}).status_code == 403
    assert client.get("/user").json()["active_team_user"]["roles"] == ["technical"]


@pytest.mark.parametrize("how", ["deactivated", "deleted"])
def test_who_is_out_of_the_team_is_out_of_its_sandbox(team, owner, make_member, how):
    member = make_member()
    with team_scope(team):
        twin = services.sandbox_member(member)
    with team_scope(twin.team):
        client = ApiClient(services.create_api_key(twin))
    browser = signed_in(member)
    browser.post(reverse("admin:switch_sandbox"), {"sandbox": "1"})
    page = reverse("admin:various_unit_changelist")
    assert (client.get("/unit").status_code, browser.get(page).status_code) == (200, 200)
    with team_scope(team, owner):
        if how == "deleted":
            services.delete_member(member)
        else:
            services.update_member(member, {"active": False})
    assert (client.get("/unit").status_code, browser.get(page).status_code) == (401, 302)


def test_lowered_permissions_are_lowered_in_the_sandbox_at_once(team, owner, make_member):
    member = make_member(manage_list=1)
    with team_scope(team):
        twin = services.sandbox_member(member)
    with team_scope(team, owner):
        services.update_member(member, {"permissions": {"manage-list": 0}})
    with team_scope(twin.team):
        client = ApiClient(services.create_api_key(twin))
    assert client.post("/unit", {"label": "Chevron"}).status_code == 403


def test_members_who_came_later_are_in_the_sandbox_too(twin, team, make_member):
    member = make_member()
    with team_scope(team):
        client = ApiClient(services.create_api_key(member), testMode="1")
    own = client.get("/user").json()["active_team_user"]
    assert own["email"] == member.user.email
    assert own["id"] != member.pk


def test_no_mail_leaves_the_sandbox(sandbox_api, django_capture_on_commit_callbacks, mailoutbox):
    with django_capture_on_commit_callbacks(execute=True):
        invited = sandbox_api.post("/team/user", {"email": "anne@acme.example"})
        again = sandbox_api.post(f"/team/user/{invited.json()['id']}/resend_invitation")
    assert (invited.status_code, again.status_code) == (201, 200)
    assert mailoutbox == []


def test_an_account_is_real_even_in_the_sandbox_and_does_not_change_there(sandbox_api, owner, mailoutbox):
    assert sandbox_api.get("/user").json()["email"] == "owner@acme.example"
    assert sandbox_api.put("/user", {"firstname": "Test"}).status_code == 409
    assert (
        sandbox_api.put("/user", {"email": "new@acme.example", "current_password": PASSWORD}).status_code
        == 409
    )
    assert sandbox_api.post("/user/email-validation/resend").status_code == 409
    owner.user.refresh_from_db()
    assert owner.user.firstname == ""
    assert mailoutbox == []


def test_two_first_requests_at_once_make_one_sandbox(team, owner, twin):
    with team_scope(team):
        assert _make(team).pk == twin.pk
    assert Team.objects.filter(sandbox_of=team).count() == 1


def test_the_sandbox_of_a_sandbox_is_itself(twin, owner):
    with team_scope(twin):
        member = TeamUser.objects.select_related("team").get(user=owner.user)
        assert services.sandbox_member(member) == member


def statements(client: ApiClient) -> list[str]:
    """What a request asks the database, without telling it the team."""
    with CaptureQueriesContext(connection) as context:
        client.get("/user/permission")
    return [query["sql"] for query in context if "set_config" not in query["sql"]]


def test_later_requests_cost_two_queries_more(api, sandbox_api, twin):
    api.get("/user/permission")
    assert len(statements(sandbox_api)) == len(statements(api)) + 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_first_requests_that_really_run_at_once_make_one_sandbox(team):
    clients = [ApiClient(key_of(team), testMode="1") for _number in range(4)]

    def ask(client: ApiClient) -> int:
        try:
            return client.get("/team").status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(clients)) as pool:
        assert list(pool.map(ask, clients)) == [200] * len(clients)
    twin = Team.objects.get(sandbox_of=team)
    assert labels(twin, Unit) == labels(team, Unit)
