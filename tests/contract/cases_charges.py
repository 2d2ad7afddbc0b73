"""Particulars of the chapter Charges (see case.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from erp.various.models import Currency, VatRate
from tests.contract.case import Form, case
from tests.contract.common import contact, customer, varied_product
from tests.contract.proof import Proof
from tests.contract.reference import Call
from tests.contract.stage import Stage, ok
from tests.contract.values import WORDS

TO_PAY = 2


def supplier(stage: Stage, n: int) -> int:
    return customer(stage, n, is_provider=True)


def currency(stage: Stage, n: int) -> int:
    """Another currency than the team's."""
    others = Currency.objects.exclude(pk=stage.team.parameter("currency")).order_by("pk")
    return others[n % 20].pk


def charge(stage: Stage, price: str = "100", **values: Any) -> dict[str, Any]:
    """A charge to pay, of a supplier unless one is given."""
    rate = VatRate.objects.filter(rate=20).first()
    line = {"designation": "Screws", "unit_price_ht": price, "quantity": "2", "vat_rate": rate.pk}
    body = {"date": "2024-05-17", "status": TO_PAY, "contents": [line], **values}
    body.setdefault("customer", supplier(stage, 40))
    return dict(ok(stage.api.post("/charge", body)))


# --- Charges ------------------------------------------------------------------------------------------


def entered_by_hand(stage: Stage, sent: bool, answer: Any) -> None:
    """A line with VAT of its own has no VAT rate."""
    assert (answer["contents"][0]["vat_rate"] is None) is sent


def credited(stage: Stage, made: list[int]) -> None:
    """Charges have their supplier's reference; one of them is paid in part by a credit."""
    for n, pk in enumerate(made[:3]):
        ok(stage.api.put(f"/charge/{pk}", {"invoice_reference": f"{WORDS[n]} invoice"}))
    paid = charge(stage, "310")
    credit = charge(stage, "45", type=2, customer=paid["customer_id"])
    ok(stage.api.post(f"/charge/{paid['id']}/credit", {"credits": [credit["id"]]}))
    made[1:1] = [paid["id"], credit["id"]]


def in_other_currency(stage: Stage) -> list[tuple[Any, Callable[[Any], bool]]]:
    own = stage.team.parameter("currency")
    return [
        ("true", lambda answer: answer["currency_id"] != own),
        ("false", lambda answer: answer["currency_id"] == own),
    ]


def pay_with_credits(stage: Stage, call: Call, proof: Proof) -> None:
    """Credits pay a charge: these, some more, some less."""
    paid = charge(stage, "500")
    first, second = (
        charge(stage, price, type=2, customer=paid["customer_id"])["id"] for price in ("45", "30")
    )

    def used(**body: list[int]) -> list[int]:
        answer = ok(stage.send(call, body, paid["id"], slash="/"))
        return [row["charge_id"] for row in answer["credits"]]

    refused = stage.send(call, {}, paid["id"])
    assert (refused.status_code, [*refused.json()["errors"]]) == (422, ["credits"])
    steps = (
        ("credits", [first], [first]),
        ("add_credits", [second], [first, second]),
        ("remove_credits", [first], [second]),
    )
    for name, sent, left in steps:
        with proof(call.item("parameter", name)):
            assert sorted(used(**{name: sent})) == sorted(left)
        with proof(call.item("parameter", f"{name}.*")):
            assert stage.one(paid["id"])["credits"][0]["amount"] > 0


case(
    "/charge",
    forms=(
        Form(
            without=("contents.*.unit_price_tva", "contents.*.unit_price_ttc"),
            values={"contents.*.custom_vat_rate": False},
        ),
        Form(
            without=("contents.*.unit_price_ht", "contents.*.vat_rate"),
            values={"contents.*.custom_vat_rate": True, "contents.*.unit_price_tva": "2.50"},
        ),
    ),
    values={
        "customer": supplier,
        "contact": contact,
        "currency": currency,
        "contents.*.catalog": lambda stage, n: {"type": "product", "id": varied_product(stage, n)},
    },
    reads={"contents.*.custom_vat_rate": entered_by_hand},
    prepare=credited,
    paths={"contact.fullname": "contact.lastname", "status_label": "status"},
    filters={"with_currency": in_other_currency},
    shown=("contents",),
    nested={"Charge Content": "contents", "Charge Credit Use": "credits"},
    calls={"POST /credit": pay_with_credits},
)


# --- Payments -----------------------------------------------------------------------------------------


def paid_charge(stage: Stage, n: int) -> int:
    """A charge to pay, in the currency of the payment."""
    row = stage.kept.get("row")
    same = {"customer": stage.one(row)["customer_id"]} if row else {}
    made = charge(stage, "100", currency=currency(stage, 0), exchange_rate="1.25", **same)
    return int(made["id"])


def with_refund(stage: Stage, made: list[int]) -> None:
    """A supplier pays back a credit; another payment pays nothing yet."""
    credit = charge(stage, "45", type=2, currency=currency(stage, 0), exchange_rate="1.25")
    call = stage.resource.roles["create"]
    body = stage.bare(call)
    body["charges"] = [{"id": credit["id"], "amount": "20"}]
    made.insert(1, ok(stage.send(call, body))["id"])
    own = {"currency": stage.team.parameter("currency"), "exchange_rate": "1"}
    waiting = {**body, **own, "customer": supplier(stage, 41), "charges": [{"amount": "35"}]}
    made.insert(1, ok(stage.send(call, waiting))["id"])


case(
    "/charge/payment",
    values={
        "currency": lambda stage, n: currency(stage, 0),
        "exchange_rate": "1.25",
        "amount": lambda stage, n: f"{70 + n}.00",
        "charges.*.id": paid_charge,
        "charges.*.amount": lambda stage, n: f"{30 + n}.00",
    },
    always=("charges.*.id", "currency", "exchange_rate"),
    reads={
        "charges.*.id": "charges.*.charge_id",
        "charges.*.amount": "charges.*.ttc",
    },
    prepare=with_refund,
    paths={
        "charge": "charges.charge_id",
        "charge_reference": "charges.charge.reference",
    },
)
