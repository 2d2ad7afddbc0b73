"""Outgoing webhooks: what happens in a team, told to the addresses that it chose."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    """See models.py for what is kept."""

    name = "erp.webhooks"
    verbose_name = _("Webhooks")
