"""The rules that lists have of their own: due dates, seeds, defaults, bank numbers, tags, what is printed."""

from __future__ import annotations

import base64
import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp.core import services as core
from erp.core.errors import Invalid
from erp.core.files import store
from erp.core.files_wire import FileSerializer
from erp.core.scope import team_scope
from erp.core.wire import serializer_for
from erp.customers.models import Customer, CustomerType
from erp.various import services
from erp.various.models import (
    BankAccount,
    ChargeCategory,
    Civility,
    PaymentMethod,
    PaymentTerm,
    PdfModel,
    SaleCategory,
    SaleTerm,
    Tag,
    TaskCategory,
    Unit,
    VatRate,
)
from tenants.services import create_team
from tests.factories import make

# --- When documents are due -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "end_month", "day", "date", "due"),
    [
        (0, False, None, "2026-03-14", "2026-03-14"),
        (30, False, None, "2026-03-14", "2026-04-13"),
        (30, False, None, "2027-01-31", "2027-03-02"),
        (30, False, None, "2028-01-31", "2028-03-01"),
        (0, True, None, "2027-02-03", "2027-02-28"),
        (0, True, None, "2028-02-29", "2028-02-29"),
        (30, True, None, "2026-03-14", "2026-04-30"),
        (30, True, None, "2027-01-30", "2027-03-31"),
        (45, True, None, "2026-11-20", "2027-01-31"),
        (30, True, 10, "2026-03-14", "2026-05-10"),
        (0, True, 10, "2026-12-31", "2027-01-10"),
        (0, True, 31, "2027-01-15", "2027-02-28"),
        (0, False, 10, "2026-03-14", "2026-04-10"),
    ],
)
def test_a_document_is_due(days, end_month, day, date, due):
    term = PaymentTerm(day_number=days, end_month=end_month, end_month_day=day)
    assert services.due_date(term, datetime.date.fromisoformat(date)).isoformat() == due


def test_without_a_term_it_is_due_at_once():
    assert services.due_date(None, datetime.date(2026, 3, 14)) == datetime.date(2026, 3, 14)


@given(
    st.dates(datetime.date(1990, 1, 1), datetime.date(2090, 1, 1)),
    st.integers(0, 400),
    st.none() | st.integers(1, 31),
)
def test_a_document_is_never_due_before_its_days_have_passed(date, days, day):
    soonest = date + datetime.timedelta(days=days)
    at_month_end = services.due_date(PaymentTerm(day_number=days, end_month=True), date)
    assert soonest <= at_month_end < soonest + datetime.timedelta(days=31)
    assert (at_month_end + datetime.timedelta(days=1)).day == 1
    if day is not None:
        due = services.due_date(PaymentTerm(day_number=days, end_month=True, end_month_day=day), date)
        assert at_month_end < due <= at_month_end + datetime.timedelta(days=31)
        assert due.day == day or (due + datetime.timedelta(days=1)).day == 1


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"day_number": -1}, "day_number"),
        ({"end_month_day": 0}, "end_month_day"),
        ({"end_month_day": 32}, "end_month_day"),
    ],
)
def test_a_term_of_impossible_days_is_refused(api, values, wrong):
    refused = api.post("/payment_term", {"label": "Odd", "day_number": 0, **values})
    assert (refused.status_code, set(refused.json()["errors"])) == (422, {wrong})


# --- A new team's lists ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "unit", "rate", "term", "pdf_model"),
    [
        ("fr", "Unité", "Taux normal", "À réception de facture", "Modèle standard"),
        ("en", "Unit", "Standard rate", "On receipt of invoice", "Standard model"),
        ("en-gb", "Unit", "Standard rate", "On receipt of invoice", "Standard model"),
    ],
)
@pytest.mark.django_db
def test_a_new_team_has_lists_in_the_installation_s_language(settings, language, unit, rate, term, pdf_model):
    settings.LANGUAGE_CODE = language
    with team_scope(create_team("Initech", "owner@initech.example")):
        assert Unit.objects.get(use_default=True).label == unit
        assert VatRate.objects.get(use_default=True).label == rate
        assert PaymentTerm.objects.filter(label=term, day_number=0).count() == 1
        assert PdfModel.objects.get().label == pdf_model
        for model in (Civility, PaymentMethod, SaleTerm, ChargeCategory, SaleCategory):
            assert model.objects.exists()


