"""Webhooks, as programs see them: subscriptions with their secrets, and the log of messages."""

from __future__ import annotations

from typing import Any

import orjson
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from erp.core.access import Everyone, SwitchKey
from erp.core.fields import Computed, PlainField, TextList
from erp.core.filters import ChoiceFilter, FlagFilter, IdFilter, IntegerFilter, TextFilter
from erp.core.listing import ListQuery, same
from erp.core.resources import ApiView, ReadOnlyResource, ResourceViewSet, router
from erp.core.wire import WireSerializer
from erp.webhooks import services
from erp.webhooks.models import Delivery, Subscription

DATES = ("created_at", "updated_at")


class Topics(PlainField, TextList):
    """A list of topics; one may be given alone."""


class WebhookSerializer(WireSerializer):
    topics = Topics()

    class Meta:
        model = Subscription
        fields = ("id", "url", "description", "topics", "active", "failures", *DATES)
        read_only_fields = ("failures",)

    @classmethod
    def finish(cls, row: Any, data: dict[str, Any]) -> dict[str, Any]:
        """The secret is in the answers that made it, and in no other."""
        secret = getattr(row, "shown_secret", None)
        return data | {"secret": secret} if secret else data


class WebhookMessageSerializer(WireSerializer):
    body = Computed(
        lambda row: orjson.loads(row.body) if row.body else None, schema={"type": ["object", "null"]}
    )

    class Meta:
        model = Delivery
        fields = (
            "id",
            "message",
            "subscription",
            "topic",
            "object_id",
            "body",
            "status",
            "attempts",
            "next_attempt_at",
            "sent_at",
            "response_status",
            "error",
            *DATES,
        )


class SubscriptionViewSet(ResourceViewSet):
    """Addresses that are told of what happens."""

    serializer_class = WebhookSerializer
    guard = SwitchKey("app-configuration")
    default_sort = ("id",)
    sorts = same("id", "url", "description", "active", *DATES)
    searches = same("url", "description")
    filters = {"active": FlagFilter("active"), "url": TextFilter("url")}

    def create_row(self, values: dict[str, Any]) -> Subscription:
        row, secret = services.create_subscription(values)
        row.shown_secret = secret  # type: ignore[attr-defined]
        return row

    def update_row(self, row: Subscription, values: dict[str, Any]) -> Subscription:
        return services.update_subscription(row, values)

    def delete_row(self, row: Subscription) -> None:
        services.delete_subscription(row)

    @extend_schema(responses=WebhookSerializer)
    @action(detail=True, methods=["put"])
    def secret(self, request: Any, pk: str) -> Response:
        """Make another secret, answered this once."""
        ListQuery(request, allowed=())
        row = self.get_object(lock=True)
        row.shown_secret = services.renew_secret(row)
        return Response(self.written(row, ()))

    @extend_schema(responses=WebhookMessageSerializer)
    @action(detail=True, methods=["put"])
    def test(self, request: Any, pk: str) -> Response:
        """Send a message that says nothing."""
        ListQuery(request, allowed=())
        return Response(
            WebhookMessageSerializer.render(services.test_subscription(self.get_object(lock=True)))
        )


class DeliveryViewSet(ReadOnlyResource):
    """The log of messages."""

    serializer_class = WebhookMessageSerializer
    guard = SwitchKey("app-configuration")
    default_sort = ("created_at:desc",)
    sorts = same("topic", "status", "sent_at", *DATES)
    searches = same("topic", "error")
    filters = {
        "subscription": IdFilter("subscription", model=Subscription),
        "topic": TextFilter("topic"),
        "object_id": IntegerFilter("object_id"),
        "status": ChoiceFilter("status", choices=Delivery.Status.values),
    }
    list_includes = ("subscription",)

    @extend_schema(responses=WebhookMessageSerializer)
    @action(detail=True, methods=["put"])
    def replay(self, request: Any, pk: str) -> Response:
        """Send a message anew."""
        ListQuery(request, allowed=())
        return Response(WebhookMessageSerializer.render(services.replay(self.get_object(lock=True))))


class TopicViewSet(ApiView):
    """The topics that there are."""

    answer_schema = {"type": "array", "items": {"type": "string"}}
    guard = Everyone()
    pagination_class = None

    def list(self, request: Any) -> Response:
        ListQuery(request, allowed=())
        return Response(services.all_topics())


router.register("webhook/topic", TopicViewSet)
router.register("webhook/delivery", DeliveryViewSet)
router.register("webhook", SubscriptionViewSet)
