"""Chapter "Custom fields" of the reference."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomFieldsConfig(AppConfig):
    """See models.py for what the chapter holds."""

    name = "erp.customfields"
    verbose_name = _("Custom fields")
