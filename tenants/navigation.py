"""The admin's menu by job, the team switcher, the label of the sandbox."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from erp.core.admin import TenantAdmin
from erp.core.scope import unscoped
from tenants.models import TeamUser, User

__all__ = [
    "GROUPS",
    "account_links",
    "active_team_name",
    "environment",
    "memberships",
    "offered_pages",
    "sidebar",
    "team_switcher",
]

#: Groups of the menu, in order: (key that a TenantAdmin's `menu` names, label, folded at first).
GROUPS = (
    ("sell", _("Sales"), False),
    ("customers", _("Customers and suppliers"), False),
    ("catalog", _("Catalog and stock"), False),
    ("buy", _("Purchases"), False),
    ("worksites", _("Worksites"), False),
    ("planning", _("Calendar and tasks"), False),
    ("communication", _("Communication"), False),
    ("connectors", _("Connections"), True),
    ("settings", _("Settings"), True),
)


def active_team_name(request: Any) -> str:
    """The team that the page is about."""
    actor = getattr(request, "actor", None)
    return str(actor.team) if actor else ""


def environment(request: Any) -> list[Any] | None:
    """The label in the header of sandbox pages: [text, colour]."""
    actor = getattr(request, "actor", None)
    return [_t("Test mode"), "warning"] if actor and actor.team.is_sandbox else None


def memberships(user: Any) -> list[TeamUser]:
    """The teams that a user may turn to, by name; sandboxes are reached from their team."""
    with unscoped("a person may belong to several teams"):
        usable = Q(user=user, active=True, team__sandbox_of=None)
        return list(
            TeamUser.objects.filter(usable).select_related("team").order_by("team__company_name", "pk")
        )


def team_switcher(request: Any) -> list[dict[str, Any]]:
    """Lines of the menu under the team's name; each is sent by POST with its `attrs` as fields."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return []
    home = actor.team.sandbox_of_id or actor.team_id
    others = [member.team for member in memberships(request.user)]
    switch = reverse("admin:switch_team")
    lines = [_team_line(switch, team, current=team.pk == home) for team in others] if len(others) > 1 else []
    return [*lines, _sandbox_line(actor.team.is_sandbox)]


def _team_line(address: str, team: Any, *, current: bool) -> dict[str, Any]:
    icon = "check" if current else "apartment"
    return {"title": str(team), "link": address, "icon": icon, "attrs": {"team": team.pk}}


def _sandbox_line(inside: bool) -> dict[str, Any]:
    title = _t("Leave test mode") if inside else _t("Test mode")
    fields = {"sandbox": "" if inside else "1"}
    return {"title": title, "link": reverse("admin:switch_sandbox"), "icon": "science", "attrs": fields}


def offered_pages(request: Any) -> list[TenantAdmin]:
    """The admins in the menu that the team user may read, in the order of the menu."""
    order = {key: number for number, (key, _label, _folded) in enumerate(GROUPS)}
    pages = [page for page in admin.site._registry.values() if isinstance(page, TenantAdmin) and page.menu]
    pages.sort(key=lambda page: (order[page.menu[0]], page.menu[1], page.opts.model_name))  # type: ignore[index]
    return [page for page in pages if page.has_view_permission(request)]


def account_links(request: Any) -> list[dict[str, Any]]:
    """Lines of the menu under the person's name, before those about the password and signing out."""
    page = admin.site._registry.get(User)
    if not isinstance(page, TenantAdmin) or not page.has_view_permission(request):
        return []
    return [{"title": _t("My account"), "link": page.list_url()}]


def sidebar(request: Any) -> list[dict[str, Any]]:
    """Groups of the menu, as unfold reads them; empty groups are left out."""
    pages = offered_pages(request)
    home = {"title": _t("Dashboard"), "icon": "home", "link": reverse("admin:index")}
    groups: list[dict[str, Any]] = [{"items": [home]}]
    for key, label, folded in GROUPS:
        items = [_menu_item(page) for page in pages if page.menu and page.menu[0] == key]
        if items:
            groups.append({"title": label, "items": items, "collapsible": folded})
    return groups


def _menu_item(page: TenantAdmin) -> dict[str, Any]:
    title, link = page.menu_entry()
    return {"title": title, "icon": page.icon, "link": link}
