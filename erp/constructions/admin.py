"""Worksites, planifications, equipment and technicians, as people see them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from erp.constructions import services
from erp.constructions.models import (
    Construction,
    ConstructionContent,
    ConstructionMaterial,
    ConstructionProduct,
    Material,
    Planification,
    PlanificationContent,
    PlanificationTechnician,
    Technician,
)
from erp.core.access import Key, ListKey
from erp.core.admin import TenantAdmin, TenantForm, TenantTabularInline, row_action
from erp.core.admin.responses import pdf_response
from erp.core.errors import Invalid
from erp.core.files import file_content
from erp.core.scope import current_team
from erp.core.stored_pdf import PdfFailed
from erp.customfields.pages import CarrierAdmin
from erp.various.figures import shown

GUARD = Key("sales-delivery")
Status = Construction.Status
STATUS_COLORS = {
    Status.TO_PLAN: "warning",
    Status.PARTLY: "info",
    Status.PLANNED: "success",
    Status.ENDED: "default",
}
PLANIFICATION_COLORS = {Planification.Status.TO_DO: "info", Planification.Status.ENDED: "success"}


def moment(value: Any) -> str:
    """A moment in the team's timezone."""
    return date_format(localtime(value, current_team().timezone), "SHORT_DATETIME_FORMAT")


# --- Lists ----------------------------------------------------------------------------------------


@admin.register(Material)
class MaterialAdmin(TenantAdmin):
    """Equipment that worksites need."""

    guard = ListKey()
    menu = ("worksites", 30)
    icon = "construction"
    list_display = ("name", "reference")
    search_fields = ("name", "reference")
    ordering = ("name",)
    fields = (("name", "reference"),)

    def delete_row(self, row: Material) -> None:
        services.delete_material(row)


@admin.register(Technician)
class TechnicianAdmin(TenantAdmin):
    """People who work on site without being users of the team."""

    guard = ListKey()
    menu = ("worksites", 40)
    icon = "engineering"
    list_display = ("name", "email")
    search_fields = ("name", "email")
    ordering = ("name",)
    fields = (("name", "email"),)

    def delete_row(self, row: Technician) -> None:
        services.delete_technician(row)


# --- Worksites ------------------------------------------------------------------------------------


class ContentForm(TenantForm):
    """Work to do: what is left empty comes from the service."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("number_people_needed", "duration", "duration_type"):
            if name in self.fields:
                self.fields[name].required = False
                if self.instance.pk is None:
                    self.initial[name] = None
        if "designation" in self.fields:
            self.fields["designation"].widget.attrs["rows"] = 1


class ContentInline(TenantTabularInline):
    """What is to do, and how much of it is planned."""

    model = ConstructionContent
    form = ContentForm
    passed_as = "contents"
    fields = (
        "service",
        "product",
        "reference",
        "designation",
        "quantity",
        "number_people_needed",
        "duration",
        "duration_type",
        "shown_planned",
    )
    readonly_fields = ("shown_planned",)
    autocomplete_fields = ("service", "product")

    @display(description=_("planned"))
    def shown_planned(self, row: ConstructionContent) -> str:
        return shown(row.planified_quantity) if row.pk else ""


class ProductInline(TenantTabularInline):
    model = ConstructionProduct
    passed_as = "products"
    fields = ("product", "quantity")
    autocomplete_fields = ("product",)


class MaterialInline(TenantTabularInline):
    model = ConstructionMaterial
    passed_as = "materials"
    fields = ("material", "quantity")
    autocomplete_fields = ("material",)


class SeePdf:
    """The button that opens the printed page."""

    make_pdf: Any

    @action(description=_("PDF"), icon="picture_as_pdf", permissions=["see_pdf"], attrs={"target": "_blank"})
    def see_pdf(self: Any, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the page, made now unless it was."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        try:
            file = type(self).make_pdf(row)
        except PdfFailed as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(self.change_url(row))
        return pdf_response(file_content(file), file.filename)

    def has_see_pdf_permission(self: Any, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever reads the row reads its page."""
        return bool(self.allows(request, "read"))


