"""PostgreSQL row-level security: the second wall around each team's rows.

Every tenant table gets a policy that shows only rows of the team named by the transaction-local
setting `app.team`. Web requests and tasks run as `DATABASE_ROLE`, which neither owns the tables nor
has BYPASSRLS; migrations run as the login role, which owns them. On SQLite all this does nothing.
"""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections, models
from django.db.backends.base.base import NO_DB_ALIAS, BaseDatabaseWrapper

from erp.core.models import TenantModel

OWN_TEAM = "team_id = NULLIF(current_setting('app.team', true), '')::bigint"


def tenant_tables() -> list[str]:
    """Tables under row security: of every tenant model that is not needed to find the team itself."""
    return sorted(
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if issubclass(model, TenantModel) and not model._meta.proxy and not model.identity
    )


def link_tables() -> dict[str, list[tuple[str, str, str]]]:
    """Tables of many-to-many links, which have no team: {table: [(column, linked table, its key)]}."""
    tables = {
        model._meta.db_table: _walled_links(model)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.auto_created
    }
    return {table: links for table, links in tables.items() if links}


def _walled_links(model: type[models.Model]) -> list[tuple[str, str, str]]:
    """(column, linked table, its key) of each link to a table under row security."""
    walls = tenant_tables()
    targets: list[tuple[Any, Any]] = [(field, field.related_model) for field in model._meta.concrete_fields]
    return [
        (field.column, target._meta.db_table, target._meta.pk.column)
        for field, target in targets
        if target is not None and target._meta.db_table in walls
    ]


def assume_web_role(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Become the web role as soon as a connection opens, if that role exists."""
    # Databases are created and dropped through connections to none: that is the owner's work.
    if connection.vendor != "postgresql" or not settings.DATABASE_ROLE or connection.alias == NO_DB_ALIAS:
        return
    with connection.cursor() as cursor:
        sql = "SELECT set_config('role', rolname, false) FROM pg_roles WHERE rolname = %s"
        cursor.execute(sql, [settings.DATABASE_ROLE])


def assume_owner_role(using: str, **kwargs: Any) -> None:
    """Migrations change tables, so they run as the login role."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


def protect_tables(using: str, sender: Any, **kwargs: Any) -> None:
    """Put the policy on every tenant table and grant the web role what it needs; safe to repeat."""
    connection = connections[using]
    if connection.vendor != "postgresql" or sender.label != "core":
        return
    with connection.cursor() as cursor:
        existing = set(connection.introspection.table_names(cursor))
        for table in tenant_tables():
            if table in existing:
                _protect(cursor, connection.ops.quote_name(table), OWN_TEAM)
        for table, links in link_tables().items():
            if table in existing:
                _protect(cursor, connection.ops.quote_name(table), _linked_rows_are_visible(table, links))
        if settings.DATABASE_ROLE:
            _grant(cursor, settings.DATABASE_ROLE, connection.ops.quote_name(settings.DATABASE_ROLE))


def _linked_rows_are_visible(table: str, links: list[tuple[str, str, str]]) -> str:
    """A link is the team's when the rows that it links are: their own policies decide."""
    return " AND ".join(
        f'EXISTS (SELECT 1 FROM "{target}" WHERE "{target}"."{key}" = "{table}"."{column}")'  # noqa: S608
        for column, target, key in links
    )


def _protect(cursor: Any, table: str, condition: str) -> None:
    cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    cursor.execute(f"DROP POLICY IF EXISTS team ON {table}")
    cursor.execute(f"CREATE POLICY team ON {table} USING ({condition}) WITH CHECK ({condition})")


def _grant(cursor: Any, name: str, role: str) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
    if not cursor.fetchone():
        cursor.execute(f"CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS")
    cursor.execute(f"GRANT {role} TO CURRENT_USER")
    cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
    cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
    cursor.execute(f"GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {role}")
