"""Products through the API: what is written, what is answered (reference: Product)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from erp.catalog.models import Product, StockMovement
from erp.catalog.services import create_product, update_product
from erp.core.errors import Invalid
from erp.core.scope import team_scope
from erp.various.models import ChargeCategory, SaleCategory, Unit, VatRate
from tenants.models import Team, TeamUser

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
    "not_for_sale",
    "charge_category_id",
    "ean_code",
    "unit_weight",
    "size_length",
    "size_width",
    "size_height",
    "eco_tax_ht",
    "eco_tax_tva",
    "eco_tax_ttc",
    "unit_buy_price_ht",
    "with_stock",
    "stock_quantity",
    "stock_theoretical_quantity",
    "stock_minimum",
    "stock_maximum",
    "stock_alert",
    "variations_length",
    "variation_level1_id",
    "variation_level2_id",
    "variation_level3_id",
]


def rate_of(team: Team, rate: str) -> int:
    """The id of a team's VAT rate."""
    with team_scope(team):
        return VatRate.objects.filter(rate=Decimal(rate)).order_by("pk").values_list("pk", flat=True)[0]


def post(api: Any, **values: Any) -> dict[str, Any]:
    """Create a product and return it."""
    response = api.post("/catalog/product", {"reference": "REF", "name": "Product", **values})
    assert response.status_code == 201, response.json()
    return response.json()


def test_the_reference_s_example(api: Any, team: Team) -> None:
    answer = post(
        api,
        designation="My product",
        unit_price_ht=100,
        default_quantity=2,
        various_costs=10,
        unit_buy_price_ht=50,
        with_stock=True,
        stock_quantity=9,
        stock_theoretical_quantity=9,
        stock_minimum=5,
        stock_maximum=50,
        stock_alert=10,
        vat_rate=rate_of(team, "20"),
    )
    expected = {
        "reference": "REF",
        "name": "Product",
        "designation": "My product",
        "unit_price_ht": "100.00000",
        "unit_price_tva": "20.00000",
        "unit_price_ttc": "120.00000",
        "default_quantity": "2.00000",
        "total_ht": "200.00",
        "total_tva": "40.00",
        "total_ttc": "240.00",
        "various_costs": "10.00000",
        "total_costs": "60.00000",
        "gross_margin_amount": "40.00",
        "markup_rate": "40.00",
        "cant_change_price": False,
        "not_for_sale": False,
        "ean_code": None,
        "unit_weight": "0.00",
        "size_length": None,
        "eco_tax_ht": "0.00",
        "eco_tax_tva": "0.00",
        "eco_tax_ttc": "0.00",
        "unit_buy_price_ht": "50.00000",
        "with_stock": True,
        "stock_quantity": "9.00",
        "stock_theoretical_quantity": "9.00",
        "stock_minimum": 5,
        "stock_maximum": 50,
        "stock_alert": 10,
        "custom_price_mode": None,
        "variations_length": 0,
        "variation_level1_id": None,
    }
    assert {name: answer[name] for name in expected} == expected
    assert answer["status"]["active"] is True
    assert list(answer) == ORDER


def test_a_created_product_can_be_read_changed_and_deleted(api: Any) -> None:
    key = post(api)["id"]
    assert api.get(f"/catalog/product/{key}").json()["name"] == "Product"
    assert api.put(f"/catalog/product/{key}", {"name": "Renamed"}).json()["name"] == "Renamed"
    assert api.delete(f"/catalog/product/{key}").status_code == 204
    assert api.get(f"/catalog/product/{key}").status_code == 404
    [deleted] = api.get("/catalog/product", with_deleted=1).json()["datas"]
    assert set(deleted) == {"id", "deleted_at"}


