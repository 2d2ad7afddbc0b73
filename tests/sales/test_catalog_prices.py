"""Lines take prices from the catalog: by customer, by quantity, by variation; a typed price always wins."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from erp.catalog.models import Product, ProductVariation, StockMovement
from erp.catalog.services import create_product, update_product
from erp.core.errors import Invalid
from erp.customers.models import Customer
from erp.sales import services
from erp.sales.models import Document, Line
from erp.various.models import PdfModel
from tests.factories import make as make_row
from tests.sales.conftest import new_customer

TIERS = [
    {"minimum": 1, "maximum": 9, "price": Decimal(20)},
    {"minimum": 10, "maximum": 49, "price": Decimal(15)},
    {"minimum": 50, "maximum": None, "price": Decimal(10)},
]
D = Decimal
Sell = Callable[..., Document]


@pytest.fixture
def screw(scope, rates) -> Callable[..., Product]:
    """screw(**values): a product at 25.00, 20 % VAT."""
    count = iter(range(100))

    def screw(**values: Any) -> Product:
        given = {
            "name": "Screw",
            "reference": f"S{next(count)}",
            "unit_price_ht": D(25),
            "vat_rate": rates["20"],
        }
        return create_product({**given, **values})

    return screw


@pytest.fixture
def tiered(screw) -> Callable[..., Product]:
    """A product whose price goes by quantity."""

    def tiered(mode: int = 1, **values: Any) -> Product:
        by = {"custom_price_mode": "quantity", "custom_price_quantity_mode": mode}
        return screw(**by, custom_quantity_prices=TIERS, **values)

    return tiered


@pytest.fixture
def sell(customer) -> Sell:
    """sell((product, quantity), …, kind="quotation", customer=…): a draft."""

    def sell(*rows: Any, kind: str = "quotation", **values: Any) -> Document:
        contents = [
            row if isinstance(row, dict) else {"catalog": row[0], "quantity": D(row[1])} for row in rows
        ]
        given = {"customer": customer, "pdf_model": PdfModel.objects.first(), "contents": contents}
        return services.create_document(kind, {**given, **values})

    return sell


def lines(document: Document) -> list[Line]:
    return list(Line.objects.filter(document_id=document.pk).order_by("line_number"))


def prices(document: Document) -> list[Decimal]:
    return [line.unit_price_ht for line in lines(document)]


def change(document: Document, *rows: dict[str, Any]) -> Document:
    """Send the document's lines again, with changes."""
    contents = [
        {"affair_content": line.affair_content_id, **row}
        for line, row in zip(lines(document), rows, strict=False)
    ]
    return services.update_document(document, {"contents": contents})


# --- Which price ----------------------------------------------------------------------------------


def test_a_customer_gets_their_own_price_else_that_of_their_type(screw, sell, customer) -> None:
    rows = [
        {"customer": customer, "price": D(18)},
        {"customer_type": customer.type, "price": D(21)},
    ]
    product = screw(custom_price_mode="customer", custom_type_prices=rows)
    assert prices(sell((product, 1), (screw(), 1))) == [18, 25]
    assert prices(sell((product, 1), customer=new_customer(company_name="Other"))) == [21]


def test_another_customer_gets_their_prices_where_none_was_typed(screw, sell, customer) -> None:
    other = new_customer(company_name="Other")
    rows = [{"customer": customer, "price": D(18)}, {"customer": other, "price": D(16)}]
    product = screw(custom_price_mode="customer", custom_type_prices=rows)
    typed = {"catalog": product, "quantity": D(2), "unit_price_ht": D(17)}
    document = sell((product, 1), typed, {"designation": "Pose", "unit_price_ht": D(40), "quantity": D(1)})
    assert prices(document) == [18, 17, 40]
    services.update_document(document, {"customer": other, "title": "Chantier"})
    assert prices(document) == [16, 17, 40]
    assert document.total_ht == 90
    kept = [{"affair_content": line.affair_content_id} for line in lines(document)]
    services.update_document(document, {"customer": customer, "contents": kept})
    assert prices(document) == [18, 17, 40]


