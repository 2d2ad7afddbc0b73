"""The base of the six document admins: list, form, saving. The other pages are in pages.py and making.py."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.widgets import UnfoldAdminSingleDateWidget

from erp.core.admin import TenantAdmin
from erp.core.admin.tabs import ListTab
from erp.core.scope import current_team
from erp.customfields.pages import CarrierAdmin, is_custom
from erp.sales import services
from erp.sales.admin.lists import Columns, DeliveryFilter, StatusFilter, WorkFilter, document_tabs
from erp.sales.admin.making import MakingPages
from erp.sales.admin.pages import DocumentPages
from erp.sales.admin.payments import PaymentFilter
from erp.sales.api import SEARCHES
from erp.sales.choices import ORDER_KINDS, SEALED_KINDS, Kind, Status
from erp.sales.forms import DocumentForm, customer_named
from erp.sales.grid import columns_of
from erp.sales.models import Document
from erp.sales.parameters import INPUT_OPTIONS, options_of
from erp.sales.services.documents import DELIVERY_NOTES
from erp.sales.services.trial import start_values
from erp.various.figures import money, sums
from erp.various.services import default_pdf_model

__all__ = ["DocumentAdmin"]

OFFERS = (Kind.QUOTATION, Kind.COMMAND)
FOLDED = {"classes": ("collapse",)}


def address_rows(side: str) -> tuple[Any, ...]:
    """The rows of an address in the form."""
    rows = (
        ("name", "contact"),
        ("road", "road2", "road3"),
        ("postal_code", "city", "country"),
        ("comments",),
    )
    return tuple(tuple(f"{side}_address_{name}" for name in row) for row in rows)


class DocumentAdmin(DocumentPages, MakingPages, Columns, CarrierAdmin, TenantAdmin):
    """Everything that the six kinds share; a kind says its `kind`, its place in the menu and its columns."""

    kind: ClassVar[Kind]
    in_palette = True
    form = DocumentForm
    change_form_template = "admin/sales/document/change_form.html"
    add_form_template = "admin/sales/document/change_form.html"
    change_list_template = "admin/sales/document/change_list.html"
    custom_fieldset = FOLDED
    list_select_related = ("customer", "currency", "team_user__user")
    list_display_links = ("shown_reference", "shown_customer")
    export_more = ("currency_code",)
    list_filter = (
        WorkFilter,
        PaymentFilter,
        StatusFilter,
        "is_draft",
        ("date", RangeDateFilter),
        "customer",
        "team_user",
        DeliveryFilter,
    )
    search_fields = ("customer__name", *SEARCHES.values())
    search_amounts = ("total_ht", "total_tva", "total_ttc", "stay_to_pay")
    autocomplete_fields = ("customer", "tags")
    #: What the list says, and its button, while there is no document.
    empty_text: ClassVar[Any] = ""
    add_text: ClassVar[Any] = ""

    class Media:
        css = {"all": ("sales/document.css",)}
        js = ("sales/document.js",)

    # --- List ------------------------------------------------------------------------------------

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        columns = [
            "shown_reference",
            "shown_date",
            "shown_customer",
            "shown_ht",
            "shown_ttc",
            "shown_status",
        ]
        if self.kind in (*ORDER_KINDS, Kind.DELIVERY):
            columns.append("shown_to_bill")
        if self.kind in SEALED_KINDS:
            columns += ["shown_payment", "shown_rest", "shown_due_date"]
        if self.kind in (*ORDER_KINDS, Kind.INVOICE):
            columns.append("shown_delivery")
        return (*columns, "shown_salesperson")

    def get_list_filter(self, request: HttpRequest) -> Any:
        absent = {
            WorkFilter: SEALED_KINDS,
            DeliveryFilter: (Kind.DELIVERY, Kind.CREDIT),
            PaymentFilter: (*ORDER_KINDS, Kind.DELIVERY),
        }
        return [item for item in super().get_list_filter(request) if self.kind not in absent.get(item, ())]

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """The API's searches, and the customer's whole name."""
        own = "customer_proforma" if self.kind == Kind.PROFORMA else "customer_command"
        return [path.replace("customer_command", own) for path in super().get_search_fields(request)]

    def list_tabs(self, request: HttpRequest) -> list[ListTab]:
        return document_tabs(self.kind)

    def palette_note(self, row: Document) -> str:
        return f"{row.customer} · {money(row.total_ttc, row.currency)}"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, and what the documents that it shows are worth together."""
        response: Any = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None) or {}
        if listed := context.get("cl"):
            context |= {"sums": self._sums(listed), "empty_text": self.empty_text, "add_text": self.add_text}
        return response

    def _sums(self, listed: Any) -> list[tuple[str, str]]:
        """(label, amount) of the filtered set."""
        names = {"total_ht": _t("Total excl. VAT"), "total_ttc": _t("Total incl. VAT")}
        if self.kind in (*ORDER_KINDS, Kind.DELIVERY):
            names["to_bill"] = _t("To bill")
        if self.kind in SEALED_KINDS:
            names["stay_to_pay"] = _t("Remains to be paid") if self.kind == Kind.INVOICE else _t("To use")
        found = sums(listed.queryset, *names) if listed.result_count else {}
        return [(label, money(found[name])) for name, label in names.items() if found]

    # --- Form ------------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """What is typed for the kind: the daily part open, the rest folded."""
        offers, delivers = self.kind in OFFERS, self.kind == Kind.DELIVERY
        dates = ("date", "expire_at") if self.kind in ORDER_KINDS else ("date", "team_user")
        reference = (
            "customer_proforma_reference" if self.kind == Kind.PROFORMA else "customer_command_reference"
        )
        head: list[Any] = [("customer", "contact"), dates, ("title", reference)]
        if delivers:
            head.append(("package_qty", "delivery_mode", "delivery_tracking"))
        terms: list[Any] = [("payment_term", "payment_methods"), ("sale_term", "escompte_rate"),
                            ("penalty_rate", "penalty_rate_law", "collection_costs_law")]  # fmt: skip
        if offers:
            terms.append(("advance_payment_value", "advance_payment_type"))
        if not delivers:
            holdback = tuple(f"guarantee_holdback_{name}" for name in ("percent", "amount", "duration"))
            terms += [("grant", "grant_amount"), holdback]
        amounts = (
            ("global_discount_value", "global_discount_type", "global_discount_type_amount"),
            ("input_mode", "use_global_vatrate", "vat_rate"), ("currency", "exchange_rate"),
            ("secondary_quantity_mode", "secondary_quantity", "secondary_unit"),
        )  # fmt: skip
        printing: tuple[Any, ...] = ("comments", ("pdf_model", "language"), ("customer_vatrate",), "tags")
        if self.kind in ORDER_KINDS:
            printing = (*printing[:2], ("customer_vatrate", "team_user"), "tags")
        sets = [
            (None, {"fields": tuple(head)}),
            (_("Billing address"), FOLDED | {"fields": address_rows("billing")}),
        ]
        if self._options(obj).get("allow_delivery_address", True):
            sets.append((_("Delivery address"), FOLDED | {"fields": address_rows("delivery")}))
        return [
            *sets,
            (_("Amounts and discount"), FOLDED | {"fields": amounts}),
            (_("Payment and terms"), FOLDED | {"fields": tuple(terms)}),
            (_("Printing and follow-up"), FOLDED | {"fields": printing}),
            *self.custom_fieldsets(request, obj),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Of a validated delivery, all that its goods depend on."""
        if obj is None or obj.is_draft or obj.kind != Kind.DELIVERY:
            return ["shown_custom_values"]
        names = _names(self.get_fieldsets(request, obj))
        fixed = [name for name in names if name not in DELIVERY_NOTES and not is_custom(name)]
        return [*fixed, "shown_custom_values"]

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "expire_at":
            return forms.DateField(
                label=capfirst(db_field.verbose_name), required=False, widget=UnfoldAdminSingleDateWidget
            )
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if (
            db_field.name != "customer"
            and hasattr(field, "widget")
            and hasattr(field.widget, "can_add_related")
        ):
            for name in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
                setattr(field.widget, name, False)
        if db_field.name.endswith("_address_comments") and field:
            field.widget.attrs["rows"] = 2
        return field

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.options = self._options(obj)
        return form

    @staticmethod
    def _options(document: Document | None) -> dict[str, Any]:
        """The entry options: the document's own, or the team's for a new one."""
        own = document.input_options if document else None
        return own or options_of(current_team(), INPUT_OPTIONS, "sales_", {})

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new document starts as the services would make it, for `?customer=` when given."""
        customer = customer_named(request.GET.get("customer"))
        values = start_values(self.kind, customer) | {
            "pdf_model": default_pdf_model(self.kind),
            "customer": customer,
        }
        return {name: getattr(value, "pk", value) for name, value in values.items()}

    # --- What may be done ------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Sealed and cancelled documents are shown, not edited."""
        is_open = obj is None or not (obj.is_sealed or obj.status == Status.CANCELLED)
        return is_open and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_kept = obj is not None and (obj.is_sealed or (obj.kind == Kind.DELIVERY and not obj.is_draft))
        return not is_kept and super().has_delete_permission(request, obj)

    # --- Saving ----------------------------------------------------------------------------------

    def create_row(self, values: dict[str, Any]) -> Document:
        """A new draft; an address left empty is the customer's."""
        for side in ("billing", "delivery"):
            names = [name for name in values if name.startswith(f"{side}_address_")]
            if not any(values[name] for name in names):
                values = {name: value for name, value in values.items() if name not in names}
        return services.create_document(self.kind, _as_body(values))

    def update_row(self, row: Document, values: dict[str, Any]) -> Document:
        return services.update_document(row, _as_body(values))

    def delete_row(self, row: Document) -> None:
        services.delete_document(row)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        """Stay on the document that was made."""
        return self._after_saving(request, obj, _t("The draft was saved."))

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        texts = {"reference": obj.reference, "version": obj.version}
        text = (
            _t("%(reference)s was saved as version %(version)s.")
            if obj.kind in ORDER_KINDS
            else _t("%(reference)s was saved.")
        )
        return self._after_saving(request, obj, _t("The draft was saved.") if obj.is_draft else text % texts)

    def _after_saving(self, request: HttpRequest, obj: Any, text: str) -> HttpResponse:
        messages.success(request, text)
        is_next = "_validate" in request.POST and obj.is_draft
        return HttpResponseRedirect(self._url("validate", obj.pk) if is_next else self.change_url(obj))

    # --- The page --------------------------------------------------------------------------------

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The form, the grid of lines, and around them what can be done next."""
        form, document = context["adminform"].form, context.get("original")
        options = self._options(document)
        subject = document or form.instance
        if document is None:
            subject.secondary_quantity_mode = form["secondary_quantity_mode"].value()
            subject.use_global_vatrate = bool(form["use_global_vatrate"].value())
        context |= {
            "kind": self.kind,
            "form": form,
            "columns": columns_of(subject, options),
            "options": options,
            "may_edit_lines": self._may_edit_lines(request, document),
            "subject": subject,
            **self.pages_of(request, document),
            **(self.around(request, document) if document else self.totals_of(None, form)),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def _may_edit_lines(self, request: HttpRequest, document: Document | None) -> bool:
        if document is None:
            return self.has_add_permission(request)
        is_fixed = document.kind == Kind.DELIVERY and not document.is_draft
        return self.has_change_permission(request, document) and not is_fixed

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("currency", "customer")

    def _page(
        self, request: HttpRequest, template: str, document: Document, title: Any, **context: Any
    ) -> TemplateResponse:
        """A page about a document, besides its form."""
        shared = {
            **self.admin_site.each_context(request),
            "title": title, "subtitle": str(document), "opts": self.opts,
            "original": document, "kind": self.kind, "back": self.change_url(document), "media": self.media,
        }  # fmt: skip
        return TemplateResponse(request, f"admin/sales/document/{template}.html", shared | context)


def _names(fieldsets: Iterable[Any]) -> list[str]:
    rows = [row for _title, options in fieldsets for row in options["fields"]]
    return [name for row in rows for name in ([row] if isinstance(row, str) else row)]


def _as_body(values: dict[str, Any]) -> dict[str, Any]:
    """A form's values as the services take them: tags by their names."""
    if "tags" in values:
        values = {**values, "tags": [tag.name for tag in values["tags"]]}
    return values
