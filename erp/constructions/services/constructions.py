"""Worksites: what is to do on them, and what they need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from erp.catalog.models import Product, Service
from erp.constructions.models import (
    Construction,
    ConstructionContent,
    ConstructionMaterial,
    ConstructionProduct,
    Planification,
    PlanificationContent,
)
from erp.constructions.services.sharing import flexible, lock, planned, refresh, share_again
from erp.core import services as core
from erp.core.errors import Conflict, Invalid
from erp.core.numbering import declare, take_unused
from erp.core.stored_pdf import PdfStatus
from erp.customers.models import Customer
from erp.customfields.services import write_values
from erp.sales.linked import AFFAIR_CHANGES, link_affairs
from erp.various.services import change_tags, clean_html, team_today

__all__ = ["create_construction", "delete_construction", "update_construction", "why_customer_stays"]

SERIES = declare("construction", "CHA")
TAGS = ("tags", "attach_tags", "detach_tags")
#: Lists of what a worksite needs: attribute -> (model, link).
NEEDS: Mapping[str, tuple[type[Any], str]] = {
    "products": (ConstructionProduct, "product"),
    "materials": (ConstructionMaterial, "material"),
}
#: What a content takes from its service unless it is given; its words it takes from a product too.
FROM_SERVICE = ("reference", "number_people_needed", "duration", "duration_type")


@transaction.atomic
def create_construction(values: Mapping[str, Any]) -> Construction:
    """A new worksite, numbered. Raises Invalid (422).

    `contents`, `products` and `materials` are rows of values; `tags`, `custom_fields` and `affairs` (with
    their `add_`, `remove_`, `attach_`, `detach_` forms) as elsewhere. What a content leaves out, the service
    of the catalog that it names says.
    """
    row = Construction(reference=take_unused(SERIES, team_today(), Construction.all_objects.all()).reference)
    return _save(row, dict(values))


@transaction.atomic
def update_construction(construction: Construction, values: Mapping[str, Any]) -> Construction:
    """Change a worksite. Lists, when given, are the whole new lists: contents named by `id` are kept.

    Raises Invalid (422), among others when less of a content would be left than is planned of it.
    """
    return _save(lock(construction), dict(values))


def _save(row: Construction, values: dict[str, Any]) -> Construction:
    is_new = row._state.adding
    custom_fields = values.pop("custom_fields", None)
    affairs: dict[str, Any] = {name: values.pop(name) for name in AFFAIR_CHANGES if name in values}
    tags = {name: values.pop(name) for name in TAGS if name in values}
    contents = values.pop("contents", None)
    needs = {name: values.pop(name) for name in NEEDS if values.get(name) is not None}
    for name, value in values.items():
        setattr(row, name, value)
    if row.contact is not None and not row.contact.customers.filter(pk=row.customer_id).exists():
        text = _("%(contact)s is no contact of %(customer)s.")
        raise Invalid({"contact": text % {"contact": row.contact, "customer": row.customer}})
    row.pdf_status, row.pdf_file = PdfStatus.WAIT, None
    core.save(row, {})
    if contents is not None:
        _set_contents(row, contents)
    for name, rows in needs.items():
        _set_needs(row, name, rows)
    change_tags(row.tags, tags)
    link_affairs(row, affairs)
    write_values(row, custom_fields, is_new=is_new)
    refresh(row)
    Construction.invoice_status.forget(row)
    Construction.documents.forget(row)
    return row


def _set_contents(construction: Construction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Make the contents those given, and share them anew among planifications of all contents."""
    known = {row.pk: row for row in ConstructionContent.objects.filter(construction=construction)}
    takers = flexible(construction)
    fixed = planned(construction, planification__in=takers)
    PlanificationContent.objects.filter(planification__in=takers).hard_delete()
    for place, values in enumerate(rows):
        key = values.get("id")
        if key is not None and key not in known:
            raise Invalid({f"contents.{place}.id": _("There is no such element: %(id)s.") % {"id": key}})
        content = ConstructionContent(construction=construction) if key is None else known.pop(key)
        content.place, content.planified_quantity = place, fixed[content.pk] if key else 0
        with errors_below(f"contents.{place}"):
            _write_content(content, {name: value for name, value in values.items() if name != "id"})
    for content in known.values():
        if fixed[content.pk]:
            text = _("“%(content)s” is planned: change its planifications first.")
            raise Invalid({"contents": text % {"content": content}})
        ConstructionContent.objects.filter(pk=content.pk).hard_delete()
    share_again(construction)


def _write_content(content: ConstructionContent, values: dict[str, Any]) -> None:
    if "catalog" in values:
        element = values.pop("catalog")
        values["product"] = element if isinstance(element, Product) else None
        values["service"] = element if isinstance(element, Service) else None
    if values.get("product") and values.get("service"):
        raise Invalid({"service": _("Choose a product or a service, not both.")})
    service = values.get("service")
    element = service or values.get("product")
    if element is not None and not values.get("designation", content.designation):
        values["designation"] = element.designation or element.name
    if service is not None and content._state.adding:
        given = {name: value for name, value in values.items() if value not in (None, "")}
        values = {name: getattr(service, name) for name in FROM_SERVICE} | given
    if not values.get("duration_type"):
        values.pop("duration_type", None)
    for name, value in values.items():
        if value is not None or name in ("product", "service"):
            setattr(content, name, value)
    content.designation = clean_html(content.designation)
    if content.quantity < content.planified_quantity:
        text = _("%(planned)s are planned already: plan less of it first.")
        raise Invalid({"quantity": text % {"planned": f"{content.planified_quantity.normalize():f}"}})
    core.save(content, {})


def _set_needs(construction: Construction, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Make the needed products, or the equipment, those given."""
    model, target = NEEDS[name]
    known = {getattr(row, f"{target}_id"): row for row in model.objects.filter(construction=construction)}
    seen: set[int] = set()
    for number, values in enumerate(rows):
        wanted = values[target]
        if wanted.pk in seen:
            raise Invalid({f"{name}.{number}.{target}": _("This element is named twice.")}, code="twice")
        seen.add(wanted.pk)
        row = known.get(wanted.pk) or model(construction=construction)
        with errors_below(f"{name}.{number}"):
            core.save(row, {target: wanted, "quantity": values.get("quantity") or row.quantity})
    gone = [row.pk for key, row in known.items() if key not in seen]
    model.objects.filter(pk__in=gone).hard_delete()


@contextmanager
def errors_below(path: str) -> Iterator[None]:
    """Errors of a row, named below the path of the row."""
    try:
        yield
    except Invalid as error:
        raise Invalid(
            {f"{path}.{name}" if name else path: text for name, text in error.errors.items()}
        ) from error


@transaction.atomic
def delete_construction(construction: Construction) -> None:
    """Delete a worksite. Raises Conflict (409) while it has planifications."""
    row = lock(construction)
    count = Planification.objects.filter(construction=row).count()
    if count:
        text = _("The worksite has %(count)d planifications: delete them first.")
        raise Conflict(text % {"count": count}, code="kept")
    core.delete(row)


def why_customer_stays(customer: Customer) -> str | None:
    """Why a customer cannot be deleted: its worksites; None when it has none."""
    if not Construction.objects.filter(customer=customer).exists():
        return None
    return _("%(customer)s has worksites: archive it instead of deleting it.") % {"customer": customer}
