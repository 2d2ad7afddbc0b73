"""The workloads: what a client asks, in the words of the protocol."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from bench.facts import Facts

__all__ = ["NAMES", "Send", "Workload", "workloads"]

PAGE = 50
ALL_INVOICE_INCLUDES = (
    "pdf_model,contact,billing_address_country,delivery_address_country,customer,currency,vat_rate,secondary_unit,"
    "grant,team_user,payment_term,sale_term,contents,tags,affair,vatrates,custom_fields,payment_methods,"
    "contents.vat_rate,contents.unit,contents.secondary_unit,contents.sale_category,contents.picture,"
    "contents.catalog,contents.variation,contents.providers"
)


class Send(Protocol):
    """Sends one request; answers its JSON. Raises on any status that is not a success."""

    def __call__(self, method: str, path: str, body: Any = None, **query: Any) -> Any: ...


@dataclass(frozen=True)
class Workload:
    """One kind of work: `run` does it once."""

    name: str
    title: str
    run: Callable[[Send], Any]
    #: How many times it is measured, and how many with --quick.
    times: int = 200
    quick_times: int = 20
    #: Whether raw SQL can answer the same.
    has_bound: bool = True


def _get(path: str, **query: Any) -> Callable[[Send], Any]:
    return lambda send: send("GET", path, **query)


def _reads(facts: Facts) -> Iterator[Workload]:
    town, customer = facts.towns[0], facts.customer_ids[len(facts.customer_ids) // 2]
    invoices = "/sales/invoice"
    yield Workload("customers", f"list of {PAGE} customers", _get("/customer", per_page=PAGE))
    yield Workload("products", f"list of {PAGE} products", _get("/catalog/product", per_page=PAGE))
    yield Workload("invoices", f"list of {PAGE} invoices", _get(invoices, per_page=PAGE))
    yield Workload(
        "invoices-includes",
        f"list of {PAGE} invoices, all includes",
        _get(invoices, per_page=PAGE, include=ALL_INVOICE_INCLUDES),
        times=60,
        quick_times=5,
    )
    yield Workload(
        "customers-search", "search in customers", _get("/customer", per_page=PAGE, search="%aurant 12%")
    )
    yield Workload("invoices-search", "search in invoices", _get(invoices, per_page=PAGE, search=f"%{town}%"))
    yield Workload(
        "invoices-filter",
        "invoices of one customer since a date",
        _get(invoices, per_page=PAGE, **{"filter[customer]": customer, "filter[date_since]": "2024-01-01"}),
    )
    yield Workload(
        "invoices-sort",
        "invoices by total, largest first",
        _get(invoices, per_page=PAGE, sort="total_ttc:desc"),
    )
    yield Workload(
        "invoices-last",
        "last page of invoices",
        _get(invoices, per_page=PAGE, page=max(1, len(facts.invoice_ids) // PAGE)),
    )
    ids = itertools.cycle(facts.invoice_ids)
    yield Workload(
        "invoice", "one invoice with its five lines", lambda send: send("GET", f"{invoices}/{next(ids)}")
    )


def _writes(facts: Facts) -> Iterator[Workload]:
    numbers = itertools.count(1)
    yield Workload(
        "customer-create",
        "create a customer with its address",
        lambda send: send("POST", "/customer", customer_body(facts, next(numbers))),
        times=100,
        quick_times=10,
    )
    yield Workload(
        "quotation-create",
        "create a five-line quotation",
        lambda send: send("POST", "/sales/quotation", quotation_body(facts, next(numbers))),
        times=100,
        quick_times=10,
    )
    yield Workload(
        "chain",
        "quotation, order, invoice, each validated (3 requests)",
        lambda send: chain(send, quotation_body(facts, next(numbers))),
        times=60,
        quick_times=5,
    )
    unprinted = itertools.cycle(facts.unprinted_ids)
    yield Workload(
        "pdf",
        "PDF of an invoice, rendered in the request",
        lambda send: send("GET", f"/sales/invoice/{next(unprinted)}/pdf"),
        times=20,
        quick_times=4,
        has_bound=False,
    )


def workloads(facts: Facts) -> list[Workload]:
    """Every workload, reads first: what they find does not depend on what was written."""
    return [*_reads(facts), *_writes(facts)]


def customer_body(facts: Facts, number: int) -> dict[str, Any]:
    """A new company with an address."""
    return {
        "type": facts.company_type_id,
        "company_name": f"Bench Company {number}",
        "email": f"new{number}@bench.example",
        "phone": "+33 4 72 00 00 00",
        "address_invoice": {
            "road1": f"{number} rue du Banc",
            "postal_code": "69003",
            "town": "Lyon",
            "country": facts.country_id,
        },
    }


def quotation_body(facts: Facts, number: int) -> dict[str, Any]:
    """A draft of five lines: four products and one typed by hand."""
    products = [facts.product_ids[(number * 7 + step) % len(facts.product_ids)] for step in range(4)]
    lines: list[dict[str, Any]] = [
        {"catalog": {"type": "product", "id": product}, "quantity": str(number % 9 + 1)}
        for product in products
    ]
    lines.append(
        {"designation": "Fitting", "quantity": "3", "unit_price_ht": "45.50", "vat_rate": facts.vat_rate_id}
    )
    return {
        "date": facts.today,
        "customer": facts.customer_ids[number % len(facts.customer_ids)],
        "pdf_model": facts.pdf_model_id,
        "title": f"Bench {number}",
        "contents": lines,
    }


def chain(send: Send, body: dict[str, Any]) -> None:
    """A quotation is made and validated, ordered, billed."""
    quotation = send("POST", "/sales/quotation", {**body, "is_draft": False})
    order = send("PUT", f"/sales/quotation/{quotation['id']}/command", {"is_draft": False})
    send("PUT", f"/sales/command/{order['id']}/bill", {"is_draft": False})


NAMES = [workload.name for workload in workloads(Facts.empty())]
