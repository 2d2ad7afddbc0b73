"""Chapter "Customers" of the reference."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    """See models.py for what the chapter holds."""

    name = "erp.customers"
    verbose_name = _("Customers")
