"""TenantAdmin: unfold's admin, made safe for teams, obeying guards, saving through services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin
from unfold.enums import ActionVariant

from erp.core import services
from erp.core.access import visible
from erp.core.admin.actions import PAGE_LINKS, delete_rows
from erp.core.admin.export import Exported
from erp.core.admin.filters import scoped_list_filter
from erp.core.admin.forms import Refusal, TenantForm
from erp.core.admin.inlines import kept_forms, line_values, save_line
from erp.core.admin.panels import shown_row_panels
from erp.core.admin.scoping import Scoped
from erp.core.admin.searching import Searching
from erp.core.admin.tabs import ListTab, choice_tabs, shown_tabs
from erp.core.errors import BusinessError, Conflict

__all__ = ["TenantAdmin"]

DATES = ("created_at", "updated_at")


class TenantAdmin(Exported, Scoped, Searching, ModelAdmin):
    """The pages of one model. States a `guard`; rules stay in the chapter's services."""

    #: (group, order) in the menu; None keeps the model out of it. Groups: tenants/navigation.py.
    menu: ClassVar[tuple[str, int] | None] = None
    #: Name of a Material Symbol.
    icon: ClassVar[str] = ""
    #: Whether the command palette (Ctrl+K) finds its rows, by `search_fields`.
    in_palette: ClassVar[bool] = False

    form = TenantForm
    list_per_page = 50
    warn_unsaved_form = True
    compressed_fields = True
    list_filter_submit = True
    list_before_template = "admin/list_tabs.html"
    view_on_site = False

    # --- Services: overridden by chapters that have rules of their own ---------------------------

    def create_row(self, values: dict[str, Any]) -> Any:
        """A new row of these values. Raises BusinessError with errors by attribute."""
        return services.create(self.model, values)

    def update_row(self, row: Any, values: dict[str, Any]) -> Any:
        """Change a row by the values that were edited. Raises BusinessError."""
        return services.update(row, values)

    def delete_row(self, row: Any) -> None:
        """Delete a row. Raises BusinessError when it must be kept."""
        services.delete(row)

    def palette_note(self, row: Any) -> str:
        """What the palette says of a row beside its name: whose it is, how much. Links of
        `list_select_related` cost no query.
        """
        return ""

    # --- Permissions -----------------------------------------------------------------------------

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.allows(request, "read")

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        """Filters in the address: only on what the list shows or filters, never on hidden columns."""
        name = lookup.split("__")[0]
        columns = {getattr(field, "attname", field.name) for field in self.opts.get_fields()}
        columns |= {field.name for field in self.opts.get_fields()}
        if name in columns and name not in self._open_names(request):
            return False
        return bool(super().lookup_allowed(lookup, value, request))

    def _open_names(self, request: HttpRequest) -> set[str]:
        """Fields that the address of a list may name."""
        filters = self.get_list_filter(request)
        names = [
            item[0] if isinstance(item, tuple | list) else getattr(item, "parameter_name", item)
            for item in filters
        ]
        names += [name for name in self.get_list_display(request) if isinstance(name, str)]
        names += [*self.get_search_fields(request), *DATES, "id", self.date_hierarchy or ""]
        return {str(name).lstrip("^=@").split("__")[0] for name in names}

    # --- Lists -----------------------------------------------------------------------------------

    def get_ordering(self, request: HttpRequest) -> Any:
        """As declared; else the newest first."""
        return super().get_ordering(request) or (() if self.opts.ordering else ("-pk",))

    def get_list_filter(self, request: HttpRequest) -> Any:
        return [
            scoped_list_filter(item, self.model, self.admin_site) for item in super().get_list_filter(request)
        ]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        if "delete_selected" in actions:
            actions["delete_selected"] = (delete_rows, "delete_selected", delete_rows.short_description)  # type: ignore[attr-defined]
        return actions

    def list_tabs(self, request: HttpRequest) -> Sequence[ListTab]:
        """Selections to offer over the list, by filters of the list: those of its status, when it has one."""
        is_filtered = "status" in (self.list_filter or ())
        choices = self.opts.get_field("status").choices if is_filtered else None
        return choice_tabs(choices) if choices else ()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        try:
            response: Any = super().changelist_view(request, extra_context)
        except BusinessError as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(request.get_full_path())
        context = getattr(response, "context_data", None) or {}
        if (tabs := self.list_tabs(request)) and "cl" in context:
            context["list_tabs"] = shown_tabs(request, context["cl"], tabs)
        return cast("HttpResponse", response)

    # --- Forms -----------------------------------------------------------------------------------

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), *(self._dates() if obj else ())]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """As declared, and the row's dates at the end; a new row has no tab that only shows something."""
        fieldsets = list(super().get_fieldsets(request, obj))
        if obj is None:
            shown = set(self.get_readonly_fields(request, obj))
            fieldsets = [item for item in fieldsets if not _only_shows(item, shown)]
        names = {name for _title, options in fieldsets for name in _flat(options["fields"])}
        if obj and (dates := tuple(name for name in self._dates() if name not in names)):
            fieldsets.append((None, {"fields": (dates,)}))
        return fieldsets

    def _dates(self) -> list[str]:
        columns = {column.name for column in self.opts.concrete_fields}
        return [name for name in DATES if name in columns]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.refusal = getattr(request, "refusal", None)
        return form

    def _create_formsets(self, request: HttpRequest, obj: Any, change: bool) -> Any:
        formsets, inlines = super()._create_formsets(request, obj, change)
        if refusal := getattr(request, "refusal", None):
            for formset in formsets:
                refusal.take_lines(formset)
        request.lines = list(zip(formsets, inlines, strict=True))  # type: ignore[attr-defined]
        return formsets, inlines

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """The form; when a service refuses, all is rolled back and the form shows again with the reasons."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except BusinessError as error:
            request.refusal = Refusal(error)  # type: ignore[attr-defined]
            _rewind(request)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The form, and below it what chapters above tell of the row."""
        if (row := kwargs.get("obj")) is not None and "_popup" not in request.GET:
            context["row_panels"] = shown_row_panels(request, row)
        return super().render_change_form(request, context, *args, **kwargs)

    # --- Saving ----------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        names = form.changed_data if change else form.cleaned_data
        values = {name: form.cleaned_data[name] for name in names if name in form.cleaned_data}
        values |= self._passed_lines(request)
        if change:
            row = visible(self.model).select_for_update(of=("self",)).get(pk=obj.pk)
            _check_unchanged(request, row)
            row = (self.update_row(row, values) or row) if values else row
        else:
            row = self.create_row(values)
        obj.__dict__.update(row.__dict__)
        for action in self.get_actions_submit_line(request, obj.pk):
            if action.action_name in request.POST:
                action.method(request, obj)

    def _passed_lines(self, request: HttpRequest) -> dict[str, list[dict[str, Any]]]:
        """Lines of inlines that services write with the row, when any changed."""
        return {
            inline.passed_as: [line_values(form, formset) for form in kept_forms(formset)]
            for formset, inline in request.lines  # type: ignore[attr-defined]
            if getattr(inline, "passed_as", None) and formset.has_changed()
        }

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Many-to-many links were written by the service; only lines are left."""
        for formset, inline in request.lines:  # type: ignore[attr-defined]
            if getattr(inline, "passed_as", None):
                formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
            else:
                self.save_formset(request, form, formset, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        rows = formset.save(commit=False)
        for row in formset.deleted_objects:
            row.delete()
        for row in rows:
            save_line(formset, row)
        formset.save_m2m()

    # --- Deleting --------------------------------------------------------------------------------

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.delete_row(obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Deletion is soft: it takes the rows themselves and nothing else."""
        rows = list(objs)
        refused = set() if self.has_delete_permission(request) else {str(self.opts.verbose_name)}
        return [str(row) for row in rows], {self.opts.verbose_name_plural: len(rows)}, refused, []

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except BusinessError as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(self.change_url(unquote(object_id)))

    # --- Buttons ---------------------------------------------------------------------------------

    def _filter_unfold_actions_by_permissions(self, request: Any, actions: Any, object_id: Any = None) -> Any:
        """Buttons made with `row_action` ask the guard."""
        offered = [
            action for action in actions if self.allows(request, getattr(action.method, "verb", "read"))
        ]
        return super()._filter_unfold_actions_by_permissions(request, offered, object_id)

    def _get_actions_navigation(
        self, provided_actions: Any, allowed_actions: Any, object_id: Any = None
    ) -> Any:
        """Buttons that are impossible now are greyed, with the reason."""
        items = super()._get_actions_navigation(provided_actions, allowed_actions, object_id)
        reasons = self._reasons(allowed_actions, object_id) if object_id else {}
        for button in [line for item in items for line in item.get("items", [item])]:
            if reason := reasons.get(button["path"]):
                button["attrs"] = {**button["attrs"], "aria-disabled": "true", "title": reason}
        return [*items, *self._links(object_id)] if object_id else items

    def _links(self, object_id: str) -> list[dict[str, Any]]:
        """What chapters above offer on a row's page."""
        plain = {"variant": ActionVariant.DEFAULT, "attrs": {}, "dialog": None}
        return [plain | link for make in PAGE_LINKS if (link := make(self.model, unquote(object_id)))]

    def _reasons(self, actions: Any, object_id: str) -> dict[str, str]:
        """Why each button's action is impossible now, by the address of the button."""
        asked = [action for action in actions if getattr(action.method, "unless", None)]
        row = visible(self.model).filter(pk=unquote(object_id)).first() if asked else None
        found = {action.action_name: str(action.method.unless(row) or "") for action in asked} if row else {}
        return {
            reverse(f"{self.admin_site.name}:{name}", args=[object_id]): text for name, text in found.items()
        }

    def list_url(self) -> str:
        """Address of the list."""
        return self._url("changelist")

    def menu_entry(self) -> tuple[str, str]:
        """Name and address of the page that the menu leads to: the list, unless there is a better one."""
        return capfirst(self.opts.verbose_name_plural), self.list_url()

    def add_url(self) -> str:
        """Address of the form for a new row."""
        return self._url("add")

    def change_url(self, row: Any) -> str:
        """Address of a row's page."""
        return self._url("change", getattr(row, "pk", row))

    def _url(self, page: str, *args: Any) -> str:
        return reverse(
            f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args
        )


def _flat(fields: Any) -> list[str]:
    return [name for item in fields for name in (item if isinstance(item, list | tuple) else (item,))]


def _only_shows(fieldset: Any, shown: set[Any]) -> bool:
    """Whether a fieldset is a tab in which nothing can be typed."""
    options = fieldset[1]
    return "tab" in options.get("classes", ()) and set(_flat(options["fields"])) <= shown


def _rewind(request: HttpRequest) -> None:
    """Uploaded files are read again by the form that shows the refusal."""
    for upload in request.FILES.values():
        if not upload.closed:  # type: ignore[union-attr]
            upload.seek(0)  # type: ignore[union-attr]


def _check_unchanged(request: HttpRequest, row: Any) -> None:
    """Raise Conflict when somebody else wrote the row since its page was opened (admin/change_form.html)."""
    seen = request.POST.get("_seen")
    if seen and seen != row.updated_at.isoformat():
        text = _(
            "Somebody else changed this meanwhile. Your entries are below: save again to put them in place."
        )
        raise Conflict(text, code="changed")
