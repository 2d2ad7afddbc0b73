"""Funnels and opportunities, as people see them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from erp.core.access import Key, visible
from erp.core.admin import TenantAdmin, TenantForm, TenantTabularInline, row_action
from erp.customfields.pages import CarrierAdmin
from erp.opportunities import services
from erp.opportunities.models import Funnel, FunnelCategory, FunnelStep, Opportunity

GUARD = Key("sales-quotation")
Status = Opportunity.Status
STATUS_COLORS = {
    Status.IN_PROGRESS: "info",
    Status.WON: "success",
    Status.LOST: "danger",
    Status.CANCELLED: "warning",
}
#: What the page of an opportunity shows of its documents: kind of figures, words.
SHOWN_FIGURES = (
    ("quotation", _("Quotations")),
    ("quotation_valid", _("Validated quotations")),
    ("command", _("Orders")),
    ("delivery", _("Delivery notes")),
    ("sales", _("Invoices less credits")),
)


class CategoryInline(TenantTabularInline):
    model = FunnelCategory
    passed_as = "categories"
    fields = ("label", "color")


class StepInline(TenantTabularInline):
    model = FunnelStep
    passed_as = "steps"
    fields = ("order", "name", "probability")
    ordering = ("order", "id")


@admin.register(Funnel)
class FunnelAdmin(TenantAdmin):
    """Ways in which deals are won, with their steps."""

    guard = GUARD
    menu = ("sell", 81)
    icon = "filter_alt"
    list_display = ("name", "restricted", "step_count", "open_count", "open_amount")
    list_filter = ("restricted",)
    search_fields = ("name",)
    ordering = ("name",)
    fields = ("name", "restricted", "team_users")
    autocomplete_fields = ("team_users",)
    inlines = (StepInline, CategoryInline)

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the steps of each funnel, and the open deals in it that the team user may see."""
        deals = visible(Opportunity).filter(step__funnel=OuterRef("pk"), status=Status.IN_PROGRESS)
        by_funnel = deals.order_by().values("step__funnel")
        return (
            super()
            .get_queryset(request)
            .annotate(
                steps_number=Count("steps", filter=Q(steps__deleted_at=None)),
                opened=Coalesce(Subquery(by_funnel.annotate(count=Count("pk")).values("count")), 0),
                worth=Subquery(by_funnel.annotate(sum=Sum("amount")).values("sum")),
            )
        )

    @display(description=_("steps"), ordering="steps_number")
    def step_count(self, row: Funnel) -> int:
        return int(row.steps_number)  # type: ignore[attr-defined]

    @display(description=_("in progress"), ordering="opened")
    def open_count(self, row: Funnel) -> int:
        return int(row.opened)  # type: ignore[attr-defined]

    @display(description=_("expected amount"), ordering="worth")
    def open_amount(self, row: Funnel) -> str:
        return number_format(row.worth or 0, 2, force_grouping=True)  # type: ignore[attr-defined]

    def create_row(self, values: dict[str, Any]) -> Funnel:
        return services.create_funnel(values)

    def update_row(self, row: Funnel, values: dict[str, Any]) -> Funnel:
        return services.update_funnel(row, values)

    def delete_row(self, row: Funnel) -> None:
        services.delete_funnel(row)


@admin.register(FunnelStep)
class FunnelStepAdmin(TenantAdmin):
    """Steps to choose from; they are edited on their funnel's page."""

    guard = GUARD
    verbs = ("read",)
    list_display = ("name", "funnel", "order", "probability")
    list_select_related = ("funnel",)
    search_fields = ("name", "funnel__name")
    ordering = ("funnel__name", "order", "id")


@admin.register(FunnelCategory)
class FunnelCategoryAdmin(TenantAdmin):
    """Categories to choose from; they are edited on their funnel's page."""

    guard = GUARD
    verbs = ("read",)
    list_display = ("label", "funnel", "color")
    list_select_related = ("funnel",)
    search_fields = ("label", "funnel__name")
    ordering = ("funnel__name", "label")


