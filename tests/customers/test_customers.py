"""Writing customers through the API: natures, references, names, addresses, checks."""

from __future__ import annotations

from typing import Any

import pytest

from erp.core.models import NumberSeries
from erp.core.scope import team_scope
from erp.customers import services
from erp.customers.models import Customer, CustomerActivity, CustomerAddress, CustomerOrigin, CustomerType
from erp.various.models import Civility, PaymentMethod, PaymentTerm, Tag
from tenants.models import TeamUser

from .conftest import BELGIUM, FRANCE

BESANCON = {"road1": "12 Rue de Dole", "postal_code": "25000", "town": "Besançon", "country": FRANCE}
LYON = {"road1": "1 quai Perrache", "postal_code": "69002", "town": "Lyon", "country": FRANCE}


def created(response: Any) -> dict[str, Any]:
    assert response.status_code == 201, response.content
    return response.json()


def refused(response: Any, path: str) -> str:
    """The sentence shown for one attribute of a 422."""
    assert response.status_code == 422, response.content
    errors = response.json()["errors"]
    assert list(errors) == [path]
    return errors[path][0]


# --- What an answer holds ---------------------------------------------------------------------------


def test_a_company_is_a_customer_unless_said_otherwise(api, company_type):
    answer = created(api.post("/customer", {"type": company_type.pk, "company_name": "Acier SA"}))

    assert answer["name"] == answer["company_name"] == "Acier SA"
    assert answer["reference"] == {
        "customer": "CL00001",
        "prospect": None,
        "provider": None,
        "subcontractor": None,
    }
    assert answer["type"]["id"] == company_type.pk
    assert answer["company_siret"] is None
    assert answer["activity_id"] is None
    assert answer["archived_at"] is None
    assert not answer.keys() & {"firstname", "lastname", "fullname", "civility", "birth_date", "is_customer"}
    assert not answer.keys() & {
        "tags",
        "contacts",
        "configs",
        "address_invoice",
        "addresses",
        "custom_fields",
    }


def test_the_attributes_of_an_answer_stand_in_the_order_of_the_reference(api, trader_type):
    body = {"type": trader_type.pk, "company_name": "Bois", "lastname": "Martin"}
    assert list(created(api.post("/customer", body))) == [
        "id", "name", "reference", "type", "company_name", "company_type", "company_siret", "company_rcs",
        "company_vatrate", "company_naf", "company_capital", "civility", "firstname", "lastname", "fullname",
        "birth_date", "phone", "mobile", "fax", "email", "website", "activity_id", "origin_id",
        "newsletter_inscription", "team_user_id", "archived_at", "created_at", "updated_at",
    ]  # fmt: skip


def test_a_person_has_a_full_name(api, person_type):
    civility = Civility.objects.create(name="Madam", short_name="Mrs")
    body = {
        "type": person_type.pk,
        "civility": civility.pk,
        "firstname": "Anne",
        "lastname": "Martin",
        "birth_date": "1980-02-29",
    }
    answer = created(api.post("/customer", body))

    assert answer["fullname"] == "Mrs Anne Martin"
    assert answer["name"] == "Martin Anne"
    assert answer["civility"]["short_name"] == "Mrs"
    assert answer["birth_date"] == "1980-02-29"
    assert "company_name" not in answer


@pytest.mark.parametrize(
    ("fullname", "firstname", "lastname"),
    [
        ("Jean Le Goff", "Jean", "Le Goff"),
        ("Mr Jean Le Goff", "Jean", "Le Goff"),
        ("Martin", None, "Martin"),
        ("Mr Martin", None, "Martin"),
    ],
)
def test_a_full_name_sets_first_and_last_name(api, person_type, fullname, firstname, lastname):
    civility = Civility.objects.create(name="Mister", short_name="Mr")
    body = {"type": person_type.pk, "civility": civility.pk, "fullname": fullname}
    answer = created(api.post("/customer", body))
    assert (answer["firstname"], answer["lastname"]) == (firstname, lastname)


def test_a_full_name_gives_way_to_first_and_last_name(api, person_type):
    body = {"type": person_type.pk, "fullname": "Someone Else", "firstname": "Jean", "lastname": "Martin"}
    assert created(api.post("/customer", body))["fullname"] == "Jean Martin"


