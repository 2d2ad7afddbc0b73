"""The one page of the company's settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.forms.models import ModelFormMetaclass
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldBooleanSwitchWidget

from erp.core.access import ListKey
from erp.core.admin import TenantAdmin
from erp.core.admin.parameters import field_of, parameters_form
from erp.core.errors import BusinessError
from erp.core.scope import current_actor
from tenants import services
from tenants.admin.forms import TAB, beside_fields, settings_of
from tenants.models import Team
from tenants.parameters import SERIES, TEAM, TEAM_GROUPS, NeededLink, Series

#: Files of a team, each with an input to send another and one to take it away.
FILES = ("logo", "letters_model")


NumberedForm: Any = ModelFormMetaclass(
    "NumberedForm",
    (parameters_form(TEAM),),
    {parameter.name: field_of(parameter) for parameter in TEAM if parameter.external},
)


class TeamForm(NumberedForm):
    """A company, its files, all of its settings, and its number series with their next references."""

    new_logo = forms.FileField(label=_("New logo"), required=False, widget=UnfoldAdminFileFieldWidget)
    remove_logo = forms.BooleanField(
        label=_("Remove the logo"), required=False, widget=UnfoldBooleanSwitchWidget
    )
    new_letters_model = forms.FileField(
        label=_("New letter template (.docx, .odt)"), required=False, widget=UnfoldAdminFileFieldWidget
    )
    remove_letters_model = forms.BooleanField(
        label=_("Remove the letter template"), required=False, widget=UnfoldBooleanSwitchWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = services.number_series()
        for series in SERIES.values():
            for name, attribute in series.attributes.items():
                self.initial[name] = getattr(rows[series.key], attribute)
            self.fields[f"{series.key}_reference_prefix"].help_text = preview_output(series.key)
        for parameter in TEAM:
            required = isinstance(parameter, NeededLink) or bool(parameter.external and parameter.minimum)
            if parameter.name in self.fields and required:
                self.fields[parameter.name].required = True
        for name in FILES:
            file = getattr(self.instance, name)
            self.fields[f"new_{name}"].help_text = str(file) if file else ""


def preview_text(key: str, given: Mapping[str, Any]) -> str:
    """The next references of a series, or why there can be none."""
    try:
        references = services.preview_numbers(key, given)
    except BusinessError as error:
        return error.message
    return _t("Next: %(references)s") % {"references": ", ".join(references)}


def preview_output(key: str) -> str:
    """Where a page shows the next references, kept up to date by numbering.js."""
    address = reverse("admin:numbering_preview", args=[key])
    form = '<output data-series="{}" data-preview="{}">{}</output>'
    return format_html(form, key, address, preview_text(key, {}))


#: Tabs of the settings page: (name, groups of settings).
TABS = (
    (_("General"), ("general",)),
    (_("Customers and suppliers"), ("customers",)),
    (_("Catalog and stock"), ("catalog", "purchases", "stock")),
    (_("Sales"), ("sales", "sales_numbers", "charges")),
    (_("Entry of documents"), ("sales_entry",)),
    (_("PDF"), ("sales_pdf",)),
    (_("Mail models"), ("communication",)),
)


def settings_tabs() -> Iterator[tuple[Any, dict[str, Any]]]:
    """A tab for each job that has settings, and one for all numbers."""
    groups = {group.key: group for group in TEAM_GROUPS}
    for title, keys in TABS:
        names = tuple(
            setting.name for key in keys for setting in groups[key].settings if not setting.external
        )
        if names:
            yield title, TAB | {"fields": names}
    yield (
        _("Numbers"),
        TAB | {"fields": tuple(row for series in SERIES.values() for row in number_rows(series))},
    )


def number_rows(series: Series) -> tuple[tuple[str, ...], ...]:
    """Two lines for a series: prefix and next number, then how numbers are written and when they restart."""
    names = tuple(series.attributes)
    return names[:2], names[2:]


for _series in SERIES.values():
    _prefix = NumberedForm.base_fields[f"{_series.key}_reference_prefix"]
    _prefix.label = _series.label


@admin.register(Team)
class TeamAdmin(TenantAdmin):
    """The one page of the company's settings, grouped by job."""

    guard = ListKey("app-configuration")
    verbs = ("read", "update")
    menu = ("settings", 0)
    icon = "settings"
    form = TeamForm
    fieldsets = (
        (_("Company"), TAB | {"fields": (
            ("company_name", "company_type"), "road1", ("road2", "road3"), ("postal_code", "town"), "country",
            ("phone", "mobile"), ("email", "fax"), "website", ("company_siret", "company_vatrate"),
            ("company_rcs", "company_naf"), ("company_capital", "vat_on_debits"),
            *((f"new_{name}", f"remove_{name}") for name in FILES), ("created_at", "updated_at"),
        )}),
        *settings_tabs(),
    )  # fmt: skip

    class Media:
        js = ("tenants/numbering.js",)

    def get_urls(self) -> list[Any]:
        preview = self.admin_site.admin_view(self.preview_view)
        return [path("numbering/<str:key>/", preview, name="numbering_preview"), *super().get_urls()]

    def preview_view(self, request: HttpRequest, key: str) -> JsonResponse:
        """The next references of a series for what is typed now."""
        if key not in SERIES or not self.allows(request, "read"):
            raise Http404
        given = {}
        for name, attribute in SERIES[key].attributes.items():
            if name in request.GET:
                try:
                    given[attribute] = TEAM.by_name[name].clean(request.GET[name])
                except ValueError as error:
                    return JsonResponse({"text": str(error)})
        return JsonResponse({"text": preview_text(key, given)})

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one company: its page."""
        actor = current_actor()
        if actor is None or not self.allows(request, "read"):
            return super().changelist_view(request, extra_context)
        return HttpResponseRedirect(self.change_url(actor.team_id))

    def update_row(self, row: Team, values: dict[str, Any]) -> Team:
        for name in FILES:
            upload, removed = values.pop(f"new_{name}", None), values.pop(f"remove_{name}", False)
            if upload or removed:
                values[name] = upload or None
        values["configs"] = settings_of(TEAM, values)
        with beside_fields({"configs.": "", "logo": "new_logo", "letters_model": "new_letters_model"}):
            return services.update_team(values)
