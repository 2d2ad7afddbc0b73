"""Services through the API: what is written, what is answered (reference: Service)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erp.catalog.models import Product, Service, ServiceProduct
from erp.catalog.services import create_product, create_service, update_product, update_service
from erp.core.errors import Invalid
from erp.core.scope import team_scope
from erp.customers.models import CustomerType
from tenants.models import Team, TeamUser
from tests.catalog.test_products import rate_of

Make = Callable[..., Product]

ORDER = [
    "id",
    "reference",
    "name",
    "designation",
    "unit_price_ht",
    "unit_price_tva",
    "unit_price_ttc",
    "default_quantity",
    "unit_id",
    "cant_change_price",
    "total_ht",
    "total_tva",
    "total_ttc",
    "various_costs",
    "total_costs",
    "gross_margin_amount",
    "gross_margin_rate",
    "markup_rate",
    "sale_category_id",
    "vat_rate_id",
    "status",
    "created_at",
    "updated_at",
    "custom_price_mode",
    "custom_price_quantity_mode",
    "custom_price_quantity_month_length",
    "default_picture_id",
    "hourly_person_cost",
    "products_costs",
    "workforce_costs",
    "number_people_needed",
    "duration",
    "duration_type",
    "duration_mn",
    "duration_hour",
    "allowed_all_technicians",
    "work_description",
    "products_stock_management",
]


def post(api: Any, **values: Any) -> dict[str, Any]:
    """Create a service and return it."""
    response = api.post(
        "/catalog/service?include=products,technicians", {"reference": "REF", "name": "Service", **values}
    )
    assert response.status_code == 201, response.json()
    return response.json()


def put(api: Any, key: int, **values: Any) -> dict[str, Any]:
    """Change a service and return it."""
    response = api.put(f"/catalog/service/{key}?include=products,technicians", values)
    assert response.status_code == 200, response.json()
    return response.json()


def refused(response: Any) -> dict[str, list[str]]:
    """The errors of a refusal."""
    assert response.status_code == 422, response.json()
    return response.json()["errors"]


def some(answer: dict[str, Any], *names: str) -> list[Any]:
    """Values of an answer."""
    return [answer[name] for name in names]


# --- What is answered -----------------------------------------------------------------------------


def test_the_reference_s_example(api: Any, team: Team) -> None:
    answer = post(
        api,
        designation="Service designation",
        unit_price_ht=30,
        various_costs=5,
        hourly_person_cost=15,
        number_people_needed=1,
        duration=1,
        duration_type="hour",
        vat_rate=rate_of(team, "20"),
    )
    expected = {
        "reference": "REF",
        "name": "Service",
        "designation": "Service designation",
        "unit_price_ht": "30.00000",
        "unit_price_tva": "6.00000",
        "unit_price_ttc": "36.00000",
        "default_quantity": "1.00000",
        "unit_id": None,
        "cant_change_price": False,
        "total_ht": "30.00",
        "total_tva": "6.00",
        "total_ttc": "36.00",
        "various_costs": "5.00000",
        "total_costs": "20.00000",
        "gross_margin_amount": "10.00",
        "gross_margin_rate": "50.00",
        "markup_rate": "33.33",
        "sale_category_id": None,
        "custom_price_mode": None,
        "default_picture_id": None,
        "hourly_person_cost": "15.00",
        "products_costs": "0.00",
        "workforce_costs": "15.00",
        "number_people_needed": 1,
        "duration": 1,
        "duration_type": "hour",
        "duration_mn": 60,
        "duration_hour": 1,
        "allowed_all_technicians": True,
        "technicians": [],
        "work_description": None,
        "products_stock_management": True,
        "products": [],
    }
    assert {name: answer[name] for name in expected} == expected
    assert answer["status"]["active"] is True


def test_attributes_come_in_the_reference_s_order(api: Any) -> None:
    key = post(api)["id"]
    assert list(api.get(f"/catalog/service/{key}").json()) == ORDER


def test_the_sample_bodies_create_read_change_and_delete(api: Any) -> None:
    key = api.post("/catalog/service", {"name": "Service", "reference": "REF1"}).json()["id"]
    assert api.put(f"/catalog/service/{key}", {"name": "Other"}).json()["name"] == "Other"
    assert api.delete(f"/catalog/service/{key}").status_code == 204
    assert api.get(f"/catalog/service/{key}").status_code == 404


def test_what_is_read_can_be_sent_back(api: Any, product: Make, owner: TeamUser) -> None:
    screw = product("SCREW", unit_price_ht=Decimal(4), unit_buy_price_ht=Decimal(2))
    before = post(
        api,
        duration=2,
        hourly_person_cost=30,
        technicians=[owner.pk],
        products=[{"product": screw.pk, "quantity": 3}],
    )
    after = put(api, before["id"], **before)
    assert before | {"updated_at": ""} == after | {"updated_at": ""}
    after = put(api, before["id"], **{**before, "duration": 3})
    assert some(after, "products_costs", "workforce_costs") == ["6.00", "90.00"]


# --- References -----------------------------------------------------------------------------------


def test_references_come_from_the_series_of_services(api: Any) -> None:
    given = [api.post("/catalog/service", {"name": name}).json()["reference"] for name in ("A", "B")]
    assert given == ["SERV00001", "SERV00002"]
    configs = {
        "service_reference_prefix": "P-",
        "service_reference_length": 3,
        "service_reference_number": 40,
    }
    assert api.put("/team", {"configs": configs}).status_code == 200
    assert api.post("/catalog/service", {"name": "C"}).json()["reference"] == "P-040"


def test_a_team_that_types_its_references_has_to(api: Any) -> None:
    assert api.put("/team", {"configs": {"service_reference_manual": True}}).status_code == 200
    assert list(refused(api.post("/catalog/service", {"name": "A"}))) == ["reference"]


def test_a_reference_is_taken_once_but_products_have_their_own(api: Any, product: Make) -> None:
    product("REF")
    post(api)
    response = api.post("/catalog/service", {"reference": "REF", "name": "Twin"})
    assert refused(response) == {"reference": ["Un autre service porte déjà cette référence."]}


# --- Costs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("duration", "kind", "minutes", "hours", "cost"),
    [
        (90, "minute", 90, 1.5, "60.00"),
        (2, "hour", 120, 2, "80.00"),
        (0.5, "day", 210, 3.5, "140.00"),
        (20, "minute", 20, 0.33333, "13.33"),
    ],
)
def test_work_costs_people_times_hours(
    api: Any, duration: float, kind: str, minutes: float, hours: float, cost: str
) -> None:
    answer = post(api, duration=duration, duration_type=kind, number_people_needed=2, hourly_person_cost=20)
    assert some(answer, "duration_mn", "duration_hour", "workforce_costs") == [minutes, hours, cost]


def test_the_hourly_cost_is_the_team_s_average_unless_given(api: Any) -> None:
    api.put("/team", {"configs": {"average_hourly_person_cost": 32.5}})
    answer = post(api, duration=2)
    assert some(answer, "hourly_person_cost", "workforce_costs") == ["32.50", "65.00"]
    answer = put(api, answer["id"], hourly_person_cost=10)
    assert answer["workforce_costs"] == "20.00"
    assert put(api, answer["id"], hourly_person_cost=None)["hourly_person_cost"] == "32.50"


def test_needed_products_cost_what_they_cost_the_company(api: Any, product: Make) -> None:
    screw = product("SCREW", unit_price_ht=Decimal(4), unit_buy_price_ht=Decimal(2))
    glue = product("GLUE", unit_price_ht=Decimal(10), unit_buy_price_ht=Decimal(5), various_costs=Decimal(1))
    answer = post(
        api,
        unit_price_ht=100,
        various_costs=3,
        products=[{"product": screw.pk, "quantity": 10}, {"product": glue.pk, "quantity": "0.5"}],
    )
    assert some(answer, "products_costs", "total_costs", "gross_margin_amount") == [
        "23.00",
        "26.00000",
        "74.00",
    ]
    shown = [
        (row["product"]["reference"], row["unit_price_ht"], row["quantity"], row["total_ht"])
        for row in answer["products"]
    ]
    assert shown == [
        ("SCREW", "4.00000", "10.00000", "40.00"),
        ("GLUE", "10.00000", "0.50000", "5.00"),
    ]


def test_costs_may_be_typed_and_given_back(api: Any, product: Make) -> None:
    screw = product("SCREW", unit_buy_price_ht=Decimal(2))
    answer = post(
        api,
        duration=1,
        hourly_person_cost=10,
        products=[{"product": screw.pk}],
        products_costs=7,
        workforce_costs=8,
    )
    assert some(answer, "products_costs", "workforce_costs", "total_costs") == ["7.00", "8.00", "15.00000"]
    answer = put(api, answer["id"], duration=5, add_products=[{"product": screw.pk, "quantity": 2}])
    assert some(answer, "products_costs", "workforce_costs") == ["7.00", "8.00"]
    answer = put(api, answer["id"], products_costs=None, workforce_costs=None)
    assert some(answer, "products_costs", "workforce_costs") == ["4.00", "50.00"]


def test_costs_of_a_product_reach_the_services_that_need_it(api: Any, team: Team, product: Make) -> None:
    screw = product("SCREW", unit_buy_price_ht=Decimal(2))
    followed = post(api, unit_price_ht=10, products=[{"product": screw.pk, "quantity": 2}])["id"]
    typed = post(api, reference="T", products=[{"product": screw.pk}], products_costs=9)["id"]
    with team_scope(team):
        update_product(screw, {"unit_buy_price_ht": Decimal(3)})
    answer = api.get(f"/catalog/service/{followed}").json()
    assert some(answer, "products_costs", "total_costs", "gross_margin_amount") == ["6.00", "6.00000", "4.00"]
    assert api.get(f"/catalog/service/{typed}").json()["products_costs"] == "9.00"


amounts = st.decimals(0, 999, places=2)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    price=amounts,
    various=amounts,
    hourly=amounts,
    people=st.integers(0, 9),
    duration=st.decimals(0, 99, places=3),
    kind=st.sampled_from(["minute", "hour", "day"]),
    needs=st.lists(st.tuples(amounts, st.decimals("0.001", 99, places=3)), max_size=3),
)
def test_costs_and_margin_always_add_up(
    team: Team,
    price: Decimal,
    various: Decimal,
    hourly: Decimal,
    people: int,
    duration: Decimal,
    kind: str,
    needs: list[tuple[Decimal, Decimal]],
) -> None:
    with team_scope(team):
        rows = [
            {"product": create_product({"name": "Any", "unit_buy_price_ht": cost}), "quantity": quantity}
            for cost, quantity in needs
        ]
        service = create_service(
            {
                "name": "Any",
                "unit_price_ht": price,
                "various_costs": various,
                "hourly_person_cost": hourly,
                "number_people_needed": people,
                "duration": duration,
                "duration_type": kind,
                "products": rows,
            }
        )
    expected = sum((cost * quantity for cost, quantity in needs), Decimal(0))
    assert abs(service.products_costs - expected) <= Decimal("0.005")
    minutes = {"minute": 1, "hour": 60, "day": 420}[kind]
    assert abs(service.workforce_costs - hourly * people * duration * minutes / 60) <= Decimal("0.005")
    assert service.total_costs == service.products_costs + service.workforce_costs + various
    assert service.gross_margin_amount == price - service.total_costs


# --- Needed products ------------------------------------------------------------------------------


def needs(answer: dict[str, Any]) -> dict[str, str]:
    """Quantities by product."""
    return {row["product"]["reference"]: row["quantity"] for row in answer["products"]}


def test_products_are_set_added_and_removed(api: Any, product: Make) -> None:
    screw, glue, nail = product("SCREW"), product("GLUE"), product("NAIL")
    key = post(api, products=[{"product": screw.pk, "quantity": 4}, {"product": glue.pk}])["id"]
    answer = put(
        api,
        key,
        add_products=[{"product": nail.pk, "quantity": 2}, {"product": screw.pk, "quantity": 5}],
        remove_products=[{"product": glue.pk}],
    )
    assert needs(answer) == {"SCREW": "5.00000", "NAIL": "2.00000"}
    assert needs(put(api, key, remove_products=[{"product": glue.pk}])) == needs(answer)
    assert needs(put(api, key, name="Other")) == needs(answer)
    assert needs(put(api, key, products=[{"product": nail.pk}])) == {"NAIL": "2.00000"}
    assert needs(put(api, key, products=[])) == {}


def test_products_come_from_forms_too(api: Any, product: Make) -> None:
    screw = product("SCREW")
    form = f"name=Form&products[0][product]={screw.pk}&products[0][quantity]=2.5"
    response = api.post(
        "/catalog/service?include=products", form, content_type="application/x-www-form-urlencoded"
    )
    assert needs(response.json()) == {"SCREW": "2.50000"}


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        ([{"product": "mine", "quantity": 0}], "products.0.quantity"),
        ([{"product": "mine", "quantity": -1}], "products.0.quantity"),
        ([{"quantity": 1}], "products.0.product"),
        ([{"product": 987654321}], "products.0.product"),
        ([{"product": "theirs"}], "products.0.product"),
        ([{"product": "mine"}, {"product": "mine"}], "products.1"),
        ("everything", "products"),
    ],
)
def test_wrong_products_are_refused_by_their_place(
    api: Any, team: Team, product: Make, other_product: Product, rows: Any, path: str
) -> None:
    ids = {"mine": product("SCREW").pk, "theirs": other_product.pk}
    if isinstance(rows, list):
        rows = [
            {name: ids.get(value, value) if name == "product" else value for name, value in row.items()}
            for row in rows
        ]
    errors = refused(api.post("/catalog/service", {"name": "Service", "products": rows}))
    assert list(errors) == [path]
    with team_scope(team):
        assert not Service.objects.exists()


def test_a_needed_product_cannot_be_deleted(api: Any, product: Make) -> None:
    screw = product("SCREW")
    key = post(api, products=[{"product": screw.pk}])["id"]
    response = api.delete(f"/catalog/product/{screw.pk}")
    assert (response.status_code, response.json()["message"]) == (
        409,
        "Ces services utilisent ce produit : REF – Service.",
    )
    api.delete(f"/catalog/service/{key}")
    assert api.delete(f"/catalog/product/{screw.pk}").status_code == 204


def test_a_refused_service_leaves_nothing_behind(team: Team, product: Make) -> None:
    screw = product("SCREW")
    with team_scope(team):
        service = create_service({"name": "Service", "products": [{"product": screw}]})
        with pytest.raises(Invalid):
            update_service(service, {"unit_price_ht": Decimal(10) ** 12, "products": []})
        assert ServiceProduct.objects.filter(service=service).count() == 1


# --- Technicians ----------------------------------------------------------------------------------


def test_naming_technicians_means_that_not_everybody_may(
    api: Any, owner: TeamUser, make_member: Callable[..., TeamUser]
) -> None:
    jim, ann = make_member(), make_member()
    answer = post(api, technicians=[jim.pk])
    assert answer["allowed_all_technicians"] is False
    assert [row["id"] for row in answer["technicians"]] == [jim.pk]
    answer = put(api, answer["id"], add_technicians=[ann.pk, owner.pk], remove_technicians=[jim.pk])
    assert {row["id"] for row in answer["technicians"]} == {ann.pk, owner.pk}
    answer = put(api, answer["id"], allowed_all_technicians=True)
    assert answer["technicians"] == []


def test_everybody_and_some_is_refused(api: Any, owner: TeamUser) -> None:
    body = {"name": "Service", "technicians": [owner.pk], "allowed_all_technicians": True}
    assert list(refused(api.post("/catalog/service", body))) == ["technicians"]


# --- Custom prices --------------------------------------------------------------------------------


def test_prices_by_quantity(api: Any) -> None:
    tiers = [
        {"minimum": 1, "maximum": 9, "price": "12.00000"},
        {"minimum": 10, "maximum": None, "price": "9.50000"},
    ]
    key = post(api, custom_price_mode="quantity", custom_quantity_prices=tiers)["id"]
    answer = api.get(f"/catalog/service/{key}?include=custom_prices").json()
    assert (answer["custom_price_mode"], answer["custom_price_quantity_mode"]) == ("quantity", 1)
    assert (answer["custom_quantity_prices"], answer["custom_type_prices"]) == (tiers, [])
    body = {"custom_quantity_prices": [{"minimum": 1, "maximum": 9, "price": 1}, {"minimum": 9, "price": 2}]}
    assert list(refused(api.put(f"/catalog/service/{key}", body))) == ["custom_quantity_prices.1.minimum"]


def test_prices_by_customer_are_set_added_and_removed(api: Any, team: Team) -> None:
    with team_scope(team):
        kinds = [row.pk for row in CustomerType.objects.order_by("pk")[:2]]
    first, second = ({"type": "type", "element": kind, "price": 5} for kind in kinds)
    key = post(api, custom_price_mode="type", custom_type_prices=[first])["id"]

    def prices(**values: Any) -> dict[int, str]:
        answer = api.put(f"/catalog/service/{key}?include=custom_type_prices", values).json()
        return {row["element"]["id"]: row["price"] for row in answer["custom_type_prices"]}

    assert prices(add_custom_type_prices=[second]) == {kinds[0]: "5.00000", kinds[1]: "5.00000"}
    assert prices(remove_custom_type_prices=[first]) == {kinds[1]: "5.00000"}
    assert prices(custom_type_prices=[{**first, "price": 7}]) == {kinds[0]: "7.00000"}
    assert prices(custom_price_mode=None) == {}


# --- Custom fields, pictures ----------------------------------------------------------------------


def test_custom_fields_of_services(api: Any) -> None:
    made = api.post("/config/custom_field", {"label": "Tools", "type": "text", "usage": ["service"]})
    assert made.status_code == 201, made.json()
    field = made.json()["id"]
    key = post(api, custom_fields=[{"id": field, "value": "Ladder"}])["id"]
    answer = api.get(f"/catalog/service/{key}?include=custom_fields").json()
    assert [(row["id"], row["value"]) for row in answer["custom_fields"]] == [(field, "Ladder")]


# --- Lists ----------------------------------------------------------------------------------------


def test_the_list_is_filtered_sorted_and_searched(api: Any) -> None:
    post(api, reference="A1", name="Painting", hourly_person_cost=30, sale_category="Works", status=False)
    post(api, reference="B2", name="Plumbing", hourly_person_cost=20, duration=1)

    def references(query: str) -> list[str]:
        response = api.get(f"/catalog/service?{query}")
        assert response.status_code == 200, response.json()
        return [row["reference"] for row in response.json()["datas"]]

    category = api.get("/catalog/service?filter[reference]=A1").json()["datas"][0]["sale_category_id"]
    assert references("sort=hourly_person_cost") == ["B2", "A1"]
    assert references("sort=status.name:desc") == ["A1", "B2"]
    assert references("sort=workforce_costs:desc") == ["B2", "A1"]
    assert references("search=%plumb%") == ["B2"]
    assert references(f"filter[sale_category]={category}") == ["A1"]
    assert references("filter[status]=1") == ["B2"]
    assert references("filter[name]=Painting") == ["A1"]


def test_duration_units_other_than_the_three_are_refused(api: Any) -> None:
    body = {"name": "Service", "duration_type": "week"}
    assert list(refused(api.post("/catalog/service", body))) == ["duration_type"]
