"""Orders to suppliers: amounts, numbers, statuses, receipts, and what they may still change."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp.catalog.models import CommandStatus, Product, ProviderCommand
from erp.catalog.services import create_product
from erp.core.errors import Conflict
from erp.core.models import NumberSeries
from erp.core.money import round_half_up, taxed
from erp.customers.models import Customer
from erp.customers.services import delete_customer
from erp.various.models import PdfModel, Unit, VatRate
from tenants.models import Team
from tests.conftest import ApiClient, key_of
from tests.factories import make

DRAFT, WAITING, PARTLY, DELIVERED = CommandStatus.values


@pytest.fixture
def api(team: Team) -> ApiClient:
    """The owner's client, who reads English."""
    return ApiClient(key_of(team), **{"Accept-Language": "en"})


@pytest.fixture
def supplier(scope: Team) -> Customer:
    row: Customer = make(Customer, company_name="Vis & Cie", is_provider=True)
    return row


@pytest.fixture
def rates(scope: Team) -> dict[str, VatRate]:
    return {name: make(VatRate, label=f"TVA {name} %", rate=Decimal(name)) for name in ("20", "5.5")}


@pytest.fixture
def order(supplier: Customer, rates: dict[str, VatRate]) -> Callable[..., dict[str, Any]]:
    """A body: order(line(…), title=…), ten screws at 2.00 unless told otherwise."""

    def order(*lines: dict[str, Any], **values: Any) -> dict[str, Any]:
        layout = PdfModel.objects.first()
        assert layout is not None
        contents = list(lines) or [line()]
        rate = rates["20"].pk
        return {
            "date": "2026-06-27",
            "customer": supplier.pk,
            "pdf_model": layout.pk,
            "contents": [{"vat_rate": rate, **item} for item in contents],
            **values,
        }

    return order


def line(quantity: Any = 10, **values: Any) -> dict[str, Any]:
    return {"designation": "Screws", "unit_price_ht": "2.00", "quantity": quantity, **values}


def made(api: ApiClient, body: dict[str, Any]) -> dict[str, Any]:
    response = api.post("/catalog/command", body)
    assert response.status_code == 201, response.content
    answer: dict[str, Any] = response.json()
    return answer


def changed(api: ApiClient, command: dict[str, Any], body: dict[str, Any], path: str = "") -> dict[str, Any]:
    response = api.put(f"/catalog/command/{command['id']}{path}", body)
    assert response.status_code == 200, response.content
    answer: dict[str, Any] = response.json()
    return answer


