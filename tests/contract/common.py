"""Values of parameters that several chapters have alike."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from erp.customers.models import Contact, Customer, CustomerType
from erp.customfields.choices import Usage
from erp.customfields.models import CustomField
from erp.various.models import PdfModel, VatRate
from tests.contract.values import WORDS, spread
from tests.factories import make

__all__ = [
    "COMMON",
    "FILTERS",
    "contact",
    "country_code",
    "customer",
    "every_document",
    "later",
    "plain",
    "variation",
    "varied_product",
]


def element(stage: Any, n: int) -> list[dict[str, Any]]:
    """A row of any kind that something is about: a customer, or a contact."""
    kind, model = (("customer", Customer), ("contact", Contact))[n % 2]
    return [{"type": kind, "id": make(model).pk}]


def of_elements(stage: Any) -> list[tuple[Any, Callable[[Any], bool]]]:
    """The filter of what is about a row."""
    first = next(answer["elements"][0] for answer in stage.answers.values() if answer["elements"])
    pair = (first["type"], first["id"])
    query = {"[0][type]": pair[0], "[0][id]": pair[1]}
    return [(query, lambda answer: pair in [(item["type"], item["id"]) for item in answer["elements"]])]


def custom_field(stage: Any, n: int) -> list[dict[str, Any]]:
    """A value of a field of the team's own."""
    if "field" not in stage.kept:
        stage.kept["field"] = make(CustomField, label="Badge", type="text", usage=list(Usage.values)).pk
    return [{"id": stage.kept["field"], "value": f"Badge {n}"}]


def of_custom_field(stage: Any) -> list[tuple[Any, Callable[[Any], bool]]]:
    """The filter of a custom field's values."""
    held = [row for answer in stage.answers.values() for row in answer["custom_fields"]]
    first = (held[0]["id"], held[0]["value"])
    return [
        (
            {"[id]": first[0], "[value]": first[1]},
            lambda answer: first in [(row["id"], row["value"]) for row in answer["custom_fields"]],
        )
    ]


def country_code(stage: Any, n: int) -> str:
    return ("FR", "BE", "DE", "ES", "IT", "NL")[spread(n) % 6]


def varied_product(stage: Any, n: int) -> int:
    """A product that a supplier sells in a variation, which `variation` gives."""
    body = {
        "reference": f"VAR-{stage.next()}",
        "name": "Coat",
        "unit_price_ht": "50",
        "unit": "Piece",
        "sale_category": "Clothes",
        "variations_length": 1,
        "variation_level1": "Size",
        "variations": [{"level1": "S"}],
        "providers": [make(Customer, is_provider=True).pk],
    }
    product = stage.api.post("/catalog/product", body).json()["id"]
    answer = stage.api.get(f"/catalog/product/{product}", include="variations").json()
    stage.kept["variation"] = answer["variations"][0]["id"]
    return int(product)


def variation(stage: Any, n: int) -> int:
    """The variation of the product that was just made."""
    return int(stage.kept["variation"])


def later(days: int) -> str:
    """A day; numbers of validated documents follow their dates, so rows made later have later ones."""
    return (datetime.date(2024, 3, 1) + datetime.timedelta(days=days)).isoformat()


def customer(stage: Any, n: int, **values: Any) -> int:
    """A customer with a contact; the same for all the parameters of one body. Every fourth is a person."""
    person, name = n % 4 == 1, f"{WORDS[n % 6]} customer {n}"
    kind = CustomerType.objects.filter(is_company=not person, is_person=person).first()
    named = {"lastname": name, "company_name": ""} if person else {"company_name": name}
    made = make(Customer, type=kind, **named, **values)
    somebody = make(Contact, firstname=f"{WORDS[n % 6]} first", lastname=f"{WORDS[n % 6]} last {n}")
    somebody.customers.set([made])
    stage.kept |= {"customer": made, "contact": somebody.pk}
    return int(made.pk)


def contact(stage: Any, n: int) -> int:
    """Somebody of the customer that was just made."""
    return int(stage.kept["contact"])


def plain(stage: Any, kind: str, *prices: str, **values: Any) -> dict[str, Any]:
    """A validated sales document of a line for each price, two of each, with 20 % of VAT."""
    rate = VatRate.objects.filter(rate=20).first()
    parts = {"city": "Albi", "postal_code": "81000", "country": "FR"}
    lines = [
        {"designation": f"Line {price}", "unit_price_ht": price, "quantity": "2", "vat_rate": rate.pk}
        for price in prices or ("100",)
    ]
    body = {
        "date": later(200),
        "is_draft": False,
        "pdf_model": PdfModel.objects.first().pk,
        "contents": lines,
        **{f"billing_address_{name}": part for name, part in parts.items()},
        **values,
    }
    body.setdefault("customer", customer(stage, 40))
    response = stage.api.post(f"/sales/{kind}", body)
    assert response.status_code == 201, response.content
    return dict(response.json())


def every_document(stage: Any, customer: int) -> int:
    """An affair with a document of each kind, sold at a profit."""
    document = plain(stage, "quotation", "310", customer=customer)
    key = document["contents"][0]["affair_content_id"]
    lines = [{"affair_content": key, "catalog_costs_u": "40"}]
    stage.api.put(f"/sales/quotation/{document['id']}", {"contents": lines})
    command = turned(stage, document, "quotation", "command")
    turned(stage, command, "command", "proforma")
    turned(stage, command, "command", "deliver")
    invoice = turned(stage, command, "command", "bill")
    line = {"id": invoice["contents"][0]["affair_content_id"], "quantity": "1"}
    turned(stage, invoice, "invoice", "cancel", contents=[line])
    return int(document["affair_id"])


def turned(stage: Any, document: Any, kind: str, name: str, **values: Any) -> Any:
    """The validated document made of another."""
    response = stage.api.put(f"/sales/{kind}/{document['id']}/{name}", {"is_draft": False, **values})
    assert response.status_code == 200, response.content
    return response.json()


#: Values by parameter: functions of (stage, n).
COMMON: dict[str, Callable[[Any, int], Any]] = {"elements": element, "custom_fields": custom_field}
#: Filters by name: functions of the stage.
FILTERS = {"elements": of_elements, "custom_fields": of_custom_field}
