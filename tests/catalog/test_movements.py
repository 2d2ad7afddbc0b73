"""The ledger over the API: movements are read, entered and reversed, never changed nor deleted."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from erp.catalog.models import Product, StockMovement
from erp.catalog.services import Move, apply_movements
from erp.core.scope import team_scope
from tenants.models import Team, TeamUser
from tests.conftest import ApiClient, key_of


@pytest.fixture
def api(team: Team) -> ApiClient:
    """The owner's client, who reads English."""
    return ApiClient(key_of(team), **{"Accept-Language": "en"})


@pytest.fixture
def screw(team: Team, product: Callable[..., Product]) -> Product:
    return product("SCREW", with_stock=True)


def entered(api: ApiClient, row: Product, quantity: Any, **values: Any) -> dict[str, Any]:
    response = api.post("/catalog/movement", {"product": row.pk, "quantity": quantity, **values})
    assert response.status_code == 201, response.content
    answer: dict[str, Any] = response.json()
    return answer


def stock(team: Team, row: Product) -> Decimal:
    with team_scope(team):
        return Decimal(Product.objects.get(pk=row.pk).stock_quantity)


def test_a_movement_is_entered_and_read(api: ApiClient, team: Team, screw: Product, owner: TeamUser) -> None:
    made = entered(api, screw, "12.5", date="2025-03-04", comment="Found behind the shelf")
    shown = {name: value for name, value in made.items() if not name.endswith("_at")}
    assert shown == {
        "id": made["id"],
        "reference": "MVT00001",
        "date": "2025-03-04",
        "product_id": screw.pk,
        "variation_id": None,
        "kind": "real",
        "kind_label": "Real stock",
        "quantity": "12.50000",
        "cause": "manual",
        "cause_label": "Manual movement",
        "element_type": None,
        "element_id": None,
        "comment": "Found behind the shelf",
        "team_user_id": owner.pk,
    }
    assert (
        api.get(f"/catalog/movement/{made['id']}", include="product").json()["product"]["reference"]
        == "SCREW"
    )
    assert stock(team, screw) == Decimal("12.5")


def test_movements_are_numbered_as_the_team_wants(api: ApiClient, screw: Product) -> None:
    series = {
        "manual_movement_reference_prefix": "M{YY}{MM}-",
        "manual_movement_reference_number": 41,
        "manual_movement_reference_length": 3,
        "manual_movement_reference_mode": 1,
    }
    assert api.put("/team", {"configs": series}).status_code == 200
    dates = ("2025-03-30", "2025-03-31", "2025-04-01")
    references = [entered(api, screw, 1, date=date)["reference"] for date in dates]
    assert references == ["M2503-041", "M2503-042", "M2504-001"]


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"quantity": 0}, "quantity"),
        ({"quantity": "a few"}, "quantity"),
        ({"kind": "imaginary"}, "kind"),
        ({"product": 999_999}, "product"),
        ({"date": "2025-02-30"}, "date"),
        ({"date": "2999-01-01"}, "date"),
        ({"cause": "sales_document"}, "cause"),
    ],
)
def test_bad_movements_are_refused(
    api: ApiClient, team: Team, screw: Product, values: dict[str, Any], path: str
) -> None:
    response = api.post("/catalog/movement", {"product": screw.pk, "quantity": 1, **values})
    assert response.status_code == 422
    assert list(response.json()["errors"]) == [path]
    assert stock(team, screw) == 0


def test_a_movement_is_never_changed_nor_deleted(api: ApiClient, screw: Product) -> None:
    made = entered(api, screw, 5)
    assert api.put(f"/catalog/movement/{made['id']}", {"quantity": 4}).status_code == 405
    assert api.delete(f"/catalog/movement/{made['id']}").status_code == 405


