"""Orders to suppliers, as people see them: what was ordered, what arrived, and the page to send."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from erp.catalog import services
from erp.catalog.admin.figures import shown
from erp.catalog.models import CommandStatus, ProductVariation, ProviderCommand, ProviderCommandLine
from erp.core.access import Key
from erp.core.admin import TenantAdmin, TenantForm, TenantTabularInline, row_action
from erp.core.admin.forms import Refusal
from erp.core.admin.responses import pdf_response
from erp.core.errors import BusinessError
from erp.core.files import file_content
from erp.core.inputs import NumberField
from erp.core.stored_pdf import PdfFailed
from erp.various.figures import money

STATUS_COLORS = {
    CommandStatus.DRAFT.value: "default",
    CommandStatus.WAITING.value: "info",
    CommandStatus.PARTLY.value: "warning",
    CommandStatus.DELIVERED.value: "success",
}
#: The least widths of inputs of lines.
WIDTHS = {"designation": "14rem", "reference": "6rem", "quantity": "5rem", "unit_price_ht": "6rem"}
TOTALS = ("total_ht", "total_tva", "total_ttc")


class LineForm(TenantForm):
    """A line: what is left empty comes from the product."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("designation", "unit_price_ht", "vat_rate"):
            if name in self.fields:
                self.fields[name].required = False
        if "designation" in self.fields:
            self.fields["designation"].widget.attrs["rows"] = 1
        if self.instance.pk is None:
            self.initial["unit_price_ht"] = None

    def _get_validation_exclusions(self) -> set[str]:
        """The service completes a line from its product, then checks it."""
        return {*super()._get_validation_exclusions(), "designation", "unit_price_ht"}  # type: ignore[misc]


