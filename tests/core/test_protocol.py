"""The list protocol, asserted whole on a plain resource (units), and the answers to what is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from erp.core.scope import team_scope
from erp.various.models import Country, Unit
from tenants.models import Team
from tests.conftest import ApiClient
from tests.factories import make

BASE = "http://testserver/api/v1/unit"


@pytest.fixture
def units(team: Team) -> list[Unit]:
    """Seven units, u1 to u7, and no other."""
    with team_scope(team):
        Unit.objects.all().hard_delete()
        return [make(Unit, label=f"u{number}") for number in range(1, 8)]


def labels(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [data["label"] for data in response.json()["datas"]]


def test_a_page_is_answered_with_links_and_meta(api: ApiClient, units: list[Unit]) -> None:
    body = api.get("/unit", page=2, per_page=3, sort="label").json()
    assert [data["label"] for data in body["datas"]] == ["u4", "u5", "u6"]

    def url(page: int) -> str:
        return f"{BASE}?per_page=3&sort=label&page={page}"

    assert body["links"] == {"first": url(1), "last": url(3), "prev": url(1), "next": url(3)}
    assert body["meta"] == {
        "current_page": 2,
        "from": 4,
        "last_page": 3,
        "links": [
            {"url": url(1), "label": "« Previous", "active": False},
            {"url": url(1), "label": "1", "active": False},
            {"url": url(2), "label": "2", "active": True},
            {"url": url(3), "label": "3", "active": False},
            {"url": url(3), "label": "Next »", "active": False},
        ],
        "path": BASE,
        "per_page": 3,
        "to": 6,
        "total": 7,
    }
    assert list(body) == ["datas", "links", "meta"]


def test_the_only_page_has_no_neighbours(api: ApiClient, units: list[Unit]) -> None:
    body = api.get("/unit").json()
    assert body["links"] == {"first": f"{BASE}?page=1", "last": f"{BASE}?page=1", "prev": None, "next": None}
    assert (body["meta"]["per_page"], body["meta"]["last_page"], body["meta"]["to"]) == (50, 1, 7)


def test_an_empty_list_has_one_empty_page(api: ApiClient, units: list[Unit]) -> None:
    meta = api.get("/unit", search="nothing").json()["meta"]
    assert (meta["from"], meta["to"], meta["total"], meta["last_page"]) == (None, None, 0, 1)


def test_a_page_beyond_the_last_is_empty(api: ApiClient, units: list[Unit]) -> None:
    body = api.get("/unit", page=10**12).json()
    assert body["datas"] == []
    assert body["meta"]["current_page"] == 10**12
    assert body["links"]["prev"] is None


def test_far_pages_are_left_out_of_the_numbered_links(api: ApiClient) -> None:
    numbered = api.get("/country", per_page=5, page=20).json()["meta"]["links"]
    last = -(-Country.objects.count() // 5)
    near = ["17", "18", "19", "20", "21", "22", "23"]
    expected = ["« Previous", "1", "2", "...", *near, "...", str(last - 1), str(last), "Next »"]
    assert [entry["label"] for entry in numbered] == expected
    assert [entry["label"] for entry in numbered if entry["active"]] == ["20"]


def test_pages_hold_every_row_once(api: ApiClient) -> None:
    seen: list[int] = []
    page = 1
    while page:
        body = api.get("/country", per_page=100, page=page, sort="name").json()
        seen += [data["id"] for data in body["datas"]]
        page = page + 1 if body["links"]["next"] else 0
    assert len(seen) == len(set(seen)) == Country.objects.count()


@pytest.mark.parametrize("size", [1, 500])
def test_pages_have_from_1_to_500_rows(api: ApiClient, size: int) -> None:
    body = api.get("/country", per_page=size).json()
    assert len(body["datas"]) == min(size, Country.objects.count())


def test_sorts_are_given_with_commas_or_brackets(api: ApiClient, units: list[Unit], team: Team) -> None:
    with team_scope(team):
        Unit.objects.filter(label__in=["u1", "u2"]).update(use_default=True)
    expected = ["u2", "u1", "u7", "u6", "u5", "u4", "u3"]
    assert labels(api.get("/unit", sort="use_default:desc,label:desc")) == expected
    assert labels(api.get("/unit", **{"sort[]": ["use_default:desc", "label:desc"]})) == expected
    assert labels(api.get("/unit", **{"sort[0]": "use_default:desc", "sort[1]": "label:desc"})) == expected


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("kilo", ["Kilo"]),
        ("KILO", ["Kilo"]),
        ("kilo%", ["Kilo", "Kilometre"]),
        ("%metre", ["Kilometre", "Metre"]),
        ("%o%e%", ["Kilometre"]),
        ("kil_", []),
        ("100%", ["100%", "100% wool"]),
        ("a\\b", ["a\\b"]),
        ("%_%", ["a_b"]),
    ],
)
def test_a_search_reads_percent_signs_as_like_does(
    api: ApiClient, team: Team, term: str, found: list[str]
) -> None:
    with team_scope(team):
        Unit.objects.all().hard_delete()
        for label in ("Kilo", "Kilometre", "Metre", "100%", "100% wool", "a_b", "a\\b"):
            make(Unit, label=label)
    assert sorted(labels(api.get("/unit", search=term))) == found


def test_empty_words_ask_for_nothing(api: ApiClient, units: list[Unit]) -> None:
    for query in ({"search": ""}, {"search[]": ["", "u%"]}, {"sort[]": ""}, {"include": ","}, {"page": ""}):
        assert len(labels(api.get("/unit", **query))) == 7


@pytest.mark.parametrize("name", ["search", "sort", "include"])
def test_words_in_deeper_brackets_are_refused_by_name(api: ApiClient, name: str) -> None:
    response = api.get("/unit", **{f"{name}[a][b]": "1"})
    assert (response.status_code, list(response.json()["errors"])) == (422, [name])


def test_every_search_term_must_be_found(api: ApiClient, units: list[Unit]) -> None:
    assert labels(api.get("/unit", **{"search[]": ["u%", "%3"]})) == ["u3"]


def test_filters_take_one_of_several_values(api: ApiClient) -> None:
    one = api.get("/country", **{"filter[code]": "FR"}).json()["datas"]
    assert [(data["id"], data["code"], data["ue_member"]) for data in one] == [(67, "FR", True)]
    two = api.get("/country", **{"filter[code][]": ["FR", "DE"], "filter[ue_member]": "1"})
    assert sorted(data["code"] for data in two.json()["datas"]) == ["DE", "FR"]


def test_filters_of_one_request_all_hold(api: ApiClient) -> None:
    none = api.get("/country", **{"filter[code]": "CH", "filter[ue_member]": "true"})
    assert none.json()["datas"] == []


def test_included_objects_come_with_their_row(api: ApiClient) -> None:
    [euro] = api.get("/currency", **{"filter[code]": "EUR", "include": "country"}).json()["datas"]
    assert (euro["id"], euro["country"]) == (51, None)
    [zloty] = api.get("/currency", **{"filter[code]": "PLN", "include": "country"}).json()["datas"]
    assert zloty["country"]["code"] == "PL"
    assert "country" not in api.get(f"/currency/{zloty['id']}").json()
    assert api.get(f"/currency/{zloty['id']}", include="country").json()["country"]["code"] == "PL"


def test_edited_since_shows_what_changed(api: ApiClient, units: list[Unit], team: Team) -> None:
    with team_scope(team):
        Unit.objects.update(updated_at=timezone.datetime(2024, 1, 1, tzinfo=timezone.get_current_timezone()))
        units[4].save()
    assert labels(api.get("/unit", edited_since="2024-06-01")) == ["u5"]
    assert len(labels(api.get("/unit", edited_since="2024-01-01T00:00:00Z"))) == 7
    assert labels(api.get("/unit", edited_since="2024-01-01T02:00:01.000000+02:00")) == ["u5"]
    assert labels(api.get("/unit", edited_since="2024-06-01 10:00:00")) == ["u5"]


def test_deleted_rows_show_on_request_by_id_and_date_only(api: ApiClient, units: list[Unit]) -> None:
    assert api.delete(f"/unit/{units[0].pk}").status_code == 204
    assert "u1" not in labels(api.get("/unit"))
    shown = api.get("/unit", with_deleted=1).json()["datas"]
    [gone] = [data for data in shown if data["id"] == units[0].pk]
    assert list(gone) == ["id", "deleted_at"]
    assert gone["deleted_at"].endswith("Z")
    assert len(gone["deleted_at"]) == len("2022-07-05T21:59:52.000000Z")
    assert len(shown) == 7
    for response in (
        api.get(f"/unit/{units[0].pk}"),
        api.put(f"/unit/{units[0].pk}"),
        api.delete(f"/unit/{units[0].pk}"),
    ):
        assert response.status_code == 404


# --- Addresses and methods --------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/unit", "/unit/", "/country/67", "/country/67/"])
def test_addresses_answer_with_and_without_a_slash(api: ApiClient, path: str) -> None:
    assert api.get(path).status_code == 200


def test_head_answers_like_get_without_a_body(api: ApiClient) -> None:
    response = api.client.head("/api/v1/unit")
    assert (response.status_code, response.content) == (200, b"")


def test_options_names_the_methods(api: ApiClient) -> None:
    response = api.client.options("/api/v1/unit")
    assert response.status_code == 204
    assert set(response["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


@pytest.mark.parametrize(
    ("method", "path"),
    [("put", "/unit"), ("delete", "/unit"), ("post", "/unit/1"), ("post", "/country"), ("patch", "/unit/1")],
)
def test_methods_that_are_not_offered_are_405(api: ApiClient, method: str, path: str) -> None:
    response = api.send(method, path)
    assert response.status_code == 405
    assert response.json()["message"]


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/unit/abc", "/unit/-1", f"/unit/{'9' * 30}", "/unit/9223372036854775808", "/unit/1/x"],
)
def test_addresses_that_lead_nowhere_are_404_in_json(api: ApiClient, path: str) -> None:
    response = api.get(path)
    assert response.status_code == 404
    assert set(response.json()) == {"message"}


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_writing_to_no_address_is_404_in_json_too(db: None, method: str) -> None:
    response = getattr(Client(enforce_csrf_checks=True), method)("/api/v1/customers")
    assert response.status_code == 404
    assert set(response.json()) == {"message"}


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer"}, {"Authorization": "Bearer x"}, {"Authorization": "Bearer x y"},
     {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer \xe9"}],
    ids=str,
)  # fmt: skip
def test_without_a_valid_key_the_answer_is_401(db: None, headers: dict[str, str]) -> None:
    response = Client(headers=headers).get("/api/v1/unit")
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'
    assert set(response.json()) == {"message"}


def test_answers_are_json_whatever_is_accepted(api: ApiClient) -> None:
    response = api.client.get("/api/v1/unit", headers={"Accept": "text/html"})
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


def test_too_many_requests_are_asked_to_wait(api: ApiClient) -> None:
    with override_settings(API_RATE_LIMIT=2):
        answers = [api.get("/unit") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2]["Retry-After"]) <= 61
    assert [answer["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert {answer["X-RateLimit-Limit"] for answer in answers} == {"2"}
    assert all(1 <= int(answer["X-RateLimit-Reset"]) <= 60 for answer in answers)
    assert answers[2].json()["message"]
