"""Values of rows that are worked out for many rows at once, as `prefetch_related` fetches links.

class Opportunity(TenantModel):
    figures = PerRow(figures_of)  # figures_of(rows) -> {row.pk: figures}

Opportunity.objects.prefetch_related("figures")[0].figures
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects

__all__ = ["PerRow"]


@dataclass
class _Held:
    """The value of one row."""

    row_id: int
    value: Any


class PerRow:
    """An attribute of a model, worked out by `load(rows)`, which answers values by the rows' ids."""

    def __init__(self, load: Callable[[Sequence[Any]], Mapping[int, Any]]) -> None:
        self.load = load

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.cache_name = name

    def __get__(self, row: Any, owner: Any = None) -> Any:
        if row is None:
            return self
        if not self.is_cached(row):
            prefetch_related_objects([row], self.cache_name)
        return row._state.fields_cache[self.cache_name].value

    def is_cached(self, row: Any) -> bool:
        """Whether the row has its value already."""
        return self.cache_name in row._state.fields_cache

    def forget(self, row: Any) -> None:
        """What the value comes from was changed: work it out again when it is asked for."""
        row._state.fields_cache.pop(self.cache_name, None)

    def get_prefetch_querysets(self, instances: list[Any], querysets: Any = None) -> tuple[Any, ...]:
        """Django's protocol: the values, how they match rows, one for each, kept under `cache_name`."""
        if querysets:
            raise ValueError(f"{self.cache_name} takes no queryset.")
        values = self.load(instances)
        held = [_Held(row.pk, values.get(row.pk)) for row in instances]
        return held, lambda item: item.row_id, lambda row: row.pk, True, self.cache_name, False