def refused(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 422, response.content
    errors: dict[str, list[str]] = response.json()["errors"]
    return errors


def configure(team: Team, **values: Any) -> None:
    team.configs = {**team.configs, **values}
    team.save()


def receipt(command: dict[str, Any], *quantities: Any) -> dict[str, Any]:
    rows = zip(command["contents"], quantities, strict=False)
    return {"contents": [{"id": row["id"], "delivered_quantity": quantity} for row, quantity in rows]}


# --- What an order is -----------------------------------------------------------------------------


def test_an_order_as_the_reference_shows_it(
    api: ApiClient, order: Callable[..., dict[str, Any]], rates: dict[str, VatRate], supplier: Customer
) -> None:
    command = made(api, order(line(1, unit_price_ht="10"), title="", country="FR"))
    [content] = command["contents"]
    picked = ("reference", "date", "title", "provider_id", "status", "total_ht", "total_tva", "total_ttc")
    assert [command[name] for name in picked] == [
        "BCF00001",
        "2026-06-27",
        None,
        supplier.pk,
        1,
        "10.00",
        "2.00",
        "12.00",
    ]
    assert command["country_id"] == 67
    assert command["options"] == {
        "contact": True,
        "reference_column": True,
        "units": True,
        "not_show_price": False,
    }
    assert {name: value for name, value in content.items() if name not in ("id", "vat_rate")} == {
        "reference": None,
        "designation": "Screws",
        "unit_price_ht": "10.00000",
        "unit_price_tva": "2.00000",
        "unit_price_ttc": "12.00000",
        "quantity": "1.00000",
        "unit_id": None,
        "unit": None,
        "vat_rate_id": rates["20"].pk,
        "total_ht": "10.00",
        "total_tva": "2.00",
        "total_ttc": "12.00",
        "product_id": None,
        "product": None,
        "variation_id": None,
        "variation": None,
        "quantity_to_deliver": "1.00000",
        "delivered_quantity": "0.00000",
    }
    shown = api.get(f"/catalog/command/{command['id']}", include="vatrates,provider").json()
    assert shown["vatrates"] == [{"rate": 20, "ht": 10, "tva": 2, "ttc": 12}]
    assert shown["provider"]["company_name"] == "Vis & Cie"


def test_vat_is_rounded_once_for_each_rate(
    api: ApiClient, order: Callable[..., dict[str, Any]], rates: dict[str, VatRate]
) -> None:
    """Three times 0.33 at 20 %: 0.066 each, 0.198 in all, hence 0.20; the lines share it."""
    cents = [line(1, unit_price_ht="0.33") for _step in range(3)]
    command = made(api, order(*cents, line(3, unit_price_ht="9.99", vat_rate=rates["5.5"].pk)))
    assert [row["total_tva"] for row in command["contents"]] == ["0.07", "0.07", "0.06", "1.65"]
    assert (command["total_ht"], command["total_tva"], command["total_ttc"]) == ("30.96", "1.85", "32.81")


AMOUNTS = st.lists(st.decimals(0, 100_000, places=2), min_size=1, max_size=8)


@given(AMOUNTS, st.decimals(0, 30, places=2))
def test_lines_of_a_rate_sum_to_its_vat(bases: list[Decimal], rate: Decimal) -> None:
    lines = taxed(bases, rate)
    assert sum(item.tva for item in lines) == round_half_up(sum(bases, Decimal(0)) * rate / 100)
    assert all(item.ttc == item.ht + item.tva for item in lines)
    assert all(abs(item.tva - item.ht * rate / 100) <= Decimal("0.01") for item in lines)


def test_references_follow_the_series_and_never_repeat(
    api: ApiClient, order: Callable[..., dict[str, Any]], team: Team
) -> None:
    series = {
        "provider_command_reference_prefix": "CMD{YYYY}-",
        "provider_command_reference_length": 3,
        "provider_command_reference_mode": 2,
        "provider_command_reference_number": 7,
    }
    assert api.put("/team", {"configs": series}).status_code == 200
    assert made(api, order(date="2024-12-30"))["reference"] == "CMD2024-007"
    assert made(api, order(date="2025-01-02"))["reference"] == "CMD2025-001"
    NumberSeries.objects.filter(key="provider_command").update(next_number=1)
    assert made(api, order(date="2024-12-31"))["reference"] == "CMD2025-002"


@pytest.mark.parametrize(("setting", "status"), [(0, DRAFT), (1, WAITING), (3, DELIVERED)])
def test_the_team_says_the_status_of_a_new_order(
    api: ApiClient, order: Callable[..., dict[str, Any]], team: Team, setting: int, status: int
) -> None:
    configure(team, provider_command_default_status=setting)
    command = made(api, order())
    assert command["status"] == status
    assert command["contents"][0]["delivered_quantity"] == ("10.00000" if status == DELIVERED else "0.00000")


def test_the_default_delivery_address_stands_unless_another_is_given(
    api: ApiClient, order: Callable[..., dict[str, Any]], team: Team
) -> None:
    start = "provider_command_delivery_address_"
    values = {
        "road1": "1 rue du Dépôt",
        "road2": "Quai 3",
        "road3": "Porte B",
        "town": "Lyon",
        "postal_code": "69007",
    }
    configure(team, **{f"{start}{name}": value for name, value in values.items()}, **{f"{start}country": 21})
    command = made(api, order())
    assert {name: command[name] for name in values} == values
    assert command["country_id"] == 21
    other = made(api, order(road1="Chantier", town="Brest", country="FR"))
    assert [other[name] for name in ("road1", "road2", "town", "country_id")] == [
        "Chantier",
        None,
        "Brest",
        67,
    ]


@pytest.mark.parametrize(
    ("parameter", "option", "shown"),
    [
        ("provider_command_contact", "contact", False),
        ("provider_command_reference_column", "reference_column", False),
        ("provider_command_units", "units", False),
        ("provider_command_not_show_price", "not_show_price", True),
    ],
)
def test_the_team_says_what_pages_of_new_orders_show(
    api: ApiClient,
    order: Callable[..., dict[str, Any]],
    team: Team,
    parameter: str,
    option: str,
    shown: bool,
) -> None:
    assert made(api, order())["options"][option] is not shown
    configure(team, **{parameter: True})
    assert made(api, order())["options"][option] is shown
    assert made(api, order(options={option: not shown}))["options"][option] is not shown


def test_a_line_takes_from_its_product_what_is_not_given(
    api: ApiClient,
    order: Callable[..., dict[str, Any]],
    product: Callable[..., Product],
    rates: dict[str, VatRate],
) -> None:
    unit = make(Unit, label="Box")
    screw = product("SCREW", unit=unit, vat_rate=rates["5.5"])
    [row] = made(api, order(line(product=screw.pk)))["contents"]
    assert (row["reference"], row["unit"]["label"], row["product"]["reference"]) == ("SCREW", "Box", "SCREW")
    assert row["vat_rate_id"] == rates["20"].pk  # given


def test_only_a_supplier_is_ordered_from(api: ApiClient, order: Callable[..., dict[str, Any]]) -> None:
    buyer = make(Customer, company_name="Buyer", is_customer=True)
    assert (
        "Buyer is no supplier"
        in refused(api.post("/catalog/command", order(customer=buyer.pk)))["customer"][0]
    )


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"contents": []}, "contents"),
        ({"status": 9}, "status"),
        ({"status": PARTLY}, "status"),
        ({"country": "ZZ"}, "country"),
        ({"pdf_model": None}, "pdf_model"),
        ({"date": "2026-02-30"}, "date"),
    ],
)
def test_bad_orders_are_refused(
    api: ApiClient, order: Callable[..., dict[str, Any]], values: dict[str, Any], path: str
) -> None:
    assert list(refused(api.post("/catalog/command", order(**values)))) == [path]
    assert ProviderCommand.objects.count() == 0


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"quantity": 0}, "quantity"),
        ({"quantity": -1}, "quantity"),
        ({"delivered_quantity": 11}, "delivered_quantity"),
        ({"id": 999_999}, "id"),
        ({"designation": ""}, "designation"),
        ({"vat_rate": None}, "vat_rate"),
        ({"unit_price_ht": "1000000000", "quantity": "9999999999"}, "quantity"),
    ],
)
def test_bad_lines_are_refused_by_their_place(
    api: ApiClient, order: Callable[..., dict[str, Any]], values: dict[str, Any], path: str
) -> None:
    errors = refused(api.post("/catalog/command", order(line(), line() | values)))
    assert list(errors) == [f"contents.1.{path}"]


