"""What can happen to customers, their addresses and their contacts."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.core import numbering
from erp.core import services as core
from erp.core.access import LEVELS, Verb, require, visible
from erp.core.errors import Conflict, Invalid
from erp.core.scope import current_actor, current_team
from erp.customers.models import (
    NATURES,
    Contact,
    ContactFunction,
    Customer,
    CustomerActivity,
    CustomerAddress,
    CustomerOrigin,
    CustomerType,
)
from erp.customfields.services import write_values
from erp.various import data
from erp.various.services import change_tags, localised, team_today

__all__ = [
    "KEEPERS",
    "create_contact",
    "create_customer",
    "delete_address",
    "delete_customer",
    "may",
    "save_address",
    "seed_lists",
    "update_contact",
    "update_customer",
]

#: Chapters above say here why a customer must stay: each answers a sentence, or None when it may go.
KEEPERS: list[Callable[[Customer], str | None]] = []

ADDRESS_REQUIRED = ("postal_code", "town", "country")
TAG_NAMES = ("tags", "attach_tags", "detach_tags")


def seed_lists() -> None:
    """Give the current team the types, activities, origins and functions that a company starts with."""
    language = "en" if settings.LANGUAGE_CODE.startswith("en") else "fr"
    for model, name in (
        (CustomerType, "customer_types"),
        (CustomerActivity, "customer_activities"),
        (CustomerOrigin, "customer_origins"),
        (ContactFunction, "contact_functions"),
    ):
        model.objects.bulk_create([model(**localised(row, language)) for row in data.load(name)])


# --- Customers ------------------------------------------------------------------------------------


@transaction.atomic
def create_customer(values: Mapping[str, Any]) -> Customer:
    """A new customer, numbered in each nature given (a customer when none is).

    `values`: the model's attributes, and `fullname`, `archived`, `tags`, `attach_tags`, `configs`,
    `custom_fields`, `address_invoice`, `address_delivery` (dicts of address attributes) as in the
    reference's body; `addresses`, a list of all of them in order (with "id" for those that exist).
    Raises Invalid (422) with errors by attribute, PermissionDenied (403) for a nature not to be created.
    """
    wanted = dict(values)
    if not any(wanted.get(f"is_{nature}") for nature in NATURES):
        wanted["is_customer"] = True
    wanted.setdefault("newsletter_inscription", current_team().parameter("automatic_newsletter_subscription"))
    if not wanted.get("team_user") and (actor := current_actor()) and actor.level("customer-limitation") < 1:
        wanted["team_user"] = actor
    row = _save(Customer(), wanted)
    if current_team().parameter("check_duplicates_for_person"):
        _refuse_duplicate(row)
    return row


@transaction.atomic
def update_customer(row: Customer, values: Mapping[str, Any]) -> Customer:
    """Change some attributes of a customer (see `create_customer`); natures switched on are numbered.

    Raises Invalid (422), PermissionDenied (403) unless the actor may edit every nature the customer has.
    """
    _may(row.natures, "update")
    return _save(row, dict(values))


@transaction.atomic
def delete_customer(row: Customer) -> None:
    """Delete a customer that no other chapter needs. Raises Conflict (409) saying why it must stay."""
    _may(row.natures, "delete")
    for keeper in KEEPERS:
        if reason := keeper(row):
            raise Conflict(reason, code="kept")
    row.delete()


def _save(row: Customer, values: dict[str, Any]) -> Customer:
    """Write a customer with its tags and addresses."""
    before, is_new = row.natures, row._state.adding
    custom_fields = values.pop("custom_fields", None)
    tags = {name: values.pop(name) for name in TAG_NAMES if name in values}
    addresses = {
        use: values.pop(name) for use in CustomerAddress.USES if (name := f"address_{use}") in values
    }
    lines = values.pop("addresses", None)
    for name, value in _attributes(row, values).items():
        setattr(row, name, value)
    _check_natures(row, before)
    _number(row)
    _set_accounts(row)
    core.save(row, {})
    change_tags(row.tags, tags)
    for use, address in addresses.items():
        _set_address(row, use, address)
    if lines is not None:
        _set_addresses(row, lines)
    write_values(row, custom_fields, is_new=is_new)
    return row


def _attributes(row: Customer, values: dict[str, Any]) -> dict[str, Any]:
    """The model's attributes that a body's values mean."""
    fullname = values.pop("fullname", "")
    if fullname and not {"firstname", "lastname"} & values.keys():
        civility = values.get("civility", row.civility)
        values["firstname"], values["lastname"] = split_name(
            fullname, civility.short_name if civility else ""
        )
    if (archived := values.pop("archived", None)) is not None:
        values["archived_at"] = (row.archived_at or timezone.now()) if archived else None
    if "configs" in values:
        values["configs"] = row.configs | values["configs"]
    return values


def split_name(fullname: str, civility: str = "") -> tuple[str, str]:
    """First and last name of "Mr Jean Le Goff": the first word, then the rest; one word is a last name."""
    words = fullname.split()
    if civility and len(words) > 1 and fullname.startswith(f"{civility} "):
        words = words[len(civility.split()) :]
    return (words[0], " ".join(words[1:])) if len(words) > 1 else ("", " ".join(words))


def _check_natures(row: Customer, before: Iterable[str]) -> None:
    """At least one nature, and the right to create in each that is new."""
    if row.type_id is None:
        raise core.missing("type")
    if not row.natures:
        text = _("Keep at least one of: customer, prospect, supplier, subcontractor.")
        raise Invalid({"is_customer": text}, code="no_nature")
    _may(set(row.natures) - set(before), "create")


def may(natures: Iterable[str], verb: Verb) -> bool:
    """Whether the actor may do a verb in every one of these natures."""
    actor = current_actor()
    return actor is None or all(actor.level(nature) >= LEVELS[verb] for nature in natures)


def _may(natures: Iterable[str], verb: Verb) -> None:
    """Raise PermissionDenied (403) unless `may`."""
    for nature in natures:
        require(current_actor(), nature, LEVELS[verb])


def _number(row: Customer) -> None:
    """Give a reference in each nature that has none yet; it is kept when the nature is switched off."""
    for nature in row.natures:
        if not getattr(row, f"{nature}_reference"):
            setattr(row, f"{nature}_reference", _free_reference(nature))


def _free_reference(nature: str) -> str:
    """The next reference of a nature, which no customer has, deleted ones included."""
    column = f"{nature}_reference"
    return numbering.take_unused(nature, team_today(), Customer.all_objects.all(), column).reference


def _set_accounts(row: Customer) -> None:
    """Accounting accounts of a customer that has none: a prefix and the first letters of its name."""
    sides = {
        "customer": row.is_customer or row.is_prospect,
        "provider": row.is_provider or row.is_subcontractor,
    }
    team = current_team()
    for side, concerned in sides.items():
        if concerned and not getattr(row, f"{side}_account") and not team.parameter(f"{side}_account_custom"):
            letters = account_letters(row.display_name())[: team.parameter(f"{side}_account_length")]
            setattr(row, f"{side}_account", f"{team.parameter(f'{side}_account_prefix')}{letters}"[:20])


def account_letters(name: str) -> str:
    """The unaccented capitals and digits of a name: "Café d'Été" gives "CAFEDETE"."""
    plain = unicodedata.normalize("NFKD", name).upper()
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())


# --- Duplicates -----------------------------------------------------------------------------------


def _refuse_duplicate(row: Customer) -> None:
    """Raise Invalid (422) naming a living customer with the same SIRET, e-mail, or name and postal code."""
    others = Customer.objects.exclude(pk=row.pk)
    for attribute, condition in _duplicate_conditions(row):
        if found := others.filter(condition).order_by("pk").first():
            raise Invalid({attribute: _duplicate_text(found)}, code="duplicate")


def _duplicate_conditions(row: Customer) -> Iterable[tuple[str, Q]]:
    """What would make another customer the same one, and the attribute to show it on."""
    if row.type.is_company and row.company_siret:
        yield "company_siret", Q(company_siret=row.company_siret)
    if row.email:
        yield "email", Q(email__iexact=row.email)
    codes = list(row.addresses.values_list("postal_code", flat=True))
    place = Q(pk__in=CustomerAddress.objects.filter(postal_code__in=codes).values("customer"))
    nowhere = ~Q(pk__in=CustomerAddress.objects.values("customer"))
    yield (
        "company_name" if row.type.is_company else "lastname",
        Q(name__iexact=row.name) & (place if codes else nowhere),
    )


def _duplicate_text(found: Customer) -> str:
    if not visible(Customer).filter(pk=found.pk).exists():
        return _("This customer already exists, but your permissions do not let you see it.")
    reference = next(getattr(found, f"{nature}_reference") for nature in found.natures)
    return _("This customer already exists: %(name)s (%(reference)s).") % {
        "name": found.name,
        "reference": reference,
    }


# --- Addresses ------------------------------------------------------------------------------------


def _set_address(customer: Customer, use: str, values: Mapping[str, Any] | None) -> None:
    """Make or change the customer's address of one use; None leaves the customer without one.

    An address that serves both uses is not changed for the other: the use given gets its own.
    """
    name = f"address_{use}"
    address = getattr(customer, name)
    if values is None:
        _use_addresses(customer, {name: None})
        return
    if address is not None and all(getattr(address, key) == value for key, value in values.items()):
        return
    if address is None or customer.address_invoice_id == customer.address_delivery_id:
        address = _copy(address, customer)
    if absent := [key for key in ADDRESS_REQUIRED if not values.get(key, getattr(address, key, None))]:
        raise Invalid({f"{name}.{key}": _("This field is required.") for key in absent}, code="required")
    _write_address(address, {**values, f"use_for_{use}": True})


def _set_addresses(customer: Customer, lines: Sequence[Mapping[str, Any]]) -> None:
    """Make these all the customer's addresses; one with an "id" is changed, one left out is deleted."""
    rows = {row.pk: row for row in customer.addresses.all()}
    _check_uses(lines)
    for index, line in enumerate(lines):
        values = dict(line)
        row = rows.pop(values.pop("id", None), None) or CustomerAddress()
        row.customer = customer
        try:
            _write_address(row, values)
        except Invalid as error:
            errors = {f"addresses.{index}.{path}": texts for path, texts in error.errors.items()}
            raise Invalid(errors, code=error.code) from error
    for row in rows.values():
        _delete_address(customer, row)


