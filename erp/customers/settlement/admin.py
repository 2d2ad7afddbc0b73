"""Payments as people see them: what both chapters have in common.

`BasePaymentAdmin`, with `BaseUseInline` for what each payment pays. The page that pays one document is in
`pay_page.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from erp.core.admin import TenantAdmin, TenantForm, TenantTabularInline
from erp.core.errors import BusinessError
from erp.core.inputs import NumberField
from erp.customers.settlement.models import PaymentStatus, PaymentType
from erp.customers.settlement.pay_page import usual_means
from erp.customers.settlement.services import Settlement
from erp.various.figures import money, sums
from erp.various.services import team_today

__all__ = ["BasePaymentAdmin", "BaseUseInline"]

STATUS_COLORS = {
    PaymentStatus.TO_USE.value: "warning",
    PaymentStatus.PARTLY_USED.value: "info",
    PaymentStatus.USED.value: "success",
}


# --- What a payment pays ------------------------------------------------------------------------------


class OpenDocumentField(forms.ModelChoiceField):
    """A document of which something remains, with how much."""

    def __init__(self, settlement: Settlement, **kwargs: Any) -> None:
        self.settlement = settlement
        super().__init__(**kwargs)

    def label_from_instance(self, obj: Any) -> str:
        rest = money(self.settlement.rest(obj), obj.currency)
        words = {"document": obj, "customer": obj.customer, "rest": rest}
        return _t("%(document)s · %(customer)s · %(rest)s remain") % words


class UseForm(TenantForm):
    """A row of what a payment pays; the service checks it."""

    amount = NumberField(label=_("Amount"), is_price=True, max_digits=15, decimal_places=2)


class BaseUseInline(TenantTabularInline):
    """What a payment pays. The chapter names its model and its `settlement`."""

    settlement: ClassVar[Settlement]
    form = UseForm
    extra = 1
    fields = ("target", "amount")
    verbose_name_plural = _("What it pays")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Rows are called as in the bodies of the API, so that refusals find them."""
        name = self.settlement.name
        members = {"get_default_prefix": staticmethod(lambda: name)}
        prefixed = type("UseFormSet", (self.formset,), members)
        return super().get_formset(request, obj, **{"formset": prefixed, **kwargs})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("target__customer", "target__currency")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Documents of which something remains: of the payment's customer, when it has one already."""
        if db_field.name != "target":
            return super().formfield_for_foreignkey(db_field, request, **kwargs)
        rows = self.settlement.open_documents().order_by("customer__name", "date", "pk")
        if customer := self._customer(request):
            rows = rows.filter(customer_id=customer)
        return OpenDocumentField(
            self.settlement,
            queryset=rows.select_related("customer", "currency"),
            label=db_field.verbose_name,
            widget=UnfoldAdminSelectWidget,
        )

    def _customer(self, request: HttpRequest) -> int | None:
        match = request.resolver_match
        key = match.kwargs.get("object_id") if match else None
        if key and str(key).isdecimal():
            found: int | None = (
                self.settlement.payment.objects.filter(pk=key).values_list("customer_id", flat=True).first()
            )
            return found
        wanted = request.GET.get("customer", "")
        return int(wanted) if wanted.isdecimal() and len(wanted) < 19 else None


class PaymentStatusFilter(DropdownFilter):
    """Payments by how much of them is used."""

    title = _("use")
    parameter_name = "use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(value), label) for value, label in PaymentStatus.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value() or ""
        if chosen not in {str(value) for value in PaymentStatus.values}:
            return queryset
        return queryset.filter(queryset.model.having(int(chosen)))


