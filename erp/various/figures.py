"""Numbers and amounts as people read and type them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Case, DecimalField, F, Q, QuerySet, Sum, When

from erp.core.money import round_half_up
from erp.core.scope import current_team
from erp.core.written_numbers import shown
from erp.various.models import Currency

__all__ = ["in_team_currency", "money", "shown", "sums"]


def money(value: Decimal, currency: Any = None) -> str:
    """An amount for people, in a currency or else the team's."""
    currency = currency or Currency.objects.filter(pk=current_team().parameter("currency")).first()
    return f"{shown(value, 2)}\u00a0{(currency.symbol or currency.code) if currency else ''}".strip()


def in_team_currency(amount: Any, condition: Q | None = None, minus: Q | None = None) -> Any:
    """The sum of an amount (a column or an expression), brought to the team's currency. Rows that are
    `minus` are deducted."""
    whole = (F(amount) if isinstance(amount, str) else amount) * F("exchange_rate")
    if minus is not None:
        whole = Case(When(minus, then=-whole), default=whole)
    return Sum(whole, filter=condition, output_field=DecimalField(max_digits=20, decimal_places=7))


def sums(queryset: QuerySet[Any], *names: str, minus: Q | None = None, **amounts: Any) -> dict[str, Decimal]:
    """Amounts of a set of documents in the team's currency, by one query: of columns, and of expressions by
    the name to give them. Rows that are `minus` are deducted."""
    wanted = {**dict(zip(names, names, strict=True)), **amounts}
    row = queryset.order_by().aggregate(
        **{f"sum_{name}": in_team_currency(amount, minus=minus) for name, amount in wanted.items()}
    )
    return {name: round_half_up(row[f"sum_{name}"] or Decimal(0)) for name in wanted}