class LineInline(TenantTabularInline):
    """What is ordered, and how much of it arrived."""

    model = ProviderCommandLine
    form = LineForm
    passed_as = "contents"
    extra = 1
    fields = (
        "product",
        "variation",
        "reference",
        "designation",
        "quantity",
        "unit",
        "unit_price_ht",
        "vat_rate",
        "delivered_quantity",
        "shown_total",
    )
    readonly_fields = ("shown_total",)
    autocomplete_fields = ("product", "variation")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("product", "unit", "vat_rate")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Before the order exists nothing has arrived, nor a total."""
        hidden = set() if obj else {"delivered_quantity", "shown_total"}
        if not ProductVariation.objects.exists():
            hidden.add("variation")
        return tuple(name for name in self.fields if name not in hidden)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Room for the line: rows that it names are not made or edited from here."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if hasattr(field, "widget") and hasattr(field.widget, "can_add_related"):
            for name in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
                setattr(field.widget, name, False)
        if field and db_field.name == "variation":
            field.label = _("Variation")
        if field and db_field.name in WIDTHS:
            field.widget.attrs["style"] = f"min-width: {WIDTHS[db_field.name]}"
        return field

    @display(description=_("Total excl. VAT"))
    def shown_total(self, row: ProviderCommandLine) -> str:
        return shown(row.total_ht, 2) if row.pk else ""


class ReceiptForm(forms.Form):
    """How much of each line arrived; offers all that remains."""

    def __init__(self, lines: list[ProviderCommandLine], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        for line in lines:
            left = line.quantity_to_deliver
            self.fields[f"line_{line.pk}"] = NumberField(
                label=_t("%(line)s – %(left)s of %(ordered)s remain")
                % {"line": line, "left": shown(left), "ordered": shown(line.quantity)},
                max_digits=15,
                decimal_places=5,
                min_value=0,
                initial=left,
                required=False,
            )

    def receipts(self) -> list[dict[str, Any]]:
        """What `services.receive` takes: the lines of which something arrived."""
        given = ((line, self.cleaned_data.get(f"line_{line.pk}")) for line in self.lines)
        return [{"id": line, "delivered_quantity": quantity} for line, quantity in given if quantity]


def not_a_draft(row: ProviderCommand) -> str:
    """Why an order cannot be marked as ordered."""
    return "" if row.is_draft else _t("This order is no draft any more.")


@admin.register(ProviderCommand)
class ProviderCommandAdmin(TenantAdmin):
    guard = Key("provider")
    menu = ("buy", 10)
    icon = "local_shipping"
    in_palette = True
    list_display = ("reference", "shown_provider", "date", "shown_status", "arrived", "shown_ht", "shown_ttc")
    list_display_links = ("reference", "shown_provider")
    export_more = ("currency_code",)
    list_filter = ("status", "provider", "date")
    list_select_related = ("provider", "currency")
    search_fields = ("reference", "title", "provider__name", "town", "contents__reference")
    date_hierarchy = "date"
    ordering = ("-date", "-pk")
    autocomplete_fields = ("provider", "contact", "country")
    readonly_fields = ("shown_totals",)
    inlines = (LineInline,)
    actions_detail = ("receive", "mark_ordered", "see_pdf")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("provider", "contact"),
                    ("date", "status"),
                    "title",
                    "shown_totals",
                )
            },
        ),
        (
            _("Delivery address"),
            {
                "classes": ("collapse",),
                "fields": ("road1", ("road2", "road3"), ("postal_code", "town"), "country"),
            },
        ),
        (
            _("Printed order"),
            {
                "classes": ("collapse",),
                "fields": (
                    ("pdf_model", "currency"),
                    ("show_contact", "show_reference_column"),
                    ("show_units", "not_show_price"),
                    "comments",
                ),
            },
        ),
    )

    # --- Forms -----------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        ordered, delivered = _sum_of_lines("quantity"), _sum_of_lines("delivered_quantity")
        return super().get_queryset(request).annotate(ordered=ordered, delivered=delivered)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new order starts as the team's settings say, for `?provider=` when given."""
        start = {name: getattr(value, "pk", value) for name, value in services.starting_values().items()}
        return start | super().get_changeform_initial_data(request)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Totals show once there are any."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            title, options = fieldsets[0]
            kept = tuple(name for name in options["fields"] if name != "shown_totals")
            fieldsets = [(title, {**options, "fields": kept}), *fieldsets[1:]]
        return fieldsets

    def formfield_for_choice_field(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """A person says drafted, ordered or delivered; partly delivered follows from what arrived."""
        if db_field.name == "status":
            kwargs["choices"] = [
                (value, label)
                for value, label in CommandStatus.choices
                if value != CommandStatus.PARTLY or _is_partly(request)
            ]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    # --- Saving ----------------------------------------------------------------------------------

    def create_row(self, values: dict[str, Any]) -> ProviderCommand:
        return services.create_provider_command(values)

    def update_row(self, row: ProviderCommand, values: dict[str, Any]) -> ProviderCommand:
        return services.update_provider_command(row, values)

    def delete_row(self, row: ProviderCommand) -> None:
        services.delete_provider_command(row)

    # --- Columns ---------------------------------------------------------------------------------

    @display(description=_("Supplier"), ordering="provider__name", header=True)
    def shown_provider(self, row: ProviderCommand) -> list[str]:
        return [str(row.provider), row.title]

    @display(description=_("Status"), ordering="status", label=STATUS_COLORS)
    def shown_status(self, row: ProviderCommand) -> tuple[int, str]:
        return row.status, row.status_label

    @display(description=_("Arrived"))
    def arrived(self, row: Any) -> str:
        if not row.ordered:
            return "–"
        return f"{round(100 * (row.delivered or 0) / row.ordered)} %"

    @display(description=_("Total excl. VAT"), ordering="total_ht")
    def shown_ht(self, row: ProviderCommand) -> str:
        return money(row.total_ht, row.currency)

    @display(description=_("Total incl. VAT"), ordering="total_ttc")
    def shown_ttc(self, row: ProviderCommand) -> str:
        return money(row.total_ttc, row.currency)

    @display(description=_("Totals"))
    def shown_totals(self, row: ProviderCommand) -> str:
        amounts = {name: money(getattr(row, name), row.currency) for name in TOTALS}
        return _t("%(total_ht)s excl. VAT + %(total_tva)s VAT = %(total_ttc)s") % amounts

    # --- Buttons ---------------------------------------------------------------------------------

    @action(
        description=_("Receive goods"),
        icon="inventory",
        permissions=["receive"],
        variant=ActionVariant.PRIMARY,
    )
    def receive(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A page that asks how much of each line arrived, then enters it."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        lines = [line for line in row.contents.all() if line.quantity_to_deliver]
        form = ReceiptForm(lines, request.POST or None)
        if form.is_valid() and self._received(form, row):
            messages.success(request, _t("What arrived was entered."))
            return HttpResponseRedirect(self.change_url(row))
        context = {
            **self.admin_site.each_context(request),
            "title": _t("Receive goods"),
            "subtitle": str(row),
            "opts": self.opts,
            "original": row,
            "form": form,
            "back": self.change_url(row),
        }
        return TemplateResponse(request, "admin/catalog/providercommand/receive.html", context)

    @staticmethod
    def _received(form: ReceiptForm, row: ProviderCommand) -> bool:
        receipts = form.receipts()
        try:
            services.receive(row, receipts)
        except BusinessError as error:
            _by_line(error, receipts)
            Refusal(error).show_on(form)
            return False
        return True

    def has_receive_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the button that receives goods is offered: while something is to arrive."""
        if not self.allows(request, "update"):
            return False
        row = ProviderCommand.objects.filter(pk=unquote(object_id)).first() if object_id else None
        return row is None or row.status != CommandStatus.DELIVERED

    @row_action(
        _("Mark as ordered"),
        icon="send",
        confirm=_("The order waits for its delivery from now on. Its page is printed without “Draft”."),
        done=_("The order waits for its delivery."),
        unless=not_a_draft,
    )
    def mark_ordered(self, request: HttpRequest, row: ProviderCommand) -> None:
        services.update_provider_command(row, {"status": CommandStatus.WAITING})

    @action(description=_("PDF"), icon="picture_as_pdf", permissions=["see_pdf"], attrs={"target": "_blank"})
    def see_pdf(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The order's page, rendered now when it is not there yet."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        try:
            file = services.pdf_of_command(row)
        except PdfFailed as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(self.change_url(row))
        return pdf_response(file_content(file), file.filename)

    def has_see_pdf_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever reads the order reads its page."""
        return self.allows(request, "read")


def _sum_of_lines(name: str) -> Subquery:
    """A quantity of an order's lines, all together."""
    lines = ProviderCommandLine.objects.filter(command=OuterRef("pk")).order_by().values("command")
    return Subquery(lines.annotate(sum=Sum(name)).values("sum"))


def _is_partly(request: Any) -> bool:
    """Whether the page is about an order of which a part arrived, whose status must be among the choices."""
    key = (request.resolver_match.kwargs or {}).get("object_id") if request.resolver_match else None
    if key is None:
        return False
    return ProviderCommand.objects.filter(pk=unquote(key), status=CommandStatus.PARTLY).exists()


def _by_line(error: BusinessError, receipts: list[dict[str, Any]]) -> None:
    """Name the inputs of the receipt's form in place of the rows sent."""
    renamed = {}
    for path, texts in error.errors.items():
        place = path.split(".")[1] if path.startswith("contents.") else ""
        renamed[f"line_{receipts[int(place)]['id'].pk}" if place else path] = texts
    error.errors = renamed
