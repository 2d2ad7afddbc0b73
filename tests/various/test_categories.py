"""Trees of categories: parents and children, accounts by VAT rate, filters."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

CHARGE, SALE = "/catalog/charge_category", "/catalog/sale_category"
both_trees = pytest.mark.parametrize("path", [CHARGE, SALE])


def made(api, path, label, **values):
    answer = api.post(path, {"label": label, **values})
    assert answer.status_code == 201, answer.content
    return answer.json()


def family(api, path):
    """The ids of a category, of one below it and of one below that."""
    top = made(api, path, "tree top")["id"]
    middle = made(api, path, "tree middle", parent=top)["id"]
    return top, middle, made(api, path, "tree leaf", parent=middle)["id"]


def ids(api, path, **query):
    answer = api.get(path, search="tree %", sort="label", **query)
    assert answer.status_code == 200, answer.content
    return {row["id"] for row in answer.json()["datas"]}


@both_trees
def test_parents_and_children_show_when_asked(api, path):
    top, middle, leaf = family(api, path)
    row = api.get(f"{path}/{middle}", include="childs,parent").json()
    assert (row["parent"]["id"], row["parent"]["label"]) == (top, "tree top")
    assert [child["id"] for child in row["childs"]] == [leaf]
    assert {"parent", "childs"}.isdisjoint(row["parent"])
    assert api.get(f"{path}/{top}", include="parent").json()["parent"] is None


@both_trees
def test_filters_of_a_tree(api, path):
    top, middle, leaf = family(api, path)
    assert ids(api, path, **{"filter[is_parent]": "1"}) == {top}
    assert ids(api, path, **{"filter[is_parent]": "0"}) == {middle, leaf}
    assert ids(api, path, **{"filter[parent]": top}) == {middle}
    assert ids(api, path, **{"filter[parent][0]": top, "filter[parent][1]": middle}) == {middle, leaf}
    assert ids(api, path, **{"filter[exclude]": top}) == {middle, leaf}
    assert ids(api, path, **{"filter[exclude][0]": top, "filter[exclude][1]": leaf}) == {middle}


@both_trees
def test_a_category_is_never_below_itself(api, path):
    top, middle, leaf = family(api, path)
    for parent in (top, middle, leaf):
        refused = api.put(f"{path}/{top}", {"parent": parent})
        assert refused.status_code == 422
        assert set(refused.json()["errors"]) == {"parent"}
    assert api.put(f"{path}/{leaf}", {"parent": top}).status_code == 200
    assert api.put(f"{path}/{middle}", {"parent": None}).status_code == 200
    assert ids(api, path, **{"filter[is_parent]": "1"}) == {top, middle}


@both_trees
def test_another_team_s_category_is_no_parent(api, other_api, path):
    foreign = made(other_api, path, "tree abroad")["id"]
    refused = api.post(path, {"label": "tree here", "parent": foreign})
    assert (refused.status_code, set(refused.json()["errors"])) == (422, {"parent"})
    refused = api.get(path, **{"filter[parent]": foreign})
    assert (refused.status_code, set(refused.json()["errors"])) == (422, {"filter.parent"})


@both_trees
def test_what_is_below_a_deleted_category_moves_up(api, path):
    top, middle, leaf = family(api, path)
    assert api.delete(f"{path}/{middle}").status_code == 204
    assert ids(api, path, **{"filter[parent]": top}) == {leaf}
    assert api.delete(f"{path}/{top}").status_code == 204
    assert api.get(f"{path}/{leaf}", include="parent").json()["parent"] is None


@both_trees
def test_a_list_asks_as_many_queries_whatever_its_size(api, path, django_assert_num_queries):
    include = "childs,parent,accounts" if path == SALE else "childs,parent"
    family(api, path)
    api.get(path, include=include)
    with CaptureQueriesContext(connection) as few:
        ids(api, path, include=include)
    expected = len(few)
    for _turn in range(3):
        family(api, path)
    with django_assert_num_queries(expected):
        assert len(ids(api, path, include=include)) == 12


class TestAccountsOfSaleCategories:
    """One account for all sales of a category, or one per VAT rate."""

    @pytest.fixture
    def rates(self, api):
        """The ids of two VAT rates."""
        return [row["id"] for row in api.get("/vat_rate", search="Taux %").json()["datas"]][:2]

    def by_rate(self, rates, *numbers):
        return [
            {"vatrate": rate, "account_number": number} for rate, number in zip(rates, numbers, strict=True)
        ]

    def test_one_account_per_rate_shows_when_asked(self, api, rates):
        row = made(
            api, SALE, "Goods", account_by_vatrate=True, accounts=self.by_rate(rates, "707100", "707200")
        )
        assert row["account_by_vatrate"] is True
        assert {"account_number", "accounts"}.isdisjoint(row)
        shown = api.get(f"{SALE}/{row['id']}", include="accounts").json()["accounts"]
        assert [(one["vatrate"]["id"], one["account_number"]) for one in shown] == [
            (rates[0], "707100"),
            (rates[1], "707200"),
        ]
        assert set(shown[0]) == {"vatrate", "account_number"}
        assert shown[0]["vatrate"]["rate"] == api.get(f"/vat_rate/{rates[0]}").json()["rate"]

    def test_the_one_account_shows_when_rates_do_not_matter(self, api, rates):
        row = made(api, SALE, "Goods", account_number="707000")
        row = api.get(f"{SALE}/{row['id']}", include="accounts").json()
        assert (row["account_by_vatrate"], row["account_number"]) == (False, "707000")
        assert "accounts" not in row

    def test_new_accounts_replace_the_old_ones(self, api, rates):
        row = made(api, SALE, "Goods", account_by_vatrate=True, accounts=self.by_rate(rates, "1", "2"))
        path = f"{SALE}/{row['id']}"
        answer = api.put(f"{path}?include=accounts", {"accounts": self.by_rate(rates[:1], "3")})
        assert [one["account_number"] for one in answer.json()["accounts"]] == ["3"]
        answer = api.put(f"{path}?include=accounts", {"label": "Other goods"})
        assert [one["account_number"] for one in answer.json()["accounts"]] == ["3"]

    def test_accounts_sent_by_a_form(self, api, rates):
        account = f"accounts[0][vatrate]={rates[0]}&accounts[0][account_number]=707100"
        form = f"label=Goods&account_by_vatrate=1&{account}"
        answer = api.post(
            f"{SALE}?include=accounts", form.encode(), content_type="application/x-www-form-urlencoded"
        )
        assert [one["account_number"] for one in answer.json()["accounts"]] == ["707100"]

    def test_what_is_wrong_is_named_where_it_is(self, api, other_api, rates):
        def errors(*accounts):
            answer = api.post(
                SALE, {"label": "Goods", "account_by_vatrate": True, "accounts": list(accounts)}
            )
            assert answer.status_code == 422
            return set(answer.json()["errors"])

        foreign = other_api.get("/vat_rate").json()["datas"][0]["id"]
        good = {"vatrate": rates[0], "account_number": "707100"}
        assert errors(good, good) == {"accounts.1.vatrate"}
        assert errors({"vatrate": foreign, "account_number": "707100"}) == {"accounts.0.vatrate"}
        assert errors(good, {}) == {"accounts.1.vatrate", "accounts.1.account_number"}
        assert errors({**good, "account_number": "7" * 21}) == {"accounts.0.account_number"}
        assert api.get(SALE, search="Goods").json()["meta"]["total"] == 0
