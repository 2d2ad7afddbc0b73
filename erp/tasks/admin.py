"""Tasks, as people see them: what is late, for today, soon and later; ended with one click."""

from __future__ import annotations

import datetime
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin
from django.db.models import F, QuerySet
from django.forms.utils import to_current_timezone
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSplitDateTimeWidget, UnfoldAdminTextareaWidget

from erp.core.access import SwitchKey
from erp.core.admin import RowsReport, TenantAdmin, row_action
from erp.core.admin.elements import ElementsMixin, elements_form
from erp.core.scope import current_actor
from erp.tasks import services
from erp.tasks.agenda import GROUPS, group_condition, group_of
from erp.tasks.choices import ELEMENTS, Priority, Status
from erp.tasks.models import Task
from erp.various.models import TaskCategory
from erp.various.services import html_of_text, team_today, text_of_html

GROUP_COLORS = {
    "late": "danger",
    "today": "warning",
    "soon": "info",
    "later": "default",
    "far": "default",
    "none": "default",
    "ended": "success",
}
STATUS_COLORS = {
    Status.TO_DO: "default",
    Status.RUNNING: "info",
    Status.WAITING: "warning",
    Status.ENDED: "success",
}


class EndedFilter(DropdownFilter):
    """Ended tasks are out of the way until asked for."""

    title = _("state")
    parameter_name = "ended"
    all_option = ["", _("Still to do")]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("Ended")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        ended = {"status": Status.ENDED}
        return queryset.filter(**ended) if self.value() == "1" else queryset.exclude(**ended)


class WhenFilter(DropdownFilter):
    """Late, today, soon, later: by the deadline and the settings of whoever looks."""

    title = _("deadline")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(GROUPS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        return queryset.filter(group_condition(chosen, current_actor())) if chosen in GROUPS else queryset


class DeadlineField(forms.SplitDateTimeField):
    """A day and, if it matters, an hour: a day alone is kept as its first moment."""

    widget = UnfoldAdminSplitDateTimeWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def clean(self, value: Any) -> Any:
        day, hour = value if isinstance(value, (list, tuple)) and len(value) == 2 else ("", "")
        return super().clean([day, hour or ("00:00" if day else "")])

    def prepare_value(self, value: Any) -> Any:
        """A day alone shows without an hour."""
        if not isinstance(value, datetime.datetime):
            return value
        local = to_current_timezone(value)
        return [local.date(), local.time() if local.time() != datetime.time() else None]

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(initial != self.clean(data))
        except forms.ValidationError:
            return True


class TaskForm(elements_form(ELEMENTS)):  # type: ignore[misc]
    """A task; its notes are edited as text while they have no other layout than lines."""

    datetime = DeadlineField(label=_("Deadline"), help_text=_("Without an hour: at any time of the day."))
    notes = forms.CharField(
        label=_("Notes"), required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 6})
    )

    class Meta:
        model = Task
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        text = text_of_html(self.instance.notes)
        if html_of_text(text) == self.instance.notes:
            self.initial["notes"] = text

    def clean_notes(self) -> str:
        return html_of_text(self.cleaned_data["notes"])


