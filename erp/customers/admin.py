"""Customers, as people see them: one list for every nature, a page in tabs, contacts and lists."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldBooleanSwitchWidget

from erp.core.access import AnyOf, Key, ListKey, visible
from erp.core.admin import RowsReport, TenantAdmin, TenantForm, TenantStackedInline, row_action
from erp.core.admin.parameters import parameters_form, taken
from erp.core.scope import current_team
from erp.customers import services
from erp.customers.models import (
    NATURES,
    Contact,
    ContactFunction,
    Customer,
    CustomerActivity,
    CustomerAddress,
    CustomerOrigin,
    CustomerType,
)
from erp.customers.parameters import CUSTOMER
from erp.customfields.pages import CarrierAdmin
from erp.various.models import Civility

NATURE_FLAGS = tuple(f"is_{nature}" for nature in NATURES)
TAB = {"classes": ("tab",)}


def as_body(values: dict[str, Any]) -> dict[str, Any]:
    """A form's values as the services take them: tags by their names."""
    if "tags" in values:
        values["tags"] = [tag.name for tag in values["tags"]]
    return values


def selected(model: Any) -> Any:
    """The id of the row of a list that is selected by default."""
    return model.objects.filter(use_default=True).values_list("pk", flat=True).first()


# --- Customers ------------------------------------------------------------------------------------


class ArchivedFilter(DropdownFilter):
    """Archived customers are out of the way until asked for."""

    title = _("archive")
    parameter_name = "archived"
    all_option = ["", _("In use")]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("Archived")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset if self.value() == "all" else queryset.filter(archived_at__isnull=self.value() != "1")


class NatureFilter(DropdownFilter):
    """Customers, prospects, suppliers or subcontractors."""

    title = _("nature")
    parameter_name = "nature"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(nature, nature_name(nature)) for nature in NATURES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{f"is_{self.value()}": True}) if self.value() in NATURES else queryset


def nature_name(nature: str) -> str:
    """What people call a nature."""
    field: Any = Customer._meta.get_field(f"is_{nature}")
    return str(field.verbose_name)


