"""Chapter "Various" of the reference: the lists that other chapters choose from."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class VariousConfig(AppConfig):
    """Countries, currencies, timezones (global); units, VAT rates, terms, methods, tags, … (per team)."""

    name = "erp.various"
    verbose_name = _("Lists")

    def ready(self) -> None:
        from erp.various import services
        from tenants.signals import team_created

        post_migrate.connect(services.load_global_lists, sender=self, dispatch_uid="global_lists")
        team_created.connect(self.seed_lists, dispatch_uid="various_lists")

    def seed_lists(self, **kwargs: Any) -> None:
        """Give a new team its lists."""
        from erp.various import services

        services.seed_lists()
