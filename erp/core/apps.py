"""Start-up of the core: PostgreSQL's second wall is put up after every migration; lookups are registered."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models import CharField, TextField
from django.db.models.signals import m2m_changed, post_migrate, pre_migrate


class CoreConfig(AppConfig):
    """Tenant machinery, list protocol, numbering, files."""

    name = "erp.core"
    label = "core"

    def ready(self) -> None:
        from erp.core import models, rowsecurity, unaccented

        for column in (CharField, TextField):
            column.register_lookup(unaccented.UnaccentedContains)
        connection_created.connect(unaccented.add_sqlite_function, dispatch_uid="unaccented")
        m2m_changed.connect(models.check_many, dispatch_uid="many_to_many_teams")
        connection_created.connect(rowsecurity.assume_web_role, dispatch_uid="web_role")
        pre_migrate.connect(rowsecurity.assume_owner_role, dispatch_uid="owner_role")
        post_migrate.connect(rowsecurity.protect_tables, dispatch_uid="row_security")
