"""Chapter "Tasks" of the reference."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TasksConfig(AppConfig):
    """See models.py for what the chapter holds."""

    name = "erp.tasks"
    verbose_name = _("Tasks")

    def ready(self) -> None:
        from erp.tasks.agenda import register_source

        register_source()