def _check_uses(lines: Sequence[Mapping[str, Any]]) -> None:
    """Raise Invalid on the second line of a use."""
    for name in (f"use_for_{use}" for use in CustomerAddress.USES):
        users = [index for index, line in enumerate(lines) if line.get(name)]
        if len(users) > 1:
            text = _("Another address already serves this use: untick it there first.")
            raise Invalid({f"addresses.{users[1]}.{name}": text}, code="use_taken")


def _copy(address: CustomerAddress | None, customer: Customer) -> CustomerAddress:
    """A new address of the customer, filled as another one."""
    names = ("label", "road1", "road2", "road3", "postal_code", "town", "country")
    return CustomerAddress(
        customer=customer, **({name: getattr(address, name) for name in names} if address else {})
    )


@transaction.atomic
def save_address(row: CustomerAddress, values: Mapping[str, Any]) -> CustomerAddress:
    """Write an address of `row.customer`; `use_for_invoice` and `use_for_delivery` take the use from another.

    Raises Invalid (422), PermissionDenied (403) unless the actor may edit the customer.
    """
    _may(row.customer.natures, "update")
    return _write_address(row, values)


def _write_address(row: CustomerAddress, values: Mapping[str, Any]) -> CustomerAddress:
    """The address itself, then its uses on the customer."""
    uses = {use: values.get(f"use_for_{use}") for use in CustomerAddress.USES}
    core.save(
        row, {name: value for name, value in values.items() if name.removeprefix("use_for_") not in uses}
    )
    changes: dict[str, CustomerAddress | None] = {}
    for use, wanted in uses.items():
        if wanted:
            changes[f"address_{use}"] = row
        elif wanted is False and getattr(row.customer, f"address_{use}_id") == row.pk:
            changes[f"address_{use}"] = None
    _use_addresses(row.customer, changes)
    return row


