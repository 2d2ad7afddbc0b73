"""Chapter "Constructions" of the reference."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConstructionsConfig(AppConfig):
    """See models.py for what the chapter holds."""

    name = "erp.constructions"
    verbose_name = _("Constructions")
