"""The catalog's pages: what people see and do."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from erp.catalog.admin import shown
from erp.catalog.models import Product, StockMovement
from erp.catalog.services import move_by_hand
from erp.core.scope import team_scope
from tenants.models import Team, TeamUser
from tests.admin.pages import form_data, messages_of, signed_in, url

Make = Callable[..., Product]
PIXEL = b"\x89PNG\r\n\x1a\n" + bytes(16)


@pytest.fixture
def browser(owner: TeamUser) -> Client:
    """The owner's browser, in English."""
    return signed_in(owner)


def fresh(team: Team, **values: Any) -> Product:
    """A product as it is in the database now."""
    with team_scope(team):
        return Product.objects.get(**values)


def adjust(product: Product) -> str:
    """Address of the page that changes a product's stock."""
    return f"/admin/catalog/product/{product.pk}/adjust_stock/"


def add(browser: Client, **values: Any) -> Any:
    """Fill in the form for a new product as a browser would, and send it."""
    page = browser.get(url(Product, "add"))
    return browser.post(url(Product, "add"), {**form_data(page), **values}, follow=True)


@pytest.mark.parametrize(
    ("value", "least", "text"),
    [
        ("2.00000", 0, "2"),
        ("2.50000", 0, "2.5"),
        ("2.50000", 2, "2.50"),
        ("0.12345", 2, "0.12345"),
        ("1200", 2, "1,200.00"),
        ("100", 0, "100"),
        ("0", 0, "0"),
    ],
)
def test_numbers_have_no_useless_zeros(value: str, least: int, text: str) -> None:
    with override("en"):
        assert shown(Decimal(value), least) == text


def test_the_list_shows_price_stock_and_margin(browser: Client, product: Make) -> None:
    product(
        "APPLE",
        unit_price_ht=Decimal(100),
        unit_buy_price_ht=Decimal(60),
        with_stock=True,
        stock_quantity=Decimal(2),
        stock_alert=Decimal(5),
    )
    product("BOOK")
    content = browser.get(url(Product, "changelist")).content.decode()
    assert "2 · At the alert level" in content
    assert "40.00 (40 %)" in content


def test_the_list_is_narrowed_by_stock_level(browser: Client, product: Make) -> None:
    product("APPLE", with_stock=True, stock_quantity=Decimal(2), stock_minimum=Decimal(2))
    product("PEAR", with_stock=True, stock_quantity=Decimal(9), stock_maximum=Decimal(8))
    product("PLUM", with_stock=True)
    product("BOOK")
    references = {}
    for level in ("out", "low", "alert", "enough", "over"):
        page = browser.get(url(Product, "changelist"), {"stock_level": level})
        references[level] = [row.reference for row in page.context["cl"].result_list]
    assert references == {"out": ["PLUM"], "low": ["APPLE"], "alert": [], "enough": [], "over": ["PEAR"]}


