"""GET and PUT /team: the company, its settings, its numbering."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.test.utils import CaptureQueriesContext

from erp.core import numbering
from erp.core.models import File
from erp.core.scope import team_scope
from erp.various.models import PaymentMethod, PaymentTerm, SaleTerm
from erp.various.services import team_today
from tenants.models import Team, TeamUser
from tenants.parameters import TEAM, TEAM_USER, NeededLink

ATTRIBUTES = {
    "road1",
    "road2",
    "road3",
    "postal_code",
    "town",
    "country_id",
    "country",
    "phone",
    "mobile",
    "fax",
    "email",
    "website",
    "company_name",
    "company_type",
    "company_siret",
    "company_rcs",
    "company_vatrate",
    "company_naf",
    "company_capital",
    "created_at",
    "updated_at",
    "configs",
    "letters_model",
}
NAMES = [parameter.name for parameter in TEAM]


def test_the_team_has_the_attributes_of_the_reference(api):
    team = api.get("/team").json()
    assert set(team) == ATTRIBUTES
    assert team["company_name"] == "Acme"
    assert team["country"] == {"id": 67, "name": "France", "code": "FR", "ue_member": True}
    assert team["road1"] is None
    assert team["letters_model"] is None


def test_every_setting_of_the_reference_is_answered(api):
    configs = api.get("/team").json()["configs"]
    assert list(configs) == NAMES
    assert len(configs) == 160
    assert len(TEAM_USER.parameters) == 18


def test_a_new_team_works_as_a_french_company(api):
    configs = api.get("/team").json()["configs"]
    assert configs["currency"]["code"] == "EUR"
    assert configs["timezone"]["timezone"] == "Europe/Paris"
    assert configs["sales_payment_term"]["label"] == "30 jours"
    assert configs["sales_sale_term"]["label"] == "Conditions générales de vente"
    assert [method["label"] for method in configs["sales_payment_methods"]] == ["Virement"]
    assert configs["sales_quotation_default_validity"] == 30
    assert configs["sales_penalty_rate"] == 12.15
    assert configs["sales_invoice_reference_prefix"] == "FA"
    assert configs["sales_invoice_reference_number"] == 1


def another(parameter: Any) -> Any:
    """A valid value of a setting that is not its default."""
    if parameter.kind in ("link", "links"):
        row = parameter.target.objects.exclude(pk=parameter.default or None).order_by("-pk").first()
        return [row.pk] if parameter.kind == "links" else row.pk
    if parameter.choices:
        return next(value for value in reversed(parameter.choices) if value != parameter.default)
    return {"boolean": not parameter.default, "integer": 7, "number": 12.5, "string": "X-{YYYY}{MM}"}[
        parameter.kind
    ]


def invalid(parameter: Any) -> Any:
    """A value that a setting refuses."""
    if parameter.kind == "link":
        return 999_999
    return {"links": [999_999], "boolean": "maybe", "integer": -1, "number": "a lot", "string": 5}[
        parameter.kind
    ]


def shown(value: Any) -> Any:
    """A written value as it is answered, links by their id."""
    if isinstance(value, list):
        return [shown(item) for item in value]
    return value["id"] if isinstance(value, dict) else value


@pytest.mark.parametrize("parameter", TEAM.parameters, ids=NAMES)
def test_every_setting_can_be_written_and_read_back(api, team, parameter):
    with team_scope(team):
        value = another(parameter)
    configs = {parameter.name: value}
    if parameter.name.endswith("_reference_mode"):  # a series that restarts says when in its references
        configs[parameter.name.replace("_mode", "_prefix")] = "{YYYY}-{MM}-"
    response = api.put("/team", {"configs": configs})
    assert response.status_code == 200, response.content
    assert shown(response.json()["configs"][parameter.name]) == value
    assert shown(api.get("/team").json()["configs"][parameter.name]) == value


@pytest.mark.parametrize("parameter", TEAM.parameters, ids=NAMES)
def test_every_setting_refuses_nonsense_by_its_name(api, parameter):
    response = api.put("/team", {"configs": {parameter.name: invalid(parameter)}})
    assert response.status_code == 422
    assert list(response.json()["errors"]) == [f"configs.{parameter.name}"]


@pytest.mark.parametrize("name", [parameter.name for parameter in TEAM if isinstance(parameter, NeededLink)])
def test_some_settings_cannot_be_empty(api, name):
    assert api.put("/team", {"configs": {name: None}}).status_code == 422


def test_unknown_settings_are_refused_and_nothing_is_written(api):
    response = api.put("/team", {"company_name": "New", "configs": {"colour": "red"}})
    assert list(response.json()["errors"]) == ["configs.colour"]
    assert api.get("/team").json()["company_name"] == "Acme"


def test_only_the_given_settings_change(api):
    api.put("/team", {"configs": {"sales_amounts_type": "ttc"}})
    configs = api.put("/team", {"configs": {"sales_col_number": True}}).json()["configs"]
    assert (configs["sales_amounts_type"], configs["sales_col_number"]) == ("ttc", True)


def test_settings_can_be_sent_as_a_form(api):
    body = (
        "company_name=Acme+SARL&configs[sales_amounts_type]=ttc&configs[sales_quotation_default_validity]=15"
    )
    team = api.put("/team", body, content_type="application/x-www-form-urlencoded").json()
    assert team["company_name"] == "Acme SARL"
    assert team["configs"]["sales_amounts_type"] == "ttc"
    assert team["configs"]["sales_quotation_default_validity"] == 15


def test_the_team_as_read_can_be_sent_back_whole(api):
    before = api.get("/team").json()
    after = api.put("/team", {**before, "town": "Metz"}).json()
    assert after == {**before, "town": "Metz", "updated_at": after["updated_at"]}


def test_links_to_another_teams_rows_do_not_exist(api, other_team):
    with team_scope(other_team):
        rows = {
            "sales_payment_term": PaymentTerm.objects.first().pk,
            "sales_sale_term": SaleTerm.objects.first().pk,
            "sales_payment_methods": [PaymentMethod.objects.first().pk],
            "stock_notifications_users": [TeamUser.objects.first().pk],
        }
    response = api.put("/team", {"configs": rows})
    assert response.status_code == 422
    assert set(response.json()["errors"]) == {f"configs.{name}" for name in rows}


def test_the_number_of_queries_does_not_grow_with_links(api, team, make_member):
    def choose(count: int) -> int:
        """Choose some methods and members; how many queries reading the team then takes."""
        with team_scope(team):
            methods = list(PaymentMethod.objects.values_list("pk", flat=True)[:count])
        members = [make_member().pk for _number in range(count)]
        api.put(
            "/team", {"configs": {"sales_payment_methods": methods, "stock_notifications_users": members}}
        )
        with CaptureQueriesContext(connection) as context:
            assert len(api.get("/team").json()["configs"]["stock_notifications_users"]) == count
        return len(context)

    assert choose(1) == choose(5) < 20


# --- The company ------------------------------------------------------------------------------------


def test_the_company_can_be_described(api):
    values = {
        "road1": "1 rue de la Paix",
        "postal_code": "75002",
        "town": "Paris",
        "country": 67,
        "phone": "0102030405",
        "email": "contact@acme.example",
        "website": "https://acme.example",
        "company_type": "SARL",
        "company_siret": "732 829 320 00074",
        "company_rcs": "Paris B 732 829 320",
        "company_vatrate": "FR 44 732 829 320",
        "company_naf": "4321A",
        "company_capital": "10 000 €",
    }
    team = api.put("/team", values).json()
    assert team["company_siret"] == "73282932000074"
    assert team["company_vatrate"] == "FR44732829320"
    assert team["town"] == "Paris"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("company_siret", "732 829 320 00075"),
        ("company_vatrate", "FR 00 732 829 320"),
        ("company_vatrate", "732829320"),
        ("email", "nobody"),
        ("country", 999_999),
        ("company_name", ""),
        ("company_name", None),
        ("postal_code", "x" * 21),
        ("colour", "red"),
    ],
)
def test_impossible_descriptions_are_refused(api, name, value):
    response = api.put("/team", {name: value})
    assert response.status_code == 422
    assert list(response.json()["errors"]) == [name]


def test_a_foreign_company_has_no_siret_to_check(api):
    team = api.put("/team", {"country": 21, "company_siret": "BCE 0403.170.701"}).json()
    assert team["company_siret"] == "BCE 0403.170.701"


def test_the_settings_permission_is_needed_to_write_not_to_read(member_api):
    member = member_api(app_configuration=0)
    assert member.get("/team").status_code == 200
    assert member.put("/team", {"town": "Metz"}).status_code == 403


def test_the_addresses_of_the_team_take_no_parameters_and_no_other_verbs(api):
    assert api.get("/team", include="country").status_code == 422
    assert api.post("/team", {}).status_code == 405
    assert api.delete("/team").status_code == 405
    assert api.get("/team/").json() == api.get("/team").json()


# --- The letter template ----------------------------------------------------------------------------


def document() -> bytes:
    """A zip file, as .docx files are."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>")
    return stream.getvalue()


