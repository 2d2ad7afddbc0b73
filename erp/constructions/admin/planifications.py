"""Planifications, as people see them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from erp.constructions import services
from erp.constructions.access import GUARD
from erp.constructions.admin.pages import SeePdf, moment
from erp.constructions.models import (
    Planification,
    PlanificationContent,
    PlanificationTechnician,
)
from erp.core.admin import TenantAdmin, TenantForm, TenantTabularInline, row_action
from erp.core.errors import Invalid

STATUS_COLORS = {Planification.Status.TO_DO: "info", Planification.Status.ENDED: "success"}


class PlannedForm(TenantForm):
    """A content to do: all that is left of it when no quantity is typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "quantity" in self.fields:
            self.fields["quantity"].required = False
            if self.instance.pk is None:
                self.initial["quantity"] = None
                self.fields["quantity"].widget.attrs["placeholder"] = _t("All that is left")


class PlannedInline(TenantTabularInline):
    model = PlanificationContent
    form = PlannedForm
    verbose_name = _("piece of work")
    verbose_name_plural = _("Work planned (without any: all that is left)")
    passed_as = "contents"
    fields = ("content", "quantity")
    autocomplete_fields = ("content",)


class TechnicianInline(TenantTabularInline):
    """Who goes: a user of the team, or a technician of the list."""

    model = PlanificationTechnician
    verbose_name = _("technician")
    verbose_name_plural = _("Technicians")
    passed_as = "technicians"
    fields = ("team_user", "technician")
    autocomplete_fields = ("team_user", "technician")


@admin.register(Planification)
class PlanificationAdmin(SeePdf, TenantAdmin):
    """Who works when on which worksite."""

    guard = GUARD
    menu = ("worksites", 20)
    icon = "event_available"
    make_pdf = staticmethod(services.pdf_of_planification)
    list_display = (
        "reference",
        "construction",
        "customer",
        "begin",
        "end",
        "people",
        "shown_status",
        "clash",
    )
    list_filter = ("status", "begin", "technician_links__technician", "technician_links__team_user")
    list_select_related = ("construction__customer",)
    search_fields = ("reference", "construction__reference", "construction__title")
    autocomplete_fields = ("construction",)
    ordering = ("-begin", "-id")
    date_hierarchy = "begin"
    fieldsets = (
        (None, {"fields": ("construction", "begin", "end", "all_contents", "shown_conflicts")}),
        (
            _("Follow-up"),
            {"fields": (("reference", "status"), ("created_at", "updated_at")), "classes": ("tab",)},
        ),
    )
    readonly_fields = ("reference", "status", "shown_conflicts", "created_at", "updated_at")
    inlines = (TechnicianInline, PlannedInline)
    actions_detail = ("end_it", "reopen", "see_pdf")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        people = ("technician_links__technician", "technician_links__team_user__user")
        return super().get_queryset(request).prefetch_related("conflicts", *people)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A planification stays on its worksite."""
        return [*self.readonly_fields, *(("construction",) if obj else ())]

    @display(description=_("customer"), ordering="construction__customer__name")
    def customer(self, row: Planification) -> str:
        return str(row.construction.customer)

    @display(description=_("technicians"))
    def people(self, row: Planification) -> str:
        return ", ".join(str(link.person) for link in row.technician_links.all())

    @display(description=_("status"), ordering="status", label=STATUS_COLORS)
    def shown_status(self, row: Planification) -> tuple[int, str]:
        return row.status, row.get_status_display()

    @display(description=_("elsewhere"), label="danger")
    def clash(self, row: Planification) -> str:
        return ", ".join(dict.fromkeys(str(item["link"].person) for item in row.conflicts))

    @display(description=_("technicians elsewhere at the same time"))
    def shown_conflicts(self, row: Planification) -> SafeString | str:
        conflicts = [] if row._state.adding else row.conflicts
        if not conflicts:
            return "–"
        return format_html_join(
            "",
            "<p>{} – {} {} → {}</p>",
            (
                (
                    item["link"].person,
                    item["other"].reference if item["is_seen"] else _t("another worksite"),
                    moment(item["other"].begin),
                    moment(item["other"].end),
                )
                for item in conflicts
            ),
        )

    def create_row(self, values: dict[str, Any]) -> Planification:
        return services.create_planification(as_services_take(values))

    def update_row(self, row: Planification, values: dict[str, Any]) -> Planification:
        return services.update_planification(row, as_services_take(values))

    def delete_row(self, row: Planification) -> None:
        services.delete_planification(row)

    @row_action(_("Ended"), icon="task_alt", unless=lambda row: already(row, Planification.Status.ENDED))
    def end_it(self, request: HttpRequest, row: Planification) -> None:
        services.set_status(row, Planification.Status.ENDED)

    @row_action(_("To do again"), icon="undo", unless=lambda row: already(row, Planification.Status.TO_DO))
    def reopen(self, request: HttpRequest, row: Planification) -> None:
        services.set_status(row, Planification.Status.TO_DO)


def already(row: Planification, status: int) -> str:
    """Why a status cannot be set: it is the present one."""
    return _t("It is so already.") if row.status == status else ""


def as_services_take(values: dict[str, Any]) -> dict[str, Any]:
    """A form's values as the services take them: technicians as rows; naming contents means not all."""
    values = dict(values)
    people = []
    for number, line in enumerate(values.get("technicians") or ()):
        if bool(line.get("team_user")) == bool(line.get("technician")):
            text = _t("Choose a user or a technician of the list.")
            raise Invalid({f"technicians.{number}.technician": text})
        people.append(line.get("team_user") or line.get("technician"))
    if "technicians" in values:
        values["technicians"] = people
    if values.get("contents"):
        values["all_contents"] = False
    return values
