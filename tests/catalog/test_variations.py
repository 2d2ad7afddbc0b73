"""Variations and their values through the API (reference: Variation)."""

from __future__ import annotations

from typing import Any

import pytest

from erp.catalog.models import Variation
from tenants.models import Team

URL = "/catalog/variation"


@pytest.fixture
def size(api: Any) -> dict[str, Any]:
    """Size: S, M, L."""
    return api.post(URL, {"label": "Size", "values": ["S", "M", "L"]}).json()


def values_of(api: Any, key: int) -> list[str]:
    return api.get(f"{URL}/{key}", include="values").json()["values"]


def test_the_reference_s_example(api: Any) -> None:
    body = "label=Size&values[]=Value 1&values[]=Value 2"
    response = api.post(URL, body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 201
    answer = response.json()
    assert list(answer) == ["id", "label", "values_count", "products_count", "created_at", "updated_at"]
    assert (answer["label"], answer["values_count"], answer["products_count"]) == ("Size", 2, 0)
    everything = api.get(f"{URL}/{answer['id']}", include="values,products").json()
    assert everything["values"] == ["Value 1", "Value 2"]
    assert [everything[f"products_level{level}"] for level in (1, 2, 3)] == [[], [], []]


def test_values_are_set_added_and_removed(api: Any, size: dict[str, Any]) -> None:
    path = f"{URL}/{size['id']}"
    answer = api.put(path, {"add_values": ["XL", "m"], "remove_values": ["s", "XXL"]}).json()
    assert (answer["values_count"], values_of(api, size["id"])) == (3, ["m", "L", "XL"])
    api.put(path, {"values": ["XL", "S"]})
    assert values_of(api, size["id"]) == ["XL", "S"]
    assert api.put(path, {"label": "Taille"}).json()["label"] == "Taille"
    assert values_of(api, size["id"]) == ["XL", "S"]


def test_a_value_that_stays_keeps_its_identity(api: Any, size: dict[str, Any], scope: Team) -> None:
    before = dict(Variation.objects.get(pk=size["id"]).values.values_list("label", "pk"))
    api.put(f"{URL}/{size['id']}", {"values": ["L", "New", "S"]})
    after = dict(Variation.objects.get(pk=size["id"]).values.values_list("label", "pk"))
    assert (list(after), after["L"], after["S"]) == (["L", "New", "S"], before["L"], before["S"])


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"label": ""}, "label"),
        ({"label": "size"}, "label"),
        ({"label": "Colour", "values": ["red", " "]}, "values.1"),
        ({"label": "Colour", "values": ["red", "Red"]}, "values.1"),
        ({"label": "Colour", "values": ["x" * 101]}, "values.0"),
        ({"label": "Colour", "shade": "dark"}, "shade"),
    ],
)
def test_what_is_wrong_is_named(api: Any, size: dict[str, Any], body: dict[str, Any], path: str) -> None:
    response = api.post(URL, body)
    assert (response.status_code, list(response.json()["errors"])) == (422, [path])


def test_products_that_vary_are_counted_and_listed(api: Any, size: dict[str, Any]) -> None:
    shirt = {
        "name": "Shirt",
        "variations_length": 2,
        "variation_level1": "Colour",
        "variation_level2": "Size",
    }
    key = api.post("/catalog/product", shirt).json()["id"]
    [colour, other] = api.get(URL, sort="label", include="products").json()["datas"]
    assert [(row["label"], row["products_count"]) for row in (colour, other)] == [("Colour", 1), ("Size", 1)]
    assert [row["id"] for row in colour["products_level1"]] == [key]
    assert [row["id"] for row in other["products_level2"]] == [key]
    assert other["products_level1"] == []


def test_what_products_use_stays(api: Any, size: dict[str, Any]) -> None:
    body = {
        "name": "Shirt",
        "variations_length": 1,
        "variation_level1": "Size",
        "variations": [{"level1": "M"}],
    }
    product = api.post("/catalog/product", body).json()["id"]
    path = f"{URL}/{size['id']}"
    assert api.delete(path).status_code == 409
    refusal = api.put(path, {"values": ["S", "L"]})
    assert (refusal.status_code, list(refusal.json()["errors"])) == (422, ["values"])
    refusal = api.put(path, {"remove_values": ["M"]})
    assert (refusal.status_code, list(refusal.json()["errors"])) == (422, ["remove_values"])
    assert values_of(api, size["id"]) == ["S", "M", "L"]
    api.delete(f"/catalog/product/{product}")
    assert api.put(path, {"remove_values": ["M"]}).status_code == 200
    assert api.delete(path).status_code == 204
    assert api.post(URL, {"label": "Size"}).status_code == 201


def test_lists_are_searched_and_sorted(api: Any, size: dict[str, Any]) -> None:
    api.post(URL, {"label": "Colour"})
    assert [row["label"] for row in api.get(URL, sort="label:desc").json()["datas"]] == ["Size", "Colour"]
    assert [row["label"] for row in api.get(URL).json()["datas"]] == ["Colour", "Size"]
    assert [row["label"] for row in api.get(URL, search="col%").json()["datas"]] == ["Colour"]