def test_a_form_body_is_read_like_json(api: Any) -> None:
    body = "name=Product&reference=REF1&unit_price_ht=12.5&unit=Barrel&with_stock=1"
    response = api.post("/catalog/product", body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 201
    answer = response.json()
    assert (answer["unit_price_ht"], answer["with_stock"], answer["unit_id"] is None) == (
        "12.50000",
        True,
        False,
    )


# --- Prices ---------------------------------------------------------------------------------------


def test_a_price_with_vat_gives_the_price_without(api: Any, team: Team) -> None:
    answer = post(api, unit_price_ttc=10, default_quantity=3, vat_rate=rate_of(team, "20"))
    assert (answer["unit_price_ht"], answer["unit_price_tva"]) == ("8.33333", "1.66667")
    assert (answer["total_ht"], answer["total_tva"], answer["total_ttc"]) == ("25.00", "5.00", "30.00")


def test_a_price_with_vat_is_not_used_beside_one_without(api: Any, team: Team) -> None:
    answer = post(api, unit_price_ht=10, unit_price_ttc=99, vat_rate=rate_of(team, "10"))
    assert (answer["unit_price_ht"], answer["unit_price_ttc"]) == ("10.00000", "11.00000")


def test_surplus_decimals_are_rounded_half_up(api: Any, team: Team) -> None:
    assert post(api, unit_price_ht="0.333335")["unit_price_ht"] == "0.33334"


def test_another_vat_rate_keeps_the_price_without_vat(api: Any, team: Team) -> None:
    key = post(api, unit_price_ht=100, eco_tax_ht=1, vat_rate=rate_of(team, "20"))["id"]
    answer = api.put(f"/catalog/product/{key}", {"vat_rate": rate_of(team, "5.5")}).json()
    assert (answer["unit_price_ht"], answer["unit_price_ttc"]) == ("100.00000", "105.50000")
    assert (answer["eco_tax_ht"], answer["eco_tax_ttc"]) == ("1.00", "1.06")


def test_another_attribute_leaves_a_price_with_vat_alone(api: Any, team: Team) -> None:
    key = post(api, unit_price_ttc="9.99", vat_rate=rate_of(team, "20"))["id"]
    answer = api.put(f"/catalog/product/{key}", {"default_quantity": 2}).json()
    assert (answer["unit_price_ttc"], answer["total_ttc"]) == ("9.99000", "19.98")


def test_without_a_vat_rate_the_team_s_default_applies(api: Any, team: Team) -> None:
    with team_scope(team):
        default = VatRate.objects.get(use_default=True)
    assert post(api)["vat_rate_id"] == default.pk


def test_costs_make_the_margin(api: Any) -> None:
    key = post(api, unit_price_ht=30, unit_buy_price_ht=20)["id"]
    answer = api.get(f"/catalog/product/{key}").json()
    assert (answer["total_costs"], answer["gross_margin_amount"]) == ("20.00000", "10.00")
    assert (answer["gross_margin_rate"], answer["markup_rate"]) == ("50.00", "33.33")
    answer = api.put(f"/catalog/product/{key}", {"unit_buy_price_ht": 0}).json()
    assert (answer["gross_margin_rate"], answer["markup_rate"]) == ("100.00", "100.00")


def test_the_eco_contribution_is_given_either_way(api: Any, team: Team) -> None:
    vat_rate = rate_of(team, "20")
    with_tax = post(api, reference="A", eco_tax_ttc="1.20", vat_rate=vat_rate)
    assert (with_tax["eco_tax_ht"], with_tax["eco_tax_tva"]) == ("1.00", "0.20")
    without = post(api, reference="B", eco_tax_ht="0.50", vat_rate=vat_rate)
    assert (without["eco_tax_tva"], without["eco_tax_ttc"]) == ("0.10", "0.60")


@pytest.mark.parametrize(
    "name", ["unit_price_ht", "unit_price_ttc", "unit_buy_price_ht", "various_costs", "unit_weight"]
)
def test_an_amount_is_never_below_zero(api: Any, name: str) -> None:
    response = api.post("/catalog/product", {"reference": "REF", "name": "Product", name: -1})
    assert (response.status_code, list(response.json()["errors"])) == (422, [name])


def test_an_amount_too_large_is_refused(api: Any) -> None:
    body = {"reference": "REF", "name": "Product", "unit_price_ht": 8e9}
    for quantity, price, path in ((9_999_999_999, 8e9, "default_quantity"), (1, 9e9, "unit_price_ht")):
        huge = body | {"unit_price_ht": price, "default_quantity": quantity}
        response = api.post("/catalog/product", huge)
        assert (response.status_code, list(response.json()["errors"])) == (422, [path])
    assert api.post("/catalog/product", body | {"default_quantity": 1000}).status_code == 201


# --- References -----------------------------------------------------------------------------------


def test_a_reference_is_given_when_it_is_missing(api: Any, product: Callable[..., Product]) -> None:
    product("PROD00002")
    first = api.post("/catalog/product", {"name": "First"}).json()
    second = api.post("/catalog/product", {"name": "Second"}).json()
    assert (first["reference"], second["reference"]) == ("PROD00001", "PROD00003")


def test_a_team_that_types_references_must_give_one(api: Any, team: Team) -> None:
    team.configs = {**team.configs, "product_reference_manual": True}
    team.save()
    response = api.post("/catalog/product", {"name": "Product"})
    assert (response.status_code, list(response.json()["errors"])) == (422, ["reference"])


def test_a_name_is_required(api: Any) -> None:
    response = api.post("/catalog/product", {"reference": "REF"})
    assert (response.status_code, list(response.json()["errors"])) == (422, ["name"])


def test_a_reference_is_used_once_per_team(api: Any, other_api: Any) -> None:
    post(api)
    post(other_api)
    response = api.post("/catalog/product", {"reference": "REF", "name": "Again"})
    assert (response.status_code, list(response.json()["errors"])) == (422, ["reference"])
    key = post(api, reference="OTHER")["id"]
    assert api.put(f"/catalog/product/{key}", {"reference": "REF"}).status_code == 422
    assert api.put(f"/catalog/product/{key}", {"reference": ""}).status_code == 422


def test_a_deleted_product_s_reference_is_free(api: Any) -> None:
    api.delete(f"/catalog/product/{post(api)['id']}")
    assert post(api)["reference"] == "REF"


# --- Lists that a product names -------------------------------------------------------------------


def test_a_known_name_finds_the_row_whatever_its_case(api: Any, team: Team) -> None:
    with team_scope(team):
        box = Unit.objects.create(label="Pallet")
    assert post(api, unit="pallet")["unit_id"] == box.pk
    with team_scope(team):
        assert Unit.objects.filter(label__iexact="pallet").count() == 1


def test_a_new_name_makes_the_row(api: Any, team: Team) -> None:
    answer = post(api, unit="Barrel", sale_category="Cider", charge_category="Apples")
    with team_scope(team):
        assert Unit.objects.get(label="Barrel").pk == answer["unit_id"]
        assert SaleCategory.objects.get(label="Cider").pk == answer["sale_category_id"]
        assert ChargeCategory.objects.get(label="Apples").pk == answer["charge_category_id"]


def test_an_identifier_is_read_too(api: Any, team: Team, other_team: Team) -> None:
    with team_scope(team):
        unit = Unit.objects.create(label="Pallet")
    assert post(api, reference="A", unit=unit.pk)["unit_id"] == unit.pk
    assert post(api, reference="B", unit=str(unit.pk))["unit_id"] == unit.pk
    with team_scope(other_team):
        foreign = Unit.objects.create(label="Foreign")
    for value in (foreign.pk, str(foreign.pk)):
        response = api.post("/catalog/product", {"reference": "C", "name": "Product", "unit": value})
        assert (response.status_code, list(response.json()["errors"])) == (422, ["unit"])


def test_a_list_may_be_left_again(api: Any) -> None:
    key = post(api, unit="Barrel")["id"]
    assert api.put(f"/catalog/product/{key}", {"unit": ""}).json()["unit_id"] is None


def test_a_new_name_asks_to_manage_lists(member_api: Callable[..., Any], team: Team) -> None:
    limited = member_api(manage_list=0)
    with team_scope(team):
        known = Unit.objects.create(label="Pallet")
    assert post(limited, reference="A", unit="Pallet")["unit_id"] == known.pk
    response = limited.post("/catalog/product", {"reference": "B", "name": "Product", "unit": "Barrel"})
    assert (response.status_code, list(response.json()["errors"])) == (422, ["unit"])
    assert post(member_api(manage_list=1), reference="C", unit="Barrel")["unit_id"] > known.pk


# --- Bodies ---------------------------------------------------------------------------------------


def test_an_answer_may_be_sent_back_whole(api: Any, team: Team) -> None:
    answer = post(api, unit_price_ttc="9.99", with_stock=True, stock_quantity=4)
    body = {**answer, "status": answer["status"]["active"], "name": "Again"}
    again = api.put(f"/catalog/product/{answer['id']}", body)
    assert again.status_code == 200, again.json()
    assert {**again.json(), "updated_at": 0} == {**answer, "name": "Again", "updated_at": 0}


def test_unknown_attributes_are_refused(api: Any) -> None:
    response = api.post("/catalog/product", {"reference": "REF", "name": "Product", "colour": "red"})
    assert (response.status_code, list(response.json()["errors"])) == (422, ["colour"])


def test_rich_text_is_cleaned(api: Any) -> None:
    answer = post(api, designation="<b>Fine</b><script>alert(1)</script>")
    assert answer["designation"] == "<b>Fine</b>"


# --- Stock numbers --------------------------------------------------------------------------------


def test_an_initial_stock_is_a_movement(api: Any, scope: Team) -> None:
    key = post(api, with_stock=True, stock_quantity="9.5")["id"]
    movement = StockMovement.objects.get(product_id=key)
    assert (movement.kind, movement.quantity, movement.cause) == ("real", Decimal("9.5"), "initial")


def test_setting_the_stock_enters_the_difference(api: Any, scope: Team, owner: TeamUser) -> None:
    key = post(api, with_stock=True, stock_quantity=9)["id"]
    answer = api.put(f"/catalog/product/{key}", {"stock_quantity": 7, "stock_theoretical_quantity": 3}).json()
    assert (answer["stock_quantity"], answer["stock_theoretical_quantity"]) == ("7.00", "3.00")
    entries = StockMovement.objects.filter(product_id=key, cause="inventory").order_by("pk")
    assert [(entry.kind, entry.quantity) for entry in entries] == [("real", -2), ("theoretical", 3)]
    assert entries[0].author == owner
    api.put(f"/catalog/product/{key}", {"stock_quantity": 7})
    assert StockMovement.objects.filter(product_id=key).count() == 3


def test_stock_that_is_not_managed_cannot_be_set(api: Any) -> None:
    response = api.post("/catalog/product", {"reference": "REF", "name": "Product", "stock_quantity": 1})
    assert (response.status_code, list(response.json()["errors"])) == (422, ["stock_quantity"])
    assert api.get("/catalog/product").json()["meta"]["total"] == 0


def test_stock_is_hidden_from_those_who_may_not_see_it(member_api: Callable[..., Any], api: Any) -> None:
    key = post(api, with_stock=True, stock_quantity=9)["id"]
    answer = member_api(see_stock=0).get(f"/catalog/product/{key}").json()
    assert (answer["stock_quantity"], answer["stock_theoretical_quantity"]) == (None, None)
    assert member_api(see_stock=1).get(f"/catalog/product/{key}").json()["stock_quantity"] == "9.00"


@pytest.mark.parametrize(
    "name", ["stock_quantity", "stock_theoretical_quantity", "stock_minimum", "stock_alert"]
)
def test_stock_numbers_ask_to_manage_stock(member_api: Callable[..., Any], api: Any, name: str) -> None:
    key = post(api, with_stock=True)["id"]
    limited = member_api(manage_stock=0)
    assert limited.put(f"/catalog/product/{key}", {name: 4}).status_code == 403
    assert limited.put(f"/catalog/product/{key}", {"name": "Allowed"}).status_code == 200
    assert member_api(manage_stock=1).put(f"/catalog/product/{key}", {name: 4}).status_code == 200


def test_hidden_stock_sent_back_changes_nothing(member_api: Callable[..., Any], api: Any) -> None:
    key = post(api, with_stock=True, stock_quantity=9)["id"]
    limited = member_api(see_stock=0, manage_stock=0)
    assert limited.put(f"/catalog/product/{key}", {"stock_quantity": None, "name": "Seen"}).status_code == 200
    assert api.get(f"/catalog/product/{key}").json()["stock_quantity"] == "9.00"


# --- Who may --------------------------------------------------------------------------------------


def test_levels_open_one_verb_after_the_other(member_api: Callable[..., Any], api: Any) -> None:
    key = post(api)["id"]
    statuses = {}
    for level in range(5):
        client = member_api(catalog_products=level)
        statuses[level] = (
            client.get("/catalog/product").status_code,
            client.post("/catalog/product", {"reference": f"R{level}", "name": "Product"}).status_code,
            client.put(f"/catalog/product/{key}", {"name": "Product"}).status_code,
        )
    assert statuses == {
        0: (403, 403, 403),
        1: (200, 403, 403),
        2: (200, 201, 403),
        3: (200, 201, 200),
        4: (200, 201, 200),
    }
    assert member_api(catalog_products=3).delete(f"/catalog/product/{key}").status_code == 403
    assert member_api(catalog_products=4).delete(f"/catalog/product/{key}").status_code == 204


def test_another_team_s_product_does_not_exist(api: Any, other_product: Product) -> None:
    path = f"/catalog/product/{other_product.pk}"
    assert api.get(path).status_code == 404
    assert api.put(path, {"name": "Mine"}).status_code == 404
    assert api.delete(path).status_code == 404
    assert api.get("/catalog/product").json()["datas"] == []


def test_another_team_s_vat_rate_does_not_exist(api: Any, other_team: Team) -> None:
    body = {"reference": "REF", "name": "Product", "vat_rate": rate_of(other_team, "20")}
    response = api.post("/catalog/product", body)
    assert (response.status_code, list(response.json()["errors"])) == (422, ["vat_rate"])


# --- Services -------------------------------------------------------------------------------------


def test_services_say_what_is_wrong_without_the_api(scope: Team) -> None:
    product = create_product({"name": "Product", "unit_price_ht": Decimal(10)})
    with pytest.raises(Invalid) as refusal:
        create_product({"reference": product.reference, "name": "Again"})
    assert list(refusal.value.errors) == ["reference"]
    assert update_product(product, {"unit_price_ht": Decimal(12)}).total_ht == 12


def test_saving_a_row_read_earlier_keeps_the_stock(scope: Team) -> None:
    product = create_product({"name": "Product", "with_stock": True, "stock_quantity": Decimal(5)})
    early = Product.objects.get(pk=product.pk)
    update_product(product, {"stock_quantity": Decimal(8)})
    update_product(early, {"name": "Renamed"})
    early.refresh_from_db()
    assert (early.name, early.stock_quantity) == ("Renamed", 8)


# --- Pictures -------------------------------------------------------------------------------------

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


@pytest.mark.parametrize(("content", "status"), [(PNG, 201), (b"<svg onload='alert(1)'/>", 422)])
def test_a_picture_is_uploaded_with_the_product(api: Any, content: bytes, status: int) -> None:
    body = {"name": "Product", "default_picture": SimpleUploadedFile("photo.png", content)}
    response = api.client.post("/api/v1/catalog/product?include=default_picture", body)
    assert response.status_code == status, response.content
    if status == 201:
        answer = response.json()
        assert (answer["default_picture"]["filename"], answer["default_picture"]["size"]) == ("photo.png", 28)
        kept = api.put(f"/catalog/product/{answer['id']}", {"default_picture": answer["default_picture_id"]})
        assert kept.json()["default_picture_id"] == answer["default_picture_id"]
    else:
        assert list(response.json()["errors"]) == ["default_picture"]