def test_the_document_s_quantity_adds_up_over_its_lines(tiered, sell) -> None:
    product, other = tiered(), tiered()
    assert prices(sell((product, 4), (product, 6), (other, 9))) == [15, 15, 20]
    option = {"catalog": product, "quantity": D(46), "is_option": True}
    assert prices(sell((product, 4), option)) == [20, 10]


def test_a_second_quantity_multiplies(tiered, sell) -> None:
    row = {"catalog": tiered(), "quantity": D(5), "secondary_quantity": D(2)}
    assert prices(sell(row, secondary_quantity_mode="line")) == [15]


def test_a_typed_price_wins(tiered, sell) -> None:
    document = sell({"catalog": tiered(), "quantity": D(10), "unit_price_ht": D(99)})
    assert prices(document) == [99]
    assert prices(change(document, {"quantity": D(50)})) == [99]


def test_prices_with_vat_are_computed_from_those_without(tiered, sell) -> None:
    [line] = lines(sell((tiered(), 10), input_mode="ttc"))
    assert (line.unit_price_ttc, line.total_ttc) == (18, 180)


def test_a_price_that_cannot_be_changed_is_the_custom_one(tiered, sell) -> None:
    product = tiered(cant_change_price=True)
    assert prices(sell({"catalog": product, "quantity": D(10), "unit_price_ht": D(15)})) == [15]
    with pytest.raises(Invalid) as refusal:
        sell({"catalog": product, "quantity": D(10), "unit_price_ht": D(25)})
    assert list(refusal.value.errors) == ["contents.0.unit_price_ht"]


def test_a_supplier_s_costs_reach_the_line(screw, sell) -> None:
    row = {"customer": make_row(Customer, is_provider=True), "buy_price_ht": D(7), "various_costs": D(1)}
    product = screw(providers_references=[row], various_costs=D(2), eco_tax_ht=D("0.5"))
    [line] = lines(sell((product, 2)))
    assert (line.catalog_costs_u, line.various_costs_u, line.total_costs_u) == (7, 3, 10)
    assert (line.ecotax_u_ht, line.ecotax_u_ttc, line.total_ecotax_ht) == (D("0.5"), D("0.6"), 1)


# --- Following the quantity -----------------------------------------------------------------------


def test_an_automatic_price_follows_the_quantity(tiered, sell) -> None:
    product = tiered()
    document = sell((product, 4), (product, 1), {"designation": "Text", "is_comments": True})
    assert prices(document)[:2] == [20, 20]
    document = change(document, {"quantity": D(49)}, {}, {})
    assert prices(document)[:2] == [10, 10]
    document = change(document, {"quantity": D(49)}, {"unit_price_ht": D(12)}, {})
    document = change(document, {"quantity": D(1)}, {}, {})
    assert prices(document)[:2] == [20, 12]
    assert prices(change(document, {}, {})) == [20, 12]


def test_other_edits_leave_prices_alone(tiered, sell) -> None:
    product = tiered()
    document = sell((product, 4))
    update_product(product, {"custom_quantity_prices": [{"minimum": 0, "price": D(3)}]})
    assert prices(change(document, {"comments": "Seen"})) == [20]
    assert prices(change(document, {"quantity": D(5)})) == [3]


def test_what_was_agreed_on_stays(tiered, sell) -> None:
    order = services.convert(sell((tiered(), 4), is_draft=False), "command", {})
    assert prices(order) == [20]
    assert prices(change(order, {"quantity": D(50)})) == [20]


# --- What was ordered before ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "date", "counts"),
    [
        (2, "2024-01-01", True), (2, "2024-12-31", True), (2, "2023-12-31", False), (2, "2025-01-01", False),
        (3, "2023-01-01", True), (3, "2023-12-31", True), (3, "2024-01-01", False),
        (4, "2024-03-15", True), (4, "2024-03-14", False), (4, "2024-06-16", False),
        (5, "2001-01-01", True), (5, "2025-12-31", True),
    ],
)  # fmt: skip
def test_what_was_ordered_counts_by_its_period(tiered, sell, mode, date, counts) -> None:
    product = tiered(mode, custom_price_quantity_month_length=3)
    before = datetime.date.fromisoformat(date)
    order_dated(sell, product, before)
    document = sell((product, 1), date=datetime.date(2024, 6, 15))
    assert prices(document) == ([15] if counts else [25])


