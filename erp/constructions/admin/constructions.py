"""Worksites, as people see them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from erp.catalog.durations import DurationType
from erp.constructions import services
from erp.constructions.access import GUARD
from erp.constructions.admin.pages import SeePdf, moment
from erp.constructions.models import (
    Construction,
    ConstructionContent,
    ConstructionMaterial,
    ConstructionProduct,
)
from erp.core.admin import TenantAdmin, TenantForm, TenantTabularInline
from erp.customfields.pages import CarrierAdmin
from erp.various.figures import shown

Status = Construction.Status
STATUS_COLORS = {
    Status.TO_PLAN: "warning",
    Status.PARTLY: "info",
    Status.PLANNED: "success",
    Status.ENDED: "default",
}


#: The least widths of inputs of work to do.
WIDTHS = {
    "designation": "14rem",
    "reference": "5rem",
    "quantity": "4rem",
    "number_people_needed": "3rem",
    "duration": "4rem",
}


class ContentForm(TenantForm):
    """Work to do: what is left empty comes from the service or the product."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("number_people_needed", "duration", "duration_type", "designation"):
            if name in self.fields:
                self.fields[name].required = False
                if self.instance.pk is None:
                    self.initial[name] = None
        if "designation" in self.fields:
            self.fields["designation"].widget.attrs["rows"] = 1
        if "duration_type" in self.fields and self.instance.pk is None:
            # Else the browser would send the first one, instead of leaving it to the service.
            self.fields["duration_type"].choices = [("", "–"), *DurationType.choices]  # type: ignore[attr-defined]
        for name, width in WIDTHS.items():
            if name in self.fields:
                self.fields[name].widget.attrs["style"] = f"min-width: {width}"


class ContentInline(TenantTabularInline):
    """What is to do, and how much of it is planned."""

    model = ConstructionContent
    form = ContentForm
    passed_as = "contents"
    verbose_name = _("piece of work")
    verbose_name_plural = _("Work to do")
    fields = (
        "service",
        "designation",
        "quantity",
        "shown_planned",
        "number_people_needed",
        "duration",
        "duration_type",
        "product",
        "reference",
    )
    readonly_fields = ("shown_planned",)
    autocomplete_fields = ("service", "product")

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Room for the line: what it names is not made or edited from here."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for name in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
            if field is not None and hasattr(field.widget, name):
                setattr(field.widget, name, False)
        return field

    @display(description=_("planned"))
    def shown_planned(self, row: ConstructionContent) -> str:
        return shown(row.planified_quantity) if row.pk else ""


class ProductInline(TenantTabularInline):
    model = ConstructionProduct
    verbose_name = _("product")
    verbose_name_plural = _("Products to take along")
    passed_as = "products"
    fields = ("product", "quantity")
    autocomplete_fields = ("product",)


class MaterialInline(TenantTabularInline):
    model = ConstructionMaterial
    verbose_name = _("equipment")
    verbose_name_plural = _("Equipment to take along")
    passed_as = "materials"
    fields = ("material", "quantity")
    autocomplete_fields = ("material",)


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
