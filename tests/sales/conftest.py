"""What sales tests start from: a company to sell to, VAT rates, short ways to make documents."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from erp.core.stored_pdf import pdfs_on_demand
from erp.customers.models import Customer, CustomerType
from erp.customers.services import create_customer
from erp.sales import services
from erp.sales.models import Document
from erp.various.models import Country, PdfModel, VatRate
from erp.various.services import team_today

ADDRESS = {"road1": "12 rue de Dole", "postal_code": "25000", "town": "Besançon"}


@pytest.fixture(autouse=True)
def _no_pdfs():
    """Validation renders no PDF, except where a test is about PDFs: each takes a quarter of a second."""
    with pdfs_on_demand():
        yield


@pytest.fixture
def today(scope) -> datetime.date:
    return team_today()


def new_customer(**values: Any) -> Customer:
    """A company with an invoice address."""
    address = {**ADDRESS, "country": Country.objects.get(code="FR")}
    company = CustomerType.objects.filter(is_company=True, is_person=False).first()
    given = {"type": company, "company_name": "Acier SA", "is_customer": True, "address_invoice": address}
    return create_customer({**given, **values})


@pytest.fixture
def customer(scope) -> Customer:
    return new_customer()


@pytest.fixture
def rates(scope) -> dict[str, VatRate]:
    """The team's VAT rates by their value: rates["20"], rates["5.5"]."""
    return {f"{rate.rate.normalize():f}": rate for rate in VatRate.objects.order_by("-pk")}


@pytest.fixture
def make(scope, customer, rates):
    """make("quotation", (designation, price, quantity, rate), …, is_draft=False): a document."""

    def make(kind: str, *lines: Any, **values: Any) -> Document:
        lines = lines or (("Pose", "100", "2", "20"), ("Peinture", "33.33", "3", "10"))
        contents = [
            {
                "designation": name,
                "unit_price_ht": Decimal(price),
                "quantity": Decimal(quantity),
                "vat_rate": rates[rate],
            }
            for name, price, quantity, rate in lines
        ]
        given = {"customer": customer, "pdf_model": PdfModel.objects.first(), "contents": contents}
        return services.create_document(kind, {**given, "is_draft": False, **values})

    return make


@pytest.fixture
def body(scope, customer, rates):
    """A body of the API for a document of two lines: 200.00 at 20 % and 99.99 at 10 %."""

    def body(**values: Any) -> dict[str, Any]:
        contents = [
            {"designation": "Pose", "unit_price_ht": 100, "quantity": 2, "vat_rate": rates["20"].pk},
            {"designation": "Peinture", "unit_price_ht": "33.33", "quantity": 3, "vat_rate": rates["10"].pk},
        ]
        given = {
            "date": team_today().isoformat(),
            "pdf_model": PdfModel.objects.first().pk,
            "customer": customer.pk,
        }
        return {**given, "contents": contents, **values}

    return body


def fresh(document: Document) -> Document:
    """The document as it is in the database now."""
    return type(document).all_objects.get(pk=document.pk)


def by_rate(*documents: Document) -> dict[Decimal, tuple[Decimal, Decimal, Decimal]]:
    """Sums of several documents' amounts at each VAT rate, rates without amounts left out."""
    sums: dict[Decimal, list[Decimal]] = {}
    for document in documents:
        for row in document.vatrates:
            total = sums.setdefault(Decimal(row["rate"]), [Decimal(0)] * 3)
            sums[Decimal(row["rate"])] = [
                a + Decimal(row[side]) for a, side in zip(total, ("ht", "tva", "ttc"), strict=True)
            ]
    return {rate: tuple(values) for rate, values in sums.items() if any(values)}