@admin.register(Construction)
class ConstructionAdmin(SeePdf, CarrierAdmin, TenantAdmin):
    """Worksites: what is to do there, what they need, who goes when."""

    guard = GUARD
    menu = ("worksites", 10)
    icon = "foundation"
    in_palette = True
    make_pdf = staticmethod(services.pdf_of_construction)
    list_display = (
        "reference",
        "title",
        "customer",
        "city",
        "shown_status",
        "shown_invoicing",
        "shown_hours",
        "nb_people_needed",
        "created_at",
    )
    list_filter = ("status", "tags", "created_at")
    list_select_related = ("customer",)
    search_fields = ("reference", "title", "customer__name", "city", "postal_code")
    autocomplete_fields = ("customer", "contact", "tags", "affairs")
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": (("customer", "contact"), "title", ("affairs", "tags"))}),
        (_("Address"), {"fields": ("road1", ("road2", "road3"), ("postal_code", "city"), "country")}),
        (_("Planifications"), {"fields": ("shown_planifications",), "classes": ("tab",)}),
        (_("Documents"), {"fields": ("shown_documents",), "classes": ("tab",)}),
        (
            _("Follow-up"),
            {
                "fields": (
                    ("reference", "status", "shown_invoicing"),
                    ("total_duration_hour", "nb_people_needed"),
                    ("created_at", "updated_at"),
                ),
                "classes": ("tab",),
            },
        ),
    )
    readonly_fields = (
        "reference",
        "status",
        "shown_invoicing",
        "total_duration_hour",
        "nb_people_needed",
        "shown_planifications",
        "shown_documents",
        "created_at",
        "updated_at",
    )
    inlines = (ContentInline, ProductInline, MaterialInline)
    actions_detail = ("plan", "see_pdf")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("invoice_status")

    @display(description=_("status"), ordering="status", label=STATUS_COLORS)
    def shown_status(self, row: Construction) -> tuple[int, str]:
        return row.status, row.get_status_display()

    @display(description=_("invoicing"))
    def shown_invoicing(self, row: Construction) -> str:
        return "–" if row._state.adding else str(Construction.InvoiceStatus(row.invoice_status).label)

    @display(description=_("hours of work"), ordering="total_duration_hour")
    def shown_hours(self, row: Construction) -> str:
        return shown(row.total_duration_hour)

    @display(description=_("planifications"))
    def shown_planifications(self, row: Construction) -> SafeString | str:
        rows = [] if row._state.adding else list(row.planifications.filter(deleted_at=None).order_by("begin"))
        if not rows:
            return _t("None yet: plan the work with the button above.")
        return format_html_join(
            "",
            "<a class='block underline' href='{}'>{} – {} → {} ({})</a>",
            (
                (
                    reverse("admin:constructions_planification_change", args=[item.pk]),
                    item.reference,
                    moment(item.begin),
                    moment(item.end),
                    item.get_status_display(),
                )
                for item in rows
            ),
        )

    @display(description=_("documents"))
    def shown_documents(self, row: Construction) -> SafeString | str:
        documents = [] if row._state.adding else [item for rows in row.documents.values() for item in rows]
        if not documents:
            return _t("None yet: link the affair of a quotation.")
        return format_html_join(
            "",
            "<a class='mr-4 underline' href='{}'>{}</a>",
            ((reverse(f"admin:sales_{item.kind}_change", args=[item.pk]), str(item)) for item in documents),
        )

    @action(description=_("Plan"), icon="event", permissions=["plan"])
    def plan(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The form of a planification of this worksite."""
        address = reverse("admin:constructions_planification_add")
        return redirect(f"{address}?construction={unquote(object_id)}")

    def has_plan_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(self.has_add_permission(request))

    def create_row(self, values: dict[str, Any]) -> Construction:
        return services.create_construction(with_tag_names(values))

    def update_row(self, row: Construction, values: dict[str, Any]) -> Construction:
        return services.update_construction(row, with_tag_names(values))

    def delete_row(self, row: Construction) -> None:
        services.delete_construction(row)


def with_tag_names(values: dict[str, Any]) -> dict[str, Any]:
    """A form's values as the services take them: tags by their names."""
    if "tags" in values:
        values = {**values, "tags": [tag.name for tag in values["tags"]]}
    return values


@admin.register(ConstructionContent)
class ConstructionContentAdmin(TenantAdmin):
    """Contents are edited on their worksite's page; here they are found, for planifications."""

    guard = GUARD
    verbs = ("read",)
    list_display = ("designation", "construction", "quantity", "planified_quantity")
    list_select_related = ("construction",)
    search_fields = ("designation", "reference", "construction__reference")
    ordering = ("-construction", "place", "id")


# --- Planifications -------------------------------------------------------------------------------


class PlannedForm(TenantForm):
    """A content to do: all that is left of it when no quantity is typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "quantity" in self.fields:
            self.fields["quantity"].required = False
            if self.instance.pk is None:
                self.initial["quantity"] = None


class PlannedInline(TenantTabularInline):
    model = PlanificationContent
    form = PlannedForm
    passed_as = "contents"
    fields = ("content", "quantity")
    autocomplete_fields = ("content",)


class TechnicianInline(TenantTabularInline):
    """Who goes: a user of the team, or a technician of the list."""

    model = PlanificationTechnician
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
        (None, {"fields": ("construction", ("begin", "end"), "all_contents", "shown_conflicts")}),
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

    @display(description=_("status"), ordering="status", label=PLANIFICATION_COLORS)
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
