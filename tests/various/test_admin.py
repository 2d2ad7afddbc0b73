"""Lists in the admin: every page opens, saving keeps the rules, lists of the world are not written."""

from __future__ import annotations

import pytest

from erp.core.scope import team_scope
from erp.various.models import (
    BankAccount,
    ChargeCategory,
    Civility,
    Country,
    Currency,
    PaymentMethod,
    PaymentTerm,
    PdfModel,
    SaleCategory,
    SaleTerm,
    Tag,
    TaskCategory,
    Timezone,
    Unit,
    VatRate,
)
from tests.admin.pages import form_data, signed_in, url
from tests.factories import make

WORLD = (Country, Currency, Timezone)
TITLES = {Civility: "name", BankAccount: "name", Tag: "name"}
LISTS = (
    BankAccount, ChargeCategory, Civility, PaymentMethod, PaymentTerm, PdfModel, SaleCategory, SaleTerm, Tag,
    TaskCategory, Unit, VatRate,
)  # fmt: skip


@pytest.fixture
def browser(owner):
    """The owner's browser."""
    return signed_in(owner)


@pytest.mark.parametrize("model", LISTS)
def test_a_row_is_listed_found_changed_and_deleted(browser, scope, model):
    title = TITLES.get(model, "label")
    row = make(model, **{title: "Quark"})
    page = browser.get(url(model, "changelist"), {"q": "Quark"})
    assert list(page.context["cl"].result_list) == [row]
    data = form_data(browser.get(url(model, "change", row.pk)))
    assert browser.post(url(model, "change", row.pk), {**data, title: "Boson"}).status_code == 302
    row.refresh_from_db()
    assert getattr(row, title) == "Boson"
    assert browser.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 302
    assert not model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", LISTS)
def test_a_row_is_added(browser, scope, model):
    needed = {VatRate: {"rate": "8.5"}, SaleTerm: {"content": "<p>Text</p>"}, Civility: {"short_name": "B"}}
    data = form_data(browser.get(url(model, "add")))
    answer = browser.post(
        url(model, "add"), {**data, TITLES.get(model, "label"): "Boson", **needed.get(model, {})}
    )
    assert answer.status_code == 302
    assert model.objects.filter(**{TITLES.get(model, "label"): "Boson"}).count() == 1


@pytest.mark.parametrize("model", WORLD)
def test_lists_of_the_world_are_read_only(browser, model):
    row = model.objects.get(pk=51)
    page = browser.get(url(model, "changelist"), {"q": row.name_en})
    assert row in page.context["cl"].result_list
    assert browser.get(url(model, "change", row.pk)).status_code == 200
    assert browser.post(url(model, "change", row.pk), {"name_en": "Mine"}).status_code == 403
    assert browser.get(url(model, "add")).status_code == 403
    assert browser.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403


def test_those_who_do_not_manage_lists_only_read_them(make_member, scope):
    unit = make(Unit, label="Quark")
    browser = signed_in(make_member(manage_list=0))
    assert browser.get(url(Unit, "changelist")).status_code == 200
    assert browser.get(url(Unit, "add")).status_code == 403
    assert browser.post(url(Unit, "change", unit.pk), {"label": "Boson"}).status_code == 403


def test_terms_of_sale_are_cleaned_here_too(browser, scope):
    browser.post(url(SaleTerm, "add"), {"label": "Mine", "content": "<p>Text<script>steal()</script></p>"})
    assert SaleTerm.objects.get(label="Mine").content == "<p>Text</p>"


def test_a_mistyped_iban_is_named_beside_its_field(browser, scope):
    page = browser.post(
        url(BankAccount, "add"), {"name": "Bank", "iban": "FR15 2004 1010 0505 0001 3M02 606"}
    )
    assert set(page.context["adminform"].form.errors) == {"iban"}
    assert not BankAccount.objects.exists()


def test_one_pdf_model_is_the_default_of_a_kind(browser, scope):
    standard = PdfModel.objects.get()
    data = {"label": "Modern", "accent_color": "#112233", "use_invoice": "on", "use_invoice_default": "on"}
    assert browser.post(url(PdfModel, "add"), data).status_code == 302
    standard.refresh_from_db()
    assert (standard.use_invoice_default, standard.use_quotation_default) == (False, True)


@pytest.mark.parametrize("color", ["red", "#12345", "#123456;", "#12345g"])
def test_a_colour_is_six_hexadecimal_digits(browser, scope, color):
    page = browser.post(url(TaskCategory, "add"), {"label": "Mine", "color": color})
    assert set(page.context["adminform"].form.errors) == {"color"}


def test_accounts_by_rate_are_lines_of_a_sale_category(browser, scope):
    normal, reduced = VatRate.objects.get(rate=20), VatRate.objects.get(rate="5.5")
    lines = {
        "accounts-TOTAL_FORMS": "2", "accounts-INITIAL_FORMS": "0",
        "accounts-0-vatrate": normal.pk, "accounts-0-account_number": "707100",
        "accounts-1-vatrate": reduced.pk, "accounts-1-account_number": "707200",
    }  # fmt: skip
    data = {"label": "Goods", "account_by_vatrate": "on", **lines}
    page = browser.post(url(SaleCategory, "add"), {**data, "accounts-1-vatrate": normal.pk})
    assert page.status_code == 200
    assert not SaleCategory.objects.filter(label="Goods").exists()

    assert browser.post(url(SaleCategory, "add"), data).status_code == 302
    goods = SaleCategory.objects.get(label="Goods")
    assert list(goods.accounts.values_list("vatrate", "account_number")) == [
        (normal.pk, "707100"),
        (reduced.pk, "707200"),
    ]
    data = form_data(browser.get(url(SaleCategory, "change", goods.pk)))
    browser.post(url(SaleCategory, "change", goods.pk), {**data, "accounts-0-DELETE": "on"})
    assert list(goods.accounts.values_list("account_number", flat=True)) == ["707200"]


def test_a_category_moves_its_children_up_when_deleted(browser, scope):
    top = make(ChargeCategory, label="Top")
    leaf = make(ChargeCategory, label="Leaf", parent=top)
    browser.post(url(ChargeCategory, "delete", top.pk), {"post": "yes"})
    leaf.refresh_from_db()
    assert leaf.parent is None


def test_another_team_s_rows_are_not_there(browser, other_team, scope):
    with team_scope(other_team):
        foreign = make(Unit, label="Quark")
    assert not browser.get(url(Unit, "changelist"), {"q": "Quark"}).context["cl"].result_list
    assert browser.get(url(Unit, "change", foreign.pk)).status_code == 302
