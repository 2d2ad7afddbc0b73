"""What can be done to rows from a list or from a page, always by POST, with a report of what was refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.enums import ActionVariant

from erp.core.access import Verb, visible
from erp.core.errors import BusinessError

__all__ = ["PAGE_LINKS", "RowsReport", "delete_rows", "row_action"]

#: Links that chapters above add to the pages of rows: each gets the model and the row's key, and gives a
#: button (`title`, `icon`, `path`) or None. The current actor tells who looks.
PAGE_LINKS: list[Callable[[type[models.Model], str], dict[str, Any] | None]] = []

#: Refusals that a report names; the others are counted.
NAMED_REFUSALS = 20


@dataclass
class RowsReport:
    """Does something to each row on its own, and tells which rows refused and why."""

    done: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)

    def run(self, rows: Iterable[Any], work: Callable[[Any], object]) -> RowsReport:
        """Call `work(row)` for each row; what a refused row half-wrote is undone."""
        for row in rows:
            name = str(row)
            try:
                with transaction.atomic():
                    work(row)
            except BusinessError as error:
                self.refused.append((name, error.message))
            else:
                self.done += 1
        return self

    def tell(self, request: HttpRequest, done_text: str) -> None:
        """Show `done_text` (about the rows that are done) and the refusals."""
        if self.done:
            messages.success(request, done_text)
        if not self.refused:
            return
        lines = format_html_join("", "<li>{}: {}</li>", self.refused[:NAMED_REFUSALS])
        count = len(self.refused)
        title = ngettext("%(count)d row was refused:", "%(count)d rows were refused:", count) % {
            "count": count
        }
        messages.error(request, format_html("{}<ul>{}</ul>", title, lines))


def delete_rows(admin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
    """Delete the chosen rows, after a page that asks for confirmation."""
    if not request.POST.get("post"):
        return delete_selected(admin, request, queryset)
    report = RowsReport().run(queryset, lambda row: admin.delete_row(row))
    done = ngettext("%(count)d row was deleted.", "%(count)d rows were deleted.", report.done)
    report.tell(request, done % {"count": report.done})
    return None


delete_rows.allowed_permissions = ("delete",)  # type: ignore[attr-defined]
delete_rows.short_description = gettext_lazy("Delete the chosen rows")  # type: ignore[attr-defined]


def row_action(
    description: Any,
    *,
    verb: Verb = "update",
    icon: str = "",
    confirm: Any = "",
    variant: ActionVariant = ActionVariant.DEFAULT,
    done: Any = "",
    unless: Callable[[Any], Any] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make `method(self, request, row)` a button for `actions_detail` or `actions_row`.

    The guard is asked for `verb`, the row is locked, and the work is one transaction; a BusinessError
    is shown as a message. The method may return a response (a redirect to the document it made); else
    the row's page shows again, with `done` as message. `confirm` is a text shown on a page before.
    `unless(row)` tells why the action is impossible now: the button is grey and says so.
    """

    def decorate(method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def view(self: Any, request: HttpRequest, object_id: str) -> HttpResponse:
            if not self.allows(request, verb):
                raise PermissionDenied
            row = self.get_object(request, unquote(object_id))
            if row is None:
                return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
            if unless is not None and (reason := unless(row)):
                messages.error(request, reason)
                return HttpResponseRedirect(self.change_url(row))
            if request.method != "POST":
                return _ask(self, request, row, description, confirm)
            return _do(self, request, row, method, done)

        view.verb = verb  # type: ignore[attr-defined]
        view.unless = unless  # type: ignore[attr-defined]
        view.short_description = description  # type: ignore[attr-defined]
        view.icon = icon  # type: ignore[attr-defined]
        view.variant = variant  # type: ignore[attr-defined]
        view.attrs = {} if confirm else {"data-post": "1"}  # type: ignore[attr-defined]
        view.original_function_name = method.__name__  # type: ignore[attr-defined]
        return view

    return decorate


def _ask(admin: Any, request: HttpRequest, row: Any, title: Any, text: Any) -> HttpResponse:
    """A page that says what will happen, with the button that does it."""
    context = {
        **admin.admin_site.each_context(request),
        "title": title,
        "subtitle": str(row),
        "opts": admin.opts,
        "original": row,
        "text": text,
        "back": admin.change_url(row),
    }
    return TemplateResponse(request, "admin/confirm_action.html", context)


def _do(admin: Any, request: HttpRequest, row: Any, method: Callable[..., Any], done: Any) -> HttpResponse:
    try:
        with transaction.atomic():
            locked = visible(admin.model).select_for_update(of=("self",)).get(pk=row.pk)
            response = method(admin, request, locked)
    except BusinessError as error:
        messages.error(request, error.message)
        return HttpResponseRedirect(admin.change_url(row))
    if isinstance(response, HttpResponse):
        return response
    messages.success(request, done or _("Done."))
    return HttpResponseRedirect(admin.change_url(row))
