"""Data in quantity: templates are made by the services, then copied with their amounts."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.utils import timezone

from bench.facts import Facts
from bench.workloads import quotation_body
from erp.catalog.models import Product
from erp.catalog.services import create_product
from erp.core.scope import team_scope, unscoped
from erp.core.stored_pdf import pdfs_on_demand
from erp.customers.models import Customer, CustomerAddress, CustomerType
from erp.customers.services import create_customer
from erp.sales import seal, services
from erp.sales.choices import Kind
from erp.sales.models import Affair, AffairContent, Document, Line
from erp.sales.serializers import body_for
from erp.various.models import Country, PdfModel, Unit, VatRate
from erp.various.services import team_today
from tenants.models import TeamUser
from tenants.services import create_api_key, create_team

TRADES = ("Boulangerie", "Clinique", "Garage", "Librairie", "Pharmacie", "Restaurant", "Syndic")
TOWNS = ("Lyon", "Paris", "Lille", "Nantes", "Nice", "Brest", "Dijon", "Metz", "Tours", "Pau")
BATCH = 1000


def fill(rows: int) -> Facts:
    """A team with `rows` customers, products, quotations and invoices (five lines each)."""
    with unscoped("a new installation has no team yet"):
        team = create_team("Bench", "bench@example.org", "bench-bench-bench")
    with team_scope(team), pdfs_on_demand():
        key = create_api_key(TeamUser.objects.get(), "bench")
        _fill_customers(rows)
        _fill_products(rows)
        facts = _facts(key)
        seal.unseal(DEFAULT_DB_ALIAS)  # copies are written in one go, lines after their documents
        for kind in (Kind.QUOTATION, Kind.INVOICE):
            _fill_documents(kind, rows, facts)
        seal.seal(DEFAULT_DB_ALIAS)
        facts = _facts(key)
    _settle()
    return facts


def _facts(key: str) -> Facts:
    """What there is in the team in scope."""
    invoices = list(Document.objects.filter(kind=Kind.INVOICE).order_by("pk").values_list("pk", flat=True))
    return Facts(
        key=key,
        customer_ids=list(Customer.objects.order_by("pk").values_list("pk", flat=True)),
        product_ids=list(Product.objects.order_by("pk").values_list("pk", flat=True)),
        invoice_ids=invoices,
        unprinted_ids=invoices[::-1],
        towns=list(TOWNS),
        company_type_id=_company_type().pk,
        country_id=Country.objects.get(code="FR").pk,
        vat_rate_id=VatRate.objects.order_by("pk")[0].pk,
        pdf_model_id=PdfModel.objects.order_by("pk")[0].pk,
        today=team_today().isoformat(),
    )


def _company_type() -> CustomerType:
    return CustomerType.objects.filter(is_company=True).order_by("-use_default", "pk")[0]


# --- Copies -----------------------------------------------------------------------------------------


def clone(row: Any, **changes: Any) -> Any:
    """An unsaved copy of a row."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return type(row)(**{**values, "id": None, **changes})


def _insert(model: Any, count: int, make: Callable[[int], Any]) -> list[Any]:
    """Insert `count` rows made from their numbers, in batches."""
    made: list[Any] = []
    for start in range(0, count, BATCH):
        with transaction.atomic():
            made += model.objects.bulk_create(
                [make(number) for number in range(start, min(start + BATCH, count))]
            )
    return made


def _moment(number: int) -> datetime.datetime:
    return timezone.now() - datetime.timedelta(days=30, minutes=number)


# --- Customers, products ------------------------------------------------------------------------------


def _fill_customers(rows: int) -> None:
    france = Country.objects.get(code="FR")
    template = create_customer(
        {
            "type": _company_type(),
            "company_name": "Template",
            "phone": "+33 4 72 00 00 00",
            "address_invoice": {
                "road1": "1 rue du Banc",
                "postal_code": "69003",
                "town": "Lyon",
                "country": france,
            },
        }
    )
    address = template.address_invoice

    def customer(number: int) -> Customer:
        name = f"{TRADES[number % len(TRADES)]} {number}"
        return clone(
            template,
            name=name,
            company_name=name,
            email=f"c{number}@bench.example",
            customer_reference=f"B{number:07d}",
            address_invoice_id=None,
            created_at=_moment(number),
        )

    made = _insert(Customer, rows - 1, customer)
    addresses = _insert(
        CustomerAddress,
        len(made),
        lambda number: clone(address, customer_id=made[number].pk, town=TOWNS[number % len(TOWNS)]),
    )
    for row, its_address in zip(made, addresses, strict=True):
        row.address_invoice = its_address
    for part in _parts(made):
        Customer.objects.bulk_update(part, ["address_invoice"])


def _fill_products(rows: int) -> None:
    template = create_product(
        {
            "name": "Template",
            "unit": Unit.objects.order_by("pk")[0],
            "unit_price_ht": Decimal("12.50"),
            "unit_buy_price_ht": Decimal("7.10"),
            "vat_rate": VatRate.objects.order_by("pk")[0],
        }
    )
    template.refresh_from_db()
    _insert(
        Product,
        rows - 1,
        lambda number: clone(
            template, reference=f"B{number:07d}", name=f"Product {number}", created_at=_moment(number)
        ),
    )


def _parts(rows: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


# --- Documents ------------------------------------------------------------------------------------------


def _fill_documents(kind: Kind, rows: int, facts: Facts) -> None:
    """Validated documents of a kind, each in its own affair."""
    template = _template(kind, facts)
    lines = list(template.contents.all())
    customers = facts.customer_ids
    for start in range(0, rows, BATCH):
        with transaction.atomic():
            _copy_documents(template, lines, customers, range(start, min(start + BATCH, rows)))


def _template(kind: Kind, facts: Facts) -> Document:
    """A validated document of five lines."""
    values = body_for(Kind.QUOTATION).parse(quotation_body(facts, 3))
    quotation = services.create_document(Kind.QUOTATION, {**values, "is_draft": False})
    made = quotation if kind == Kind.QUOTATION else services.convert(quotation, "bill", {"is_draft": False})
    return Document.objects.get(pk=made.pk)


def _copy_documents(template: Document, lines: list[Line], customers: list[int], numbers: range) -> None:
    prefix = template.kind[0].upper()

    def document(number: int, affair: Affair) -> Document:
        return clone(
            template,
            kind=template.kind,
            customer_id=customers[number % len(customers)],
            affair_id=affair.pk,
            reference=f"B{prefix}{number:07d}",
            number=number,
            created_at=_moment(number),
            source_id=None,
            date=template.date - datetime.timedelta(days=number % 700),
            total_ttc=template.total_ttc + number % 997,
            billing_address_city=TOWNS[number % len(TOWNS)],
        )

    affairs = Affair.objects.bulk_create(
        [
            Affair(
                reference=f"B{prefix}{number:07d}",
                number=number,
                customer_id=customers[number % len(customers)],
            )
            for number in numbers
        ]
    )
    contents = AffairContent.objects.bulk_create(
        [AffairContent(affair_id=affair.pk) for affair in affairs for _line in lines]
    )
    documents = Document.objects.bulk_create(
        [document(number, affair) for number, affair in zip(numbers, affairs, strict=True)]
    )
    owners = [(made, line) for made in documents for line in lines]
    Line.objects.bulk_create(
        [
            clone(line, document_id=made.pk, affair_content_id=content.pk)
            for (made, line), content in zip(owners, contents, strict=True)
        ]
    )


def _settle() -> None:
    """What PostgreSQL would do by itself in time: clean up after loading and count rows for its planner."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
