"""What a product comes in: its variations, their codes, prices and stock, through the API."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erp.catalog.models import Product, ProductVariation, StockMovement, Variation
from erp.catalog.services import SUMS, Move, adjust_stock, apply_movements, move_by_hand, update_product
from erp.core.errors import Invalid
from erp.core.scope import team_scope
from erp.various.models import VatRate
from tenants.models import Team

URL = "/catalog/product"


def shirt(**values: Any) -> dict[str, Any]:
    """A shirt in two sizes, one of them with everything."""
    rows = [
        {
            "level1": "L",
            "reference": "REF-L",
            "ean_code": "4006381333931",
            "provider_reference": "S-L",
            "buy_price_ht": 10,
            "unit_price_ht": 20,
            "stock_quantity": 2,
            "stock_theoretical_quantity": 1,
        },
        {"level1": "XL"},
    ]
    body = {"name": "Shirt", "unit_price_ht": 15, "unit_buy_price_ht": 6, "with_stock": True}
    levels = {"variations_length": 1, "variation_level1": "Size", "variations": rows}
    return {**body, **levels, **values}


@pytest.fixture
def make(api: Any) -> Callable[..., dict[str, Any]]:
    """make(**values): a shirt, with its variations."""

    def make(**values: Any) -> dict[str, Any]:
        response = api.post(f"{URL}?include=variations,variation_levels", shirt(**values))
        assert response.status_code == 201, response.json()
        return response.json()

    return make


def put(api: Any, product: dict[str, Any], **values: Any) -> Any:
    return api.put(f"{URL}/{product['id']}?include=variations", values)


def names(answer: dict[str, Any]) -> list[str]:
    return [row["level1"] for row in answer["variations"]]


def refused(response: Any) -> list[str]:
    assert response.status_code == 422, response.content
    return list(response.json()["errors"])


# --- Making ---------------------------------------------------------------------------------------


def test_the_reference_s_product_variation(make: Callable[..., Any], scope: Team) -> None:
    answer = make()
    large, extra = answer["variations"]
    ids = [large.pop(name) for name in ("id", "level1_id", "created_at", "updated_at")]
    assert all(ids)
    assert large == {
        "reference": "REF-L",
        "ean_code": "4006381333931",
        "provider_reference": "S-L",
        "buy_price_ht": "10.00000",
        "unit_price_ht": "20.00000",
        "unit_price_tva": "4.00000",
        "unit_price_ttc": "24.00000",
        "stock_quantity": "2.00",
        "stock_theoretical_quantity": "1.00",
        "level2_id": None,
        "level3_id": None,
        "level1": "L",
        "level2": None,
        "level3": None,
    }
    assert (extra["level1"], extra["reference"], extra["ean_code"]) == ("XL", None, None)
    assert (answer["variations_length"], answer["variation_level1"]["label"]) == (1, "Size")
    assert (answer["stock_quantity"], answer["stock_theoretical_quantity"]) == ("2.00", "1.00")
    assert list(Variation.objects.get().values.values_list("label", flat=True)) == ["L", "XL"]


def test_a_price_that_is_left_out_is_the_product_s(api: Any, make: Callable[..., Any]) -> None:
    answer = make()
    price = ("buy_price_ht", "unit_price_ht", "unit_price_ttc")
    assert [answer["variations"][1][name] for name in price] == ["6.00000", "15.00000", "18.00000"]
    answer = put(api, answer, unit_price_ht=16, unit_buy_price_ht=7).json()
    assert [answer["variations"][1][name] for name in price] == ["7.00000", "16.00000", "19.20000"]
    assert [answer["variations"][0][name] for name in price] == ["10.00000", "20.00000", "24.00000"]
    answer = put(api, answer, add_variations=[{"level1": "L", "unit_price_ht": None}]).json()
    assert answer["variations"][0]["unit_price_ht"] == "16.00000"


def test_a_price_may_be_given_with_vat(api: Any, make: Callable[..., Any], scope: Team) -> None:
    answer = make(variations=[{"level1": "L", "unit_price_ttc": 10}])
    assert answer["variations"][0]["unit_price_ht"] == "8.33333"
    reduced = VatRate.objects.filter(rate=Decimal("5.5")).first()
    answer = put(api, answer, vat_rate=reduced.pk).json()
    [row] = answer["variations"]
    assert (row["unit_price_ht"], row["unit_price_ttc"]) == ("8.33333", "8.79166")


def test_three_levels(api: Any) -> None:
    levels = {"variations_length": 3, "variation_level1": "Size", "variation_level2": "Colour"}
    rows = [
        {"level1": "L", "level2": colour, "level3": length}
        for colour in ("red", "blue")
        for length in ("short", "long")
    ]
    body = shirt(**levels, variation_level3="Length", variations=rows)
    answer = api.post(f"{URL}?include=variations,variation_levels", body).json()
    assert [(row["level2"], row["level3"]) for row in answer["variations"]] == [
        ("red", "short"),
        ("red", "long"),
        ("blue", "short"),
        ("blue", "long"),
    ]
    assert [answer[f"variation_level{level}"]["label"] for level in (1, 2, 3)] == ["Size", "Colour", "Length"]


def test_levels_that_are_named_count_without_a_length(api: Any) -> None:
    answer = api.post(URL, {"name": "Shirt", "variation_level1": "Size"}).json()
    assert (answer["variations_length"], answer["variation_level2_id"]) == (1, None)


def test_a_form_body_names_variations(api: Any) -> None:
    body = (
        "name=Shirt&variations_length=1&variation_level1=Size"
        "&variations[0][level1]=L&variations[0][unit_price_ht]=12.5&variations[1][level1]=XL"
    )
    response = api.post(f"{URL}?include=variations", body, content_type="application/x-www-form-urlencoded")
    assert [row["unit_price_ht"] for row in response.json()["variations"]] == ["12.50000", "0.00000"]


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"variations_length": 4}, "variations_length"),
        ({"variations_length": 2}, "variation_level2"),
        ({"variations_length": 2, "variation_level2": "size"}, "variation_level2"),
        ({"variations_length": 0}, "variations"),
        ({"variations": [{"level1": "L"}, {"level1": "l"}]}, "variations.1"),
        ({"variations": [{"level1": "L"}, {"level1": ""}]}, "variations.1.level1"),
        ({"variations": [{"level1": "L", "level2": "red"}]}, "variations.0.level2"),
        ({"variations": [{"level1": "L", "unit_price_ht": -1}]}, "variations.0.unit_price_ht"),
        ({"variations": [{"level1": "L", "colour": "red"}]}, "variations.0.colour"),
        ({"variations": [{"level1_id": 999_999}]}, "variations.0.level1_id"),
        ({"variations": 3}, "variations"),
        ({"with_stock": False}, "variations.0.stock_quantity"),
    ],
)
def test_what_is_wrong_is_named(api: Any, values: dict[str, Any], path: str, scope: Team) -> None:
    assert path in refused(api.post(URL, shirt(**values)))
    assert not Product.objects.exists()


# --- Changing -------------------------------------------------------------------------------------


def test_variations_are_set_added_and_removed(api: Any, make: Callable[..., Any]) -> None:
    answer = make()
    ids = {row["level1"]: row["id"] for row in answer["variations"]}
    answer = put(api, answer, add_variations=[{"level1": "S"}, {"level1": "xl", "reference": "NEW"}]).json()
    assert names(answer) == ["L", "XL", "S"]
    assert (answer["variations"][1]["id"], answer["variations"][1]["reference"]) == (ids["XL"], "NEW")
    answer = put(api, answer, remove_variations=[{"level1": "xl"}]).json()
    assert names(answer) == ["L", "S"]
    answer = put(api, answer, variations=[{"level1": "L"}]).json()
    assert names(answer) == ["L"]
    assert answer["variations"][0]["reference"] == "REF-L"
    assert refused(put(api, answer, remove_variations=[{"level1": "XXL"}])) == ["remove_variations.0.level1"]


def test_a_variation_that_comes_back_is_the_same_one(api: Any, make: Callable[..., Any]) -> None:
    answer = make()
    key = answer["variations"][1]["id"]
    put(api, answer, remove_variations=[{"level1": "XL"}])
    answer = put(api, answer, add_variations=[{"level1": "XL"}]).json()
    assert answer["variations"][1]["id"] == key


def test_an_answer_may_be_sent_back_whole(api: Any, make: Callable[..., Any], scope: Team) -> None:
    product = make()
    words = "variations,variation_levels,custom_prices,providers_references,unit,vat_rate"
    answer = api.get(f"{URL}/{product['id']}", include=words).json()
    again = api.put(f"{URL}/{product['id']}?include={words}", {**answer, "status": True})
    assert again.status_code == 200, again.json()

    def still(data: dict[str, Any]) -> Any:
        rows = [{**row, "updated_at": 0} for row in data["variations"]]
        level = {**data["variation_level1"], "updated_at": 0}
        return {**data, "updated_at": 0, "variations": rows, "variation_level1": level}

    assert still(again.json()) == still(answer)
    assert ProductVariation.objects.get(level1__label="XL").own_unit_price_ht is None


def test_other_levels_need_other_variations(api: Any, make: Callable[..., Any]) -> None:
    answer = make()
    more = {"variations_length": 2, "variation_level2": "Colour"}
    assert refused(put(api, answer, **more)) == ["variations"]
    answer = put(api, answer, **more, variations=[{"level1": "L", "level2": "red"}]).json()
    assert [(row["level1"], row["level2"]) for row in answer["variations"]] == [("L", "red")]
    assert answer["stock_quantity"] == "0.00"
    answer = put(api, answer, variations_length=0).json()
    assert (answer["variations"], answer["variation_level1_id"]) == ([], None)


def test_filters_by_variations(api: Any, make: Callable[..., Any]) -> None:
    varied = make()["id"]
    plain = api.post(URL, {"name": "Plain"}).json()["id"]
    for flag, key in ((1, varied), (0, plain)):
        found = api.get(URL, **{"filter[has_variations]": flag}).json()["datas"]
        assert [row["id"] for row in found] == [key]
    assert api.get(URL, sort="variations_length:desc").json()["datas"][0]["id"] == varied


# --- Stock ----------------------------------------------------------------------------------------


def sums(key: int) -> list[Decimal]:
    """The product's stock, that of its variations, and the ledger's."""
    product = Product.all_objects.get(pk=key)
    rows = ProductVariation.all_objects.filter(product=key)
    entries = StockMovement.objects.filter(product=key, kind="real")
    return [
        product.stock_quantity,
        sum((row.stock_quantity for row in rows), Decimal(0)),
        sum((entry.quantity for entry in entries), Decimal(0)),
    ]


def test_what_a_variation_moves_moves_the_product(make: Callable[..., Any], scope: Team) -> None:
    answer = make()
    large = answer["variations"][0]["id"]
    sale = Move(answer["id"], "real", Decimal(-3), "sales_document", "invoice", 1, 1, variation_id=large)
    assert len(apply_movements([sale])) == 1
    assert apply_movements([sale]) == []
    assert sums(answer["id"]) == [-1, -1, -1]
    product, row = Product.objects.get(), ProductVariation.objects.get(pk=large)
    move_by_hand(product, "real", Decimal(4), variation=row)
    adjust_stock(product, "real", Decimal(10), variation=row)
    assert (product.stock_quantity, row.stock_quantity) == (10, 10)
    assert sums(answer["id"]) == [10, 10, 10]


def test_stock_that_is_not_counted_does_not_move(
    make: Callable[..., Any], api: Any, scope: Team, product: Callable[..., Product]
) -> None:
    answer = make()
    key, extra = answer["id"], answer["variations"][1]["id"]
    assert apply_movements([Move(key, "real", Decimal(1), "manual")]) == []
    put(api, answer, remove_variations=[{"level1": "XL"}])
    assert apply_movements([Move(key, "real", Decimal(1), "manual", variation_id=extra)]) == []
    with pytest.raises(Invalid) as refusal:
        adjust_stock(Product.objects.get(), "real", Decimal(1))
    assert list(refusal.value.errors) == ["variation"]
    with pytest.raises(ProductVariation.DoesNotExist):
        apply_movements([Move(product(with_stock=True).pk, "real", Decimal(1), "manual", variation_id=extra)])


def test_a_product_that_starts_to_vary_is_counted_anew(api: Any, scope: Team) -> None:
    plain = api.post(URL, {"name": "Shirt", "with_stock": True, "stock_quantity": 9}).json()
    rows = [{"level1": "L", "stock_quantity": 5}, {"level1": "XL", "stock_quantity": 3}]
    answer = put(api, plain, variation_level1="Size", variations=rows, stock_quantity=100).json()
    assert answer["stock_quantity"] == "8.00"
    assert sums(answer["id"]) == [8, 8, 8]
    quantities = StockMovement.objects.order_by("pk").values_list("quantity", flat=True)
    assert list(quantities) == [9, -9, 5, 3]


def test_a_variation_that_goes_takes_its_stock_along(api: Any, make: Callable[..., Any], scope: Team) -> None:
    answer = put(api, make(), remove_variations=[{"level1": "L"}]).json()
    assert (answer["stock_quantity"], sums(answer["id"])) == ("0.00", [0, 0, 0])
    answer = put(api, answer, variations_length=0, stock_quantity=4).json()
    assert (answer["stock_quantity"], sums(answer["id"])[0]) == ("4.00", 4)


def test_who_may_not_manage_stock_does_not_take_it_away(
    api: Any, make: Callable[..., Any], member_api: Callable[..., Any]
) -> None:
    answer = make()
    limited = member_api(manage_stock=0)
    assert put(limited, answer, remove_variations=[{"level1": "L"}]).status_code == 403
    assert put(limited, answer, add_variations=[{"level1": "L", "stock_quantity": 9}]).status_code == 403
    assert put(limited, answer, remove_variations=[{"level1": "XL"}]).status_code == 200
    seen = member_api(see_stock=0).get(f"{URL}/{answer['id']}", include="variations").json()
    assert seen["variations"][0]["stock_quantity"] is None


def test_another_team_s_values_do_not_exist(api: Any, other_api: Any, other_team: Team) -> None:
    other_api.post(URL, shirt())
    with team_scope(other_team):
        value = Variation.objects.get().values.first()
        assert value is not None
    rows = [{"level1_id": value.pk}]
    assert refused(api.post(URL, shirt(variations=rows))) == ["variations.0.level1_id"]


counts = st.lists(
    st.tuples(
        st.sampled_from(["S", "M", "L"]),
        st.sampled_from(["real", "theoretical"]),
        st.sampled_from(["move", "count", "remove"]),
        st.decimals(-50, 50, places=2),
    ),
    max_size=12,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=counts)
def test_a_product_s_stock_is_the_sum_of_its_variations(
    scope: Team, product: Callable[..., Product], steps: list[tuple[str, str, str, Decimal]]
) -> None:
    """Whatever is moved, counted, taken away and added again."""
    row = product(with_stock=True, variation_level1="Size")
    for label, kind, what, quantity in steps:
        if what == "remove":
            update_product(row, {"add_variations": [{"level1": label}]})
            update_product(row, {"remove_variations": [{"level1": label}]})
            continue
        update_product(row, {"add_variations": [{"level1": label}]})
        varied = row.variations.get(level1__label=label)
        if what == "move" and quantity:
            apply_movements([Move(row.pk, kind, quantity, "manual", variation_id=varied.pk)])
        elif what == "count":
            adjust_stock(row, kind, quantity, variation=varied)
    stored = Product.objects.get(pk=row.pk)
    for kind, name in SUMS.items():
        living = sum((getattr(one, name) for one in row.variations.all()), Decimal(0))
        entries = StockMovement.objects.filter(product=row, kind=kind)
        assert getattr(stored, name) == living == sum((entry.quantity for entry in entries), Decimal(0))