def test_everything_is_answered_when_included(api, company, contact, owner):
    customer = company(activity=CustomerActivity.objects.create(label="Steel"), team_user=owner)
    contact("Dupont", customers=[customer])
    api.put(f"/customer/{customer.pk}", {"address_invoice": BESANCON, "tags": ["vip"]})

    include = "activity,origin,tags,contacts,configurations,addresses,address_invoice,address_delivery"
    include += ",custom_fields,team_user"
    answer = api.get(f"/customer/{customer.pk}", include=include).json()

    assert answer["activity"]["label"] == "Steel"
    assert answer["origin"] is None
    assert [tag["name"] for tag in answer["tags"]] == ["vip"]
    assert [row["lastname"] for row in answer["contacts"]] == ["Dupont"]
    assert answer["address_invoice"]["country"]["code"] == "FR"
    assert answer["address_delivery"] is None
    assert [row["use_for_invoice"] for row in answer["addresses"]] == [True]
    assert answer["configs"]["sales_currency"] is None
    assert answer["custom_fields"] == []
    assert answer["team_user_id"] == answer["team_user"]["id"] == owner.pk


def test_an_answer_can_be_sent_back_whole(api, company):
    customer = company(email="a@acier.example")
    api.put(f"/customer/{customer.pk}", {"address_invoice": BESANCON, "tags": ["vip"]})
    include = "activity,origin,tags,contacts,configs,addresses,address_invoice,address_delivery"
    include += ",custom_fields,team_user"
    before = api.get(f"/customer/{customer.pk}", include=include).json()

    after = api.put(f"/customer/{customer.pk}?include={include}", before).json()

    assert {**after, "updated_at": ""} == {**before, "updated_at": ""}


# --- What is required -------------------------------------------------------------------------------


def test_a_type_is_required(api, scope):
    assert refused(api.post("/customer", {"company_name": "Acier SA"}), "type")


def test_a_company_needs_a_company_name(api, company_type):
    text = refused(api.post("/customer", {"type": company_type.pk, "lastname": "Martin"}), "company_name")
    assert text == "This type of customer needs a company name."


def test_a_person_needs_a_last_name(api, person_type, company):
    refused(api.post("/customer", {"type": person_type.pk, "firstname": "Anne"}), "lastname")
    refused(api.put(f"/customer/{company().pk}", {"type": person_type.pk}), "lastname")


def test_a_sole_trader_needs_both(api, trader_type):
    response = api.post("/customer", {"type": trader_type.pk})
    assert set(response.json()["errors"]) == {"company_name", "lastname"}


def test_unknown_attributes_are_refused_by_name(api, company_type):
    body = {"type": company_type.pk, "company_name": "Acier", "compagny_siret": ""}
    assert "Unknown attribute." in refused(api.post("/customer", body), "compagny_siret")


def test_custom_fields_that_do_not_exist_are_refused(api, company):
    customer = company()
    body = {"custom_fields": [{"id": 4, "value": "x"}]}
    text = refused(api.put(f"/customer/{customer.pk}", body), "custom_fields.0.id")
    assert text == "There is no such custom field."
    assert api.put(f"/customer/{customer.pk}", {"custom_fields": []}).status_code == 200


@pytest.mark.parametrize("link", ["type", "activity", "origin", "team_user", "civility"])
def test_rows_of_another_team_do_not_exist(api, company, other_team, link):
    models = {
        "type": CustomerType,
        "activity": CustomerActivity,
        "origin": CustomerOrigin,
        "civility": Civility,
    }
    customer = company()
    with team_scope(other_team):
        row = (
            TeamUser.objects.get(is_owner=True)
            if link == "team_user"
            else models[link].objects.create(**{"name" if link == "civility" else "label": "Theirs"})
        )
    assert refused(api.put(f"/customer/{customer.pk}", {link: row.pk}), link)


def test_another_teams_customer_is_not_found(other_api, company):
    customer = company()
    for response in (
        other_api.get(f"/customer/{customer.pk}"),
        other_api.put(f"/customer/{customer.pk}", {"phone": "1"}),
        other_api.delete(f"/customer/{customer.pk}"),
        other_api.get(f"/customer/{customer.pk}/address"),
        other_api.post(f"/customer/{customer.pk}/address", BESANCON),
    ):
        assert response.status_code == 404
    assert other_api.get("/customer").json()["datas"] == []


# --- Natures and references -------------------------------------------------------------------------


def test_each_nature_has_its_own_numbers(api, company_type):
    natures = {"is_customer": False, "is_prospect": True, "is_provider": True, "is_subcontractor": True}
    for number in ("00001", "00002"):
        body = {"type": company_type.pk, "company_name": "Acier", **natures}
        assert created(api.post("/customer", body))["reference"] == {
            "customer": None,
            "prospect": f"PR{number}",
            "provider": f"FO{number}",
            "subcontractor": f"ST{number}",
        }


