"""The admin site: open to every active member of a team, one team at a time."""

from __future__ import annotations

import time
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from unfold.dataclasses import SearchResult
from unfold.sites import UnfoldAdminSite

from erp.core.admin import TenantAdmin

__all__ = ["Site", "attempted_username", "locked_out"]

#: Packages whose pages must be TenantAdmins.
OURS = ("erp.", "tenants.", "connectors.")
#: Rows of one model that the command palette shows at most.
PALETTE_ROWS = 8
#: Shorter words are looked for among pages only.
PALETTE_WORD = 2


class Site(UnfoldAdminSite):
    """Every page is about the active team of `request.actor` (see middleware.py)."""

    index_title = gettext_lazy("Dashboard")

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and getattr(request, "actor", None))

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only pages that know teams: those that libraries bring along are left out."""
        if admin_class is not None and issubclass(admin_class, TenantAdmin):
            super().register(model_or_iterable, admin_class, **options)
        elif getattr(admin_class, "__module__", "erp.").startswith(OURS):
            raise TypeError(f"Register {model_or_iterable} with a TenantAdmin.")

    def get_urls(self) -> list[Any]:
        """Unfold's, the team switch, and a way out for people without a team."""
        return [
            path("logout/", self.logout, name="logout"),
            path("team/", self.admin_view(require_POST(switch_team)), name="switch_team"),
            path("sandbox/", self.admin_view(require_POST(switch_sandbox)), name="switch_sandbox"),
            *(page for page in super().get_urls() if getattr(page, "name", "") != "view_on_site"),
        ]

    @method_decorator(never_cache)
    @login_not_required
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The sign-in page; people who are signed in but have no team are told what to do."""
        if request.user.is_authenticated and not self.has_permission(request):
            context = {**self.each_context(request), "title": _("You are not in any team yet")}
            return TemplateResponse(request, "admin/no_team.html", context, status=403)
        return super().login(request, extra_context)

    def search(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The command palette: pages, then rows. Nothing is cached, so that no other team's row can show."""
        start, term = time.monotonic(), request.GET.get("s", "").strip()
        if not term:
            return HttpResponse()
        extended = "extended" in request.GET
        found = found_pages(request, term) + (found_rows(request, term) if extended else [])
        page = Paginator(found, max(len(found), 1))
        context = {
            "page_obj": page,
            "results": page.page(1),
            "page_counter": 0,
            "execution_time": time.monotonic() - start,
        }
        template = "unfold/helpers/command_results.html" if extended else "unfold/helpers/search_results.html"
        return TemplateResponse(request, template, context, headers={"HX-Trigger": "search"})


def found_pages(request: HttpRequest, term: str) -> list[SearchResult]:
    """Lists and "add" pages whose name contains the term."""
    from tenants.navigation import offered_pages

    found = []
    for page in offered_pages(request):
        name, plural = str(page.opts.verbose_name), capfirst(page.opts.verbose_name_plural)
        if term.lower() not in f"{name} {plural}".lower():
            continue
        found.append(SearchResult(plural, _("List"), page.list_url(), page.icon))
        if page.has_add_permission(request):
            found.append(SearchResult(_("Add %s") % name, _("New"), page.add_url(), "add"))
    return found


def found_rows(request: HttpRequest, term: str) -> list[SearchResult]:
    """The first rows of each model that is in the palette."""
    from tenants.navigation import offered_pages

    if len(term) < PALETTE_WORD:
        return []
    found = []
    for page in offered_pages(request):
        if page.in_palette and page.get_search_fields(request):
            rows, _duplicates = page.get_search_results(request, page.get_queryset(request), term)
            found += [_found_row(page, row) for row in _linked(page, rows)[:PALETTE_ROWS]]
    return found


def _linked(page: TenantAdmin, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows, with the links that the page's list reads too."""
    names = page.list_select_related
    return rows.select_related(*names) if isinstance(names, list | tuple) and names else rows


def _found_row(page: TenantAdmin, row: Any) -> SearchResult:
    kind, note = capfirst(page.opts.verbose_name), page.palette_note(row)
    return SearchResult(str(row), f"{kind} · {note}" if note else kind, page.change_url(row), page.icon)


def switch_team(request: HttpRequest) -> HttpResponse:
    """Turn to another team of the user; the session gets a new key."""
    from tenants.navigation import memberships

    wanted = request.POST.get("team", "")
    team = next((member.team for member in memberships(request.user) if str(member.team_id) == wanted), None)
    if team is None:
        raise Http404
    return _turn_to(request, team)


def switch_sandbox(request: HttpRequest) -> HttpResponse:
    """Turn to the team's sandbox (`sandbox=1`), or back to the team."""
    from tenants import services

    team = request.actor.team  # type: ignore[attr-defined]
    if request.POST.get("sandbox") and not team.is_sandbox:
        team = services.sandbox_member(request.actor).team  # type: ignore[attr-defined]
    elif not request.POST.get("sandbox") and team.is_sandbox:
        team = team.sandbox_of
    return _turn_to(request, team)


def _turn_to(request: HttpRequest, team: Any) -> HttpResponse:
    request.session["team"] = team.pk
    request.session.cycle_key()
    text = (
        _("You now work in test mode. Nothing leaves this computer.")
        if team.is_sandbox
        else _("You now work for %(team)s.")
    )
    messages.success(request, text % {"team": team})
    return HttpResponseRedirect(reverse("admin:index"))


def attempted_username(request: HttpRequest, credentials: Any = None) -> str:
    """Under which name failed sign-ins are counted: the e-mail address, whatever its case."""
    typed = (credentials or {}).get("username") or request.POST.get("username") or ""
    return str(typed).strip().lower()


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None
) -> HttpResponse:
    """The answer to sign-ins after too many failures, right password or not."""
    from django.contrib import admin

    context = {**admin.site.each_context(request), "title": _("Too many attempts")}
    return render(request, "admin/locked_out.html", context, status=429)