def test_a_movement_is_reversed_once(api: ApiClient, team: Team, screw: Product) -> None:
    made = entered(api, screw, 5, kind="theoretical")
    address = f"/catalog/movement/{made['id']}/reverse"
    reversal = api.put(address, {"comment": "Typed twice"}).json()
    picked = ("reference", "kind", "quantity", "cause", "element_type", "element_id", "comment")
    assert [reversal[name] for name in picked] == [
        "MVT00002",
        "theoretical",
        "-5.00000",
        "reversal",
        "movement",
        made["id"],
        "Typed twice",
    ]
    again = api.put(address, {"comment": "Typed twice"})
    assert (again.status_code, again.json()["message"]) == (409, "This movement was reversed already.")
    assert api.put(f"/catalog/movement/{reversal['id']}/reverse", {"comment": "No"}).status_code == 409


def test_what_a_document_moved_follows_the_document(api: ApiClient, team: Team, screw: Product) -> None:
    with team_scope(team):
        [sale] = apply_movements(
            [Move(screw.pk, "real", Decimal(-2), "sales_document", "invoice:1", 12, 1, reference="FA00012")]
        )
    refusal = api.put(f"/catalog/movement/{sale.pk}/reverse", {"comment": "No"})
    assert refusal.status_code == 409
    assert refusal.json()["message"] == "This movement follows FA00012: change or cancel that instead."
    shown = api.get(f"/catalog/movement/{sale.pk}").json()
    assert (shown["element_type"], shown["element_id"]) == ("invoice", 12)


def test_filters_sorts_and_search(
    api: ApiClient, team: Team, screw: Product, product: Callable[..., Product], owner: TeamUser
) -> None:
    nail = product("NAIL", with_stock=True, stock_quantity=Decimal(7))
    entered(api, screw, 1, date="2025-01-01", comment="First count")
    entered(api, screw, -2, date="2025-02-02", kind="theoretical")
    entered(api, nail, 3, date="2025-03-03")

    def found(**query: Any) -> list[str]:
        response = api.get("/catalog/movement", **query)
        assert response.status_code == 200, response.content
        return [row["quantity"].removesuffix(".00000") for row in response.json()["datas"]]

    assert found() == ["3", "-2", "1", "7"]
    assert found(**{"filter[product]": nail.pk}) == ["3", "7"]
    assert found(**{"filter[kind]": "theoretical"}) == ["-2"]
    assert found(**{"filter[cause]": "initial"}) == ["7"]
    assert found(**{"filter[date_since]": "2025-02-02", "filter[cause]": "manual"}) == ["3", "-2"]
    assert found(**{"filter[date_until]": "2025-02-02"}) == ["-2", "1"]
    assert found(**{"filter[team_user]": owner.pk}) == ["3", "-2", "1"]
    assert found(search="First%") == ["1"]
    assert found(search="MVT00003") == ["3"]
    assert found(sort="quantity") == ["-2", "1", "3", "7"]


def test_seeing_and_managing_stock_are_two_permissions(
    screw: Product, api: ApiClient, member_api: Callable[..., ApiClient]
) -> None:
    made = entered(api, screw, 5)
    reader = member_api(see_stock=1, manage_stock=0)
    assert reader.get("/catalog/movement").status_code == 200
    assert reader.post("/catalog/movement", {"product": screw.pk, "quantity": 1}).status_code == 403
    assert reader.put(f"/catalog/movement/{made['id']}/reverse", {"comment": "No"}).status_code == 403
    assert member_api(see_stock=0).get("/catalog/movement").status_code == 403


def test_a_reversal_gives_back_what_was_counted(
    api: ApiClient, team: Team, product: Callable[..., Product]
) -> None:
    row = product(with_stock=True, stock_quantity=Decimal(7))
    with team_scope(team):
        initial = StockMovement.objects.get(product=row)
    assert api.put(f"/catalog/movement/{initial.pk}/reverse", {"comment": "Miscounted"}).status_code == 200
    assert stock(team, row) == 0
