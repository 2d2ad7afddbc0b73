"""Webhooks, as people see them: addresses, and the log of what was sent to them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from erp.core.access import SwitchKey
from erp.core.admin import TenantAdmin, TenantForm, row_action
from erp.webhooks import services
from erp.webhooks.models import Delivery, Subscription

STATUS_COLORS = {
    Delivery.Status.WAITING: "info",
    Delivery.Status.SENT: "success",
    Delivery.Status.FAILED: "danger",
    Delivery.Status.SKIPPED: "warning",
}


class SubscriptionForm(TenantForm):
    topics = forms.MultipleChoiceField(
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("What the address is told of."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topics"].label = capfirst(_t("topics"))
        known = services.all_topics()
        others = [topic for topic in self.instance.topics if topic not in known]
        self.fields["topics"].choices = [(topic, services.label_of(topic)) for topic in (*others, *known)]  # type: ignore[attr-defined]


@admin.register(Subscription)
class SubscriptionAdmin(TenantAdmin):
    """Addresses that are told of what happens; the secret is shown once."""

    guard = SwitchKey("app-configuration")
    menu = ("connectors", 50)
    icon = "webhook"
    form = SubscriptionForm
    list_display = ("url", "description", "active", "failures", "created_at")
    list_filter = ("active",)
    search_fields = ("url", "description")
    ordering = ("id",)
    fields = ("url", "description", "active", "topics")
    actions_detail = ("test", "renew")

    def create_row(self, values: dict[str, Any]) -> Subscription:
        row, secret = services.create_subscription(values)
        row.shown_secret = secret  # type: ignore[attr-defined]
        return row

    def update_row(self, row: Subscription, values: dict[str, Any]) -> Subscription:
        return services.update_subscription(row, values)

    def delete_row(self, row: Subscription) -> None:
        services.delete_subscription(row)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        return self.show_secret(request, obj, obj.shown_secret)

    def show_secret(self, request: HttpRequest, row: Subscription, secret: str) -> HttpResponse:
        """The one page that shows the secret."""
        context = {
            **self.admin_site.each_context(request),
            "title": _t("Copy the secret now"),
            "subtitle": str(row),
            "opts": self.opts,
            "secret": secret,
            "usage": _t("It signs each message:"),
            "example": "webhook-signature: v1,…",
            "back": self.list_url(),
        }
        return TemplateResponse(request, "admin/secret.html", context)

    @row_action(_("Send a test"), icon="send", done=_("A test was sent: the log shows what came of it."))
    def test(self, request: HttpRequest, row: Subscription) -> None:
        services.test_subscription(row)

    @row_action(
        _("New secret"),
        icon="key",
        confirm=_("The receiver must know the new secret: with the former it refuses messages from now on."),
    )
    def renew(self, request: HttpRequest, row: Subscription) -> HttpResponse:
        return self.show_secret(request, row, services.renew_secret(row))


@admin.register(Delivery)
class DeliveryAdmin(TenantAdmin):
    """The log of messages; any of them can be sent anew."""

    guard = SwitchKey("app-configuration")
    verbs = ("read", "update")
    menu = ("connectors", 51)
    icon = "outbox"
    list_display = (
        "shown_topic",
        "object_id",
        "subscription",
        "shown_status",
        "attempts",
        "sent_at",
        "error",
    )
    list_filter = ("status", "subscription")
    list_select_related = ("subscription",)
    search_fields = ("topic", "error")
    ordering = ("-id",)
    fields = (
        "message",
        "subscription",
        "topic",
        "object_id",
        "status",
        "attempts",
        "next_attempt_at",
        "sent_at",
        "response_status",
        "error",
        "body",
    )
    readonly_fields = fields
    actions_detail = ("replay",)

    @display(description=_("topic"), ordering="topic")
    def shown_topic(self, row: Delivery) -> str:
        return services.label_of(row.topic)

    @display(description=_("status"), ordering="status", label=STATUS_COLORS)
    def shown_status(self, row: Delivery) -> tuple[int, str]:
        return row.status, row.get_status_display()

    @row_action(_("Send again"), icon="replay", done=_("The message is sent again."))
    def replay(self, request: HttpRequest, row: Delivery) -> None:
        services.replay(row)