def send_letters_model(api, content: bytes, name: str) -> Any:
    data = encode_multipart(BOUNDARY, {"letters_model": SimpleUploadedFile(name, content)})
    return api.put("/team", data, content_type=MULTIPART_CONTENT)


def test_a_letter_template_is_sent_as_a_file_and_taken_away_by_null(api):
    file = send_letters_model(api, document(), "letter.docx").json()["letters_model"]
    assert (file["filename"], file["element_type"]) == ("letter.docx", "letters_model")
    assert api.put("/team", {"letters_model": file}).json()["letters_model"]["id"] == file["id"]
    assert api.put("/team", {"letters_model": None}).json()["letters_model"] is None


@pytest.mark.parametrize(("name", "content"), [("letter.exe", b"MZ"), ("letter.docx", b"not a document")])
def test_only_real_documents_are_taken(api, name, content):
    response = send_letters_model(api, content, name)
    assert response.status_code == 422
    assert list(response.json()["errors"]) == ["letters_model"]


def test_a_letter_template_must_be_a_file(api):
    assert api.put("/team", {"letters_model": "letter.docx"}).status_code == 422


# --- Numbering --------------------------------------------------------------------------------------


def number(**values: Any) -> dict[str, Any]:
    return {"configs": {f"sales_invoice_reference_{name}": value for name, value in values.items()}}


