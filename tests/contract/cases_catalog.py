"""Particulars of the chapter Catalog (see case.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.files.base import ContentFile

from erp.catalog.models import Product, Service
from erp.core.models import File
from erp.customers.models import Customer, CustomerType
from erp.various.models import PdfModel
from tenants.models import Team
from tests.contract.case import Form, case
from tests.contract.common import contact, country_code, customer, variation, varied_product
from tests.contract.proof import Proof
from tests.contract.reference import Call
from tests.contract.stage import Stage, ok
from tests.contract.values import WORDS, values_at
from tests.factories import make

HT = ("unit_price_ht", "eco_tax_ht", "variations.*.unit_price_ht", "add_variations.*.unit_price_ht")
TTC = ("unit_price_ttc", "eco_tax_ttc", "variations.*.unit_price_ttc", "add_variations.*.unit_price_ttc")
BY_TYPE = ("custom_type_prices", "add_custom_type_prices", "remove_custom_type_prices")
BY_QUANTITY = ("custom_quantity_prices", "custom_price_quantity_mode", "custom_price_quantity_month_length")
VARIATIONS = (
    "variation_level1",
    "variation_level2",
    "variation_level3",
    "variations",
    "add_variations",
    "remove_variations",
    "providers",
)
STOCK = ("stock_quantity", "stock_theoretical_quantity")
REFERENCES = ("providers_references", "add_providers_references", "remove_providers_references")


def with_picture(stage: Stage, made: list[int]) -> None:
    """Elements have a picture, and people enter references by hand."""
    picture = make(File, filename="a.png", extension="png", file=ContentFile(b"x", name="a.png"))
    stage.model.objects.filter(pk__in=made[:2]).update(default_picture=picture)
    stage.team.configs |= {"product_reference_manual": True, "service_reference_manual": True}
    Team.objects.filter(pk=stage.team.pk).update(configs=stage.team.configs)


def quantity_prices(stage: Stage, n: int) -> list[dict[str, Any]]:
    return [{"minimum": 10 + n % 7, "maximum": 90 + n % 7, "price": f"{3 + n % 7}.50000"}]


def type_prices(stage: Stage, n: int) -> list[dict[str, Any]]:
    kind, model = (("type", CustomerType), ("customer", Customer))[n % 2]
    return [{"type": kind, "element": make(model).pk, "price": f"{4 + n % 7}.50000"}]


def price_mode(stage: Stage, n: int) -> str:
    return "customer" if n % 2 else "type"


def supplier_reference(stage: Stage, n: int) -> list[dict[str, Any]]:
    supplier = make(Customer, is_provider=True, company_name=f"{WORDS[n % 6]} supplier")
    return [
        {
            "customer": supplier.pk,
            "reference": f"SUP-{n}",
            "buy_price_ht": f"{20 + n % 7}.25000",
            "various_costs": f"{1 + n % 5}.75000",
        }
    ]


def stored(model: Any, name: str) -> Callable[[Stage, Any, Any], None]:
    """A parameter that no answer shows."""

    def check(stage: Stage, sent: Any, answer: Any) -> None:
        with stage.scope():
            assert getattr(model.objects.get(pk=answer["id"]), name) == sent

    return check


PRICES = {
    "custom_quantity_prices": quantity_prices,
    "custom_type_prices": type_prices,
    "add_custom_type_prices": type_prices,
    "status": lambda stage, n: n % 2 == 0,
}
STATUS = {"status": lambda answer: int(answer["status"]["active"])}
INCLUDES = {
    "variation_levels": "variation_level1,variation_level2,variation_level3",
    "custom_prices": "custom_quantity_prices,custom_type_prices",
}

case(
    "/catalog/product",
    forms=(
        Form(
            without=(*TTC, *BY_TYPE, *VARIATIONS, "unit_buy_price_ht"),
            values={"custom_price_mode": "quantity", "custom_price_quantity_mode": 4, "variations_length": 0},
        ),
        Form(
            without=(*HT, *BY_QUANTITY, *REFERENCES, *STOCK),
            values={"custom_price_mode": price_mode, "variations_length": 3},
        ),
        Form(
            without=(*TTC, *BY_QUANTITY, *BY_TYPE, *REFERENCES, *STOCK, "custom_price_mode"),
            values={"variations_length": 3},
        ),
    ),
    row_forms=2,
    values={
        **PRICES,
        "unit_weight": lambda stage, n: f"{1 + n % 9}.25",
        "with_stock": lambda stage, n: n >= 12 or n < 2,
        "not_for_sale": lambda stage, n: n % 4 in (0, 2),
        "providers": lambda stage, n: [make(Customer, is_provider=True).pk],
        "providers_references": supplier_reference,
        "add_providers_references": supplier_reference,
        "stock_quantity": lambda stage, n: f"{61 + n % 11}.00",
        "stock_theoretical_quantity": lambda stage, n: f"{161 + n % 11}.00",
    },
    prepare=with_picture,
    paths={
        **STATUS,
        "status.label": lambda answer: 0 if answer["status"]["active"] else 1,
        "ean": "ean_code",
        "has_variations": "variations_length",
        "providers": lambda answer: [
            *values_at(answer, "providers.id"),
            *values_at(answer, "providers_references.customer.id"),
        ],
    },
    includes=INCLUDES,
    nested={"Product Variation": "variations", "Product Provider Reference": "providers_references"},
)


def used_by_products(stage: Stage, made: list[int]) -> None:
    """A product varies on three levels."""
    levels = {f"variation_level{n + 1}_id": pk for n, pk in enumerate((made[0], made[0], made[0]))}
    make(Product, variations_length=3, **levels)


case(
    "/catalog/variation",
    prepare=used_by_products,
    includes={"products": "products_level1,products_level2,products_level3"},
)

case(
    "/catalog/service",
    forms=(
        Form(
            without=(*TTC, *BY_TYPE, "technicians", "add_technicians", "remove_technicians"),
            values={
                "custom_price_mode": "quantity",
                "custom_price_quantity_mode": 4,
                "allowed_all_technicians": True,
            },
        ),
        Form(
            without=(*HT, *BY_QUANTITY),
            values={"custom_price_mode": price_mode, "allowed_all_technicians": False},
        ),
    ),
    values={**PRICES, "duration_type": lambda stage, n: ("hour", "day")[n % 2]},
    reads={"not_for_sale": stored(Service, "not_for_sale")},
    prepare=with_picture,
    paths={**STATUS, "status.name": lambda answer: 0 if answer["status"]["active"] else 1},
    includes=INCLUDES,
)


# --- Orders to suppliers --------------------------------------------------------------------------------


def supplier(stage: Stage, n: int) -> int:
    """A supplier with somebody to talk to."""
    return customer(stage, n, is_provider=True)


def own_line(stage: Stage, n: int) -> int | None:
    row = stage.kept.get("row")
    return stage.one(row)["contents"][0]["id"] if row else None


def country_shown(stage: Stage, sent: str, answer: Any) -> None:
    assert answer["country"]["code"] == sent


def delivery(stage: Stage, call: Call, proof: Proof) -> None:
    """Goods that arrive are added to what was delivered."""
    create = stage.resource.roles["create"]
    body = stage.body(create, stage.next() + 1)
    body["contents"][0] |= {"quantity": "9.00000", "delivered_quantity": "0"}
    body["status"] = 2
    made = ok(stage.send(create, body))
    line = stage.one(made["id"])["contents"][0]
    ok(stage.send(call, {"contents": [{"id": line["id"], "delivered_quantity": "3"}]}, made["id"], slash="/"))
    after = stage.one(made["id"])["contents"][0]
    assert (after["delivered_quantity"], after["quantity_to_deliver"]) == ("3.00000", "6.00000")
    for path in call.body:
        with proof(call.item("parameter", path)):
            sent = {"contents": [{"id": line["id"], "delivered_quantity": "1"}]}
            if call.body[path].required:
                line_less = {
                    key: value for key, value in sent["contents"][0].items() if not path.endswith(key)
                }
                short = {"contents": [line_less]}
                response = stage.send(call, {} if path == "contents" else short, made["id"])
                assert response.status_code == 422
                assert path.replace("*", "0") in response.json()["errors"]


case(
    "/catalog/command",
    values={
        "customer": supplier,
        "contact": contact,
        "country": country_code,
        "pdf_model": lambda stage, n: [*PdfModel.objects.order_by("pk")][n % PdfModel.objects.count()].pk,
        "contents.*.product": varied_product,
        "contents.*.variation": variation,
        "contents.*.quantity": "9.00000",
        "contents.*.delivered_quantity": "2.00000",
        "contents.*.id": own_line,
    },
    update_forms=(
        Form(without=("contents.*.delivered_quantity",)),
        Form(without=("status", "customer", "contact", "contents.*.product", "contents.*.variation")),
    ),
    fresh=("contents.*.delivered_quantity", "status"),
    shown=("contents",),
    reads={"customer": "provider", "country": country_shown},
    paths={
        "customer.company_name": "provider.company_name",
        "contact.fullname": "contact.lastname",
        "customer": "provider_id",
        "status_label": "status",
    },
    nested={"Provider Command Content": "contents"},
    calls={"PUT /delivery": delivery},
)
