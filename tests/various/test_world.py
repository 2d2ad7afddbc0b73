"""Countries, currencies and timezones over the API: the same for every team, in two languages."""

from __future__ import annotations

import pytest

PATHS = ("/country", "/currency", "/timezone")


def listed(api, path, **query):
    answer = api.get(path, **query)
    assert answer.status_code == 200, answer.content
    return answer.json()["datas"]


def test_the_ids_that_clients_know_by_heart(english_api):
    assert english_api.get("/country/67").json() == {
        "id": 67, "name": "France", "code": "FR", "ue_member": True,
    }  # fmt: skip
    assert english_api.get("/currency/51").json() == {
        "id": 51, "name": "Euro", "code": "EUR", "symbol": "€", "country_id": None,
    }  # fmt: skip
    assert english_api.get("/timezone/76").json() == {
        "id": 76, "name": "France", "diff": "+01:00", "timezone": "Europe/Paris",
    }  # fmt: skip


def test_names_come_in_the_language_asked_for(api, english_api):
    germany = listed(english_api, "/country", **{"filter[code]": "DE"})[0]
    assert germany["name"] == "Germany"
    assert api.get(f"/country/{germany['id']}").json()["name"] == "Allemagne"


def test_names_are_sorted_in_the_language_asked_for(api, english_api):
    both = {"filter[code][0]": "DE", "filter[code][1]": "BE"}
    assert [row["name"] for row in listed(api, "/country", **both)] == ["Allemagne", "Belgique"]
    assert [row["name"] for row in listed(english_api, "/country", **both)] == ["Belgium", "Germany"]


@pytest.mark.parametrize(
    ("path", "sort", "attribute"),
    [
        ("/country", "code", "code"),
        ("/currency", "code", "code"),
        ("/currency", "country.name", "country"),
        ("/timezone", "diff", "diff"),
        ("/timezone", "timezone", "timezone"),
    ],
)
def test_each_sort_goes_both_ways(english_api, path, sort, attribute):
    query = {"filter[country.name]": "I%", "include": "country"} if attribute == "country" else {}
    query["per_page"] = 500

    def values(word):
        rows = listed(english_api, path, sort=word, **query)
        return [row["country"]["name"] if attribute == "country" else row[attribute] for row in rows]

    assert len(set(values(sort))) > 3
    assert values(sort) == sorted(values(sort))
    assert values(f"{sort}:desc") == sorted(values(sort), reverse=True)


@pytest.mark.parametrize(
    ("path", "term", "codes"),
    [
        ("/country", "fr", ["FR"]),
        ("/country", "Allemagne", ["DE"]),
        ("/country", "germany", ["DE"]),
        ("/currency", "eur", ["EUR"]),
        ("/currency", "japanese yen", ["JPY"]),
        ("/country", "nowhere", []),
    ],
)
def test_search_knows_codes_and_both_languages(api, path, term, codes):
    assert [row["code"] for row in listed(api, path, search=term)] == codes


@pytest.mark.parametrize("term", ["Europe/Paris", "europe/par%"])
def test_a_timezone_is_found_by_its_name(api, term):
    assert [row["id"] for row in listed(api, "/timezone", search=term)] == [76]


@pytest.mark.parametrize(
    ("path", "wanted", "size"),
    [
        ("/country", {"filter[ue_member]": "1"}, 27),
        ("/country", {"filter[ue_member]": "0"}, 249 - 27),
        ("/country", {"filter[name]": "France"}, 1),
        ("/country", {"filter[code]": "FR"}, 1),
        ("/currency", {"filter[name]": "euro"}, 1),
        ("/currency", {"filter[code]": "JPY"}, 1),
        ("/currency", {"filter[country.name]": "Japan"}, 1),
        ("/currency", {"filter[country.code]": "JP"}, 1),
        ("/timezone", {"filter[timezone]": "Europe/Paris"}, 1),
        ("/timezone", {"filter[name]": "France"}, 1),
        ("/timezone", {"filter[diff]": "+05:45"}, 1),
    ],
)
def test_filters_keep_what_they_name(api, path, wanted, size):
    assert api.get(path, **wanted).json()["meta"]["total"] == size


def test_a_currency_shows_its_country_when_asked(api):
    yen = listed(api, "/currency", include="country", **{"filter[code]": "JPY"})[0]
    assert (yen["country"]["code"], yen["country"]["id"]) == ("JP", yen["country_id"])
    assert api.get("/currency/51", include="country").json()["country"] is None


@pytest.mark.parametrize("path", PATHS)
def test_nobody_writes_them(api, path):
    assert api.post(path, {"name": "Atlantis"}).status_code == 405
    assert api.put(f"{path}/1", {"name": "Atlantis"}).status_code == 405
    assert api.delete(f"{path}/1").status_code == 405
