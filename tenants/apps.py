"""Teams, their users, their keys."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TenantsConfig(AppConfig):
    """Team, User, TeamUser, API keys, permissions, team parameters, sandbox."""

    name = "tenants"
    verbose_name = _("Team and users")

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from erp.core import elements
        from tenants.models import TeamUser

        elements.register("teamUser", TeamUser)
        user_logged_in.connect(self.record_connexion, dispatch_uid="last_connexion")

    def record_connexion(self, user: Any, **kwargs: Any) -> None:
        """Note when somebody signed in."""
        from tenants.services import record_connexion

        record_connexion(user)
