"""Chapter "Calendars" of the reference."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CalendarsConfig(AppConfig):
    """See models.py for what the chapter holds."""

    name = "erp.calendars"
    verbose_name = _("Calendars")

    def ready(self) -> None:
        from erp.calendars.agenda import register_source
        from erp.calendars.dashboard import agenda_panel
        from erp.core.admin.panels import PANELS

        register_source()
        PANELS.append(agenda_panel)