def test_a_prospect_who_becomes_a_customer_is_numbered_once(api, company):
    customer = company(is_prospect=True)
    path = f"/customer/{customer.pk}"

    answer = api.put(path, {"is_customer": True, "is_prospect": False}).json()
    assert answer["reference"]["customer"] == "CL00001"
    assert answer["reference"]["prospect"] == "PR00001"

    answer = api.put(path, {"is_prospect": True}).json()
    assert answer["reference"]["prospect"] == "PR00001"


def test_a_customer_keeps_at_least_one_nature(api, company):
    text = refused(api.put(f"/customer/{company().pk}", {"is_customer": False}), "is_customer")
    assert text == "Keep at least one of: customer, prospect, supplier, subcontractor."


def test_a_refused_customer_takes_no_number(api, company_type, company):
    refused(api.post("/customer", {"type": company_type.pk}), "company_name")
    assert company().customer_reference == "CL00001"


def test_a_number_already_given_is_passed_over(company):
    for _time in range(3):
        company()
    NumberSeries.objects.filter(key="customer").update(next_number=2)
    assert company("Bois").customer_reference == "CL00004"
    assert company("Cuir").customer_reference == "CL00005"


def test_references_are_answered_only(api, company):
    customer = company()
    answer = api.put(f"/customer/{customer.pk}", {"reference": {"customer": "MINE"}}).json()
    assert answer["reference"]["customer"] == "CL00001"


# --- Numbers of companies ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("732 829 320 00074", "73282932000074"),
        ("732829320", "732829320"),
        ("356 000 000 49837", "35600000049837"),  # La Poste: digits that add up to a multiple of five
        ("", None),
        (None, None),
    ],
)
def test_a_siret_is_kept_without_spaces(api, company, given, kept):
    answer = api.put(f"/customer/{company().pk}", {"company_siret": given}).json()
    assert answer["company_siret"] == kept


@pytest.mark.parametrize("given", ["73282932000075", "732829321", "12345", "ABCDEFGHIJKLMN"])
def test_a_mistyped_siret_is_refused(api, company, given):
    text = refused(api.put(f"/customer/{company().pk}", {"company_siret": given}), "company_siret")
    assert text.startswith("This SIRET is not valid: it has 14 digits, or 9 for a SIREN.")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("fr 40 303 265 045", "FR40303265045"),
        ("BE 0428.759.497", "BE0428759497"),
        ("EL 094259216", "EL094259216"),
        ("GR 094259216", "EL094259216"),
        ("DE136695976", "DE136695976"),
        ("XI980780684", "XI980780684"),
        ("GB980780684", "GB980780684"),
        ("CHE-107.787.577 IVA", "CHE107787577IVA"),
        ("US 12-3456789", "US123456789"),
    ],
)
def test_a_vat_number_is_kept_as_vies_writes_it(api, company, given, kept):
    response = api.put(f"/customer/{company().pk}", {"company_vatrate": given})
    assert response.json()["company_vatrate"] == kept


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("FR84323140391", "This VAT number is not valid for its country"),
        ("BE0428759498", "This VAT number is not valid for its country"),
        ("GB980780685", "This VAT number is not valid for its country"),
        ("40303265045", "A VAT number starts with the two letters of its country"),
    ],
)
def test_a_mistyped_vat_number_is_refused(api, company, given, sentence):
    text = refused(api.put(f"/customer/{company().pk}", {"company_vatrate": given}), "company_vatrate")
    assert text.startswith(sentence)


# --- Addresses of the customer's body ---------------------------------------------------------------


def test_addresses_come_with_the_customer(api, company_type):
    body = {
        "type": company_type.pk,
        "company_name": "Acier",
        "address_invoice": BESANCON,
        "address_delivery": {**LYON, "label": "Workshop"},
    }
    answer = created(api.post("/customer?include=address_invoice,address_delivery,addresses", body))

    assert answer["address_invoice"]["town"] == "Besançon"
    assert answer["address_invoice"]["use_for_invoice"] is True
    assert answer["address_invoice"]["use_for_delivery"] is False
    assert answer["address_delivery"]["label"] == "Workshop"
    assert len(answer["addresses"]) == 2


def test_a_new_address_needs_postal_code_town_and_country(api, company_type):
    body = {"type": company_type.pk, "company_name": "Acier", "address_invoice": {"road1": "12 Rue"}}
    errors = api.post("/customer", body).json()["errors"]
    assert set(errors) == {f"address_invoice.{name}" for name in ("postal_code", "town", "country")}
    assert Customer.objects.count() == 0


