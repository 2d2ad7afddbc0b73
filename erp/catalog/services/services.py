"""What can happen to services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from erp.catalog.durations import hours_of, work_cost
from erp.catalog.models import Service, ServiceProduct
from erp.catalog.services.elements import chosen_rate, merged, resolve, sale_amounts, write
from erp.catalog.services.needs import needs_of, planned_needs, products_cost, save_needs
from erp.catalog.services.prices import plan_prices, save_prices
from erp.core.errors import Invalid
from erp.core.money import AMOUNT_PLACES
from erp.core.scope import current_team
from erp.customfields.services import write_values
from erp.various.services import clean_html

__all__ = ["average_hourly_cost", "create_service", "update_service"]

#: Attributes that name a row of a list, which is made when it is new.
NAMED = ("unit", "sale_category")
COSTS = ("products_costs", "workforce_costs", "various_costs")
#: What a cost of work follows from.
WORK = ("hourly_person_cost", "number_people_needed", "duration", "duration_type")
ZERO = Decimal(0)


def create_service(values: Mapping[str, Any]) -> Service:
    """A new service. Raises Invalid (422) by attribute.

    Without a reference one is given, unless the team types its own (`service_reference_manual`). Without an
    hourly cost the team's average counts. `products` are rows {"product", "quantity"}, `technicians` team
    users; both lists can also be changed with `add_…` and `remove_…`. The costs of products and of work
    follow from the rest unless they are given. Custom prices are those of `prices`.
    """
    return _save_service(Service(), dict(values))


def update_service(service: Service, values: Mapping[str, Any]) -> Service:
    """Change some attributes of a service (locked). A cost given as null follows from the rest again."""
    return _save_service(service, dict(values))


@transaction.atomic
def _save_service(service: Service, values: dict[str, Any]) -> Service:
    is_new, custom_fields = service._state.adding, values.pop("custom_fields", None)
    resolve(service, values, NAMED)
    if values.get("work_description"):
        values["work_description"] = clean_html(values["work_description"])
    if values.get("hourly_person_cost", None if is_new else ZERO) is None:
        values["hourly_person_cost"] = average_hourly_cost()
    _choose_technicians(service, values)
    needs, prices = planned_needs(service, values), plan_prices(service, values)
    _set_costs(service, values, needs)
    costs = sum((_after(service, values, name) for name in COSTS), ZERO)
    write(service, values | sale_amounts(service, values, chosen_rate(service, values), costs))
    if needs is not None:
        save_needs(service, needs)
    save_prices(service, prices)
    write_values(service, custom_fields, is_new=is_new)
    return service


def average_hourly_cost() -> Decimal:
    """What an hour of a technician costs the team, by its settings."""
    return Decimal(current_team().parameter("average_hourly_person_cost"))


def _after(service: Service, values: Mapping[str, Any], name: str) -> Any:
    """What an attribute is once `values` are set."""
    return values.get(name, getattr(service, name))


def _choose_technicians(service: Service, values: dict[str, Any]) -> None:
    """Settle who may do a service: everyone, or those who are named. Raises Invalid (422)."""
    are_named = bool(values.get("technicians") or values.get("add_technicians"))
    if are_named and values.get("allowed_all_technicians"):
        text = _("Every technician may do this service: name some, or say that everyone may, not both.")
        raise Invalid({"technicians": text})
    present = {} if service._state.adding else {row.pk: row for row in service.technicians.all()}
    chosen = merged(values, "technicians", present, lambda row: row.pk)
    if are_named:
        values["allowed_all_technicians"] = False
    if _after(service, values, "allowed_all_technicians"):
        chosen = {}
    if chosen is not None:
        values["technicians"] = list(chosen.values())


def _set_costs(service: Service, values: dict[str, Any], needs: Sequence[ServiceProduct] | None) -> None:
    """The costs of products and of work: as typed, else as they follow from the rest.

    A cost is typed when it is given and differs both from what the service has (an answer that is sent back
    changes nothing) and from what follows from the rest.
    """
    if needs is None:
        needs = () if service._state.adding else needs_of([service])[service.pk]
    hourly, people, duration, kind = (_after(service, values, name) for name in WORK)
    for name, cost in (
        ("products_costs", products_cost(needs)),
        ("workforce_costs", work_cost(hourly, people, hours_of(duration, kind), AMOUNT_PLACES)),
    ):
        is_typed, given = getattr(service, f"{name}_typed"), values.get(name)
        if name in values and (service._state.adding or given != getattr(service, name)):
            is_typed = given is not None and given != cost
        values[f"{name}_typed"] = is_typed
        values[name] = (getattr(service, name) if given is None else given) if is_typed else cost
