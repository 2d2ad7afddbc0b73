"""Databases made for one measurement and thrown away after it."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

NAME = "erp_bench"
ROLE = "erp_bench_web"
FIND_POSTGRES = Path(__file__).parent.parent / "scripts" / "find_postgres.py"


def each(only: str | None) -> Iterator[dict[str, str]]:
    """The environment of a measurement on SQLite, then on PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="erp-bench-") as folder:
        if only != "postgresql":
            yield _environment(f"sqlite:///{folder}/db.sqlite3", folder)
        if only != "sqlite" and (server := _server()):
            with _postgres(server) as url:
                yield _environment(url, folder) | {"DATABASE_ROLE": ROLE}


def _environment(url: str, folder: str) -> dict[str, str]:
    """Settings as in production, but for the limit of requests."""
    static = Path(folder) / "static"
    static.mkdir(exist_ok=True)
    return {
        "DATABASE_URL": url,
        "DATABASE_ROLE": "",
        "DEBUG": "0",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "127.0.0.1",
        "HTTPS_ONLY": "0",
        "TASK_BACKEND": "database",
        "API_RATE_LIMIT": "0",
        "MEDIA_ROOT": f"{folder}/media",
        "STATIC_ROOT": str(static),
        "EMAIL_URL": "dummymail://",
        "DJANGO_SETTINGS_MODULE": "erp.settings",
    }


def _server() -> str:
    """The URL of a server on which a database may be created, or nothing."""
    wanted = os.environ.get("BENCH_DATABASE_URL", "")
    environment = {**os.environ, "TEST_DATABASE_URL": wanted}
    found = subprocess.run(
        [sys.executable, str(FIND_POSTGRES)], env=environment, capture_output=True, text=True, check=False
    )
    if found.returncode:
        print(found.stderr.strip(), file=sys.stderr)
    return found.stdout.strip()


@contextmanager
def _postgres(server: str) -> Iterator[str]:
    """A database of that server, dropped afterwards with its role."""
    _drop(server)
    _execute(server, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
    try:
        parts = urlsplit(server)
        yield f"{parts.scheme}://{parts.netloc}/{NAME}" + (f"?{parts.query}" if parts.query else "")
    finally:
        _drop(server)


def _drop(server: str) -> None:
    _execute(server, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(NAME)))
    _execute(server, sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(ROLE)))


def _execute(server: str, statement: sql.Composed) -> None:
    with psycopg.connect(server, dbname="postgres", autocommit=True) as connection:
        connection.execute(statement)
