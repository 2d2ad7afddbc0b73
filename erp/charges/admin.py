"""Charges and their payments, as people see them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from erp.charges import services
from erp.charges.api import ChargeViewSet
from erp.charges.choices import ChargeStatus
from erp.charges.figures import SUMS, owed
from erp.charges.models import Charge, ChargeContent, Payment, PaymentUse
from erp.core.access import Key, visible
from erp.core.admin import TenantAdmin, TenantForm, TenantTabularInline, row_action
from erp.core.inputs import NumberField
from erp.core.scope import current_team
from erp.customers.settlement.admin import BasePaymentAdmin, BaseUseInline
from erp.customers.settlement.pay_page import PayPage
from erp.various.figures import money
from erp.various.services import default_vat_rate, team_today

__all__ = ["ChargeAdmin", "PaymentAdmin"]

STATUS_COLORS = {
    ChargeStatus.DRAFT.value: "default",
    ChargeStatus.TO_PAY.value: "warning",
    ChargeStatus.PARTLY_PAID.value: "info",
    ChargeStatus.PAID.value: "success",
}


# --- Lines --------------------------------------------------------------------------------------------


class ContentForm(TenantForm):
    """A line: one price, without VAT or with it; a VAT rate, or else VAT as the supplier's invoice has it."""

    price = NumberField(label=_("unit price"), is_price=True, max_digits=15)
    vat = NumberField(label=_("VAT of one, without a rate"), is_price=True, max_digits=15, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        line = self.instance
        if "designation" in self.fields:
            self.fields["designation"].widget.attrs |= {"rows": 1, "style": "min-width: 16rem"}
        if line.pk is None:
            self.initial.setdefault("vat_rate", default_vat_rate())
        else:
            self.initial["price"] = line.unit_price_ttc if line.includes_vat else line.unit_price_ht
            self.initial["vat"] = line.unit_price_tva if line.custom_vat_rate else None

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("vat_rate") is None and values.get("vat") is None:
            self.add_error("vat_rate", _t("Choose a rate, or type the amount of VAT."))
        return values


#: The least widths of inputs of lines, which tables would make too narrow to be read.
WIDTHS = {"vat_rate": "9rem", "unit": "7rem"}


class ContentInline(TenantTabularInline):
    """What was bought."""

    model = ChargeContent
    form = ContentForm
    passed_as = "contents"
    extra = 1
    fields = (
        "designation",
        "quantity",
        "price",
        "includes_vat",
        "vat_rate",
        "shown_total",
        "charge_category",
        "unit",
        "product",
        "vat",
    )
    readonly_fields = ("shown_total",)
    autocomplete_fields = ("charge_category", "product")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("charge__currency", "unit", "vat_rate", "product")

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "quantity":
            return NumberField(label=capfirst(db_field.verbose_name), initial=Decimal(1), max_digits=15)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        widget = getattr(field, "widget", None)
        if isinstance(widget, RelatedFieldWidgetWrapper):  # no room for the buttons of each list
            widget.can_add_related = widget.can_change_related = False
            widget.can_delete_related = widget.can_view_related = False
        if widget is not None and db_field.name in WIDTHS:
            widget.attrs["style"] = f"min-width: {WIDTHS[db_field.name]}"
        return field

    @display(description=_("Total incl. VAT"))
    def shown_total(self, row: ChargeContent) -> str:
        return money(row.total_ttc, row.charge.currency) if row.pk else ""


def line_of(values: dict[str, Any]) -> dict[str, Any]:
    """A line of the form as the services take it."""
    line = {name: values.get(name) for name in ("id", "designation", "quantity", "unit", "charge_category")}
    line["unit_price_ttc" if values.get("includes_vat") else "unit_price_ht"] = values.get("price")
    line |= {"vat_rate": values.get("vat_rate"), "custom_vat_rate": values.get("vat_rate") is None}
    line["unit_price_tva"] = values.get("vat")
    if values.get("product") is not None or values.get("id") is None:
        line["catalog"] = values.get("product")
    return line


# --- Charges ------------------------------------------------------------------------------------------


class PaymentFilter(DropdownFilter):
    """Charges of which something remains, or nothing."""

    title = _("payment")
    parameter_name = "payment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("Something remains to be paid")), ("paid", _("Paid"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        statuses = {"open": (ChargeStatus.TO_PAY, ChargeStatus.PARTLY_PAID), "paid": (ChargeStatus.PAID,)}
        chosen = statuses.get(self.value() or "")
        return queryset.filter(status__in=chosen) if chosen else queryset


class ChargeForm(TenantForm):
    """A charge: payments set the last two statuses by themselves."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if status := self.fields.get("status"):
            chosen = [ChargeStatus.DRAFT, ChargeStatus.TO_PAY, self.instance.status]
            status.choices = [  # type: ignore[attr-defined]
                (value, label) for value, label in ChargeStatus.choices if value in chosen
            ]
        for name in ("currency", "exchange_rate"):
            if name in self.fields:
                self.fields[name].required = False


#: What makes the same bill of a charge.
TOLD = frozenset(("customer", "invoice_reference", "type"))


def not_a_draft(row: Charge) -> str | None:
    """Why a charge is not set to be paid."""
    return None if row.status == ChargeStatus.DRAFT else _t("%(charge)s is no draft.") % {"charge": row}


@admin.register(Charge)
class ChargeAdmin(PayPage, TenantAdmin):
    """What suppliers billed."""

    settlement = services.SETTLEMENT
    guard = Key("charges")
    menu = ("buy", 20)
    icon = "receipt"
    in_palette = True
    form = ChargeForm
    change_list_template = "admin/sales/document/change_list.html"
    list_display = (
        "reference",
        "date",
        "shown_supplier",
        "invoice_reference",
        "shown_ht",
        "shown_ttc",
        "shown_rest",
        "shown_status",
    )
    list_display_links = ("reference", "shown_supplier")
    export_more = ("currency_code",)
    list_filter = (
        PaymentFilter,
        "status",
        "type",
        ("date", RangeDateFilter),
        "customer",
        "contents__charge_category",
    )
    list_select_related = ("customer", "currency")
    search_fields = tuple(ChargeViewSet.searches.values())
    search_amounts = ("total_ht", "total_ttc")
    ordering = ("-date", "-pk")
    autocomplete_fields = ("customer", "contact")
    readonly_fields = ("reference", "shown_totals", "shown_payments")
    inlines = (ContentInline,)
    actions_detail = ("pay", "set_to_pay")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("customer", "contact"),
                    ("date", "invoice_reference"),
                    ("title", "status"),
                    ("type",),
                    "shown_totals",
                    "shown_payments",
                )
            },
        ),
        (_("Currency"), {"classes": ("collapse",), "fields": (("currency", "exchange_rate"),)}),
    )
    empty_text = _("Charges are what suppliers bill you. Enter one to know what there is to pay, and when.")
    add_text = _("New charge")

    class Media:
        css: ClassVar[dict[str, Any]] = {"all": ("sales/document.css",)}

    # --- List ------------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, and what the charges that it shows are worth together, credits deducted."""
        response: Any = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None) or {}
        if listed := context.get("cl"):
            found = owed(listed.queryset) if listed.result_count else {}
            shown = [(label, money(found[name])) for name, label in SUMS.items() if found]
            context |= {"sums": shown, "empty_text": self.empty_text, "add_text": self.add_text}
        return response

    @display(description=_("Supplier"), ordering="customer__name", header=True)
    def shown_supplier(self, row: Charge) -> list[str]:
        return [str(row.customer), row.title]

    @display(description=_("Total excl. VAT"), ordering="total_ht")
    def shown_ht(self, row: Charge) -> str:
        return money(_signed(row, row.total_ht), row.currency)

    @display(description=_("Total incl. VAT"), ordering="total_ttc")
    def shown_ttc(self, row: Charge) -> str:
        return money(_signed(row, row.total_ttc), row.currency)

    @display(description=_("Remains to be paid"))
    def shown_rest(self, row: Charge) -> str:
        if not row.stay_to_pay:
            return "–"
        return money(_signed(row, row.stay_to_pay), row.currency)

    @display(description=_("Status"), ordering="status", label=STATUS_COLORS)
    def shown_status(self, row: Charge) -> tuple[int, str]:
        return row.status, row.status_label

    def palette_note(self, row: Charge) -> str:
        return f"{row.customer} · {self.shown_ttc(row)}"

    # --- Form ------------------------------------------------------------------------------------

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new charge starts as the team's settings say."""
        team = current_team()
        start = {
            "date": team_today(),
            "status": team.parameter("charges_default_status"),
            "currency": team.parameter("currency"),
        }
        return start | super().get_changeform_initial_data(request)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Totals and payments show once there are any."""
        (title, options), *others = super().get_fieldsets(request, obj)
        if obj is None:
            kept = tuple(name for name in options["fields"] if not str(name).startswith("shown_"))
            options = {**options, "fields": kept}
        return [(title, options), *others]

    @display(description=_("Totals"))
    def shown_totals(self, row: Charge) -> str:
        words = {
            name: money(getattr(row, name), row.currency)
            for name in ("total_ht", "total_tva", "total_ttc", "stay_to_pay")
        }
        text = _t(
            "%(total_ht)s excl. VAT + %(total_tva)s VAT = %(total_ttc)s, of which %(stay_to_pay)s remain"
        )
        return text % words

    @display(description=_("Paid by"))
    def shown_payments(self, row: Charge) -> str:
        if not row.already_paid:
            return "–"
        return render_to_string("admin/settlement/paid_by.html", {"paid_by": self.paid_by(row)})

    # --- Saving ----------------------------------------------------------------------------------

    def create_row(self, values: dict[str, Any]) -> Charge:
        return services.create_charge(_as_body(values))

    def update_row(self, row: Charge, values: dict[str, Any]) -> Charge:
        return services.update_charge(row, _as_body(values))

    def delete_row(self, row: Charge) -> None:
        services.delete_charge(row)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Whoever enters a bill that was entered before is told so."""
        super().save_model(request, obj, form, change)
        if not TOLD.isdisjoint(form.changed_data) and (twin := services.twin_of(obj)):
            text = _t(
                "%(charge)s of %(date)s has the same supplier's reference: was this one entered before?"
            )
            words = {"charge": twin, "date": date_format(twin.date, "SHORT_DATE_FORMAT")}
            messages.warning(request, text % words)

    # --- Buttons ---------------------------------------------------------------------------------

    @action(description=_("Pay"), icon="payments", permissions=["pay"], variant=ActionVariant.PRIMARY)
    def pay(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The page that pays a charge, with money or with credits."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return self.pay_page(request, row)

    def has_pay_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the button is offered: while something remains, to those who may record payments."""
        row = visible(Charge).filter(pk=unquote(str(object_id))).first() if object_id else None
        return self.payment_admin().has_add_permission(request) if row is None else self.may_pay(request, row)

    @row_action(_("Set to be paid"), icon="check", unless=not_a_draft, done=_("The charge is to be paid."))
    def set_to_pay(self, request: HttpRequest, row: Charge) -> None:
        services.update_charge(row, {"status": ChargeStatus.TO_PAY})


def _signed(row: Charge, amount: Decimal) -> Decimal:
    """What a charge adds to what is owed: credits are deducted."""
    return -amount if row.is_credit else amount


def _as_body(values: dict[str, Any]) -> dict[str, Any]:
    contents = values.get("contents")
    return values if contents is None else {**values, "contents": [line_of(line) for line in contents]}


# --- Payments -----------------------------------------------------------------------------------------


class UseInline(BaseUseInline):
    """The charges, or the credits, that a payment pays."""

    model = PaymentUse
    passed_as = "charges"
    settlement = services.SETTLEMENT


@admin.register(Payment)
class PaymentAdmin(BasePaymentAdmin):
    """Money given to suppliers."""

    settlement = services.SETTLEMENT
    guard = Key("charges")
    menu = ("buy", 30)
    inlines = (UseInline,)
    empty_text = _("Payments to suppliers. Record one here, or pay a charge from its page.")

    @display(description=_("Supplier"), ordering="customer__name", header=True)
    def shown_customer(self, row: Payment) -> list[str]:
        return super().shown_customer(row)
