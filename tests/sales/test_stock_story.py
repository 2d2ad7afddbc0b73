"""Random stories of buying and selling: the stock of a product is always the sum of its movements, and each
document moved exactly what the team's settings say it should have moved, whatever happened before."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erp.catalog.models import Product, ProviderCommand, StockMovement
from erp.catalog.services import (
    create_product,
    create_provider_command,
    delete_provider_command,
    move_by_hand,
    receive,
    reverse_movement,
    stock_drifts,
    update_provider_command,
)
from erp.core.errors import BusinessError
from erp.customers.models import Customer
from erp.sales import services
from erp.sales.choices import Status
from erp.sales.models import Document
from erp.various.models import PdfModel, VatRate
from tests.sales.conftest import new_customer

KINDS = ("quotation", "command", "delivery", "invoice")
STOCKS = {"real": "stock_real", "theoretical": "stock_theorical"}

#: (what is done, to which row, with which number): rows that do not exist, or refuse, change nothing.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["sell", "turn", "status", "edit", "delete", "buy", "receive", "correct", "drop", "hand", "undo"]
        ),
        st.integers(0, 5),
        st.integers(1, 9),
    ),
    min_size=3,
    max_size=14,
)
#: Every story has a quotation, an invoice and an order to a supplier to go on with.
START = (("sell", 0, 7), ("sell", 3, 3), ("buy", 1, 9))
MODES = st.fixed_dictionaries(
    {
        "stock_real_out": st.integers(1, 7),
        "stock_theorical_out": st.integers(1, 7),
        "stock_real_entry": st.integers(1, 2),
        "stock_theorical_entry": st.integers(1, 2),
    }
)


class Story:
    """What a company with one product does."""

    def __init__(self, customer: Customer, supplier: Customer, rate: VatRate) -> None:
        self.product = create_product(
            {"name": "Plaque", "with_stock": True, "unit_price_ht": Decimal(10), "vat_rate": rate}
        )
        self.customer, self.supplier, self.layout = customer, supplier, PdfModel.objects.first()

    def play(self, step: tuple[str, int, int]) -> None:
        """Do one thing; a refusal leaves everything as it was."""
        name, index, number = step
        with contextlib.suppress(BusinessError, IndexError), transaction.atomic():
            getattr(self, name)(index, Decimal(number))

    # --- Selling ---------------------------------------------------------------------------------

    def document(self, index: int) -> Document:
        return list(Document.objects.order_by("pk"))[index]

    def sell(self, index: int, number: Decimal) -> None:
        contents = [{"catalog": self.product, "quantity": number}]
        values = {"customer": self.customer, "pdf_model": self.layout, "contents": contents}
        kind = KINDS[index % len(KINDS)]
        services.create_document(kind, {**values, "is_draft": number % 2 == 0})

    def turn(self, index: int, number: Decimal) -> None:
        document = self.document(index)
        names = [
            name
            for kind, name in services.CONVERSIONS
            if kind == document.kind and name not in ("proforma", "deposit-invoice")
        ]
        services.convert(document, names[int(number) % len(names)], {"is_draft": number > 4})

    def status(self, index: int, number: Decimal) -> None:
        services.update_lite(self.document(index), {"status": int(number)})

    def edit(self, index: int, number: Decimal) -> None:
        document = self.document(index)
        line = document.contents.get().affair_content_id
        services.update_document(document, {"contents": [{"affair_content": line, "quantity": number}]})

    def delete(self, index: int, number: Decimal) -> None:
        services.delete_document(self.document(index))

    # --- Buying ----------------------------------------------------------------------------------

    def order(self, index: int) -> ProviderCommand:
        return list(ProviderCommand.objects.order_by("pk"))[index % 2]

    def buy(self, index: int, number: Decimal) -> None:
        contents = [{"product": self.product, "quantity": number}]
        create_provider_command({"provider": self.supplier, "status": 1 + index % 2, "contents": contents})

    def receive(self, index: int, number: Decimal) -> None:
        order = self.order(index)
        receive(order, [{"id": order.contents.get(), "delivered_quantity": number}])

    def correct(self, index: int, number: Decimal) -> None:
        order = self.order(index)
        line = order.contents.get()
        row = {"id": line.pk, "quantity": max(line.quantity, number), "delivered_quantity": number}
        update_provider_command(order, {"contents": [row]})

    def drop(self, index: int, number: Decimal) -> None:
        delete_provider_command(self.order(index))

    # --- By hand ---------------------------------------------------------------------------------

    def hand(self, index: int, number: Decimal) -> None:
        move_by_hand(self.product, "real" if index % 2 else "theoretical", number - 5)

    def undo(self, index: int, number: Decimal) -> None:
        movement = StockMovement.objects.filter(cause="manual").order_by("pk")[index]
        reverse_movement(movement, "Entered by mistake")


def expected(configs: dict[str, Any], kind: str) -> Decimal:
    """What a kind of stock should be, from the documents and orders alone."""
    out, entry = configs[f"{STOCKS[kind]}_out"], configs[f"{STOCKS[kind]}_entry"]
    by_hand = StockMovement.objects.filter(kind=kind, cause__in=("manual", "reversal"))
    stock = sum(by_hand.values_list("quantity", flat=True), Decimal(0))
    for order in ProviderCommand.objects.all():
        stock += sum(row.quantity if entry == 2 else row.delivered_quantity for row in order.contents.all())
    taken: set[int] = set()
    for document in Document.objects.order_by("pk"):
        if not leaves(document, out):
            continue
        for line in document.contents.all():
            if out == 6 and line.affair_content_id in taken:
                continue  # a quotation and its order take their goods once
            taken.add(line.affair_content_id)
            stock += line.total_quantity if document.kind == "credit" else -line.total_quantity
    return stock


def leaves(document: Document, out: int) -> bool:
    """Whether a document's goods are out of stock (in again, of a credit), as the reference says."""
    dead = document.status in (Status.REFUSED, Status.CANCELLED)
    validated = not document.is_draft and not dead
    return {
        1: document.kind == "delivery" and document.status == Status.SENT,
        2: document.kind == "delivery" and validated,
        3: document.kind == "delivery" and not dead,
        4: document.kind == "quotation" and validated,
        5: document.kind == "command" and validated,
        6: document.kind in ("quotation", "command") and validated,
        7: document.kind == "invoice" or (document.kind == "credit" and not dead),
    }[out]


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS, modes=MODES)
def test_stock_is_what_happened(
    scope: Any, customer: Customer, rates: dict[str, VatRate], steps: list[Any], modes: dict[str, int]
) -> None:
    with transaction.atomic():
        before, scope.configs = scope.configs, {**scope.configs, **modes}
        supplier = new_customer(company_name="Négoce", is_provider=True)
        story = Story(customer, supplier, rates["20"])
        for step in (*START, *steps):
            story.play(step)
            assert list(stock_drifts()) == []
        product = Product.objects.get(pk=story.product.pk)
        for kind, column in (("real", "stock_quantity"), ("theoretical", "stock_theoretical_quantity")):
            if modes[f"{STOCKS[kind]}_out"] != 6:
                assert getattr(product, column) == expected(modes, kind), (kind, modes)
        transaction.set_rollback(True)
    scope.configs = before


