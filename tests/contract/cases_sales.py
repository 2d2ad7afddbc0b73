"""Particulars of the chapter Sales (see case.py): five kinds of documents, and what each is turned into."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile

from erp.core.models import File
from erp.sales.models import Grant
from erp.various.models import Country, VatRate
from tests.contract.case import Form, case
from tests.contract.checks import check_each
from tests.contract.common import contact, customer, later, plain, variation, varied_product
from tests.contract.proof import Proof
from tests.contract.reference import Call
from tests.contract.stage import Stage, ok
from tests.contract.values import WORDS, spread
from tests.factories import make

KINDS = ("quotation", "command", "proforma", "delivery", "invoice")
LINE_FLAGS = ("contents.*.is_comments", "contents.*.is_subtotal", "contents.*.is_pagebreak")
CODES = ("FR", "BE", "DE", "ES", "IT", "NL")
PARTS = ("name", "contact", "road", "road2", "road3", "city", "postal_code", "comments")
#: Parameters of the other input mode, or recomputed from another.
TTC = ("contents.*.unit_price_ttc", "contents.*.ecotax_u_ttc", "guarantee_holdback_amount")
HT = ("contents.*.unit_price_ht", "contents.*.ecotax_u_ht", "guarantee_holdback_pourcent")
OPTION = "contents.*.is_option"
#: What a document without amounts cannot bear.
TAKEN_OFF = ("grant", "grant_amount", "guarantee_holdback_pourcent", "guarantee_holdback_amount")


# --- Values ---------------------------------------------------------------------------------------------


def country(offset: int) -> Callable[[Stage, int], str]:
    return lambda stage, n: CODES[(spread(n) + offset) % 6]


def product(stage: Stage, n: int) -> dict[str, Any]:
    return {"type": "product", "id": varied_product(stage, n)}


def picture(stage: Stage, n: int) -> int:
    return make(File, filename="a.png", extension="png", file=ContentFile(b"x", name="a.png")).pk


def own_line(stage: Stage, n: int) -> int | None:
    """The line of the document that is changed."""
    return stage.one(stage.kept["row"])["contents"][0]["affair_content_id"]


def vat_rate(stage: Stage, n: int) -> int:
    rates = VatRate.objects.filter(rate__gt=0).order_by("pk")
    return rates[n % rates.count()].pk


def status(stage: Stage, n: int) -> int:
    """Validated or sent; the first rows of a stage are not drafts."""
    return 3 if n % 2 else 2


def code_shown(path: str) -> Callable[[Stage, str, Any], None]:
    def check(stage: Stage, sent: str, answer: Any) -> None:
        address = answer[path]
        assert address["country_code"] == sent
        assert address["country"]["id"] == Country.objects.get(code=sent).pk

    return check


def end_of_day(stage: Stage, sent: str, answer: Any) -> None:
    """A day without an hour means its end, for the team."""
    assert stage.local_day(answer["expire_at"]) == sent


def numbered(stage: Stage, sent: bool, answer: Any) -> None:
    assert answer["is_draft"] is sent
    assert (answer["number"] is None) is sent


# --- Rows -----------------------------------------------------------------------------------------------


def move_on(stage: Stage, made: list[int]) -> None:
    """Documents that are billed, delivered or credited, wholly or in part."""
    kind = kind_of(stage)
    if kind == "invoice":
        quotation = plain(stage, "quotation", "700")
        deposit = stage.api.put(f"/sales/quotation/{quotation['id']}/deposit-invoice", {"percentage": 30})
        made.insert(1, ok(deposit)["id"])
    for n, (name, body) in enumerate(MOVES[kind]):
        document = plain(stage, kind, str(310 + 90 * n), **PARCELS.get(kind, {}))
        given = body(document) if callable(body) else body
        ok(stage.api.put(f"/sales/{kind}/{document['id']}/{name}", given))
        made.insert(1, document["id"])


def first_line(document: Any) -> dict[str, Any]:
    return {"contents": [{"id": document["contents"][0]["affair_content_id"], "quantity": "1"}]}


FINAL = {"is_draft": False}
PARCELS = {"delivery": {"package_qty": 2, "delivery_mode": "Truck", "delivery_tracking": "TR-1"}}
#: What is made of documents so that their figures differ: (conversion, its body).
MOVES: dict[str, list[tuple[str, Any]]] = {
    "quotation": [("bill", FINAL), ("deposit-invoice", {**FINAL, "percentage": 30}), ("deliver", FINAL)],
    "command": [("bill", FINAL), ("deposit-invoice", {**FINAL, "percentage": 30}), ("deliver", FINAL)],
    "proforma": [("bill", FINAL), ("deliver", FINAL)],
    "delivery": [("bill", FINAL)],
    "invoice": [
        ("cancel", FINAL),
        ("cancel", lambda document: {**FINAL, **first_line(document)}),
        ("deliver", FINAL),
    ],
}


# --- Other endpoints ------------------------------------------------------------------------------------


def kind_of(stage: Stage) -> str:
    return stage.resource.path.rpartition("/")[2]


def lite(stage: Stage, call: Call, proof: Proof) -> None:
    """What may change at any time, changed one by one on a validated document."""
    document = plain(stage, kind_of(stage))
    assert ok(stage.send(call, {"title": "Roof"}, document["id"], slash="/"))["title"] == "Roof"
    check_each(stage, call, proof, document["id"])


def pdf(stage: Stage, call: Call, proof: Proof) -> None:
    document = plain(stage, kind_of(stage))
    for slash in ("", "/"):
        file = ok(stage.send(call, pk=document["id"], slash=slash))
        assert file["filename"] == f"{document['reference']}.pdf"
        assert (file["extension"], file["size"] > 1000) == ("pdf", True)


def conversion(target: str) -> Callable[[Stage, Call, Proof], None]:
    """The document is turned into one of `target`, as its parameters say."""

    def check(stage: Stage, call: Call, proof: Proof) -> None:
        kind = kind_of(stage)
        made = ok(stage.send(call, least(call), plain(stage, kind)["id"], slash="/"))
        assert ok(stage.api.get(f"/sales/{target}/{made['id']}"))["is_draft"] is True
        for name in call.body:
            with proof(call.item("parameter", name)):
                CHECKS[name](stage, call, plain(stage, kind, "100", "50"))

    return check


def least(call: Call, **values: Any) -> dict[str, Any]:
    """The least body of a conversion: a deposit has a size."""
    return {"percentage": 30, **values} if "percentage" in call.body else values


def dated(stage: Stage, call: Call, source: Any) -> None:
    assert ok(stage.send(call, least(call, date=later(202)), source["id"]))["date"] == later(202)


def drafted(stage: Stage, call: Call, source: Any) -> None:
    made = ok(stage.send(call, least(call, is_draft=False), source["id"]))
    assert made["is_draft"] is False
    assert made["reference"], "no number"


def chosen(stage: Stage, call: Call, source: Any) -> None:
    """Of the second line, one of two."""
    line = source["contents"][1]
    body = {"contents": [{"id": line["affair_content_id"], "quantity": "1"}]}
    made = ok(stage.send(call, body, source["id"]))
    assert [(row["designation"], Decimal(row["quantity"])) for row in made["contents"]] == [("Line 50", 1)]


def of_amount(stage: Stage, call: Call, source: Any) -> None:
    made = ok(stage.send(call, {"amount": "72.00"}, source["id"]))
    assert made["total_ttc"] == "72.00"


def of_percentage(stage: Stage, call: Call, source: Any) -> None:
    assert source["total_ttc"] == "360.00"
    assert ok(stage.send(call, {"percentage": 25}, source["id"]))["total_ttc"] == "90.00"


def without_vat(stage: Stage, call: Call, source: Any) -> None:
    made = ok(stage.send(call, {"percentage": 25, "with_vatrate": False}, source["id"]))
    assert (made["total_tva"], made["total_ttc"]) == ("0.00", "90.00")


CHECKS: dict[str, Callable[[Stage, Call, Any], None]] = {
    "date": dated,
    "is_draft": drafted,
    "contents": chosen,
    "contents.*": chosen,
    "contents.*.id": chosen,
    "contents.*.quantity": chosen,
    "amount": of_amount,
    "percentage": of_percentage,
    "with_vatrate": without_vat,
}


# --- The five kinds -------------------------------------------------------------------------------------


def flag_line(index: int) -> Form:
    """A form with a line of another kind."""
    others = tuple(flag for number, flag in enumerate(LINE_FLAGS) if number != index)
    return Form(
        without=(*TTC, *TAKEN_OFF, *others, OPTION, "contents.*.catalog", "contents.*.variation"),
        values={LINE_FLAGS[index]: True},
    )


def main_currency(stage: Stage) -> list[tuple[Any, Callable[[Any], bool]]]:
    own = stage.team.parameter("currency")
    return [
        ("true", lambda answer: answer["currency_id"] == own),
        ("false", lambda answer: answer["currency_id"] != own),
    ]


def billable(stage: Stage) -> list[tuple[Any, Callable[[Any], bool]]]:
    """Something remains to bill of a validated document that is neither refused nor cancelled."""

    def holds(answer: Any) -> bool:
        return not answer["is_draft"] and Decimal(answer["to_bill"]) > 0 and answer["status"] not in (8, 9)

    return [("true", holds), ("false", lambda answer: not holds(answer))]


def expires(*, since: bool) -> Callable[[Stage], list[tuple[Any, Callable[[Any], bool]]]]:
    def checks(stage: Stage) -> list[tuple[Any, Callable[[Any], bool]]]:
        days = {
            pk: stage.local_day(answer["expire_at"])
            for pk, answer in stage.answers.items()
            if answer["expire_at"]
        }
        limit = sorted(days.values())[-1 if since else 0]
        if since:
            return [(limit, lambda answer: days.get(answer["id"], "") >= limit)]
        return [(limit, lambda answer: days.get(answer["id"], "9") <= limit)]

    return checks


def same_names(*names: str) -> list[tuple[str, str]]:
    return [(name, name) for name in names]


ADDRESSES = {
    f"{side}_address_{part}": f"{side}_address.{part}" for side in ("billing", "delivery") for part in PARTS
}
COUNTRIES = {f"{side}_address_country": code_shown(f"{side}_address") for side in ("billing", "delivery")}
TARGETS = {
    "quotation": "quotation",
    "command": "command",
    "proforma": "proforma",
    "deposit-invoice": "invoice",
    "bill": "invoice",
    "deliver": "delivery",
    "cancel": "credit",
}
BILLED = ("already_billed", "pourcent_billed", "to_bill", "pourcent_to_bill", "can_be_billed")
#: Deliveries and invoices are not accepted; nothing is billed of an invoice.
EMPTY = {"delivery": ("accepted_at",), "invoice": ("accepted_at", *BILLED)}
PATHS = {
    "is_deposit_invoice": "is_deposit",
    "contact.fullname": "contact.lastname",
    "status_label": "status",
    "delivery_status_label": "delivery_status",
    "with_currency": "currency_id",
    **{
        f"{side}_address_{name}": f"{side}_address.{path}"
        for side in ("billing", "delivery")
        for name, path in (
            ("city", "city"),
            ("postal_code", "postal_code"),
            ("country.name_fr", "country.name"),
        )
    },
}
INCLUDES = {
    "billing_address_country": "billing_address.country",
    "delivery_address_country": "delivery_address.country",
    "contents.catalog": "contents.catalog.element",
}

for kind in KINDS:
    case(
        f"/sales/{kind}",
        forms=(
            Form(
                without=(*TTC, *LINE_FLAGS, OPTION, "vat_rate", "status"),
                values={"use_global_vatrate": False, "input_mode": "ht", "secondary_quantity_mode": "global"},
            ),
            Form(
                without=(*HT, *LINE_FLAGS, OPTION, "contents.*.vat_rate"),
                values={"use_global_vatrate": True, "input_mode": "ttc", "secondary_quantity_mode": "line"},
            ),
            Form(without=(*TTC, *TAKEN_OFF, *LINE_FLAGS), values={OPTION: True}),
            *(flag_line(index) for index in range(3)),
        ),
        row_forms=2,
        values={
            "date": lambda stage, n: later(n if n < 12 else 300 + n),
            "grant": lambda stage, n: (
                make(Grant, label=f"{WORDS[n % 6]} grant", pdf_mentions="Paid by the State").pk
            ),
            "customer": customer,
            "contact": contact,
            "billing_address_country": country(0),
            "delivery_address_country": country(1),
            "is_draft": lambda stage, n: n >= 12 and n % 2 == 0,
            "status": status,
            "vat_rate": vat_rate,
            "contents.*.vat_rate": vat_rate,
            "contents.*.catalog": product,
            "contents.*.affair_content": own_line,
            "contents.*.weight_unit": lambda stage, n: f"{n % 7 + 1}.50",
            "contents.*.variation": variation,
            "contents.*.picture": picture,
            "contents.*.quantity": lambda stage, n: f"{2 + n % 5}.00000",
            "contents.*.total_quantity": lambda stage, n: f"{(2 + n % 5) * 3}.00000",
            "contents.*.secondary_quantity": "3.00000",
            "secondary_quantity": "3.00000",
            # Less than any total: invoices are not validated otherwise.
            "grant_amount": lambda stage, n: 1 + n % 3,
            "guarantee_holdback_amount": lambda stage, n: 2 + n % 3,
            "global_discount_type": "pourcent",
            "global_discount_value": lambda stage, n: f"{1 + n % 7}.00",
        },
        reads={**ADDRESSES, **COUNTRIES, "expire_at": end_of_day, "is_draft": numbered},
        paths=PATHS,
        filters={
            "main_currency": main_currency,
            "can_be_billed": billable,
            "expire_since": expires(since=True),
            "expire_until": expires(since=False),
        },
        includes=INCLUDES,
        prepare=move_on,
        shown=("contents",),
        empty=EMPTY.get(kind, ()),
        together={
            "contents.*.designation": (
                "contents.*.catalog",
                "contents.*.variation",
                "contents.*.affair_content",
            )
        },
        fresh=("status",),
        nested={f"{kind.capitalize()} Content": "contents"},
        calls={
            "PUT /lite": lite,
            "GET /pdf": pdf,
            **{f"PUT /{name}": conversion(target) for name, target in TARGETS.items()},
        },
    )