# --- Receipts -------------------------------------------------------------------------------------


def test_receipts_add_up_and_make_the_status(api: ApiClient, order: Callable[..., dict[str, Any]]) -> None:
    command = made(api, order(line(10), line(5), status=WAITING))
    command = changed(api, command, receipt(command, 4), "/delivery")
    assert (command["status"], command["status_label"]) == (PARTLY, "Partially delivered")
    command = changed(api, command, receipt(command, 6, "2.5"), "/delivery")
    assert [row["quantity_to_deliver"] for row in command["contents"]] == ["0.00000", "2.50000"]
    assert command["status"] == PARTLY
    command = changed(api, command, receipt(command, 0, "2.5"), "/delivery")
    assert command["status"] == DELIVERED


def test_more_than_what_remains_is_refused_whole(
    api: ApiClient, order: Callable[..., dict[str, Any]]
) -> None:
    command = made(api, order(line(10), line(5)))
    command = changed(api, command, receipt(command, 4), "/delivery")
    errors = refused(api.put(f"/catalog/command/{command['id']}/delivery", receipt(command, 7, 1)))
    assert errors == {"contents.0.delivered_quantity": ["Only 6 remain to be delivered."]}
    after = api.get(f"/catalog/command/{command['id']}").json()
    assert [row["delivered_quantity"] for row in after["contents"]] == ["4.00000", "0.00000"]


def test_two_rows_of_one_receipt_count_together(api: ApiClient, order: Callable[..., dict[str, Any]]) -> None:
    command = made(api, order())
    key = command["contents"][0]["id"]
    body = {"contents": [{"id": key, "delivered_quantity": 6}, {"id": key, "delivered_quantity": 6}]}
    errors = refused(api.put(f"/catalog/command/{command['id']}/delivery", body))
    assert errors == {"contents.1.delivered_quantity": ["Only 4 remain to be delivered."]}