def test_what_is_selected_by_default(scope):
    assert VatRate.objects.get(use_default=True).rate == Decimal("20")
    assert services.default_vat_rate().rate == Decimal("20")
    assert TaskCategory.objects.filter(use_default=True).count() == 1
    # Nobody is addressed as a man, or as a woman, unless somebody says so.
    assert not Civility.objects.filter(use_default=True).exists()
    assert {services.default_pdf_model(kind) for kind in PdfModel.kinds} == {PdfModel.objects.get()}


def test_units_and_rates_know_their_codes_of_electronic_invoices(scope):
    codes = dict(Unit.objects.values_list("label", "unece_code"))
    named = [codes[label] for label in ("Unité", "Heure", "Jour", "Kilogramme")]
    assert named == ["C62", "HUR", "DAY", "KGM"]
    assert all(codes.values())
    zero = dict(VatRate.objects.filter(rate=0).values_list("category", "legal_notice"))
    assert set(zero) == {"E", "AE", "K", "G"}
    assert all(zero.values())


def test_seeded_categories_are_trees_with_accounts(scope):
    assert SaleCategory.objects.filter(parent=None).exclude(childs=None).exists()
    assert not ChargeCategory.objects.filter(account_number="").exists()


def test_terms_of_sale_are_seeded_already_clean(scope):
    content = SaleTerm.objects.get().content
    assert services.clean_html(content) == content


# --- VAT rates ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "status"), [(0, 201), (5.5, 201), (100, 201), (-0.01, 422), (100.01, 422)])
def test_a_vat_rate_is_a_percentage(api, rate, status):
    answer = api.post("/vat_rate", {"rate": rate})
    assert answer.status_code == status
    assert answer.json().get("rate") == (rate if status == 201 else None)


def test_the_category_of_a_rate_agrees_with_it(scope):
    rate = core.create(VatRate, {"rate": Decimal(20), "category": "E"})
    assert rate.category == "S"
    assert core.update(rate, {"rate": Decimal(0)}).category == "Z"
    assert core.create(VatRate, {"rate": Decimal(0), "legal_notice": "CGI 293 B"}).category == "E"
    assert core.create(VatRate, {"rate": Decimal(0), "category": "AE"}).category == "AE"


def test_a_status_is_written_as_a_boolean_and_answered_with_its_name(english_api):
    rate = english_api.post("/vat_rate", {"rate": 7, "status": False}).json()
    assert rate["status"] == {"active": False, "name": "Inactive"}
    rate = english_api.put(f"/vat_rate/{rate['id']}", {"status": "1"}).json()
    assert rate["status"] == {"active": True, "name": "Active"}


# --- Bank accounts and means of payment -----------------------------------------------------------


def test_bank_numbers_are_kept_without_spaces(api):
    account = api.post(
        "/sales/account", {"name": "Bank", "iban": "fr14 2004 1010 0505 0001 3m02 606", "bic": "cepafrpp751 "}
    ).json()
    assert (account["iban"], account["bic"]) == ("FR1420041010050500013M02606", "CEPAFRPP751")


def test_mistyped_bank_numbers_are_refused(api):
    refused = api.post(
        "/sales/account", {"name": "Bank", "iban": "FR1520041010050500013M02606", "bic": "CEPA"}
    )
    assert (refused.status_code, set(refused.json()["errors"])) == (422, {"iban", "bic"})


