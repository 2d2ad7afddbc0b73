"""The people of the team: invited, given roles and permissions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.forms.models import ModelFormMetaclass
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldBooleanSwitchWidget,
)

from erp.core.access import ListKey
from erp.core.admin import TenantAdmin, TenantForm, row_action
from erp.core.admin.parameters import parameters_form
from erp.core.scope import current_actor
from tenants import services
from tenants.admin.forms import TAB, beside_fields, settings_of
from tenants.models import TeamUser
from tenants.parameters import TEAM_USER
from tenants.permissions import CATEGORIES, PERMISSIONS

ROLE_NAMES = (("commercial", _("Sales")), ("manager", _("Management")), ("technical", _("Technical")))


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
        return str(row)

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