class BasePaymentAdmin(TenantAdmin):
    """Payments of a chapter, which adds its guard, its place in the menu and its inline."""

    settlement: ClassVar[Settlement]
    icon = "payments"
    change_list_template = "admin/sales/document/change_list.html"
    list_display = (
        "date",
        "shown_customer",
        "payment_method",
        "shown_amount",
        "shown_rest",
        "shown_status",
        "shown_type",
    )
    list_display_links = ("date", "shown_customer")
    export_more = ("currency_code",)
    list_filter = (
        PaymentStatusFilter,
        "type",
        ("date", RangeDateFilter),
        "customer",
        "payment_method",
        "account",
    )
    list_select_related = ("customer", "currency", "payment_method")
    in_palette = True
    search_fields = ("reference", "amount", "customer__name", "comments")
    search_amounts = ("amount",)
    ordering = ("-date", "-pk")
    autocomplete_fields = ("customer",)
    readonly_fields = ("shown_use",)
    fieldsets = (
        (None, {"fields": (("customer", "date"), ("amount", "payment_method"), ("account", "reference"))}),
        (
            _("Currency and comments"),
            {"classes": ("collapse",), "fields": (("currency", "exchange_rate"), "comments")},
        ),
    )
    #: What the list says, and its button, while there is no payment.
    empty_text: ClassVar[Any] = ""
    add_text: ClassVar[Any] = _("New payment")

    class Media:
        css: ClassVar[dict[str, Any]] = {"all": ("sales/document.css",)}

    # --- List ------------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, and what the payments that it shows are worth together, refunds deducted."""
        response: Any = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None) or {}
        if listed := context.get("cl"):
            names = {"amount": _t("Amount"), "amount_used": _t("Used")}
            rows, refunds = listed.queryset, Q(type=PaymentType.REFUND)
            found = sums(rows, *names, minus=refunds) if listed.result_count else {}
            shown = [(label, money(found[name])) for name, label in names.items() if found]
            context |= {"sums": shown, "empty_text": self.empty_text, "add_text": self.add_text}
        return response

    @display(description=_("customer"), ordering="customer__name", header=True)
    def shown_customer(self, row: Any) -> list[str]:
        return [str(row.customer), row.reference]

    @display(description=_("Amount"), ordering="amount")
    def shown_amount(self, row: Any) -> str:
        return money(-row.amount if row.is_refund else row.amount, row.currency)

    @display(description=_("To use"))
    def shown_rest(self, row: Any) -> str:
        return money(row.stay_to_use, row.currency) if row.stay_to_use else "–"

    @display(description=_("Use"), label=STATUS_COLORS)
    def shown_status(self, row: Any) -> tuple[int, str]:
        return row.status, row.status_label

    @display(description=_("Type"), ordering="type")
    def shown_type(self, row: Any) -> str:
        return str(row.get_type_display())

    def palette_note(self, row: Any) -> str:
        return f"{row.customer} · {date_format(row.date, 'SHORT_DATE_FORMAT')} · {self.shown_amount(row)}"

    # --- Form ------------------------------------------------------------------------------------

    @display(description=_("Use"))
    def shown_use(self, row: Any) -> str:
        words = {"used": money(row.amount_used, row.currency), "rest": money(row.stay_to_use, row.currency)}
        return _t("%(used)s used, %(rest)s to use") % words

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """A payment that exists says how much of it is used."""
        sets = super().get_fieldsets(request, obj)
        if obj is None:
            return sets
        (title, options), *others = sets
        return [(title, {**options, "fields": (*options["fields"], "shown_use")}), *others]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Customer, currency and amount are those of what is paid, unless given."""
        form = super().get_form(request, obj, change, **kwargs)
        for name in ("customer", "currency", "exchange_rate", "amount"):
            if name in form.base_fields:
                form.base_fields[name].required = False
        if "amount" in form.base_fields:
            form.base_fields["amount"].help_text = _t("Left empty: the sum of what it pays.")
        return form

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "amount":
            label = capfirst(db_field.verbose_name)
            return NumberField(label=label, is_price=True, max_digits=15, decimal_places=2)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Today, by the usual means; for `?customer=` when given."""
        return {"date": team_today(), **usual_means()} | super().get_changeform_initial_data(request)

    # --- Saving ----------------------------------------------------------------------------------

    def create_row(self, values: dict[str, Any]) -> Any:
        return self._saved(lambda given: self.settlement.create(given), values)

    def update_row(self, row: Any, values: dict[str, Any]) -> Any:
        return self._saved(lambda given: self.settlement.update(row, given), values)

    def delete_row(self, row: Any) -> None:
        self.settlement.delete(row)

    def _saved(self, work: Any, values: Mapping[str, Any]) -> Any:
        """Rows as the service takes them; its refusals as the form shows them."""
        name, given = self.settlement.name, dict(values)
        if name in given:
            given[name] = [{"id": row["target"], "amount": row["amount"]} for row in given[name]]
        try:
            return work(given)
        except BusinessError as error:
            raise type(error)(
                {_as_in_form(path): texts for path, texts in error.errors.items()}, code=error.code
            ) from error


def _as_in_form(path: str) -> str:
    """The document of a row is called `id` in bodies, `target` in forms."""
    return f"{path.removesuffix('.id')}.target" if path.endswith(".id") else path
