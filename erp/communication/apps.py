"""Chapter "Communication" of the reference."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommunicationConfig(AppConfig):
    """See models.py for what the chapter holds."""

    name = "erp.communication"
    verbose_name = _("Communication")

    def ready(self) -> None:
        from tenants.signals import team_created

        team_created.connect(self.seed_models, dispatch_uid="mail_models")

    def seed_models(self, team: Any, **kwargs: Any) -> None:
        """Give a new team its mail models."""
        from erp.communication.services.library import seed_models

        seed_models(team)
