"""The company's settings, its users and its keys, as people see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms.models import ModelFormMetaclass
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldBooleanSwitchWidget,
)

from erp.core.access import ListKey, SwitchKey
from erp.core.admin import TenantAdmin, TenantForm, row_action
from erp.core.admin.parameters import field_of, parameters_form, taken
from erp.core.errors import BusinessError, Invalid, flatten
from erp.core.parameters import ParameterSet
from erp.core.scope import current_actor
from tenants import services
from tenants.models import ApiKey, Team, TeamUser
from tenants.parameters import SERIES, TEAM, TEAM_GROUPS, TEAM_USER, NeededLink, Series
from tenants.permissions import CATEGORIES, PERMISSIONS

TAB = {"classes": ("tab",)}
#: Files of a team, each with an input to send another and one to take it away.
FILES = ("logo", "letters_model")
ROLE_NAMES = (("commercial", _("Sales")), ("manager", _("Management")), ("technical", _("Technical")))


def settings_of(parameters: ParameterSet, values: dict[str, Any]) -> dict[str, Any]:
    """The settings among a form's values, taken out of them. Raises Invalid by field."""
    try:
        return taken(parameters, values)
    except serializers.ValidationError as error:
        raise Invalid(flatten(error.detail)) from error


@contextmanager
def beside_fields(names: Mapping[str, str]) -> Iterator[None]:
    """Refusals of a service, renamed to the fields of the form: {start of a path: start of a field}."""
    try:
        yield
    except BusinessError as error:
        renamed: dict[str, list[str]] = {}
        for place, texts in error.errors.items():
            start = next((start for start in names if place.startswith(start)), "")
            renamed[names.get(start, "") + place.removeprefix(start)] = texts
        raise type(error)(renamed, code=error.code) from error


# --- Company settings -------------------------------------------------------------------------------

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
            ("company_rcs", "company_naf"), "company_capital",
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


# --- Team users -------------------------------------------------------------------------------------

PERMISSION = "permission-"


def permission_field(key: str) -> forms.Field:
    """A choice of level."""
    permission = PERMISSIONS[key]
    return forms.TypedChoiceField(
        label=permission.name, choices=permission.levels, coerce=int, widget=UnfoldAdminSelectWidget
    )


class PermissionsMixin:
    """Roles and levels. Levels that the team user at work may not give are not offered."""

    def limit_levels(self: Any, member: TeamUser | None) -> None:
        """Show the member's levels, or those of somebody who is invited now."""
        actor = current_actor()
        for key, permission in PERMISSIONS.items():
            field = self.fields[PERMISSION + key]
            highest = actor.level(key) if actor else permission.highest
            current = member.level(key) if member else highest
            field.choices = [
                (level, label) for level, label in permission.levels if level <= max(highest, current)
            ]
            field.disabled = bool(member and member.is_owner)
            self.initial[PERMISSION + key] = current


PERMISSION_FIELDS = {PERMISSION + key: permission_field(key) for key in PERMISSIONS}


def roles_field() -> forms.Field:
    """Several roles, or none."""
    return forms.MultipleChoiceField(
        label=_("Roles"), choices=ROLE_NAMES, required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )


InvitedForm: Any = ModelFormMetaclass("InvitedForm", (PermissionsMixin, TenantForm), dict(PERMISSION_FIELDS))
SettledForm: Any = ModelFormMetaclass(
    "SettledForm", (PermissionsMixin, parameters_form(TEAM_USER)), dict(PERMISSION_FIELDS)
)


class InviteForm(InvitedForm):
    """Whom to invite, and what they may do."""

    email = forms.EmailField(label=_("E-mail"), widget=UnfoldAdminEmailInputWidget)
    roles = roles_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limit_levels(None)