@pytest.mark.parametrize("out", range(1, 8))
def test_a_whole_deal_leaves_what_was_not_sold(
    scope: Any, customer: Customer, rates: dict[str, VatRate], sale: Callable[[int], Product], out: int
) -> None:
    """Ten bought, seven sold from quotation to invoice: three are left, whatever the settings."""
    product = sale(out)
    assert (product.stock_quantity, product.stock_theoretical_quantity) == (3, 3)
    assert list(stock_drifts()) == []


@pytest.fixture
def sale(scope: Any, customer: Customer, rates: dict[str, VatRate]) -> Callable[[int], Product]:
    """Buys ten and sells seven with goods leaving at an event; answers the product."""

    def sale(out: int) -> Product:
        scope.configs = {**scope.configs, "stock_real_out": out, "stock_theorical_out": out}
        story = Story(customer, new_customer(company_name="Négoce", is_provider=True), rates["20"])
        story.buy(1, Decimal(10))
        story.receive(0, Decimal(10))
        contents = [{"catalog": story.product, "quantity": Decimal(7)}]
        values = {"customer": customer, "pdf_model": story.layout, "contents": contents, "is_draft": False}
        quotation = services.create_document("quotation", values)
        order = services.convert(quotation, "command", {"is_draft": False})
        delivery = services.convert(order, "deliver", {"is_draft": False})
        services.set_status(delivery, Status.SENT)
        services.convert(order, "bill", {"is_draft": False})
        return Product.objects.get(pk=story.product.pk)

    return sale
