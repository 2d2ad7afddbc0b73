"""Outgoing webhooks: what happens in a team, told to the addresses that it chose."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    """See models.py for what is kept."""

    name = "erp.webhooks"
    verbose_name = _("Webhooks")

    def ready(self) -> None:
        from erp.catalog.signals import stock_alert
        from erp.core.events import happened

        post_save.connect(note_saved, dispatch_uid="webhooks_saved")
        happened.connect(note_announced, dispatch_uid="webhooks_announced")
        stock_alert.connect(note_stock_alert, dispatch_uid="webhooks_stock_alert")


def note_saved(sender: type[Any], instance: Any, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """A row was created, changed or (softly) deleted."""
    from erp.core.models import TenantModel
    from erp.core.scope import is_in_team
    from erp.webhooks.services import record

    if raw or not issubclass(sender, TenantModel) or not is_in_team():
        return
    record(instance, "created" if created else "updated" if instance.deleted_at is None else "deleted")


def note_announced(sender: type[Any], row: Any, verb: str, **kwargs: Any) -> None:
    """A chapter says that something happened to a row."""
    from erp.webhooks.services import record

    record(row, verb)


def note_stock_alert(sender: type[Any], crossings: Any, **kwargs: Any) -> None:
    """Products reached thresholds that their team watches."""
    from erp.core.scope import current_team
    from erp.webhooks.services import tell

    if current_team().has_webhooks:
        for product in dict.fromkeys(item.product_id for item in crossings):
            tell("stock", "alert", product)