def test_another_order_s_line_cannot_be_received(
    api: ApiClient, order: Callable[..., dict[str, Any]]
) -> None:
    command, other = made(api, order()), made(api, order())
    errors = refused(api.put(f"/catalog/command/{command['id']}/delivery", receipt(other, 1)))
    assert errors == {"contents.0.id": ["The order has no such line."]}


def test_the_status_delivered_receives_what_is_left(
    api: ApiClient, order: Callable[..., dict[str, Any]]
) -> None:
    command = made(api, order(line(10), line(5)))
    command = changed(api, command, receipt(command, 4), "/delivery")
    command = changed(api, command, {"status": DELIVERED})
    assert [row["quantity_to_deliver"] for row in command["contents"]] == ["0.00000", "0.00000"]


def test_a_status_that_arrivals_contradict_is_refused(
    api: ApiClient, order: Callable[..., dict[str, Any]]
) -> None:
    command = made(api, order(line(delivered_quantity=3)))
    assert command["status"] == PARTLY
    for status in (DRAFT, WAITING):
        assert list(refused(api.put(f"/catalog/command/{command['id']}", {"status": status}))) == ["status"]
    body = {"status": DELIVERED, "contents": [{**command["contents"][0]}]}
    assert list(refused(api.put(f"/catalog/command/{command['id']}", body))) == ["status"]


def test_a_receipt_typed_by_mistake_is_corrected(
    api: ApiClient, order: Callable[..., dict[str, Any]]
) -> None:
    command = made(api, order(line(delivered_quantity=10)))
    [row] = command["contents"]
    command = changed(api, command, {"contents": [{**row, "delivered_quantity": 4}]})
    assert command["status"] == PARTLY
    command = changed(api, command, {"contents": [{**row, "delivered_quantity": 0}]})
    assert command["status"] == WAITING


# --- Changes --------------------------------------------------------------------------------------


def test_an_order_as_read_may_be_sent_back(api: ApiClient, order: Callable[..., dict[str, Any]]) -> None:
    command = made(api, order(line(delivered_quantity=3)))
    everything = "provider,contact,country,pdf_model,currency,vatrates,contents"
    shown = api.get(f"/catalog/command/{command['id']}", include=everything).json()
    again = changed(api, command, shown | {"title": "For the workshop"})
    assert again["title"] == "For the workshop"
    ignored = ("title", "updated_at")
    assert {k: v for k, v in again.items() if k not in ignored} == {
        k: v for k, v in command.items() if k not in ignored
    }


def test_lines_are_changed_added_and_taken_away(
    api: ApiClient, order: Callable[..., dict[str, Any]], rates: dict[str, VatRate]
) -> None:
    command = made(api, order(line(10), line(5)))
    first = command["contents"][0]["id"]
    nails = {"designation": "Nails", "unit_price_ht": 1, "quantity": 3, "vat_rate": rates["20"].pk}
    screws = {**nails, "id": first, "designation": "Screws", "quantity": 20}
    command = changed(api, command, {"contents": [nails, screws]})
    rows = [(row["designation"], row["quantity"], row["total_ht"]) for row in command["contents"]]
    assert rows == [("Nails", "3.00000", "3.00"), ("Screws", "20.00000", "20.00")]
    assert command["contents"][1]["id"] == first
    assert command["total_ttc"] == "27.60"


def test_what_arrived_stays(
    api: ApiClient, order: Callable[..., dict[str, Any]], product: Callable[..., Product]
) -> None:
    command = made(api, order(line(10, delivered_quantity=4), line(5)))
    first, second = command["contents"]
    address = f"/catalog/command/{command['id']}"
    assert list(refused(api.put(address, {"contents": [second]}))) == ["contents"]
    short = {key: value for key, value in first.items() if key != "delivered_quantity"} | {"quantity": 3}
    assert refused(api.put(address, {"contents": [short, second]})) == {
        "contents.0.quantity": ["4 have arrived already: order at least as much."]
    }
    other = {**first, "product": product().pk}
    assert list(refused(api.put(address, {"contents": [other, second]}))) == ["contents.0.product"]
    rival = make(Customer, company_name="Rival", is_provider=True)
    assert list(refused(api.put(address, {"customer": rival.pk}))) == ["customer"]
    assert changed(api, command, {"contents": [first]})["contents"][0]["quantity"] == "10.00000"


