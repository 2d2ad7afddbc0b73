"""The database's own seal on validated invoices and credits: whatever asks, their rows neither change nor go
(CGI, article 286, I-3° bis: corrections are made by further documents, and everything is kept).

Triggers refuse what the services already refuse, so that no import, shell or later mistake gets round them.
They are made again after every migration, for the columns that the tables have then. `unseal` takes them
away, for the rare work on a whole database that must (emptying a test database).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connections

from erp.sales.choices import SEALED_KINDS
from erp.sales.models import Document, Line

__all__ = ["seal", "unseal"]

#: What may still change: where a document stands, what of it is paid, who follows it, its PDF. Its content
#: never.
OPEN_COLUMNS = {
    "updated_at",
    "status",
    "title",
    "contact_id",
    "team_user_id",
    "delivery_status",
    "already_billed",
    "percent_billed",
    "to_bill",
    "percent_to_bill",
    "accepted_at",
    "already_paid",
    "stay_to_pay",
    "guarantee_holdback_to_pay",
    "pdf_status",
    "pdf_file_id",
}
OPEN_LINE_COLUMNS = {"updated_at", "delivered_quantity", "quantity_to_deliver"}
MESSAGE = "A validated invoice or credit can neither be changed nor deleted."
DOCUMENTS, LINES = Document._meta.db_table, Line._meta.db_table
KINDS = ", ".join(f"'{kind.value}'" for kind in SEALED_KINDS)


def seal(using: str, **kwargs: Any) -> None:
    """Put the triggers up (after every migration); safe to repeat."""
    if _is_migrated(using):
        unseal(using)
        is_postgresql = connections[using].vendor == "postgresql"
        _execute(using, _postgresql() if is_postgresql else _sqlite(using))


def _is_migrated(using: str) -> bool:
    return {DOCUMENTS, LINES} <= set(connections[using].introspection.table_names())


def unseal(using: str, **kwargs: Any) -> None:
    """Take the triggers away (while migrations run)."""
    if not _is_migrated(using):
        return
    if connections[using].vendor == "postgresql":
        _execute(
            using,
            [
                f"DROP TRIGGER IF EXISTS sealed ON {DOCUMENTS}",
                f"DROP TRIGGER IF EXISTS sealed ON {LINES}",
            ],
        )
    else:
        _execute(using, (f"DROP TRIGGER IF EXISTS {name}" for name in _SQLITE_NAMES))


def _execute(using: str, statements: Iterable[str]) -> None:
    with connections[using].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _is_sealed(row: str) -> str:
    return f"{row}.kind IN ({KINDS}) AND NOT {row}.is_draft"


def _sealed_document_of(row: str) -> str:
    return f"EXISTS (SELECT 1 FROM {DOCUMENTS} d WHERE d.id = {row}.document_id AND {_is_sealed('d')})"  # noqa: S608


def _closed(using: str, table: str, open_columns: set[str]) -> list[str]:
    """Columns that a table has now (older than the models' after migrating back) and that never change."""
    connection = connections[using]
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, table)
    return [column.name for column in columns if column.name not in open_columns]


# --- PostgreSQL -------------------------------------------------------------------------------------


def _postgresql() -> Iterable[str]:
    yield _function("sales_document_sealed", _is_sealed("OLD"), OPEN_COLUMNS)
    yield _function(
        "sales_line_sealed", _sealed_document_of("OLD"), OPEN_LINE_COLUMNS, added=_sealed_document_of("NEW")
    )
    yield (
        f"CREATE TRIGGER sealed BEFORE UPDATE OR DELETE ON {DOCUMENTS} "
        "FOR EACH ROW EXECUTE FUNCTION sales_document_sealed()"
    )
    yield (
        f"CREATE TRIGGER sealed BEFORE INSERT OR UPDATE OR DELETE ON {LINES} "
        "FOR EACH ROW EXECUTE FUNCTION sales_line_sealed()"
    )


def _function(name: str, is_sealed: str, open_columns: set[str], added: str = "false") -> str:
    """What a trigger runs: errors are integrity errors, which the web answers as such."""
    names = ", ".join(f"'{column}'" for column in sorted(open_columns))
    refuse = f"RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'check_violation'"
    return f"""
        CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF {added} THEN {refuse}; END IF;
                RETURN NEW;
            END IF;
            IF {is_sealed} AND (TG_OP = 'DELETE'
                OR to_jsonb(NEW) - ARRAY[{names}] IS DISTINCT FROM to_jsonb(OLD) - ARRAY[{names}]) THEN
                {refuse};
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        END $$
    """


# --- SQLite -----------------------------------------------------------------------------------------

_SQLITE_NAMES = tuple(
    f"{table}_sealed_{event}" for table in (DOCUMENTS, LINES) for event in ("update", "delete", "insert")
)


def _sqlite(using: str) -> Iterable[str]:
    document, line = _differs(using, DOCUMENTS, OPEN_COLUMNS), _differs(using, LINES, OPEN_LINE_COLUMNS)
    lines = _sealed_document_of("OLD")
    yield _trigger(DOCUMENTS, "update", f"{_is_sealed('OLD')} AND ({document})")
    yield _trigger(DOCUMENTS, "delete", _is_sealed("OLD"))
    yield _trigger(LINES, "update", f"({line}) AND {lines}")
    yield _trigger(LINES, "delete", lines)
    yield _trigger(LINES, "insert", _sealed_document_of("NEW"))


def _differs(using: str, table: str, open_columns: set[str]) -> str:
    columns = _closed(using, table, open_columns)
    return " OR ".join(f'OLD."{column}" IS NOT NEW."{column}"' for column in columns)


def _trigger(table: str, event: str, condition: str) -> str:
    return (
        f"CREATE TRIGGER {table}_sealed_{event} BEFORE {event.upper()} ON {table} WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    )
