"""Chapter "Communication" of the reference."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommunicationConfig(AppConfig):
    """See models.py for what the chapter holds."""

    name = "erp.communication"
    verbose_name = _("Communication")