def order_dated(sell: Sell, product: Product, date: datetime.date) -> None:
    """A validated order of 12 at a date of the past, which numbering would refuse in another order."""
    order = sell((product, 12), kind="command", is_draft=False)
    Document.objects.filter(pk=order.pk).update(date=date)


def test_each_thing_ordered_counts_once(tiered, sell, customer) -> None:
    product = tiered(5)

    def now() -> list[Decimal]:
        return prices(sell((product, 1)))

    quotation = sell((product, 6), is_draft=False)
    assert now() == [25]
    order = services.convert(quotation, "command", {"is_draft": False})
    assert now() == [20]
    services.convert(order, "bill", {"is_draft": False})
    assert now() == [20]
    sell((product, 3), kind="invoice", is_draft=False)
    assert now() == [20]
    sell((product, 1), kind="invoice", is_draft=False)
    sell((product, 60), kind="command")
    sell((product, 60), kind="command", is_draft=False, customer=new_customer(company_name="Other"))
    assert now() == [15]


def test_an_order_does_not_count_for_itself(tiered, sell) -> None:
    product = tiered(5)
    order = sell((product, 12), kind="command", is_draft=False)
    assert prices(order) == [25]
    contents = [{"affair_content": line.affair_content_id} for line in lines(order)]
    changed = services.update_document(order, {"contents": [*contents, {"catalog": product}]})
    assert prices(changed) == [25, 25]


# --- Variations -----------------------------------------------------------------------------------


@pytest.fixture
def shirt(screw) -> Product:
    """A shirt in L (own price, reference and costs) and XL (the shirt's)."""
    rows = [
        {
            "level1": "L",
            "reference": "SHIRT-L",
            "ean_code": "4006381333931",
            "unit_price_ht": D(30),
            "buy_price_ht": D(9),
            "stock_quantity": D(5),
            "stock_theoretical_quantity": D(5),
        },
        {"level1": "XL"},
    ]
    return screw(
        name="Shirt",
        reference="SHIRT",
        with_stock=True,
        unit_buy_price_ht=D(4),
        variation_level1="Size",
        variations=rows,
    )


def test_a_line_sells_a_variation(shirt, sell) -> None:
    large, extra = shirt.variations.all()
    document = sell(
        {"catalog": shirt, "variation": large, "quantity": D(2)}, {"variation": extra}, (shirt, 1)
    )
    first, second, third = lines(document)
    assert (first.reference, first.designation, first.ean_code) == ("SHIRT-L", "Shirt – L", "4006381333931")
    assert (first.unit_price_ht, first.catalog_costs_u) == (30, 9)
    assert (second.reference, second.designation, second.unit_price_ht) == ("SHIRT", "Shirt – XL", 25)
    assert (second.product_id, second.catalog_costs_u) == (shirt.pk, 4)
    assert (third.variation, third.designation) == (None, "Shirt")
    changed = lines(change(document, {"variation": extra}, {}, {}))[0]
    assert (changed.variation, changed.reference, changed.unit_price_ht) == (extra, "SHIRT", 25)
    kept = lines(change(document, {"quantity": D(3)}, {}, {}))[0]
    assert kept.variation == extra


def test_a_custom_price_is_for_every_variation(shirt, sell, customer) -> None:
    rows = [{"customer": customer, "price": D(11)}]
    update_product(shirt, {"custom_price_mode": "customer", "custom_type_prices": rows})
    assert prices(sell(*({"variation": row} for row in shirt.variations.all()))) == [11, 11]


def test_stock_leaves_by_variation_and_comes_back(shirt, sell, team) -> None:
    team.configs = {**team.configs, "stock_real_out": 7}
    large = shirt.variations.first()
    invoice = sell({"catalog": shirt, "variation": large, "quantity": D(2)}, (shirt, 1), kind="invoice")

    def stock() -> list[Decimal]:
        row = ProductVariation.objects.get(pk=large.pk)
        return [row.stock_quantity, Product.objects.get(pk=shirt.pk).stock_quantity]

    assert stock() == [3, 3]
    [movement] = StockMovement.objects.filter(cause="sales_document", kind="real")
    assert (movement.variation, movement.quantity) == (large, -2)
    services.delete_document(invoice)
    assert stock() == [5, 5]


