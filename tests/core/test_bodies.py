"""Bodies: JSON, forms with brackets, multipart; what cannot be read is refused in JSON."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError

from erp.core.parsers import unbracket
from erp.core.scope import team_scope
from erp.various.models import SaleCategory, Unit, VatRate
from tenants.models import Team
from tests.conftest import ApiClient
from tests.factories import make

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("pairs", "data"),
    [
        ([("a", "1"), ("b", "2")], {"a": "1", "b": "2"}),
        ([("a", "1"), ("a", "2")], {"a": "2"}),
        ([("a[]", "1"), ("a[]", "2")], {"a": ["1", "2"]}),
        ([("a[0]", "x"), ("a[1]", "y")], {"a": ["x", "y"]}),
        ([("a[b]", "1"), ("a[c]", "2")], {"a": {"b": "1", "c": "2"}}),
        ([("a[0][b]", "1"), ("a[1][b]", "2")], {"a": [{"b": "1"}, {"b": "2"}]}),
        ([("a[0][b][]", "1"), ("a[0][b][]", "2")], {"a": [{"b": ["1", "2"]}]}),
        ([("a.b", "1")], {"a.b": "1"}),
        ([("a", "1,2&b=3")], {"a": "1,2&b=3"}),
    ],
)
def test_names_with_brackets_are_nested_data(pairs: list[tuple[str, str]], data: Any) -> None:
    assert unbracket(pairs) == data


def test_names_may_nest_ten_deep() -> None:
    assert unbracket([("a" + "[b]" * 9, "1")])
    with pytest.raises(ParseError):
        unbracket([("a" + "[b]" * 30, "1")])


@settings(max_examples=100)
@given(st.lists(st.tuples(st.text("ab[]01.%", max_size=12), st.text(max_size=5)), max_size=8))
def test_any_form_is_read_or_refused(pairs: list[tuple[str, str]]) -> None:
    try:
        data = unbracket(pairs)
    except ParseError:
        return
    assert all(isinstance(name, str) for name in data)


def test_a_form_writes_like_json(api: ApiClient, team: Team) -> None:
    with team_scope(team):
        rate = make(VatRate)
    form = f"label=Works&account_by_vatrate=1&accounts[0][vatrate]={rate.pk}&accounts[0][account_number]=7061"
    made = api.send("post", "/catalog/sale_category", form, content_type=FORM)
    assert made.status_code == 201, made.content
    with team_scope(team):
        [account] = SaleCategory.objects.get(pk=made.json()["id"]).accounts.all()
        assert (account.vatrate_id, account.account_number) == (rate.pk, "7061")


@pytest.mark.parametrize("day", ["2023-02-29", "29/02/2024", "2024-02-30T10:00:00Z", "yesterday"])
def test_a_date_that_does_not_exist_is_refused_saying_how_dates_are_written(api: ApiClient, day: str) -> None:
    response = api.client.post("/api/v1/customer", {"birth_date": day}, headers={"Accept-Language": "en"})
    assert response.json()["errors"]["birth_date"] == ["Give a date that exists, as YYYY-MM-DD."]


def test_multipart_is_read_with_brackets(api: ApiClient, team: Team) -> None:
    made = api.client.post("/api/v1/unit", {"label": "Box", "use_default": "true"})
    assert (made.status_code, made.json()["label"], made.json()["use_default"]) == (201, "Box", True)


@pytest.mark.parametrize("length", ["abc", "-1", "0"])
def test_a_wrong_content_length_is_no_failure(api: ApiClient, length: str) -> None:
    response = api.client.post(
        "/api/v1/unit", b'{"label": "x"}', content_type="application/json", headers={"Content-Length": length}
    )
    assert response.status_code < 500


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff\xfe", b'{"label": NaN}', b'{"label": "\\ud800"}', b"[" * 3000, b"nul", b'{"a":1}{"b":2}'],
)
def test_broken_json_is_400(api: ApiClient, body: bytes) -> None:
    response = api.client.post("/api/v1/unit", body, content_type="application/json")
    assert response.status_code == 400, response.content
    assert set(response.json()) == {"message"}


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=x"]
)
def test_broken_multipart_is_refused(api: ApiClient, kind: str) -> None:
    response = api.client.post("/api/v1/unit", b"--y\r\n", content_type=kind)
    assert response.status_code in (400, 422), response.content
    assert response.json()["message"]


@pytest.mark.parametrize("body", ["[]", "[[1]]", "[7]"])
def test_a_list_is_not_an_object(api: ApiClient, body: str) -> None:
    response = api.client.post("/api/v1/unit", body, content_type="application/json")
    assert response.status_code == 422
    assert response.json()["message"]


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "image/png", "nonsense"])
def test_other_content_types_are_415(api: ApiClient, kind: str) -> None:
    response = api.client.post("/api/v1/unit", b"x", content_type=kind)
    assert response.status_code == 415
    assert response.json()["message"]


@pytest.mark.parametrize("kind", ["application/json", FORM])
def test_oversized_bodies_are_413(api: ApiClient, kind: str) -> None:
    body = b'{"label": "' + b"x" * 2000 + b'"}' if kind == "application/json" else b"label=" + b"x" * 2000
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000):
        response = api.client.post("/api/v1/unit", body, content_type=kind)
    assert response.status_code == 413
    assert response.json()["message"]


def test_oversized_multipart_is_413(api: ApiClient) -> None:
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000):
        assert api.client.post("/api/v1/unit", {"label": "x" * 2000}).status_code == 413


def test_unknown_attributes_are_named(api: ApiClient) -> None:
    response = api.post("/unit", {"label": "x", "colour": "red"})
    assert response.status_code == 422
    [sentence] = response.json()["errors"]["colour"]
    assert "label" in sentence


def test_all_errors_are_told_at_once_by_path(api: ApiClient) -> None:
    accounts = [{"vatrate": 0, "account_number": "7"}, {"account_number": "7"}, 5]
    response = api.post("/catalog/sale_category", {"accounts": accounts})
    assert response.status_code == 422
    assert set(response.json()["errors"]) == {
        "label",
        "accounts.0.vatrate",
        "accounts.1.vatrate",
        "accounts.2",
    }


def test_nothing_is_written_when_a_body_is_refused(api: ApiClient, team: Team) -> None:
    with team_scope(team):
        before = Unit.all_objects.count()
    assert api.post("/unit", {"label": "x", "use_default": "maybe"}).status_code == 422
    with team_scope(team):
        assert Unit.all_objects.count() == before


def test_an_object_read_can_be_sent_back(api: ApiClient, team: Team) -> None:
    with team_scope(team):
        row = make(Unit)
    body = api.get(f"/unit/{row.pk}").json()
    response = api.put(f"/unit/{row.pk}", {**body, "label": "New"})
    assert (response.status_code, response.json()["label"]) == (200, "New")


def test_objects_of_a_list_may_have_numbered_names(api: ApiClient, team: Team) -> None:
    """Forms with gaps in their numbers give objects; their links are found like those of lists."""
    with team_scope(team):
        rates = [make(VatRate), make(VatRate)]
    accounts = {str(place): {"vatrate": rate.pk, "account_number": "7"} for place, rate in enumerate(rates)}
    made = api.post(
        "/catalog/sale_category", {"label": "x", "account_by_vatrate": True, "accounts": accounts}
    )
    assert made.status_code == 201, made.content
