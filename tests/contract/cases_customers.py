"""Particulars of the chapter Customers (see case.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from erp.customers.models import Contact, Customer, CustomerType
from tests.contract.case import Form, case
from tests.contract.stage import Stage
from tests.contract.values import WORDS, values_at
from tests.factories import make

COMPANY = (
    "company_name",
    "company_type",
    "company_siret",
    "company_rcs",
    "company_vatrate",
    "company_naf",
    "company_capital",
)
PERSON = ("civility", "firstname", "lastname", "fullname", "birth_date")
NATURES = ("customer", "prospect", "provider", "subcontractor")
SIRETS = ("40483304800022", "55210055400013", "54205118000066")
REACHED = {
    "have_email_address": "email",
    "email_address": "email",
    "have_phone_number": "phone",
    "phone_number": "phone",
    "have_mobile_number": "mobile",
    "mobile_number": "mobile",
    "have_fax_number": "fax",
    "fax_number": "fax",
}


def kind(*, company: bool) -> Callable[[Stage, int], int]:
    """The type of a customer: a company or a person."""

    def of(stage: Stage, n: int) -> int:
        return make(CustomerType, label=f"{WORDS[n % 6]} type", is_company=company, is_person=not company).pk

    return of


def vat_number(stage: Stage, n: int) -> str:
    """The French VAT number of a company."""
    siren = SIRETS[n % 2][:9]
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def two_customers(stage: Stage, n: int) -> list[int]:
    """A company and a person."""
    company, person = kind(company=True)(stage, n), kind(company=False)(stage, n)
    return [
        make(Customer, type_id=company, company_name=f"{WORDS[n % 6]} company {n}").pk,
        make(Customer, type_id=person, company_name="", lastname=f"{WORDS[n % 6]} person {n}").pk,
    ]


def ends_with(stage: Stage, sent: str, answer: Any) -> None:
    """A civility may stand before the name."""
    assert answer["fullname"].endswith(sent)


def nature(name: str) -> Callable[[Stage, bool, Any], None]:
    """What a customer is shows in its references: it has one for all that it is or was."""

    def check(stage: Stage, sent: bool, answer: Any) -> None:
        with stage.scope():
            assert getattr(Customer.objects.get(pk=answer["id"]), f"is_{name}") is sent
        if sent:
            assert answer["reference"][name], f"no reference as a {name}"

    return check


def is_nature(name: str) -> Callable[[Stage], list[tuple[str, Callable[[Any], bool]]]]:
    def checks(stage: Stage) -> list[tuple[str, Callable[[Any], bool]]]:
        is_one = stage.column(f"is_{name}")
        return [("true", is_one), ("false", lambda answer: not is_one(answer))]

    return checks


def prospects_and_customers(stage: Stage) -> list[tuple[str, Callable[[Any], bool]]]:
    one, other = stage.column("is_prospect"), stage.column("is_customer")

    def either(answer: Any) -> bool:
        return bool(one(answer) or other(answer))

    return [("true", either), ("false", lambda answer: not either(answer))]


def archived(stage: Stage, sent: bool, answer: Any) -> None:
    assert (answer["archived_at"] is not None) is sent


def attach_contact(stage: Stage, made: list[int]) -> None:
    """The first customer has a contact; the last is nothing but a supplier."""
    make(Contact).customers.set([made[0]])
    Customer.objects.filter(pk=made[-1]).update(
        is_customer=False, is_prospect=False, is_provider=True, customer_reference=None
    )


def any_address(stage: Stage, attribute: str) -> list[tuple[str, Callable[[Any], bool]]]:
    """Companies with an address of that kind, whatever its use."""

    def values(answer: Any) -> list[Any]:
        return values_at(answer, f"addresses.{attribute}") if answer["type"]["is_company"] else []

    first = next(value for answer in stage.answers.values() for value in values(answer))
    return [(first, lambda answer: first in values(answer))]


ADDRESSES = {
    f"{use}_address_{name}": f"address_{use}.{path}"
    for use in ("invoice", "delivery")
    for name, path in (("town", "town"), ("postal_code", "postal_code"), ("country", "country.name"))
}

case(
    "/customer",
    forms=(
        Form(without=PERSON, values={"type": kind(company=True)}),
        Form(without=(*COMPANY, "fullname"), values={"type": kind(company=False)}),
        Form(without=(*COMPANY, "firstname", "lastname"), values={"type": kind(company=False)}),
    ),
    values={
        "company_siret": lambda stage, n: SIRETS[n % 2],
        "company_vatrate": vat_number,
        "is_customer": True,
        "is_prospect": lambda stage, n: n % 3 != 1,
        "is_provider": lambda stage, n: n % 4 < 2,
        "is_subcontractor": lambda stage, n: n % 2 == 0,
    },
    reads={**{f"is_{name}": nature(name) for name in NATURES}, "archived": archived, "fullname": ends_with},
    prepare=attach_contact,
    paths={
        **REACHED,
        **ADDRESSES,
        **{f"{name}_reference": f"reference.{name}" for name in NATURES},
        "all_phone_number": lambda answer: [answer["phone"], answer["mobile"]],
        "hasContact": "contacts",
        "archived": "archived_at",
        "customerType": "type.id",
    },
    filters={
        **{f"is_{name}": is_nature(name) for name in NATURES},
        "is_prospect_or_customer": prospects_and_customers,
        "company_address_town": lambda stage: any_address(stage, "town"),
        "company_address_postal_code": lambda stage: any_address(stage, "postal_code"),
        "company_address_country": lambda stage: any_address(stage, "country.name"),
    },
    nested={"customer config": "configs", "Custom Field Value": "custom_fields"},
)
case(
    "/customer/contact",
    values={"customers": two_customers},
    paths={
        **REACHED,
        "all_phone_number": lambda answer: [answer["phone"], answer["mobile"]],
        "address_country": "country.name",
        "address_country_name": "country.name",
        "address_country_code": "country.code",
        "address_postal_code": "postal_code",
        "address_town": "town",
        "with_customer": "customers",
        "fullname": "firstname",
        "country.name_fr": "country.name",
    },
)
case(
    "/customer/type",
    forms=(
        Form(values={"is_company": True, "is_person": False}),
        Form(values={"is_company": False, "is_person": True}),
    ),
    paths={"with_person": "is_person", "with_company": "is_company"},
)