def test_variations_through_the_api(shirt, api, body, customer, other_team) -> None:
    large = shirt.variations.first()
    supplier = make_row(Customer, is_provider=True)
    update_product(shirt, {"providers": [supplier]})
    link = {"type": "product", "id": shirt.pk}
    rows = [{"catalog": link, "variation": large.pk}, {"designation": "Pose", "unit_price_ht": 1}]
    words = "contents,contents.variation,contents.providers,contents.catalog"
    response = api.post(f"/sales/quotation?include={words}", body(contents=rows))
    assert response.status_code == 201, response.json()
    first, second = response.json()["contents"]
    assert (first["variation_id"], first["variation"]["reference"]) == (large.pk, "SHIRT-L")
    assert [row["id"] for row in first["providers"]] == [supplier.pk]
    assert (second["variation_id"], second["variation"], second["providers"]) == (None, None, [])
    wrong = [{"catalog": {"type": "product", "id": shirt.pk}, "variation": 999_999}]
    refusal = api.post("/sales/quotation", body(contents=wrong)).json()
    assert list(refusal["errors"]) == ["contents.0.variation"]


def test_a_variation_of_another_product_is_refused(shirt, screw, sell) -> None:
    other = screw(variation_level1="Size", variations=[{"level1": "L"}])
    with pytest.raises(Invalid) as refusal:
        sell({"catalog": shirt, "variation": other.variations.first()})
    assert list(refusal.value.errors) == ["contents.0.variation"]


# --- Cost -----------------------------------------------------------------------------------------


def queries(work: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as found:
        work()
    return len(found)


def test_plain_products_cost_no_query_for_prices(screw, sell) -> None:
    products = [screw() for _number in range(5)]
    sell((products[0], 1))
    plain = queries(lambda: sell({"designation": "Line", "unit_price_ht": D(1)}))
    # Their unit, VAT rate, category and picture are read once; the standard rate is not.
    assert queries(lambda: sell(*((product, 1) for product in products))) <= plain + 3


def test_any_number_of_lines_costs_the_same(tiered, shirt, screw, sell, customer) -> None:
    rows, large = [{"customer": customer, "price": D(3)}], shirt.variations.first()
    kinds = [
        lambda: (tiered(), 1),
        lambda: (tiered(4, custom_price_quantity_month_length=2), 1),
        lambda: (tiered(5), 1),
        lambda: (screw(custom_price_mode="customer", custom_type_prices=rows), 1),
        lambda: {"variation": large},
    ]
    few, many = (
        [make() for make in kinds],
        [make() for make in kinds * 2],
    )  # more are inserted in batches on SQLite
    for document in (few, many):
        sell(*document)
    assert queries(lambda: sell(*many)) == queries(lambda: sell(*few))


def test_a_document_as_read_may_be_sent_back_once_its_product_is_gone(shirt, screw, api, body) -> None:
    """Both the product and the variation were deleted since; they serve no new line."""
    large, plain = shirt.variations.first(), screw()
    links = [{"type": "product", "id": row.pk} for row in (shirt, plain)]
    rows = [{"catalog": links[0], "variation": large.pk}, {"catalog": links[1]}]
    document = api.post("/sales/quotation", body(contents=rows)).json()
    update_product(shirt, {"remove_variations": [{"level1": large.level1}]})
    for row in (shirt, plain):
        api.delete(f"/catalog/product/{row.pk}")
    path = f"/sales/quotation/{document['id']}"
    read = api.get(path, include="contents,contents.catalog").json()
    sent = api.put(path, read)
    assert sent.status_code == 200, sent.json()
    refused = api.post("/sales/quotation", body(contents=rows)).json()
    assert list(refused["errors"]) == [
        "contents.0.catalog.id",
        "contents.0.variation",
        "contents.1.catalog.id",
    ]
