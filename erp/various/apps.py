"""Chapter "Various" of the reference: the lists that other chapters choose from."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class VariousConfig(AppConfig):
    """Countries, currencies, timezones (global); units, VAT rates, terms, methods, tags, … (per team)."""

    name = "erp.various"
    verbose_name = _("Lists")

    def ready(self) -> None:
        from erp.various import services

        post_migrate.connect(services.load_global_lists, sender=self, dispatch_uid="global_lists")
