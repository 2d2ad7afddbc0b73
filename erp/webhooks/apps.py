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
        from erp.core.events import happened

        post_save.connect(note_saved, dispatch_uid="webhooks_saved")
        happened.connect(note_announced, dispatch_uid="webhooks_announced")


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
