"""One's own account and settings, as everybody sees theirs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget

from erp.core.access import Everyone
from erp.core.admin import TenantAdmin
from erp.core.admin.parameters import parameters_form
from erp.core.scope import current_actor
from tenants import services
from tenants.admin.forms import TAB, beside_fields, settings_of
from tenants.models import User
from tenants.parameters import TEAM_USER

__all__ = ["AccountAdmin"]

PersonForm: Any = parameters_form(TEAM_USER)


class OwnAccountForm(PersonForm):
    """A person's names, language and address, and their settings in the active team."""

    current_password = forms.CharField(
        label=_("Current password"),
        required=False,
        strip=False,
        help_text=_("Only to change the e-mail, which is confirmed by a link mailed to the new address."),
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, instance: Any, **kwargs: Any) -> None:
        actor = current_actor()
        instance.configs = actor.configs if actor else {}
        super().__init__(*args, instance=instance, **kwargs)
        self.fields["language"].choices = [("", _("As in the browser")), *settings.LANGUAGES]

    def validate_unique(self) -> None:
        """The service says whether an address may be used."""


@admin.register(User)
class AccountAdmin(TenantAdmin):
    """One's own account and settings: everybody's page about themselves, and nobody else's."""

    guard = Everyone(write=True)
    verbs = ("read", "update")
    icon = "account_circle"
    form = OwnAccountForm
    fieldsets = (
        (_("Account"), TAB | {"fields": (
            ("firstname", "lastname"), ("phone", "mobile"), "language", ("email", "current_password"),
            ("newsletter_updates", "newsletter_offers"),
        )}),
        (_("My settings"), TAB | {"fields": tuple(TEAM_USER.by_name)}),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(pk=request.user.pk)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one account: one's own."""
        return HttpResponseRedirect(self.change_url(request.user))

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        context = {"title": _t("My account"), "subtitle": None, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data and (waiting := services.pending_email(obj)):
            text = _t("Open the link mailed to %(email)s: until then your address stays the same.")
            messages.info(request, text % {"email": waiting.email})

    def update_row(self, row: User, values: dict[str, Any]) -> User:
        if configs := settings_of(TEAM_USER, values):
            with beside_fields({"configs.": ""}):
                services.update_own_settings(configs)
        return services.update_user(row, values) if values else row
