"""Chapter "Catalog" of the reference."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    """See models.py for what the chapter holds."""

    name = "erp.catalog"
    verbose_name = _("Catalog")