def test_part_of_an_address_can_be_changed(api, company):
    customer = company()
    path = f"/customer/{customer.pk}?include=address_invoice,addresses"
    first = api.put(path, {"address_invoice": BESANCON}).json()["address_invoice"]
    answer = api.put(path, {"address_invoice": {"road2": "Bâtiment B"}}).json()

    assert answer["address_invoice"] == {
        **first,
        "road2": "Bâtiment B",
        "updated_at": answer["address_invoice"]["updated_at"],
    }
    assert len(answer["addresses"]) == 1
    refused(api.put(path, {"address_invoice": {"town": ""}}), "address_invoice.town")


def test_an_address_of_both_uses_is_not_changed_for_the_other(api, company):
    customer = company()
    both = {**BESANCON, "use_for_invoice": True, "use_for_delivery": True}
    created(api.post(f"/customer/{customer.pk}/address", both))
    path = f"/customer/{customer.pk}?include=address_invoice,address_delivery,addresses"

    answer = api.put(path, {"address_delivery": {"road1": "14 Rue de Dole"}}).json()

    assert answer["address_invoice"]["road1"] == "12 Rue de Dole"
    assert answer["address_delivery"]["road1"] == "14 Rue de Dole"
    assert answer["address_delivery"]["town"] == "Besançon"


def test_null_leaves_the_customer_without_an_address_of_that_use(api, company):
    customer = company()
    path = f"/customer/{customer.pk}?include=address_invoice,addresses"
    api.put(path, {"address_invoice": BESANCON})
    answer = api.put(path, {"address_invoice": None}).json()
    assert answer["address_invoice"] is None
    assert [row["use_for_invoice"] for row in answer["addresses"]] == [False]


# --- Settings, tags, archive ------------------------------------------------------------------------


def test_own_settings_replace_the_teams(api, company, parameters):
    term = PaymentTerm.objects.create(label="45 days", day_number=45)
    cash = PaymentMethod.objects.create(label="Cash")
    parameters(sales_penalty_rate="12")
    customer = company()
    body = {
        "configs": {
            "sales_payment_term": term.pk,
            "sales_payment_methods": [cash.pk],
            "sales_escompte_rate": 1.5,
            "sales_amounts_type": "ttc",
            "sales_currency": 51,
        }
    }

    configs = api.put(f"/customer/{customer.pk}?include=configurations", body).json()["configs"]

    assert configs["sales_payment_term"]["label"] == "45 days"
    assert [row["label"] for row in configs["sales_payment_methods"]] == ["Cash"]
    assert configs["sales_escompte_rate"] == 1.5
    assert configs["sales_amounts_type"] == "ttc"
    assert configs["sales_currency"]["code"] == "EUR"
    assert configs["sales_penalty_rate"] is None
    customer = Customer.objects.get(pk=customer.pk)
    assert customer.parameter("sales_payment_term") == term.pk
    assert customer.parameter("sales_penalty_rate") == 12
    assert customer.parameter("sales_vat_rate") is None


def test_settings_not_given_stay_and_null_gives_them_up(api, company):
    path = f"/customer/{company().pk}?include=configs"
    api.put(path, {"configs": {"sales_pdf_amounts": 2, "sales_global_discount": 5}})
    configs = api.put(path, {"configs": {"sales_pdf_amounts": None}}).json()["configs"]
    assert configs["sales_pdf_amounts"] is None
    assert configs["sales_global_discount"] == 5


@pytest.mark.parametrize(
    ("name", "value"),
    [("sales_amounts_type", "net"), ("sales_escompte_rate", 101), ("sales_payment_term", 10**9), ("vat", 1)],
)
def test_wrong_settings_are_refused(api, company, name, value):
    assert refused(api.put(f"/customer/{company().pk}", {"configs": {name: value}}), f"configs.{name}")


def test_tags_are_made_by_naming_them(api, company):
    path = f"/customer/{company().pk}?include=tags"

    def names(body: dict[str, Any]) -> set[str]:
        return {tag["name"] for tag in api.put(path, body).json()["tags"]}

    assert names({"tags": ["vip", "steel"]}) == {"vip", "steel"}
    assert names({"attach_tags": ["export"]}) == {"vip", "steel", "export"}
    assert names({"detach_tags": ["vip", "never used"]}) == {"steel", "export"}
    assert names({"tags": []}) == set()
    assert not Tag.objects.filter(name="never used").exists()


def test_archiving_keeps_the_date_until_taken_back(api, company):
    path = f"/customer/{company().pk}"
    first = api.put(path, {"archived": True}).json()["archived_at"]
    assert first is not None
    assert api.put(path, {"archived": True}).json()["archived_at"] == first
    assert api.put(path, {"archived": False}).json()["archived_at"] is None


