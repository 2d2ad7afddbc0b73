"""The API's description: valid OpenAPI 3.1 made from the declarations, readable offline."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.routes import endpoints


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The description as the command writes it; a warning about any endpoint fails it."""
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", stdout=out)
    return dict(json.loads(out.getvalue()))


def operation(document: dict[str, Any], path: str, method: str) -> dict[str, Any]:
    return dict(document["paths"][f"/api/v1{path}"][method])


def parameter(operation: dict[str, Any], name: str) -> dict[str, Any]:
    return next(item for item in operation["parameters"] if item.get("name") == name)


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_every_address_is_described_once_without_a_slash(document: dict[str, Any]) -> None:
    described = {(path, method.upper()) for path, item in document["paths"].items() for method in item}
    assert described == {(f"/api/v1{item.path}", item.method) for item in endpoints()}
    assert not [path for path in document["paths"] if path.endswith("/")]


def test_operations_have_readable_names_used_once(document: dict[str, Any]) -> None:
    names = [item["operationId"] for path in document["paths"].values() for item in path.values()]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z][a-z0-9_]+", name) for name in names), names
    assert operation(document, "/unit", "get")["operationId"] == "unit_list"
    assert operation(document, "/unit/{id}", "put")["operationId"] == "unit_update"
    assert operation(document, "/unit", "get")["tags"] == ["Various"]


def test_a_list_names_its_parameters(document: dict[str, Any]) -> None:
    country = operation(document, "/country", "get")
    shared = {item["$ref"].rpartition("/")[2] for item in country["parameters"] if "$ref" in item}
    assert shared == {"page", "per_page", "edited_since", "with_deleted", "testMode"}
    sort = parameter(country, "sort")
    assert sort["schema"]["items"]["enum"] == ["name", "name:desc", "code", "code:desc"]
    assert "name, code" in sort["description"]
    assert parameter(country, "filter[ue_member]")["schema"] == {"type": "boolean"}
    assert parameter(operation(document, "/currency", "get"), "include")["schema"]["items"]["enum"] == [
        "country"
    ]


def test_bodies_are_read_as_json_and_forms(document: dict[str, Any]) -> None:
    content = operation(document, "/unit", "post")["requestBody"]["content"]
    assert set(content) == {"application/json", "application/x-www-form-urlencoded", "multipart/form-data"}
    schemas = document["components"]["schemas"]
    assert schemas["UnitInput"]["required"] == ["label"]
    assert "required" not in schemas["UnitChanges"]
    assert schemas["Unit"]["required"] == ["id", "label", "use_default", "created_at", "updated_at"]
    assert schemas["Currency"]["properties"]["country"]["anyOf"][1] == {"type": "null"}
    assert "country" not in schemas["Currency"]["required"]


def test_errors_and_the_key_are_shared(document: dict[str, Any]) -> None:
    responses = operation(document, "/unit", "post")["responses"]
    assert set(responses) == {"201", "400", "401", "403", "404", "405", "409", "413", "415", "422", "429"}
    assert responses["422"] == {"$ref": "#/components/responses/Invalid"}
    assert document["components"]["securitySchemes"]["apiKey"]["scheme"] == "bearer"
    assert operation(document, "/unit", "get")["security"] == [{"apiKey": []}]


def test_nothing_that_is_answered_or_read_is_left_to_guess(document: dict[str, Any]) -> None:
    """Every good answer has a schema, and so has every attribute of every object."""
    answers = {
        f"{method} {path}": response.get("content", {}).get("application/json", {}).get("schema")
        for path, item in document["paths"].items()
        for method, operation in item.items()
        for status, response in operation["responses"].items()
        if status in ("200", "201")
    }
    assert [name for name, schema in answers.items() if not schema] == []
    untold = [
        f"{name}.{attribute}"
        for name, schema in document["components"]["schemas"].items()
        for attribute, described in schema.get("properties", {}).items()
        if not described
    ]
    assert untold == []


def test_errors_come_with_an_example(document: dict[str, Any]) -> None:
    invalid = document["components"]["responses"]["Invalid"]["content"]["application/json"]["example"]
    assert invalid["errors"] == {"contents.0.quantity": ["A valid number is required."]}
    for response in document["components"]["responses"].values():
        assert response["content"]["application/json"]["example"]["message"]


def test_the_description_is_served_without_a_key(db: None) -> None:
    response = Client().get("/api/v1/schema/")
    assert response.status_code == 200


def test_the_description_is_json_for_those_who_ask(db: None) -> None:
    by_parameter = Client().get("/api/v1/schema?format=json")
    by_header = Client().get("/api/v1/schema", headers={"Accept": "application/json"})
    assert by_parameter.json()["openapi"] == by_header.json()["openapi"] == "3.1.1"
    assert (
        Client().get("/api/v1/schema", headers={"Accept": "text/html,*/*;q=0.8"}).text.startswith("openapi:")
    )


def test_the_swagger_page_works_offline(db: None) -> None:
    response = Client().get("/api/v1/docs/")
    assert response.status_code == 200
    page = response.content.decode()
    loaded = re.findall(r"""(?:src|href)=["']([^"']+)""", page)
    assert loaded
    assert not [address for address in loaded if re.match(r"(https?:)?//", address)]
    assert "cdn" not in page.lower()