class OpportunityForm(TenantForm):
    """A deal: the chance that is left empty is the step's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "probability" in self.fields:
            self.fields["probability"].required = False
            if self.instance.pk is None:
                self.initial["probability"] = None
            self.fields["probability"].help_text = _("Left empty, it is the step's.")
        if "description" in self.fields:
            self.fields["description"].widget.attrs["rows"] = 4


@admin.register(Opportunity)
class OpportunityAdmin(CarrierAdmin, TenantAdmin):
    """Deals that may be won, what they are worth, and what became of them."""

    guard = GUARD
    form = OpportunityForm
    menu = ("sell", 80)
    icon = "handshake"
    in_palette = True
    list_display = (
        "reference",
        "title",
        "customer",
        "step",
        "shown_status",
        "shown_amount",
        "chance",
        "expire_at",
        "team_user",
    )
    list_filter = ("status", "step__funnel", "step", "category", "team_user", "expire_at")
    list_select_related = ("customer", "step", "team_user__user")
    search_fields = ("reference", "title", "customer__name")
    autocomplete_fields = ("customer", "contact", "step", "category", "team_user", "affairs")
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": (("customer", "contact"), "title", ("step", "category"), "description")}),
        (_("Expectations"), {"fields": (("amount", "probability"), ("expire_at", "team_user"), "affairs")}),
        (
            _("Documents"),
            {"fields": ("shown_figures", "shown_documents"), "classes": ("tab",)},
        ),
        (
            _("Follow-up"),
            {
                "fields": (
                    ("reference", "status"),
                    ("won_at", "lost_at", "cancelled_at"),
                    ("created_at", "updated_at"),
                ),
                "classes": ("tab",),
            },
        ),
    )
    readonly_fields = (
        "reference",
        "status",
        "shown_figures",
        "shown_documents",
        "won_at",
        "lost_at",
        "cancelled_at",
        "created_at",
        "updated_at",
    )
    actions_detail = ("win", "lose", "cancel", "reopen")

    @display(description=_("status"), ordering="status", label=STATUS_COLORS)
    def shown_status(self, row: Opportunity) -> tuple[int, str]:
        return row.status, row.status_label

    @display(description=_("expected amount"), ordering="amount")
    def shown_amount(self, row: Opportunity) -> str:
        return number_format(row.amount, 2, force_grouping=True)

    @display(description=_("chance"), ordering="probability")
    def chance(self, row: Opportunity) -> str:
        return f"{row.probability} %"

    @display(description=_("figures without VAT"))
    def shown_figures(self, row: Opportunity) -> SafeString | str:
        if row._state.adding:
            return "–"
        figures = row.figures
        lines = format_html_join(
            "",
            "<tr><th scope='row' class='pr-3 text-left font-normal'>{}</th>{}</tr>",
            (
                (
                    words,
                    format_html_join(
                        "",
                        "<td class='pl-3 text-right tabular-nums whitespace-nowrap'>{}</td>",
                        (
                            (number_format(figures[f"{kind}_{amount}"], 2, force_grouping=True),)
                            for amount in ("ca", "costs", "margin")
                        ),
                    ),
                )
                for kind, words in SHOWN_FIGURES
            ),
        )
        heads = format_html_join(
            "", "<th class='pl-3 text-right'>{}</th>", ((_t("Turnover"),), (_t("Costs"),), (_t("Margin"),))
        )
        return format_html(
            "<table><thead><tr><td></td>{}</tr></thead><tbody>{}</tbody></table>", heads, lines
        )

    @display(description=_("documents"))
    def shown_documents(self, row: Opportunity) -> SafeString | str:
        documents = [] if row._state.adding else [item for rows in row.documents.values() for item in rows]
        if not documents:
            return _t("None yet: link the affair of a quotation.")
        return format_html_join(
            "",
            "<a class='mr-4 underline' href='{}'>{}</a>",
            ((reverse(f"admin:sales_{item.kind}_change", args=[item.pk]), str(item)) for item in documents),
        )

    def create_row(self, values: dict[str, Any]) -> Opportunity:
        return services.create_opportunity(values)

    def update_row(self, row: Opportunity, values: dict[str, Any]) -> Opportunity:
        return services.update_opportunity(row, values)

    @row_action(_("Won"), icon="emoji_events", unless=lambda row: already(row, Status.WON))
    def win(self, request: HttpRequest, row: Opportunity) -> None:
        services.set_status(row, Status.WON)

    @row_action(_("Lost"), icon="thumb_down", unless=lambda row: already(row, Status.LOST))
    def lose(self, request: HttpRequest, row: Opportunity) -> None:
        services.set_status(row, Status.LOST)

    @row_action(_("Cancel"), icon="block", unless=lambda row: already(row, Status.CANCELLED))
    def cancel(self, request: HttpRequest, row: Opportunity) -> None:
        services.set_status(row, Status.CANCELLED)

    @row_action(_("Reopen"), icon="undo", unless=lambda row: already(row, Status.IN_PROGRESS))
    def reopen(self, request: HttpRequest, row: Opportunity) -> None:
        services.set_status(row, Status.IN_PROGRESS)


def already(row: Opportunity, status: int) -> str:
    """Why a status cannot be set: it is the present one."""
    return _t("It is so already.") if row.status == status else ""