@transaction.atomic
def delete_address(row: CustomerAddress) -> None:
    """Delete an address; the customer is left without it. Raises PermissionDenied (403) as `save_address`."""
    _may(row.customer.natures, "update")
    _delete_address(row.customer, row)


def _delete_address(customer: Customer, row: CustomerAddress) -> None:
    """Take an address out of its uses, then away."""
    uses = [f"address_{use}" for use in CustomerAddress.USES]
    _use_addresses(customer, {name: None for name in uses if getattr(customer, f"{name}_id") == row.pk})
    row.delete()


def _use_addresses(customer: Customer, changes: Mapping[str, CustomerAddress | None]) -> None:
    """Set the customer's links; even without any, its address changed, so the customer counts as edited."""
    for name, address in changes.items():
        setattr(customer, name, address)
    customer.save(update_fields=[*changes, "updated_at"])


# --- Contacts -------------------------------------------------------------------------------------


def create_contact(values: Mapping[str, Any]) -> Contact:
    """A new contact. `values`: attributes, `customers`, `custom_fields`, and `tags`, `attach_tags`.

    Raises Invalid (422).
    """
    return update_contact(Contact(), values)


@transaction.atomic
def update_contact(row: Contact, values: Mapping[str, Any]) -> Contact:
    """Change some attributes of a contact. Customers that the actor cannot see stay attached."""
    wanted, is_new = dict(values), row._state.adding
    custom_fields = wanted.pop("custom_fields", None)
    tags = {name: wanted.pop(name) for name in TAG_NAMES if name in wanted}
    if "customers" in wanted and row.pk is not None:
        wanted["customers"] = [*wanted["customers"], *_hidden_customers(row)]
    core.save(row, wanted)
    change_tags(row.tags, tags)
    write_values(row, custom_fields, is_new=is_new)
    return row


def _hidden_customers(contact: Contact) -> models.QuerySet[Any]:
    """Customers of a contact that the actor cannot see."""
    return contact.customers.exclude(pk__in=visible(Customer).values("pk"))
