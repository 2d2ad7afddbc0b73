"""The lists shipped with the product: fixed ids, complete names, and rows that agree with each other."""

import string
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from erp.various.data import GLOBAL_LISTS, TEAM_LISTS, legal_mention, load

EVERY_LIST = (*GLOBAL_LISTS, *TEAM_LISTS, "legal_mentions")


def by_id(name: str, row_id: int) -> dict:
    return next(row for row in load(name) if row["id"] == row_id)


def placeholders(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


def days(row: dict) -> tuple[date, date]:
    until = row["valid_until"]
    return date.fromisoformat(row["valid_from"]), date.fromisoformat(until) if until else date.max


def mentions_by_key() -> dict[str, list[dict]]:
    groups: dict[str, list[dict]] = {}
    for row in load("legal_mentions"):
        groups.setdefault(row["key"], []).append(row)
    return groups


def test_the_ids_quoted_by_the_api_reference_never_move():
    assert by_id("countries", 67)["code"] == "FR"
    assert by_id("currencies", 51)["code"] == "EUR"
    assert by_id("timezones", 76)["timezone"] == "Europe/Paris"
    assert by_id("timezones", 1) == {
        "id": 1,
        "timezone": "Europe/Tirane",
        "name_fr": "Albanie",
        "name_en": "Albania",
    }


@pytest.mark.parametrize(("name", "size"), [("countries", 249), ("currencies", 155), ("timezones", 418)])
def test_global_ids_are_consecutive(name, size):
    assert [row["id"] for row in load(name)] == list(range(1, size + 1))


@pytest.mark.parametrize(
    ("name", "key"), [("countries", "code"), ("currencies", "code"), ("timezones", "timezone")]
)
def test_global_codes_are_unique(name, key):
    codes = [row[key] for row in load(name)]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("name", EVERY_LIST)
def test_rows_share_one_shape_and_say_everything_in_both_languages(name):
    rows = load(name)
    texts = [key for key in rows[0] if key.endswith(("_fr", "_en"))]
    assert {tuple(row) for row in rows} == {tuple(rows[0])}
    assert texts
    assert {key[:-3] + "_en" for key in texts} == {key for key in texts if key.endswith("_en")}
    assert all(row[key].strip() for row in rows for key in texts)


def test_the_european_union_has_27_members():
    members = {row["code"] for row in load("countries") if row["ue_member"]}
    assert len(members) == 27
    assert {"FR", "IE", "HR", "GR"} <= members
    assert members.isdisjoint({"GB", "CH", "NO", "MC"})


def test_every_currency_belongs_to_a_known_country_or_to_several():
    codes = {row["code"] for row in load("countries")}
    assert {row["country"] for row in load("currencies")} - codes == {None}


def test_currency_symbols_and_decimals():
    rows = {row["code"]: row for row in load("currencies")}
    assert (rows["EUR"]["symbol"], rows["EUR"]["decimals"], rows["EUR"]["country"]) == ("€", 2, None)
    assert (rows["JPY"]["symbol"], rows["JPY"]["decimals"], rows["JPY"]["country"]) == ("¥", 0, "JP")
    assert rows["TND"]["decimals"] == 3
    assert rows["XPF"]["decimals"] == 0


def test_every_timezone_opens():
    names = [row["timezone"] for row in load("timezones")]
    assert [ZoneInfo(name).key for name in names] == names


def test_a_country_with_several_zones_names_the_city():
    names = {row["timezone"]: row["name_en"] for row in load("timezones")}
    assert names["Europe/Paris"] == "France"
    assert names["America/New_York"] == "United States – New York"


def test_mentions_of_one_key_follow_each_other_without_gap_or_overlap():
    for rows in mentions_by_key().values():
        spans = sorted(days(row) for row in rows)
        assert all(start <= end for start, end in spans)
        assert [end + timedelta(days=1) for _, end in spans[:-1]] == [start for start, _ in spans[1:]]
        assert spans[-1][1] == date.max


def test_both_languages_of_a_mention_use_the_same_placeholders():
    for row in load("legal_mentions"):
        assert placeholders(row["text_fr"]) == placeholders(row["text_en"]), row["key"]
    assert placeholders(legal_mention("late_penalty", date(2026, 1, 1))["text_fr"]) == {"rate"}


def test_the_exemption_mention_changes_with_the_law():
    assert "293 B" in legal_mention("vat_exempt_293b", date(2026, 8, 31))["text_fr"]
    assert "CIBS" not in legal_mention("vat_exempt_293b", date(2026, 8, 31))["text_fr"]
    assert "CIBS" in legal_mention("vat_exempt_293b", date(2026, 9, 1))["text_fr"]
    assert "293 B" not in legal_mention("vat_exempt_293b", date(2028, 1, 1))["text_fr"]


def test_the_recovery_costs_are_named_in_figures_and_for_professionals_only():
    mention = legal_mention("collection_costs", date(2026, 11, 21))
    assert "40 €" in mention["text_fr"]
    assert (mention["audience"], mention["note_code"]) == ("professional", "PMT")


@pytest.mark.parametrize(
    ("key", "day"), [("nonsense", date(2026, 1, 1)), ("collection_costs", date(2012, 12, 31))]
)
def test_a_mention_that_is_not_in_force_is_refused(key, day):
    with pytest.raises(KeyError):
        legal_mention(key, day)


def test_vat_rates_are_those_of_mainland_france_and_zero_rates_say_why():
    rows = load("vat_rates")
    assert {Decimal(row["rate"]) for row in rows} == {
        Decimal(rate) for rate in ("20", "10", "5.5", "2.1", "0")
    }
    assert [row["rate"] for row in rows if row["use_default"]] == ["20"]
    for row in rows:
        assert bool(row["legal_mention"]) == (row["rate"] == "0")
        assert (row["category"] == "S") == (row["rate"] != "0")
    assert {row["legal_mention"] for row in rows if row["legal_mention"]} <= set(mentions_by_key())


@pytest.mark.parametrize("name", ["charge_categories", "sale_categories"])
def test_a_category_comes_after_its_parent(name):
    seen: set[str | None] = {None}
    for row in load(name):
        assert row["parent"] in seen
        assert row["account_number"] not in seen
        seen.add(row["account_number"])


def test_one_default_at_most_and_the_expected_ones():
    def defaults(name: str) -> list[str]:
        return [row["label_fr"] for row in load(name) if row["use_default"]]

    assert defaults("units") == ["Unité"]
    assert defaults("customer_types") == ["Entreprise"]
    assert defaults("task_categories") == ["À faire"]


def test_every_payment_type_of_the_reference_has_a_method():
    assert sorted(row["type"] for row in load("payment_methods")) == [0, 1, 2, 3, 4, 5]


def test_units_carry_distinct_codes_for_electronic_invoices():
    codes = {row["label_fr"]: row["unece_code"] for row in load("units")}
    assert len(set(codes.values())) == len(codes)
    assert (codes["Unité"], codes["Heure"], codes["m²"], codes["Forfait"]) == ("C62", "HUR", "MTK", "LS")


def test_a_caller_may_change_what_it_loaded():
    load("units")[0]["label_fr"] = "changed"
    assert load("units")[0]["label_fr"] == "Unité"


def test_an_unknown_list_is_refused():
    with pytest.raises(KeyError):
        load("../countries")