class AddressForm(TenantForm):
    """An address, with the uses that its customer tells."""

    use_for_invoice = forms.BooleanField(
        label=_("For invoices"), required=False, widget=UnfoldBooleanSwitchWidget
    )
    use_for_delivery = forms.BooleanField(
        label=_("For deliveries"), required=False, widget=UnfoldBooleanSwitchWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("country", current_team().country_id)
        if self.instance.pk:
            for use in CustomerAddress.USES:
                self.initial[f"use_for_{use}"] = getattr(self.instance, f"use_for_{use}")


class AddressInline(TenantStackedInline):
    model = CustomerAddress
    form = AddressForm
    passed_as = "addresses"
    tab = True
    autocomplete_fields = ("country",)
    fields = (
        ("use_for_invoice", "use_for_delivery"),
        ("label", "country"),
        "road1",
        ("road2", "road3"),
        ("postal_code", "town"),
    )


class CustomerForm(parameters_form(CUSTOMER)):  # type: ignore[misc]
    """A customer with its settings."""

    class Meta:
        model = Customer
        fields: tuple[str, ...] = ()


@admin.register(Customer)
class CustomerAdmin(CarrierAdmin, TenantAdmin):
    guard = AnyOf(NATURES)
    menu = ("customers", 10)
    icon = "group"
    in_palette = True
    form = CustomerForm
    custom_field_switches = dict(zip(NATURES, NATURE_FLAGS, strict=True))
    inlines = (AddressInline,)
    list_display = ("name", "shown_natures", "shown_references", "email", "phone", "town", "team_user")
    list_filter = (NatureFilter, ArchivedFilter, "type", "activity", "origin", "tags", "team_user")
    list_select_related = ("address_invoice", "team_user__user")
    search_fields = (
        "name", "company_name", "firstname", "lastname", "email", "phone", "mobile", "company_siret",
        *(f"{nature}_reference" for nature in NATURES),
        "address_invoice__town", "address_invoice__postal_code",
    )  # fmt: skip
    search_phones = ("phone", "mobile")
    autocomplete_fields = ("activity", "origin", "tags")
    readonly_fields = ("shown_references", "shown_contacts", "archived_at", "created_at", "updated_at")
    fieldsets = (
        (None, {"fields": (NATURE_FLAGS, "type", "company_name", "civility", ("firstname", "lastname"))}),
        (_("Contact details"), TAB | {"fields": (("phone", "mobile"), ("email", "fax"), "website",
                                                 "shown_contacts")}),
        (_("Company"), TAB | {"fields": (("company_siret", "company_vatrate"),
                                         ("company_type", "company_capital"),
                                         ("company_naf", "company_rcs"))}),
        (_("Follow-up"), TAB | {"fields": (("activity", "origin"), ("team_user", "birth_date"), "tags",
                                           "newsletter_inscription", ("shown_references", "archived_at"),
                                           ("created_at", "updated_at"))}),
        (_("Settings"), TAB | {"fields": tuple(CUSTOMER.by_name)}),
        (_("Accounting"), TAB | {"fields": (("customer_account", "provider_account"),)}),
    )  # fmt: skip
    actions = ("archive_rows", "unarchive_rows")
    actions_detail = ("archive", "unarchive")

    # --- Columns ----------------------------------------------------------------------------------

    @display(description=_("nature"), label=True)
    def shown_natures(self, row: Customer) -> list[str]:
        return [nature_name(nature) for nature in row.natures]

    @display(description=_("references"))
    def shown_references(self, row: Customer) -> str:
        return ", ".join(filter(None, (getattr(row, f"{nature}_reference") for nature in NATURES))) or "–"

    @display(description=_("town"), ordering="address_invoice__town")
    def town(self, row: Customer) -> str:
        return row.address_invoice.town if row.address_invoice else "–"

    def palette_note(self, row: Customer) -> str:
        place = row.address_invoice.town if row.address_invoice else ""
        return " · ".join(filter(None, (place, row.phone or row.mobile)))

    @display(description=_("contacts"))
    def shown_contacts(self, row: Customer) -> str:
        """The customer's contacts, each leading to its page, and a way to add one."""
        if row._state.adding:
            return _t("Save the customer first.")
        pages = self.admin_site.get_model_admin(Contact)
        links = [
            (pages.change_url(contact), str(contact)) for contact in visible(Contact).filter(customers=row)
        ]
        links.append((f"{pages.add_url()}?customers={row.pk}", _t("Add a contact")))
        return format_html_join(", ", '<a class="text-primary-600" href="{}">{}</a>', links)

    # --- Permissions ------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (
            obj is None or services.may(obj.natures, "update")
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (
            obj is None or services.may(obj.natures, "delete")
        )

    # --- Writing ----------------------------------------------------------------------------------

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        lists = {
            "type": CustomerType,
            "activity": CustomerActivity,
            "origin": CustomerOrigin,
            "civility": Civility,
        }
        return {
            "is_customer": True,
            "newsletter_inscription": current_team().parameter("automatic_newsletter_subscription"),
            **{name: selected(model) for name, model in lists.items()},
            **super().get_changeform_initial_data(request),
        }

    def create_row(self, values: dict[str, Any]) -> Customer:
        return services.create_customer(self._with_settings(values))

    def update_row(self, row: Customer, values: dict[str, Any]) -> Customer:
        return services.update_customer(row, self._with_settings(values))

    def _with_settings(self, values: dict[str, Any]) -> dict[str, Any]:
        if settings := taken(CUSTOMER, values):
            values["configs"] = settings
        return as_body(values)

    def delete_row(self, row: Customer) -> None:
        services.delete_customer(row)

    # --- Archive ----------------------------------------------------------------------------------

    @row_action(_("Archive"), icon="archive", done=_("The customer was archived."),
                confirm=_("Archived customers no longer show in lists. Their documents stay."))  # fmt: skip
    def archive(self, request: HttpRequest, row: Customer) -> None:
        services.update_customer(row, {"archived": True})

    @row_action(_("Take out of the archive"), icon="unarchive", done=_("The customer is in use again."))
    def unarchive(self, request: HttpRequest, row: Customer) -> None:
        services.update_customer(row, {"archived": False})

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Archive what is in use, take out what is archived."""
        row = self.get_object(request, str(object_id))
        unwanted = "archive" if row is not None and row.archived_at else "unarchive"
        return [
            item
            for item in super().get_actions_detail(request, object_id)
            if getattr(item.method, "original_function_name", "") != unwanted
        ]

    @action(description=_("Archive the chosen customers"), icon="archive", permissions=["change"])
    def archive_rows(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._archive(request, queryset, archived=True)

    @action(
        description=_("Take the chosen customers out of the archive"),
        icon="unarchive",
        permissions=["change"],
    )
    def unarchive_rows(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._archive(request, queryset, archived=False)

    def _archive(self, request: HttpRequest, queryset: QuerySet[Any], *, archived: bool) -> None:
        report = RowsReport().run(queryset, lambda row: services.update_customer(row, {"archived": archived}))
        text = ngettext("%(count)d customer was changed.", "%(count)d customers were changed.", report.done)
        report.tell(request, text % {"count": report.done})


# --- Contacts -------------------------------------------------------------------------------------


@admin.register(Contact)
class ContactAdmin(CarrierAdmin, TenantAdmin):
    guard = Key("contact")
    menu = ("customers", 20)
    icon = "contacts"
    in_palette = True
    list_display = ("lastname", "firstname", "function", "email", "phone", "mobile", "town")
    list_filter = ("function", "customers", "tags", "country")
    list_select_related = ("function",)
    search_fields = ("lastname", "firstname", "email", "phone", "mobile", "town", "customers__name")
    search_phones = ("phone", "mobile")
    autocomplete_fields = ("function", "country", "customers", "tags")
    fieldsets = (
        (None, {"fields": ("civility", ("firstname", "lastname"), "function", "customers")}),
        (_("Contact details"), TAB | {"fields": (("phone", "mobile"), ("email", "fax"), "website")}),
        (_("Address"), TAB | {"fields": ("road1", ("road2", "road3"), ("postal_code", "town"), "country")}),
        (_("Follow-up"), TAB | {"fields": ("tags", "newsletter_inscription", "comments")}),
    )  # fmt: skip

    def palette_note(self, row: Contact) -> str:
        return " · ".join(filter(None, (row.town, row.phone or row.mobile)))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        defaults = {"civility": selected(Civility), "function": selected(ContactFunction)}
        return {**defaults, **super().get_changeform_initial_data(request)}

    def create_row(self, values: dict[str, Any]) -> Contact:
        return services.create_contact(as_body(values))

    def update_row(self, row: Contact, values: dict[str, Any]) -> Contact:
        return services.update_contact(row, as_body(values))


# --- Lists ----------------------------------------------------------------------------------------


class ListAdmin(TenantAdmin):
    """A list to choose from: everybody sees it, those who manage lists change it."""

    guard = ListKey()
    list_display: tuple[str, ...] = ("label", "use_default")
    search_fields = ("label",)


@admin.register(CustomerType)
class CustomerTypeAdmin(ListAdmin):
    menu = ("settings", 310)
    icon = "corporate_fare"
    list_display = ("label", "is_company", "is_person", "use_default")
    list_filter = ("is_company", "is_person")


@admin.register(CustomerActivity)
class CustomerActivityAdmin(ListAdmin):
    menu = ("settings", 320)
    icon = "work"


@admin.register(CustomerOrigin)
class CustomerOriginAdmin(ListAdmin):
    menu = ("settings", 330)
    icon = "flag"


@admin.register(ContactFunction)
class ContactFunctionAdmin(ListAdmin):
    menu = ("settings", 340)
    icon = "assignment_ind"