class MemberForm(SettledForm):
    """What a member may do, whom they manage, their settings."""

    roles = roles_field()
    is_owner = forms.BooleanField(label=_("Owner"), required=False, widget=UnfoldBooleanSwitchWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limit_levels(self.instance)
        self.initial["is_owner"] = self.instance.is_owner
        actor = current_actor()
        self.fields["is_owner"].disabled = actor is not None and not actor.is_owner


def permission_tabs() -> list[tuple[Any, dict[str, Any]]]:
    """A tab of levels for each category of permissions."""
    return [
        (
            category.name,
            TAB
            | {
                "fields": tuple(
                    PERMISSION + permission.key
                    for permission in PERMISSIONS.values()
                    if permission.category == category.key
                )
            },
        )
        for category in CATEGORIES
    ]


@admin.register(TeamUser)
class TeamUserAdmin(TenantAdmin):
    """The people of the team: invited by mail, given roles and permissions."""

    guard = ListKey("manage-users")
    menu = ("settings", 1)
    icon = "group"
    list_display = ("name", "email", "shown_roles", "active", "is_owner", "last_connexion")
    list_filter = ("active",)
    list_select_related = ("user",)
    search_fields = ("user__lastname", "user__firstname", "user__email")
    ordering = ("user__lastname", "user__firstname", "pk")
    readonly_fields = ("name", "email", "last_connexion")
    actions_detail = ("resend",)

    # --- Columns ----------------------------------------------------------------------------------

    @display(description=_("name"), ordering="user__lastname")
    def name(self, row: TeamUser) -> str:
        return str(row.user)

    @display(description=_("e-mail"), ordering="user__email")
    def email(self, row: TeamUser) -> str:
        return row.user.email

    @display(description=_("roles"))
    def shown_roles(self, row: TeamUser) -> str:
        return ", ".join(str(name) for role, name in ROLE_NAMES if role in row.roles) or "–"

    # --- Forms ------------------------------------------------------------------------------------

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None or self.has_change_permission(request, obj):
            kwargs["form"] = InviteForm if obj is None else MemberForm
        return super().get_form(request, obj, change, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return super().get_readonly_fields(request, obj) if obj else []

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        if obj is None:
            return [(None, {"fields": ("email", "roles")}), *permission_tabs()]
        if not self.has_change_permission(request, obj):
            return [(None, {"fields": ("name", "email", "shown_roles", "active", "last_connexion")})]
        main = (("name", "email"), ("active", "is_owner"), "last_connexion", "roles", "team_users")
        settings = (_("Their settings"), TAB | {"fields": tuple(TEAM_USER.by_name)})
        return [(None, {"fields": main}), *permission_tabs(), settings]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field is not None and db_field.name == "team_users":
            field.label = _("People they manage")
        return field

    # --- Writing ----------------------------------------------------------------------------------

    def create_row(self, values: dict[str, Any]) -> TeamUser:
        with beside_fields({"permissions.": PERMISSION}):
            return services.invite(values.pop("email"), grouped(values))

    def update_row(self, row: TeamUser, values: dict[str, Any]) -> TeamUser:
        configs = settings_of(TEAM_USER, values)
        with beside_fields({"permissions.": PERMISSION}):
            return services.update_member(row, {**grouped(values), "configs": configs})

    def delete_row(self, row: TeamUser) -> None:
        services.delete_member(row)

    @row_action(_("Send the invitation again"), icon="mail", done=_("The invitation was sent."))
    def resend(self, request: HttpRequest, row: TeamUser) -> None:
        services.resend_invitation(row)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """People who have joined need no invitation."""
        row = self.get_object(request, str(object_id))
        joined = row is not None and row.active and row.user.has_usable_password()
        return [] if joined else super().get_actions_detail(request, object_id)


def grouped(values: dict[str, Any]) -> dict[str, Any]:
    """A form's values with its levels under `permissions`."""
    levels = {
        name.removeprefix(PERMISSION): values.pop(name) for name in list(values) if name in PERMISSION_FIELDS
    }
    return values | {"permissions": levels}


# --- API keys ---------------------------------------------------------------------------------------


@admin.register(ApiKey)
class ApiKeyAdmin(TenantAdmin):
    """Keys of programs: the secret is shown once, when a key is made; a key is revoked, never deleted."""

    guard = SwitchKey("app-configuration")
    verbs = ("read", "create", "update")
    menu = ("settings", 2)
    icon = "key"
    list_display = ("shown_name", "prefix", "team_user", "created_at", "last_used_at", "revoked_at")
    list_select_related = ("team_user__user",)
    search_fields = ("name", "prefix")
    ordering = ("-created_at",)
    fields = ("name", "team_user", "prefix", "last_used_at", "revoked_at")
    actions_detail = ("revoke",)

    @display(description=_("name"), ordering="name")
    def shown_name(self, row: ApiKey) -> str:
        return row.name or capfirst(_t("without a name"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else ("name", "team_user")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fixed = ["team_user", "prefix", "last_used_at", "revoked_at"] if obj else []
        return [*super().get_readonly_fields(request, obj), *fixed]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "team_user":
            kwargs["queryset"] = users_for_keys()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        actor = current_actor()
        return {"team_user": actor and actor.pk, **super().get_changeform_initial_data(request)}

    def create_row(self, values: dict[str, Any]) -> ApiKey:
        key, secret = services.make_api_key(values["team_user"], values.get("name", ""))
        key.secret = secret  # type: ignore[attr-defined]
        return key

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        """The one page that shows the secret; it is neither stored nor sent elsewhere."""
        context = {
            **self.admin_site.each_context(request),
            "title": _t("Copy the key now"),
            "subtitle": str(obj),
            "opts": self.opts,
            "secret": obj.secret,
            "usage": _t("Programs send it with each request:"),
            "example": "Authorization: Bearer …",
            "back": self.list_url(),
        }
        return TemplateResponse(request, "admin/secret.html", context)

    @row_action(
        _("Revoke"),
        icon="block",
        done=_("The key was revoked."),
        confirm=_("Programs that use this key will stop working at once. This cannot be undone."),
    )
    def revoke(self, request: HttpRequest, row: ApiKey) -> None:
        services.revoke_api_key(row)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """A key is revoked once."""
        row = self.get_object(request, str(object_id))
        revoked = row is not None and row.revoked_at
        return [] if revoked else super().get_actions_detail(request, object_id)


def users_for_keys() -> QuerySet[TeamUser]:
    """The members for whom the team user at work may make keys."""
    actor = current_actor()
    members: QuerySet[TeamUser] = TeamUser.objects.filter(active=True).select_related("user")
    return members.filter(pk=actor.pk) if actor is not None and not actor.is_owner else members
