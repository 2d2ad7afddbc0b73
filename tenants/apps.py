"""Teams, their users, their keys."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TenantsConfig(AppConfig):
    """Team, User, TeamUser, API keys, permissions, team parameters, sandbox."""

    name = "tenants"
    verbose_name = _("Team and users")
