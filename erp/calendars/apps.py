"""Chapter "Calendars" of the reference."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CalendarsConfig(AppConfig):
    """See models.py for what the chapter holds."""

    name = "erp.calendars"
    verbose_name = _("Calendars")