def test_an_order_of_which_nothing_arrived_can_be_deleted(
    api: ApiClient, order: Callable[..., dict[str, Any]], supplier: Customer
) -> None:
    command, received = made(api, order()), made(api, order(line(delivered_quantity=1)))
    assert api.delete(f"/catalog/command/{command['id']}").status_code == 204
    assert api.get(f"/catalog/command/{command['id']}").status_code == 404
    refusal = api.delete(f"/catalog/command/{received['id']}")
    assert refusal.status_code == 409
    assert "Goods of BCF00002 have arrived" in refusal.json()["message"]
    with pytest.raises(Conflict, match="has supplier orders"):
        delete_customer(supplier)


# --- Lists ----------------------------------------------------------------------------------------


def test_filters_sorts_and_search(api: ApiClient, order: Callable[..., dict[str, Any]]) -> None:
    rival = make(Customer, company_name="Aciers", is_provider=True)
    made(api, order(line(1), date="2026-01-05", title="Stock", town="Brest", postal_code="29200"))
    made(api, order(line(2), date="2026-02-06", customer=rival.pk, status=WAITING, town="Albi"))
    made(api, order(line(3, delivered_quantity=1), date="2026-03-07"))

    def found(**query: Any) -> list[int]:
        response = api.get("/catalog/command", **query)
        assert response.status_code == 200, response.content
        return [int(row["reference"][-1]) for row in response.json()["datas"]]

    assert found() == [3, 2, 1]
    assert found(**{"filter[reference]": "%0002"}) == [2]
    assert found(**{"filter[date_since]": "2026-02-06"}) == [3, 2]
    assert found(**{"filter[date_until]": "2026-02-06"}) == [2, 1]
    assert found(**{"filter[customer]": rival.pk}) == [2]
    assert found(**{"filter[status]": PARTLY}) == [3]
    assert found(search="Aciers") == [2]
    assert found(search="2026-01-05") == [1]
    assert found(search="2026-02%") == [2]
    assert found(search="0000") == []
    assert found(search="29200") == [1]
    assert found(sort="provider.name") == [2, 1, 3]
    assert found(sort="total_ht:desc") == [3, 2, 1]
    assert found(sort="status_label:desc") == [3, 2, 1]


def test_levels_of_the_supplier_s_key_rule_orders(
    team: Team, order: Callable[..., dict[str, Any]], api: ApiClient, member_api: Callable[..., ApiClient]
) -> None:
    command = made(api, order())
    reader = member_api(provider=1)
    assert reader.get("/catalog/command").status_code == 200
    assert reader.put(f"/catalog/command/{command['id']}/delivery", receipt(command, 1)).status_code == 403
    editor = member_api(provider=3)
    assert editor.put(f"/catalog/command/{command['id']}/delivery", receipt(command, 1)).status_code == 200
    assert editor.delete(f"/catalog/command/{command['id']}").status_code == 403


def test_an_order_may_be_corrected_once_its_product_is_gone(
    api: ApiClient, order: Callable[..., dict[str, Any]], scope: Team
) -> None:
    """Read, changed and sent back: what it links already may stay, and serves no other order."""
    screw = create_product({"name": "Screw", "with_stock": True})
    line = {**order()["contents"][0], "product": screw.pk, "quantity": 10, "delivered_quantity": 10}
    key = made(api, order(contents=[line]))["id"]
    other = made(api, order())["id"]
    api.delete(f"/catalog/product/{screw.pk}")
    read = api.get(f"/catalog/command/{key}").json()
    read["contents"][0]["delivered_quantity"] = "4"
    changed = api.put(f"/catalog/command/{key}", read | {"status": None})
    assert changed.status_code == 200, changed.json()
    assert (changed.json()["status"], changed.json()["contents"][0]["product_id"]) == (PARTLY, screw.pk)
    assert Product.all_objects.get(pk=screw.pk).stock_quantity == 4
    for response in (
        api.post("/catalog/command", order(contents=[line])),
        api.put(f"/catalog/command/{other}", {"contents": [line]}),
    ):
        assert (response.status_code, list(response.json()["errors"])) == (422, ["contents.0.product"])
