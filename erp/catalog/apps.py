"""Chapter "Catalog" of the reference."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    """See models.py for what the chapter holds."""

    name = "erp.catalog"
    verbose_name = _("Catalog")

    def ready(self) -> None:
        from erp.catalog.models import Product, ProviderCommand, Service
        from erp.catalog.services.purchases import why_provider_stays
        from erp.core import elements
        from erp.customers.services import KEEPERS

        elements.register("product", Product)
        elements.register("service", Service)
        elements.register("providerCommand", ProviderCommand)
        KEEPERS.append(why_provider_stays)
