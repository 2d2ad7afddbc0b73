"""Chapter "Customers" of the reference."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    """See models.py for what the chapter holds."""

    name = "erp.customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        from erp.core import elements
        from erp.customers.models import Contact, Customer
        from tenants.signals import team_created

        elements.register("customer", Customer)
        elements.register("contact", Contact)
        team_created.connect(self.seed_lists, dispatch_uid="customer_lists")

    def seed_lists(self, **kwargs: Any) -> None:
        """Give a new team its lists."""
        from erp.customers import services

        services.seed_lists()
