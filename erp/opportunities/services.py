"""What can happen to funnels and opportunities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from erp.core import services as core
from erp.core.errors import Conflict, Invalid
from erp.core.events import announce
from erp.core.numbering import declare, take_unused
from erp.core.scope import current_actor
from erp.customers.models import Customer
from erp.customfields.services import write_values
from erp.opportunities.models import Funnel, FunnelCategory, FunnelStep, Opportunity
from erp.sales.linked import AFFAIR_CHANGES, link_affairs
from erp.various.services import clean_html, localised, team_today
from tenants.models import Team

__all__ = [
    "create_funnel",
    "create_opportunity",
    "delete_funnel",
    "seed_funnel",
    "set_status",
    "update_funnel",
    "update_opportunity",
    "why_customer_stays",
]

SERIES = declare("opportunity", "OPP")
Status = Opportunity.Status
#: When a status was reached.
DATES = {Status.WON: "won_at", Status.LOST: "lost_at", Status.CANCELLED: "cancelled_at"}
EVENTS = {Status.WON: "won", Status.LOST: "lost", Status.CANCELLED: "cancelled"}
#: Its name, and its steps.
FIRST_FUNNEL: tuple[dict[str, Any], ...] = (
    {"name_fr": "Ventes", "name_en": "Sales"},
    {"name_fr": "Premier contact", "name_en": "First contact", "probability": 10},
    {"name_fr": "Besoin confirmé", "name_en": "Need confirmed", "probability": 30},
    {"name_fr": "Devis envoyé", "name_en": "Quotation sent", "probability": 50},
    {"name_fr": "Négociation", "name_en": "Negotiation", "probability": 75},
    {"name_fr": "Accord", "name_en": "Agreement", "probability": 95},
)


# --- Funnels --------------------------------------------------------------------------------------


@transaction.atomic
def create_funnel(values: Mapping[str, Any]) -> Funnel:
    """A new funnel with its `categories` and `steps`, in their order. Raises Invalid (422).

    One without steps gets a first one, as every opportunity stands on a step.
    """
    values = {**values, "steps": values.get("steps") or [{"name": _("New"), "probability": 0}]}
    return _save_funnel(Funnel(), values)


@transaction.atomic
def update_funnel(funnel: Funnel, values: Mapping[str, Any]) -> Funnel:
    """Change a funnel. `categories` and `steps`, when given, are the whole new lists: those named by `id`, or
    else by their name, are kept. `add_categories` adds, `remove_categories` takes away by name.

    Raises Invalid (422); Conflict (409) for a step on which opportunities stand.
    """
    return _save_funnel(funnel, dict(values))


def _save_funnel(funnel: Funnel, values: dict[str, Any]) -> Funnel:
    categories, steps = values.pop("categories", None), values.pop("steps", None)
    added, removed = values.pop("add_categories", None) or [], values.pop("remove_categories", None) or []
    users = values.pop("team_users", None)
    core.save(funnel, values)
    if users is not None:
        funnel.team_users.set(users)
    if categories is not None:
        _set_rows(funnel, FunnelCategory, "label", "categories", categories)
    _change_categories(funnel, added, removed)
    if steps is not None:
        ordered = [{**row, "order": row.get("order") or place} for place, row in enumerate(steps, start=1)]
        if not ordered:
            raise Invalid({"steps": _("A funnel has at least one step.")})
        _set_rows(funnel, FunnelStep, "name", "steps", ordered)
    funnel.__dict__.pop("_prefetched_objects_cache", None)
    return funnel


def _set_rows(
    funnel: Funnel, model: type[Any], name: str, path: str, rows: Iterable[Mapping[str, Any]]
) -> None:
    """Make the rows of a funnel those given; what is not named any more goes."""
    known = {row.pk: row for row in model.objects.filter(funnel=funnel)}
    by_name = {getattr(row, name): row for row in known.values()}
    kept: set[int] = set()
    for number, values in enumerate(rows):
        key = values.get("id")
        if key is not None and key not in known:
            text = _("There is no such element: %(id)s.") % {"id": key}
            raise Invalid({f"{path}.{number}.id": text})
        row = known[key] if key is not None else by_name.get(values.get(name))
        row = model(funnel=funnel) if row is None or row.pk in kept else row
        kept.add(core.save(row, {field: value for field, value in values.items() if field != "id"}).pk)
    for key in known.keys() - kept:
        _remove(known[key])


def _change_categories(funnel: Funnel, added: Iterable[Mapping[str, Any]], removed: Iterable[str]) -> None:
    labels = {row.label: row for row in FunnelCategory.objects.filter(funnel=funnel)}
    for number, label in enumerate(removed):
        if label not in labels:
            text = _("The funnel has no category “%(label)s”.") % {"label": label}
            raise Invalid({f"remove_categories.{number}": text})
        _remove(labels.pop(label))
    for values in added:
        core.save(labels.get(values["label"]) or FunnelCategory(funnel=funnel), values)


def _remove(row: FunnelStep | FunnelCategory) -> None:
    if isinstance(row, FunnelStep):
        count = Opportunity.objects.filter(step=row).count()
        if count:
            text = _("%(count)d opportunities stand on the step “%(step)s”: move them first.")
            raise Conflict({"steps": text % {"count": count, "step": row}})
    else:
        Opportunity.objects.filter(category=row).update(category=None)
    core.delete(row)


def seed_funnel(team: Team) -> Funnel:
    """Give a team, in whose scope it is called, its first funnel, in the installation's language."""
    language = "en" if settings.LANGUAGE_CODE.startswith("en") else "fr"
    name, *steps = (localised(row, language) for row in FIRST_FUNNEL)
    return create_funnel({**name, "steps": steps})


