"""Stock follows documents by the team's seven modes, once per cause, and comes back."""

from decimal import Decimal

import pytest

from erp.catalog.models import Product, StockMovement
from erp.catalog.services import adjust_stock, create_product
from erp.sales import services
from erp.various.models import PdfModel

COLUMNS = {"stock_real_out": "stock_quantity", "stock_theorical_out": "stock_theoretical_quantity"}
SENT, TO_SEND, CREATED, QUOTATION, COMMAND, EITHER, INVOICE = range(1, 8)


@pytest.fixture
def product(scope, rates):
    """A product whose stock is managed, 100 of them in both stocks."""
    product = create_product(
        {
            "reference": "P1",
            "name": "Plaque",
            "with_stock": True,
            "unit_price_ht": Decimal(10),
            "vat_rate": rates["20"],
        }
    )
    for kind in StockMovement.Kind.values:
        adjust_stock(product, kind, Decimal(100), StockMovement.Cause.INITIAL)
    return Product.objects.get(pk=product.pk)


@pytest.fixture(params=sorted(COLUMNS))
def stock(request, team, product):
    """stock(mode) sets the mode of one stock, the other is left alone; stock() reads it."""
    other = next(name for name in COLUMNS if name != request.param)

    def stock(mode=None):
        if mode is not None:
            team.configs = {**team.configs, request.param: mode, other: INVOICE}
        return getattr(Product.objects.get(pk=product.pk), COLUMNS[request.param])

    return stock


@pytest.fixture
def sell(customer, product):
    """A document of 7 products."""

    def sell(kind, **values):
        contents = [{"catalog": product, "quantity": Decimal(7)}]
        given = {"customer": customer, "pdf_model": PdfModel.objects.first(), "contents": contents}
        return services.create_document(kind, {**given, **values})

    return sell


def chain(sell):
    """Every event in turn; yields its name when it has happened."""
    quotation = sell("quotation")
    yield "quotation drafted"
    services.validate(quotation)
    yield "quotation validated"
    order = services.convert(quotation, "command")
    yield "order drafted"
    services.validate(order)
    yield "order validated"
    delivery = services.convert(order, "deliver")
    yield "delivery created"
    services.validate(delivery)
    yield "delivery to send"
    services.set_status(delivery, 3)
    yield "delivery sent"
    invoice = services.convert(order, "bill")
    yield "invoice created"
    services.validate(invoice)
    yield "invoice validated"


@pytest.mark.parametrize(
    ("mode", "event"),
    [
        (SENT, "delivery sent"),
        (TO_SEND, "delivery to send"),
        (CREATED, "delivery created"),
        (QUOTATION, "quotation validated"),
        (COMMAND, "order validated"),
        (EITHER, "quotation validated"),
        (INVOICE, "invoice created"),
    ],
)
def test_goods_leave_at_their_event_and_only_then(stock, sell, mode, event):
    stock(mode)
    left = 100
    for happened in chain(sell):
        left = 93 if happened == event else left
        assert (happened, stock()) == (happened, left)
    assert left == 93


def test_an_order_that_comes_from_nothing_takes_goods_in_mode_six(stock, sell):
    stock(EITHER)
    sell("command", is_draft=False)
    assert stock() == 93


@pytest.mark.parametrize("mode", [CREATED, INVOICE])
def test_deleted_drafts_give_back(stock, sell, mode):
    stock(mode)
    draft = sell("delivery" if mode == CREATED else "invoice")
    assert stock() == 93
    services.delete_document(draft)
    assert stock() == 100


@pytest.mark.parametrize("mode", [SENT, TO_SEND, CREATED])
def test_cancelled_deliveries_give_back(stock, sell, mode):
    stock(mode)
    delivery = sell("delivery", is_draft=False, status=3)
    assert stock() == 93
    services.set_status(delivery, 9)
    assert stock() == 100