def test_an_account_needs_no_bank_number(api):
    account = api.post("/sales/account", {"name": "Cash box", "iban": "", "bic": None}).json()
    assert (account["iban"], account["bic"], account["use_default"]) == (None, None, False)


@pytest.mark.parametrize(
    ("type_id", "label"),
    [(0, "Other"), (1, "Bank card"), (2, "Check"), (3, "Cash"), (4, "Direct debit"), (5, "Bank transfer")],
)
def test_each_type_of_payment_has_its_label(english_api, type_id, label):
    method = english_api.post("/payment_method", {"label": "Mine", "type": type_id}).json()
    assert method["type"] == {"id": type_id, "label": label}


@pytest.mark.parametrize("wrong", [6, -1, "card", None, True, [1]])
def test_an_unknown_type_of_payment_is_refused(api, wrong):
    refused = api.post("/payment_method", {"label": "Mine", "type": wrong})
    assert (refused.status_code, set(refused.json()["errors"])) == (422, {"type"})


def test_methods_can_be_left_out(api):
    rows = api.get("/payment_method").json()["datas"]
    kept = api.get("/payment_method", **{"filter[exclude]": rows[0]["id"]}).json()["datas"]
    assert kept == rows[1:]


# --- Civilities, tags -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attribute", "value", "names"),
    [
        ("name", "Madame", ["Madame"]),
        ("name", "%madame", ["Madame", "Monsieur et Madame"]),
        ("short_name", "Mme", ["Madame"]),
        ("short_name", "Dr", ["Docteur"]),
        ("name", "Mada", []),
    ],
)
def test_civilities_are_filtered_by_text(api, attribute, value, names):
    rows = api.get("/civility", **{f"filter[{attribute}]": value}).json()["datas"]
    assert [row["name"] for row in rows] == names


def test_a_tag_exists_once(api, other_api):
    first = api.post("/tag", {"name": "Urgent"}).json()
    for path, method in (
        ("/tag", api.post),
        (f"/tag/{api.post('/tag', {'name': 'Other'}).json()['id']}", api.put),
    ):
        refused = method(path, {"name": " Urgent "})
        assert (refused.status_code, set(refused.json()["errors"])) == (422, {"name"})
    assert other_api.post("/tag", {"name": "Urgent"}).status_code == 201
    api.delete(f"/tag/{first['id']}")
    assert api.post("/tag", {"name": "Urgent"}).status_code == 201


def test_tags_are_made_by_naming_them(scope):
    known = Tag.objects.create(name="Known")
    tags = services.tags_named(["Known", " New ", "New", ""])
    assert [tag.name for tag in tags] == ["Known", "New"]
    assert tags[0] == known
    assert services.tags_named(["New"]) == tags[1:]


def test_a_deleted_tag_is_taken_off_the_rows_that_have_it(api, scope):
    urgent, kept = services.tags_named(["Urgent", "Kept"])
    company = make(CustomerType, is_company=True)
    customer = make(Customer, type=company, company_name="Dupont", is_customer=True, tags=[urgent, kept])
    assert api.delete(f"/tag/{urgent.pk}").status_code == 204
    assert list(customer.tags.all()) == [kept]
    assert not customer.tags.through.objects.filter(tag=urgent).exists()


# --- What is printed ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("<p>Be <b>fair</b>.</p>", "<p>Be <b>fair</b>.</p>"),
        ('<div style="text-align: justify">Text</div>', "<div>Text</div>"),
        ('<p onclick="steal()">Text<script>steal()</script></p>', "<p>Text</p>"),
        ('<p>Text<img src="http://tracker.example/x.png"></p>', "<p>Text</p>"),
        ('<a href="javascript:steal()">Text</a>', "Text"),
    ],
)
def test_terms_of_sale_keep_text_only(api, sent, kept):
    term = api.post("/sales/sale_term", {"label": "Mine", "content": sent}).json()
    assert term["content"] == kept
    term = api.put(f"/sales/sale_term/{term['id']}", {"content": sent + "<p>More</p>"}).json()
    assert term["content"] == kept + "<p>More</p>"


