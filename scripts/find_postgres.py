"""Print the URL of a PostgreSQL server on which tests may create databases; fail when there is none.

`TEST_DATABASE_URL` is the only candidate when it is set. Otherwise the local socket is tried as the current
user, then 127.0.0.1 as `postgres`.
"""

import os
import sys

import psycopg

LOCAL = ["postgres:///erp", "postgres://postgres@127.0.0.1:5432/erp"]
MAY_CREATE = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"


def refusal(url: str) -> str:
    """Why tests cannot use that server; empty when they can."""
    try:
        with psycopg.connect(url, dbname="postgres", connect_timeout=3) as connection:
            row = connection.execute(MAY_CREATE).fetchone()
    except psycopg.Error as error:
        return str(error).strip()
    return "" if row and row[0] else "its role may not create databases"


def main() -> None:
    """Print the first URL that serves, or say on standard error why none does."""
    wanted = os.environ.get("TEST_DATABASE_URL", "")
    for url in [wanted] if wanted else LOCAL:
        reason = refusal(url)
        if not reason:
            print(url)
            return
    sys.exit(f"PostgreSQL is left out: {reason}")


if __name__ == "__main__":
    main()
