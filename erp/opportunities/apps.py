"""Chapter "Opportunities and funnels" of the reference."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OpportunitiesConfig(AppConfig):
    """See models.py for what the chapter holds."""

    name = "erp.opportunities"
    verbose_name = _("Opportunities and funnels")