@admin.register(Task)
class TaskAdmin(ElementsMixin, TenantAdmin):
    guard = SwitchKey("task")
    menu = ("planning", 20)
    icon = "task_alt"
    in_palette = True
    form = TaskForm
    ordering = (F("datetime").asc(nulls_last=True), "-priority", "pk")
    list_display = ("shown_title", "shown_when", "shown_deadline", "shown_status", "shown_people", "elements")
    list_filter = (WhenFilter, EndedFilter, "team_users", "category", "priority", "status")
    list_select_related = ("category",)
    search_fields = ("title", "text_notes", "category__label")
    autocomplete_fields = ("category", "team_users")
    readonly_fields = ("completed_at", "author")
    fieldsets = (
        (None, {"fields": ("title", "datetime", ("status", "priority"), "category", "team_users",
                           "elements", "notes", ("author", "completed_at"))}),
    )  # fmt: skip
    actions = ("end_rows",)
    actions_row = ("end",)
    actions_detail = ("end", "reopen")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("team_users__user", "element_links__element")

    # --- Columns ----------------------------------------------------------------------------------

    @display(description=_("Title"), ordering="title", header=True)
    def shown_title(self, row: Task) -> list[Any]:
        title: Any = row.title
        if row.priority == Priority.HIGH:
            title = format_html('{} <span class="mark">{}</span>', row.title, Priority.HIGH.label)
        return [title, str(row.category or "")]

    @display(description=_("When"), ordering="datetime", label=GROUP_COLORS)
    def shown_when(self, row: Task) -> tuple[str, Any]:
        if row.is_ended:
            return "ended", Status.ENDED.label
        name = group_of(row, current_actor(), team_today())
        return name, GROUPS[name]

    @display(description=_("Deadline"), ordering="datetime")
    def shown_deadline(self, row: Task) -> str:
        if row.datetime is None:
            return "–"
        local = localtime(row.datetime)
        has_hour = (local.hour, local.minute) != (0, 0)
        return date_format(local, "SHORT_DATETIME_FORMAT" if has_hour else "SHORT_DATE_FORMAT")

    @display(description=_("Status"), ordering="status", label=STATUS_COLORS)
    def shown_status(self, row: Task) -> tuple[int, Any]:
        return row.status, Status(row.status).label

    @display(description=_("For"))
    def shown_people(self, row: Task) -> str:
        return ", ".join(str(member) for member in row.team_users.all()) or "–"

    # --- Writing ----------------------------------------------------------------------------------

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What the settings of the team user say; the address may say more (`?elements=customer:12`)."""
        member = request.actor  # type: ignore[attr-defined]
        given: dict[str, Any] = super().get_changeform_initial_data(request)
        if "elements" in given:
            given["elements"] = given["elements"].split(",")
        return {
            "datetime": services.default_deadline(member),
            "team_users": services.default_people(member),
            "category": TaskCategory.objects.filter(use_default=True).first(),
            **given,
        }

    def create_row(self, values: dict[str, Any]) -> Task:
        return services.create_task(as_body(values))

    def update_row(self, row: Task, values: dict[str, Any]) -> Task:
        return services.update_task(row, as_body(values))

    # --- Ending -----------------------------------------------------------------------------------

    @row_action(_("End"), icon="check", variant=ActionVariant.SUCCESS)
    def end(self, request: HttpRequest, row: Task) -> Any:
        services.end_task(row)
        self.message_user(request, _("“%(task)s” has ended.") % {"task": row})
        index = reverse(f"{self.admin_site.name}:index")
        came_from = urlsplit(request.headers.get("Referer", "")).path
        return HttpResponseRedirect(index if came_from == index else self.list_url())

    @row_action(_("Take up again"), icon="undo", done=_("The task is to be done again."))
    def reopen(self, request: HttpRequest, row: Task) -> None:
        services.reopen_task(row)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """End what is open, take up what has ended."""
        row = self.get_object(request, str(object_id))
        unwanted = "end" if row is not None and row.is_ended else "reopen"
        return [
            item
            for item in super().get_actions_detail(request, object_id)
            if getattr(item.method, "original_function_name", "") != unwanted
        ]

    @action(description=_("End the chosen tasks"), icon="check", permissions=["change"])
    def end_rows(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        report = RowsReport().run(queryset, services.end_task)
        text = ngettext("%(count)d task has ended.", "%(count)d tasks have ended.", report.done)
        report.tell(request, text % {"count": report.done})


def as_body(values: dict[str, Any]) -> dict[str, Any]:
    """A form's values as the services take them."""
    if "team_users" in values:
        values["team_users"] = list(values["team_users"])
    return values
