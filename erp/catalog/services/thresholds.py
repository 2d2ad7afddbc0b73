"""Thresholds of stocks: noticing that a movement reaches one, and telling those whom the team names.

Only the movement that crosses a threshold counts, not each one beyond it. What the eight settings
`stock_notifications_<stock>_<threshold>` mean follows their names: `alert` and `min` are the product's
levels, reached from above; `max` is its maximum, reached from below; `no` is nothing left. (The reference's
labels of `_max` and `_no` are each other's.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from erp.catalog.models import Product, StockMovement
from erp.catalog.signals import stock_alert
from erp.core.scope import current_team
from tenants.models import TeamUser
from tenants.services.mails import send_mail

__all__ = ["Crossing", "Threshold", "announce", "crossings_of", "mail_crossings"]

Kind = StockMovement.Kind


class Threshold(models.TextChoices):
    """Levels of a stock, by the last word of their settings' names; the more serious of two comes first."""

    NONE = "no", _("Out of stock")
    MINIMUM = "min", _("At or below the minimum")
    ALERT = "alert", _("At the alert level")
    MAXIMUM = "max", _("At or above the maximum")


#: The column of the product that holds a threshold; nothing left is at zero.
COLUMNS = {
    Threshold.MINIMUM: "stock_minimum",
    Threshold.ALERT: "stock_alert",
    Threshold.MAXIMUM: "stock_maximum",
}
SETTINGS = {Kind.REAL: "stock_notifications_real", Kind.THEORETICAL: "stock_notifications_theorical"}


@dataclass(frozen=True, slots=True)
class Crossing:
    """A stock of a product that reached a threshold: `quantity` is left, `limit` is the threshold's level."""

    product_id: int
    kind: str
    threshold: str
    quantity: Decimal
    limit: Decimal

    @property
    def setting(self) -> str:
        """The team's setting that says whether this is told."""
        return f"{SETTINGS[Kind(self.kind)]}_{self.threshold}"


def crossings_of(product: Product, kind: str, before: Decimal, after: Decimal) -> Iterator[Crossing]:
    """The thresholds that a stock reached by going from `before` to `after`."""
    for threshold in Threshold:
        limit = getattr(product, COLUMNS[threshold]) if threshold in COLUMNS else Decimal(0)
        if limit is None:
            continue
        rises = threshold == Threshold.MAXIMUM
        if (before < limit <= after) if rises else (after <= limit < before):
            yield Crossing(product.pk, str(kind), threshold.value, after, limit)


def announce(crossings: Sequence[Crossing]) -> None:
    """Tell the chapters above; and by mail, after the commit, the people whom the team names.

    Nothing of a sandbox leaves the machine.
    """
    if not crossings:
        return
    stock_alert.send(sender=Product, crossings=crossings)
    team = current_team()
    told = _most_serious(crossing for crossing in crossings if team.parameter(crossing.setting))
    if told and team.parameter("stock_notifications_users") and not team.is_sandbox:
        from erp.catalog.tasks import mail_stock_alert

        rows = [asdict(crossing) | {"quantity": str(crossing.quantity)} for crossing in told]
        rows = [row | {"limit": str(row["limit"])} for row in rows]
        transaction.on_commit(partial(mail_stock_alert.enqueue, team.pk, rows), robust=True)


def _most_serious(crossings: Iterable[Crossing]) -> list[Crossing]:
    """Of each stock of each product one crossing: who reads of an empty shelf needs no alert level."""
    found: dict[tuple[int, str], Crossing] = {}
    for crossing in crossings:
        found.setdefault((crossing.product_id, crossing.kind), crossing)
    return list(found.values())


def mail_crossings(crossings: Iterable[Crossing]) -> None:
    """One mail, listing the products, to each person whom the team names and who may see stock."""
    crossings = list(crossings)
    products = Product.all_objects.select_related("unit").in_bulk([item.product_id for item in crossings])
    rows = [_row(item, products[item.product_id]) for item in crossings if item.product_id in products]
    team = current_team()
    keys = team.parameter("stock_notifications_users")
    people = TeamUser.objects.filter(pk__in=keys, active=True).select_related("user", "team").order_by("pk")
    for person in people:
        if rows and person.level("see-stock"):
            address = settings.BASE_URL + reverse("admin:catalog_product_changelist")
            told = {"address": address, "rows": rows, "count": len(rows)}
            send_mail(team, "stock_alert", person.user.email, reader=person.user, **told)


def _row(crossing: Crossing, product: Product) -> dict[str, Any]:
    return {
        "product": str(product),
        "stock": Kind(crossing.kind).label,
        "level": Threshold(crossing.threshold).label,
        "quantity": _plain(crossing.quantity),
        "limit": _plain(crossing.limit),
        "unit": product.unit.label if product.unit else "",
    }


def _plain(value: Decimal) -> Decimal:
    """The same number without useless zeros, nor an exponent."""
    return Decimal(f"{value.normalize():f}")