@transaction.atomic
def delete_funnel(funnel: Funnel) -> None:
    """Delete a funnel. Raises Conflict (409) while it has opportunities."""
    count = Opportunity.objects.filter(step__funnel=funnel).count()
    if count:
        text = _("The funnel has %(count)d opportunities: move or delete them first.")
        raise Conflict(text % {"count": count}, code="kept")
    core.delete(funnel)


# --- Opportunities --------------------------------------------------------------------------------


@transaction.atomic
def create_opportunity(values: Mapping[str, Any]) -> Opportunity:
    """A new opportunity, numbered; its chance to win (`probability`) is its step's unless given.

    Raises Invalid (422).
    """
    row = Opportunity(team_user=current_actor())
    row.reference = take_unused(SERIES, team_today(), Opportunity.all_objects.all()).reference
    return _save(row, dict(values))


@transaction.atomic
def update_opportunity(row: Opportunity, values: Mapping[str, Any]) -> Opportunity:
    """Change an opportunity; one that moves to another step, or whose `probability` is None, takes the step's
    chance to win. Raises Invalid (422)."""
    return _save(row, dict(values))


@transaction.atomic
def set_status(row: Opportunity, status: int) -> Opportunity:
    """Won, lost, cancelled, or in progress again."""
    return _save(row, {"status": status})


def _save(row: Opportunity, values: dict[str, Any]) -> Opportunity:
    is_new, before = row._state.adding, (row.step_id, row.status)
    custom_fields = values.pop("custom_fields", None)
    affairs: dict[str, Any] = {name: values.pop(name) for name in AFFAIR_CHANGES if name in values}
    for name, value in values.items():
        setattr(row, name, value)
    row.description = clean_html(row.description)
    if values.get("probability") is None and (row.step_id != before[0] or "probability" in values):
        row.probability = row.step.probability
    _check_links(row)
    _date(row, before[1], is_new=is_new)
    core.save(row, {})
    link_affairs(row, affairs)
    write_values(row, custom_fields, is_new=is_new)
    Opportunity.figures.forget(row)
    Opportunity.documents.forget(row)
    if row.status != before[1] and row.status in EVENTS:
        announce(row, EVENTS[Status(row.status)])
    return row


def _check_links(row: Opportunity) -> None:
    """The category is of the step's funnel, the contact of the customer. Raises Invalid (422)."""
    if row.category is not None and row.category.funnel_id != row.step.funnel_id:
        raise Invalid({"category": _("This category belongs to another funnel than the step.")})
    if row.contact is not None and not row.contact.customers.filter(pk=row.customer_id).exists():
        text = _("%(contact)s is no contact of %(customer)s.")
        raise Invalid({"contact": text % {"contact": row.contact, "customer": row.customer}})


def _date(row: Opportunity, before: int, *, is_new: bool) -> None:
    """Keep the day on which the present status was reached, and no other."""
    if row.status == before and not is_new:
        return
    for status, name in DATES.items():
        setattr(row, name, team_today() if status == row.status else None)


def why_customer_stays(customer: Customer) -> str | None:
    """Why a customer cannot be deleted: its opportunities; None when it has none."""
    if not Opportunity.objects.filter(customer=customer).exists():
        return None
    return _("%(customer)s has opportunities: archive it instead of deleting it.") % {"customer": customer}
