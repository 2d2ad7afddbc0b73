"""POST of an array: all elements are created, or none."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from erp.customers.api import ContactSerializer
from erp.customers.models import Customer
from erp.various.models import PdfModel, Unit
from tests.conftest import ApiClient
from tests.factories import make

ADDRESS = {"city": "Lyon", "postal_code": "69003", "country": 67}


def test_an_array_creates_all(api: ApiClient, scope: Any) -> None:
    answer = api.post("/unit", [{"label": "Crate"}, {"label": "Barrel"}])
    assert answer.status_code == 201
    assert [row["label"] for row in answer.json()["datas"]] == ["Crate", "Barrel"]
    assert Unit.objects.filter(label__in=["Crate", "Barrel"]).count() == 2


def test_errors_are_told_by_index_and_nothing_is_created(api: ApiClient, scope: Any) -> None:
    answer = api.post("/unit", [{"label": "Crate"}, {}, {"label": "x" * 300}, 7])
    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"1.label", "2.label", "3"}
    assert not Unit.objects.filter(label="Crate").exists()


def test_errors_of_rules_are_told_by_index_too(api: ApiClient, scope: Any) -> None:
    lines = [{"designation": "Fitting", "quantity": 1, "unit_price_ht": 10}]
    address = {f"billing_address_{name}": value for name, value in ADDRESS.items()}
    good = {**address, "date": "2026-01-05", "customer": make(Customer).pk, "contents": lines}
    good["pdf_model"] = PdfModel.objects.get().pk
    bad = {**good, "contents": [{"quantity": 1}]}
    answer = api.post("/sales/quotation", [good, bad])
    assert answer.status_code == 422
    assert all(path.startswith("1.") for path in answer.json()["errors"]), answer.json()
    assert api.get("/sales/quotation").json()["meta"]["total"] == 0


def test_an_array_has_limits(api: ApiClient, scope: Any) -> None:
    assert api.post("/unit", []).status_code == 422
    assert api.post("/unit", [{"label": str(number)} for number in range(501)]).status_code == 422
    assert api.post("/unit", [{"label": f"U{number}"} for number in range(500)]).status_code == 201


def test_links_of_all_elements_are_looked_up_at_once(scope: Any) -> None:
    bodies = [{"lastname": "Durand", "customers": [make(Customer).pk]} for _ in range(6)]
    with CaptureQueriesContext(connection) as context:
        values = ContactSerializer.parse_all(bodies)
    assert [row["customers"][0].pk for row in values] == [body["customers"][0] for body in bodies]
    assert len(context) == 1


def test_an_array_is_idempotent_too(api: ApiClient, scope: Any) -> None:
    def send() -> Any:
        return api.client.post(
            "/api/v1/unit",
            [{"label": "Crate"}, {"label": "Barrel"}],
            content_type="application/json",
            headers={"Idempotency-Key": "bulk"},
        )

    assert send().json() == send().json()
    assert Unit.objects.filter(label="Crate").count() == 1


def test_only_collections_take_arrays(api: ApiClient, scope: Any) -> None:
    unit = make(Unit)
    assert api.put(f"/unit/{unit.pk}", [{"label": "Crate"}]).status_code == 422