def test_terms_without_any_text_are_refused(api):
    refused = api.post("/sales/sale_term", {"label": "Mine", "content": "<script>steal()</script>"})
    assert (refused.status_code, set(refused.json()["errors"])) == (422, {"content"})


PDF_ATTRIBUTES = (
    "id", "label",
    "use_quotation", "use_command", "use_proforma", "use_delivery", "use_invoice", "use_credit",
    "use_quotation_default", "use_command_default", "use_proforma_default", "use_delivery_default",
    "use_invoice_default", "use_credit_default", "created_at", "updated_at",
)  # fmt: skip


@pytest.mark.parametrize("path", ["/sales/pdf_model", "/sales/pdf_models"])
def test_pdf_models_are_read_at_both_addresses_and_not_written(api, path):
    (row,) = api.get(path, search="modèle%", sort="label:desc").json()["datas"]
    assert tuple(row) == PDF_ATTRIBUTES
    assert api.get(f"{path}/{row['id']}").json() == row
    assert api.post(path, {"label": "Mine"}).status_code == 405
    assert api.put(f"{path}/{row['id']}", {"label": "Mine"}).status_code == 405
    assert api.delete(f"{path}/{row['id']}").status_code == 405


@pytest.mark.parametrize("kind", PdfModel.kinds)
def test_pdf_models_are_filtered_by_the_documents_they_serve(api, scope, kind):
    standard = PdfModel.objects.get()
    other = services.save_pdf_model(PdfModel(), {"label": "Other", f"use_{kind}": False})
    found = {
        value: [
            row["id"] for row in api.get("/sales/pdf_model", **{f"filter[use_{kind}]": value}).json()["datas"]
        ]
        for value in ("1", "0")
    }
    assert found == {"1": [standard.pk], "0": [other.pk]}


def test_each_kind_of_document_has_one_default_model(scope):
    standard = PdfModel.objects.get()
    modern = services.save_pdf_model(PdfModel(), {"label": "Modern", "use_invoice_default": True})
    assert services.default_pdf_model("invoice") == modern
    assert services.default_pdf_model("quotation") == standard
    standard.refresh_from_db()
    assert (standard.use_invoice_default, standard.use_quotation_default) == (False, True)
    core.delete(modern)
    assert services.default_pdf_model("invoice") == standard


def test_a_default_model_must_serve(scope):
    with pytest.raises(Invalid) as refusal:
        services.save_pdf_model(PdfModel(), {"label": "Odd", "use_credit": False, "use_credit_default": True})
    assert set(refusal.value.errors) == {"use_credit_default"}


# --- Files ----------------------------------------------------------------------------------------


def test_a_file_is_answered_with_its_content_only_when_asked(scope, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    file = store(b"%PDF-1.7 x" * 2000, "report.pdf", kind="avatar")
    answer = FileSerializer.render(file)
    assert {name: answer[name] for name in answer if not name.endswith("_at")} == {
        "id": file.pk, "name": None, "filename": "report.pdf", "extension": "pdf", "size": 20000,
        "human_size": "19.53 KiB", "element_id": None, "element_type": "avatar",
    }  # fmt: skip
    whole = FileSerializer.render(file, (("file", ()),))
    assert base64.b64decode(whole["file"]) == b"%PDF-1.7 x" * 2000
    assert serializer_for(type(file)) is FileSerializer


@pytest.mark.parametrize("model", [Unit, BankAccount, Tag])
def test_services_strip_titles_and_refuse_blank_ones(scope, model):
    assert str(core.create(model, {model.title: "  Mine "})) == "Mine"
    with pytest.raises(Invalid) as refusal:
        core.create(model, {model.title: "  "})
    assert set(refusal.value.errors) == {model.title}
