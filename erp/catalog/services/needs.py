"""What services use up: the products that they need, and what these cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from erp.catalog import pricing
from erp.catalog.models import Product, Service, ServiceProduct
from erp.catalog.services.elements import merged
from erp.core.errors import Invalid
from erp.core.money import round_half_up
from erp.core.services import validated

__all__ = ["needs_of", "planned_needs", "products_cost", "recost_services", "save_needs"]

ZERO = Decimal(0)
#: Columns of a service that follow from its costs.
FOLLOWING = ("products_costs", "total_costs", "gross_margin_amount", "gross_margin_rate", "markup_rate")


def products_cost(needs: Iterable[ServiceProduct]) -> Decimal:
    """What needed products cost the company, rounded once."""
    return round_half_up(sum((need.cost for need in needs), ZERO))


def needs_of(services: Iterable[Service]) -> dict[int, list[ServiceProduct]]:
    """The needed products of services by the service's id, in one query; those deleted since left out."""
    rows = ServiceProduct.objects.filter(service__in=list(services), product__deleted_at=None)
    found: dict[int, list[ServiceProduct]] = defaultdict(list)
    for need in rows.select_related("product").order_by("pk"):
        found[need.service_id].append(need)
    return found


def planned_needs(service: Service, values: dict[str, Any]) -> list[ServiceProduct] | None:
    """What a service (locked, or new) will need by the lists of products among `values`, which it takes out.

    Rows of the lists are {"product", "quantity"}; without a quantity a new product is needed once. None when
    nothing changes. The rows are for `save_needs`. Raises Invalid (422) by the place of what is wrong.
    """
    rows = [] if service._state.adding else needs_of([service])[service.pk]
    present = {need.product_id: need for need in rows}
    kept = {key: {"product": need.product} for key, need in present.items()}
    wanted = merged(values, "products", kept, lambda row: row["product"].pk)
    if wanted is None:
        return None
    products = _held(wanted.keys() - present.keys())
    errors: dict[str, list[str]] = {}
    needs = []
    for number, (key, row) in enumerate(wanted.items()):
        need = present.get(key) or ServiceProduct(service=service, product=products[key])
        if row.get("quantity") is not None:
            need.quantity = row["quantity"]
        needs.append(need)
        try:
            validated(need)
        except Invalid as error:
            errors |= {f"products.{number}.{path}": texts for path, texts in error.errors.items()}
    if errors:
        raise Invalid(errors)
    return needs


def save_needs(service: Service, needs: Sequence[ServiceProduct]) -> None:
    """Write what a saved service needs; what it does not need any more goes."""
    gone = ServiceProduct.objects.filter(service=service)
    gone.exclude(product__in=[need.product_id for need in needs]).hard_delete()
    for need in needs:
        need.service = service
        need.save()


def _held(keys: Iterable[int]) -> dict[int, Product]:
    """Products, locked until the end of the transaction: none is deleted or gets other costs meanwhile.

    Only those that a service starts to need: who changes a product's costs locks it first, and then the
    services that need it already (`recost_services`), so the two never wait for each other.
    """
    wanted = set(keys)
    rows = Product.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
    found = {row.pk: row for row in rows} if wanted else {}
    if missing := wanted - found.keys():
        text = _("There is no such element: %(id)s.") % {"id": min(missing)}
        raise Invalid({"products": text}, code="unknown")
    return found


def recost_services(product: Product) -> None:
    """Give the services that need a product (locked and saved) the costs that follow from it.

    Costs that somebody typed stay. Any number of services costs the same number of queries.
    """
    keys = product.service_needs.values("service_id")
    services = list(
        Service.objects.select_for_update(no_key=True)
        .filter(pk__in=keys, products_costs_typed=False)
        .order_by("pk")
    )
    if not services:
        return
    needs = needs_of(services)
    for service in services:
        service.products_costs = products_cost(needs[service.pk])
        service.total_costs = service.products_costs + service.workforce_costs + service.various_costs
        for name, value in pricing.margins(service.unit_price_ht, service.total_costs).items():
            setattr(service, name, value)
        validated(service)
    Service.objects.bulk_update(services, FOLLOWING)
