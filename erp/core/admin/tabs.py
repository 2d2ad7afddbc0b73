"""Tabs over a list: the selections that people turn to most, each with how many rows it has."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.views.main import PAGE_VAR
from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

__all__ = ["ListTab", "choice_tabs", "shown_tabs"]


@dataclass(frozen=True)
class ListTab:
    """A selection: its name, what its address says (filters of the list), which rows it has."""

    label: Any
    query: Mapping[str, str]
    condition: Callable[[], Q]


EVERYTHING = ListTab(_("All"), {}, Q)


def choice_tabs(choices: Iterable[tuple[Any, Any]], name: str = "status") -> list[ListTab]:
    """A tab for each value of a column that the list's filters name."""

    def tab(value: Any, label: Any) -> ListTab:
        return ListTab(label, {f"{name}__exact": str(value)}, lambda: Q(**{name: value}))

    return [tab(value, label) for value, label in choices]


def shown_tabs(request: HttpRequest, listed: Any, tabs: Sequence[ListTab]) -> list[dict[str, Any]]:
    """The tabs with their addresses and counts, by one query; those without a row are left out.

    Search and the other filters stay when a tab is chosen, and are in the counts. `listed`: the ChangeList.
    """
    names = {name for tab in tabs for name in tab.query}
    others = copy.copy(listed)
    others.filter_params = {name: value for name, value in listed.filter_params.items() if name not in names}
    rows = others.get_queryset(request).order_by()
    asked = {f"tab{number}": Count("pk", filter=tab.condition()) for number, tab in enumerate(tabs)}
    counts = rows.aggregate(tab_all=Count("pk"), **asked)
    now = {name: request.GET[name] for name in names if request.GET.get(name)}
    found = [_shown(request, EVERYTHING, counts["tab_all"], names, now)]
    found += [
        _shown(request, tab, counts[f"tab{number}"], names, now)
        for number, tab in enumerate(tabs)
        if counts[f"tab{number}"] or dict(tab.query) == now
    ]
    return found if len(found) > 1 else []


def _shown(
    request: HttpRequest, tab: ListTab, count: int, names: set[str], now: Mapping[str, str]
) -> dict[str, Any]:
    query = request.GET.copy()
    for name in (*names, PAGE_VAR):
        query.pop(name, None)
    query.update(dict(tab.query))
    return {
        "label": tab.label, "count": count, "link": f"?{query.urlencode()}", "is_now": dict(tab.query) == now,
    }  # fmt: skip
