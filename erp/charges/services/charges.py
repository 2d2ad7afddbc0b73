"""Creating, editing and deleting charges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from erp.charges.choices import ChargeStatus
from erp.charges.models import Charge, ChargeContent, Payment
from erp.charges.services.lines import build_lines, compute
from erp.charges.services.payments import SETTLEMENT, status_of
from erp.core import numbering
from erp.core import services as core
from erp.core.access import visible
from erp.core.errors import Conflict, Invalid
from erp.core.scope import current_team
from erp.customers.models import Customer
from erp.customers.settlement.services import why_customer_stays as why_payer_stays
from erp.various.models import Currency
from erp.various.services import team_today
from tenants.parameters import SERIES

__all__ = ["create_charge", "delete_charge", "twin_of", "update_charge", "why_customer_stays"]

CHARGE_SERIES = SERIES["charges"].key
#: What a payment or the use of a credit is made for: it stays as it was.
FIXED_BY_PAYMENT = ("type", "customer", "currency")
#: Statuses that a person chooses.
CHOSEN = (ChargeStatus.DRAFT, ChargeStatus.TO_PAY)


@transaction.atomic
def create_charge(values: Mapping[str, Any]) -> Charge:
    """A new charge, numbered. `values`: the model's attributes, and `contents`, a list of lines.

    A line: `designation`, `quantity`, `unit_price_ht` or `unit_price_ttc`, `vat_rate` or (`custom_vat_rate`)
    `unit_price_tva`, `unit` (a row or its name), `charge_category`, `catalog` (a product or a service).
    The status is the team's `charges_default_status` unless given. Raises Invalid (422) with paths.
    """
    wanted = dict(values)
    contents = wanted.pop("contents", None) or []
    _check_some(contents)
    charge = Charge(status=current_team().parameter("charges_default_status"))
    _set_values(charge, wanted)
    lines = build_lines([(ChargeContent(), row) for row in contents])
    compute(charge, lines)
    _set_status(charge)
    day = min(charge.date, team_today())  # a date mistyped far ahead does not take the series along
    charge.reference = numbering.take_unused(CHARGE_SERIES, day, Charge.all_objects.all()).reference
    core.validated(charge)
    charge.save()
    for line in lines:
        line.charge = charge
    ChargeContent.objects.bulk_create(lines)
    return charge


@transaction.atomic
def update_charge(charge: Charge, values: Mapping[str, Any]) -> Charge:
    """Change a charge; `contents`, when given, is its whole new content: a row with `id` changes that line.

    Raises Invalid (422) with paths, Conflict (409) for what payments and credits have fixed.
    """
    charge = _locked(charge)
    wanted = dict(values)
    contents = wanted.pop("contents", None)
    _check_not_fixed(charge, wanted)
    _set_values(charge, wanted)
    if contents is not None:
        _rewrite(charge, contents)
    _set_status(charge)
    core.validated(charge)
    charge.save()
    if contents is not None and charge.already_paid:
        SETTLEMENT.settle([charge])
    return charge


@transaction.atomic
def delete_charge(charge: Charge) -> None:
    """Delete a charge that nothing pays. Raises Conflict (409) otherwise."""
    charge = _locked(charge)
    if charge.already_paid:
        raise Conflict(_paid_text(charge), code="paid")
    charge.contents.all().delete()
    charge.delete()


def twin_of(charge: Charge) -> Charge | None:
    """Another charge of the same supplier with the same reference of theirs: the same bill entered twice?"""
    if not charge.invoice_reference:
        return None
    twins = visible(Charge).filter(customer=charge.customer_id, type=charge.type)
    twins = twins.filter(invoice_reference__iexact=charge.invoice_reference).exclude(pk=charge.pk)
    found: Charge | None = twins.order_by("pk").first()
    return found


def why_customer_stays(customer: Customer) -> str | None:
    """Why a supplier cannot be deleted: the charges and payments that name it; None when there are none."""
    if Charge.objects.filter(customer=customer).exists():
        return _("%(customer)s has charges: archive it instead of deleting it.") % {"customer": customer}
    return why_payer_stays(Payment, customer)


def _locked(charge: Charge) -> Charge:
    """The charge as it is now, locked."""
    return SETTLEMENT.lock([charge.pk])[charge.pk]


# --- Attributes -------------------------------------------------------------------------------------


def _paid_text(charge: Charge) -> str:
    text = _("%(charge)s is paid for %(paid)s: delete its payments, or take back its credits, first.")
    if charge.is_credit:
        text = _("%(charge)s is used for %(paid)s: take this back first.")
    return text % {"charge": charge, "paid": charge.already_paid}


def _check_not_fixed(charge: Charge, values: Mapping[str, Any]) -> None:
    if not charge.already_paid:
        return
    changed = [
        name
        for name in FIXED_BY_PAYMENT
        if name in values and getattr(values[name], "pk", values[name]) != _key(charge, name)
    ]
    if values.get("status") == ChargeStatus.DRAFT:
        changed.append("status")
    if changed:
        raise Conflict(dict.fromkeys(changed, _paid_text(charge)), code="paid")


def _key(charge: Charge, name: str) -> Any:
    return getattr(charge, f"{name}_id", getattr(charge, name, None))


def _set_values(charge: Charge, values: dict[str, Any]) -> None:
    """Set attributes and what follows from them. Raises Invalid (422) by attribute."""
    if values.get("currency") is None:
        values.pop("currency", None)
        if charge._state.adding:
            values["currency"] = Currency.objects.get(pk=current_team().parameter("currency"))
    if values.get("exchange_rate") is None:
        values.pop("exchange_rate", None)
    _choose_status(charge, values.pop("status", None))
    before = charge.customer_id
    for name, value in values.items():
        setattr(charge, name, value)
    if charge.customer_id != before:
        _check_supplier(charge)
    _check_contact(charge, values, is_moved=charge.customer_id != before)
    if charge.currency_id == current_team().parameter("currency"):
        charge.exchange_rate = Decimal(1)
    if charge.exchange_rate <= 0:
        raise Invalid({"exchange_rate": _("Give a rate above 0.")})


def _choose_status(charge: Charge, status: int | None) -> None:
    """Draft, or to be paid: the others follow from payments; the status that it has is no change."""
    if status is None or status == charge.status:
        return
    if status not in CHOSEN:
        raise Invalid({"status": _("Payments set this status by themselves: give 1 (draft) or 2 (to pay).")})
    charge.status = status


def _set_status(charge: Charge) -> None:
    """The status that follows from what is paid."""
    is_draft = charge.status == ChargeStatus.DRAFT
    charge.status = status_of(charge.total_ttc, charge.already_paid, is_draft=is_draft)


def _check_supplier(charge: Charge) -> None:
    if not (charge.customer.is_provider or charge.customer.is_subcontractor):
        text = _("%(name)s is neither a supplier nor a subcontractor.")
        raise Invalid({"customer": text % {"name": charge.customer}})


def _check_contact(charge: Charge, values: Mapping[str, Any], *, is_moved: bool) -> None:
    """The contact is one of the supplier's; another supplier's goes unless it is given."""
    if is_moved and "contact" not in values:
        charge.contact = None
    contact = values.get("contact")
    if contact is not None and not contact.customers.filter(pk=charge.customer_id).exists():
        text = _("%(contact)s is no contact of %(customer)s.")
        raise Invalid({"contact": text % {"contact": contact, "customer": charge.customer}})


# --- Lines ------------------------------------------------------------------------------------------


def _check_some(contents: Sequence[Any]) -> None:
    """A charge of nothing would pass for a paid one. Raises Invalid (422)."""
    if not contents:
        raise Invalid({"contents": _("Add at least one line.")}, code="required")


def _rewrite(charge: Charge, contents: Sequence[Mapping[str, Any]]) -> None:
    """Replace the lines of a locked charge, which keeps those named by their id."""
    _check_some(contents)
    known = {line.pk: line for line in charge.contents.select_related("vat_rate")}
    typed: list[tuple[ChargeContent, Mapping[str, Any]]] = []
    for number, row in enumerate(contents):
        line = known.pop(row["id"], None) if row.get("id") else ChargeContent(charge=charge)
        if line is None:
            text = _("There is no such element: %(id)s.") % {"id": row["id"]}
            raise Invalid({f"contents.{number}.id": text}, code="unknown")
        typed.append((line, row))
    lines = build_lines(typed)
    compute(charge, lines)
    if charge.total_ttc < charge.already_paid:
        text = _("%(paid)s are paid already: the total cannot be %(total)s.")
        words = {"paid": charge.already_paid, "total": charge.total_ttc}
        raise Invalid({"contents": text % words}, code="paid")
    ChargeContent.objects.filter(pk__in=list(known)).hard_delete()
    for line in lines:
        line.save()