def test_a_delivery_marked_sent_by_mistake_and_sent_again(stock, sell):
    stock(SENT)
    delivery = sell("delivery", is_draft=False)
    for status, left in ((3, 93), (2, 100), (3, 93), (2, 100), (3, 93)):
        services.set_status(delivery, status)
        assert stock() == left


@pytest.mark.parametrize(
    ("mode", "kind"),
    [(QUOTATION, "quotation"), (COMMAND, "command"), (EITHER, "quotation"), (EITHER, "command")],
)
def test_new_versions_adjust(stock, sell, product, mode, kind):
    stock(mode)
    document = sell(kind, is_draft=False)
    content = document.contents.get().affair_content_id
    for quantity, left in ((9, 91), (2, 98), (2, 98), (7, 93)):
        services.update_document(
            document, {"contents": [{"affair_content": content, "quantity": Decimal(quantity)}]}
        )
        assert stock() == left
    services.update_document(document, {"contents": [{"designation": "Nothing of stock"}]})
    assert stock() == 100


@pytest.mark.parametrize("mode", [CREATED, INVOICE])
def test_edited_drafts_adjust(stock, sell, mode):
    stock(mode)
    draft = sell("delivery" if mode == CREATED else "invoice")
    content = draft.contents.get().affair_content_id
    services.update_document(draft, {"contents": [{"affair_content": content, "quantity": Decimal(3)}]})
    assert stock() == 97


@pytest.mark.parametrize(("mode", "kind"), [(QUOTATION, "quotation"), (COMMAND, "command")])
def test_a_refused_offer_that_is_cancelled_gives_back(stock, sell, mode, kind):
    stock(mode)
    document = sell(kind, is_draft=False)
    services.set_status(document, 9)
    assert stock() == 100


@pytest.mark.parametrize(("mode", "kind"), [(QUOTATION, "quotation"), (COMMAND, "command")])
def test_a_refused_offer_gives_back_and_takes_again_when_it_is_accepted_after_all(stock, sell, mode, kind):
    stock(mode)
    document = sell(kind, is_draft=False)
    for status, left in ((8, 100), (4, 93), (8, 100)):
        services.set_status(document, status)
        assert stock() == left


def test_in_mode_six_the_order_keeps_the_goods_when_its_quotation_is_cancelled(stock, sell):
    stock(EITHER)
    quotation = sell("quotation", is_draft=False)
    order = services.convert(quotation, "command", {"is_draft": False})
    assert stock() == 93
    services.set_status(quotation, 9)
    assert stock() == 93
    services.set_status(order, 9)
    assert stock() == 100


def test_credits_give_back_what_invoices_took(stock, sell):
    stock(INVOICE)
    invoice = sell("invoice", is_draft=False)
    content = invoice.contents.get().affair_content_id
    services.convert(
        invoice, "cancel", {"is_draft": False, "contents": [{"id": content, "quantity": Decimal(2)}]}
    )
    assert stock() == 95
    services.convert(invoice, "cancel", {"is_draft": False})
    assert stock() == 100


def test_a_changed_mode_never_moves_twice(stock, sell):
    """Goods that left with the order come back when it is cancelled, though deliveries move them since."""
    stock(COMMAND)
    order = sell("command", is_draft=False)
    stock(SENT)
    services.set_status(order, 9)
    assert stock() == 100


def test_options_and_unmanaged_products_do_not_move(stock, sell, product):
    stock(COMMAND)
    sell(
        "command", is_draft=False, contents=[{"catalog": product, "quantity": Decimal(7), "is_option": True}]
    )
    assert stock() == 100
    Product.objects.filter(pk=product.pk).update(with_stock=False)
    sell("command", is_draft=False)
    assert stock() == 100
    assert StockMovement.objects.filter(cause=StockMovement.Cause.SALES_DOCUMENT).count() == 0


def test_second_quantities_count(stock, sell, product):
    stock(COMMAND)
    line = {"catalog": product, "quantity": Decimal(2), "secondary_quantity": Decimal(3)}
    sell("command", is_draft=False, contents=[line], secondary_quantity_mode="line")
    assert stock() == 94