def test_queries_of_the_list_do_not_grow(browser: Client, product: Make) -> None:
    browser.get(url(Product, "changelist"))  # the timezone is read once
    counts = []
    for size in (2, 8):
        for _step in range(size):
            product(with_stock=True, unit="Box", sale_category="Goods")
        with CaptureQueriesContext(connection) as queries:
            browser.get(url(Product, "changelist"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_product_is_created_with_the_next_reference(browser: Client, team: Team) -> None:
    add(browser, name="Chair", unit_price_ht="100")
    chair = fresh(team, name="Chair")
    assert (chair.reference, chair.unit_price_ht) == ("PROD00001", 100)
    assert chair.unit_price_ttc == 100 + chair.unit_price_tva


def test_a_price_with_vat_is_enough(browser: Client, team: Team) -> None:
    add(browser, name="Chair", unit_price_ttc="120")
    chair = fresh(team, name="Chair")
    assert (chair.unit_price_ttc, chair.unit_price_ht) == (120, 100)


def test_changing_the_price_with_vat_changes_the_other(browser: Client, team: Team, product: Make) -> None:
    chair = product("CHAIR", unit_price_ht=Decimal(50))
    address = url(Product, "change", chair.pk)
    browser.post(address, {**form_data(browser.get(address)), "unit_price_ttc": "120"})
    assert fresh(team, pk=chair.pk).unit_price_ht == 100


def test_a_reference_in_use_is_said_beside_its_field(browser: Client, product: Make) -> None:
    product("CHAIR")
    response = add(browser, name="Chair", reference="CHAIR")
    assert response.context["adminform"].form.errors == {"reference": ["Another product has this reference."]}


def test_a_picture_is_uploaded(browser: Client, team: Team, product: Make) -> None:
    chair = product("CHAIR")
    address = url(Product, "change", chair.pk)
    picture = SimpleUploadedFile("chair.png", PIXEL, "image/png")
    browser.post(address, {**form_data(browser.get(address)), "picture": picture})
    with team_scope(team):
        assert Product.objects.get(pk=chair.pk).default_picture.filename == "chair.png"
    fake = SimpleUploadedFile("chair.png", b"<script>", "image/png")
    response = browser.post(address, {**form_data(browser.get(address)), "picture": fake})
    assert list(response.context["adminform"].form.errors) == ["picture"]


def test_numbers_in_the_form_are_written_as_people_write_them(
    owner: TeamUser, team: Team, product: Make
) -> None:
    chair = product("CHAIR", unit_price_ht=Decimal("1.5"), unit_weight=Decimal("1.25"))
    browser, address = signed_in(owner, "fr"), url(Product, "change", chair.pk)
    page = browser.get(address).content.decode()
    assert re.search(r'<input[^>]*name="unit_price_ht"[^>]*value="1,50"', page)
    assert re.search(r'<input[^>]*name="unit_weight"[^>]*value="1,25"', page)
    browser.post(address, {**form_data(browser.get(address)), "unit_price_ht": "1 234,5"})
    assert fresh(team, pk=chair.pk).unit_price_ht == Decimal("1234.5")


# --- Stock ----------------------------------------------------------------------------------------


def test_the_stock_is_adjusted_from_the_product_s_page(browser: Client, team: Team, product: Make) -> None:
    chair = product("CHAIR", with_stock=True, stock_quantity=Decimal(10))
    assert adjust(chair) in browser.get(url(Product, "change", chair.pk)).content.decode()
    assert browser.get(adjust(chair)).status_code == 200
    for operation, quantity in (("add", "5"), ("remove", "2"), ("count", "7.5")):
        data = {"operation": operation, "kind": "real", "quantity": quantity, "comment": operation}
        assert messages_of(browser.post(adjust(chair), data, follow=True)) == ["The stock was adjusted."]
    assert fresh(team, pk=chair.pk).stock_quantity == Decimal("7.5")
    with team_scope(team):
        entries = StockMovement.objects.exclude(cause="initial").order_by("pk")
        assert [(entry.quantity, entry.cause, entry.comment) for entry in entries] == [
            (5, "manual", "add"),
            (-2, "manual", "remove"),
            (Decimal("-5.5"), "inventory", "count"),
        ]


def test_a_refused_adjustment_says_why(browser: Client, product: Make) -> None:
    book = product("BOOK")
    response = browser.post(adjust(book), {"operation": "add", "kind": "real", "quantity": "1"})
    assert response.context["form"].non_field_errors() == [
        "Stock is not managed for this product: turn it on first."
    ]
    response = browser.post(adjust(book), {"operation": "add", "kind": "real", "quantity": "0"})
    assert response.context["form"].is_valid() is False


def test_the_history_is_shown_and_cannot_be_changed(
    browser: Client, team: Team, owner: TeamUser, product: Make
) -> None:
    chair = product("CHAIR", with_stock=True)
    with team_scope(team, owner):
        move_by_hand(chair, "real", Decimal(3), "Found behind the shelf")
    for page in (url(Product, "change", chair.pk), url(StockMovement, "changelist")):
        assert "Found behind the shelf" in browser.get(page).content.decode()
    assert browser.get(url(StockMovement, "add")).status_code == 403


def test_those_who_may_not_see_stock_see_none(make_member: Callable[..., TeamUser], product: Make) -> None:
    chair = product("CHAIR", with_stock=True, stock_quantity=Decimal(4321))
    blind = signed_in(make_member(see_stock=0))
    for page in (url(Product, "changelist"), url(Product, "change", chair.pk)):
        response = blind.get(page)
        assert (response.status_code, "4,321" in response.content.decode()) == (200, False)
    assert blind.get(adjust(chair)).status_code == 403
    assert blind.get(url(StockMovement, "changelist")).status_code == 403


def test_those_who_may_not_manage_stock_only_look(
    make_member: Callable[..., TeamUser], product: Make
) -> None:
    chair = product("CHAIR", with_stock=True, stock_quantity=Decimal(4321))
    reader = signed_in(make_member(manage_stock=0))
    page = reader.get(url(Product, "change", chair.pk))
    assert "4,321" in page.content.decode()
    assert adjust(chair) not in page.content.decode()
    assert "stock_alert" not in page.context["adminform"].form.fields
    assert (
        reader.post(adjust(chair), {"operation": "add", "kind": "real", "quantity": "1"}).status_code == 403
    )


def test_another_team_s_product_is_unknown(browser: Client, other_product: Product) -> None:
    assert browser.get(adjust(other_product)).headers["Location"] == "/admin/"
    assert b"SECRET" not in browser.get(url(Product, "changelist")).content


def test_a_movement_typed_by_mistake_is_reversed(
    owner: TeamUser, team: Team, product: Callable[..., Product], make_member: Callable[..., TeamUser]
) -> None:
    row = product(with_stock=True)
    with team_scope(team):
        movement = move_by_hand(row, "real", Decimal(5))
    address = reverse("admin:catalog_stockmovement_reverse", args=[movement.pk])
    clerk = signed_in(make_member(see_stock=1, manage_stock=0))
    assert "permissions" in messages_of(clerk.post(address, follow=True))[-1]
    browser = signed_in(owner)
    assert "opposite movement" in browser.get(address).content.decode()
    assert messages_of(browser.post(address, follow=True))[-1] == "The movement was reversed."
    assert messages_of(browser.post(address, follow=True))[-1] == "This movement was reversed already."
    with team_scope(team):
        assert Product.objects.get(pk=row.pk).stock_quantity == 0
