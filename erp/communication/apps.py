"""Chapter "Communication" of the reference."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommunicationConfig(AppConfig):
    """See models.py for what the chapter holds."""

    name = "erp.communication"
    verbose_name = _("Communication")

    def ready(self) -> None:
        from erp.communication.models import MailModel
        from erp.communication.services.library import seed_models
        from tenants.seeds import seeds

        seeds(self, MailModel, seed_models)