def test_numbering_is_the_series_that_documents_take_their_numbers_from(api, scope):
    api.put("/team", number(prefix="F{YYYY}-", length=3, number=42, mode=2))
    row = numbering.series("sales_invoice")
    assert (row.prefix, row.length, row.next_number, row.mode) == ("F{YYYY}-", 3, 42, 2)


def test_a_number_given_is_never_given_again(api, scope):
    api.put("/team", number(number=10))
    with transaction.atomic():
        assert numbering.take_number("sales_invoice", team_today()).number == 10
    refused = api.put("/team", number(number=10))
    assert refused.status_code == 422
    assert list(refused.json()["errors"]) == ["configs.sales_invoice_reference_number"]
    assert "11" in refused.json()["message"]
    assert api.put("/team", number(number=20)).status_code == 200
    assert api.get("/team").json()["configs"]["sales_invoice_reference_number"] == 20


def test_a_number_that_nobody_took_yet_can_be_lowered(api):
    assert api.put("/team", number(number=500)).status_code == 200
    assert api.put("/team", number(number=1)).status_code == 200


def test_turning_to_monthly_numbers_does_not_give_this_months_numbers_again(api, scope):
    api.put("/team", number(prefix="F{YYYY}{MM}-", mode=2))
    with transaction.atomic():
        first = numbering.take_number("sales_invoice", team_today())
    assert api.put("/team", number(mode=1)).status_code == 200
    with transaction.atomic():
        second = numbering.take_number("sales_invoice", team_today())
    assert first.reference.endswith("00001")
    assert second.reference.endswith("00002")


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"prefix": "FA n°"}, "prefix"),
        ({"mode": 2}, "prefix"),
        ({"mode": 1, "prefix": "{YYYY}"}, "prefix"),
        ({"length": 13}, "length"),
        ({"length": 0}, "length"),
        ({"number": 0}, "number"),
        ({"mode": 3}, "mode"),
        ({"prefix": "x" * 21}, "prefix"),
    ],
)
def test_references_that_the_law_or_the_counter_could_not_stand_are_refused(api, values, name):
    response = api.put("/team", number(**values))
    assert response.status_code == 422
    assert list(response.json()["errors"]) == [f"configs.sales_invoice_reference_{name}"]


def test_another_teams_settings_stay_as_they_are(api, other_api, other_team):
    api.put("/team", {"town": "Metz", **number(number=9)})
    theirs = other_api.get("/team").json()
    assert theirs["town"] is None
    assert theirs["configs"]["sales_invoice_reference_number"] == 1
    assert Team.objects.get(pk=other_team.pk).configs == other_team.configs


def test_files_of_the_team_are_stored_in_its_own_folder(api, team):
    send_letters_model(api, document(), "letter.odt")
    with team_scope(team):
        assert File.objects.get().content.name.startswith(f"teams/{team.pk}/")
