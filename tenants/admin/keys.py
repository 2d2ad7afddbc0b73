"""Keys of programs."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from erp.core.access import SwitchKey
from erp.core.admin import TenantAdmin, row_action
from erp.core.scope import current_actor
from tenants import services
from tenants.models import ApiKey, TeamUser


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