def test_customers_subscribe_as_the_team_says(company, parameters):
    parameters(automatic_newsletter_subscription=True)
    assert company("Acier").newsletter_inscription is True
    assert company("Bois", newsletter_inscription=False).newsletter_inscription is False
    parameters(automatic_newsletter_subscription=False)
    assert company("Cuir").newsletter_inscription is False


def test_a_form_may_carry_the_customer(api, company_type):
    form = (
        f"type={company_type.pk}&company_name=Acier&address_invoice[postal_code]=25000"
        f"&address_invoice[town]=Dole&address_invoice[country]={BELGIUM}&tags[]=vip&configs[sales_pdf_amounts]=3"
    )
    response = api.send(
        "post",
        "/customer?include=address_invoice,tags,configs",
        form,
        content_type="application/x-www-form-urlencoded",
    )
    answer = created(response)
    assert answer["address_invoice"]["country_id"] == BELGIUM
    assert [tag["name"] for tag in answer["tags"]] == ["vip"]
    assert answer["configs"]["sales_pdf_amounts"] == 3


# --- Duplicates -------------------------------------------------------------------------------------


def test_duplicates_are_refused_naming_the_customer(api, company_type, company, parameters):
    parameters(check_duplicates_for_person=True)
    company("Acier SA", company_siret="73282932000074", email="a@acier.example")
    body = {"type": company_type.pk, "company_name": "Autre"}

    text = refused(api.post("/customer", {**body, "company_siret": "732 829 320 00074"}), "company_siret")
    assert text == "This customer already exists: Acier SA (CL00001)."
    refused(api.post("/customer", {**body, "email": "A@ACIER.example"}), "email")
    refused(api.post("/customer", {**body, "company_name": "acier sa"}), "company_name")
    created(api.post("/customer", body))


def test_the_same_name_elsewhere_is_another_customer(api, company_type, parameters):
    parameters(check_duplicates_for_person=True)
    body = {"type": company_type.pk, "company_name": "Boulangerie"}
    created(api.post("/customer", {**body, "address_invoice": BESANCON}))
    created(api.post("/customer", {**body, "address_invoice": LYON}))
    refused(api.post("/customer", {**body, "address_delivery": LYON}), "company_name")


def test_duplicates_pass_when_the_team_allows_them(company, parameters):
    parameters(check_duplicates_for_person=False)
    assert company("Acier SA").pk != company("Acier SA").pk


# --- Accounts ---------------------------------------------------------------------------------------


def test_accounts_are_made_of_a_prefix_and_letters_of_the_name(company, parameters):
    parameters(
        customer_account_custom=False,
        customer_account_prefix="411",
        customer_account_length=5,
        provider_account_custom=False,
        provider_account_prefix="401",
        provider_account_length=3,
    )
    customer = company("Café d'Été", is_provider=True, is_customer=True)
    assert customer.customer_account == "411CAFED"
    assert customer.provider_account == "401CAF"
    assert company("Œuvres").provider_account == ""


def test_custom_accounts_are_left_alone(company, parameters):
    parameters(customer_account_custom=True, provider_account_custom=True)
    row = company(is_customer=True, is_provider=True)
    assert (row.customer_account, row.provider_account) == ("", "")


# --- Deletion ---------------------------------------------------------------------------------------


def test_a_deleted_customer_shows_only_when_asked(api, company):
    customer = company()
    assert api.delete(f"/customer/{customer.pk}").status_code == 204
    assert api.get(f"/customer/{customer.pk}").status_code == 404
    assert api.get("/customer").json()["datas"] == []
    (row,) = api.get("/customer", with_deleted="true").json()["datas"]
    assert set(row) == {"id", "deleted_at"}


def test_a_customer_that_another_chapter_needs_stays(api, company, monkeypatch):
    monkeypatch.setattr(services, "KEEPERS", [lambda row: None, lambda row: f"{row.name} has invoices."])
    customer = company()
    response = api.delete(f"/customer/{customer.pk}")
    assert response.status_code == 409
    assert response.json()["message"] == "Acier SA has invoices."
    assert Customer.objects.filter(pk=customer.pk).exists()


def test_an_address_of_a_deleted_customer_is_not_found(api, company):
    customer = company()
    address = created(api.post(f"/customer/{customer.pk}/address", BESANCON))
    api.delete(f"/customer/{customer.pk}")
    assert api.get(f"/customer/{customer.pk}/address/{address['id']}").status_code == 404
    assert CustomerAddress.objects.filter(pk=address["id"]).exists()
